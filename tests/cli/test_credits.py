"""`showreel credits`: a shop can call it, and call it again."""

import pytest
from sqlalchemy import Connection

from bot.credits import ledger
from bot.credits.audit import audit
from bot.moderation import audit as trail
from bot.moderation.audit import THE_BOT, Action
from tests.cli.conftest import CommandLine
from tests.support.jobs import GUILD, MEMBER, PRICE, accepted

WHO = ("--server", GUILD, "--member", MEMBER)


def balance(connection: Connection, user: int = MEMBER) -> int:
    return ledger.balance(connection, ledger.member_account(GUILD, user))


def entries(connection: Connection) -> list[trail.Entry]:
    return list(trail.trail(connection, GUILD))


def test_a_grant_is_given_and_told_to_moderators(showreel: CommandLine) -> None:
    ended = showreel("credits", "grant", *WHO, "--amount", 40, "--reference", "order 7")

    assert (ended.status, ended.out) == (0, "Given: 40. The member has 40 now.\n")
    assert showreel.on_the_store(balance) == 40
    [entry] = showreel.on_the_store(entries)
    assert (entry.action, entry.actor_id, entry.target_id) == (Action.GRANTED, THE_BOT, MEMBER)
    assert (entry.detail["credits"], entry.detail["reason"]) == (40, "order 7")


def test_the_same_reference_twice_gives_once_and_says_so(showreel: CommandLine) -> None:
    first = showreel("credits", "grant", *WHO, "--amount", 40, "--reference", "order 7", "--json")
    again = showreel("credits", "grant", *WHO, "--amount", 40, "--reference", "order 7", "--json")
    in_words = showreel("credits", "grant", *WHO, "--amount", 40, "--reference", "order 7")

    assert (first.status, again.status, in_words.status) == (0, 0, 0)
    assert first.json == {
        "server": str(GUILD),
        "member": str(MEMBER),
        "amount": 40,
        "reference": "order 7",
        "given": True,
        "balance": 40,
    }
    assert again.json == first.json | {"given": False}
    assert in_words.out == "Given before under this reference, so not again. The member has 40.\n"
    assert showreel.on_the_store(balance) == 40
    assert len(showreel.on_the_store(entries)) == 1


@pytest.mark.parametrize(
    "other",
    [
        ("--server", GUILD, "--member", MEMBER, "--amount", 41),
        ("--server", GUILD, "--member", MEMBER + 1, "--amount", 40),
        ("--server", GUILD + 1, "--member", MEMBER, "--amount", 40),
    ],
    ids=["another amount", "another member", "another server"],
)
def test_a_reference_stands_for_one_grant_alone(showreel: CommandLine, other: tuple[object, ...]) -> None:
    showreel("credits", "grant", *WHO, "--amount", 40, "--reference", "order 7")

    ended = showreel("credits", "grant", *other, "--reference", "order 7")

    assert ended.status == 1
    assert "'order 7' was used before, to give 40 to member:100:300" in ended.err
    assert showreel.on_the_store(balance) == 40
    assert showreel.on_the_store(audit) == []


@pytest.mark.parametrize("taken", ["opening", "hold"])
def test_a_reference_from_outside_is_never_one_of_the_bots_own(showreel: CommandLine, taken: str) -> None:
    """Else a shop could keep a member's opening credits from ever coming, or a job from being paid."""
    job = showreel.on_the_store(accepted, at=1)
    own = {"opening": f"opening:{GUILD}:{MEMBER + 1}", "hold": f"hold:{job.id}"}[taken]

    ended = showreel(
        "credits", "grant", "--server", GUILD, "--member", MEMBER + 1, "--amount", 5, "--reference", own
    )

    assert ended.status == 0
    opened = {"guild_id": GUILD, "user_id": MEMBER + 1, "grant": 100, "at": 2}
    assert showreel.on_the_store(ledger.open_wallet, **opened) == 105


@pytest.mark.parametrize(
    "wrong",
    [
        ("--amount", 0, "--reference", "a"),
        ("--amount", -5, "--reference", "a"),
        ("--amount", "ten", "--reference", "a"),
        ("--amount", 10**12, "--reference", "a"),
        ("--amount", 5, "--reference", " "),
        ("--amount", 5, "--reference", "a\nb"),
        ("--amount", 5, "--reference", "a" * 81),
        ("--amount", 5),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused_in_words(
    showreel: CommandLine, wrong: tuple[object, ...]
) -> None:
    ended = showreel("credits", "grant", *WHO, *wrong)

    assert ended.status == 2
    assert "Usage" in ended.err
    assert showreel.on_the_store(balance) == 0


def test_a_balance_tells_what_is_held_too_and_gives_nothing(showreel: CommandLine) -> None:
    showreel.on_the_store(accepted, at=1, opening=100)

    ended = showreel("credits", "balance", *WHO)
    told = showreel("credits", "balance", *WHO, "--json")
    stranger = showreel("credits", "balance", "--server", GUILD, "--member", 9)

    assert ended.out == f"{100 - PRICE} to spend, {PRICE} held for open requests.\n"
    assert told.json == {
        "server": str(GUILD),
        "member": str(MEMBER),
        "balance": 100 - PRICE,
        "held": PRICE,
    }
    assert (stranger.status, stranger.out) == (0, "0 to spend, 0 held for open requests.\n")
    assert showreel.on_the_store(ledger.has_account, ledger.member_account(GUILD, 9)) is False
