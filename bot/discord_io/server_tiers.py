"""What is typed after `/server tier`: options into changes of a tier, and names of tiers into roles."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import discord
from discord import app_commands

from bot.errors import BadSetting, SettingsRefused
from bot.servers.tiers import Tier

#: Stands for the tier of everybody, which has no role.
EVERYONE = "everyone"
_ANY = ("all", "any")
_MOST_CHOICES = 25
_ID = re.compile(r"(?:<@&)?(\d{15,20})>?")


def role_id_of(role: discord.Role) -> int | None:
    """The role of a tier; None for the role that everybody has."""
    return None if role.is_default() else role.id


def tier_changes(
    role: discord.Role, models: Collection[str], options: dict[str, int | str | None]
) -> dict[str, Any]:
    """What the options that were given change; `models` are those of the catalogue.

    `all` (or `any`) and 0 take away the limits on models, resolution and duration.

    Raises:
        SettingsRefused: a model is not known.
    """
    changes: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if "models" in changes:
        changes["models"] = _models(str(changes["models"]), models)
    if "max_resolution" in changes:
        typed = str(changes["max_resolution"]).strip().lower()
        changes["max_resolution"] = None if typed in _ANY else typed
    if changes.get("max_duration_s") == 0:
        changes["max_duration_s"] = None
    return changes | {"name": role.name.strip("@")[:40] or EVERYONE}


def _models(typed: str, known: Collection[str]) -> tuple[str, ...] | None:
    names = tuple(dict.fromkeys(name.strip("/") for name in re.split(r"[,\s]+", typed.lower()) if name))
    if names in {(word,) for word in _ANY}:
        return None
    if not names or not set(names) <= set(known):
        raise SettingsRefused([BadSetting("models", "unknown-model", ", ".join(known))])
    return names


def models_choices(typed: str, known: Iterable[str]) -> list[app_commands.Choice[str]]:
    """What can be typed on: the list so far, with one more model each."""
    *before, last = [part.strip(" /") for part in typed.lower().split(",")]
    start = ", ".join(name for name in before if name)
    names = [name for name in known if last in name and name not in before]
    found = [f"{start}, {name}" if start else name for name in names]
    return _choices([*found, *(word for word in ("all",) if not start and last in word)])


def resolution_choices(typed: str, known: Iterable[str]) -> list[app_commands.Choice[str]]:
    """The resolutions that models offer, and `any`."""
    return _choices(name for name in [*known, "any"] if typed.lower() in name)


def _choices(names: Iterable[str]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=name[:100], value=name[:100]) for name in names][:_MOST_CHOICES]


def tier_choices(
    typed: str, tiers: Sequence[Tier], guild: discord.Guild | None
) -> list[app_commands.Choice[str]]:
    """The server's tiers by their roles' names; a role that is gone keeps the name it had."""
    named = [(_role_name(tier, guild), str(tier.role_id or EVERYONE)) for tier in tiers]
    return [
        app_commands.Choice(name=name[:100], value=value)
        for name, value in named
        if typed.lower() in name.lower()
    ][:_MOST_CHOICES]


def find_tier(typed: str, tiers: Sequence[Tier], guild: discord.Guild | None) -> Tier | None:
    """The tier that was chosen, or whose role was typed by name, mention or id."""
    wanted = typed.strip()
    role_id = _ID.fullmatch(wanted)
    for tier in tiers:
        if role_id and tier.role_id == int(role_id[1]):
            return tier
        if wanted.lstrip("@").lower() == _role_name(tier, guild).lower():
            return tier
    return None


def _role_name(tier: Tier, guild: discord.Guild | None) -> str:
    if tier.role_id is None:
        return EVERYONE
    role = None if guild is None else guild.get_role(tier.role_id)
    return tier.name if role is None else role.name
