"""What people see of a job in the studio, and what its books say: the card is drawn by the bot's own code."""

from dataclasses import dataclass

from bot.credits import budget, ledger
from bot.credits.budget import Month
from bot.discord_io.cards import CardFacts, card
from bot.jobs.job import Job
from bot.jobs.poster import Progress
from bot.locale import Words
from bot.moderation import audit
from bot.rehearsal.screen import buttons_of, lines_of
from tests.support.jobs import GUILD, MEMBER
from tests.support.studio import Studio
from tests.support.waiting import until

#: Where the card's lines about its state begin: before them are its heading, its prompt, its settings.
_ABOVE = 3


@dataclass(frozen=True)
class Books:
    """Credits: the member's, what the job holds, and what its month's budget has spent and holds."""

    member: int
    held: int
    budget_spent: int
    budget_held: int


def looks_of(studio: Studio, job: Job) -> list[list[str]]:
    """Every look of the card below its heading, oldest first."""
    return [_below_heading(studio, *shown) for shown in studio.board.shown[job.id]]


def buttons_on(studio: Studio, job: Job) -> list[str]:
    """The buttons on the card as it looks now."""
    return buttons_of(_drawn(studio, *studio.board.shown[job.id][-1]))


async def card_says(studio: Studio, job: Job, words: str) -> list[str]:
    """Wait until the card shows these words, and give its lines."""

    def said() -> bool:
        looks = looks_of(studio, job)
        return bool(looks) and any(words in line for line in looks[-1])

    await until(said, what=f"{words!r} on the card")
    return looks_of(studio, job)[-1]


async def books_of(studio: Studio, job: Job) -> Books:
    run, month = studio.database.run, Month.at(GUILD, job.created_at)
    standing = await run(budget.standing, month, None)
    return Books(
        member=await run(ledger.balance, ledger.member_account(GUILD, MEMBER)),
        held=await run(ledger.balance, ledger.hold_account(job.id)),
        budget_spent=standing.spent,
        budget_held=standing.held,
    )


async def told_to_moderators(studio: Studio) -> list[str]:
    """What the moderators' channel is told, as the trail has it, oldest first."""
    entries = await studio.database.run(audit.untold, GUILD, limit=100)
    return [str(entry.action) for entry in entries]


def _below_heading(studio: Studio, job: Job, progress: Progress) -> list[str]:
    return lines_of(_drawn(studio, job, progress))[_ABOVE:]


def _drawn(studio: Studio, job: Job, progress: Progress) -> dict[str, object]:
    facts = CardFacts(job, studio.workshop.model_of(job), progress, studio.clock())
    components: list[object] = card(facts, Words(job.locale)).to_components()  # type: ignore[no-untyped-call]  # discord.py's
    return {"components": components}
