"""Axes, ticks and thinning against closed forms and brute force."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.widgets.plots.reading import nearest_x
from studio.widgets.plots.scale import Span, envelope, number_text, round_ticks, tick_texts, value_span
from studio.widgets.plots.spec import Curve

numbers = st.floats(-1e9, 1e9, allow_nan=False)


@given(numbers, st.floats(1e-6, 1e9), st.integers(2, 12))
def test_ticks_are_few_round_evenly_spaced_and_on_the_axis(low, length, n_most):
    high = low + length
    if high - low < 1e-9 * max(abs(low), 1):
        return
    ticks = round_ticks(low, high, n_most)
    slack = 1e-6 * (high - low) + 1e-9 * abs(low)
    assert len(ticks) <= n_most
    assert all(low - slack <= tick <= high + slack for tick in ticks)
    for first, second in itertools.pairwise(ticks):
        mantissa = (second - first) / 10 ** math.floor(math.log10((second - first) * (1 + 1e-9)))
        if abs(first) < 1e6 * (second - first):  # beyond this the difference itself is rounded
            assert min(abs(mantissa - good) for good in (1, 2, 2.5, 5, 10)) < 1e-3


def test_ticks_of_a_training():
    assert round_ticks(0, 5000, 5) == [0, 2000, 4000]
    assert round_ticks(0, 5000, 6) == [0, 1000, 2000, 3000, 4000, 5000]
    assert Span(0.01, 1000, "log").ticks(6) == pytest.approx([0.01, 0.1, 1, 10, 100, 1000])
    assert Span(1, 10, "log").ticks(4) == pytest.approx([1, 2, 5, 10])


@given(st.floats(1e-3, 1e3), st.floats(1.1, 1e3), st.floats(0, 1), st.sampled_from(["linear", "log", "root"]))
def test_a_place_on_the_axis_is_found_again(low, factor, share, scale):
    span = Span(low, low * factor, scale)
    left, right = span.view
    value = span.from_view(left + share * (right - left))
    assert float(span.to_view(np.array([value]))[0]) == pytest.approx(left + share * (right - left), rel=1e-9, abs=1e-9)
    assert low <= value * (1 + 1e-9)


def test_values_not_above_zero_keep_the_axis_linear():
    assert [value_span(low, 5, "log").scale for low in (-1, 0, 0.1)] == ["linear", "linear", "log"]
    assert [value_span(low, 5, "root").scale for low in (-1, 0)] == ["linear", "root"]


def test_a_flat_curve_still_has_an_axis():
    for level in (0.0, 3.0, -2.0):
        axis = value_span(level, level, "linear")
        assert axis.low < level < axis.high
    assert value_span(3.0, 3.0, "log").low < 3.0 < value_span(3.0, 3.0, "log").high


@given(st.lists(st.floats(-100, 100), max_size=200), st.integers(1, 40))
def test_thinning_agrees_with_brute_force(values, n_columns):
    values = np.asarray(values, float)
    shares = np.linspace(0, 1, len(values)) if len(values) > 1 else np.zeros(len(values))
    thin = envelope(shares, values, n_columns)
    wanted: dict[int, list[tuple[float, float]]] = {}
    for share, value in zip(shares, values, strict=True):
        wanted.setdefault(math.floor(share * (n_columns - 1)), []).append((share, value))
    assert len(thin.mean) == len(wanted) <= max(n_columns, 0)
    for place, column in enumerate(wanted.values()):
        places, inside = zip(*column, strict=True)
        assert thin.columns[place] == pytest.approx(np.mean(places), abs=1e-9)
        assert thin.mean[place] == pytest.approx(np.mean(inside), abs=1e-9)
        assert (thin.low[place], thin.high[place]) == (min(inside), max(inside))


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        ([0, 1000, 2000], ["0", "1,000", "2,000"]),
        ([547.001, 547.002, 547.003], ["547.001", "547.002", "547.003"]),
        ([547.0, 547.25, 547.5], ["547.00", "547.25", "547.50"]),
        ([-0.5, 0, 0.5], ["-0.5", "0.0", "0.5"]),
        ([1234.5, 1235.0], ["1,234.5", "1,235.0"]),
        ([0.01, 0.1, 1, 10], ["0.01", "0.1", "1", "10"]),
        ([0, 1e-7, 2e-7], ["0", "1e-07", "2e-07"]),
        ([3], ["3"]),
        ([], []),
    ],
)
def test_ticks_can_be_told_apart(ticks, texts):
    assert tick_texts(ticks) == texts


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1200, "1,200"), (12.0, "12"), (0.031, "0.031"), (12.54, "12.5"), (1e-6, "1e-06"), (3.2e9, "3.2e+09")],
)
def test_numbers_are_plain(value, text):
    assert number_text(value) == text


def test_the_value_at_a_place_is_that_of_the_last_point_before():
    curve = Curve("loss", np.array([0.0, 10, 20]), np.array([5.0, 4, 3]))
    assert [curve.value_at(x) for x in (-1, 0, 9.9, 10, 25)] == [5, 5, 5, 4, 3]
    assert nearest_x([curve, Curve("none", np.array([]), np.array([]))], 14) == 10
    assert nearest_x([curve], 16) == 20


def test_what_is_not_finite_is_left_out():
    curve = Curve("loss", np.arange(4.0), np.array([1, np.nan, np.inf, 2])).finite()
    assert curve.values.tolist() == [1, 2]
    assert curve.x.tolist() == [0, 3]
