"""Whatever a client makes up: an answer in words or none at all, never an error, never a credit lost."""

import json
from collections.abc import Iterator
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
EXAMPLES = settings(max_examples=60, deadline=None)


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


def message_with(custom_id: str, kind: int) -> dict[str, Any]:
    component: dict[str, Any] = {"type": kind, "custom_id": custom_id}
    component |= {"style": 2, "label": "x"} if kind == 2 else {"options": [{"label": "x", "value": "x"}]}
    return {
        "id": "1",
        "channel_id": "1",
        "content": "",
        "author": {"id": "2", "username": "x", "discriminator": "0", "avatar": None},
        "components": [{"type": 1, "components": [component]}],
        "attachments": [],
        "embeds": [],
        "mentions": [],
        "mention_roles": [],
        "pinned": False,
        "mention_everyone": False,
        "tts": False,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "type": 0,
        "flags": 0,
    }


@EXAMPLES
@given(
    template=IDS | SPOILT,
    others=st.booleans(),
    number=st.sampled_from(["0", "1", made_up_ids.ID, "9" * 19, "9" * 20, "9" * 80]),
    kind=st.sampled_from([2, 3, 8]),
    values=st.lists(TEXT | st.just("some:1:2") | st.just("everything"), max_size=3),
)
def test_any_button_or_list(
    sender: AnyInteraction,
    job: Job,
    boss: Any,
    template: str,
    others: bool,  # noqa: FBT001 - hypothesis passes it
    number: str,
    kind: int,
    values: list[str],
) -> None:
    custom_id = template.replace("{job}", made_up_ids.JOB if others else job.id).replace("{id}", number)
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": kind}
    if kind != 2:
        data["values"] = values
    for who in (sender.club.member, boss):
        sender.send(who, COMPONENT, as_sent(data), message=message_with(custom_id, kind))


ANY_FIELDS = st.lists(
    st.tuples(st.sampled_from(made_up_ids.FIELDS) | TEXT, SCALAR, st.sampled_from([1, 4, 18, 99])), max_size=5
)


def field(name: str, value: Any, kind: int) -> dict[str, Any]:
    text = {"type": 4, "custom_id": name, "value": value}
    if kind == 1:
        return {"type": 1, "components": [text]}
    return {"type": 18, "component": text} if kind == 18 else text | {"type": kind}


@EXAMPLES
@given(template=st.sampled_from(made_up_ids.FORMS) | SPOILT, others=st.booleans(), fields=ANY_FIELDS)
def test_any_form(
    sender: AnyInteraction,
    job: Job,
    boss: Any,
    template: str,
    others: bool,  # noqa: FBT001 - hypothesis passes it
    fields: list[tuple[str, Any, int]],
) -> None:
    custom_id = template.replace("{job}", made_up_ids.JOB if others else job.id).replace(
        "{id}", made_up_ids.ID
    )
    data = {"custom_id": custom_id, "components": [field(*item) for item in fields]}
    for who in (sender.club.member, boss):
        sender.send(who, FORM, as_sent(data), message=message_with(custom_id, 2))
