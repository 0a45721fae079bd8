"""Two short evenings of crashes. `make crash` plays long ones."""

import pytest

from tests.crash.__main__ import play

#: Enough that every kind of death comes up; which ones, the seed says.
KILLS = 8


@pytest.mark.parametrize("name", ["solo", "cluster"])
def test_nobody_outside_notices_that_processes_die(name: str) -> None:
    found = play(name, kills=KILLS, seed=1)

    assert found.complaints() == []
    assert found.kills == KILLS
    assert found.ends["delivered"] > 0
