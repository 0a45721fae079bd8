"""Turning what a member types into interaction data, as strictly as Discord's own client does."""

from collections.abc import Mapping, Sequence
from enum import IntEnum

from tests.loopback_discord import message_payload, payloads
from tests.loopback_discord.cdn import StoredAttachment, Upload
from tests.loopback_discord.errors import JsonObject
from tests.loopback_discord.message import StoredMessage
from tests.loopback_discord.model import Channel, Member, Role, User

OptionValue = str | int | float | bool | Upload | User | Member | Role | Channel
Resolvable = Upload | User | Member | Role | Channel | StoredMessage

MAX_STRING = 6000


class OptionType(IntEnum):
    """Discord's numbers."""

    SUB_COMMAND = 1
    SUB_COMMAND_GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


_ACCEPTED: dict[int, tuple[type, ...]] = {
    OptionType.STRING: (str,),
    OptionType.INTEGER: (int,),
    OptionType.BOOLEAN: (bool,),
    OptionType.USER: (User, Member),
    OptionType.CHANNEL: (Channel,),
    OptionType.ROLE: (Role,),
    OptionType.MENTIONABLE: (User, Member, Role),
    OptionType.NUMBER: (int, float),
    OptionType.ATTACHMENT: (Upload,),
}


class ActorError(AssertionError):
    """Discord's client would not let a member do this; `subject` names the option, component or command."""

    def __init__(self, subject: str, problem: str) -> None:
        self.subject = subject
        self.problem = problem
        super().__init__(f"{subject}: {problem}")


class Resolved:
    """The `resolved` part of interaction data, and the uploads in it."""

    def __init__(self, channel: Channel) -> None:
        self.uploads: list[StoredAttachment] = []
        self._channel = channel
        self._payload: dict[str, JsonObject] = {}

    def part(self) -> JsonObject:
        """The key and its value, or nothing: discord.py takes an empty one for an empty choice."""
        return {"resolved": dict(self._payload)} if self._payload else {}

    def add(self, item: Resolvable) -> str:
        """Note an object; its id."""
        match item:
            case Upload():
                return self._add_upload(item)
            case StoredMessage():
                payload = message_payload.message(item, self._channel.world.bot.id)
                return self._note("messages", item.id, payload)
            case Role():
                return self._note("roles", item.id, payloads.role(item))
            case Channel():
                return self._note("channels", item.id, payloads.channel(item, permissions=0))
            case Member():
                self._note("members", item.id, payloads.member(item, with_user=False, permissions=0))
                return self._note("users", item.id, payloads.user(item.user))
            case User():
                return self._note("users", item.id, payloads.user(item))

    def _add_upload(self, upload: Upload) -> str:
        cdn = self._channel.world.cdn
        attachment = cdn.take(self._channel.id, upload, ephemeral=True)
        cdn.keep(attachment)
        self.uploads.append(attachment)
        return self._note("attachments", attachment.id, attachment.payload())

    def _note(self, kind: str, item_id: int, payload: JsonObject) -> str:
        self._payload.setdefault(kind, {})[str(item_id)] = payload
        return str(item_id)


def descend(command: JsonObject, path: Sequence[str]) -> list[JsonObject]:
    """The subcommand options on the way from a command to what the path names."""
    steps: list[JsonObject] = []
    options: list[JsonObject] = command.get("options") or []
    for name in path:
        step = next(
            (
                item
                for item in options
                if item["name"] == name and item["type"] <= OptionType.SUB_COMMAND_GROUP
            ),
            None,
        )
        if step is None:
            raise ActorError(name, "no such subcommand")
        steps.append(step)
        options = step.get("options") or []
    if any(item["type"] <= OptionType.SUB_COMMAND_GROUP for item in options):
        raise ActorError(command["name"], "needs a subcommand")
    return steps


def filled_in(
    declared: Sequence[JsonObject],
    values: Mapping[str, OptionValue],
    resolved: Resolved,
    focused: str | None = None,
) -> list[JsonObject]:
    """The options as sent; with `focused` they are half typed, and nothing is required of them.

    Raises:
        ActorError: an option is unknown, missing, of the wrong type, or out of its bounds.
    """
    unknown = values.keys() - {item["name"] for item in declared}
    if unknown:
        raise ActorError(min(unknown), f"no such option; there are {[item['name'] for item in declared]}")
    sent = []
    for option in declared:
        name = option["name"]
        if name not in values:
            if option.get("required") and focused is None:
                raise ActorError(name, "is required")
            continue
        if name == focused:
            sent.append({"name": name, "type": option["type"], "value": values[name], "focused": True})
            continue
        _check(option, values[name])
        sent.append({"name": name, "type": option["type"], "value": _plain(values[name], resolved)})
    return sent


def _plain(value: OptionValue, resolved: Resolved) -> str | float | bool:
    return value if isinstance(value, str | int | float) else resolved.add(value)


def _check(option: JsonObject, value: OptionValue) -> None:
    name, kind = option["name"], option["type"]
    if not isinstance(value, _ACCEPTED[kind]) or (isinstance(value, bool) and kind != OptionType.BOOLEAN):
        raise ActorError(name, f"{value!r} is not of type {OptionType(kind).name}")
    choices = [item["value"] for item in option.get("choices") or []]
    if choices and value not in choices:
        raise ActorError(name, f"{value!r} is not one of {choices}")
    if isinstance(value, str):
        _check_bounds(option, len(value), "min_length", "max_length")
        if len(value) > MAX_STRING:
            raise ActorError(name, f"is over {MAX_STRING} characters")
    elif isinstance(value, int | float):
        _check_bounds(option, value, "min_value", "max_value")


def _check_bounds(option: JsonObject, size: float, low: str, high: str) -> None:
    if option.get(low) is not None and size < option[low]:
        raise ActorError(option["name"], f"{size} is under {low} {option[low]}")
    if option.get(high) is not None and size > option[high]:
        raise ActorError(option["name"], f"{size} is over {high} {option[high]}")
