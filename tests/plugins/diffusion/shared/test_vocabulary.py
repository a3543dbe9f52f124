"""The words that a model knows: completions, unknown ones, near ones; for every text there is."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from plugins.diffusion.shared.panel.word_hints import hint, python_place, qt_place
from plugins.diffusion.shared.vocabulary import Span, Vocabulary, words_of

KNOWN = Vocabulary(
    ["a", "fox", "Rocket", "car", "ice cream", "iced tea", "full beard", "t-shirt"], {"spaceship": ["rocket"]}
)


def test_words_stand_where_they_are() -> None:
    assert list(words_of("A t-shirt, the fox’s!")) == [
        Span(0, "A"),
        Span(2, "t-shirt"),
        Span(11, "the"),
        Span(15, "fox’s"),
    ]


def test_unknown_words_are_found_in_any_case() -> None:
    assert [span.word for span in KNOWN.unknown("A FOX in a Spaceship, ice t-shirt")] == ["in", "Spaceship"]


def test_an_empty_vocabulary_knows_everything() -> None:
    assert not list(Vocabulary().unknown("whatever this is"))


def test_parts_of_phrases_and_of_hyphens_are_known() -> None:
    assert KNOWN.knows("cream")
    assert KNOWN.knows("fox-car")
    assert not KNOWN.knows("fox-house")


def test_a_word_that_is_being_typed_is_left_alone() -> None:
    assert not list(KNOWN.unknown("a roc", cursor=5))
    assert [span.word for span in KNOWN.unknown("a roc", cursor=2)] == ["roc"]
    assert [span.word for span in KNOWN.unknown("a rox", cursor=5)] == ["rox"]


def test_what_a_person_may_have_meant() -> None:
    assert KNOWN.nearest("Spaceship") == ("rocket",)
    assert KNOWN.nearest("rockett") == ("rocket",)
    assert KNOWN.nearest("zzzzqqq") == ()
    assert hint(KNOWN, "spaceship") == "The model does not know “spaceship”. Try: rocket."
    assert "cannot show it" in hint(KNOWN, "zzzzqqq")


def test_completions_go_on_with_phrases() -> None:
    assert KNOWN.completions("a ro") == (2, ["rocket"])
    assert KNOWN.completions("a rocket") == (0, [])
    assert KNOWN.completions("A Ice") == (3, ["ice cream", "iced tea"])
    assert KNOWN.completions("a fox eats ice cr") == (6, ["ice cream"])
    assert KNOWN.completions("a ro ") == (0, [])
    assert KNOWN.completions("") == (0, [])


@given(st.text(max_size=200))
def test_every_span_is_a_part_of_its_text(text: str) -> None:
    spans = list(words_of(text))
    assert all(text[span.start : span.end] == span.word for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    n_typed, offered = KNOWN.completions(text)
    assert n_typed <= len(text)
    assert all(word.startswith(text[len(text) - n_typed :].casefold()) for word in offered)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50), st.integers(0, 50))
def test_qt_counts_an_emoji_twice_and_python_once(text: str, place: int) -> None:
    place = min(place, len(text))
    assert python_place(text, qt_place(text, place)) == place
    assert qt_place("🦊 x", 1) == 2
