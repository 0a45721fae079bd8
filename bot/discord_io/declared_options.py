"""Options as the wire has them, against the command's own declaration.

Discord checks what its own client sends. The library takes every value for what it says it is: a text where
a command wants a member would be an error in the middle of the command.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import discord
from discord import AppCommandOptionType as Kind

#: Discord's own bounds of a number in an option.
_LARGEST = 2**53
_LONGEST_ID = 20
_NESTED = (Kind.subcommand.value, Kind.subcommand_group.value)


def as_declared(interaction: discord.Interaction[Any]) -> bool:
    """Whether every option is one of the command's, and its value of that option's kind."""
    command, data = interaction.command, interaction.data
    if not isinstance(command, discord.app_commands.Command) or not isinstance(data, Mapping):
        return True  # the library itself says what is wrong
    declared: dict[Any, discord.app_commands.Parameter] = {
        parameter.display_name: parameter for parameter in command.parameters
    }
    resolved: Any = data.get("resolved") or {}
    return all(
        (parameter := declared.get(option.get("name"))) is not None
        and option.get("type") == parameter.type.value
        and (_is_being_typed(option) or _fits(option.get("value"), parameter, resolved))
        for option in _leaves(data)
    )


def _leaves(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The innermost options."""
    for option in data.get("options") or ():
        if option.get("type") in _NESTED:
            yield from _leaves(option)
        else:
            yield option


def _is_being_typed(option: Mapping[str, Any]) -> bool:
    return bool(option.get("focused")) and isinstance(option.get("value"), str)


def _fits(value: Any, parameter: discord.app_commands.Parameter, resolved: Mapping[str, Any]) -> bool:
    """Whether a value is of its option's kind, within its bounds, and one of its choices if it has any."""
    if not _FITS[parameter.type](value, resolved):
        return False
    size = len(value) if isinstance(value, str) else value
    too_small = parameter.min_value is not None and size < parameter.min_value
    too_large = parameter.max_value is not None and size > parameter.max_value
    offered = [choice.value for choice in parameter.choices]
    return not too_small and not too_large and (not offered or value in offered)


def _is_integer(value: Any, _resolved: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST


def _one_of(*groups: str) -> Callable[[Any, Any], bool]:
    """An id of something that Discord has sent along."""

    def fits(value: Any, resolved: Mapping[str, Any]) -> bool:
        is_id = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _LONGEST_ID
        return is_id and any(value in (resolved.get(group) or {}) for group in groups)

    return fits


_FITS: Mapping[Kind, Callable[[Any, Any], bool]] = {
    Kind.string: lambda value, _resolved: isinstance(value, str),
    Kind.integer: _is_integer,
    Kind.boolean: lambda value, _resolved: isinstance(value, bool),
    Kind.number: lambda value, _resolved: isinstance(value, int | float) and not isinstance(value, bool),
    Kind.user: _one_of("users"),
    Kind.channel: _one_of("channels"),
    Kind.role: _one_of("roles"),
    Kind.mentionable: _one_of("users", "roles"),
    Kind.attachment: _one_of("attachments"),
}
