"""The audit trail: entries are added, told once, and never changed."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from bot.database import Database
from bot.moderation import audit
from bot.moderation.audit import Action
from bot.schema import audit_entries
from tests.support.jobs import GUILD, MEMBER


def record(
    connection: Connection, action: Action, /, *, at: int, guild_id: int = GUILD, **detail: object
) -> None:
    audit.record(connection, guild_id, action, actor=9, at=at, target=MEMBER, job_id="j", **detail)


def without_told(connection: Connection) -> list[dict[str, object]]:
    rows = connection.execute(select(audit_entries).order_by(audit_entries.c.id)).mappings()
    return [{name: value for name, value in row.items() if name != "told_at"} for row in rows]


async def test_an_entry_says_who_did_what_to_whom_when_and_why(database: Database) -> None:
    await database.run(record, Action.BLOCKED, at=7, reason="rude")

    [entry] = await database.run(lambda connection: list(audit.trail(connection, GUILD)))
    assert (entry.actor_id, entry.action, entry.target_id) == (9, Action.BLOCKED, MEMBER)
    assert (entry.job_id, entry.at, entry.detail) == ("j", 7, {"reason": "rude"})


async def test_the_trail_is_one_servers_and_the_newest_comes_first(database: Database) -> None:
    def story(connection: Connection) -> None:
        for at in (1, 2, 3):
            record(connection, Action.PAUSED, at=at)
            record(connection, Action.RESUMED, at=at, guild_id=GUILD + 1)

        assert [entry.at for entry in audit.trail(connection, GUILD)] == [3, 2, 1]
        assert [entry.at for entry in audit.trail(connection, GUILD, limit=2)] == [3, 2]

    await database.run(story)


async def test_an_entry_is_told_once(database: Database) -> None:
    def story(connection: Connection) -> None:
        for at in (1, 2):
            record(connection, Action.PAUSED, at=at)
        first, second = audit.untold(connection, GUILD, limit=10)
        audit.mark_told(connection, first.id, at=9)

        assert audit.untold(connection, GUILD, limit=10) == [second]
        assert audit.untold_servers(connection) == {GUILD}
        audit.mark_told(connection, second.id, at=9)
        assert audit.untold(connection, GUILD, limit=10) == []
        assert audit.untold_servers(connection) == set()

    await database.run(story)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(Action), st.booleans()), max_size=12))
async def test_what_is_in_the_trail_never_changes(
    database: Database, doings: list[tuple[Action, bool]]
) -> None:
    def story(connection: Connection) -> None:
        for action, tells in doings:
            before = without_told(connection)
            if tells:
                for entry in audit.untold(connection, GUILD, limit=2):
                    audit.mark_told(connection, entry.id, at=9)
            else:
                record(connection, action, at=len(before), why="because")
            after = without_told(connection)
            assert after[: len(before)] == before
            assert len(after) == len(before) + (not tells)

    await database.run(story)
