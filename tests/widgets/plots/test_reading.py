"""What a plot says in words and as a table, against the values that it was given."""

import csv
import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.widgets.plots.reading import as_csv, nearest_x, places_of, read_out, spans_of
from studio.widgets.plots.spec import Axis, Band, Bars, Curve, Image, PlotSpec

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20)


@settings(deadline=None)
@given(values)
def test_a_table_has_every_value_to_the_last_bit(heights):
    x = np.arange(len(heights)) / 3
    spec = PlotSpec([Curve("a, b", x, np.array(heights)), Band("c", x[:1], x[:1], x[:1] + 1)], Axis("time"))
    head, *rows = csv.reader(io.StringIO(as_csv(spec)))
    assert head == ["time", "a, b", "c, from", "c, to"]
    assert [float(row[0]) for row in rows] == x.tolist()
    assert [float(row[1]) for row in rows] == heights
    assert [row[3] for row in rows] == ["1.0", *[""] * (len(heights) - 1)]


def test_a_picture_is_a_table_with_its_places_around_it():
    image = Image("level", np.array([[1.0, 2.0], [3.0, 4.0]]), (0, 2), (10, 14))
    assert as_csv(PlotSpec([image])) == ",0.5,1.5\n13.0,1.0,2.0\n11.0,3.0,4.0\n"
    assert places_of([image]).tolist() == [0.5, 1.5]
    assert (image.cell_at(0.5, 13), image.cell_at(1.5, 10.5), image.cell_at(3, 11)) == ((0, 0), (1, 1), None)


def test_bars_stand_on_zero_and_are_called_by_their_names():
    bars = Bars("faces", np.arange(3.0), np.array([2.0, 5, 3]), labels=("one", "two", "three"), marks=np.full(3, 8.0))
    x, y = spans_of(PlotSpec([bars]), is_log=False)
    assert (x.low, x.high) == (-0.4, 2.4)
    assert y.low < 0 < 8 < y.high
    assert read_out(PlotSpec([bars]), 1.2, 0) == "two: faces 5"
    assert nearest_x([bars], 1.7) == 2


def test_a_logarithmic_lower_axis_needs_places_above_zero():
    for first, scale in ((0.0, "linear"), (1.0, "log")):
        curve = Curve("a", np.array([first, 10.0]), np.array([1.0, 2.0]))
        assert spans_of(PlotSpec([curve], Axis(scale="log")), is_log=True)[0].scale == scale


def test_the_ends_of_an_axis_may_be_given():
    spec = PlotSpec([Curve("a", np.arange(3.0), np.arange(3.0))], Axis(low=-1, high=9), Axis(low=0, high=1))
    x, y = spans_of(spec, is_log=False)
    assert (x.low, x.high, y.low, y.high) == (-1, 9, 0, 1)
