"""What the commands and buttons call: built by the composition root, carried by the bot."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import discord

from bot.catalog import Catalogue
from bot.clock import Now
from bot.community.wallets import Wallets
from bot.database import Database
from bot.discord_io.gallery import Gallery
from bot.discord_io.kept_videos import KeptVideos
from bot.jobs.cancelling import Canceller
from bot.jobs.requests import RequestDesk
from bot.jobs.tracker import Tracker
from bot.moderation.desk import ModeratorsDesk

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot


@dataclass(frozen=True, slots=True)
class Services:
    """The services, by what they are for."""

    database: Database
    catalogue: Catalogue
    desk: RequestDesk
    canceller: Canceller
    moderators: ModeratorsDesk
    tracker: Tracker
    wallets: Wallets
    kept_videos: KeptVideos
    gallery: Gallery
    now: Now


def services_of(interaction: discord.Interaction) -> Services:
    """The services of the bot that received this interaction."""
    return cast("ShowreelBot", interaction.client).services


def role_ids_of(interaction: discord.Interaction) -> tuple[int, ...]:
    """The roles that the member who acts has; Discord sends them with every interaction."""
    member = interaction.user
    return tuple(role.id for role in member.roles) if isinstance(member, discord.Member) else ()


def parent_of(interaction: discord.Interaction) -> int | None:
    """In a thread, the channel it belongs to."""
    channel = interaction.channel
    return channel.parent_id if isinstance(channel, discord.Thread) else None
