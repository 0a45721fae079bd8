"""`showreel ledger`: the books, for whoever has to trust them."""

from sqlalchemy import Connection, update

from bot.credits import ledger
from bot.schema import accounts
from tests.cli.conftest import CommandLine
from tests.support.jobs import GUILD, MEMBER, PRICE, accepted

WALLET = ledger.member_account(GUILD, MEMBER)


def corrupt(connection: Connection) -> None:
    connection.execute(update(accounts).where(accounts.c.id == WALLET).values(balance=7))


def test_books_that_balance_end_with_0(showreel: CommandLine) -> None:
    showreel.on_the_store(accepted, at=1)

    assert showreel("ledger", "audit").out == "The books balance.\n"
    told = showreel("ledger", "audit", "--json")
    assert (told.status, told.json) == (0, {"balanced": True, "discrepancies": []})


def test_a_corruption_ends_with_1_and_says_where(showreel: CommandLine) -> None:
    showreel.on_the_store(accepted, at=1)
    showreel.on_the_store(corrupt)

    ended = showreel("ledger", "audit")
    told = showreel("ledger", "audit", "--json")

    assert (ended.status, told.status) == (1, 1)
    assert ended.out.splitlines()[1].split() == [WALLET, str(1000 - PRICE), "7"]
    assert told.json["discrepancies"] == [{"account": WALLET, "expected": 1000 - PRICE, "found": 7}]


def test_an_account_is_shown_with_its_transfers_newest_first(showreel: CommandLine) -> None:
    job = showreel.on_the_store(accepted, at=1_800_000_000_000)

    ended = showreel("ledger", "show", WALLET)
    told = showreel("ledger", "show", WALLET, "--json", "--limit", 1)

    first, _, held, opening = ended.out.splitlines()
    assert first == f"{WALLET} holds {1000 - PRICE}."
    assert held.split()[2:] == [f"-{PRICE}", f"hold:{job.id}", f"hold:{job.id}"]
    assert opening.split()[2:] == ["1000", "world", f"opening:{GUILD}:{MEMBER}"]
    assert held.startswith("2027-01-15 08:00:00Z")
    assert told.json["balance"] == 1000 - PRICE
    assert [item["reference"] for item in told.json["transfers"]] == [f"hold:{job.id}"]


def test_an_account_that_nobody_used_ends_with_1(showreel: CommandLine) -> None:
    ended = showreel("ledger", "show", "member:1")

    assert (ended.status, ended.out) == (1, "")
    assert "Nothing was ever moved to or from 'member:1'" in ended.err
