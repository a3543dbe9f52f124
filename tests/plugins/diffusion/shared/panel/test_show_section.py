"""Which views are shown, and how their values are counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtTest import QTest

from plugins.diffusion.shared.panel.show_section import (
    N_BINS,
    VIEW_HINTS,
    VIEW_TEXTS,
    ShowSection,
    bins_of_picture,
    bins_of_sound,
)
from tests.plugins.diffusion.panel_hand import LEFT, heard, picture_of, shown


@pytest.fixture
def section(qtbot) -> ShowSection:
    return shown(qtbot, ShowSection(), 296, 220)


def click(section: ShowSection, text: str) -> None:
    QTest.mouseClick(next(chip for chip in section.chips.chips if chip.text() == text), LEFT)


def on(section: ShowSection) -> list[str]:
    return [chip.text() for chip in section.chips.chips if chip.isChecked()]


def test_every_view_has_a_hint() -> None:
    assert set(VIEW_TEXTS) == set(VIEW_HINTS)


def test_the_first_chosen_is_large(section) -> None:
    said = heard(section.views_changed)
    assert on(section) == ["Noisy", "Predicted"]
    click(section, "Change")
    click(section, "Noisy")
    assert said == [("noisy", "predicted", "change"), ("predicted", "change")]
    assert section.order.text() == "Large: Predicted · Change"


def test_a_fourth_takes_the_place_of_the_third_and_one_always_stays(section) -> None:
    said = heard(section.views_changed)
    click(section, "Change")
    click(section, "Attention")
    assert said[-1] == ("noisy", "predicted", "attention")
    for text in ("Noisy", "Predicted", "Attention"):
        click(section, text)
    assert said[-1] == ("attention",)
    assert on(section) == ["Attention"]


def test_a_small_picture_becomes_the_large_one(section) -> None:
    said = heard(section.views_changed)
    section.enlarge("predicted")
    section.enlarge("predicted")
    assert said == [("predicted", "noisy")]


def test_only_what_the_model_has_is_offered(section) -> None:
    said = heard(section.views_changed)
    section.set_views(["attention", "noisy", "nonsense"])
    section.set_possible(["noisy", "predicted"])
    assert (section.views(), on(section), said) == (("noisy",), ["Noisy"], [])
    section.set_views([])
    assert section.views() == ("noisy",)


def test_the_histogram_is_drawn_and_told(section) -> None:
    before = picture_of(section.histogram)
    section.histogram.show_picture(np.full((4, 4, 3), 128, np.uint8))
    assert "Mean 128, spread 0" in section.histogram.accessibleDescription()
    assert (picture_of(section.histogram) != before).any()
    section.histogram.show_sound(np.zeros(8, np.float32))
    assert "between −1 and 1" in section.histogram.accessibleDescription().replace("-", "−")
    section.histogram.clear()
    assert (picture_of(section.histogram) == before).all()


@given(arrays(np.uint8, (5, 7, 3)))
def test_every_value_is_counted_once(pixels: np.ndarray) -> None:
    bins = bins_of_picture(pixels)
    assert bins.shares.shape[1] == N_BINS
    assert bins.shares.sum(1) == pytest.approx(1.0)
    place = int(pixels[2, 3, 0]) * N_BINS // 256
    assert bins.shares[0, place] >= 1 / 35 - 1e-9


def test_a_grey_picture_has_one_curve() -> None:
    assert len(bins_of_picture(np.zeros((3, 3, 3), np.uint8)).shares) == 1
    assert len(bins_of_picture(np.zeros((3, 3), np.uint8)).shares) == 1


@given(st.lists(st.floats(-2, 2, width=32), max_size=20))
def test_sound_beyond_its_range_counts_at_the_ends(samples: list[float]) -> None:
    if samples:
        assert bins_of_sound(np.array(samples, np.float32)).shares.sum() == pytest.approx(1.0)
