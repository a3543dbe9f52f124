"""Every model that came along can be presented: its canvas, three to five large controls, and back to the start."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from studio.core.param import params_to_json, saved_params
from studio.shell.present.control import offered_controls
from studio.shell.present.large import LargeChoice, LargeList, LargeSlider
from studio.shell.present.presentation import can_surprise, surprise
from studio.shell.present.show import Preparation
from studio.shell.present.side import Side
from studio.widgets.views.picture import array_from_image

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SIZE = QSize(1440, 900)


def showings_of(catalog, panel):
    source = panel.handle.source
    found = catalog.family(source.id.partition("/")[0])
    return Preparation().showing_of(found, source, source.id)


@pytest.fixture
def present(open_panel, catalog, qtbot):
    """Opens the panel of a model and shows it as to visitors, with its column of large controls."""

    def present_(model_id):
        panel, side = open_panel(model_id), Side()
        showing = showings_of(catalog, panel)
        panel.resize(SIZE)
        side.fit(SIZE)
        panel.frame.show_for_visitors(side, side.margin_px)
        side.show_words(showing, can_surprise(panel), is_one_of_many=True)
        side.follow(panel, showing.controls, is_new=True)
        side.show()
        laid_out = (*side.controls(), side.again, side.footer)
        qtbot.waitUntil(lambda: all(side.rect().contains(one.geometry()) for one in laid_out))
        return panel, side, showing

    return present_


def standing(panel):
    """Where the panel stands, as a session keeps it."""
    return params_to_json(panel.params()), panel.state()


def press(widget: QWidget, x_share=0.5):
    QTest.mouseClick(widget, LEFT, NO_KEY, QPoint(round(widget.width() * x_share), widget.height() // 2))


def move_one(side):
    """Move the first control that holds a value: a slider to another place, or a choice to another word."""
    for control in side.controls():
        if isinstance(control, LargeSlider) and control.track.isEnabled():
            share = 0.8 if control.track.sliderPosition() < control.track.maximum() * 0.6 else 0.2
            press(control.track, share)
            return
        if isinstance(control, LargeChoice | LargeList):
            press(next(one for one in control.findChildren(QAbstractButton) if not one.isChecked()))
            return
    raise LookupError("no control holds a value")


def test_each_model_has_a_canvas_and_a_few_controls_that_return_to_their_start(present, any_model, qtbot):
    panel, side, showing = present(any_model)
    names = offered_controls(panel)
    assert "" not in (showing.title, showing.text)
    assert 3 <= len(side.controls()) <= 5, list(names)
    assert showing.moves in ("", *names)
    pixels = array_from_image(panel.frame.picture.grab().toImage(), 512)
    assert np.ptp(pixels[..., :3].reshape(-1, 3), axis=0).max() > 40  # so there is something to see
    before, memory = standing(panel), panel.memory()
    if any(isinstance(one, LargeSlider | LargeChoice | LargeList) for one in side.controls()):
        move_one(side)
        qtbot.waitUntil(lambda: standing(panel) != before)
    if can_surprise(panel):
        surprise(panel)
    panel.set_params(saved_params(type(panel.params()), before[0]))
    panel.recall(memory)
    assert standing(panel) == before
    side.clear()
    panel.frame.show_for_work(side)
    assert panel.frame.inspector.isVisible()
    side.deleteLater()
