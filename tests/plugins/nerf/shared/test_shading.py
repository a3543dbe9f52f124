"""Pictures of what rays found: backgrounds, light, and the maps of the other quantities."""

import numpy as np
import pytest

from plugins.nerf.field.params import FieldParams
from plugins.nerf.shared.camera.ray import Rendering
from plugins.nerf.shared.shading import MAX_COST, linear, picture_look_of, shaded, srgb
from studio.render.colour_map import AMOUNT_COLOURS


def rendering(colour=(0.5, 0.25, 0.0), opacity=1.0, depth=2.0, normal=(0.0, 0.0, 1.0), n_samples=0):
    return Rendering(
        np.full((2, 3, 3), np.multiply(colour, opacity), np.float32),
        np.full((2, 3), opacity, np.float32),
        np.full((2, 3), depth, np.float32),
        np.full((2, 3, 3), normal, np.float32),
        np.full((2, 3), n_samples, np.uint16),
    )


def first_pixel(found, low=1.0, high=5.0, **params):
    pixels = shaded(found, picture_look_of(FieldParams(**params), low, high, AMOUNT_COLOURS))
    assert pixels.dtype == np.uint8
    assert pixels.shape == (2, 3, 3)
    return pixels[0, 0].tolist()


def test_an_opaque_colour_is_shown_as_it_is():
    assert first_pixel(rendering()) == [128, 64, 0]


@pytest.mark.parametrize(("background", "seen"), [("white", [191, 159, 128]), ("black", [64, 32, 0])])
def test_what_is_half_there_shows_half_of_the_background(background, seen):
    assert first_pixel(rendering(opacity=0.5), background=background) == seen


def test_a_step_of_exposure_doubles_the_light_and_leaves_the_background():
    brighter = first_pixel(rendering((0.5, 0.5, 0.5)), exposure=1.0)
    light = linear(np.array([0.5], np.float32)) * 2
    assert brighter[0] == round(float(srgb(light)[0]) * 255)
    assert first_pixel(rendering(opacity=0.0), exposure=2.0, background="grey") == [56, 59, 66]


def test_srgb_and_linear_light_are_inverse():
    values = np.linspace(0, 1, 101, dtype=np.float32)
    assert srgb(linear(values)) == pytest.approx(values, abs=1e-6)
    assert linear(np.array([0.5], np.float32)) == pytest.approx([0.21404114], abs=1e-6)


def test_near_is_bright_and_far_is_dark_in_the_depth_view():
    assert first_pixel(rendering(depth=1.0), view="depth") == AMOUNT_COLOURS[255].tolist()
    assert first_pixel(rendering(depth=5.0), view="depth") == AMOUNT_COLOURS[0].tolist()


def test_normals_are_red_green_and_blue_along_the_axes():
    assert first_pixel(rendering(normal=(1.0, 0.0, 0.0)), view="normals") == [255, 128, 128]
    assert first_pixel(rendering(normal=(0.0, 0.0, -1.0)), view="normals") == [128, 128, 0]


def test_density_and_cost_run_through_the_map():
    assert first_pixel(rendering(opacity=1.0), view="density") == AMOUNT_COLOURS[255].tolist()
    assert first_pixel(rendering(n_samples=0), view="cost") == AMOUNT_COLOURS[0].tolist()
    assert first_pixel(rendering(n_samples=int(MAX_COST)), view="cost") == AMOUNT_COLOURS[255].tolist()
