"""What a member reads after asking for a video: accepted, or quoted."""

from bot.discord_io.phrases import duration, problem_list
from bot.jobs.requests import Accepted, Quoted
from bot.jobs.states import JobState
from bot.locale import Words


def accepted_text(accepted: Accepted, words: Words) -> str:
    """That the request is in, what it costs, when to expect the video, and any warnings."""
    lines = [words("accepted", price=accepted.job.price, balance=accepted.balance)]
    if accepted.job.state is JobState.AWAITING_APPROVAL:
        lines.append(words("accepted-waits"))
    else:
        lines.append(words("accepted-usual", time=duration(words, accepted.usual_s)))
    if accepted.warnings:
        lines.append(problem_list(words, accepted.warnings))
    return "\n".join(lines)


def quote_text(quoted: Quoted, words: Words) -> str:
    """What the request would come to, before anything is spent."""
    outlook = quoted.outlook
    lines = [words("quote", price=outlook.price, balance=outlook.balance_after)]
    if outlook.budget.left is not None:
        lines.append(words("quote-budget", left=outlook.budget.left))
    if outlook.needs_approval:
        lines.append(words("accepted-waits"))
    lines.append(words("accepted-usual", time=duration(words, quoted.usual_s)))
    if quoted.warnings:
        lines.append(problem_list(words, quoted.warnings))
    return "\n".join(lines)
