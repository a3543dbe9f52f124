"""What is drawn of a pair: arrows down the loss, a map the right way up, an even grid, dots at their places."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from plugins.gan.playground.frames import preset
from plugins.gan.playground.model import network as net
from plugins.gan.playground.model.network import n_weights
from plugins.gan.playground.model.pair import GENERATOR_LOSSES, pair_of, untrained
from plugins.gan.playground.model.target import EXTENT
from plugins.gan.playground.params import LOSSES, PlaygroundSettings
from plugins.gan.playground.view_model import (
    FAKE,
    GRID_SIDE,
    MAP_SIDE,
    PAPER,
    REAL,
    TINT,
    PairView,
    arrows_at,
    chance_map,
    draw_view,
    tinted,
    view_of_pair,
)

SIDE_PX = 120
NOWHERE = np.zeros((0, 2), np.float32)


def plain(real=NOWHERE, fake=NOWHERE, chance=0.5):
    return PairView(
        real, fake, fake, np.full((MAP_SIDE, MAP_SIDE), chance, np.float32), np.zeros((2, 2, 2), np.float32)
    )


def pixel_of(x, y):
    return int((1 - y / EXTENT) / 2 * SIDE_PX), int((x / EXTENT + 1) / 2 * SIDE_PX)


def slanted():
    """A pair whose discriminator believes in what lies high up."""
    weights = np.zeros(n_weights(net.DISCRIMINATOR), np.float32)
    pair = pair_of(np.zeros(n_weights(net.GENERATOR), np.float32), weights)
    layers = pair.judge.layers
    layers[0][0][1, 0] = layers[1][0][0, 0] = layers[2][0][0, 0] = 2.0
    return pair


@pytest.mark.parametrize("loss", LOSSES)
def test_arrows_point_down_the_generators_loss(loss):
    pair, settings = untrained(3), PlaygroundSettings(loss=loss)
    fake = np.random.default_rng(0).standard_normal((6, 2)).astype(np.float32)
    arrows = arrows_at(pair, settings, fake)
    assert np.linalg.norm(arrows, axis=1).max() == pytest.approx(1, abs=1e-5)
    judge = pair.judge.weights.astype(np.float64)

    def lost(points):
        return GENERATOR_LOSSES[loss](net.Perceptron(net.DISCRIMINATOR, judge)(points))[0]

    slopes = np.zeros((6, 2))
    for place in np.ndindex(6, 2):
        way = np.zeros((6, 2))
        way[place] = 1e-5
        slopes[place] = (lost(fake + way) - lost(fake - way)) / 2e-5
    expected = -slopes / np.linalg.norm(slopes, axis=1).max()
    np.testing.assert_allclose(arrows, expected, atol=1e-3)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_map_is_the_right_way_up(loss):
    real, fake = np.array([[0.0, 2.0]], np.float32), np.array([[0.0, -2.0]], np.float32)
    chance = chance_map(slanted(), PlaygroundSettings(loss=loss), real, fake)
    assert chance.shape == (MAP_SIDE, MAP_SIDE)
    assert (chance[0] < 0.2).all()  # the lowest row
    assert (chance[-1] > 0.8).all()
    look = replace(plain(), chance=chance)
    pixels = draw_view(look, SIDE_PX).astype(int)
    assert pixels[2, 60, 1] > pixels[2, 60, 0]  # above, as the real points are coloured
    assert pixels[-3, 60, 0] > pixels[-3, 60, 2]  # below, as the forged ones


def test_the_grid_has_even_chances():
    pair = pair_of(np.zeros(n_weights(net.GENERATOR), np.float32), np.zeros(n_weights(net.DISCRIMINATOR), np.float32))
    look = view_of_pair(pair, PlaygroundSettings(), preset("ring"), 1)
    assert look.grid.shape == (GRID_SIDE, GRID_SIDE, 2)
    from plugins.gan.playground.view_model import _noise_lattice

    lattice = _noise_lattice("gaussian")
    chances = [NormalDist().cdf(float(x)) for x in lattice[0, :, 0]]
    np.testing.assert_allclose(np.diff(chances), np.diff(chances)[0], rtol=1e-4)
    assert np.allclose(np.diff(_noise_lattice("uniform")[0, :, 0], 2), 0, atol=1e-5)


def test_between_two_looks_points_glide_on_straight_lines():
    one, other = (view_of_pair(untrained(seed), PlaygroundSettings(), preset("ring"), 1) for seed in (1, 2))
    half = one.towards(other, 0.5)
    np.testing.assert_allclose(half.fake, (one.fake + other.fake) / 2, atol=1e-6)
    np.testing.assert_allclose(half.grid, (one.grid + other.grid) / 2, atol=1e-6)
    assert np.array_equal(one.towards(other, 1.0).chance, other.chance)


def test_dots_lie_at_their_places():
    pixels = draw_view(plain(np.array([[-1.5, 2.0]], np.float32), np.array([[2.0, -1.0]], np.float32)), SIDE_PX)
    np.testing.assert_allclose(pixels[pixel_of(-1.5, 2.0)].astype(int), REAL, atol=24)  # beside the middle
    np.testing.assert_allclose(pixels[pixel_of(2.0, -1.0)].astype(int), FAKE, atol=24)
    assert tuple(pixels[pixel_of(0.0, 0.0)]) == PAPER
    assert (pixels != PAPER).any(2).sum() < 40


def test_points_outside_of_the_square_are_left_out():
    pixels = draw_view(plain(fake=np.array([[9.0, 0.0], [0.0, -9.0]], np.float32)), SIDE_PX)
    assert (pixels == PAPER).all()


def test_the_tint_is_as_strong_as_the_belief():
    chance = np.array([[0.0, 0.5, 1.0]], np.float32)
    low, middle, high = tinted(chance, PAPER, REAL, FAKE)[0].astype(float)
    np.testing.assert_allclose(middle, PAPER, atol=1)
    np.testing.assert_allclose(high, np.array(PAPER) + TINT * (np.array(REAL) - PAPER), atol=1)
    np.testing.assert_allclose(low, np.array(PAPER) + TINT * (np.array(FAKE) - PAPER), atol=1)
