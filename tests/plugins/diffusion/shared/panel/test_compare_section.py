"""Other runs to hold this one against."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from plugins.diffusion.shared.panel.compare_section import OFFERED, RunCompareSection
from plugins.diffusion.shared.params import DiffusionParams
from studio.core.param import param_specs
from studio.core.seed import MAX_SEED
from studio.widgets.controls.chip import Chip
from tests.plugins.diffusion.panel_hand import LEFT, heard, press, shown


@pytest.fixture
def section(qtbot) -> RunCompareSection:
    section = RunCompareSection()
    section.set_params(DiffusionParams(prompt="a fox", steps=50, guidance=4.0, seed=7))
    return shown(qtbot, section, 296, 120)


def click(section: RunCompareSection, text: str) -> None:
    QTest.mouseClick(next(one for one in section.findChildren(Chip) if one.text() == text), LEFT)


def chip_texts(section: RunCompareSection) -> list[str]:
    return [chip.text() for chip in section.chips.chips]


def begin(section: RunCompareSection, name: str) -> None:
    click(section, "+")
    section.form.names.setCurrentIndex(OFFERED.index(name))


def test_one_click_compares(section) -> None:
    said = heard(section.compare_requested)
    for text in ("10 steps", "guidance 1", "new seed", "10 steps"):
        click(section, text)
    assert said == [{"steps": 10}, {"guidance": 1.0}, {"seed": 8}, {"steps": 10}]


def test_never_offers_what_is_on_screen(section) -> None:
    section.set_params(DiffusionParams(steps=10, guidance=1.0, seed=MAX_SEED))
    assert chip_texts(section) == ["50 steps", "guidance 6", "new seed", "+"]
    said = heard(section.compare_requested)
    click(section, "new seed")
    assert said == [{"seed": 0}]


@pytest.mark.parametrize(
    ("name", "typed", "wanted"),
    [
        ("steps", "12", 12),
        ("guidance", "2,5", 2.5),
        ("prompt", "a cat", "a cat"),
        ("negative", "red", "red"),
        ("seed", "99", 99),
        ("eta", "0.5", 0.5),
    ],
)
def test_any_setting_and_value(section, name: str, typed: str, wanted: object) -> None:
    said = heard(section.compare_requested)
    begin(section, name)
    section.form.text.setFocus()
    section.form.text.selectAll()
    QTest.keyClicks(section.form.text, typed)
    press(section.form.text, Qt.Key.Key_Return)
    assert said == [{name: wanted}]


def test_a_sampler_is_chosen_from_the_others(section) -> None:
    said = heard(section.compare_requested)
    begin(section, "sampler")
    choices = section.form.choices
    assert choices.findData("ddim") < 0
    choices.setCurrentIndex(choices.findData("heun"))
    QTest.mouseClick(section.form.go, LEFT)
    assert said == [{"sampler": "heun"}]


@pytest.mark.parametrize("typed", ["", "abc", "0", "5000", "50", "nan"])
def test_what_is_unsound_or_the_same_cannot_be_compared(section, typed: str) -> None:
    said = heard(section.compare_requested)
    begin(section, "steps")
    section.form.text.setFocus()
    section.form.text.selectAll()
    QTest.keyClick(section.form.text, Qt.Key.Key_Backspace)
    QTest.keyClicks(section.form.text, typed)
    assert not section.form.go.isEnabled()
    press(section.form.text, Qt.Key.Key_Return)
    assert said == []


def test_plus_folds_the_form_again_and_everything_offered_exists(section) -> None:
    click(section, "+")
    assert section.form.isVisible()
    click(section, "+")
    assert not section.form.isVisible()
    assert set(OFFERED) <= set(param_specs(DiffusionParams))
