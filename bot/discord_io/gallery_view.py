"""What a video looks like in the gallery, and which videos may be shown there at all."""

import discord
from discord import ui

from bot.catalog import VideoModel
from bot.discord_io.messages import video_link
from bot.discord_io.phrases import escape, shorten
from bot.jobs.job import Job
from bot.locale import Words

_PROMPT_LENGTH = 300


def gallery_view(job: Job, model: VideoModel | None, locale: str, filename: str | None) -> ui.LayoutView:
    """The video with credit to its maker; `filename` is None where it is only linked."""
    words = Words(locale)
    title = job.model if model is None else model.title(locale)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour.gold())
    heading = words("gallery-title", member=f"<@{job.user_id}>", title=title)
    box.add_item(ui.TextDisplay(f"{heading}\n> {escape(shorten(job.prompt, _PROMPT_LENGTH))}"))
    if filename is not None:
        box.add_item(ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{filename}")))
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(ui.Button(label=words("gallery-original"), url=video_link(job)))
    box.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    view.stop()
    return view


def may_be_shown(original: object, gallery: object) -> bool:
    """Whether the gallery shows nothing to more people than its maker chose to show it to.

    A video made where not everybody looks, or where only adults do, stays there; so does one in a channel of
    a kind nobody can tell this of.
    """
    if not isinstance(original, _KINDS) or not isinstance(gallery, _KINDS):
        return False
    if original.guild.id != gallery.guild.id:
        return False
    if isinstance(original, discord.Thread) and original.is_private():
        return False
    if _is_open(gallery) and not _is_open(original):
        return False
    return gallery.is_nsfw() or not original.is_nsfw()


_KINDS = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.Thread)


def _is_open(
    channel: discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread,
) -> bool:
    """Whether everybody in the server may look."""
    place = channel.parent if isinstance(channel, discord.Thread) else channel
    return place is not None and place.permissions_for(channel.guild.default_role).view_channel
