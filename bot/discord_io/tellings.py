"""What is posted about an entry of the audit trail: a notice to the moderators, a word to the member."""

import discord
from discord import ui

from bot.catalog import Catalogue
from bot.discord_io.audit_lines import audit_line
from bot.discord_io.phrases import escape, shorten
from bot.discord_io.questions import closed_question
from bot.discord_io.refusals import discord_refusals
from bot.discord_io.report_buttons import report_view
from bot.discord_io.settle_buttons import settle_view
from bot.errors import ChannelUnavailable
from bot.jobs.job import Job
from bot.locale import Words
from bot.moderation.audit import Action, Entry

#: What the member concerned is told, in the channel where the request was made.
_TOLD_TO_MEMBERS = frozenset({Action.APPROVED, Action.REJECTED, Action.UNANSWERED, Action.TAKEN_DOWN})
_REASON_LENGTH = 300


def is_told_to_member(entry: Entry, job: Job | None) -> bool:
    """Whether the entry is about a decision on a member's request that somebody else took."""
    return job is not None and entry.action in _TOLD_TO_MEMBERS and entry.actor_id != job.user_id


async def tell_member(bot: discord.Client, entry: Entry, job: Job) -> None:
    """Reply to the card, mentioning the requester and nobody else.

    Raises:
        DeliveryError: Discord did not take it.
    """
    words = Words(job.locale)
    detail = entry.detail
    lines = [
        words(f"told-{entry.action}", member=f"<@{job.user_id}>", credits=detail.get("credits", 0)).strip()
    ]
    if reason := shorten(str(detail.get("reason") or ""), _REASON_LENGTH):
        lines.append(words("told-reason", reason=escape(reason)))
    mentions = discord.AllowedMentions(
        everyone=False, roles=False, users=[discord.Object(job.user_id)], replied_user=False
    )
    channel = bot.get_partial_messageable(job.channel_id, guild_id=job.guild_id)
    card = discord.MessageReference(
        message_id=job.card_message_id or 0,
        channel_id=job.channel_id,
        guild_id=job.guild_id,
        fail_if_not_exists=False,
    )
    with discord_refusals():
        await channel.send("\n".join(lines), nonce=f"t{entry.id}", allowed_mentions=mentions, reference=card)


async def tell_moderators(
    channel: discord.PartialMessageable, entry: Entry, job: Job | None, catalogue: Catalogue, words: Words
) -> None:
    """Show the entry: in the question it answers, where that is still there, else as a notice of its own.

    Raises:
        DeliveryError: Discord did not take it.
    """
    if job is not None and entry.is_decision and job.approval_message_id:
        try:
            await _close_question(channel, entry, job, catalogue)
        except ChannelUnavailable:
            pass  # somebody deleted the question
        else:
            return
    text, nonce, mentions = audit_line(entry, job, words), f"n{entry.id}", discord.AllowedMentions.none()
    view = _buttons(entry, job, words)
    with discord_refusals():
        if view is None:
            await channel.send(text, nonce=nonce, allowed_mentions=mentions)
        else:
            await channel.send(text, nonce=nonce, allowed_mentions=mentions, view=view)


async def _close_question(
    channel: discord.PartialMessageable, entry: Entry, job: Job, catalogue: Catalogue
) -> None:
    view = closed_question(job, catalogue.entry(job.model), entry, Words(job.locale))
    with discord_refusals():
        message = channel.get_partial_message(job.approval_message_id or 0)
        await message.edit(view=view, allowed_mentions=discord.AllowedMentions.none())


def _buttons(entry: Entry, job: Job | None, words: Words) -> ui.View | None:
    if job is None:
        return None
    if entry.action is Action.REPORTED:
        return report_view(job, words)
    if entry.action is Action.UNCERTAIN:
        return settle_view(job.id, words)
    return None
