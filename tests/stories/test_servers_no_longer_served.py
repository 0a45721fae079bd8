"""A server that the operator has stopped serving: what was left there does nothing any more."""

import re

import discord

from bot.discord_io.all_buttons import BUTTONS, FORMS
from tests.stories import made_up_ids
from tests.stories.community import Community
from tests.stories.made_up_ids import filled_in
from tests.stories.moderators import forged
from tests.stories.posted import a_video, aside, press_made_up, read

EVERYTHING = discord.Permissions.all()
REFUSED = "I am not set up for this server."


def test_every_button_and_form_is_among_those_tried() -> None:
    for items, ids in ((BUTTONS, made_up_ids.BUTTONS), (FORMS, made_up_ids.FORMS)):
        for item in items:
            template = getattr(item, "__discord_ui_compiled_template__", None) or item.template
            assert isinstance(template, re.Pattern)
            assert any(template.fullmatch(filled_in(text)) for text in ids), item


async def test_no_button_and_no_form_does_anything_there(club: Community) -> None:
    job, post = await a_video(club)
    boss = club.add_member("boss", can=EVERYTHING)
    before = await club.balance(), await club.spent()
    club.stage.showreel.bot.guild_ids = frozenset({club.guild.id + 1})

    for template in made_up_ids.BUTTONS:
        result = await press_made_up(club, filled_in(template, job=job.id), post, who=boss)
        assert result.modal is None
        told = [*aside(result), *read(result)]
        assert len(told) == 1, template
        assert told[0].startswith(REFUSED), template
    for template in made_up_ids.FORMS:
        typed = [(name, "1") for name in made_up_ids.FIELDS]
        told_to_form = await forged(boss, filled_in(template, job=job.id), typed=typed)
        assert told_to_form.startswith(REFUSED), template

    assert (await club.balance(), await club.spent()) == before
    assert len(await club.stage.jobs()) == 1
    assert (await club.job()).taken_down_at is None
