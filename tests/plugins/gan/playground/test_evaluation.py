"""Divergences with known values, parts that are found, and shapes that are what they say."""

import numpy as np
import pytest

from plugins.gan.playground.frames import preset
from plugins.gan.playground.model.target import (
    EXTENT,
    MAX_PAINTED,
    PRESETS,
    SPREAD,
    Target,
    dabbed,
    erased,
    ring_places,
)
from plugins.gan.playground.training.evaluation import (
    N_CELLS,
    histogram,
    jensen_shannon,
    kullback_leibler,
    measured_real,
    part_shares,
    perplexity,
    wanted_shares,
)
from studio.core.error import UserError


def test_equal_histograms_have_no_divergence():
    p = np.array([0.5, 0.25, 0.25, 0.0])
    assert jensen_shannon(p, p) == 0.0
    assert jensen_shannon(p, np.roll(p, 1)) > 0


def test_histograms_without_overlap_are_one_bit_apart():
    assert jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(1.0)


def test_divergences_have_their_closed_forms():
    p, q = np.array([0.5, 0.5]), np.array([0.75, 0.25])
    middle = (p + q) / 2
    expected = 0.5 * sum((a * np.log2(a / middle)).sum() for a in (p, q))
    assert jensen_shannon(p, q) == pytest.approx(expected)
    wide = np.full(577, 1 / 577)
    assert kullback_leibler(wide, wide) == pytest.approx(0.0, abs=1e-12)
    assert np.isfinite(kullback_leibler(wide, np.eye(577)[0]))
    assert kullback_leibler(p, q) == pytest.approx(0.5 * np.log2(0.5 / 0.75) + 0.5 * np.log2(0.5 / 0.25), rel=1e-2)


def test_the_perplexity_counts_cells_that_are_filled_evenly():
    assert perplexity(np.array([0.25, 0.25, 0.25, 0.25, 0.0])) == pytest.approx(4)
    assert perplexity(np.array([1.0, 0.0])) == pytest.approx(1)


def test_every_point_is_in_one_cell_and_strays_in_the_last():
    points = np.array([[-EXTENT, -EXTENT], [EXTENT - 1e-3, EXTENT - 1e-3], [9.0, 0.0], [0.0, -9.0]])
    shares = histogram(points)
    assert shares.shape == (N_CELLS**2 + 1,)
    assert shares.sum() == pytest.approx(1)
    assert (shares[0], shares[N_CELLS**2 - 1], shares[-1]) == (0.25, 0.25, 0.5)


@pytest.mark.parametrize("name", PRESETS)
def test_real_points_lie_on_all_parts_of_their_shape(name):
    target = preset(name)
    real, shares = measured_real(target)
    assert (np.abs(real) < EXTENT).all()
    wanted = wanted_shares(target)
    assert wanted.sum() > 0.95
    assert (wanted > 0.4 / len(wanted)).all()
    other = target.sample(4000, np.random.default_rng(1))
    assert jensen_shannon(shares, histogram(other)) < 0.06


def test_the_ring_has_eight_normal_heaps():
    real, _ = measured_real(preset("ring"))
    nearest = np.linalg.norm(real[:, None] - ring_places()[None], axis=2).argmin(1)
    away = real - ring_places()[nearest]
    assert np.bincount(nearest, minlength=8).min() > 4000 / 8 * 0.8
    np.testing.assert_allclose(away.std(0), SPREAD, rtol=0.1)


def test_a_heap_that_is_left_out_is_seen():
    target = preset("ring")
    some = np.repeat(ring_places()[:3], 10, axis=0)
    shares = part_shares(some, target)
    np.testing.assert_allclose(shares, [1 / 3, 1 / 3, 1 / 3, 0, 0, 0, 0, 0])
    assert part_shares(np.zeros((5, 2), np.float32), target).sum() == 0


def test_painted_islands_count_one_by_one():
    rng = np.random.default_rng(0)
    islands = [rng.normal(middle, 0.1, (50, 2)) for middle in ((-2, -2), (2, 2), (2, -2))]
    painted = np.concatenate(islands).astype(np.float32)
    target = Target("own", painted)
    assert target.parts().n == 3
    np.testing.assert_allclose(part_shares(painted, target), 1 / 3, atol=0.01)
    sample = target.sample(500, rng)
    assert part_shares(sample, target).sum() > 0.95


@pytest.mark.parametrize(
    "wrong", [np.full((3, 2), 4.0), np.zeros((MAX_PAINTED + 1, 2)), np.zeros(4), np.full((2, 2), np.nan)]
)
def test_painted_points_that_cannot_be_are_refused(wrong):
    with pytest.raises(UserError):
        Target("own", wrong.astype(np.float32))
    with pytest.raises(UserError):
        Target("nonsense")


def test_the_brush_scatters_within_its_radius_and_never_too_many():
    rng = np.random.default_rng(0)
    painted = dabbed(np.zeros((0, 2), np.float32), (1.0, 1.0), (1.0, 1.0), 0.3, rng)
    assert len(painted) == 5
    assert (np.linalg.norm(painted - 1, axis=1) <= 0.3 + 1e-6).all()
    along = dabbed(painted, (-2.0, 0.0), (2.0, 0.0), 0.3, rng)
    assert (np.abs(along[5:, 1]) <= 0.3 + 1e-6).all()
    assert np.ptp(along[5:, 0]) > 3
    assert len(dabbed(np.zeros((MAX_PAINTED, 2), np.float32), (0, 0), (1, 1), 0.3, rng)) == MAX_PAINTED


def test_the_eraser_takes_what_it_passes():
    painted = np.array([[0.0, 0.0], [1.0, 0.1], [1.0, 1.0], [-0.2, 0.0]], np.float32)
    kept = erased(painted, (0.0, 0.0), (2.0, 0.0), 0.15)
    assert np.array_equal(kept, painted[2:])
    assert len(erased(painted, (0.0, 0.0), (0.0, 0.0), 5.0)) == 0
