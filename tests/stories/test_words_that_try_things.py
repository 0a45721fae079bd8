"""Reasons, filters, file names that would like to be more than text: whoever reads them sees text."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from simcord.preview._markdown import markdown_tokens

from tests.stories.community import Community, components_of
from tests.stories.media import picture
from tests.stories.moderators import Moderator, asked, forged, moderated
from tests.stories.posted import a_video, seen
from tests.stories.staff import Staff, text_of
from tests.support.waiting import until

PILED = "Z" + "\u0316\u0317\u0318\u0319\u031a" * 40
TRIES = (
    "@everyone @here <@1234567890123456789> <@&1234567890123456789> <#1234567890123456789>",
    "**bold** ||x|| `code` [free](https://evil.example/x) http://evil.example <t:0:R> </x:12345678901234567>",
    "first\n# second\n- third\n> fourth\r\n\n-# small",
    "a\u202eb\u2066c\u200bd\u2028e\x00f\x1b[31mg\u3164",
    PILED,
    "x" * 6000,
    "@" * 6000,
)
#: What the bot itself writes around such words: titles, lists, times, names.
ALLOWED = {"blockquote", "paragraph", "inline", "text", "softbreak", "link_close", "discord_mention"}
ALLOWED |= {"heading", "timestamp", "bullet_list", "list_item", "strong", "subtext", "break"}
#: And what it does not write: marks that nothing has disarmed.
ARMED = re.compile(r"^\W*(second|third|fourth|small)|(?<!\\)<t:0|(?<!\\)\*\*bold", re.MULTILINE)
#: What steers a text without being seen.
UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ud800-\udfff\u3164]"
)
JOB = re.compile("[0-9a-z]{10}")
PILE = re.compile("[\u0300-\u036f]{5}")


def shown(message: Mapping[str, Any]) -> list[str]:
    """Every text of a message."""
    texts = [str(item["content"]) for item in components_of(message) if "content" in item]
    return [text for text in [*texts, str(message.get("content") or "")] if text]


def expect_text_alone(message: Mapping[str, Any]) -> None:
    """No link, no mention, nothing unseen that somebody typed, beside the bot's own mark-up."""
    for text in shown(message):
        assert not UNSEEN.search(text), text
        assert not PILE.search(text), text
        assert not ARMED.search(text), text
        assert "1234567890123456789>" not in text.replace("\\>", ""), text
        assert not re.search(r"@(everyone|here)", text), text
        assert len(text) <= 4000
        for token in _flat(markdown_tokens(text, "message", context={"everyone": True})):
            if token["type"] == "link_open":
                assert str(token["href"]).startswith("https://discord.com/channels/"), text
            elif token["type"] == "code":
                assert JOB.fullmatch(str(token["content"])), text
            else:
                assert token["type"] in ALLOWED, (token["type"], text)


def _flat(tokens: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for token in tokens:
        yield token
        yield from _flat(token.get("children") or ())


@pytest.mark.parametrize("words", TRIES, ids=range(len(TRIES)))
async def test_in_the_reason_of_a_report_and_of_a_block(words: str, tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        job, _ = await a_video(club)

        await forged(club.add_member("tomas"), f"job:reported:{job.id}", typed=[("reason", words)])
        notice = await mo.reads("reported")
        typed = [("duration", "7d"), ("reason", words)]
        await forged(mo.who, f"report:blocked:{job.id}", typed=typed, channel="moderators")
        await mo.reads("blocked")
        refused = await club.ask(prompt="A kite", image1=picture())

        for message in (*mo.notices(), {"content": refused.text}, seen(await mo.answer("audit"))):
            expect_text_alone(message)
        assert club.pinged(notice) == (set(), set(), False)
        # One line each for what and why: nobody can write a line of the bot's.
        assert [len(shown(message)[0].splitlines()) for message in mo.notices()[-2:]] == [2, 2]
        assert len(refused.text.splitlines()) == 2


@pytest.mark.parametrize("words", TRIES, ids=range(len(TRIES)))
async def test_in_the_reason_of_a_rejection(words: str, tmp_path: Path) -> None:
    async with moderated(tmp_path, approve_everything=True) as (club, mo):
        job = await asked(club)
        await mo.reads("asks in")

        await forged(mo.who, f"job:rejected:{job.id}", typed=[("reason", words)], channel="moderators")
        card = await club.card_says(job, "A moderator said no.")
        await until(lambda: _is_told(club))

        expect_text_alone(card)
        for message in (
            *club.posts(),
            *mo.notices(),
            seen(await club.member.slash(club.channel, "jobs show", job=job.id)),
        ):
            expect_text_alone(message)
        assert club.pinged(club.posts()[0]) == ({club.member.id}, set(), False)


async def _is_told(club: Community) -> bool:
    return len(club.posts()) == 1


async def test_in_a_filter(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (_, mo):
        for words in TRIES:
            for kind in ("word", "pattern"):
                answer = await mo.answer("filter add", kind=kind, text=words[:200], action="refuse")
                expect_text_alone(seen(answer))
        await until(lambda: _has_notices(mo))

        listed = await mo.answer("filter list")
        for message in (seen(listed), *mo.notices(), seen(await mo.answer("audit"))):
            expect_text_alone(message)
        rows = [choice["value"] for choice in await mo.is_offered("filter remove", "entry")]
        # The title and a line each.
        assert len(text_of(listed).splitlines()) == 1 + len(rows)
        for row in rows:
            expect_text_alone(seen(await mo.answer("filter remove", entry=row)))


async def _has_notices(mo: Moderator) -> bool:
    return len(mo.notices()) >= 5


async def test_in_the_reason_of_a_present_of_credits(club: Community) -> None:
    ruth = Staff(club)
    for words in TRIES:
        await ruth.runs("server credits grant", member=club.member, amount=1, reason=words[:300], tell=True)

    told = club.public()
    assert len(told) == len(TRIES)
    for message in told:
        expect_text_alone(message)
        assert len(shown(message)[0].splitlines()) <= 2
        assert club.pinged(message) == ({club.member.id}, set(), False)


@pytest.mark.parametrize(
    "name",
    [
        "@everyone.png",
        "../../../etc/passwd",
        "a\u202egnp.exe",
        "x" * 300 + ".png",
        "**x**.png",
        "con.png\x00.exe",
    ],
)
async def test_a_files_name_is_shown_nowhere_and_used_for_nothing(club: Community, name: str) -> None:
    _, data = picture()

    await club.ask(prompt="Gulls over the bay", image1=(name, data))
    await club.everything_ends()

    card = club.public()[0]
    assert [attachment["filename"] for attachment in card["attachments"]] == ["image1.png"]
    everything = str(club.shown) + str([entry.json for entry in club.env.http_requests])
    assert name not in everything
    assert not [path for path in club.stage.data_dir.rglob("*") if path.suffix in (".exe", ".txt")]
    assert club.public()[1]["attachments"][0]["filename"].endswith(".mp4")
