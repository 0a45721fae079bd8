"""`/server settings`: everything a server sets, seen and changed in one place."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from simcord.actors import MemberActor

from bot.moderation import audit
from bot.servers.settings import ServerSettings
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.quick_stage import NEVER_ENDS, quick_stage
from tests.stories.staff import MANAGES, Staff, let_run, set_up, settings_of, text_of

ONLY_STAFF = "Only members who may manage the server can do that."


async def test_a_new_servers_settings_are_all_shown_in_words(club: Community) -> None:
    ruth = await Staff(club).opens_settings()

    assert ruth.reads().splitlines() == [
        "Settings of this server",
        "Videos are made in: Any channel",
        "Moderators\u2019 channel: No channel",
        "Gallery: No channel",
        "Approval: Nothing waits",
        "Language of cards: The server\u2019s own",
        "Budget: No limit",
        "Quote before Generate: Never",
        "Requests at once: No limit for the server",
        "Stars for the gallery: 3",
        "Tiers: none. `/server tier set` makes one.",
        "New requests: taken. `/moderate pause` stops them.",
    ]
    assert ruth.panel.ephemeral
    assert len(ruth.components()) <= 40


async def test_everything_is_changed_in_the_same_place(club: Community) -> None:
    yard, wall = club.guild.create_text_channel("yard"), club.guild.create_text_channel("wall")
    ruth = await Staff(club).opens_settings()

    await ruth.chooses("allowed_channels", [club.channel, yard])
    await ruth.chooses("moderators_channel", [yard])
    await ruth.chooses("gallery_channel", [wall])
    await ruth.chooses("language", ["en"])
    await ruth.types("Budget…", budget="500")
    await ruth.types("Quote…", quote_above="0")
    await ruth.types("At once…", jobs_at_once="20")
    await ruth.types("Stars…", gallery_stars="5")
    await ruth.asks_for_some_approval(approve_first="2", approve_above="30")

    assert await settings_of(club) == ServerSettings(
        allowed_channels=(club.channel.id, yard.id),
        moderators_channel=yard.id,
        gallery_channel=wall.id,
        language="en",
        budget=500,
        quote_above=0,
        jobs_at_once=20,
        gallery_stars=5,
        approve_first=2,
        approve_above=30,
    )
    assert ruth.reads().splitlines()[1:11] == [
        "✔ Saved.",
        f"Videos are made in: <#{club.channel.id}> <#{yard.id}>",
        f"Moderators\u2019 channel: <#{yard.id}>",
        f"Gallery: <#{wall.id}>",
        "Approval: A member\u2019s first 2 requests wait; requests over 30 credits wait",
        "Language of cards: English",
        "Budget: 500 credits a month",
        "Quote before Generate: Over 0 credits",
        "Requests at once: At most 20 in the whole server",
        "Stars for the gallery: 5",
    ]


async def test_whatever_is_set_can_be_taken_back(club: Community) -> None:
    await set_up(
        club,
        allowed_channels=(club.channel.id,),
        moderators_channel=club.channel.id,
        gallery_channel=club.channel.id,
        approve_first=2,
        budget=500,
        quote_above=3,
        jobs_at_once=4,
        language="en",
    )
    ruth = await Staff(club).opens_settings()

    await ruth.chooses("approval", ["off"])
    await ruth.chooses("language", ["server"])
    for name in ("allowed_channels", "moderators_channel", "gallery_channel"):
        await ruth.chooses(name, [])
    for label, name in (("Budget…", "budget"), ("Quote…", "quote_above"), ("At once…", "jobs_at_once")):
        await ruth.types(label, **{name: ""})

    assert await settings_of(club) == ServerSettings()


async def test_one_kind_of_approval_replaces_another(club: Community) -> None:
    await set_up(club, moderators_channel=club.channel.id, approve_first=2)
    ruth = await Staff(club).opens_settings()

    seen = await ruth.chooses("approval", ["everything"])
    assert "Approval: Every request waits for a moderator" in seen

    await ruth.asks_for_some_approval(approve_above="9")
    settings = await settings_of(club)
    assert (settings.approve_everything, settings.approve_first, settings.approve_above) == (False, 0, 9)


# --- what is typed wrongly ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "name", "typed", "explained"),
    [
        ("Budget…", "budget", "a lot", "Budget has to be a whole number, written in digits alone."),
        ("Budget…", "budget", "-1", "Budget has to be at least 0."),
        ("Budget…", "budget", "999999999999", "Budget can be at most 1,000,000,000."),
        ("At once…", "jobs_at_once", "0", "Requests at once has to be at least 1."),
        ("Stars…", "gallery_stars", "", "Stars for the gallery has to be a whole number"),
        ("Quote…", "quote_above", "1.5", "Quote before Generate has to be a whole number"),
    ],
)
async def test_a_wrong_number_changes_nothing_and_is_not_lost(
    club: Community, label: str, name: str, typed: str, explained: str
) -> None:
    before = await set_up(club, budget=100, jobs_at_once=3, quote_above=2)
    ruth = await Staff(club).opens_settings()

    seen = await ruth.types(label, **{name: typed})

    assert "✘ Nothing was changed." in seen
    assert explained in seen
    assert await settings_of(club) == before
    form = (await ruth.presses("Correct it")).modal
    assert form is not None
    [label_of_the_field] = form["components"]
    field = label_of_the_field["component"]
    assert (field["custom_id"], field.get("value") or "") == (name, typed)


async def test_a_corrected_number_is_saved(club: Community) -> None:
    ruth = await Staff(club).opens_settings()
    await ruth.types("Budget…", budget="12O")

    seen = await ruth.types("Correct it", budget="120")

    assert "✔ Saved." in seen
    assert "Correct it" not in [item.get("label") for item in ruth.components()]
    assert (await settings_of(club)).budget == 120


async def test_approval_needs_somebody_to_ask(club: Community) -> None:
    ruth = await Staff(club).opens_settings()

    seen = await ruth.chooses("approval", ["everything"])
    assert "Choose the moderators\u2019 channel before approval" in seen

    await ruth.chooses("moderators_channel", [club.channel])
    await ruth.chooses("approval", ["everything"])
    seen = await ruth.chooses("moderators_channel", [])
    assert "switch approval off before the channel goes" in seen
    assert (await settings_of(club)).moderators_channel == club.channel.id


async def test_a_channel_closed_to_the_bot_is_refused_with_what_it_lacks(club: Community) -> None:
    club.forbid_the_bot("embed_links", "attach_files")
    ruth = await Staff(club).opens_settings()

    for name in ("moderators_channel", "gallery_channel"):
        seen = await ruth.chooses(name, [club.channel])
        assert "I lack Embed Links, Attach Files in that channel." in seen

    assert await settings_of(club) == ServerSettings()


async def test_a_deleted_channel_is_no_obstacle(club: Community) -> None:
    await set_up(club, allowed_channels=(club.channel.id, 123456789012345678), gallery_channel=5)

    ruth = await Staff(club).opens_settings()

    assert "Gallery: <#5>" in ruth.reads()
    chosen = {
        item["custom_id"]: [int(value["id"]) for value in item["default_values"]]
        for item in ruth.components()
        if item.get("default_values")
    }
    assert chosen == {"server:choose:allowed_channels": [club.channel.id]}


# --- who, and when --------------------------------------------------------------------------------------


async def test_two_people_with_the_panel_open_do_not_undo_each_others_work(club: Community) -> None:
    ruth = await Staff(club).opens_settings()
    omar = await Staff(club, "omar").opens_settings()

    await ruth.types("Budget…", budget="500")
    seen = await omar.types("Quote…", quote_above="10")
    await ruth.chooses("allowed_channels", [club.channel])

    settings = await settings_of(club)
    assert (settings.budget, settings.quote_above) == (500, 10)
    assert settings.allowed_channels == (club.channel.id,)
    assert "Budget: 500 credits a month" in seen


async def test_every_change_is_in_the_audit_trail_with_who_made_it(club: Community) -> None:
    ruth = await Staff(club).opens_settings()

    await ruth.types("Budget…", budget="500")

    trail = await club.stage.showreel.database.run(lambda c: list(audit.trail(c, club.guild.id)))
    assert [(entry.actor_id, entry.detail) for entry in trail] == [
        (ruth.who.id, {"changed": {"budget": 500}})
    ]


async def test_an_open_panel_and_an_open_form_survive_a_restart(club: Community) -> None:
    ruth = await Staff(club).opens_settings()
    form = await ruth.presses("Budget…")

    await club.stage.restart()
    await ruth.who.submit_modal(form, {"budget": "70"})
    await ruth.chooses("allowed_channels", [club.channel])

    settings = await settings_of(club)
    assert (settings.budget, settings.allowed_channels) == (70, (club.channel.id,))


async def test_the_command_is_not_offered_to_members_and_moderators(club: Community) -> None:
    moderator = club.add_member("mod", can=discord.Permissions(manage_messages=True))

    for who in (club.member, moderator):
        with pytest.raises(simcord.SetupError):
            await who.slash(club.channel, "server settings")


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("server settings", {}),
        ("server usage", {}),
        ("server tier list", {}),
        ("server tier remove", {"tier": "everyone"}),
        ("server tier set", {"role": "everyone", "allowance": 1000}),
        ("server credits grant", {"member": "self", "amount": 1000, "reason": "me"}),
        ("server credits revoke", {"member": "self", "amount": 1, "reason": "me"}),
    ],
)
async def test_who_was_given_the_command_still_needs_the_right(
    club: Community, command: str, options: dict[str, Any]
) -> None:
    """Administrators may give any command to anybody in Discord's own settings."""
    await let_run(club, "server", club.member)
    if "member" in options:
        options = options | {"member": club.member}
    if "role" in options:
        options = options | {"role": club.guild.default_role}

    answer = await club.member.slash(club.channel, command, **options)

    assert text_of(answer) == ONLY_STAFF
    assert answer.ephemeral
    assert await settings_of(club) == ServerSettings()
    assert await club.balance() == 0


async def test_who_lost_the_right_can_no_longer_use_the_open_panel(club: Community) -> None:
    ruth = await Staff(club).opens_settings()
    form = await ruth.presses("Budget…")
    club.env.backend.get_guild(club.guild.id).members[ruth.who.id].role_ids.clear()

    chosen = await ruth.who.select(ruth.message, ["everything"], custom_id="server:choose:approval")
    pressed = await ruth.presses("Quote…")
    sent = await ruth.who.submit_modal(form, {"budget": "70"})

    assert pressed.modal is None
    assert text_of(pressed) == ONLY_STAFF
    for result in (chosen, sent):
        assert [note.content for note in result.followups] == [ONLY_STAFF]
    assert await settings_of(club) == ServerSettings()


async def test_a_manager_of_another_server_reaches_only_their_own(club: Community) -> None:
    """Whatever their client sends: the server is the one that Discord says the interaction came from."""
    ruth = await Staff(club).opens_settings()
    elsewhere = Community(club.stage, name="Chess club")
    other = elsewhere.add_member("vera", can=MANAGES)

    await forged_choice(ruth, other, elsewhere)

    assert await settings_of(club) == ServerSettings()
    assert (await settings_of(elsewhere)).language == "en"


async def forged_choice(ruth: Staff, who: MemberActor, where: Community) -> None:
    assert ruth.panel.response is not None
    stored = where.env.backend.get_message(ruth.panel.response.channel_id, ruth.panel.response.id)
    message = deepcopy(dict(simcord.backend.serializers.message_payload(where.env.backend, stored)))
    data = {"custom_id": "server:choose:language", "component_type": 3, "values": ["en"]}
    await who._dispatch_interaction(3, where.channel, data, extra={"message": message})


# --- what settings do -------------------------------------------------------------------------------------


async def test_the_language_of_cards_is_the_servers_choice(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS) as stage:
        club = Community(stage)
        await set_up(club, language="it")

        await club.ask(prompt="Gulls over the bay", image1=picture())

        assert (await club.job()).locale == "it"
