"""What a run looks like from afar: axis, lazy thumbnails, bars."""

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Bars, Field, Image, Tokens
from studio.render.still import is_picture
from studio.widgets.timeline.bar_chart import BarChart, height_shares, highest_of
from studio.widgets.timeline.filmstrip import Filmstrip
from studio.widgets.timeline.idle_maker import IdleMaker
from studio.widgets.timeline.strip import Strip, bar_scalar, bar_values, frame_label, grows
from studio.widgets.timeline.surface import Axis, evenly_spread, tick_interval
from studio.widgets.views.picture import frame_thumbnail
from tests.widgets.timeline.gallery import tokens


@given(st.integers(1, 400), st.floats(0, 50), st.floats(500, 2000))
def test_every_frame_lies_under_its_own_x(n_total, left, length) -> None:
    axis = Axis(n_total, left, left + length)
    assert [axis.index_at(axis.x_of(index)) for index in range(n_total)] == list(range(n_total))
    assert axis.index_at(-1e6) == 0
    assert axis.index_at(1e6) == n_total - 1


@given(st.integers(0, 20_000), st.integers(1, 40))
def test_places_are_different_and_hold_both_ends(n_total, n_places) -> None:
    frames = evenly_spread(n_total, n_places)
    assert len(frames) == min(n_total, n_places)
    assert frames == sorted(set(frames))
    if len(frames) > 1:
        assert (frames[0], frames[-1]) == (0, n_total - 1)
        assert max(np.diff(frames)) - min(np.diff(frames)) <= 1


@given(st.floats(0.1, 1e5), st.floats(100, 2000), st.floats(20, 90))
def test_labels_have_room_and_are_no_rarer_than_needed(length, room_px, widest_px) -> None:
    interval = tick_interval(length, room_px, widest_px)
    digits = interval / 10 ** math.floor(math.log10(interval) + 1e-9)
    assert min(abs(digits - nice) for nice in (1, 2, 5, 10)) < 1e-6
    assert interval / length * room_px >= widest_px * (1 - 1e-6)
    assert interval / 2.5 / length * room_px <= widest_px * (1 + 1e-6)


def red(size_px: int) -> QImage:
    image = QImage(size_px, size_px, QImage.Format.Format_RGB32)
    image.fill(QColor(255, 0, 0))
    return image


class Draws:
    """Draws red squares and remembers for which frames."""

    def __init__(self) -> None:
        self.indices: list[int] = []

    def __call__(self, index: int, size_px: int) -> QImage:
        self.indices.append(index)
        return red(size_px)


@pytest.fixture
def draws() -> Draws:
    return Draws()


@pytest.fixture
def strip(qtbot, draws) -> Filmstrip:
    strip = Filmstrip(draws)
    qtbot.addWidget(strip)
    strip.resize(800, strip.sizeHint().height())
    strip.show()
    qtbot.waitExposed(strip)
    return strip


def fill(strip: Filmstrip, qtbot, source: str, n_recorded: int, n_total: int, is_growing: bool = False) -> None:
    strip.set_range(n_recorded, n_total)
    strip.show_frames(source, n_recorded, is_growing)
    qtbot.waitUntil(strip.is_complete)


def test_thumbnails_are_made_once_newest_first_and_scrubbing_makes_none(strip, draws, qtbot) -> None:
    fill(strip, qtbot, "a", 100, 100)
    made = list(draws.indices)
    assert made == sorted(evenly_spread(100, len(made)), reverse=True)
    for index in range(100):
        strip.set_index(index)
        strip.grab()
    assert draws.indices == made


def test_thumbnails_of_several_recordings_are_kept(strip, draws, qtbot) -> None:
    fill(strip, qtbot, "a", 100, 100)
    fill(strip, qtbot, "b", 100, 100)
    n_made = len(draws.indices)
    fill(strip, qtbot, "a", 100, 100)
    assert len(draws.indices) == n_made


def test_a_growing_run_adds_pictures_and_keeps_most(strip, draws, qtbot) -> None:
    for n in range(1, 400):
        fill(strip, qtbot, "a", n, n, is_growing=True)
    assert len(draws.indices) == len(set(draws.indices)) <= 10 * (1 + math.ceil(math.log2(400 / 10)))
    draws.indices.clear()
    for n in range(1, 51):
        fill(strip, qtbot, "b", n, 50, is_growing=True)
    assert len(draws.indices) <= 10


def test_the_ring_stands_round_the_picture_at_the_playhead(strip, qtbot) -> None:
    fill(strip, qtbot, "a", 100, 100)
    y, side = 40, 36
    for index in (0, 50, 99):
        strip.set_index(index)
        image = strip.grab().toImage()
        nearest = min(evenly_spread(100, 10), key=lambda frame: abs(frame - index))
        x = round(strip.axis().x_of_share(evenly_spread(100, 10).index(nearest) / 9))
        assert image.pixelColor(x, y) == QColor(255, 0, 0)
        ring = image.pixelColor(x - side - 2, y)
        assert ring.green() > 150 > ring.red()


def test_nothing_is_made_for_a_hidden_strip(strip, draws) -> None:
    strip.hide()
    strip.set_range(100, 100)
    strip.show_frames("a", 100, False)
    for _ in range(5):
        QApplication.processEvents()
    assert draws.indices == []


def test_idle_work_comes_in_slices(qapp, qtbot) -> None:
    made_at_once: list[int] = []
    made: list[int] = []

    def slow(index: int) -> int:
        end_s = time.perf_counter() + 0.005  # longer than a slice
        while time.perf_counter() < end_s:
            pass
        made.append(index)
        return index

    owner = QObject()
    maker = IdleMaker(slow, 3, owner)
    maker.made.connect(lambda: made_at_once.append(len(made)))
    maker.set_source("a")
    maker.want(range(5))
    qtbot.waitUntil(lambda: not maker.is_busy)
    assert made == [0, 1, 2, 3, 4]
    assert made_at_once == [1, 2, 3, 4, 5]
    assert [maker.get(index) for index in range(5)] == [None, None, 2, 3, 4]  # only the newest three are kept


values = st.lists(st.one_of(st.floats(-100, 100), st.just(math.nan)), min_size=1, max_size=300)


@given(values, st.integers(1, 40))
def test_dense_bars_show_the_highest_of_their_stretch(numbers, n_bars) -> None:
    bars = highest_of(np.array(numbers), n_bars)
    if len(numbers) <= n_bars:
        assert len(bars) == len(numbers)
        return
    edges = [k * len(numbers) // n_bars for k in range(n_bars + 1)]
    for bar, start, stop in zip(bars, edges, edges[1:], strict=False):
        known = [number for number in numbers[start:stop] if not math.isnan(number)]
        assert math.isnan(bar) if not known else bar == max(known)


@given(values)
def test_heights_are_shares_that_keep_the_order(numbers) -> None:
    shares = height_shares(np.array(numbers))
    known = [(n, s) for n, s in zip(numbers, shares, strict=True) if not math.isnan(n)]
    assert all(-1e-9 <= share <= 1 + 1e-9 for _, share in known)
    assert [s for _, s in sorted(known)] == sorted(s for _, s in known)
    if known and min(n for n, _ in known) >= 0 and max(n for n, _ in known) > 0:
        assert all(share == pytest.approx(n / max(m for m, _ in known)) for n, share in known)


def recording_of(*frames: Frame) -> Recording:
    recording = Recording(RunInfo("a/b", {}, 0))
    for frame in frames:
        recording.append(frame)
    return recording


def test_the_telling_figure_is_chosen() -> None:
    assert bar_scalar(recording_of()) == ""
    assert bar_scalar(recording_of(Frame(0, 1, scalars={"ms": 3.0, "train_loss": 1.0}))) == "train_loss"
    assert bar_scalar(recording_of(Frame(0, 1, scalars={"ms": 3.0}))) == "ms"


def test_values_of_figures_that_some_frames_lack() -> None:
    frames = [Frame(i, 9, scalars={"loss": float(i)} if i % 3 == 0 else {}) for i in range(9)]
    recording = recording_of(*frames)
    known = np.zeros(0)
    while len(known) < 9:
        known = bar_values(recording, "loss", known)
    assert np.array_equal(known, [0, math.nan, math.nan, 3, math.nan, math.nan, 6, math.nan, math.nan], equal_nan=True)


def test_values_and_labels_of_views() -> None:
    words = recording_of(
        Frame(0, 2, views={"text": Tokens((" To",), (2.5,))}),
        Frame(1, 2, views={"text": Tokens((" To", " be"), (2.5, 0.5))}),
    )
    known = np.zeros(0)
    while len(known) < 2:
        known = bar_values(words, "", known)
    assert list(known) == [2.5, 0.5]
    assert [frame_label(frame) for frame in words] == ["To", "be"]
    assert frame_label(Frame(0, 1, views={"next": Bars(("crown", "king"), (0.6, 0.1))})) == "crown"
    assert frame_label(Frame(0, 1)) == ""


def test_a_text_that_is_filled_in_is_labelled_by_what_is_new():
    texts = (("To", " ▁1▁", "!"), ("To", " be", "!"))
    open_one, filled = (Frame(step, 2, views={"text": Tokens(pieces, ())}) for step, pieces in enumerate(texts))
    assert frame_label(filled, open_one) == "be"
    assert frame_label(open_one, filled) == "▁1▁"
    assert frame_label(filled, filled) == ""
    assert (grows(filled), grows(Frame(2, 3, views=filled.views)), grows(Frame(0, 1))) == (False, True, True)


def test_bars_paint_what_they_are_given(qtbot) -> None:
    chart = BarChart(lambda index: f"w{index}")
    qtbot.addWidget(chart)
    chart.resize(400, chart.sizeHint().height())
    chart.show()
    qtbot.waitExposed(chart)
    chart.set_range(4, 4)
    chart.show_values("a", np.array([0.0, 1.0, math.nan, 0.5]))
    chart.set_index(3)
    image = chart.grab().toImage()

    def is_bar(index: int, y: int) -> bool:
        return image.pixelColor(index * 100 + 30, y) != image.pixelColor(201, 2)

    assert [is_bar(index, 4) for index in range(3)] == [False, True, False]
    assert image.pixelColor(330, 25) != image.pixelColor(330, 4)


def test_bars_of_a_long_run_are_drawn(qtbot) -> None:
    chart = BarChart(str)
    qtbot.addWidget(chart)
    chart.resize(400, chart.sizeHint().height())
    chart.show()
    qtbot.waitExposed(chart)
    chart.set_range(16_000, 20_000)
    chart.show_values("a", np.ones(16_000))
    image = chart.grab().toImage()
    base = image.pixelColor(390, 20)
    assert image.pixelColor(318, 20) != base or image.pixelColor(316, 20) != base
    assert all(image.pixelColor(x, 20) == base for x in range(330, 400))


@pytest.fixture
def shown(qtbot) -> Strip:
    strip = Strip()
    qtbot.addWidget(strip)
    strip.resize(800, 80)
    strip.show()
    qtbot.waitExposed(strip)
    return strip


def test_a_training_shows_its_last_picture_until_the_next(shown) -> None:
    recording = recording_of(Frame(0, 40, scalars={"loss": 1.0}))
    shown.show_recording(recording)
    assert not shown.shows_pictures
    for step in range(1, 40):
        grey = Image(np.full((8, 8, 3), 5 * step, np.uint8))
        recording.append(Frame(step, 40, views={"picture": grey} if step % 10 == 1 else {}, scalars={"loss": 1.0}))
        shown.refresh()
    assert shown.shows_pictures
    assert shown.picture_at(0, 4).isNull()
    greys = [shown.picture_at(step, 4).pixelColor(2, 2).red() for step in (1, 10, 11, 12, 39)]
    assert greys == [5, 5, 55, 55, 155]


def test_a_picture_at_the_very_end_is_found(shown) -> None:
    recording = recording_of()
    shown.show_recording(recording)
    for step in range(3):
        views = {"picture": Image(np.zeros((8, 8), np.uint8))} if step == 2 else {}
        recording.append(Frame(step, 3, views=views, scalars={"loss": 1.0}))
        shown.refresh()
    recording.finish()
    shown.refresh()
    assert shown.shows_pictures


def middle(strip: Strip, qtbot) -> int:
    qtbot.waitUntil(strip.filmstrip.is_complete)
    return strip.filmstrip.grab().toImage().pixelColor(38, 38).red()


def test_a_run_that_is_made_anew_shows_its_own_pictures_and_the_old_one_its_old_ones(shown, qtbot) -> None:
    info = RunInfo("a/b", {}, 0)
    first, second = Recording(info), Recording(info)
    for recording, grey in ((first, 100), (second, 200)):
        recording.append(Frame(0, 1, views={"picture": Image(np.full((8, 8, 3), grey, np.uint8))}))
        recording.finish()
    shown.filmstrip.set_range(1, 1)
    for recording, grey in ((first, 100), (second, 200), (first, 100)):
        shown.show_recording(recording)
        assert middle(shown, qtbot) == grey


def test_thumbnails_of_frames() -> None:
    wide = Frame(0, 1, views={"picture": Image(np.full((10, 20, 3), 200, np.uint8))})
    image = frame_thumbnail(wide, 40)
    assert (image.width(), image.height()) == (40, 40)
    assert image.pixelColor(20, 20).red() == 200
    assert image.pixelColor(20, 2).alpha() == 0
    half = np.zeros((1600, 1600), np.uint8)
    half[:, 800:] = 250
    large = frame_thumbnail(Frame(0, 1, views={"picture": Image(half)}), 40)
    assert [large.pixelColor(x, 20).red() for x in (2, 18, 22, 38)] == [0, 0, 250, 250]
    word = Frame(0, 1, views={"picture": Field(np.full((9, 64, 64), -4, np.float32), "distance", -8, 8)})
    assert frame_thumbnail(word, 40).pixelColor(20, 2) == QColor("white")
    assert is_picture(word.main_view)
    assert not is_picture(tokens(1)[0].main_view)
    assert not is_picture(None)
