"""The panel of a model with layers: smaller under a hand, whole once it rests, small where a picture is repaired."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from plugins.vae.shared import engine as engine_module
from plugins.vae.shared import odd_ones
from plugins.vae.shared.odd_examples import scratched_faces
from plugins.vae.shared.panel.odd_ones import OddSection
from plugins.vae.shared.sharpness import FULL_PX, SKETCH_PX
from studio.api.engine import ModelSource
from tests.plugins.vae.model_made import axis, make_handle, pixels_of
from tests.plugins.vae.pictures.test_layers import LAYERED, layered
from tests.widgets.hand import part

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def panel(monkeypatch, make_panel):
    eye = np.eye(LAYERED.n_latent, dtype=np.float32)
    places = np.random.default_rng(1).normal(size=(30, LAYERED.n_latent)).astype(np.float32)
    arrays = {"directions": eye, "places": places, "labels": np.zeros(30, np.uint8)}
    arrays |= {"map_mean": eye[0], "map_basis": eye[1:3]}
    monkeypatch.setattr(engine_module, "load_model", lambda path: layered())
    monkeypatch.setattr(engine_module, "read_arrays", lambda path: arrays)
    axes = [axis(f"Shape {n}", "shape", 0.1) for n in range(LAYERED.n_latent)]
    card = {"architecture": "LayeredVAE", "axes": axes, "kinds": ["plain"], "config": {"size_px": 64}}
    return make_panel(make_handle(ModelSource("vae/hand", Path(__file__), card)))


def size_px(panel):
    return pixels_of(panel.shown.main_view).shape[0]


def test_a_hand_gets_half_the_size_and_the_whole_picture_when_it_rests(panel, qtbot):
    assert size_px(panel) == FULL_PX
    canvas, middle = panel.canvas, QPoint(200, 200)
    QTest.mousePress(canvas, LEFT, PLAIN, middle)
    QTest.mouseMove(canvas, middle + QPoint(30, 10))
    QTest.mouseMove(canvas, middle + QPoint(60, 20))
    assert panel.editor.scene.is_moved
    assert size_px(panel) == SKETCH_PX
    qtbot.waitUntil(lambda: size_px(panel) == FULL_PX)  # the hand holds still
    QTest.mouseMove(canvas, middle + QPoint(80, 20))
    assert size_px(panel) == SKETCH_PX
    QTest.mouseRelease(canvas, LEFT, PLAIN, middle + QPoint(80, 20))
    qtbot.waitUntil(lambda: size_px(panel) == FULL_PX)
    np.testing.assert_array_equal(panel.shown.state["z"], panel.editor.scene.z)


def test_a_key_draws_the_whole_picture_at_once(panel):
    QTest.keyClick(panel.canvas, Qt.Key.Key_Right)
    assert panel.editor.scene.is_moved
    assert size_px(panel) == FULL_PX


def test_what_is_repaired_is_as_small_as_the_model_reads_it(panel):
    panel.repair.take_shown()
    repair = panel.editor.scene.repair
    assert repair is not None
    assert repair.picture.shape == (64, 64, 3)
    assert not repair.mask.any()
    assert size_px(panel) == 64


@pytest.mark.long("opens a panel and draws with its model")
def test_faces_have_scratched_ones_too(panel, monkeypatch, qtbot):
    few = scratched_faces(1, 13, 3)
    monkeypatch.setattr(odd_ones, "scratched_faces", lambda seed: few)
    part(panel, QPushButton, "odd_scratched").click()
    assert panel.timeline.track.recording[-1].views["names"].pieces == few.names
    plain = OddSection()
    qtbot.addWidget(plain)
    assert plain.scratched.isHidden()
