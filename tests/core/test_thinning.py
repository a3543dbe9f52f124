"""Which frames of a training stay, counted by hand."""

import math

import pytest

from studio.core.thinning import LogThinning


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


@pytest.mark.parametrize(("dense", "growth"), [(0, 1.02), (1, 1.0), (-1, 2.0)])
def test_thinning_that_keeps_nothing_is_refused(dense, growth):
    with pytest.raises(ValueError, match="thinning"):
        LogThinning(dense, growth)


def test_steps_at_which_there_is_nothing_to_see_are_left_out():
    thinning = LogThinning(dense=16, growth=2.0, first=15)
    assert [step for step in range(100) if thinning.keeps(step)] == [15, 16, 32, 64]
