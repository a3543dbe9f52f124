"""The panel of molecules: a molecule is typed, a list dropped, a known one gone to, the places saved."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from plugins.vae.family import FAMILY
from plugins.vae.molecules.engine import MoleculesEngine
from plugins.vae.molecules.panel.panel import MoleculesPanel
from studio.api.engine import EngineHandle
from studio.widgets.theme import apply_theme
from tests.panel_host import PanelHost
from tests.plugins.vae.model_made import finished
from tests.plugins.vae.molecules.molecules_made import DEVICE, KNOWN, trained


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        return trained(patch, tmp_path_factory.mktemp("model"))


@pytest.fixture
def panel(qtbot, dispatcher, sync_worker, source):
    """A panel of a small model, whose work is done at once."""
    handle = EngineHandle(source, lambda one: MoleculesEngine.open(one, DEVICE))
    host = PanelHost(FAMILY, sync_worker, dispatcher, ())
    panel = MoleculesPanel(handle, host)
    qtbot.addWidget(panel)
    panel.resize(1000, 760)
    panel.show()
    qtbot.waitExposed(panel)
    yield panel
    host.close()


@pytest.mark.long("trains a network")
def test_what_is_on_screen_stands_as_text(panel):
    assert panel.molecule.field.text() == panel.snapshot().frame.views["molecule"].smiles
    panel.editor.set_direction(0, 3.0)
    assert panel.molecule.field.text() == panel.snapshot().frame.views["molecule"].smiles


def test_known_molecules_on_the_map_follow_the_theme(qapp, panel):
    def ink():
        return panel.controls.map._points.colours.palette.tolist()

    dark = ink()
    try:
        apply_theme(qapp, "light")
        light = ink()
    finally:
        apply_theme(qapp, "dark")
    assert light != dark
    assert ink() == dark


@pytest.mark.long("trains a network")
def test_a_typed_molecule_is_gone_to_and_undone(panel):
    before = panel.editor.scene.z
    panel.molecule.field.selectAll()
    QTest.keyClicks(panel.molecule.field, KNOWN[:-1])
    assert panel.molecule.mistake.text().startswith("Sign 9")
    QTest.keyClick(panel.molecule.field, Qt.Key.Key_Return)
    assert np.array_equal(panel.editor.scene.z, before)
    QTest.keyClicks(panel.molecule.field, KNOWN[-1:])
    assert panel.molecule.mistake.isHidden()
    QTest.keyClick(panel.molecule.field, Qt.Key.Key_Return)
    wanted = finished(panel.tasks.handle._engine.read_smiles(KNOWN))[0]
    assert np.allclose(panel.editor.scene.z, wanted)
    panel.host.undo.undo()
    assert np.array_equal(panel.editor.scene.z, before)


@pytest.mark.parametrize(("typed", "key"), [("CC(", Qt.Key.Key_Escape), ("", Qt.Key.Key_Return)])
def test_escape_or_nothing_brings_back_what_is_on_screen(panel, typed, key):
    field = panel.molecule.field
    shown = field.text()
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, typed)
    QTest.keyClick(field, key)
    assert field.text() == shown
    assert panel.molecule.mistake.isHidden()


def test_a_known_molecule_is_gone_to(panel):
    panel.rest_on(panel.editor.scene, panel.snapshot().frame)
    near = panel.molecule._near
    assert len(near) > 2
    panel.molecule.near.place_requested.emit(2)
    assert np.array_equal(panel.editor.scene.z, near[2].z)


def test_a_list_becomes_a_path_and_its_mistakes_are_said(panel, tmp_path):
    path = tmp_path / "mine.smi"
    path.write_text(f"{KNOWN}\nCCO\nCC(\n", "utf-8")
    assert panel.open_path(path)
    assert len(panel.timeline.paths.path) == 2
    assert panel.timeline.playback.is_playing
    assert panel.molecule.note.text().startswith("Line 3, sign 3")
    panel.timeline.pause()
    assert not panel.open_path(tmp_path / "picture.png")


def test_a_list_without_molecules_is_one_sentence(panel, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("hello world\n", "utf-8")
    assert panel.open_path(path)
    assert panel.messages.isVisible()
    assert len(panel.timeline.paths.path) == 0


def test_places_visited_are_saved(panel, tmp_path):
    path = tmp_path / "a.smi"
    panel.save(path)
    assert path.read_text("ascii").splitlines()
    assert "a.smi" in panel.molecule.note.text()


def test_the_map_is_coloured_by_a_property(panel):
    before = panel.controls.map._points
    assert len(before.colours.of) == len(before.positions)
    QTest.mouseClick(button_of(panel, "Molecular weight"), Qt.MouseButton.LeftButton)
    after = panel.controls.map._points
    weights = panel.editor.atlas.properties[:, 2]
    assert after.colours.of.tolist() != before.colours.of.tolist()
    assert after.colours.of[weights.argmax()] == 254
    assert after.colours.of[weights.argmin()] == 0


def button_of(panel, text):
    return next(button for button in panel.colour_by.findChildren(QAbstractButton) if button.text() == text)
