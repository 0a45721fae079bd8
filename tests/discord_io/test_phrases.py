"""Words made of data, and of what members typed."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from simcord.preview._markdown import markdown_tokens

from bot.catalog.problems import Problem, ProblemCode
from bot.discord_io.phrases import duration, escape, problem_line, problem_list, shorten
from bot.locale import Words

ENGLISH = Words("en")
#: What a member might type to get more than text, mixed with anything at all.
TRICKS = (
    *("**", "__", "~~", "||", "`", "```", "> ", ">>> ", "# ", "- ", "-# ", "1. ", "\\", "\n", " ", "\u200b"),
    *("@everyone", "@here", "<@1>", "<@!123456789012345678>", "<@&123456789012345678>", "<#1>", "[a](b)"),
    *("https://a.example", "a.example", "<t:0:R>", "<:x:1>", "</x:1>", "\u202e", "😀", "[", "](", ")"),
)
PIECES = st.one_of(st.text(max_size=12), st.sampled_from(TRICKS))
TYPED = st.lists(PIECES, max_size=10).map("".join)
#: Every character that Discord's markdown gives a meaning to wherever it stands.
MARKS = "\\*_~`|<>[]"
#: Discord shows what stands behind a backslash as it is, unless it is a letter, a digit or white space.
BACKSLASHED = re.compile(r"\\([^0-9A-Za-z\s])")
MENTION = re.compile(r"@(everyone|here)|<(@[!&]?|#)\d+>|<a?:\w+:\d+>|<t:-?\d+(:\w)?>|</[^>]+:\d+>")


@given(TYPED)
def test_what_is_escaped_is_shown_as_typed(text: str) -> None:
    shown = BACKSLASHED.sub(r"\1", escape(text)).replace("\u200b", "")

    assert shown == "".join(char for char in text if not _unseen(char))


@given(TYPED)
def test_every_mark_has_its_own_backslash(text: str) -> None:
    bare = BACKSLASHED.sub("", escape(text))

    assert not set(bare) & set(MARKS)


@given(TYPED)
@example("@everyone")
@example("<@\u200b!123456789012345678>")
def test_no_mention_is_left(text: str) -> None:
    assert not MENTION.search(escape(text))


@given(TYPED)
def test_no_link_is_left(text: str) -> None:
    escaped = escape(text)

    assert not re.search(r"(?<!\\)://", escaped)
    assert not re.search(r"\w\.\w", escaped)
    assert not re.search(r"(?<!\\)\]\(", escaped)


@given(TYPED)
def test_no_line_opens_a_list_a_heading_or_small_print(text: str) -> None:
    for line in escape(text).split("\n"):
        assert not re.match(r"\s*([-+#>]|\d+[.)]\s)", line)


@given(TYPED)
@example("a\n\n    code")
@example("\\*not bold*")
@example("[a](https://b.example) *c* (d)")
def test_markdown_finds_nothing_but_text_on_one_line(text: str) -> None:
    """SimCord's own reading of markdown, as the card's quote uses it."""
    escaped = escape(shorten(text, 300))

    found = list(_types(markdown_tokens(f"> {escaped}", "message", context={"everyone": True})))

    # SimCord looks for small print after the backslashes are gone, where Discord no longer does.
    assert set(found) - {"subtext"} <= {"blockquote", "paragraph", "inline", "text"}


@given(st.text(), st.integers(min_value=2, max_value=300))
def test_a_shortened_text_fits_on_one_line(text: str, limit: int) -> None:
    short = shorten(text, limit)

    assert len(short) <= limit
    assert short == " ".join(short.split())
    assert short == " ".join(text.split()) or short.endswith("…")


def test_joiners_that_shape_letters_and_emoji_stay() -> None:
    persian, astronaut = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "👩\u200d🚀"

    assert escape(f"{persian} {astronaut}") == f"{persian} {astronaut}"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "5 seconds"),
        (7.4, "5 seconds"),
        (8, "10 seconds"),
        (119, "120 seconds"),
        (120, "2 minutes"),
        (600, "10 minutes"),
    ],
)
def test_a_duration_is_as_rough_as_people_say_it(seconds: float, words: str) -> None:
    assert duration(ENGLISH, seconds) == words


@pytest.mark.parametrize("code", list(ProblemCode))
def test_every_problem_has_words_with_what_is_allowed_and_what_was_found(code: ProblemCode) -> None:
    for unit in ("px", "B", "s", "characters", "words", "files", None):
        line = problem_line(ENGLISH, Problem("image1", code, 2, 3, unit))

        assert "**image1**" in line
        assert "{" not in line


def test_quantities_are_told_in_the_units_people_use() -> None:
    large = Problem("image", ProblemCode.TOO_LARGE, 30_000_000, 31_415_926, "B")
    assert problem_line(ENGLISH, large) == "**image** must be under 30 MB; this file has 31.42 MB."
    long = Problem("video1", ProblemCode.LASTS_TOO_LONG, 15, 15.04, "s")
    assert problem_line(ENGLISH, long) == "**video1** must last at most 15 s; it lasts 15.04 s."


def test_what_was_typed_is_escaped_in_a_problem_too() -> None:
    problem = Problem("ratio", ProblemCode.NOT_A_CHOICE, "16:9, 1:1", "**@everyone** [x](https://a.example)")

    assert problem_line(ENGLISH, problem) == (
        "**ratio** can be 16:9, 1:1, not \\*\\*@\u200beveryone\\*\\* \\[x\\](https\\://a\\.example)."
    )


@given(st.integers(min_value=0, max_value=200))
def test_a_list_of_problems_fits_into_a_message(count: int) -> None:
    problems = [Problem("p" * 32, ProblemCode.NOT_A_CHOICE, "x" * 5000, "*" * 5000)] * count

    text = problem_list(ENGLISH, problems)

    assert len(text) < 2000
    assert not count or text.startswith("- ")


def _unseen(char: str) -> bool:
    joiners, blanks = "\u200c\u200d", "\u115f\u1160\u3164\uffa0\u2800"
    unseen = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and char not in joiners
    return char not in "\n\t" and (unseen or char in blanks)


def _types(tokens: list[dict[str, object]]) -> list[str]:
    found = []
    for token in tokens:
        children = token.get("children")
        found += [str(token["type"]), *(_types(children) if isinstance(children, list) else [])]
    return found
