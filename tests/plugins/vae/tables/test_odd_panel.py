"""The odd rows of a table, found with real clicks and keys: sorted, marked, taken back, saved."""

import csv

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton, QToolTip

from plugins.vae.shared.panel import odd_scores
from plugins.vae.tables.engine import TableEngine
from plugins.vae.tables.panel.odd_rows import OddRowsSection
from plugins.vae.tables.table_bytes import table_bytes
from studio.api.panel import PlotView
from studio.widgets.controls.segmented import Segment
from tests.plugins.vae.tables.tables_made import finish, made_table
from tests.widgets.hand import part

LEFT = Qt.MouseButton.LeftButton
ODD_ROW = 17


@pytest.fixture
def panel(make, sync_worker, monkeypatch):
    """A panel that has learnt a table with a row whose size contradicts the double of it."""
    table = made_table(n_rows=60, gaps=0.05)
    table.columns[0].values[ODD_ROW], table.columns[1].values[ODD_ROW] = 0.0, 60.0
    monkeypatch.setattr(TableEngine, "example", lambda self: table_bytes(table))
    panel = make(sync_worker)
    finish(panel)
    return panel


def click(qtbot, panel, name):
    qtbot.mouseClick(part(panel, QPushButton, name), LEFT)


def find(qtbot, panel):
    click(qtbot, panel, "odd_find")
    finish(panel)


def is_scored(panel):
    """Whether the table on screen says which rows are odd."""
    return panel.presenter.view.odd is not None


def shown_rows(panel):
    model = panel.grid.cells
    return [model.headerData(at, Qt.Orientation.Vertical) for at in range(model.rowCount())]


@pytest.mark.long("opens a panel and draws with its model")
def test_the_oddest_rows_come_first_and_say_why(panel, qtbot):
    find(qtbot, panel)
    assert shown_rows(panel)[0] == str(ODD_ROW + 1)
    assert sorted(map(int, shown_rows(panel))) == list(range(1, 61))
    assert "60 rows, the oddest first" in panel.frame.caption.accessibleName()
    grid, index = panel.grid, panel.grid.cells.index(0, 1)
    assert "less likely than usual in its column" in grid.cells.data(index, Qt.ItemDataRole.AccessibleTextRole)
    at = grid.visualRect(index).center()
    qtbot.mouseClick(grid.viewport(), LEFT, pos=at)
    assert f"Row {ODD_ROW + 1}, double: 60.0 · " in panel.frame.caption.accessibleName()
    QApplication.sendEvent(grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, grid.viewport().mapToGlobal(at)))
    qtbot.waitUntil(QToolTip.isVisible)
    assert "less likely" in QToolTip.text()
    QToolTip.hideText()


@pytest.mark.long("opens a panel and draws with its model")
def test_the_marked_cell_is_painted(panel, qtbot):
    rect = panel.grid.visualRect(panel.grid.cells.index(ODD_ROW, 1))
    find(qtbot, panel)
    picture = panel.grid.viewport().grab().toImage()
    first, other = panel.grid.visualRect(panel.grid.cells.index(0, 1)), panel.grid.cells.index(0, 3)
    plain = panel.grid.visualRect(other).topRight() + QPoint(-4, 4)
    assert rect.width() == first.width()
    assert picture.pixelColor(first.topLeft() + QPoint(4, 4)) != picture.pixelColor(plain)


def test_the_threshold_is_clicked_and_typed(panel, qtbot):
    find(qtbot, panel)
    section = part(panel, OddRowsSection)
    assert section.words.text().startswith("3 of 60 rows")
    plot = part(section, PlotView)
    qtbot.mouseClick(plot, LEFT, pos=QPoint(plot.width() - 12, plot.height() // 2))
    few = section.words.text()
    assert few.startswith(("0 of 60", "1 of 60"))
    plot.setFocus()
    for _ in range(80):
        qtbot.keyClick(plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert section.words.text() != few


@pytest.mark.long("opens a panel and draws with its model")
def test_another_measure_sorts_otherwise(panel, qtbot):
    pytest.importorskip("sklearn")
    find(qtbot, panel)
    section, before = part(panel, OddRowsSection), shown_rows(panel)
    recording = panel.timeline.recording
    qtbot.keyClick(part(section.measure, Segment, "surprise"), Qt.Key.Key_Right)
    assert section.measure.value() == "forest"
    scores = panel.shown.views["scores"].curves["forest"]
    assert shown_rows(panel) == [str(row + 1) for row in np.argsort(-scores, kind="stable")]
    assert shown_rows(panel) != before
    assert panel.timeline.recording is recording  # nothing is computed anew


@pytest.mark.long("opens a panel and draws with its model")
def test_scrubbing_and_undo_bring_the_table_back(panel, qtbot):
    run = panel.timeline.track
    find(qtbot, panel)
    odd, section = panel.timeline.track, part(panel, OddRowsSection)
    panel.timeline.select(run.id)
    assert shown_rows(panel)[0] == "1"
    assert not section.plot.isVisibleTo(section)
    panel.timeline.select(odd.id)
    assert shown_rows(panel)[0] == str(ODD_ROW + 1)
    assert section.plot.isVisibleTo(section)
    click(qtbot, panel, "table_hide")
    finish(panel)
    assert not is_scored(panel)
    assert panel.presenter.view.hidden
    find(qtbot, panel)  # what is hidden is not looked at
    view = panel.presenter.view
    assert all(view.odd.nats[row, column] == 0 for row, column in view.hidden)
    panel.host.undo.undo()  # back to what was found before
    assert is_scored(panel)
    assert not panel.presenter.view.hidden
    panel.host.undo.go_to(0)
    finish(panel)
    assert panel.editor.scene.params.hidden == 0
    assert panel.presenter.view.hidden == []
    assert is_scored(panel)  # as at the beginning of all
    panel.host.undo.go_to(3)
    assert panel.editor.scene.params.hidden == pytest.approx(0.2)


@pytest.mark.long("opens a panel and draws with its model")
def test_all_scores_are_saved(panel, qtbot, tmp_path, monkeypatch):
    find(qtbot, panel)
    saved = tmp_path / "odd.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(saved), ""))
    click(qtbot, panel, "odd_table")
    with saved.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    scores = panel.shown.views["scores"].curves
    assert list(rows[0]) == ["row", "marked cells", *scores, "odd"]
    assert [row["row"] for row in rows] == shown_rows(panel)
    assert "double (" in rows[0]["marked cells"]
    assert [row["odd"] for row in rows] == ["1"] * 3 + ["0"] * 57
    for row in rows:
        assert float(row["surprise"]) == pytest.approx(float(scores["surprise"][int(row["row"]) - 1]), rel=1e-4)


@pytest.mark.long("opens a panel and draws with its model")
def test_what_has_not_learnt_finds_nothing_yet(make, sync_worker, qtbot):
    panel = make(sync_worker)
    panel.timeline.stop_current()
    section = part(panel, OddRowsSection)
    panel.timeline.delete(panel.timeline.track.id)
    click(qtbot, panel, "odd_find")
    assert "learn the table to its end" in section.words.text()
    assert not section.table.isVisibleTo(section)


def test_without_scikit_learn_a_sentence_names_the_extra(qtbot, monkeypatch):
    monkeypatch.setattr(odd_scores, "has_forest", lambda: False)
    section = OddRowsSection()
    qtbot.addWidget(section)
    assert "“forest”" in section.words.text()
    assert not section.measure.isVisibleTo(section)
