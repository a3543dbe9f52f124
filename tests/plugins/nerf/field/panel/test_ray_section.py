"""What a ray meets, as a plot: its figures in words, and the place under the pointer."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from plugins.nerf.field.panel.ray_section import RaySection, steps_of, ticks_of, with_gaps
from plugins.nerf.field.render.ray_samples import RaySamples
from studio.widgets.theme import set_hue
from tests.plugins.nerf.field.panel.widget_tools import LEFT, dress, heard, picture_of, press, shown

S = 101
DISTANCE = np.linspace(2, 4, S).astype(np.float32)


def samples(density: np.ndarray, weight: np.ndarray) -> RaySamples:
    n = len(density)
    colour = np.tile(np.array([[1, 0, 0]], np.float32), (n, 1))
    return RaySamples(DISTANCE[:n], density, weight, colour, np.zeros((n, 3), np.float32))


def ray(centre: float, share: float = 1.0) -> RaySamples:
    density = np.exp(-(((DISTANCE - centre) / 0.05) ** 2)).astype(np.float32)
    weight = (share * density / density.sum()).astype(np.float32)
    return samples(20 * density, weight)


@pytest.fixture
def section(qtbot, qapp) -> RaySection:
    dress(qapp)
    section = RaySection()
    set_hue(section, "nerf")
    return shown(qtbot, section, 308, 240)


def test_a_ray_is_told_in_words(section) -> None:
    section.set_ray(ray(3.2, 0.9))
    assert section.summary.text() == "Sees 90 % of a surface 3.20 away, in 101 samples."
    assert section.plot.accessibleDescription() == section.summary.text()


def test_a_ray_into_the_empty_sky(section) -> None:
    nothing = np.zeros(S, np.float32)
    section.set_ray(samples(nothing, nothing))
    assert section.summary.text() == "The ray hits nothing."
    picture_of(section)  # a plot without height is drawn all the same


def test_without_a_ray_it_says_how_to_get_one(section) -> None:
    section.set_ray(ray(3.2))
    high = section.plot.sizeHint().height()
    section.set_ray(None)
    assert section.plot.sizeHint().height() < high / 2
    assert not section.clear.isEnabled()
    nothing = np.zeros(0, np.float32)
    section.set_ray(samples(nothing, nothing))
    assert section.summary.text() == ""
    picture_of(section)


def test_the_hump_is_drawn_where_the_surface_is(section) -> None:
    columns = []
    for centre in (2.5, 3.5):
        section.set_ray(ray(centre))
        pixels = picture_of(section.plot)[30:-40].astype(int)
        greenness = pixels[..., 1] - np.maximum(pixels[..., 0], pixels[..., 2])
        inside = greenness[: len(greenness) // 2]  # above the foot of the curve
        columns.append(np.nonzero(inside.max(0) > 30)[0].mean() / section.plot.width())
    assert columns == pytest.approx([0.26, 0.74], abs=0.03)


def test_pointing_tells_the_values_of_a_place(section) -> None:
    section.set_ray(ray(3.0))
    said = heard(section.sample_pointed)
    QTest.mouseMove(section.plot, QPoint(10, 60))
    QTest.mouseMove(section.plot, section.plot.plot_rect().center().toPoint())
    assert said[-1] == pytest.approx(50, abs=1)
    assert section.plot.read_out().startswith(f"{DISTANCE[said[-1]]:.2f} away: density")


def test_keys_go_from_place_to_place_from_the_heaviest(section) -> None:
    section.set_ray(ray(3.0))
    said = heard(section.sample_pointed)
    press(section.plot, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_PageDown)
    assert said == [50, 51, 50, 70]
    section.set_ray(None)
    assert said[-1] == -1


def test_a_ray_without_a_pointer_and_none(section) -> None:
    middle, clear = heard(section.middle_requested), heard(section.clear_requested)
    section.set_ray(ray(3.0))
    QTest.mouseClick(section.middle, LEFT)
    QTest.mouseClick(section.clear, LEFT)
    assert (len(middle), len(clear)) == (1, 1)


def test_where_the_ray_skips_space_the_curves_go_down_to_zero() -> None:
    t = np.array([1.0, 1.1, 1.2, 3.0, 3.2, 3.4], np.float32)
    places, values = with_gaps(t, np.full(6, 5, np.float32))
    assert places == pytest.approx([1.0, 1.1, 1.2, 1.3, 2.8, 3.0, 3.2, 3.4])
    assert values.tolist() == [5, 5, 5, 0, 0, 5, 5, 5]
    assert len(with_gaps(DISTANCE, DISTANCE)[0]) == S


def test_one_sample_is_a_plot_too(section) -> None:
    section.set_ray(samples(np.ones(1, np.float32), np.ones(1, np.float32)))
    assert steps_of(DISTANCE[:1]).tolist() == [1]
    picture_of(section)
    QTest.mouseMove(section.plot, section.plot.rect().center())


def test_a_ray_of_two_looks_shows_both_and_the_first_guess(section) -> None:
    found = ray(3.2)
    is_coarse = np.arange(S) % 4 == 0
    chosen = heard(section.way_chosen)
    segment = next(one for one in section.way.children() if getattr(one, "text", str)() == "Coarse, then fine")
    QTest.mouseClick(segment, Qt.MouseButton.LeftButton)
    assert chosen == ["original"]
    section.set_ray(found)
    low = section.plot.spec.y.low
    section.set_ray(replace(found, is_coarse=is_coarse, coarse_weight=found.weight[is_coarse]))
    assert [item.name for item in section.plot.spec.items][:3] == ["weight", "density", "first guess"]
    assert section.plot.spec.y.low < low
    marks = ticks_of(replace(found, is_coarse=is_coarse), (2.0, 4.0))[..., 3] > 0
    assert marks.sum(1).tolist() == [is_coarse.sum(), (~is_coarse).sum()]
