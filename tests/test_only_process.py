"""One process per store, by a lock that no crash can leave behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import StoreInUse
from bot.only_process import only_process

#: Takes the lock, says so, and waits to be killed.
_HOLDER = """
import sys
from pathlib import Path
from bot.only_process import only_process
with only_process(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "data" / "showreel.db"


def test_the_lock_lies_beside_the_store_whose_folder_is_made(store: Path) -> None:
    with only_process(store):
        assert store.with_name("showreel.db.lock").exists()
        assert not store.exists()


def test_a_second_one_is_refused_and_told_which_lock(store: Path) -> None:
    with only_process(store), pytest.raises(StoreInUse) as refused, only_process(store):
        pass

    assert refused.value.path == str(store.with_name("showreel.db.lock"))


def test_after_the_block_the_store_is_free(store: Path) -> None:
    with only_process(store):
        pass
    with only_process(store):
        pass


def test_an_error_in_the_block_frees_the_store(store: Path) -> None:
    with pytest.raises(KeyError), only_process(store):
        raise KeyError

    with only_process(store):
        pass


def test_two_stores_do_not_mind_each_other(store: Path) -> None:
    with only_process(store), only_process(store.with_name("other.db")):
        pass


def test_a_killed_process_holds_nothing(store: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreInUse), only_process(store):
            pass
        holder.kill()

    with only_process(store):
        pass
