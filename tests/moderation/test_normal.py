"""Text in its plainest form: what a reader reads, whatever it is dressed up as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.moderation.normal import plain, plain_forms, plain_words

#: Halves of characters too, as a broken client may send them.
ANY_TEXT = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    "costume",
    [
        "kill",
        "KILL",
        "kíll",
        "k̶i̶l̶l̶",
        "ki\u200bll",
        "k\u2060i\u00adl\ufeffl",
        "k\u202eill",
        "ki\ufe0fll",
        "k\u034fill",
        "k\U000e0061ill",
        "ki\u3164ll",
        "k\u115fi\uffa0ll",
        "k\x00ill\x08",
        "ｋｉｌｌ",
        "ＫＩＬＬ",
        "𝐤𝐢𝐥𝐥",
        "𝕶𝕴𝕷𝕷",
        "𝚔𝚒𝚕𝚕",
        "ⓚⓘⓛⓛ",
        "ᵏⁱˡˡ",
        "кill",
        "Кill",
        "KІLL",
        "kіll",
        "κill",
        "kιll",
        "ΚΙLL",
        "kıll",
        "k\u0e34ill",
        "k\ud800ill",
    ],
)
def test_a_costume_is_taken_off(costume: str) -> None:
    assert plain(costume) == "kill"


@pytest.mark.parametrize(
    ("dressed", "read"),
    [
        ("Crème Brûlée", "creme brulee"),
        ("Straße", "strasse"),
        ("ﬁre", "fire"),
        ("a\u2003b\u00a0c\u2028d\x0be\u2800f", "a b c d e f"),
        ("a\tb\nc", "a b c"),
        ("№ 5½", "no 51⁄2"),
        ("", ""),
        ("\u200b\ufe0f", ""),
        ("🔫", "🔫"),
    ],
)
def test_text_is_read_plainly(dressed: str, read: str) -> None:
    assert plain(dressed) == read


@pytest.mark.parametrize("word", ["कला", "कलि", "สวัสดี", "がく", "ばか", "한국어", "暴力", "தமிழ்"])
def test_marks_that_spell_stay(word: str) -> None:
    assert plain(word) == word


@pytest.mark.parametrize(("pointed", "bare"), [("שָׁלוֹם", "שלום"), ("مُحَمَّد", "محمد"), ("Ёлка", "елка")])
def test_marks_that_only_help_to_read_go(pointed: str, bare: str) -> None:
    assert plain(pointed) == plain(bare)


@pytest.mark.parametrize("word", ["нет", "грех", "убийство", "ναι", "νίκη", "straße", "ԱԲԳ"])
def test_a_word_in_capitals_is_the_same_word(word: str) -> None:
    assert set(plain_words(word)) & set(plain_words(word.upper()))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("k1ll", "kill"),
        ("ki11", "kill"),
        ("h4t3", "hate"),
        ("5h007", "shoot"),
        ("@$$", "ass"),
        ("k|ll", "kill"),
    ],
)
def test_figures_and_signs_are_read_as_letters_too(text: str, form: str) -> None:
    assert text in plain_forms(text)
    assert form in plain_forms(text)


def test_what_is_written_in_another_alphabet_is_kept_beside_what_it_looks_like() -> None:
    assert "убийство" in plain_forms("У\u200bбийство")


@given(ANY_TEXT)
def test_the_plainest_form_cannot_become_plainer(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(ANY_TEXT)
def test_a_text_does_not_grow_out_of_bounds(text: str) -> None:
    forms = plain_forms(text)

    # The longest single character is an Arabic ligature of eighteen.
    assert all(len(form) <= 18 * len(text) for form in forms)
    assert 1 <= len(forms) <= 7


@given(st.text(st.characters(max_codepoint=127), max_size=200))
def test_plain_ascii_changes_its_case_alone(text: str) -> None:
    visible = "".join(char for char in text if char.isprintable() or char.isspace())

    assert plain(text).split() == visible.lower().split()


@given(ANY_TEXT)
def test_nothing_invisible_is_left(text: str) -> None:
    assert not set(plain(text)) & set("\u200b\u200c\u200d\u2060\ufeff\u00ad\u1160\u3164\x00")
