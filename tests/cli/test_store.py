"""What the commands say of a store that they cannot use, and that they work beside a running bot."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.credits.ledger import member_account
from bot.database import Database
from bot.engines import Access
from bot.errors import StoreUnavailable
from bot.only_process import only_process
from tests.cli.conftest import CommandLine
from tests.conftest import url_of
from tests.support.jobs import GUILD, MEMBER, accepted
from tests.support.postgres import Postgres

READS = (
    ("ledger", "audit"),
    ("ledger", "show", "world"),
    ("costs",),
    ("jobs",),
    ("credits", "balance", "--server", GUILD, "--member", MEMBER),
)
GRANT = ("credits", "grant", "--server", GUILD, "--member", MEMBER, "--amount", 5, "--reference", "a")


@pytest.mark.parametrize("command", [*READS, GRANT], ids=lambda words: " ".join(map(str, words[:2])))
def test_without_a_store_the_operator_is_told_to_make_one(
    showreel: CommandLine, command: tuple[object, ...]
) -> None:
    showreel.path.unlink()

    ended = showreel(*command)

    assert (ended.status, ended.out) == (2, "")
    assert f"no store of this version at {showreel.path}" in ended.err
    assert "showreel migrate" in ended.err
    assert not showreel.path.exists()


@pytest.mark.parametrize("content", [b"", None], ids=["empty", "another version"])
def test_a_store_of_another_version_is_not_touched(showreel: CommandLine, content: bytes | None) -> None:
    if content is None:
        with sqlite3.connect(showreel.path) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.close()
    else:
        showreel.path.write_bytes(content)

    ended = showreel("credits", "balance", "--server", GUILD, "--member", MEMBER)

    assert ended.status == 2
    assert "showreel migrate" in ended.err


def test_a_file_that_is_no_store_is_said_to_be_none(showreel: CommandLine) -> None:
    showreel.path.write_text("Dear diary, " * 1000)

    ended = showreel("ledger", "audit")

    assert ended.status == 2
    assert "The store cannot be used" in ended.err


def test_settings_that_are_wrong_end_with_2(showreel: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://nowhere")

    ended = showreel("ledger", "audit")

    assert ended.status == 2
    assert "DATABASE_URL" in ended.err


def test_migrate_makes_the_store_and_its_folder(
    showreel: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "not" / "there" / "showreel.db"
    monkeypatch.setenv("DATABASE_URL", url_of(path))

    assert showreel("migrate").out == "The store is up to date.\n"
    assert showreel("migrate").status == 0
    assert showreel("ledger", "audit").status == 0


def test_migrate_leaves_a_store_alone_that_the_bot_runs_on(showreel: CommandLine) -> None:
    with only_process(showreel.path):
        ended = showreel("migrate")

    assert ended.status == 2
    assert "Another Showreel works on this store already" in ended.err


def test_every_command_works_on_postgresql(
    showreel: CommandLine, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.create()
    monkeypatch.setenv("DATABASE_URL", url.replace("postgres@", "postgres:secret@"))
    unmade = showreel("ledger", "audit")
    assert (unmade.status, "showreel migrate" in unmade.err, "secret" in unmade.err) == (2, True, False)

    for _ in range(2):
        assert showreel("migrate").out == "The store is up to date.\n"
    assert showreel(*GRANT).out == "Given: 5. The member has 5 now.\n"
    assert [showreel(*command).status for command in READS] == [0] * len(READS)


def test_reading_waits_for_no_writer_and_writing_for_its_turn(showreel: CommandLine) -> None:
    """The bot holds the lock of the process, and for a moment that of the file."""
    showreel.on_the_store(accepted, at=1)
    with only_process(showreel.path):
        writer = sqlite3.connect(showreel.path, isolation_level=None, check_same_thread=False)
        writer.execute("BEGIN IMMEDIATE")
        for command in READS:
            assert showreel(*command).status == 0

        ending = threading.Timer(0.3, writer.execute, ["COMMIT"])
        ending.start()
        assert showreel(*GRANT).out == "Given: 5. The member has 997 now.\n"
        ending.join()
        writer.close()


def test_a_backup_made_in_the_middle_of_a_write_has_nothing_of_it(
    showreel: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    showreel.on_the_store(accepted, at=1)
    copy = tmp_path / "backup.db"
    writer = sqlite3.connect(showreel.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE accounts SET balance = 0 WHERE id = ?", [member_account(GUILD, MEMBER)])

    assert showreel("backup", copy).status == 0
    writer.execute("ROLLBACK")
    writer.close()

    monkeypatch.setenv("DATABASE_URL", url_of(copy))
    assert showreel("ledger", "audit").status == 0
    assert len(showreel("jobs", "--json").json) == 1


@pytest.mark.parametrize(("access", "pages"), [(Access.OWNER, 1000), (Access.GUEST, 0), (Access.READER, 0)])
async def test_the_owner_of_the_store_alone_checkpoints(store_path: Path, access: Access, pages: int) -> None:
    """SQLite before 3.51.3 can lose pages where checkpoints of two connections meet a commit."""
    database = Database(url_of(store_path), access=access)

    assert await database.run(_pragma, "wal_autocheckpoint") == pages
    await database.close()


async def test_who_only_reads_cannot_write(store_path: Path) -> None:
    database = Database(url_of(store_path), access=Access.READER)

    with pytest.raises(StoreUnavailable):
        await database.run(accepted, at=1)
    await database.close()


def _pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()
