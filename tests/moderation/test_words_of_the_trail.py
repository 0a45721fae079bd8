"""Every kind of entry can be told, with and without its job."""

import pytest

from bot.discord_io.audit_lines import audit_line
from bot.locale import Words, known_locales
from bot.moderation.audit import Action, Entry
from tests.discord_io.a_job import a_job

WORDS = [Words(name) for name in known_locales()]


@pytest.mark.parametrize("action", Action)
def test_every_action_has_words(action: Action) -> None:
    bare = Entry(1, 2, 3, 4, action, 5, "0123456789", {})
    full = Entry(
        1,
        2,
        3,
        4,
        action,
        5,
        "0123456789",
        {
            "reason": "*why*",
            "until": 9000,
            "credits": 3,
            "settlement": "ran",
            "text": "x",
            "verdict": "refuse",
        },
    )
    for words in WORDS:
        assert audit_line(bare, None, words).strip()
        assert "\\*why\\*" in audit_line(full, a_job(), words)


def test_a_reason_cannot_mention_or_link() -> None:
    entry = Entry(
        1, 2, 3, 4, Action.REPORTED, 5, None, {"reason": "@everyone <@1> [x](https://x.test)\n# big"}
    )

    line = audit_line(entry, None, WORDS[0])

    assert "@everyone" not in line
    assert "<@1>" not in line
    assert "[x]" not in line
    assert line.count("\n") == 1
