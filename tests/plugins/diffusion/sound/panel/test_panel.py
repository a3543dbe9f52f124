"""A model of sound in the whole panel: its canvas, its keyboard, what is played when."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.diffusion.shared.state import WAVEFORM
from studio.core.picture import encode_png
from tests.plugins.diffusion.tiny_model import TinySound

CARD = {
    "kind": "sound",
    "examples": ["piano C4"],
    "words": {"instruments": ["piano", "flute"], "notes": ["C4"], "loudness": ["soft"]},
    "defaults": {"steps": 4, "guidance": 1.0},
}


class LongSound(TinySound):
    """As many samples as three frames of a spectrogram have."""

    shape = (3, 128)
    size = (1, 384)


@pytest.fixture
def panel(make_panel: Any, sync_worker: Any, monkeypatch: Any) -> Any:
    panel = make_panel(sync_worker, CARD, LongSound())
    panel.played = []
    monkeypatch.setattr(panel.sounds.player, "play", lambda samples, rate: panel.played.append((len(samples), rate)))
    return panel


def test_waves_and_spectrograms_stand_in_the_place_of_pictures(panel: Any) -> None:
    assert panel.sounds.canvas.isVisible()
    assert not panel.canvas.isVisible()
    assert panel.sounds.canvas.sound(WAVEFORM).samples.shape == (384,)
    names = {child.objectName() for child in panel.frame.inspector.findChildren(object)}
    assert "section_prompt" in names
    assert not {"section_start", "section_attention", "section_nearest", "section_show"} & names


def test_a_key_asks_for_its_note_which_is_heard_once_it_is_finished(panel: Any, qtbot: Any) -> None:
    panel.controls.keyboard.note_chosen.emit("flute D4")
    assert panel.params().prompt == "flute D4"
    assert panel.played == []  # a draft is not played
    qtbot.waitUntil(lambda: bool(panel.played))
    assert panel.played == [(384, 16_000)]
    panel.controls.keyboard.note_chosen.emit("flute D4")  # the same key again plays what is there
    assert len(panel.played) == 2
    assert panel.is_settled


@pytest.mark.long("opens a panel and draws with its model")
def test_any_step_can_be_played(panel: Any) -> None:
    panel.timeline.playback.seek(1)
    button = panel.sounds.canvas.columns[WAVEFORM].button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(panel.played) == 1


def test_a_picture_is_nothing_for_a_model_of_sounds(panel: Any, tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(encode_png(np.zeros((8, 8, 3), np.uint8)))
    assert not panel.open_path(path)
    assert "diffusion.paste" not in [command.id for command in panel.commands()]
