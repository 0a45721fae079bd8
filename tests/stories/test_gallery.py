"""The gallery: what several members have starred is shown once more, with credit to its maker."""

from typing import Any

import discord
import pytest
from simcord.actors import MemberActor
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.community import stars
from bot.jobs.job import Job
from bot.rehearsal.screen import buttons_of, lines_of
from tests.stories.community import Community, Message, components_of
from tests.stories.posted import a_video, press, press_answer, set_up

STAR = "⭐"
VIEW = discord.Permissions(view_channel=True).value
MODERATOR = discord.Permissions(manage_messages=True)


class Exhibition:
    """A club with a gallery that two stars open, and some members to give them."""

    def __init__(self, club: Community) -> None:
        self.club = club
        self.gallery = club.guild.create_text_channel("gallery")
        self.fans = [club.add_member(name) for name in ("ana", "ben", "cy")]

    async def open(self, *, stars_needed: int = 2) -> "Exhibition":
        await set_up(self.club, gallery_channel=self.gallery.id, gallery_stars=stars_needed)
        return self

    async def star(self, post: Message, *who: MemberActor) -> None:
        for member in who:
            await member.react(self.club.message(post), STAR)

    def shown(self) -> list[Message]:
        """What hangs in the gallery."""
        ids = self.club.env.backend.messages.get(self.gallery.id, {})
        return [self.club.shown[message_id][-1] for message_id in sorted(ids)]

    async def count(self, job: Job) -> int:
        return await self.club.stage.showreel.database.run(stars.count, job.id)


@pytest.fixture
async def hall(club: Community) -> Exhibition:
    return await Exhibition(club).open()


def link_in(message: Message) -> str:
    [url] = [str(item["url"]) for item in components_of(message) if item.get("style") == 5]
    return url


async def test_a_video_with_enough_stars_is_shown_with_credit_and_a_way_back(hall: Exhibition) -> None:
    club = hall.club
    job, post = await a_video(club, "Gulls *over* the bay")

    await hall.star(post, hall.fans[0])
    assert hall.shown() == []
    await hall.star(post, hall.fans[1])

    [shown] = hall.shown()
    heading, prompt = lines_of(shown)
    assert heading.endswith(f"by {club.member.mention}")
    assert prompt == "Gulls *over* the bay"
    assert club.file_of(shown) == club.file_of(post)
    assert buttons_of(shown) == ["See the original"]
    at = f"https://discord.com/channels/{club.guild.id}/{club.channel.id}"
    assert link_in(shown) == f"{at}/{job.result_message_id}"
    assert club.pinged(shown) == (set(), set(), False)
    assert (await club.job(job.id)).gallery_message_id == int(shown["id"])
    assert list((club.stage.data_dir / "gallery").glob("*")) == []


async def test_more_stars_do_not_show_it_again_nor_after_a_restart(hall: Exhibition) -> None:
    job, post = await a_video(hall.club)
    await hall.star(post, *hall.fans)

    await hall.club.stage.restart()
    await hall.star(post, hall.club.add_member("dora"))

    assert len(hall.shown()) == 1
    assert await hall.count(job) == 4


async def test_stars_at_the_same_moment_show_it_once(hall: Exhibition) -> None:
    club = hall.club
    _, post = await a_video(club)
    backend, message = club.env.backend, club.message(post)

    for fan in hall.fans:
        backend.set_reaction(message.channel.id, message.id, STAR, fan.id, True)
    await hall.fans[0].react(message, "👍")

    assert len(hall.shown()) == 1


async def test_the_makers_own_star_and_those_of_bots_do_not_count(hall: Exhibition) -> None:
    club = hall.club
    job, post = await a_video(club)
    helper = club.guild.add_member(club.env.create_user("helper", bot=True))

    await hall.star(post, club.member, helper, hall.fans[0])

    assert hall.shown() == []
    assert await hall.count(job) == 1


async def test_other_reactions_and_stars_on_other_messages_are_nothing(hall: Exhibition) -> None:
    club = hall.club
    job, post = await a_video(club)
    card = await club.card_of(job)

    for fan in hall.fans:
        await fan.react(club.message(post), "👍")
        await fan.react(club.message(card), STAR)

    assert hall.shown() == []
    assert await hall.count(job) == 0


async def test_a_star_taken_back_does_not_count(hall: Exhibition) -> None:
    _, post = await a_video(hall.club)
    ana, ben, cy = hall.fans

    await hall.star(post, ana)
    await ana.unreact(hall.club.message(post), STAR)
    await hall.star(post, ben)
    assert hall.shown() == []
    await hall.star(post, cy)

    assert len(hall.shown()) == 1


async def test_stars_that_a_moderator_cleared_do_not_count(hall: Exhibition) -> None:
    club = hall.club
    job, post = await a_video(club)
    ana, ben, cy = hall.fans
    backend, message = club.env.backend, club.message(post)

    await hall.star(post, ana)
    backend.clear_reactions(message.channel.id, message.id)
    await hall.star(post, ben)
    assert await hall.count(job) == 1
    backend.clear_reaction(message.channel.id, message.id, STAR)
    await hall.star(post, cy)

    assert (await hall.count(job), hall.shown()) == (1, [])


async def test_stars_given_while_the_bot_was_away_count(hall: Exhibition) -> None:
    club = hall.club
    job, post = await a_video(club)
    backend, message = club.env.backend, club.message(post)
    subscribers, backend.subscribers = backend.subscribers, []
    backend.set_reaction(message.channel.id, message.id, STAR, hall.fans[0].id, True)
    backend.subscribers = subscribers

    await hall.star(post, hall.fans[1])

    assert await hall.count(job) == 2
    assert len(hall.shown()) == 1


async def test_without_a_gallery_stars_are_counted_for_later(club: Community) -> None:
    hall = Exhibition(club)
    _, post = await a_video(club)
    await hall.star(post, hall.fans[0], hall.fans[1])

    await hall.open()
    await hall.star(post, hall.fans[2])

    assert len(hall.shown()) == 1


async def test_a_video_that_was_taken_down_is_never_shown(hall: Exhibition) -> None:
    club = hall.club
    job, post = await a_video(club)
    await hall.star(post, hall.fans[0])
    question = await press(club, post, "Delete")
    await press_answer(club, question, "Delete it for everybody")

    # A star that was on its way when the message went.
    event = _late_star(club, job, hall.fans[1])
    await club.stage.showreel.bot.services.gallery.starred(event)

    assert hall.shown() == []
    assert (await club.job(job.id)).gallery_message_id is None


def _late_star(club: Community, job: Job, who: MemberActor) -> discord.RawReactionActionEvent:
    data: Any = {
        "message_id": job.result_message_id,
        "channel_id": job.channel_id,
        "guild_id": job.guild_id,
        "user_id": who.id,
        "type": 0,
        "burst": False,
    }
    emoji = discord.PartialEmoji(name=STAR)
    return discord.RawReactionActionEvent(data, emoji, "REACTION_ADD")


async def test_taken_down_later_it_leaves_the_gallery_too(hall: Exhibition) -> None:
    club = hall.club
    _, post = await a_video(club)
    await hall.star(post, *hall.fans)
    mo = club.add_member("mo", can=MODERATOR)

    question = await press(club, post, "Delete", who=mo)
    await press_answer(club, question, "Delete it for everybody", who=mo)

    assert hall.shown() == []


async def test_a_gallery_closed_to_the_bot_is_tried_again_with_the_next_star(hall: Exhibition) -> None:
    club = hall.club
    job, post = await a_video(club)
    club.forbid_the_bot("send_messages", channel=hall.gallery)
    await hall.star(post, *hall.fans[:2])
    assert (await club.job(job.id)).gallery_message_id is None

    club.env.backend.delete_overwrite(hall.gallery.id, club.env.backend.bot_user.id)
    await hall.star(post, hall.fans[2])

    assert len(hall.shown()) == 1


@pytest.mark.parametrize("crashed", ["before it was posted", "after it was posted"])
async def test_a_crash_in_the_middle_neither_loses_nor_repeats_it(hall: Exhibition, crashed: str) -> None:
    club = hall.club
    job, post = await a_video(club)
    if crashed == "after it was posted":
        await hall.star(post, *hall.fans[:2])
        await club.stage.showreel.database.run(_forget_message, job.id)
    else:
        await club.stage.showreel.database.run(stars.claim, job.id)

    await club.stage.restart()
    await club.stage.showreel.bot.services.gallery.resume()

    [shown] = hall.shown()
    assert (await club.job(job.id)).gallery_message_id == int(shown["id"])


def _forget_message(connection: Any, job_id: str) -> None:
    """As it is in the store between posting and writing down that it was posted."""
    connection.exec_driver_sql("UPDATE jobs SET gallery_message_id = 0 WHERE id = ?", (job_id,))


async def test_an_answer_that_was_lost_is_looked_for_before_anything_is_posted(hall: Exhibition) -> None:
    club = hall.club
    job, post = await a_video(club)
    club.env.inject_error("POST", f"/channels/{hall.gallery.id}/messages", status=429, times=1)
    await hall.star(post, *hall.fans[:2])
    assert (await club.job(job.id)).gallery_message_id == stars.BEING_SHOWN

    await hall.star(post, hall.fans[2])

    assert len(hall.shown()) == 1


async def test_a_video_that_cannot_be_uploaded_again_is_linked(hall: Exhibition) -> None:
    club = hall.club
    _, post = await a_video(club)
    club.env.inject_error("POST", f"/channels/{hall.gallery.id}/messages", status=413, code=40005, times=1)

    await hall.star(post, *hall.fans[:2])

    [shown] = hall.shown()
    assert shown["attachments"] == []
    assert buttons_of(shown) == ["See the original"]


async def test_what_was_made_behind_a_closed_door_stays_there(hall: Exhibition) -> None:
    club = hall.club
    job, post = await a_video(club)
    everyone = club.env.backend.guilds[club.guild.id].id
    backend = club.env.backend
    backend.set_overwrite(club.channel.id, _closed_to(everyone))
    see = discord.Permissions(view_channel=True, read_message_history=True, add_reactions=True)
    insiders = [club.add_member(name, can=discord.Permissions.all() | see) for name in ("x", "y", "z")]

    await hall.star(post, *insiders)

    assert await hall.count(job) == 3
    assert hall.shown() == []


def _closed_to(role_id: int) -> Overwrite:
    return Overwrite(target_id=role_id, type=OverwriteType.ROLE, allow=0, deny=VIEW)
