"""What differs between two runs, against hand-made cases and against brute force."""

import math

from hypothesis import given
from hypothesis import strategies as st

from studio.core.recording.difference import MAX_ALIGNED, Differing, differing_pieces, differing_settings
from studio.core.recording.recording import RunInfo


def info(params=None, **changes) -> RunInfo:
    return RunInfo("vae/digits", params or {}, **{"seed": 1, **changes})


def test_equal_runs_differ_in_nothing():
    params = {"steps": 20, "guidance": {"scale": 4.0}, "words": ["a"], "nothing": math.nan}
    assert differing_settings(info(params), info(dict(params, words=("a",)))) == ()


def test_each_setting_that_differs_is_named_once_in_order():
    a = RunInfo("vae/a", {"seed": 1, "steps": 20, "at": {"x": 1, "y": 2}, "only_a": 5}, 1, {"device": "cpu"}, "aa11")
    b = RunInfo("vae/b", {"seed": 2, "steps": 20, "at": {"x": 1, "y": 3}, "only_b": 6}, 2, {"device": "cuda"}, "bb22")
    assert differing_settings(a, b) == (
        Differing("model", "vae/a", "vae/b"),
        Differing("seed", 1, 2),
        Differing("at.y", 2, 3),
        Differing("only_a", 5, None),
        Differing("only_b", None, 6),
        Differing("backend.device", "cpu", "cuda"),
    )


def test_weights_count_where_the_model_is_the_same():
    assert differing_settings(info(model_hash="aa" * 32), info(model_hash="bb" * 32)) == (
        Differing("weights", "aaaaaaaa", "bbbbbbbb"),
    )


def test_yes_is_not_one_and_whole_numbers_equal_their_floats():
    assert differing_settings(info({"on": True}), info({"on": 1})) == (Differing("on", True, 1),)
    assert differing_settings(info({"n": 1}), info({"n": 1.0})) == ()
    assert len(differing_settings(info({"n": [1, 2]}), info({"n": [1, 3]}))) == 1


PLAIN = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.floats(width=16), st.text(max_size=2))


@given(st.dictionaries(st.sampled_from("abc"), PLAIN), st.dictionaries(st.sampled_from("abc"), PLAIN))
def test_flat_settings_against_brute_force(a, b):
    expected = set()
    for name in "abc":
        x, y = a.get(name), b.get(name)
        both_nan = x != x and y != y
        if (x != y and not both_nan) or (x == y and isinstance(x, bool) != isinstance(y, bool)):
            expected.add(name)
    assert {row.name for row in differing_settings(info(a), info(b))} == expected
    assert len(differing_settings(info(b), info(a))) == len(expected)


def test_a_piece_that_is_new_does_not_mark_what_follows():
    marks_a, marks_b = differing_pieces(list("abcd"), list("ab,cd"))
    assert marks_a == [False] * 4
    assert marks_b == [False, False, True, False, False]


PIECES = st.lists(st.sampled_from("abc"), max_size=12)


@given(PIECES, PIECES)
def test_what_is_not_marked_is_common_to_both_in_order(a, b):
    marks_a, marks_b = differing_pieces(a, b)
    assert (len(marks_a), len(marks_b)) == (len(a), len(b))
    kept_a = [piece for piece, is_marked in zip(a, marks_a, strict=True) if not is_marked]
    kept_b = [piece for piece, is_marked in zip(b, marks_b, strict=True) if not is_marked]
    assert kept_a == kept_b
    assert not any(marks_a) or a != b
    if set(a) & set(b):
        assert kept_a


def test_long_texts_are_compared_place_by_place():
    n = MAX_ALIGNED + 1
    a, b = ["x", *["s"] * n, "x"], ["y", *["s"] * n, "y"]
    a[5], b[5] = "p", "q"
    marks_a, marks_b = differing_pieces(a, b)
    assert marks_a == marks_b
    assert [i for i, is_marked in enumerate(marks_a) if is_marked] == [0, 5, n + 1]
