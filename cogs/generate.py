"""One slash command per model of the catalogue, made from the model's file."""

import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.catalog import Option, OptionKind, VideoModel
from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.answers import show_answer
from bot.discord_io.preflight import check_bot_can_post
from bot.discord_io.services import parent_of, role_ids_of, services_of
from bot.jobs.inspection import Attached
from bot.jobs.requests import Request

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot

_LANGUAGES = ("it", "de", "fr", "es-ES", "pt-BR", "ja")


async def setup(bot: "ShowreelBot") -> None:
    """Add the commands."""
    for model in bot.services.catalogue.values():
        bot.tree.add_command(build_command(model))


def build_command(model: VideoModel) -> app_commands.Command[Any, ..., None]:
    """The slash command of one model. discord.py reads its options from the callback's signature."""

    async def callback(interaction: discord.Interaction, **given: Any) -> None:
        await acknowledge(interaction, ephemeral=True, thinking=True)
        check_bot_can_post(interaction)
        services = services_of(interaction)
        answer = await services.desk.ask(_request(interaction, model, given))
        services.tracker.wake()
        await show_answer(interaction, answer)

    callback.__signature__ = _signature(model.options)  # type: ignore[attr-defined]  # read by inspect.signature
    app_commands.describe(**{option.name: _localised(option.description) for option in model.options})(
        callback
    )
    app_commands.choices(
        **{
            option.name: [app_commands.Choice(name=str(value), value=value) for value in option.choices]
            for option in model.options
            if option.choices
        }
    )(callback)
    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name=model.command, description=_localised(model.description), callback=callback
    )
    return app_commands.guild_only(command)


def _signature(options: Iterable[Option]) -> inspect.Signature:
    keyword = inspect.Parameter.KEYWORD_ONLY
    first = inspect.Parameter(
        "interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction
    )
    rest = [
        inspect.Parameter(
            option.name,
            keyword,
            annotation=_annotation(option),
            default=inspect.Parameter.empty if option.required else None,
        )
        for option in options
    ]
    return inspect.Signature([first, *rest])


def _annotation(option: Option) -> Any:
    match option.kind:
        case OptionKind.MEDIA:
            kind: Any = discord.Attachment
        case OptionKind.BOOLEAN:
            kind = bool
        case OptionKind.INTEGER if option.minimum is not None or option.maximum is not None:
            kind = app_commands.Range[int, option.minimum, option.maximum]
        case OptionKind.INTEGER:
            kind = int
        case OptionKind.CHOICE if all(isinstance(value, int) for value in option.choices):
            kind = int
        case _:
            kind = str
    return kind if option.required else kind | None


def _localised(text: Any) -> app_commands.locale_str:
    """An English text with the translations there are."""
    english = text("en")
    others = {locale: text(locale) for locale in _LANGUAGES}
    return app_commands.locale_str(
        english, **{locale: other for locale, other in others.items() if other != english}
    )


def _request(interaction: discord.Interaction, model: VideoModel, given: dict[str, Any]) -> Request:
    present = {name: value for name, value in given.items() if value is not None}
    files = {name: value for name, value in present.items() if isinstance(value, discord.Attachment)}
    return Request(
        interaction_id=interaction.id,
        guild_id=interaction.guild_id or 0,
        channel_id=interaction.channel_id or 0,
        parent_channel_id=parent_of(interaction),
        user_id=interaction.user.id,
        locale=str(interaction.guild_locale or interaction.locale),
        model=model.command,
        values={name: value for name, value in present.items() if name not in files},
        attachments={
            name: Attached(file.url, file.size, file.width, file.height) for name, file in files.items()
        },
        role_ids=role_ids_of(interaction),
    )
