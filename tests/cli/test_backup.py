"""`showreel backup` and `restore` on real files: whole copies of a busy store, nothing lost in going back."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from bot.clock import now_ms
from bot.credits import ledger
from bot.database import Database
from bot.errors import QuoteGone
from bot.jobs import quotes, store
from bot.jobs.failures import Failure
from bot.jobs.states import JobState
from bot.only_process import only_process
from tests.cli.conftest import CommandLine
from tests.conftest import url_of
from tests.support.jobs import GUILD, MEMBER, PRICE, accepted, in_state, new_job

#: A bot that does nothing but give credits, one transaction each, and says so after each.
_WRITER = """
import asyncio, sys
from pathlib import Path
from bot.credits.gifts import grant
from bot.database import Database
from bot.engines import sqlite_path
from bot.only_process import only_process

async def write(url):
    database = Database(url)
    number = 0
    while True:
        number += 1
        await database.run(
            grant, guild_id=1, user_id=number % 7, amount=number, reference=f"gift:{number}", at=number
        )
        print(number, flush=True)

with only_process(sqlite_path(sys.argv[1])):
    asyncio.run(write(sys.argv[1]))
"""


def files_beside(path: Path) -> set[str]:
    return {item.name for item in path.parent.iterdir()}


def content(path: Path) -> list[str]:
    """Everything in a store, as SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def count(path: Path, table: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return found


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


@pytest.fixture
def copy(showreel: CommandLine, tmp_path: Path) -> Path:
    """A copy of a store with a request that waits; the store itself has gone on since."""
    showreel.on_the_store(accepted, at=1)
    path = tmp_path / "backups" / "copy.db"
    path.parent.mkdir()
    assert showreel("backup", path).status == 0
    showreel.on_the_store(accepted, at=2)
    return path


# --- backup -------------------------------------------------------------------------------------------


def test_a_copy_made_while_another_process_writes_is_whole_and_restores_to_balanced_books(
    showreel: CommandLine, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    words = [sys.executable, "-c", _WRITER, url_of(showreel.path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        before = int([writer.stdout.readline() for _ in range(20)][-1])
        made = showreel("backup", copy)
        after = int([writer.stdout.readline() for _ in range(20)][-1])
        assert writer.poll() is None
        refused = showreel("restore", copy)
        writer.kill()

    assert made.status == 0
    assert before <= count(copy, "transfers") < after + 1000
    assert f"0 jobs, {count(copy, 'transfers')} transfers" in made.out
    assert (refused.status, "Another Showreel works on this store" in refused.err) == (2, True)

    assert showreel("restore", copy).status == 0
    assert showreel("ledger", "audit").status == 0
    assert content(showreel.path) == content(copy)


def test_a_copy_says_how_large_it_is_and_what_is_in_it(showreel: CommandLine, tmp_path: Path) -> None:
    showreel.on_the_store(in_state, JobState.DELIVERED, at=1)

    ended = showreel("backup", tmp_path / "copy.db")

    assert ended.out == f"Written: {tmp_path / 'copy.db'}, 0.2 MB, 1 jobs, 5 transfers.\n"
    assert files_beside(showreel.path) >= {"copy.db", "showreel.db"}
    assert not any("part" in name for name in files_beside(showreel.path))


def test_a_file_that_is_there_is_not_written_over(showreel: CommandLine, tmp_path: Path) -> None:
    precious = tmp_path / "copy.db"
    precious.write_text("the last good one")

    ended = showreel("backup", precious)

    assert (ended.status, "exists already" in ended.err) == (2, True)
    assert precious.read_text() == "the last good one"


def test_without_a_store_or_a_folder_nothing_is_written(showreel: CommandLine, tmp_path: Path) -> None:
    ended = showreel("backup", tmp_path / "missing" / "copy.db")
    assert (ended.status, "nothing can be written" in ended.err) == (2, True)

    showreel.path.unlink()
    ended = showreel("backup", tmp_path / "copy.db")
    assert (ended.status, "There is no store" in ended.err) == (2, True)
    assert not (tmp_path / "copy.db").exists()


def test_books_that_do_not_balance_are_copied_and_complained_about(
    showreel: CommandLine, tmp_path: Path
) -> None:
    showreel.on_the_store(accepted, at=1)
    change(showreel.path, "UPDATE accounts SET balance = balance + 1 WHERE id <> 'world'")

    ended = showreel("backup", tmp_path / "copy.db")

    assert (ended.status, "do not balance" in ended.err) == (1, True)
    assert count(tmp_path / "copy.db", "jobs") == 1


# --- restore ------------------------------------------------------------------------------------------


def test_the_copy_takes_the_stores_place_and_the_store_is_kept_aside(
    showreel: CommandLine, copy: Path
) -> None:
    before = content(showreel.path)

    ended = showreel("restore", copy)

    assert ended.status == 0
    [aside] = showreel.path.parent.glob("showreel.db.before-*")
    assert f"is kept as {aside}" in ended.out
    assert content(aside) == before
    assert count(showreel.path, "jobs") == 1
    assert files_beside(showreel.path) == {"showreel.db", "showreel.db.lock", aside.name, "backups"}


def test_what_a_killed_bot_left_in_its_log_is_kept_aside_too(showreel: CommandLine, copy: Path) -> None:
    """And it is not taken for a part of the restored store."""
    die = "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
    die += "c.execute('UPDATE jobs SET locale = \\'xx\\''); os._exit(9)"
    subprocess.run([sys.executable, "-c", die, str(showreel.path)], check=False)
    assert showreel.path.with_name("showreel.db-wal").stat().st_size > 0

    assert showreel("restore", copy).status == 0

    [aside] = showreel.path.parent.glob("showreel.db.before-*")
    assert any("'xx'" in line for line in content(aside))
    assert not any("'xx'" in line for line in content(showreel.path))


def test_a_damaged_store_can_be_replaced_and_is_kept(showreel: CommandLine, copy: Path) -> None:
    showreel.path.write_bytes(b"not a store any more" * 1000)

    assert showreel("restore", copy).status == 0

    [aside] = showreel.path.parent.glob("showreel.db.before-*")
    assert aside.read_bytes().startswith(b"not a store")
    assert showreel("ledger", "audit").status == 0


def test_a_copy_is_restored_where_there_is_no_store(
    showreel: CommandLine, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "another" / "machine" / "showreel.db"
    monkeypatch.setenv("DATABASE_URL", url_of(there))

    ended = showreel("restore", copy)

    assert (ended.status, "is kept as" in ended.out) == (0, False)
    assert files_beside(there) == {"showreel.db", "showreel.db.lock"}
    assert showreel("ledger", "audit").status == 0


def test_what_waits_in_a_copy_ends_with_its_credits_back(showreel: CommandLine, copy: Path) -> None:
    ended = showreel("restore", copy)

    assert "Ended, for they may have been sent since: 1 waiting. Uncertain: 0." in ended.out
    [job] = showreel.on_the_store(store.in_states, JobState)
    assert (job.state, job.failure) == (JobState.FAILED, Failure.RESTORED)
    assert showreel.on_the_store(ledger.balance, ledger.member_account(GUILD, MEMBER)) == 1000
    assert showreel("ledger", "audit").status == 0


def test_a_price_that_was_not_agreed_to_in_the_copy_cannot_be_any_more(
    showreel: CommandLine, tmp_path: Path
) -> None:
    showreel.on_the_store(quotes.keep, new_job(interaction_id=77), at=now_ms())
    copy = tmp_path / "copy.db"
    showreel("backup", copy)

    assert showreel("restore", copy).status == 0

    with pytest.raises(QuoteGone):
        showreel.on_the_store(quotes.find, 77, user_id=MEMBER, at=now_ms())


def test_a_copy_can_be_restored_again(showreel: CommandLine, copy: Path) -> None:
    assert showreel("restore", copy).status == 0
    once = content(showreel.path)
    assert showreel("restore", copy).status == 0

    assert len(list(showreel.path.parent.glob("showreel.db.before-*"))) == 2
    assert len(content(showreel.path)) == len(once)


def test_a_copy_of_an_older_version_is_brought_up_to_date(showreel: CommandLine, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{old}")

    def upgrade(connection: Connection) -> None:
        with as_file(files("migrations")) as location:
            config = Config()
            config.set_main_option("script_location", str(location))
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")

    with engine.begin() as connection:
        upgrade(connection)
    engine.dispose()

    assert showreel("restore", old).status == 0
    assert showreel("ledger", "audit").status == 0


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20_000])


def _unbalance(path: Path) -> None:
    change(path, "UPDATE accounts SET balance = balance + 1 WHERE id <> 'world'")


def _point_nowhere(path: Path) -> None:
    change(path, "DELETE FROM accounts WHERE id = 'world'")


def _from_the_future(path: Path) -> None:
    change(path, "UPDATE alembic_version SET version_num = '9999'")


def _another_kind(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE recipes (name TEXT)")


def _no_file(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "spoil", [_cut, _unbalance, _point_nowhere, _from_the_future, _another_kind, _no_file]
)
def test_a_copy_that_is_not_sound_changes_nothing(
    showreel: CommandLine, copy: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(copy)
    before, beside = content(showreel.path), files_beside(showreel.path)

    ended = showreel("restore", copy)

    assert ended.status == 2
    assert "cannot be" in ended.err
    assert content(showreel.path) == before
    assert files_beside(showreel.path) == beside | {"showreel.db.lock"}


def test_a_store_put_back_by_hand_is_made_fit_in_place(showreel: CommandLine, copy: Path) -> None:
    shutil.copy(copy, showreel.path)
    with only_process(showreel.path):
        assert showreel("restore", "--in-place").status == 2

    ended = showreel("restore", "--in-place")

    assert (ended.status, "1 waiting" in ended.out) == (0, True)
    [job] = showreel.on_the_store(store.in_states, JobState)
    assert (job.state, job.failure) == (JobState.FAILED, Failure.RESTORED)


def test_a_postgresql_put_back_by_pg_restore_is_made_fit_in_place(
    showreel: CommandLine, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As docs/operating.md says."""
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    address, dump = postgres_url.replace("+asyncpg", ""), tmp_path / "showreel.dump"
    waiting = asyncio.run(on(postgres_url, accepted, at=1))
    pg("pg_dump", "--format=custom", f"--file={dump}", address)
    asyncio.run(on(postgres_url, store.move, waiting, JobState.SUBMITTING, at=2))
    later = asyncio.run(on(postgres_url, accepted, at=3))
    pg("pg_restore", "--clean", "--if-exists", f"--dbname={address}", str(dump))

    ended = showreel("restore", "--in-place")

    assert (ended.status, "1 waiting" in ended.out) == (0, True)
    assert asyncio.run(on(postgres_url, store.get, waiting.id)).failure == Failure.RESTORED
    assert asyncio.run(on(postgres_url, store.find, later.id)) is None
    assert showreel("ledger", "audit").status == 0
    assert "pg_dump" in showreel("backup", "copy.db").err


def pg(program: str, *words: str) -> None:
    """Run one of PostgreSQL's own programs."""
    package = find_spec("pgserver")
    assert package
    assert package.origin
    subprocess.run([Path(package.origin).parent / "pginstall" / "bin" / program, *words], check=True)


async def on(url: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    database = Database(url)
    value = await database.run(function, *args, **kwargs)
    await database.close()
    return value


@pytest.mark.parametrize("words", [(), ("copy.db", "--in-place")])
def test_what_is_to_be_restored_is_said_once(showreel: CommandLine, words: tuple[str, ...]) -> None:
    assert showreel("restore", *words).status == 2


def test_the_store_itself_is_no_copy(showreel: CommandLine, copy: Path) -> None:
    assert "is the store itself" in showreel("restore", showreel.path).err


def test_nothing_is_restored_while_the_bot_runs(showreel: CommandLine, copy: Path) -> None:
    before = content(showreel.path)
    with only_process(showreel.path):
        ended = showreel("restore", copy)

    assert (ended.status, "Another Showreel works on this store already" in ended.err) == (2, True)
    assert content(showreel.path) == before


def test_the_price_of_a_waiting_job_is_what_comes_back(showreel: CommandLine, copy: Path) -> None:
    """The store behind the copy had two jobs waiting, the copy one: only that one's hold is let go of."""
    showreel("restore", copy)

    assert count(showreel.path, "transfers") == count(copy, "transfers") + 2
    with closing(sqlite3.connect(showreel.path)) as connection:
        [released] = connection.execute("SELECT amount FROM transfers WHERE reference LIKE 'release:%'")
    assert released == (PRICE,)
