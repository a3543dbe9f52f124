"""Filters and their use are held against scipy's and against loops that follow the definition."""

import numpy as np
import pytest
import scipy.signal
import scipy.special
import torch

from plugins.gan.foreign.stylegan.layers import low_pass, upfirdn


def by_scipy(x: torch.Tensor, taps: np.ndarray, up: int, down: int, pad: tuple[int, int]) -> np.ndarray:
    """One axis of one channel at a time: zeros put in, padded or cut, filtered, thinned out."""
    kernel = np.outer(taps, taps) if taps.ndim == 1 else taps
    out = []
    for channel in x[0].double().numpy():
        wide = np.zeros((channel.shape[0] * up, channel.shape[1] * up))
        wide[::up, ::up] = channel
        before, behind = pad
        padded = np.pad(wide, ((max(before, 0), max(behind, 0)),) * 2)
        cut = padded[tuple(slice(max(-before, 0), n - max(-behind, 0)) for n in padded.shape)]
        out.append(scipy.signal.convolve2d(cut, kernel, mode="valid")[::down, ::down])
    return np.stack(out)


@pytest.mark.parametrize("n_axes", [1, 2])
@pytest.mark.parametrize(
    ("up", "down", "pad", "n_taps"),
    [
        (1, 1, (1, 1), 4),
        (2, 1, (2, 1), 4),
        (1, 2, (0, 0), 12),
        (2, 1, (-3, -2), 12),
        (4, 1, (9, 11), 24),
        (2, 2, (5, 6), 8),
        (1, 1, (-2, 3), 3),
    ],
)
def test_upfirdn_is_what_scipy_says(up: int, down: int, pad: tuple[int, int], n_taps: int, n_axes: int) -> None:
    rng = np.random.default_rng(up + down)
    taps = rng.normal(size=(n_taps,) * n_axes)
    x = torch.from_numpy(rng.normal(size=(1, 3, 14, 15)))
    found = upfirdn(x, torch.from_numpy(taps), up, down, pad)
    np.testing.assert_allclose(found[0].numpy(), by_scipy(x, taps, up, down, pad), atol=1e-9)


def test_one_row_is_scipys_upfirdn() -> None:
    rng = np.random.default_rng(0)
    taps, row = rng.normal(size=5), rng.normal(size=9)
    x = torch.zeros(1, 1, 1, 9, dtype=torch.float64)
    x[0, 0, 0] = torch.from_numpy(row)
    kernel = torch.zeros(5, 5, dtype=torch.float64)
    kernel[0] = torch.from_numpy(taps)
    found = upfirdn(x, kernel, 3, pad=(4, 4))[0, 0, 0, :]
    wanted = scipy.signal.upfirdn(taps, row, up=3)
    np.testing.assert_allclose(found.numpy()[: len(wanted)], wanted, atol=1e-12)


def test_pictures_and_channels_do_not_mix() -> None:
    x = torch.randn(2, 3, 8, 8)
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
    both = upfirdn(x, taps, 2, pad=(2, 1))
    assert both.shape == (2, 3, 16, 16)
    torch.testing.assert_close(both[1:, 2:], upfirdn(x[1:, 2:], taps, 2, pad=(2, 1)))


def test_gradients_flow_through() -> None:
    x = torch.randn(1, 2, 6, 6, dtype=torch.float64, requires_grad=True)
    taps = torch.randn(4, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: upfirdn(x, taps, 2, 2, (2, 1)), x)


@pytest.mark.parametrize(
    ("n_taps", "cutoff", "width", "rate"), [(12, 2.0, 9.2, 64.0), (24, 11.3, 15.0, 128.0), (13, 4.0, 1.0, 32.0)]
)
def test_the_low_pass_filter_is_scipys(n_taps: int, cutoff: float, width: float, rate: float) -> None:
    wanted = scipy.signal.firwin(n_taps, cutoff, width=width, fs=rate)
    np.testing.assert_allclose(low_pass(n_taps, cutoff, width, rate).numpy(), wanted, atol=1e-6)


@pytest.mark.parametrize("n_taps", [12, 13])
def test_the_radial_filter_follows_its_formula(n_taps: int) -> None:
    cutoff, width, rate = 3.0, 8.0, 32.0
    beta = scipy.signal.kaiser_beta(scipy.signal.kaiser_atten(n_taps, width / (rate / 2)))
    window = np.kaiser(n_taps, beta)
    place = (np.arange(n_taps) - (n_taps - 1) / 2) / rate
    wanted = np.empty((n_taps, n_taps))
    for i in range(n_taps):
        for j in range(n_taps):
            radius = max(float(np.hypot(place[i], place[j])), 1e-9)
            wanted[i, j] = scipy.special.j1(2 * np.pi * cutoff * radius) / radius * window[i] * window[j]
    found = low_pass(n_taps, cutoff, width, rate, is_radial=True).numpy()
    np.testing.assert_allclose(found, wanted / wanted.sum(), atol=1e-6)
    np.testing.assert_allclose(found, found.T, atol=1e-7)
