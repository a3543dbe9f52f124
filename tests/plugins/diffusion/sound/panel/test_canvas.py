"""The sounds of a step on the canvas, and the keyboard that asks for notes."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from plugins.diffusion.shared.state import PREDICTED, PREDICTED_SPECTROGRAM, SPECTROGRAM, WAVEFORM
from plugins.diffusion.sound.frames import spectrogram
from plugins.diffusion.sound.panel.canvas import DenoisedSoundCanvas
from plugins.diffusion.sound.panel.keyboard_section import KeyboardSection
from studio.core.frame import Frame
from studio.core.view import Audio
from studio.widgets.controls.keyboard import KeyboardView, key_places

INSTRUMENTS = ("piano", "guitar", "electric guitar")
PITCHES = range(48, 73)


def frame(step, n_steps=5):
    heard = np.sin(np.arange(8192) / 5).astype(np.float32) * 0.5
    x0_prediction = heard * np.float32(0.3)
    return Frame(
        step,
        n_steps,
        views={
            WAVEFORM: Audio(heard, 16_000),
            PREDICTED: Audio(x0_prediction, 16_000),
            SPECTROGRAM: spectrogram(heard),
            PREDICTED_SPECTROGRAM: spectrogram(x0_prediction),
        },
    )


@pytest.fixture
def canvas(qtbot):
    canvas = DenoisedSoundCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(900, 500)
    canvas.show()
    return canvas


@pytest.fixture
def section(qtbot):
    section = KeyboardSection(INSTRUMENTS, PITCHES)
    qtbot.addWidget(section)
    section.resize(320, 300)
    section.show()
    return section


def test_a_finished_sound_has_the_whole_width(canvas, qtbot):
    canvas.show_frame(frame(2))
    qtbot.waitUntil(lambda: canvas.columns[WAVEFORM].width() < 600)
    canvas.show_frame(frame(4))
    assert not canvas.columns[PREDICTED].isVisible()
    qtbot.waitUntil(lambda: canvas.columns[WAVEFORM].width() >= 880)
    canvas.show_frame(frame(1))
    qtbot.waitUntil(lambda: canvas.columns[WAVEFORM].width() < 600)


def test_both_sounds_of_a_step_are_shown_and_can_be_played(canvas, qtbot):
    assert not canvas.columns[WAVEFORM].button.isEnabled()
    canvas.show_frame(frame(2))
    assert canvas.columns[PREDICTED].isVisible()
    for name, column in canvas.columns.items():
        with qtbot.waitSignal(canvas.play_requested) as asked:
            column.button.click()
        assert asked.args == [name]
    assert float(np.abs(canvas.sound(PREDICTED).samples).max()) == pytest.approx(0.15, abs=1e-3)


def test_the_finished_sound_stands_alone(canvas):
    canvas.show_frame(frame(4))
    assert not canvas.columns[PREDICTED].isVisible()
    assert canvas.columns[WAVEFORM].accessibleName() == "Finished sound"


def test_the_button_stops_what_is_on(canvas):
    canvas.show_frame(frame(1))
    canvas.set_playing(WAVEFORM)
    assert [column.button.text() for column in canvas.columns.values()] == ["Stop", "Play"]
    canvas.set_playing(None)
    assert canvas.columns[WAVEFORM].button.text() == "Play"


def test_an_empty_canvas_plays_nothing(canvas, qtbot):
    with qtbot.assertNotEmitted(canvas.play_requested):
        canvas.columns[WAVEFORM].waveform.clicked.emit()
    assert canvas.sound() is None


def test_keys_lie_as_on_a_piano():
    places = key_places(PITCHES)
    blacks = [number for number, (_, _, is_black) in places.items() if is_black]
    assert sorted(places) == list(PITCHES)
    assert [number % 12 for number in sorted(blacks)][:5] == [1, 3, 6, 8, 10]
    left, width, _ = places[49]
    assert left + width / 2 == pytest.approx(1 / 15)
    ends = [(left, left + width) for left, width, is_black in places.values() if not is_black]
    assert [end for _, end in sorted(ends)][:-1] == pytest.approx([start for start, _ in sorted(ends)][1:])


def test_black_keys_lie_above_white_ones(qtbot):
    keys = KeyboardView(PITCHES)
    qtbot.addWidget(keys)
    keys.resize(300, 80)
    assert keys.note_at(QPointF(20, 10)) == 49
    assert keys.note_at(QPointF(17, 75)) == 48
    assert keys.note_at(QPointF(23, 75)) == 50
    assert keys.note_at(QPointF(-5, 10)) is None


def test_a_click_on_a_key_makes_the_prompt(section, qtbot):
    with qtbot.waitSignal(section.note_chosen) as chosen:
        place = section.keys.key_rect(64).center().toPoint()
        place.setY(section.keys.height() - 5)
        qtbot.mouseClick(section.keys, Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["piano E4"]


def test_arrows_enter_chips_and_loudness(section, qtbot):
    heard: list[str] = []
    section.note_chosen.connect(heard.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(section.keys, key)
    # An octave above C#4 would be beyond the keyboard.
    assert heard == ["piano C#4", "piano C#4"]
    section.chips._chips[2].click()
    section.loudness._chips[0].click()
    assert heard[2:] == ["electric guitar C#4", "soft electric guitar C#4"]


def test_a_prompt_is_shown_without_a_signal(section, qtbot):
    with qtbot.assertNotEmitted(section.note_chosen):
        section.set_prompt("loud guitar A3")
    assert section.chips.current() == "guitar"
    assert section.keys.current == 57
    assert section.keys.accessibleDescription() == "A3"
    section.set_prompt("kazoo")
    assert section.chips.current() == ""
    assert section.keys.current is None
