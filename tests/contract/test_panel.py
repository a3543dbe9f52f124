"""What every panel must do at 1000x700: stand, draw, go back and forth, be reached and explained, and go."""

import dataclasses
import gc
import json
import re
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from studio.api.panel import ChipFlow, NumberField
from studio.api.timeline.command import timeline_commands
from studio.core.error import UserError
from studio.core.param import params_to_json
from studio.core.picture import encode_png
from studio.widgets.caption import Caption
from studio.widgets.controls.model_picker import ModelPicker
from studio.widgets.message_bar import MessageBar
from studio.widgets.timeline.timeline import Timeline
from tests.contract.conftest import SIZE_PX
from tests.contract.test_engine import are_equal, last_frame

CONTROLS = (QAbstractButton, QAbstractSlider, QComboBox, QLineEdit)


@pytest.fixture
def make_panel(open_panel, found):
    """Makes the family's panel with a model, its default one unless another is named."""

    def make(model_id=found.manifest.default_model, **worker):
        return open_panel(model_id, **worker)

    return make


@pytest.fixture
def panel(make_panel):
    return make_panel()


def controls_of(panel):
    """Return what a person can operate, without scroll bars and the numbers that belong to sliders."""
    every = [widget for kind in CONTROLS for widget in panel.findChildren(kind)]
    return [widget for widget in every if not isinstance(widget, QScrollBar | NumberField)]


def name_of(control):
    return control.accessibleName() or getattr(control, "text", str)()


def test_it_stands_with_every_model(open_panel, any_model):
    panel = open_panel(any_model)
    assert (panel.width(), panel.height()) == SIZE_PX
    assert panel.snapshot() is not None


def test_it_stands_before_its_model_is_open(make_panel, stepped_worker):
    panel = make_panel(worker=stepped_worker)
    assert panel.snapshot() is None
    assert not panel.handle.is_open
    panel.grab()
    stepped_worker.run_all()
    assert panel.snapshot() is not None


def test_every_command_may_be_given_before_the_first_picture(make_panel, stepped_worker):
    panel = make_panel(worker=stepped_worker)
    for command in (*panel.commands(), *timeline_commands(panel.timeline)):
        if (command.when is None or command.when()) and "…" not in command.title:  # those open a window of the system
            command.run()
    stepped_worker.run_all()  # a failure that nobody expected fails the test as its panel is closed


def test_nothing_is_wider_than_its_place(standing_panel):
    for widget in standing_panel.findChildren(QWidget):
        if widget.isVisible() and widget.parentWidget() is not None:
            left = widget.mapTo(standing_panel, QPoint(0, 0)).x()
            assert left >= 0, widget
            assert left + widget.width() <= standing_panel.width(), widget
    for area in standing_panel.findChildren(QScrollArea):
        assert area.widget().width() <= area.viewport().width(), area


def test_controls_have_names_and_can_be_reached_by_keyboard(standing_panel):
    controls = [control for control in controls_of(standing_panel) if control.isVisibleTo(standing_panel)]
    assert controls
    for control in controls:
        assert name_of(control), control
        assert control.focusPolicy() != Qt.FocusPolicy.NoFocus, name_of(control)


def test_the_guide_names_every_control(standing_panel, found):
    words = plain(found.explained())
    shared = {
        child
        for kind in (Caption, MessageBar, ModelPicker, Timeline)
        for part in standing_panel.findChildren(kind)
        for child in part.findChildren(QWidget)
    }
    content = [flow for flow in standing_panel.findChildren(ChipFlow) if flow.property("is_content")]
    shared |= {chip for flow in content for chip in flow.findChildren(QWidget)}
    names = {name_of(part) for part in (*controls_of(standing_panel), *content) if part not in shared}
    names = {name for name in names if len(name) > 1}  # a chip with a letter explains itself
    assert sorted(name for name in names if plain(name) not in words) == []


def plain(text):
    """The words of a text; numbers count rows and steps, and no guide lists them all."""
    return " ".join(re.findall(r"[^\W\d]+", text.lower()))


def test_params_come_back(panel, params_class):
    params = dataclasses.replace(panel.params(), seed=11)
    panel.set_params(params)
    assert panel.params() == params
    assert isinstance(params, params_class)


def test_the_picture_of_a_seed_is_the_one_of_the_command_line(panel, engine, params_class):
    panel.set_params(params_class(seed=7))
    snapshot = panel.snapshot()
    assert snapshot.seed == 7
    assert dict(snapshot.params) == params_to_json(panel.params())
    assert are_equal(snapshot.frame, last_frame(engine, params_class(seed=7)))


def test_the_state_is_plain_and_brings_the_picture_back(panel, make_panel, params_class):
    panel.set_params(params_class(seed=5))
    state = json.loads(json.dumps(panel.state(), allow_nan=False))
    other = make_panel()
    other.set_state(state)
    assert other.state() == panel.state()
    assert are_equal(other.snapshot().frame, panel.snapshot().frame)


def test_a_wrong_state_is_refused_and_changes_nothing(standing_panel):
    before = standing_panel.state()
    for wrong in ({"nonsense": 1}, {"seed": "many"}, {"z": [1e999]}, {"": None}):
        with pytest.raises(UserError):
            standing_panel.set_state({**before, **wrong})
        assert standing_panel.state() == before, wrong


def test_every_undo_step_has_a_title_and_goes_back(panel, qtbot):
    before = json.dumps(panel.state(), sort_keys=True)
    for slider in panel.findChildren(QAbstractSlider):
        if slider.isVisibleTo(panel) and not isinstance(slider, QScrollBar):
            qtbot.keyClick(slider, Qt.Key.Key_Right)
    undo = panel.host.undo
    assert undo.undo_title
    assert json.dumps(panel.state(), sort_keys=True) != before
    while undo.undo():
        assert undo.redo_title
    assert json.dumps(panel.state(), sort_keys=True) == before


def test_empty_input_is_survived(panel, qtbot):
    for line in panel.findChildren(QLineEdit):
        line.clear()
        qtbot.keyClick(line, Qt.Key.Key_Return)
    assert panel.snapshot() is not None


def test_its_commands_are_its_own(standing_panel, found):
    for command in standing_panel.commands():
        assert command.id.startswith(f"{found.id}.")


def test_it_leaves_nothing_behind(make_panel, stepped_worker):
    panel = make_panel(worker=stepped_worker)
    gone = weakref.ref(panel)
    undo = panel.host.undo
    panel.tasks.close()
    panel.close()
    panel.deleteLater()
    undo.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    stepped_worker.run_all()
    assert stepped_worker.jobs() == []
    del panel
    gc.collect()
    assert gone() is None


def test_a_repaint_computes_nothing(standing_panel):
    before = standing_panel.snapshot()
    image = standing_panel.grab().toImage()
    assert not image.isNull()
    after = standing_panel.snapshot()
    assert np.array_equal(standing_panel.grab().toImage().constBits(), image.constBits())
    assert after.frame is before.frame


def test_it_goes_on_with_a_picture_where_its_manifest_says_so(open_panel, model_id, catalog, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encode_png(np.full((40, 40, 3), 200, np.uint8)))
    source = catalog.find_model(model_id).source
    kind = catalog.family(model_id.partition("/")[0]).manifest.kind_of(source.card)
    assert open_panel(model_id).open_path(path) == kind.takes_pictures
