"""Splats come where they are missed and go where they are not seen, never more than there may be."""

from dataclasses import replace

import numpy as np
import pytest

from plugins.nerf.splats.training.density_control import (
    SPLIT,
    DensitySettings,
    changed_splats,
    halved,
    with_lower_opacities,
)
from tests.plugins.nerf.splats.made_splats import random_splats

SETTINGS = DensitySettings(at_most=1000, growth=1.0)
N = 40


def small_splats(**changed):
    scales = {"log_scales": np.full((N, 3), -6.0), "opacity_logits": np.zeros(N)}
    return random_splats(N, 1, **(scales | changed))


def test_a_small_one_is_doubled():
    splats, shifts = small_splats(), np.zeros(N, np.float32)
    shifts[[3, 5]] = 1
    changed, sources = changed_splats(splats, shifts, SETTINGS, 1.0, np.random.default_rng(0))
    assert sources.tolist() == [*range(N), -1, -1]
    np.testing.assert_array_equal(changed.centres[N:], splats.centres[[3, 5]])
    np.testing.assert_array_equal(changed.harmonics[N:], splats.harmonics[[3, 5]])


def test_a_large_one_is_split():
    splats, shifts = small_splats(log_scales=np.full((N, 3), -2.0)), np.zeros(N, np.float32)
    shifts[7] = 1
    changed, sources = changed_splats(splats, shifts, SETTINGS, 1.0, np.random.default_rng(0))
    assert len(changed) == N + 1
    assert 7 not in sources
    np.testing.assert_allclose(changed.log_scales[-2:], -2 - np.log(SPLIT), rtol=1e-5)


def test_halves_lie_where_the_whole_was():
    one = random_splats(1, log_scales=[[0, -2, -5]], centres=[[1, 2, 3]])
    many = halved(one.where(np.zeros(4000, np.int64)), np.random.default_rng(1))
    spread = np.linalg.eigvalsh(np.cov(many.centres.T))
    np.testing.assert_allclose(np.sqrt(spread[::-1]), np.exp([0, -2, -5]), rtol=0.1)
    np.testing.assert_allclose(many.centres.mean(0), [1, 2, 3], atol=0.1)


def test_what_is_hardly_seen_goes_and_what_is_far_too_large():
    logits, scales = np.zeros(N), np.full((N, 3), -6.0)
    logits[2], scales[4, 1] = -7, 1
    splats = small_splats(opacity_logits=logits, log_scales=scales)
    _, sources = changed_splats(splats, np.zeros(N, np.float32), SETTINGS, 1.0, np.random.default_rng(0))
    assert set(range(N)) - set(sources.tolist()) == {2, 4}


@pytest.mark.parametrize(("at_most", "growth", "wanted"), [(44, 1.0, 44), (1000, 0.1, 45), (10, 1.0, N)])
def test_there_are_never_too_many(at_most, growth, wanted):
    settings = replace(SETTINGS, at_most=at_most, growth=growth)
    shifts = np.arange(1, N + 1, dtype=np.float32)
    changed, _ = changed_splats(small_splats(), shifts, settings, 1.0, np.random.default_rng(0))
    assert len(changed) == wanted


def test_opacities_are_lowered():
    lowered = with_lower_opacities(random_splats(N, seed=3), 0.02)
    assert lowered.opacities.max() == pytest.approx(0.02, rel=1e-4)
