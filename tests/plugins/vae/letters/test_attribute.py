"""What is measured of a typeface, on shapes whose answer is known."""

import numpy as np
import pytest
import torch

from plugins.vae.letters.training.direction_search import MEASURED_LETTERS, TITLES, measure
from studio.core.distance_field import signed_distance_field

AT = (np.arange(256) + 0.5) / 4


def field(inside):
    """The field (1, 64, 64) of a shape given as a test on (x, y) in pixels."""
    x, y = np.meshgrid(AT, AT)
    return torch.from_numpy(signed_distance_field(inside(x, y), 64, 8.0))[None]


def bar(thickness=4.0, slant=0.0, foot=0.0):
    """An upright bar on the baseline, leaning to the right, perhaps with a foot that is wider by `foot`."""

    def inside(x, y):
        stem = np.abs(x - 32 - slant * (28 - y)) < thickness / 2
        base = (np.abs(x - 32) < thickness / 2 + foot / 2) & (y > 41)
        return (stem | base) & (y > 12) & (y < 44)

    return field(inside)


def ring(thick_side=4.0, thick_top=4.0, half_width=10.0, power=2.0):
    """An O as a superellipse with sides and top of their own thickness; power 2 is an ellipse."""

    def within(x, y, wide, high):
        return np.abs((x - 32) / wide) ** power + np.abs((y - 32) / high) ** power < 1

    return field(lambda x, y: within(x, y, half_width, 12) & ~within(x, y, half_width - thick_side, 12 - thick_top))


def attributes(straight, round_letter):
    """Measure an alphabet whose O and o are one shape and all else another."""
    fields = {letter: round_letter if letter in "Oo" else straight for letter in MEASURED_LETTERS}
    return dict(zip(TITLES, measure(fields)[0].tolist(), strict=True))


def test_weight_is_the_thickness_of_the_strokes():
    thin, thick = attributes(bar(3), ring(3, 3)), attributes(bar(6), ring(6, 6))
    assert thin["weight"] == pytest.approx(3, rel=0.12)
    assert thick["weight"] == pytest.approx(6, rel=0.12)


def test_slant_is_the_lean_and_weight_hardly_sees_it():
    upright, leaning = attributes(bar(), ring()), attributes(bar(slant=0.25), ring())
    assert upright["slant"] == pytest.approx(0, abs=0.01)
    assert leaning["slant"] == pytest.approx(0.25, abs=0.03)
    assert leaning["weight"] == pytest.approx(upright["weight"], rel=0.1)


def test_serifs_are_feet():
    assert attributes(bar(), ring())["serif"] == pytest.approx(0, abs=0.05)
    plain, slab = attributes(bar(), ring()), attributes(bar(foot=5), ring())
    assert slab["serif"] > plain["serif"] + 1


def test_contrast_compares_sides_and_top():
    even, modern = attributes(bar(), ring(4, 4)), attributes(bar(), ring(6, 2))
    assert even["contrast"] == pytest.approx(0, abs=0.15)
    assert modern["contrast"] > 0.6


def test_roundness_tells_an_ellipse_from_a_box():
    assert attributes(bar(), ring(power=2))["roundness"] > attributes(bar(), ring(power=6))["roundness"] + 0.05


def test_width_follows_the_letters():
    narrow, wide = attributes(bar(), ring(half_width=8)), attributes(bar(), ring(half_width=14))
    assert wide["width"] > narrow["width"] + 3
