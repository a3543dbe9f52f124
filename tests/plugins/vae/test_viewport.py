"""The map's arithmetic: pixels and plane are each other's inverse, and zooming keeps what the pointer is on."""

from dataclasses import astuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugins.vae.viewport import MAX_ZOOM, MIN_ZOOM, Viewport

SIZE = st.floats(50, 900)
SHARE = st.floats(-1, 1)
VIEWS = st.builds(
    lambda extent_x, extent_y, zoom, x, y: Viewport(extent_x, extent_y).zoomed(zoom, (0, 0)).panned_to(x, y),
    st.floats(0.5, 20),
    st.floats(0.5, 20),
    st.floats(0.1, 100),
    st.floats(-30, 30),
    st.floats(-30, 30),
)


def visible(view):
    """The part of the plane on show: left, right, bottom, top."""
    left, top = view.to_plane(0, 0, 300, 200)
    right, bottom = view.to_plane(300, 200, 300, 200)
    return left, right, bottom, top


@given(VIEWS, SHARE, SHARE, SIZE, SIZE)
def test_pixels_and_plane_are_inverse(view, x, y, width, height):
    point = x * view.extent_x, y * view.extent_y
    assert view.to_plane(*view.to_pixel(*point, width, height), width, height) == pytest.approx(point, abs=1e-6)


@given(VIEWS)
def test_the_view_never_leaves_the_map(view):
    left, right, bottom, top = visible(view)
    assert MIN_ZOOM <= view.zoom <= MAX_ZOOM
    assert left >= -view.extent_x * (1 + 1e-9)
    assert right <= view.extent_x * (1 + 1e-9)
    assert bottom >= -view.extent_y * (1 + 1e-9)
    assert top <= view.extent_y * (1 + 1e-9)


@given(VIEWS, SHARE, SHARE, st.floats(1, 4))
def test_zooming_in_keeps_the_point_under_the_pointer(view, x, y, factor):
    left, right, bottom, top = visible(view)
    at = (left + right) / 2 + x * (right - left) / 2, (bottom + top) / 2 + y * (top - bottom) / 2
    before = view.to_pixel(*at, 300, 200)
    assert view.zoomed(factor, at).to_pixel(*at, 300, 200) == pytest.approx(before, abs=1e-4)


@given(VIEWS, SHARE, SHARE, st.floats(1.1, 3))
def test_zooming_in_and_out_returns(view, x, y, factor):
    assume(view.zoom * factor <= MAX_ZOOM)
    at = x * view.extent_x, y * view.extent_y
    left, right, bottom, top = visible(view)
    assume(left <= at[0] <= right and bottom <= at[1] <= top)
    back = view.zoomed(factor, at).zoomed(1 / factor, at)
    assert astuple(back) == pytest.approx(astuple(view), abs=1e-6)


def test_up_is_more():
    view = Viewport(2, 1)
    assert view.to_pixel(2, 1, 300, 200) == (300, 0)
    assert view.to_pixel(-2, -1, 300, 200) == (0, 200)
