"""The panel of a server's settings: each in words, with what changes it beneath."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.discord_io.server_forms import FormButton, SettingSelect
from bot.discord_io.server_words import approval_words, language_words, number_words
from bot.locale import Words, known_locales
from bot.servers.settings import ServerSettings

#: The settings that are numbers, one form each.
NUMBERS = ("budget", "quote_above", "jobs_at_once", "gallery_stars")
_MOST_CHANNELS = 25
_POSTS = [discord.ChannelType.text, discord.ChannelType.news]
_ASKS = [*_POSTS, discord.ChannelType.voice, discord.ChannelType.public_thread]


def settings_panel(
    settings: ServerSettings,
    words: Words,
    *,
    known_channels: frozenset[int],
    notice: str | None = None,
    again: FormButton | None = None,
) -> ui.LayoutView:
    """The panel.

    `known_channels`: channels that exist; a deleted one is named, but cannot be shown as chosen. `notice`:
    what came of the last change; `again` opens the form anew with what was typed.
    """
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour.blurple())
    box.add_item(ui.TextDisplay(words("settings-title")))
    if notice is not None:
        box.add_item(ui.TextDisplay(notice))
    if again is not None:
        box.add_item(_row(again))
    for item in _channels(settings, words, known_channels):
        box.add_item(item)
    box.add_item(ui.TextDisplay(_line("approval", approval_words(settings, words), words)))
    box.add_item(_row(_approval(settings, words)))
    box.add_item(ui.TextDisplay(_line("language", language_words(settings.language, words), words)))
    box.add_item(_row(_language(settings, words)))
    box.add_item(ui.TextDisplay("\n".join(_number_lines(settings, words))))
    box.add_item(_row(*(_number(name, settings, words) for name in NUMBERS)))
    box.add_item(ui.TextDisplay("\n".join(_elsewhere(settings, words))))
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    return view


def _line(name: str, value: str, words: Words) -> str:
    return words("settings-line", name=words(f"setting-name-{name}"), value=value)


def _row(*items: ui.Item[Any]) -> ui.ActionRow[ui.LayoutView]:
    return ui.ActionRow(*items)


def _channels(settings: ServerSettings, words: Words, known: frozenset[int]) -> list[ui.Item[ui.LayoutView]]:
    items: list[ui.Item[ui.LayoutView]] = []
    for name, chosen, most in (
        ("allowed_channels", settings.allowed_channels, _MOST_CHANNELS),
        ("moderators_channel", _one(settings.moderators_channel), 1),
        ("gallery_channel", _one(settings.gallery_channel), 1),
    ):
        value = " ".join(f"<#{channel}>" for channel in chosen) or words(f"setting-{name}-none")
        items.append(ui.TextDisplay(_line(name, value, words)))
        select: ui.ChannelSelect[ui.LayoutView] = ui.ChannelSelect(
            custom_id=f"server:choose:{name}",
            channel_types=_ASKS if most > 1 else _POSTS,
            placeholder=words(f"setting-{name}-none"),
            min_values=0,
            max_values=most,
            default_values=[
                discord.SelectDefaultValue.from_channel(discord.Object(channel))
                for channel in chosen
                if channel in known
            ],
        )
        items.append(_row(SettingSelect(select)))
    return items


def _one(channel: int | None) -> tuple[int, ...]:
    return () if channel is None else (channel,)


def _approval(settings: ServerSettings, words: Words) -> SettingSelect:
    # Nothing is marked as chosen: who chooses "some" again wants to change its numbers.
    shown = f"some:{settings.approve_first or ''}:{_typed(settings.approve_above)}"
    return _choice(
        "approval",
        [
            discord.SelectOption(label=words("setting-approval-off"), value="off"),
            discord.SelectOption(label=words("setting-approval-everything"), value="everything"),
            discord.SelectOption(label=words("setting-approval-some"), value=shown),
        ],
        placeholder=words("setting-approval-change"),
    )


def _language(settings: ServerSettings, words: Words) -> SettingSelect:
    languages = [(None, "server"), *((locale, locale) for locale in known_locales())]
    return _choice(
        "language",
        [
            discord.SelectOption(
                label=language_words(locale, words), value=value, default=locale == settings.language
            )
            for locale, value in languages
        ],
    )


def _choice(
    name: str, options: list[discord.SelectOption], *, placeholder: str | None = None
) -> SettingSelect:
    return SettingSelect(
        ui.Select(custom_id=f"server:choose:{name}", options=options, placeholder=placeholder)
    )


def _number_lines(settings: ServerSettings, words: Words) -> Sequence[str]:
    return [_line(name, number_words(name, getattr(settings, name), words), words) for name in NUMBERS]


def _number(name: str, settings: ServerSettings, words: Words) -> FormButton:
    return FormButton(name, (_typed(getattr(settings, name)),), label=words(f"setting-button-{name}"))


def _typed(value: int | None) -> str:
    return "" if value is None else str(value)


def _elsewhere(settings: ServerSettings, words: Words) -> Sequence[str]:
    return [
        words("settings-tiers", count=len(settings.tiers)),
        words("settings-paused" if settings.paused else "settings-open"),
    ]
