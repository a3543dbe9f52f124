"""What is seen of a training: few steps late, all at first; curves keep what matters."""

import math
import threading

import numpy as np
import pytest

from studio.core.frame import Frame
from studio.core.learning import MAX_POINTS, GrowingCurve, Learning, LogThinning, Pace
from studio.core.recording.recording import RunInfo
from studio.core.view import Image

INFO = RunInfo("good/waves", {}, 0, kind="training")


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


@pytest.mark.long("computes for long")
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


def picture(step: int) -> dict[str, Image]:
    return {"sample": Image(np.full((2, 2), step % 256, np.uint8))}


def frame(step: int, *, has_picture: bool = False, n_steps: int = 100, **scalars: float) -> Frame:
    return Frame(step, n_steps, views=picture(step) if has_picture else {}, scalars=scalars)


def test_a_curve_holds_what_was_added():
    curve = GrowingCurve()
    for x in range(1000):
        curve.add(x, x * x)
    steps, values = curve.points()
    assert np.array_equal(steps, np.arange(1000))
    assert np.array_equal(values, steps * steps)


def test_a_very_long_curve_stays_within_bounds_and_keeps_its_ends():
    curve = GrowingCurve()
    n = 3 * MAX_POINTS
    for x in range(n):
        curve.add(x, -x)
    steps, values = curve.points()
    assert len(steps) <= MAX_POINTS
    assert (steps[0], steps[-1]) == (0, n - 1)
    assert np.all(np.diff(steps) > 0)
    assert np.array_equal(values, -steps)
    assert np.array_equal(steps[-1000:], np.arange(n - 1000, n))


def test_a_reader_on_another_thread_never_sees_a_wrong_point():
    curve, seen, is_over = GrowingCurve(), [], threading.Event()

    def read() -> None:
        while not is_over.is_set():
            x, values = curve.points()
            seen.append(bool(np.array_equal(values, 3 * x)))

    reader = threading.Thread(target=read)
    reader.start()
    for x in range(150_000):
        curve.add(x, 3 * x)
    is_over.set()
    reader.join()
    assert seen
    assert all(seen)


def test_the_pace_tells_the_time_of_what_is_left():
    pace = Pace()
    assert pace.seconds_left(10) is None
    pace.note(100.0, 1)
    assert pace.seconds_left(10) is None
    pace.note(102.0, 5)
    assert pace.seconds_left(10) == pytest.approx(5.0)


def test_the_pace_forgets_what_was_long_ago_and_repeated_steps():
    pace = Pace()
    for second in range(100):
        pace.note(float(second), second)
    for second in range(100, 160):
        pace.note(float(second), 100 + 10 * (second - 100))
        pace.note(float(second) + 0.5, 50)
    assert pace.seconds_left(100) == pytest.approx(10.0, rel=0.01)


def test_pictures_are_recorded_and_every_figure_is_in_the_curve():
    learning = Learning(INFO)
    for step in range(10):
        learning.take(frame(step, has_picture=step in (0, 4), loss=float(10 - step)), now_s=float(step))
    assert [one.step for one in learning.recording] == [0, 4]
    steps, losses = learning.curve("loss")
    assert steps.tolist() == list(range(10))
    assert losses.tolist() == [10.0 - step for step in range(10)]
    assert (learning.step, learning.n_steps) == (10, 100)
    assert learning.figures == {"loss": 1.0}
    assert learning.seconds_left() == pytest.approx(90.0)


def test_figures_that_are_no_numbers_are_left_out():
    learning = Learning(INFO)
    learning.take(frame(0, loss=float("nan"), kl=float("inf"), size=2.0), 0.0)
    assert learning.names() == ["size"]
    assert learning.curve("loss")[0].tolist() == []


def test_a_training_that_tells_its_old_figures_again_has_each_once_and_no_picture_twice():
    earlier = [frame(step, has_picture=True, loss=1.0) for step in (0, 2, 4)]
    learning = Learning(INFO)
    learning.recall(earlier)
    assert [one.step for one in learning.recording] == [0, 2, 4]
    assert learning.figures == {"loss": 1.0}
    for step in range(8):
        learning.take(frame(step, has_picture=step in (0, 2, 4, 6), loss=0.5), float(step))
    assert [one.step for one in learning.recording] == [0, 2, 4, 6]
    assert learning.curve("loss")[0].tolist() == list(range(8))


def test_a_training_that_does_not_tell_them_again_begins_with_those_of_its_pictures():
    learning = Learning(INFO)
    learning.recall(frame(step, has_picture=True, loss=float(step)) for step in (0, 2, 4))
    learning.take(frame(3, loss=9.0), 0.0)
    learning.take(frame(5, has_picture=True, loss=9.0), 1.0)
    assert learning.curve("loss")[0].tolist() == [0, 2, 3, 5]
    assert [one.step for one in learning.recording] == [0, 2, 4, 5]
    assert learning.step == 6


def test_old_figures_told_again_are_no_pace_and_reading_data_is_no_step():
    learning = Learning(INFO)
    learning.take(Frame(0, 100, "Reading the pictures"), 0.0)
    assert (learning.step, learning.n_steps) == (0, 100)
    for step in range(50):
        learning.take(Frame(step, 100, "Learnt before", scalars={"loss": 1.0}), 1.0 + step / 1000)
    assert learning.step == 50
    assert learning.seconds_left() is None
    learning.take(frame(50, loss=1.0), 10.0)
    learning.take(frame(54, loss=1.0), 12.0)
    assert learning.seconds_left() == pytest.approx(45 * 0.5)
