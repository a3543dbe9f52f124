"""Where characters stand, what the cursor does, how words and probabilities are said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.transformer.attention_roles import role_scores, role_words
from plugins.transformer.attention_rollout import combined, rollout
from plugins.transformer.branch_tree import BranchRun, joint_words, lines_of
from plugins.transformer.text_cursor import TextCursor, erased, typed, word_end
from plugins.transformer.text_surprises import most_surprising
from plugins.transformer.text_token import TextToken, joined, named, percent, perplexity, sentence, word_of
from plugins.transformer.text_vocabulary import TextVocabulary
from plugins.transformer.tree_block import TreeBlock, followed_share, joint_of, path_to, placed
from studio.core.surprise import thickness_px
from studio.core.text_layout import lay_out, token_of_place


def one(_):
    return 1.0


def test_lines_break_before_a_word_that_does_not_fit_and_after_each_line_end():
    layout = lay_out(["ab", " cd", " ef", "\n", "g"], 6, one)
    assert layout.text == "ab cd ef\ng"
    assert layout.lines == (0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2)
    assert layout.lefts[5:8] == (5.0, 0.0, 1.0)
    assert layout.n_lines == 3
    assert [(s.token, s.line, s.left, s.right) for s in layout.stretches] == [
        (0, 0, 0, 2), (1, 0, 2, 5), (2, 0, 5, 6), (2, 1, 0, 2), (3, 1, 2, 3), (4, 2, 0, 1),
    ]  # fmt: skip


def test_one_space_hangs_over_the_end_of_a_line_and_more_break_where_they_must():
    assert lay_out(["abc", " d"], 3, one).lines == (0, 0, 0, 0, 1, 1)
    assert lay_out(["abc", "  d"], 3, one).lines == (0, 0, 0, 1, 1, 1, 1)


def test_a_word_wider_than_a_line_is_broken_and_marks_join_their_letter():
    layout = lay_out(["abcdefg"], 3, one)
    assert layout.n_lines == 3
    assert [(s.first, s.last) for s in layout.stretches] == [(0, 3), (3, 6), (6, 7)]
    assert lay_out(["e\u0301x"], 9, one).lefts == (0.0, 1.0, 1.0, 2.0)


@given(
    st.lists(st.text("ab \n\u0301", max_size=6), max_size=12), st.integers(0, 12), st.integers(1, 9)
)
def test_a_text_that_is_gone_on_with_is_laid_out_as_if_it_were_new(pieces, n_known, width):
    known = lay_out(pieces[:n_known], width, one)
    assert lay_out(pieces, width, one, known) == lay_out(pieces, width, one)


def test_points_lead_to_tokens_and_to_places():
    layout = lay_out(["ab", " cd", " ef"], 6, one)
    assert layout.token_at(0, 2.5) == 1
    assert layout.token_at(0, 5.5) == layout.token_at(1, 0.0) == 2
    assert layout.token_at(0, 6.0) == -1
    assert layout.place_at(0, 1.6) == 2
    assert layout.place_at(9, 99) == len(layout.text)
    assert [token_of_place(["ab", "", "c"], place) for place in range(4)] == [0, 0, 2, 3]


def test_an_empty_text_has_a_place_for_the_cursor():
    layout = lay_out([], 10, one)
    assert (layout.lefts, layout.lines, layout.stretches) == ((0.0,), (0,), ())
    assert layout.place_at(0, 5) == 0


def test_typing_and_erasing():
    assert typed("abc", TextCursor(1, 1), "X") == ("aXbc", TextCursor(2, 2))
    assert typed("abc", TextCursor(3, 1), "X") == ("aX", TextCursor(2, 2))
    assert erased("abc", TextCursor(1, 1), -1) == ("bc", TextCursor(0, 0))
    assert erased("abc", TextCursor(0, 0), -1) == ("abc", TextCursor(0, 0))
    assert erased("to be or", TextCursor(8, 8), -1, by_word=True) == ("to be ", TextCursor(6, 6))
    assert [word_end("to be", place, way) for place, way in ((0, 1), (2, 1), (5, -1), (0, -1))] == [2, 5, 3, 0]


def test_tokens_of_one_word_go_together_and_their_surprise_adds_up():
    tokens = [TextToken("To"), TextToken(" sl", 1.0), TextToken("eep", 2.5), TextToken(",", 0.5), TextToken("\n", 3.0)]
    assert joined(tokens) == [(0,), (1, 2), (3,), (4,)]
    assert word_of(tokens, (1, 2)).surprise_bits == 3.5
    assert word_of(tokens, (1, 2)).piece == " sleep"


def test_words_for_tokens_and_shares():
    assert [named(piece) for piece in (" king", "\n", "\n\n", "  ", "")] == [
        "king", "new line", "empty line", "space", "part of a character",
    ]  # fmt: skip
    assert [percent(share) for share in (None, 1.0, 0.612, 0.00042, 0.0)] == ["–", "100 %", "61.2 %", "0.042 %", "0 %"]
    said = sentence(TextToken(" crown", 5.0, 3, (" question", 0.61)))
    assert said == "“crown”: 3.1 % likely, choice 4, 5.0 bits of surprise\nExpected: “question” (61.0 %)"
    assert perplexity([TextToken("a"), TextToken("b", 1.0), TextToken("c", 3.0)]) == 4.0
    assert thickness_px(0.5) == 0
    assert thickness_px(10.0) == thickness_px(30.0) == 6.0


def test_a_character_in_two_tokens_comes_with_the_second():
    halves = "é".encode()
    vocabulary = TextVocabulary((b"a", halves[:1], halves[1:], b" king"))
    assert vocabulary.texts([0, 1, 2, 3]) == ["a", "", "é", " king"]
    assert vocabulary.texts([1, 0]) == ["", "\ufffda"]
    assert (vocabulary.find("king"), vocabulary.find("a"), vocabulary.find("queen")) == (3, 0, None)


def test_branches_have_rows_below_the_run_that_they_left():
    told = (("a", "", 0, 20), ("b", "a", 8, 20), ("c", "b", 12, 25), ("d", "a", 15, 18))
    runs = [BranchRun(*one) for one in told]
    lines = lines_of(runs)
    assert [(line.run.id, line.row, line.from_row, line.first, line.last) for line in lines] == [
        ("a", 0, -1, 0, 19), ("d", 1, 0, 15, 17), ("b", 2, 0, 8, 19), ("c", 3, 2, 12, 24),
    ]  # fmt: skip
    assert lines_of(runs[1:2])[0].from_row == -1
    assert [joint_words(bits) for bits in (0.0, 10.0, 100.0)] == ["100 %", "1 in 1,024", "1 in 10^30"]


def test_blocks_are_as_high_as_they_are_likely():
    blocks = [TreeBlock(5, -1, 1, 0.2), TreeBlock(6, -1, 1, 0.6), TreeBlock(7, 1, 2, 0.5), TreeBlock(8, 0, 2, 0.1)]
    found = {one.number: pytest.approx((one.top, one.bottom)) for one in placed(blocks)}
    assert found == {1: (0, 0.75), 2: (0, 0.75), 0: (0.75, 1), 3: (0.75, 1)}
    both = [*blocks, TreeBlock(9, 0, 2, 0.3)]
    assert {one.number: pytest.approx((one.top, one.bottom)) for one in placed(both, 0)} == {4: (0, 0.75), 3: (0.75, 1)}
    assert [(one.number, one.top, one.bottom) for one in placed(blocks, 1)] == [(2, 0, 1)]
    assert placed(blocks, 2) == []
    assert [followed_share(blocks, root) for root in (-1, 1, 2)] == pytest.approx([0.8, 0.5, 0])
    assert path_to(blocks, 2) == [6, 7]
    assert joint_of(blocks, 2) == 0.3


def test_rollout_is_the_product_of_half_itself_and_half_the_mean():
    generator = np.random.default_rng(1)
    weights = np.tril(generator.random((3, 2, 5, 5))).astype(np.float32)
    weights /= weights.sum(-1, keepdims=True)
    expected = np.eye(5)
    for layer in weights:
        expected = (0.5 * layer.mean(0) + 0.5 * np.eye(5)) @ expected
    assert np.allclose(rollout(weights), expected, atol=1e-6)
    assert np.array_equal(combined(weights, "max", 1, 0), weights[1].max(0))
    assert np.array_equal(combined(weights, "head", 2, 1), weights[2, 1])


def test_heads_are_told_by_what_they_do():
    ids = [4, 5, 6, 4, 5, 6]
    n_tokens = len(ids)
    weights = np.zeros((4, n_tokens, n_tokens), np.float32)
    for row in range(n_tokens):
        weights[0, row, max(row - 1, 0)] = 1
        weights[1, row, 0] = 1
        weights[2, row, row - 3 if row >= 3 else row] = 1
        weights[3, row, row - 2 if row >= 3 else row] = 1
    scores = role_scores(weights, ids)
    roles = [max((float(values[head]), role) for role, values in scores.items())[1] for head in range(4)]
    assert roles == ["previous", "first", "same", "after_same"]
    assert role_words(scores, 0) == "It looks at the token just before (100 % of its attention)."


def test_the_most_surprising_words_lead():
    told = (("To", None), (" be", 2.0), (" sl", 4.0), ("eep", 3.5), ("\n", 9.0))
    tokens = [TextToken(*one) for one in told]
    assert most_surprising(tokens) == {"sleep · 7.5 bits": 2, "be · 2.0 bits": 1}
    assert list(most_surprising(tokens)) == ["sleep · 7.5 bits", "be · 2.0 bits"]
