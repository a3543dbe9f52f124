"""The panel of tables with real clicks, keys and drops: what fills in, what is hidden, kept, taken back and saved."""

import csv
import json

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QPushButton, QToolTip

from plugins.vae.tables.scene import CODEC
from studio.core.error import UserError
from tests.plugins.vae.tables.tables_made import finish, made_table
from tests.widgets.hand import part

LEFT = Qt.MouseButton.LeftButton


def click(qtbot, panel, name):
    qtbot.mouseClick(part(panel, QPushButton, name), LEFT)


def own_table(tmp_path, name="mine.csv"):
    path = tmp_path / name
    rows = ["who,height,colour"] + [
        f"n{n},{'' if n % 5 == 0 else n * 1.5},{'red' if n % 2 else 'blue'}" for n in range(20)
    ]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def test_it_opens_with_the_example_filled_in(panel):
    view = panel.presenter.view
    assert view.n_filled == sum(int(np.isnan(column.values).sum()) for column in made_table(n_rows=60).columns[:3])
    assert panel.shown.step == panel.shown.n_steps - 1
    model = panel.grid.cells
    assert (model.rowCount(), model.columnCount()) == (60, 4)
    assert all(model.data(model.index(row, column)) for row in range(60) for column in range(4))
    assert "gaps were filled in" in panel.frame.caption.accessibleName()


def test_frames_show_it_filling_in_and_can_be_scrubbed(panel):
    last = panel.presenter.view.moment.filled.copy()
    panel.timeline.playback.seek(0)
    first = panel.presenter.view.moment
    assert first.n_steps == 0
    assert not np.array_equal(first.filled, last)
    finish(panel)
    assert np.array_equal(panel.presenter.view.moment.filled, last)


def test_a_cell_says_how_sure_it_is(panel, qtbot):
    view, grid = panel.presenter.view, panel.grid
    row = next(row for row in range(60) if view.is_gap(row, 0))
    index = grid.cells.index(row, 0)
    grid.scrollTo(index)
    at = grid.visualRect(index).center()
    qtbot.mouseClick(grid.viewport(), LEFT, pos=at)
    said = panel.frame.caption.accessibleName()
    assert f"Row {row + 1}, size" in said
    assert "between" in said
    QApplication.sendEvent(grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, grid.viewport().mapToGlobal(at)))
    qtbot.waitUntil(QToolTip.isVisible)
    assert "between" in QToolTip.text()
    QToolTip.hideText()


def test_the_keys_go_from_cell_to_cell(panel, qtbot):
    panel.grid.setCurrentIndex(panel.grid.cells.index(0, 0))
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right)
    assert "Row 1, double" in panel.frame.caption.accessibleName()


@pytest.mark.long("opens a panel and draws with its model")
def test_cells_are_hidden_and_shown_again_and_undo_takes_it_back(panel, qtbot):
    click(qtbot, panel, "table_hide")
    finish(panel)
    assert panel.editor.scene.params.hidden == pytest.approx(0.2)
    n_hidden = len(panel.presenter.view.hidden)
    assert n_hidden > 20
    assert "hidden numbers lie in their range" in panel.tried.words.text()
    panel.host.undo.undo()
    finish(panel)
    assert panel.editor.scene.params.hidden == 0
    assert panel.presenter.view.hidden == []
    click(qtbot, panel, "table_hide")
    click(qtbot, panel, "table_hide")
    assert panel.editor.scene.params.hidden == 0


def test_other_ways_stand_beside_it(panel):
    said = panel.errors.words.text()
    assert "known cells that were held out" in said
    figures = panel.presenter.view.moment.figures.totals()
    shown = [figure.text() for _, figure in panel.errors._rows.values()]
    assert shown[0] == f"{figures['model']:.2f}"
    best = min(figures, key=figures.get)
    assert ("better than the other ways" in said) == (best == "model")


@pytest.mark.long("opens a panel and draws with its model")
def test_an_own_table_is_opened_filled_and_saved(panel, qtbot, tmp_path, monkeypatch):
    assert panel.open_path(own_table(tmp_path))
    finish(panel)
    view = panel.presenter.view
    assert view.names == ["who", "height", "colour"]
    assert view.n_filled == 4
    assert "who" in panel.table.words.text()
    saved = tmp_path / "out.csv"
    asked = []

    def chosen(*arguments):
        asked.append(arguments[2])
        return str(saved), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", chosen)
    part(panel, QCheckBox, "table_ranges").setChecked(True)
    click(qtbot, panel, "table_save")
    assert asked == ["mine filled.csv"]
    with saved.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["who"] for row in rows] == [f"n{n}" for n in range(20)]
    for n, row in enumerate(rows):
        if n % 5:
            assert float(row["height"]) == n * 1.5
            assert row["height from"] == ""
        else:
            assert float(row["height from"]) <= float(row["height"]) <= float(row["height to"])


@pytest.mark.long("opens a panel and draws with its model")
@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_it_is_saved_as_excel_and_parquet_too(panel, qtbot, tmp_path, monkeypatch, suffix):
    saved = tmp_path / f"out{suffix}"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(saved), ""))
    click(qtbot, panel, "table_save")
    assert panel.open_path(saved)
    finish(panel)
    assert panel.presenter.view.names == ["size", "double", "colour", "name"]
    assert panel.presenter.view.n_filled == 0
    assert "no gaps" in panel.frame.caption.accessibleName()


def test_a_file_that_is_none_leaves_the_table_as_it_was(panel, tmp_path):
    view = panel.presenter.view
    path = tmp_path / "empty.csv"
    path.write_text("", "utf-8")
    assert panel.open_path(path)
    assert panel.presenter.view is view
    assert panel.messages.keys()


@pytest.mark.long("opens a panel and draws with its model")
def test_state_goes_out_and_in_with_an_own_table(panel, tmp_path):
    panel.open_path(own_table(tmp_path))
    finish(panel)
    state = json.loads(json.dumps(panel.state()))
    panel.editor.take_example()
    panel.set_state(state)
    finish(panel)
    assert panel.presenter.view.names == ["who", "height", "colour"]
    assert panel.state() == state
    broken = json.loads(json.dumps(state))
    broken["scene"]["own"] = "AAAA"
    with pytest.raises(UserError):
        panel.set_state(broken)
    assert CODEC.read(state["scene"]).name == "mine.csv"


@pytest.mark.long("opens a panel and draws with its model")
def test_learning_again_takes_another_seed(panel, qtbot):
    seed, before = panel.params().seed, panel.presenter.view.moment.filled.copy()
    click(qtbot, panel, "table_again")
    finish(panel)
    assert panel.params().seed != seed
    assert not np.array_equal(panel.presenter.view.moment.filled, before)


def test_a_frame_of_another_model_empties_the_grid(panel):
    from studio.core.frame import Frame

    panel.show_frame(Frame(0, 1))
    assert panel.grid.cells.rowCount() == 0
    assert "not a table" in panel.frame.caption.accessibleName()


@pytest.mark.long("opens a panel and draws with its model")
def test_the_ends_of_cells_are_seen_at_any_place(panel):
    for at in (QPoint(0, 0), panel.grid.viewport().rect().bottomRight()):
        QApplication.sendEvent(panel.grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, at))
    QToolTip.hideText()
