"""Prompts that would like to be more than text: they are shown as typed, and nobody is called."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simcord.preview._markdown import markdown_tokens

from tests.stories.community import Community, Message, components_of
from tests.stories.media import picture

PLAIN = {"blockquote", "paragraph", "inline", "text"}
TEXT_DISPLAY = 10


async def test_a_prompt_cannot_call_anybody(club: Community) -> None:
    other, role = club.add_member("tomas"), club.guild.create_role("night-shift")
    prompt = f"@everyone @here {other.mention} <@!{other.id}> {role.mention} {club.channel.mention} come"

    await club.ask(prompt=prompt, image1=picture())
    await club.everything_ends()

    card, post = club.public()
    assert club.pinged(card) == (set(), set(), False)
    assert club.pinged(post) == ({club.member.id}, set(), False)
    assert [user["id"] for user in post["mentions"]] == [str(club.member.id)]
    assert [user["id"] for user in card["mentions"]] == [str(club.member.id)]
    names = {
        "users": {str(other.id): "tomas"},
        "roles": {str(role.id): "night-shift"},
        "channels": {str(club.channel.id): "studio"},
        "everyone": True,
    }
    for message in (card, post):
        assert shown_prompt(message, names) == prompt


MARKUP = (
    "**bold** *slanted* __under__ ~~through~~ ||spoiler|| `code` _x_ snake_case \\*back\\*slash",
    "[free credits](https://evil.example/a_b) **and** (more) <https://evil.example> http://evil.example/*x*",
    "```py\nimport this\n``` ~~~ tilde ~~~",
    "# heading",
    "- item - item",
    "1. first 2) second",
    ">>> quoted > text",
    "join discord.gg/abcdef or evil.example now",
    "<t:0:R> </ban:123456789012345678> <a:party:123456789012345678> <id:guide>",
)


async def test_markup_in_a_prompt_is_shown_as_typed(club: Community) -> None:
    for number, prompt in enumerate(MARKUP):
        await club.ask(prompt=prompt, image1=picture(), who=club.add_member(f"member{number}"))
    await club.everything_ends()

    wanted = sorted(" ".join(prompt.split()) for prompt in MARKUP)
    posts = club.posts()
    cards = [message for message in club.public() if message not in posts]
    assert sorted(shown_prompt(card, {}) for card in cards) == wanted
    assert sorted(shown_prompt(post, {}) for post in posts) == wanted


async def test_what_is_unseen_in_a_prompt_is_left_out(club: Community) -> None:
    prompt = (
        "a\u200bb \u202eevil\u202c \u2066c\u2069 \u200f\u061c d\u3164e\x00\x1b[31m \ufeff family: 👩\u200d👧"
    )

    await club.ask(prompt=prompt, image1=picture())
    await club.everything_ends()

    for message in club.public():
        assert shown_prompt(message, {}).split() == ["ab", "evil", "c", "de[31m", "family:", "👩\u200d👧"]
    # The model gets what was typed.
    [submit] = club.stage.runcomfy.submits
    assert submit.payload["text"] == prompt


async def test_six_thousand_characters_fit(club: Community) -> None:
    for letter in "x*@<🌊":
        answer = await club.ask(
            prompt=letter * 6000, image1=picture(), who=club.add_member(f"fan of {letter}")
        )
        assert "longer than recommended (500 characters; it has 6,000 characters)" in answer.text
    await club.everything_ends()

    posts = club.posts()
    cards = [message for message in club.public() if message not in posts]
    assert sorted(shown_prompt(card, {}) for card in cards) == sorted(f"{one * 599}…" for one in "x*@<🌊")
    assert sorted(shown_prompt(post, {}) for post in posts) == sorted(f"{one * 299}…" for one in "x*@<🌊")
    assert all(sum(map(len, _texts(card))) < 4000 for card in cards)
    assert all(len(post["content"]) < 2000 for post in posts)
    sent = [submit.payload["text"] for submit in club.stage.runcomfy.submits]
    assert sorted(sent) == sorted(one * 6000 for one in "x*@<🌊")


def shown_prompt(message: Message, names: Mapping[str, Any]) -> str:
    """The quoted prompt of a card or a post, as Discord would draw it: it has to be nothing but text."""
    [quoted] = [line for text in _texts(message) for line in text.split("\n") if line.startswith("> ")]
    tokens = markdown_tokens(quoted, "message", context=names)
    found = list(_flat(tokens))
    assert {token["type"] for token in found} <= PLAIN
    return "".join(str(token["content"]) for token in found if token["type"] == "text").replace("\u200b", "")


def _texts(message: Message) -> list[str]:
    shown = [item["content"] for item in components_of(message) if item["type"] == TEXT_DISPLAY]
    return [*shown, message["content"]]


def _flat(tokens: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for token in tokens:
        yield token
        yield from _flat(token.get("children") or ())
