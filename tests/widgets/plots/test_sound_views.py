"""Waveform, spectrogram and level meter: what they say, where things lie, mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.core.sound.mel import FLOOR_DB, band_edges_hz, log_mel
from studio.core.view import Field
from studio.widgets.plots.level_meter import LevelMeter
from studio.widgets.plots.scale import thinned
from studio.widgets.plots.spectrogram import SpectrogramView
from studio.widgets.plots.waveform import WaveformView
from studio.widgets.sound_player import SILENCE_DB
from studio.widgets.theme import theme


def sine(hertz=1000, gain=0.5):
    return (gain * np.sin(2 * np.pi * hertz * np.arange(8192) / 16_000)).astype(np.float32)


@pytest.fixture
def waveform(qtbot):
    view = WaveformView("Waveform")
    qtbot.addWidget(view)
    view.resize(300, 100)
    view.show()
    return view


@pytest.fixture
def spectrogram(qtbot):
    view = SpectrogramView("Spectrogram")
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    levels = np.ascontiguousarray(log_mel(sine())[::-1])
    view.show_field(Field(levels, "loudness", FLOOR_DB, 0.0))
    return view


def test_a_waveform_is_told_in_words(waveform):
    assert waveform.summary() == "No sound yet"
    waveform.show_sound(sine(), 16_000)
    assert waveform.accessibleDescription() == "0.51 seconds, at most 50 % of full scale"


@pytest.mark.parametrize("n", [1, 2, 50, 8192])
def test_any_number_of_samples_is_drawn(waveform, n):
    before = waveform.grab().toImage()
    waveform.show_sound(sine()[:n] + np.float32(0.2), 16_000)
    assert waveform.grab().toImage() != before


def test_click_and_enter_ask_to_play(waveform, spectrogram, qtbot):
    for view in (waveform, spectrogram):
        with qtbot.waitSignal(view.clicked):
            qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 50))
        with qtbot.waitSignal(view.clicked):
            qtbot.keyClick(view, Qt.Key.Key_Return)


def test_a_spectrogram_says_where_it_is_loudest(spectrogram):
    nearest = band_edges_hz()[np.abs(band_edges_hz() - 1000).argmin()]
    assert spectrogram.summary() == f"Loudest at about {nearest:,.0f} hertz"


def test_rows_and_frequencies_fit_together(spectrogram):
    for row in (0, 20, 63):
        assert spectrogram.row_of(spectrogram.centre_hz(row)) == pytest.approx(row)
    assert spectrogram.centre_hz(0) > spectrogram.centre_hz(63)


def test_the_place_under_the_pointer_is_read_out(spectrogram, qtbot):
    spot = spectrogram.point_of(260, 64 - spectrogram.row_of(1000) - 0.5).toPoint()
    QTest.mouseMove(spectrogram, spot)
    text = spectrogram.read_out()
    assert text.startswith(("259 ms, ", "260 ms, ", "261 ms, "))
    assert "Hz: -" in text


def test_loud_bands_are_bright(spectrogram):
    image, area = spectrogram.grab().toImage(), spectrogram.plot_rect()
    loud = round(area.top() + (spectrogram.row_of(1000) + 0.5) / 64 * area.height())
    quiet = round(area.top() + 0.95 * area.height())
    x = round(area.center().x())
    assert image.pixelColor(x, loud).lightness() > image.pixelColor(x, quiet).lightness() + 60


def test_the_meter_shows_the_level_and_keeps_the_peak(qtbot):
    meter = LevelMeter()
    qtbot.addWidget(meter)
    meter.resize(200, 8)
    meter.set_level(-12.0)
    meter.set_level(-30.0)
    assert -14 < meter.peak_db < -12
    assert meter.accessibleDescription() == "-30 dB"
    image = meter.grab().toImage()
    assert image.pixelColor(30, 4) != image.pixelColor(130, 4)
    meter.set_level(SILENCE_DB)
    assert meter.peak_db == SILENCE_DB
    assert theme().name in ("dark", "light")


def test_named_frequencies_never_lie_on_one_another():
    ticks = [(at, f"{at}") for at in (0.0, 3.0, 9.0, 10.0, 25.0)]
    assert [at for at, _ in thinned(ticks, 8.0)] == [25, 10, 0]
    assert thinned([], 8.0) == []
