"""Where the characters of a text stand, and where lines break."""

from hypothesis import given
from hypothesis import strategies as st

from studio.core.text.layout import lay_out, token_of_place


def one(_):
    return 1.0


def test_lines_break_before_a_word_that_does_not_fit_and_after_each_line_end():
    layout = lay_out(["ab", " cd", " ef", "\n", "g"], 6, one)
    assert layout.text == "ab cd ef\ng"
    assert layout.lines == (0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2)
    assert layout.lefts[5:8] == (5.0, 0.0, 1.0)
    assert layout.n_lines == 3
    assert [(s.token, s.line, s.left, s.right) for s in layout.stretches] == [
        (0, 0, 0, 2),
        (1, 0, 2, 5),
        (2, 0, 5, 6),
        (2, 1, 0, 2),
        (3, 1, 2, 3),
        (4, 2, 0, 1),
    ]


def test_one_space_hangs_over_the_end_of_a_line_and_more_break_where_they_must():
    assert lay_out(["abc", " d"], 3, one).lines == (0, 0, 0, 0, 1, 1)
    assert lay_out(["abc", "  d"], 3, one).lines == (0, 0, 0, 1, 1, 1, 1)


def test_a_word_wider_than_a_line_is_broken_and_marks_join_their_letter():
    layout = lay_out(["abcdefg"], 3, one)
    assert layout.n_lines == 3
    assert [(s.first, s.last) for s in layout.stretches] == [(0, 3), (3, 6), (6, 7)]
    assert lay_out(["e\u0301x"], 9, one).lefts == (0.0, 1.0, 1.0, 2.0)


@given(st.lists(st.text("ab \n\u0301", max_size=6), max_size=12), st.integers(0, 12), st.integers(1, 9))
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
