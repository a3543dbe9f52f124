"""The map: a round scale, the scene in the middle, marks at their place, and a PNG file of all that."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.nerf.field.panel.map_dialog import PAGE_PX, map_picture, round_length
from plugins.nerf.field.take.plan import floor_plan
from plugins.nerf.shared.marks import Marks, Note
from plugins.nerf.shared.panel.marks_painting import marks_painter
from studio.core.picture import read_picture
from tests.plugins.nerf.field.analytic import ball_occupancy


@pytest.mark.parametrize(
    ("most", "metres", "length"), [(1.0, 0, 1), (4.9, 0, 2), (0.07, 0, 0.05), (3.0, 2.0, 2.5), (130, 1.0, 100)]
)
def test_the_scale_is_a_round_length(most, metres, length):
    assert round_length(most, metres) == pytest.approx(length)


@pytest.mark.long("opens a panel and draws with its model")
def test_the_map_is_shown_and_saved(panel, qtbot, tmp_path, monkeypatch):
    panel.editor.apply("Pin a note", replace(panel.editor.scene, marks=Marks((Note((0, 0, 0), "here"),), (), 2.0)))
    panel.map_desk.ask()
    qtbot.waitUntil(lambda: panel.map_desk.dialog is not None)
    dialog = panel.map_desk.dialog
    target = tmp_path / "plan"
    monkeypatch.setattr("plugins.nerf.field.panel.map_dialog.QFileDialog.getSaveFileName", lambda *_: (str(target), ""))
    QTest.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    saved = read_picture(tmp_path / "plan.png").rgb
    assert np.array_equal(saved, dialog.pixels)
    assert saved.shape == (PAGE_PX[1], PAGE_PX[0], 3)
    assert (saved[500, 700] != 255).any()  # the ball, in the middle of the page
    assert (saved[:50] == 255).all()
    dialog.close()
    qtbot.waitUntil(lambda: panel.map_desk.dialog is None)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_mark_stands_at_its_place(panel):
    plan = floor_plan(ball_occupancy(0.7, np.zeros(3, np.float32), 16), "z")
    without, with_note = (
        map_picture(plan, marks_painter(Marks(notes), "#ff0000")) for notes in ((), (Note((0.0, 0.5, 0.0), ""),))
    )
    rows, columns = np.nonzero((without != with_note).any(-1))
    row, column = (np.mean(places) for places in (rows, columns))
    assert column == pytest.approx(PAGE_PX[0] / 2, abs=1)
    assert row < np.mean(np.nonzero((without != 255).any(-1))[0])  # farther away than the middle
