"""The crowd around a face under a real mouse and keyboard: grid, pins, samples, nearest picture, scores, export."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QFileDialog

from plugins.gan.family import FAMILY
from plugins.gan.people.panel.diversity import COLLAPSED
from plugins.gan.people.panel.grid_page import N_PAGE
from plugins.gan.people.panel.panel import PeoplePanel
from plugins.gan.people.panel.seed_grid import PINS_KEY
from plugins.gan.people.state import AugmentationEffect
from studio.core.card import Card
from studio.core.seed import MAX_SEED
from studio.widgets.controls.segmented import Segment
from tests.panel_host import PanelHost
from tests.plugins.gan.people.crowd_made import copy_engine, handle_of, shipped
from tests.widgets.hand import turn_wheel

LEFT, RIGHT, SHIFT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def make(qtbot, sync_worker, dispatcher):
    hosts = []

    def made(host=None, worker=sync_worker, **card):
        host = host or PanelHost(FAMILY, worker, dispatcher)
        hosts.append(host)
        panel = PeoplePanel(handle_of(copy_engine(shipped("test")[0][:48], **card)), host)
        qtbot.addWidget(panel)
        panel.resize(1200, 800)
        panel.show()
        qtbot.waitExposed(panel)
        return panel

    yield made
    for host in hosts:
        host.close()


@pytest.fixture
def panel(make):
    return make()


def cell(panel, place):
    return panel.grid.view.page.item_rect(place).center().toPoint()


def click_cell(panel, place, button=LEFT, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.mouseClick(panel.grid.view.page, button, modifier, cell(panel, place))


@pytest.fixture
def grid(panel):
    QTest.mouseClick(panel.controls.face.grid, LEFT)
    assert panel.grid.view.isVisible()
    return panel.grid.view.page


def test_the_grid_is_drawn_and_a_click_goes_there_and_back(panel, grid) -> None:
    assert grid.n_drawn == N_PAGE
    assert list(grid.seeds) == list(range(64))
    click_cell(panel, 12)
    assert panel.editor.scene.params.seed == 12
    assert not panel.grid.is_shown
    assert panel.picture.isVisible()
    assert not panel.controls.face.grid.isChecked()
    panel.host.undo.undo()
    assert panel.editor.scene.params.seed == 1


def test_the_cells_show_the_faces_of_their_seeds(panel, grid) -> None:
    image = grid.grab().toImage()
    pictures, _ = shipped("test")
    ratio = grid.devicePixelRatioF()
    for place in (0, 9, 47):
        at = cell(panel, place) * ratio
        seen = image.pixelColor(at)
        wanted = pictures[place][28:36, 28:36].reshape(-1, 3).astype(int)
        nearest = np.abs(wanted - [seen.red(), seen.green(), seen.blue()]).sum(1).min()
        assert nearest < 60


def test_the_keyboard_walks_turns_chooses_and_leaves(panel, grid) -> None:
    QTest.keyClick(grid, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid.accessibleDescription() == "Seed 10, 11 of 64"
    QTest.keyClick(grid, Qt.Key.Key_PageDown)
    assert list(grid.seeds)[:2] == [64, 65]
    assert panel.grid.view.words.text() == "Seeds 64 to 127"
    turn_wheel(grid, 1)
    turn_wheel(grid, 1)
    assert grid.seeds[0] == 0
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert panel.editor.scene.params.seed == 10
    panel.grid.toggle()
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert not panel.grid.is_shown


def test_the_page_of_the_last_seed_ends_with_it(panel) -> None:
    panel.editor.set_seed(MAX_SEED)
    panel.grid.toggle()
    assert panel.grid.view.page.seeds[-1] == MAX_SEED
    assert not panel.grid.view.on.isEnabled()
    panel.grid.turn(1)
    assert panel.grid.view.page.seeds[-1] == MAX_SEED


def test_pins_are_kept_by_model_and_undone(panel, grid, make) -> None:
    click_cell(panel, 5, RIGHT)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_P)
    assert panel.host.memory[PINS_KEY] == {"gan/copyist": [5, 6]}
    QTest.mouseClick(panel.grid.view.sets.findChildren(Segment)[1], LEFT)
    assert list(grid.seeds) == [5, 6]
    assert panel.grid.view.words.text() == "2 pinned seeds"
    QTest.mouseClick(grid, LEFT, pos=grid.pin_rect(0).center().toPoint())
    assert list(grid.seeds) == [6]
    panel.host.undo.undo()
    assert list(grid.seeds) == [5, 6]
    assert make(panel.host).grid.pins == (5, 6)


def test_a_model_without_layers_says_so_instead_of_mixing(panel, grid) -> None:
    click_cell(panel, 3, LEFT, SHIFT)
    assert panel.grid.is_shown
    assert panel.grid.view.words.text() == "This model has no groups of layers to mix."
    assert panel.editor.scene.from_b == (False, False, False)


def test_shift_click_mixes_the_colours_in(panel, grid) -> None:
    panel.grid.has_groups = True
    click_cell(panel, 3, LEFT, SHIFT)
    assert panel.editor.scene.seed_b == 3
    assert panel.editor.scene.from_b == (False, False, True)
    assert panel.host.undo.undo_title == "Mix with a seed"


def test_another_truncation_draws_the_page_anew(panel, grid, qtbot) -> None:
    before = panel.grid._drawn
    panel.editor.set_params("Truncation", truncation=0.5)
    qtbot.waitUntil(lambda: panel.grid._drawn != before)


@pytest.mark.long("opens a panel and draws with its model")
def test_samples_are_counted_and_belong_to_their_settings(panel) -> None:
    section = panel.controls.diversity
    assert section.look.text() == "Look at 200 samples"
    QTest.mouseClick(section.look, LEFT)
    assert "of 24 combinations of hair and beard appear" in section.words.text()
    assert section.warning.isHidden()
    assert section.bars.text_of(0) != ""
    QTest.keyClick(section.bars, Qt.Key.Key_Right)
    assert section.bars.accessibleDescription() == section.bars.text_of(0)
    QTest.mouseClick(section.which.findChildren(Segment)[1], LEFT)
    assert "of 120 combinations of hair, beard and mouth appear" in section.words.text()
    panel.editor.set_params("Truncation", truncation=0.0)
    assert section.bars.text_of(0) == ""
    QTest.mouseClick(section.look, LEFT)
    assert section.warning.text() == "Nearly all of these faces are of just one kind: truncation makes them alike."


def test_samples_can_be_stopped(make, stepped_worker) -> None:
    panel = make(worker=stepped_worker)
    stepped_worker.run_all()
    section = panel.controls.diversity
    QTest.mouseClick(section.look, LEFT)
    for _ in range(4):
        stepped_worker.step()
    assert section.look.text() == "Stop"
    assert "of 200 faces" in section.words.text()
    QTest.mouseClick(section.look, LEFT)
    stepped_worker.run_all()
    assert section.look.text() == "Look at 200 samples"


def test_a_collapsed_generator_is_offered_where_there_is_one(make, sync_worker, dispatcher) -> None:
    assert make().controls.diversity.collapsed.isHidden()
    host = PanelHost(FAMILY, sync_worker, dispatcher)
    host.known = [Card(COLLAPSED, "Collapsed", "task", "MIT", "data", 1, more={"kind": "people"})]
    QTest.mouseClick(make(host).controls.diversity.collapsed, LEFT)
    assert host.opened == [COLLAPSED]


def test_the_nearest_real_picture_is_found_at_rest(panel, qtbot) -> None:
    section = panel.controls.nearest
    qtbot.waitUntil(lambda: not section.picture.isHidden())
    assert section.words.text().startswith("It is not a copy")
    assert "of the 4,000 included training pictures, out of 19,851" in section.extent.text()


def test_the_score_of_this_one_is_marked(panel, qtbot) -> None:
    section = panel.controls.scores
    qtbot.waitUntil(lambda: section.words.text() != "")
    score = panel.shown.scalars["score"]
    assert f"This picture scores {score:.2f}" in section.words.text()
    assert section.plot._marker == score


def test_models_of_other_pictures_have_less(make) -> None:
    panel = make(data_set={"name": "flowers"}, scores={})
    controls = panel.controls
    assert controls.boxes["section_nearest"].isHidden()
    assert controls.boxes["section_augment"].isHidden()
    assert controls.boxes["section_scores"].isHidden()
    QTest.mouseClick(controls.diversity.look, LEFT)
    assert "of 200 pictures differ by" in controls.diversity.words.text()


@pytest.mark.long("opens a panel and draws with its model")
def test_samples_are_exported_where_a_person_says(panel, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    section = panel.controls.augment
    section.form.set_values({"n": 64, "least_share": 0.0, "least_distance": 0.0})
    QTest.mouseClick(section.export, LEFT)
    folder = tmp_path / "Samples of copyist"
    assert len(list(folder.glob("*.png"))) == 64
    assert section.export_words.text().startswith("64 samples and labels.csv are in “Samples of copyist”.")
    assert section.export.text() == "Export samples…"


def test_a_refusal_is_shown_as_a_message(panel, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "gone"))
    QTest.mouseClick(panel.controls.augment.export, LEFT)
    assert panel.messages.keys() == ["error"]
    assert panel.controls.augment.export.text() == "Export samples…"


def test_an_export_can_be_stopped(make, stepped_worker, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    panel = make(worker=stepped_worker)
    stepped_worker.run_all()
    section = panel.controls.augment
    section.form.set_values({"n": 64, "least_share": 0.0, "least_distance": 0.0})
    QTest.mouseClick(section.export, LEFT)
    while not list(tmp_path.glob("*/*.png")):
        assert stepped_worker.step()
    assert section.export.text() == "Stop"
    QTest.mouseClick(section.export, LEFT)
    stepped_worker.run_all()
    assert len(list(tmp_path.glob("*/labels.csv"))) == 1
    assert section.export.text() == "Export samples…"


def test_what_is_chosen_is_kept(panel, make) -> None:
    slider = panel.controls.augment.form.row("n")
    slider.changed.emit("n", 500)
    panel.controls.augment.form.set_values({"least_share": 0.4})
    slider.changed.emit("n", 500)
    assert make(panel.host).controls.augment.settings.least_share == 0.4


def test_the_effect_is_plotted_and_said(panel) -> None:
    section = panel.controls.augment
    section.show_effect(AugmentationEffect(200, 400, 200, 410, (20, 40), (0.4, 0.5), (0.5, 0.7), 40))
    assert section.plot.isVisibleTo(panel)
    assert section.effect_words.text().endswith("the fakes help.")
    assert "With fakes" in section.plot.accessibleDescription()


def test_the_page_fits_into_a_small_window(panel, grid) -> None:
    panel.resize(1000, 700)
    last = grid.item_rect(N_PAGE - 1).toRect()
    assert grid.rect().contains(last)
    assert grid.rect().contains(grid.item_rect(0).toRect())
    assert grid.item_at(QPoint(0, 0).toPointF()) == -1


def test_the_grid_stops_a_walk_and_a_walk_closes_the_grid(panel) -> None:
    QTest.mouseClick(panel.controls.walk.findChildren(QAbstractButton)[0], LEFT)
    assert panel.timeline.playback.is_playing
    panel.grid.toggle()
    assert not panel.timeline.playback.is_playing
    assert panel.grid.is_shown
    panel.timeline.playback.play()
    assert not panel.grid.is_shown
