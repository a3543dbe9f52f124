"""Which frames of a training stay, counted by hand, and what becomes of the figures of the others."""

import math

import pytest

from studio.core.delta import Append
from studio.core.frame import Frame
from studio.core.thinning import LogThinning, thinned
from studio.core.view import Tokens


def test_with_doubling_the_powers_of_two_are_kept():
    thinning = LogThinning(dense=4, growth=2.0)
    assert [step for step in range(300) if thinning.keeps(step)] == [0, 1, 2, 3, 4, 8, 16, 32, 64, 128, 256]


@pytest.mark.parametrize(("dense", "growth"), [(32, 1.02), (1, 1.5), (10, 1.1), (100, 1.001)])
def test_the_kept_steps_are_the_first_ones_past_each_growth(dense, growth):
    thinning = LogThinning(dense, growth)
    n_steps = 20_000
    kept = [step for step in range(n_steps) if thinning.keeps(step)]
    wanted, reached, power = list(range(dense)), -1, 0
    while (border := dense * growth**power) < n_steps:
        step = math.ceil(border - 1e-9 * border)
        if step > reached and step < n_steps:
            wanted.append(step)
            reached = step
        power += 1
    assert kept == wanted


def test_a_million_steps_leave_some_hundreds():
    thinning = LogThinning()
    n_kept = sum(map(thinning.keeps, range(1_000_000)))
    assert 400 < n_kept <= 32 + math.ceil(math.log(1_000_000 / 32) / math.log(1.02))
    assert all(map(thinning.keeps, range(50)))  # 2 % of fewer than fifty are less than one step


def test_figures_of_the_others_are_averaged_into_the_next_and_none_is_lost():
    thinning = LogThinning(dense=2, growth=2.0)  # keeps 0 1 2 4 8
    made = [Frame(step, 11, scalars={"loss": float(step)} | ({"kid": 5.0} if step == 6 else {})) for step in range(11)]
    kept = list(thinned(made, thinning))
    assert [frame.step for frame in kept] == [0, 1, 2, 4, 8, 10]
    assert [frame.scalars["loss"] for frame in kept] == [0, 1, 2, 3.5, 6.5, 9.5]
    assert [frame.scalars.get("kid") for frame in kept] == [None, None, None, None, 5, None]


def test_a_kept_frame_shows_all_that_was_told_before_it():
    texts = [Frame(0, 9, views={"text": Tokens(("0",))})]
    texts += [Frame(step, 9, changes={"text": Append(Tokens((str(step),)))}) for step in range(1, 9)]
    last = list(thinned(texts, LogThinning(1, 3.0)))[-1]
    assert last.main_view == Tokens(tuple("012345678"))


@pytest.mark.parametrize(("dense", "growth"), [(0, 1.02), (1, 1.0), (-1, 2.0)])
def test_thinning_that_keeps_nothing_is_refused(dense, growth):
    with pytest.raises(ValueError, match="thinning"):
        LogThinning(dense, growth)
