"""The lapped transform is orthonormal, and a steady sine stays in its band."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.sound.lapped import lapped, lapped_basis, unlapped


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([4, 16, 64]), st.integers(2, 9), st.integers(0, 2**31))
def test_it_leads_back_and_keeps_the_strength(n_bands, n_frames, seed):
    sound = np.random.default_rng(seed).standard_normal((2, n_bands * n_frames)).astype(np.float32)
    numbers = lapped(sound, n_bands)
    assert numbers.shape == (2, n_bands, n_frames)
    assert unlapped(numbers) == pytest.approx(sound, abs=1e-5)
    assert (numbers**2).sum() == pytest.approx((sound**2).sum(), rel=1e-5)


def test_the_matrix_of_a_whole_sound_is_orthogonal():
    matrix = lapped(np.eye(32, dtype=np.float32), 4).reshape(32, 32)
    assert matrix @ matrix.T == pytest.approx(np.eye(32), abs=1e-6)


def test_the_basis_is_the_windowed_cosine():
    n, k = 13, 5
    wave = np.cos(np.pi / 16 * (n + 0.5 + 8) * (k + 0.5)) * np.sqrt(2 / 16) * np.sin(np.pi * (n + 0.5) / 32)
    assert lapped_basis(16)[k, n] == pytest.approx(wave, abs=1e-6)


def test_a_sine_stays_in_its_band():
    hertz = 62.5 * 20.5  # the middle of band 20 of 128 at 16 kHz
    sound = np.sin(2 * np.pi * hertz / 16_000 * np.arange(8192)).astype(np.float32)[None]
    power = (lapped(sound, 128)[0] ** 2).sum(1)
    assert power[18:23].sum() / power.sum() > 0.99
