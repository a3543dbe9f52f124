"""The error of pictures at several sizes, held against bands worked out one by one."""

import numpy as np
import pytest
import torch

from studio.nn.pyramid import pyramid_errors


def halved(x):
    return x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2).mean((3, 5))


def doubled(x):
    return x.repeat(2, axis=2).repeat(2, axis=3)


@pytest.mark.parametrize("n_levels", [0, 1, 3])
def test_it_is_the_sum_over_bands(n_levels):
    random = np.random.default_rng(1)
    one, other = random.random((2, 2, 3, 16, 16))
    expected, rest = 0.0, one - other
    for _ in range(n_levels):
        expected += np.abs(rest - doubled(halved(rest))).mean()
        rest = halved(rest)
    expected += np.abs(rest).mean()
    found = pyramid_errors(torch.from_numpy(one), torch.from_numpy(other), n_levels)
    assert float(found) == pytest.approx(expected)


def test_a_wrong_surface_counts_once_and_a_fine_pattern_too():
    pictures = torch.rand(1, 3, 16, 16)
    assert float(pyramid_errors(pictures, pictures)) == 0
    assert float(pyramid_errors(pictures + 0.25, pictures)) == pytest.approx(0.25, abs=1e-5)
    signs = torch.tensor([1.0, -1.0]).repeat(8)
    assert float(pyramid_errors(pictures + 0.25 * signs * signs[:, None], pictures)) == pytest.approx(0.25, abs=1e-5)
