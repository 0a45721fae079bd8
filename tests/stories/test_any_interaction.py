"""Whatever a client makes up: an answer in words or none at all, never an error, never a credit lost."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import discord
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from simcord.interactions import command_leaves

from bot.jobs.job import Job
from tests.stories import made_up_ids
from tests.stories.any_interaction import AnyInteraction, any_interaction

COMMAND, COMPONENT, AUTOCOMPLETE, FORM = 2, 3, 4, 5
SUBCOMMAND, GROUP = 1, 2

#: As text comes over the wire: halves of characters and NUL included.
TEXT = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["", "0", "-1", "9" * 30, "1_000", "٣", "forever", "\0", "\ud800", "@everyone", "x" * 6000, "720p", "all"]
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
EXAMPLES = settings(max_examples=30, deadline=None)


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyInteraction]:
    with any_interaction(tmp_path_factory.mktemp("any")) as opened:
        yield opened


@pytest.fixture(scope="module")
def job(sender: AnyInteraction) -> Job:
    """A job that waits in RunComfy's queue."""

    async def ask() -> Job:
        await sender.club.ask("seedance-2-pro", prompt="Gulls over the bay")
        await sender.club.card_of(await sender.club.job())
        return await sender.club.job()

    return sender.runner.run(ask())


@pytest.fixture(scope="module")
def boss(sender: AnyInteraction) -> Any:
    return sender.club.add_member("boss", can=discord.Permissions.all())


def as_sent(value: Any) -> Any:
    """As the gateway delivers it."""
    return json.loads(json.dumps(value))


IDS = st.sampled_from([*made_up_ids.BUTTONS, *made_up_ids.FORMS])
#: Spoilt in one place: a digit more, a stranger's letters, far too long.
SPOILT = st.tuples(IDS, TEXT, st.integers(0, 40)).map(lambda parts: parts[0][: parts[2]] + parts[1])


def found(template: str, kind: int, values: Sequence[str] = (), *, number: str = "0") -> example:
    """What was an error once."""
    return example(
        template=template, others=False, by_boss=True, number=number, kind=kind, values=list(values)
    )


def component_with(custom_id: str, kind: int) -> dict[str, Any]:
    component: dict[str, Any] = {"type": kind, "custom_id": custom_id}
    return component | (
        {"style": 2, "label": "x"} if kind == 2 else {"options": [{"label": "x", "value": "x"}]}
    )


@EXAMPLES
@given(
    template=IDS | SPOILT,
    others=st.booleans(),
    by_boss=st.booleans(),
    number=st.sampled_from(["0", "1", made_up_ids.ID, "9" * 19, "9" * 20, "9" * 80]),
    kind=st.sampled_from([2, 3, 8]),
    values=st.lists(TEXT | st.just("some:1:2") | st.just("everything"), max_size=3),
)
@found("quote:go:{id}", 2, number="9" * 19)
@found("server:choose:language", 3)
@found("server:choose:language", 2)
@found("server:choose:moderators_channel", 8, ["abc"])
@found("server:choose:approval", 3, ["some:" + "9" * 30])
def test_any_button_or_list(
    sender: AnyInteraction,
    job: Job,
    boss: Any,
    template: str,
    others: bool,  # noqa: FBT001 - hypothesis passes it
    by_boss: bool,  # noqa: FBT001 - hypothesis passes it
    number: str,
    kind: int,
    values: list[str],
) -> None:
    custom_id = template.replace("{job}", made_up_ids.JOB if others else job.id).replace("{id}", number)
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": kind}
    if kind != 2:
        data["values"] = values
    who = boss if by_boss else sender.club.member
    sender.send(who, COMPONENT, as_sent(data), button=component_with(custom_id, kind))


ANY_FIELDS = st.lists(
    st.tuples(st.sampled_from(made_up_ids.FIELDS) | TEXT, SCALAR, st.sampled_from([1, 4, 18, 99])), max_size=5
)


def field(name: str, value: Any, kind: int) -> dict[str, Any]:
    text = {"type": 4, "custom_id": name, "value": value}
    if kind == 1:
        return {"type": 1, "components": [text]}
    return {"type": 18, "component": text} if kind == 18 else text | {"type": kind}


@EXAMPLES
@given(
    template=st.sampled_from(made_up_ids.FORMS) | SPOILT,
    others=st.booleans(),
    by_boss=st.booleans(),
    fields=ANY_FIELDS,
)
def test_any_form(
    sender: AnyInteraction,
    job: Job,
    boss: Any,
    template: str,
    others: bool,  # noqa: FBT001 - hypothesis passes it
    by_boss: bool,  # noqa: FBT001 - hypothesis passes it
    fields: list[tuple[str, Any, int]],
) -> None:
    custom_id = template.replace("{job}", made_up_ids.JOB if others else job.id).replace(
        "{id}", made_up_ids.ID
    )
    data = {"custom_id": custom_id, "components": [field(*item) for item in fields]}
    who = boss if by_boss else sender.club.member
    sender.send(who, FORM, as_sent(data), button=component_with(custom_id, 2))


# --- commands -----------------------------------------------------------------------------------------

Leaf = tuple[tuple[str, ...], dict[str, Any]]
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, ATTACHMENT = 3, 4, 5, 6, 7, 8, 11
LIKELY = {
    STRING: TEXT,
    INTEGER: st.integers(-5, 5) | st.integers(),
    BOOLEAN: st.booleans(),
}
OTHERS_ID = "1234567890123456789"


@pytest.fixture(scope="module")
def leaves(sender: AnyInteraction, boss: Any) -> list[Leaf]:
    """Every command that can be sent: its path and what is declared of it."""
    backend, channel = sender.club.env.backend, sender.club.channel.id
    shown = backend.visible_commands(user_id=boss.id, channel_id=channel)
    found = [(tuple(path), dict(leaf)) for command in shown for path, leaf in command_leaves(command)]
    assert len(found) > 20
    return sorted(found, key=lambda leaf: leaf[0])


@st.composite
def option_values(draw: st.DrawFn, leaf: dict[str, Any], member_id: int) -> list[dict[str, Any]]:
    """Options nearly as declared: some left out, some of another type, some that nobody has declared."""
    sent = []
    for option in leaf.get("options") or ():
        if not draw(st.integers(0, 3)) and not option.get("required"):
            continue
        people = st.sampled_from([str(member_id), OTHERS_ID])
        choices = [choice["value"] for choice in option.get("choices") or ()]
        value = st.sampled_from(choices) | TEXT if choices else LIKELY.get(option["type"], people)
        kind = option["type"]
        if not draw(st.integers(0, 9)):
            value, kind = value | SCALAR, draw(st.sampled_from([kind, STRING, INTEGER, BOOLEAN, ATTACHMENT]))
        sent.append({"name": option["name"], "type": kind, "value": draw(value)})
    if not draw(st.integers(0, 9)):
        sent.append({"name": draw(TEXT), "type": STRING, "value": draw(SCALAR)})
    return sent


def resolved(sender: AnyInteraction, urls: list[str]) -> dict[str, Any]:
    """People, roles, files that the ids stand for; files are wherever the client says."""
    who, guild = sender.club.member, sender.club.guild
    user = {"id": str(who.id), "username": "ines", "discriminator": "0", "avatar": None}
    role = {"id": str(guild.id), "name": "@everyone", "permissions": "0", "position": 0, "color": 0}
    role |= {"hoist": False, "managed": False, "mentionable": False}
    file = {"id": str(who.id), "filename": "../../x.png", "size": 10, "content_type": "image/png"}
    return {
        "users": {str(who.id): user},
        "members": {str(who.id): {"roles": [], "joined_at": None, "permissions": "0", "flags": 0}},
        "roles": {str(who.id): role},
        "attachments": {str(who.id): file | {"url": url, "proxy_url": url} for url in urls},
    }


@EXAMPLES
@given(data=st.data(), by_boss=st.booleans(), focused=st.booleans())
def test_any_command(
    sender: AnyInteraction,
    boss: Any,
    leaves: list[Leaf],
    data: st.DataObject,
    by_boss: bool,  # noqa: FBT001 - hypothesis passes it
    focused: bool,  # noqa: FBT001 - hypothesis passes it
) -> None:
    who = boss if by_boss else sender.club.member
    path, leaf = data.draw(st.sampled_from(leaves))
    options = data.draw(option_values(leaf, sender.club.member.id))
    completing = {option["name"] for option in leaf.get("options") or () if option.get("autocomplete")}
    found = [option for option in options if option["name"] in completing]
    if focused and found:
        found[-1]["focused"] = True
    for name, kind in zip(reversed(path[1:]), (SUBCOMMAND, GROUP), strict=False):
        options = [{"name": name, "type": kind, "options": options}]
    urls = data.draw(
        st.lists(st.sampled_from(["http://169.254.169.254/x", "file:///etc/passwd", "x"]), max_size=1)
    )
    sent = {"id": "1", "name": path[0], "type": 1, "options": options, "resolved": resolved(sender, urls)}
    sender.send(who, AUTOCOMPLETE if focused and found else COMMAND, as_sent(sent))
