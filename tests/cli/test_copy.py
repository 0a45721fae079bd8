"""`showreel copy`: everything a store holds, from SQLite to a real PostgreSQL and back."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from bot import copying
from bot.clock import now_ms
from bot.credits import gifts
from bot.credits.audit import audit
from bot.engines import is_sqlite, postgresql_engine, sqlite_engine
from bot.errors import CopyRefused
from bot.jobs import store
from bot.migrate import migrate
from bot.moderation import audit as trail
from bot.moderation.audit import Action
from bot.only_process import only_process
from bot.schema import metadata
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from tests.cli.conftest import CommandLine
from tests.conftest import url_of
from tests.support.jobs import GUILD, MEMBER, REACHABLE, accepted, in_state, new_job
from tests.support.postgres import Postgres


@pytest.fixture
def bare(postgres: Postgres) -> Iterator[str]:
    """The URL of a PostgreSQL database with nothing in it."""
    url = postgres.create(like="template1")
    yield url
    postgres.drop(url)


def do(url: str, function: Callable[..., Any], *args: object) -> Any:
    """The value of function(connection, ...) in one transaction."""

    async def run() -> Any:
        engine = sqlite_engine(url) if is_sqlite(url) else postgresql_engine(url, pooled=False)
        async with engine.begin() as connection:
            value = await connection.run_sync(function, *args)
        await engine.dispose()
        return value

    return asyncio.run(run())


def execute(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


def everything(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in metadata.sorted_tables
    }


def fill(connection: Connection) -> None:
    """Something of everything that a store can hold."""
    for state in REACHABLE:
        in_state(connection, state, at=1)
    for word in ("Grüße 🌊", "ä", "Z", "a", "%s :x \\ '\""):
        new = new_job(options={"prompt": word, "duration": 4}, user_id=2**62)
        job = accepted(connection, new, at=2**41)
        store.note(connection, job, at=5, failure_detail=word, withhold=True)
    servers.save(connection, 7, ServerSettings(language="en", budget=5), at=3)
    trail.record(connection, GUILD, Action.UNCERTAIN, actor=0, at=4, target=MEMBER, job_id="x", why="ß")
    for table in metadata.sorted_tables:
        if connection.execute(select(table)).first() is None:
            connection.execute(table.insert().values(**invented(connection, table.name)))


def invented(connection: Connection, name: str) -> dict[str, object]:
    """A row for a table that no test of this kind fills by itself."""
    if name == "circuit_breakers":
        told = {"b": [1, 2.5, None], "a": "ü"}
        return {"name": "x", "state": "closed", "lost": 2, "changed_at": 2**40, "told": told}
    [job_id] = connection.execute(select(metadata.tables["jobs"].c.id).limit(1)).one()
    values: dict[str, object] = {}
    for column in metadata.tables[name].columns:
        if column.name == "job_id":
            values[column.name] = job_id
        elif column.type.python_type is dict:
            values[column.name] = {"b": [1, 2.5, None], "a": "ü"}
        elif column.type.python_type is int:
            values[column.name] = 2**40 if column.name != "id" else 1
        else:
            values[column.name] = "ü"
    return values


def test_everything_arrives_in_an_empty_postgresql_and_comes_back(
    showreel: CommandLine, bare: str, tmp_path: Path
) -> None:
    showreel.on_the_store(fill)
    before = showreel.on_the_store(everything)
    assert all(before.values()), "every table has rows"

    there = showreel("copy", "--from", url_of(showreel.path), "--to", bare)
    back = showreel("copy", "--from", bare, "--to", url_of(tmp_path / "back.db"))

    assert (there.status, back.status) == (0, 0)
    assert do(bare, everything) == before
    assert do(url_of(tmp_path / "back.db"), everything) == before
    assert do(bare, audit) == []
    assert "Every row arrived as it was sent, and the books balance." in there.out
    # The same tables, counts and digests, whichever way.
    assert there.out == back.out
    assert all(f"{len(rows)}" in there.out for rows in before.values())


def test_postgresql_counts_on_after_the_last_id(showreel: CommandLine, bare: str) -> None:
    showreel.on_the_store(fill)
    showreel("copy", "--from", url_of(showreel.path), "--to", bare)

    def newest(connection: Connection) -> int:
        gifts.grant(connection, guild_id=1, user_id=2, amount=3, reference="new", at=now_ms())
        return int(connection.execute(text("SELECT max(id) FROM transfers")).scalar_one())

    last = max(row[0] for row in showreel.on_the_store(everything)["transfers"])
    assert do(bare, newest) == last + 1


def test_more_rows_than_go_at_once_all_arrive(
    showreel: CommandLine, bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_BATCH", 3)
    showreel.on_the_store(fill)

    assert showreel("copy", "--from", url_of(showreel.path), "--to", bare).status == 0
    assert do(bare, everything) == showreel.on_the_store(everything)


def test_the_target_is_the_store_of_the_settings_where_none_is_named(
    showreel: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url_of(tmp_path / "new.db"))

    assert showreel("copy", "--from", url_of(showreel.path)).status == 0
    assert (tmp_path / "new.db").exists()


# --- refused ------------------------------------------------------------------------------------------


def refused(showreel: CommandLine, source: str, target: str) -> str:
    ended = showreel("copy", "--from", source, "--to", target)
    assert (ended.status, ended.out) == (2, "")
    return ended.err


def test_a_target_with_any_row_is_left_alone(showreel: CommandLine, bare: str) -> None:
    asyncio.run(migrate(bare))
    do(bare, gifts_to_somebody)
    before = do(bare, everything)

    assert "the target is not empty: it has rows in accounts" in refused(
        showreel, url_of(showreel.path), bare
    )
    assert do(bare, everything) == before


def gifts_to_somebody(connection: Connection) -> None:
    gifts.grant(connection, guild_id=1, user_id=2, amount=3, reference="gift", at=1)


def test_a_target_that_is_something_else_is_left_alone(showreel: CommandLine, bare: str) -> None:
    do(bare, execute, "CREATE TABLE recipes (name TEXT)")

    assert "the target is no store of this version" in refused(showreel, url_of(showreel.path), bare)


def test_a_source_of_another_version_is_not_copied(showreel: CommandLine, bare: str) -> None:
    do(url_of(showreel.path), execute, "UPDATE alembic_version SET version_num = '0001'")

    assert "the source is no store of this version" in refused(showreel, url_of(showreel.path), bare)


def test_a_source_that_is_not_there_is_not_made(showreel: CommandLine, bare: str, tmp_path: Path) -> None:
    assert "there is no store at" in refused(showreel, url_of(tmp_path / "missing.db"), bare)
    assert not (tmp_path / "missing.db").exists()


def test_nothing_is_copied_from_under_a_running_bot(showreel: CommandLine, bare: str) -> None:
    with only_process(showreel.path):
        assert "Another Showreel works on this store" in refused(showreel, url_of(showreel.path), bare)


def test_nothing_is_copied_while_somebody_is_connected_to_postgresql(
    showreel: CommandLine, bare: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_LOOK_EVERY_S", 0.01)
    asyncio.run(migrate(bare))

    async def beside(source: str, target: str) -> None:
        engine = postgresql_engine(bare, pooled=False)
        async with engine.connect():
            with pytest.raises(CopyRefused, match="somebody else is connected"):
                await copying.copy_store(source, target, lambda *_: None)
        await engine.dispose()

    asyncio.run(beside(bare, url_of(tmp_path / "copy.db")))
    asyncio.run(beside(url_of(showreel.path), bare))


def test_a_row_that_arrives_changed_takes_everything_back(showreel: CommandLine, bare: str) -> None:
    showreel.on_the_store(fill)
    asyncio.run(migrate(bare))
    do(
        bare,
        execute,
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN NEW.reason := NEW.reason || ''!''; RETURN NEW; END'",
    )
    do(bare, execute, "CREATE TRIGGER spoil BEFORE INSERT ON reports FOR EACH ROW EXECUTE FUNCTION spoil()")

    assert "reports did not arrive as it was sent: 1 rows, 1 there" in refused(
        showreel, url_of(showreel.path), bare
    )
    assert not any(do(bare, everything).values())


def test_a_row_that_the_target_cannot_hold_takes_everything_back(showreel: CommandLine, bare: str) -> None:
    """SQLite looks away where a text is longer than its column."""
    showreel.on_the_store(fill)
    do(url_of(showreel.path), execute, f"UPDATE filters SET text = '{'x' * 300}'")

    assert "value too long" in refused(showreel, url_of(showreel.path), bare)
    assert not any(do(bare, everything).values())


def test_what_only_sqlite_could_keep_of_a_text_is_left_out(showreel: CommandLine, bare: str) -> None:
    """A version that took everything may have written it."""
    showreel.on_the_store(fill)
    do(url_of(showreel.path), execute, "UPDATE reports SET reason = 'a' || char(0) || 'b'")

    assert showreel("copy", "--from", url_of(showreel.path), "--to", bare).status == 0
    assert [row[2] for row in do(bare, everything)["reports"]] == ["ab"]


def test_books_that_do_not_balance_are_not_moved(showreel: CommandLine, bare: str) -> None:
    showreel.on_the_store(fill)
    do(url_of(showreel.path), execute, "UPDATE accounts SET balance = balance + 1 WHERE id <> 'world'")

    assert "do not balance" in refused(showreel, url_of(showreel.path), bare)
    assert not any(do(bare, everything).values())


def test_a_store_is_not_copied_into_itself(showreel: CommandLine, bare: str) -> None:
    asyncio.run(migrate(bare))

    refused(showreel, url_of(showreel.path), url_of(showreel.path))
    assert "somebody else is connected" in refused(showreel, bare, bare)


@pytest.mark.parametrize("word", ["--from", "--to"])
def test_what_is_no_url_of_a_store_is_not_repeated(showreel: CommandLine, word: str) -> None:
    """It may carry a password."""
    urls = {"--from": url_of(showreel.path), "--to": url_of(showreel.path)} | {word: "mysql://me:secret@db"}

    ended = showreel("copy", *(part for pair in urls.items() for part in pair))

    assert ended.status == 2
    assert word in ended.err
    assert "secret" not in ended.err


def test_a_postgresql_that_is_not_there_is_said_to_be_unavailable(
    showreel: CommandLine, tmp_path: Path
) -> None:
    nowhere = f"postgresql+asyncpg://postgres@/postgres?host={tmp_path}"

    assert "The store cannot be used" in refused(showreel, url_of(showreel.path), nowhere)
