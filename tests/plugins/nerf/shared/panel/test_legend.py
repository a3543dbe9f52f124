"""The bar that explains colours: it has the colours that the picture has."""

import numpy as np
import pytest

from plugins.nerf.shared.panel.overlay import Legend, bar_image, cost_scale, density_scale, depth_scale
from studio.render.colour_map import AMOUNT_COLOURS
from tests.plugins.nerf.field.panel.widget_tools import dress, picture_of, pixels_of, shown


@pytest.fixture
def legend(qtbot, qapp) -> Legend:
    dress(qapp)
    legend = Legend()
    legend.set_scale(density_scale())
    return shown(qtbot, legend)


def test_the_bar_has_all_the_colours_of_the_map() -> None:
    assert np.array_equal(pixels_of(bar_image(False))[0], AMOUNT_COLOURS)
    assert np.array_equal(pixels_of(bar_image(True))[0], AMOUNT_COLOURS[::-1])


def test_near_is_bright_and_stands_at_the_left(legend) -> None:
    scale = depth_scale(1.234, 12.5)
    assert (scale.labels, scale.is_reversed) == (("1.23", "6.87", "12.5"), True)
    legend.set_scale(scale)
    pixels = picture_of(legend).astype(int)
    yellowness = pixels[..., 0] - pixels[..., 2]  # red without blue: text and card have neither
    left, right = yellowness[:, 16:60], yellowness[:, -60:-16]
    assert (left.max(), right.min()) == (pytest.approx(198, abs=20), pytest.approx(-78, abs=20))
    assert right.max() < 30


def test_it_is_read_out(legend) -> None:
    legend.set_scale(cost_scale("Samples per ray", 64))
    assert legend.accessibleDescription() == "Samples per ray: 0, 32, 64 or more"


def test_the_scenes_own_colours_need_no_legend(legend) -> None:
    legend.set_scale(None)
    assert legend.isHidden()
    legend.set_scale(cost_scale("Samples per ray", 64))
    assert legend.isVisible()
