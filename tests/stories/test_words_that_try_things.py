"""Reasons, filters, file names that would like to be more than text: whoever reads them sees text."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from simcord.preview._markdown import markdown_tokens

from tests.stories.community import components_of
from tests.stories.media import picture
from tests.stories.moderators import forged, moderated
from tests.stories.posted import a_video, seen

PILED = "Z" + "\u0316\u0317\u0318\u0319\u031a" * 40
TRIES = (
    "@everyone @here <@1234567890123456789> <@&1234567890123456789> <#1234567890123456789>",
    "**bold** ||spoiler|| `code` [free](https://evil.example/x) https://evil.example <t:0:R> </x:1234567890>",
    "first\n# second\n- third\n> fourth\r\n\n-# small",
    "a\u202eb\u2066c\u200bd\u2028e\x00f\x1b[31mg\u3164",
    PILED,
    "x" * 6000,
    "@" * 6000,
)
PLAIN = {"blockquote", "paragraph", "inline", "text", "line_break", "newline"}
#: What steers a text without being seen.
UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ud800-\udfff\u3164]"
)
PILE = re.compile("[\u0300-\u036f]{5}")


def shown(message: Mapping[str, Any]) -> list[str]:
    """Every text of a message."""
    texts = [str(item["content"]) for item in components_of(message) if "content" in item]
    return [text for text in [*texts, str(message.get("content") or "")] if text]


def expect_text_alone(message: Mapping[str, Any], *, marks: Iterable[str] = ()) -> None:
    """No link, no mention, nothing unseen that somebody typed; `marks` are the bot's own mark-up."""
    allowed = (
        PLAIN | {"user_mention", "channel_mention", "timestamp", "strong", "bold", "mention"} | set(marks)
    )
    for text in shown(message):
        assert not UNSEEN.search(text), text
        assert not PILE.search(text), text
        assert "1234567890123456789>" not in text.replace("\\>", ""), text
        assert not re.search(r"@(everyone|here)", text), text
        assert len(text) <= 4000
        for token in _flat(markdown_tokens(text, "message", context={"everyone": True})):
            assert token["type"] in allowed, (token, text)


def _flat(tokens: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for token in tokens:
        yield token
        yield from _flat(token.get("children") or ())


@pytest.mark.parametrize("words", TRIES, ids=range(len(TRIES)))
async def test_a_report_and_a_block_from_it(words: str, tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        job, _ = await a_video(club)
        tomas = club.add_member("tomas")

        await forged(tomas, f"job:reported:{job.id}", typed=[("reason", words)])
        notice = await mo.reads("reported")
        expect_text_alone(notice)
        assert club.pinged(notice) == (set(), set(), False)

        typed = [("duration", "7d"), ("reason", words)]
        await forged(mo.who, f"report:blocked:{job.id}", typed=typed, channel="moderators")
        expect_text_alone(await mo.reads("blocked"))
        refused = await club.ask(prompt="A kite", image1=picture())
        expect_text_alone({"content": refused.text})
        assert len(refused.text.splitlines()) == 2
        assert (await mo.runs("audit")).count("\n") <= 8
        expect_text_alone(seen(await mo.answer("audit")))
