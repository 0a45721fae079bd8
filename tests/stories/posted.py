"""Posted videos and answers to one person: asking for them, pressing what is under them, reading them."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import simcord
from simcord.actors import MemberActor
from simcord.backend import serializers
from simcord.builders import ChannelHandle

from bot.jobs.job import Job
from bot.rehearsal.screen import lines_of
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from tests.stories.community import Community, File, Message, components_of
from tests.stories.media import picture

BUTTON = 2


async def set_up(club: Community, **settings: Any) -> None:
    """What the server has set, in place of anything before."""
    values = ServerSettings(**settings)
    await club.stage.showreel.database.run(servers.save, club.guild.id, values, at=1)


async def a_video(
    club: Community, prompt: str = "Gulls over the bay", *, who: MemberActor | None = None, **options: Any
) -> tuple[Job, Message]:
    """Ask for a video and wait until it is posted."""
    known = {job.id for job in await club.stage.jobs()}
    await club.ask(prompt=prompt, who=who, **{"image1": picture(), **options})
    await club.everything_ends()
    [job] = [job for job in await club.stage.jobs() if job.id not in known]
    return job, post_of(club, job)


def post_of(club: Community, job: Job) -> Message:
    assert job.result_message_id is not None
    return club.shown[job.result_message_id][-1]


async def newest_job(club: Community) -> Job:
    return (await club.stage.jobs())[-1]


async def press(
    club: Community, message: Message, label: str, *, who: MemberActor | None = None
) -> simcord.InteractionResult:
    return await (who or club.member).click(club.message(message), label=label)


async def press_answer(
    club: Community, answer: simcord.InteractionResult, label: str, *, who: MemberActor | None = None
) -> simcord.InteractionResult:
    """Press a button of what one person was answered."""
    assert answer.response is not None
    return await (who or club.member).click(answer.response, label=label)


async def press_made_up(
    club: Community,
    custom_id: str,
    message: Message,
    *,
    who: MemberActor | None = None,
    channel: ChannelHandle | None = None,
) -> simcord.InteractionResult:
    """Press a button whose id somebody has made up, as if the message had it."""
    data = {"custom_id": custom_id, "component_type": BUTTON}
    button = {"type": BUTTON, "style": 2, "label": "…", "custom_id": custom_id}
    extra = {"message": deepcopy(dict(message)) | {"components": [{"type": 1, "components": [button]}]}}
    return await (who or club.member)._dispatch_interaction(
        3, channel or club.channel, data, extra=extra, source_message_id=int(message["id"])
    )


def read(result: simcord.InteractionResult) -> list[str]:
    """The lines of what one person was answered, as it looks now."""
    assert result.response is not None
    return lines_of(seen(result))


def seen(result: simcord.InteractionResult) -> Mapping[str, Any]:
    response = result.response
    assert response is not None
    return {"content": response.content, "components": response.components}


def payload_of(club: Community, result: simcord.InteractionResult) -> Message:
    """The message of an answer as Discord sends it along when a button of it is pressed."""
    assert result.response is not None
    return dict(serializers.message_payload(club.env.backend, result.response._message))


def custom_id_of(message: Mapping[str, Any], label: str) -> str:
    return next(str(item["custom_id"]) for item in components_of(message) if item.get("label") == label)


def aside(result: simcord.InteractionResult) -> list[str]:
    """What one person was told beside the message they pressed a button of."""
    assert all(message.ephemeral for message in result.followups)
    return [message.content for message in result.followups]


def fields_of(result: simcord.InteractionResult) -> dict[str, str]:
    """What stands in the fields of a form that opened."""
    assert result.modal is not None
    fields = [item["component"] for item in result.modal["components"]]
    return {field["custom_id"]: field.get("value", "") for field in fields}


async def ask_quietly(
    club: Community, *, who: MemberActor | None = None, **options: str | int | File
) -> simcord.InteractionResult:
    """Ask, and look at the whole answer."""
    given = {"prompt": "Gulls over the bay", "image1": picture(), **options}
    return await (who or club.member).slash(club.channel, "seedance-1-0-lite", **given)
