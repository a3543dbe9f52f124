"""Which frames belong together, against a picture of the two runs as plain lists of steps."""

from hypothesis import given
from hypothesis import strategies as st

from studio.widgets.compare.lock import Place, Span, locked_length, locked_places

SPANS = st.builds(Span, st.integers(0, 30), st.integers(1, 30))


def test_a_branch_meets_its_parent_at_the_same_step():
    parent, branch = Span(0, 20), Span(8, 15)
    assert locked_length("step", parent, branch) == 23
    assert locked_places("step", parent, branch, 13, 23) == (Place(13), Place(5))
    assert locked_places("step", parent, branch, 3, 23) == (Place(3), Place(0, is_before=True))
    assert locked_places("step", parent, branch, 22, 23) == (Place(19, is_behind=True), Place(14))


def test_fractions_meet_at_both_ends():
    long, short = Span(0, 21), Span(5, 6)
    assert locked_length("share", long, short) == 21
    pairs = [locked_places("share", long, short, index, 21) for index in (0, 4, 20)]
    assert pairs == [(Place(0), Place(0)), (Place(4), Place(1)), (Place(20), Place(5))]
    assert locked_places("share", Span(0, 1), Span(0, 1), 0, 1) == (Place(0), Place(0))


def test_a_run_without_frames_has_nothing_to_compare():
    for lock in ("step", "share"):
        assert locked_length(lock, Span(0, 0), Span(0, 9)) == 0
        assert locked_places(lock, Span(0, 9), Span(0, 0), 3, 9) is None


@given(SPANS, SPANS)
def test_every_step_of_both_runs_is_reached_once_and_in_order(a, b):
    n = locked_length("step", a, b)
    pairs = [locked_places("step", a, b, index, n) for index in range(n)]
    for side, span in enumerate((a, b)):
        places = [pair[side] for pair in pairs if pair is not None]
        shown = [place.index for place in places if not (place.is_before or place.is_behind)]
        assert shown == list(range(span.n_frames))
        assert all(0 <= place.index < span.n_frames for place in places)
    for x, y in filter(None, pairs):
        is_within = x == Place(x.index) and y == Place(y.index)
        assert not is_within or x.index + a.offset == y.index + b.offset


@given(SPANS, SPANS, st.integers(0, 60), st.integers(1, 60))
def test_any_place_of_a_stale_playhead_is_a_frame(a, b, index, n):
    for lock in ("step", "share"):
        x, y = locked_places(lock, a, b, index, n) or (None, None)
        assert x is not None
        assert y is not None
        assert 0 <= x.index < a.n_frames
        assert 0 <= y.index < b.n_frames
