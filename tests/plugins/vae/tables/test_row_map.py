"""The map of the rows of a table: where they lie, what colours say, and how dots and rows go together."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from plugins.vae.tables.engine import TableEngine, odd_rows, row_places, turned_like
from plugins.vae.tables.panel.row_map import RowMap
from plugins.vae.tables.params import TableParams
from plugins.vae.tables.state import moment_of, started
from studio.core.pausing import result_of
from tests.plugins.vae.tables.tables_made import finish, made_bytes, made_table
from tests.widgets.hand import part

LEFT = Qt.MouseButton.LeftButton
PARAMS = TableParams(n_steps=100)


@pytest.fixture(scope="module")
def learnt():
    frames = TableEngine().generate(PARAMS, started(made_bytes(n_rows=60)))
    return [frame for frame in frames if frame is not None]


def test_rows_of_a_kind_lie_together(learnt):
    places = result_of(row_places(moment_of(learnt[-1].state)))
    assert places.shape == (60, 2)
    assert places.min(0) == pytest.approx([-1, -1])
    assert places.max(0) == pytest.approx([1, 1])
    kind = made_table(n_rows=60).columns[0].values > 5  # the two kinds have sizes around 0 and 10
    is_known = np.isfinite(made_table(n_rows=60).columns[0].values)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2) + 9 * np.eye(60)
    nearest = apart[:, is_known].argmin(1)
    assert (kind[is_known][nearest] == kind)[is_known].mean() >= 0.95


def test_a_map_is_not_turned_round_while_it_is_learnt(learnt):
    before, after = (result_of(row_places(moment_of(frame.state))) for frame in learnt[-2:])
    assert np.corrcoef(before[:, 0], after[:, 0])[0, 1] > 0.95


def test_places_are_turned_to_lie_like_others():
    flat = np.random.default_rng(3).normal(size=(40, 2)).astype(np.float32)
    angle = 2.2
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    assert np.allclose(turned_like(flat @ turn * 3, flat), 3 * flat, atol=1e-4)
    assert np.allclose(turned_like(flat * (1, -1), flat), flat, atol=1e-5)


def dot(panel, row):
    """The pixel of a row's dot."""
    map_ = part(panel, RowMap)
    return QPointF(*map_._pixel(*map_._points.positions[row].tolist())).toPoint()


def colours_of(panel):
    """Which colour each dot has."""
    colours = part(panel, RowMap)._points.colours
    assert colours is not None
    return colours.of


def selected_rows(panel):
    found = {index.row() for index in panel.grid.selectionModel().selectedIndexes()}
    return [int(panel.presenter.view.rows[at]) for at in sorted(found)]


def test_a_click_on_a_dot_chooses_its_row(panel, qtbot):
    map_ = part(panel, RowMap)
    qtbot.mouseClick(map_, LEFT, pos=dot(panel, 37))
    row = map_._chosen
    assert map_.point_at(QPointF(dot(panel, 37))) == row
    assert selected_rows(panel) == [row]
    assert len(panel.grid.selectionModel().selectedIndexes()) == 4  # the whole of it
    assert panel.grid.viewport().rect().contains(panel.grid.visualRect(panel.grid.currentIndex()))
    assert f"Row {row + 1}, size" in panel.frame.caption.accessibleName()


def test_a_cell_that_is_gone_to_marks_its_dot(panel):
    map_ = part(panel, RowMap)
    assert map_._chosen == -1
    panel.grid.setCurrentIndex(panel.grid.cells.index(11, 1))
    assert map_._chosen == 11
    assert map_._marker == pytest.approx(tuple(map_._points.positions[11].tolist()))


def test_the_arrow_keys_go_from_dot_to_dot(panel, qtbot):
    map_ = part(panel, RowMap)
    panel.grid.setCurrentIndex(panel.grid.cells.index(11, 1))
    for _ in range(60):
        before = map_._chosen
        qtbot.keyClick(map_, Qt.Key.Key_Left)
        assert map_._points.positions[map_._chosen, 0] <= map_._points.positions[before, 0]
    assert map_._points.positions[map_._chosen, 0] <= np.quantile(map_._points.positions[:, 0], 0.3)
    assert selected_rows(panel) == [map_._chosen]


def test_colours_are_a_column_with_its_gaps_filled(panel, qtbot):
    section, view = panel.map, panel.presenter.view
    words = [section.colour.itemText(at) for at in range(section.colour.count())]
    assert words == ["size", "double", "colour", "Nothing"]
    assert section.colour.currentText() == "colour"  # the first one of words
    points = part(panel, RowMap)._points
    gap = next(row for row in range(60) if view.is_gap(row, 2))
    assert points.names[gap] == f"Row {gap + 1} · {view.text(gap, 2)}"
    assert colours_of(panel)[gap] == view.columns[2].words.index(view.text(gap, 2))
    assert section.legend.accessibleName() == "red, blue"
    section.colour.setFocus()
    qtbot.keyClick(section.colour, Qt.Key.Key_Up)
    assert section.colour.currentText() == "double"
    assert np.corrcoef(colours_of(panel), view.values(1))[0, 1] > 0.95


@pytest.mark.long("opens a panel and draws with its model")
def test_the_colour_is_kept_and_goes_with_its_table(panel, qtbot):
    before = panel.state()
    assert before["scene"]["colour"] == ""
    panel.map.colour.setFocus()
    qtbot.keyClick(panel.map.colour, Qt.Key.Key_Up)
    kept = panel.state()
    assert kept["scene"]["colour"] == "column:double"
    panel.set_state(before)
    finish(panel)
    assert panel.map.colour.currentText() == "colour"
    panel.set_state(kept)
    finish(panel)
    assert panel.map.colour.currentText() == "double"
    assert np.corrcoef(colours_of(panel), panel.presenter.view.values(1))[0, 1] > 0.95
    del kept["scene"]["colour"]  # as it was saved before there was a colour
    panel.set_state(kept)
    assert panel.editor.scene.colour == ""


@pytest.mark.long("opens a panel and draws with its model")
def test_how_odd_rows_are_is_a_colour_once_it_is_known(panel, qtbot):
    panel.odd.find()
    finish(panel)
    texts = [panel.map.colour.itemText(at) for at in range(panel.map.colour.count())]
    assert texts[-2:] == ["Rarity", "Nothing"]
    panel.map.colour.setFocus()
    qtbot.keyClick(panel.map.colour, Qt.Key.Key_Down)
    assert panel.map.colour.currentText() == "Rarity"
    oddest = panel.presenter.view.rows[0]
    assert colours_of(panel)[oddest] == 254
    qtbot.mouseClick(part(panel, RowMap), LEFT, pos=dot(panel, int(oddest)))
    chosen = part(panel, RowMap)._chosen
    assert selected_rows(panel) == [chosen]


@pytest.mark.long("opens a panel and draws with its model")
def test_the_chosen_row_stays_chosen_where_rows_are_sorted(panel):
    panel.grid.choose_row(11)
    panel.odd.find()
    finish(panel)
    assert panel.presenter.view.rows[11] != 11
    assert selected_rows(panel) == [11]
    assert part(panel, RowMap)._chosen == 11
    assert "oddest first" in panel.frame.caption.accessibleName()


@pytest.mark.long("opens a panel and draws with its model")
def test_another_table_has_another_map(panel, tmp_path):
    before = part(panel, RowMap)._points.positions
    panel.grid.setCurrentIndex(panel.grid.cells.index(11, 1))
    path = tmp_path / "mine.csv"
    path.write_text("a,b\n" + "\n".join(f"{n},{'xyz'[n % 3]}" for n in range(20)), "utf-8")
    assert panel.open_path(path)
    finish(panel)
    points = part(panel, RowMap)._points
    assert points.positions.shape == (20, 2)
    assert not np.array_equal(points.positions, before[:20])
    assert part(panel, RowMap)._chosen == -1
    assert panel.map.colour.currentText() == "b"


def test_odd_frames_have_the_map_of_what_they_were_scored_by(learnt):
    scored = [frame for frame in odd_rows(PARAMS, learnt[-1].state) if frame is not None]
    before, after = (result_of(row_places(moment_of(frame.state or {}))) for frame in (learnt[-1], scored[-1]))
    assert np.array_equal(before, after)
