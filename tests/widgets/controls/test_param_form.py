"""A form follows the declaration of its parameters."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from studio.core.param import make_params, param
from studio.widgets.controls.param_form import ParamForm
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from tests.widgets.hand import part


@dataclass(frozen=True)
class Params:
    steps: int = param(12, label="Steps", help="How many.", low=1, high=60)
    speed: float = param(0.5, label="Speed", help="How fast.", low=0.0, high=1.0, step=0.05)
    is_straight: bool = param(True, label="Straight", help="Or curved.")
    word: str = param("Hamburg", label="Word", help="To set.")
    path: str = param("spherical", label="Path", help="How.", choices=("linear", "spherical"))


@pytest.fixture
def form(qtbot) -> ParamForm:
    widget = ParamForm(Params, "vae.")
    qtbot.addWidget(widget)
    widget.resize(312, 240)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_starts_with_the_defaults_and_round_trips(form) -> None:
    assert make_params(Params, form.values()) == Params()
    values = {"steps": 3, "speed": 0.25, "is_straight": False, "word": "Ö", "path": "linear"}
    spy = QSignalSpy(form.changed)
    form.set_values(values)
    assert form.values() == values
    assert spy.count() == 0


def test_every_control_has_id_name_and_help(form) -> None:
    for name, label in (("steps", "Steps"), ("is_straight", "Straight"), ("word", "Word"), ("path", "Path")):
        control = part(form, QWidget, f"vae.{name}")
        named = [control, *control.findChildren(QWidget)]
        assert any(widget.accessibleName() == label for widget in named)
        assert form.row(name).toolTip()


def changes(spy: QSignalSpy) -> list[tuple]:
    return [tuple(spy.at(i)) for i in range(spy.count())]


def test_person_changes_every_kind(form) -> None:
    spy = QSignalSpy(form.changed)
    QTest.keyClick(part(part(form, SliderRow, "vae.steps"), SliderTrack), Qt.Key.Key_Right)
    box = part(form, QCheckBox)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center() - box.rect().center() / 1.2)
    line = part(form, QLineEdit, "vae.word")
    line.selectAll()
    QTest.keyClicks(line, "Berlin")
    QTest.keyClick(line, Qt.Key.Key_Return)
    QTest.keyClick(part(form, QComboBox), Qt.Key.Key_Up)
    assert changes(spy) == [("steps", 13), ("is_straight", False), ("word", "Berlin"), ("path", "linear")]


def test_slider_edit_has_start_and_end(form) -> None:
    started, ended = QSignalSpy(form.edit_started), QSignalSpy(form.edit_finished)
    QTest.keyClick(part(part(form, SliderRow, "vae.speed"), SliderTrack), Qt.Key.Key_End)
    assert changes(started) == [("speed",)]
    assert changes(ended) == [("speed",)]
    assert form.values()["speed"] == 1.0


def test_unknown_name_is_an_error(form) -> None:
    with pytest.raises(KeyError):
        form.set_values({"nonsense": 1})


@dataclass(frozen=True)
class WideParams:
    rate: float = param(1e-3, label="Rate", help="How fast.", low=1e-7, high=1.0)
    n_steps: int = param(2000, label="Steps", help="How many.", low=1, high=1_000_000)
    data: str = param("", label="Data", help="Where.")


@pytest.fixture
def wide(qtbot) -> ParamForm:
    widget = ParamForm(WideParams, "train.", without=("data",))
    qtbot.addWidget(widget)
    widget.show()
    return widget


def type_into(form: ParamForm, name: str, text: str) -> None:
    line = part(form, QLineEdit, name)
    line.selectAll()
    QTest.keyClicks(line, text)


def test_a_wide_range_is_typed_and_a_wrong_number_says_so(wide) -> None:
    spy = QSignalSpy(wide.changed)
    assert wide.values() == {"rate": 1e-3, "n_steps": 2000}
    assert wide.problem() == ""
    type_into(wide, "train.n_steps", "5,000")
    assert wide.values()["n_steps"] == 5000
    for text in ("0", "2000000", "many", "1.5", "nan"):
        type_into(wide, "train.n_steps", text)
        assert wide.problem() == "A whole number from 1 to 1e+06.".replace("1e+06", "1,000,000")
    type_into(wide, "train.rate", "2e-4")
    assert wide.values()["rate"] == 2e-4
    assert wide.problem()  # of the steps
    wide.set_values({"n_steps": 7})
    assert wide.problem() == ""
    assert spy.count() > 5
