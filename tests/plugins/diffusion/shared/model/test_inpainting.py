"""Masks on cells and pixels, and what is laid over what is known."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from plugins.diffusion.shared.model.inpainting import as_floats, clean_of, compose, keeping, mask_of_x
from plugins.diffusion.shared.model.noise_schedule import NoiseSchedule, lay_grid
from studio.core.error import UserError
from tests.plugins.diffusion.tiny_model import TinyModel, picture


@given(st.integers(0, 2**32 - 1))
def test_compose_changes_no_bit_of_what_is_known(seed: int) -> None:
    random = np.random.default_rng(seed)
    known, shown = random.integers(0, 256, (2, 5, 7, 3), np.uint8)
    mask = random.choice(np.array([0, 1, 100, 254, 255], np.uint8), (5, 7))
    mixed = compose(known, shown, mask)
    assert mixed.dtype == np.uint8
    assert (mixed[mask == 0] == known[mask == 0]).all()
    assert (mixed[mask == 255] == shown[mask == 255]).all()
    exact = known + mask[..., None] / 255 * (shown.astype(float) - known)
    assert np.abs(mixed - exact).max() <= 0.51


def test_compose_sound() -> None:
    known, shown = np.array([0.1, 0.2, 0.3], np.float32), np.array([0.5, 0.6, 0.7], np.float32)
    mixed = compose(known, shown, np.array([0, 0.5, 1], np.float32))
    assert mixed.dtype == np.float32
    assert mixed == pytest.approx(np.array([0.1, 0.4, 0.7]), abs=1e-6)
    assert mixed[0] == known[0]


def test_cells_take_the_most_of_their_pixels() -> None:
    mask = np.zeros((8, 8), np.uint8)
    mask[3, 3], mask[6, 0] = 255, 51
    cells = mask_of_x(mask, (4, 2, 2))
    assert cells.shape == (1, 1, 2, 2)
    assert cells[0, 0].numpy() == pytest.approx(np.array([[1, 0], [0.2, 0]]))
    assert torch.equal(mask_of_x(mask, (3, 8, 8))[0, 0], torch.from_numpy(as_floats(mask)))


def test_keep_is_exact_at_both_ends_of_the_mask() -> None:
    grid = lay_grid(NoiseSchedule(), 4)
    known, noise, x = torch.randn(3, 1, 2, 3, generator=torch.Generator().manual_seed(1)).unbind()
    mask = torch.tensor([0.0, 0.5, 1.0])
    keep = keeping(known[None], noise[None], grid, mask[None, None])
    kept = keep(x[None], 0.0, 2)[0]
    alpha, sigma = grid.levels[2]
    there = alpha * known + sigma * noise
    assert torch.equal(kept[..., 0], there[..., 0])
    assert torch.equal(kept[..., 2], x[..., 2])
    torch.testing.assert_close(kept[..., 1], (there + x)[..., 1] / 2)
    assert torch.equal(keep(x[None], -1.0, 4)[0][..., 0], known[..., 0])


def test_compose_of_a_smaller_stage() -> None:
    """The first of two stages shows a quarter of the pixels: what is known is averaged, part of a brush counts."""
    known = np.arange(16 * 3, dtype=np.uint8).reshape(4, 4, 3)
    shown, mask = np.full((2, 2, 3), 200, np.uint8), np.zeros((4, 4), np.uint8)
    mask[3, 3] = 255
    mixed = compose(known, shown, mask)
    assert (mixed[1, 1] == 200).all()
    assert mixed[0, 0].tolist() == np.rint(known[:2, :2].mean((0, 1))).tolist()


def test_larger_pictures_are_averaged_down() -> None:
    model = TinyModel()
    small = picture()
    large = small.repeat(3, 0).repeat(3, 1)
    torch.testing.assert_close(clean_of(model, large), clean_of(model, small))
    for wrong in (large[:-1], large[:, :-3], small[:4, :6], small[..., :2]):
        with pytest.raises(UserError, match="is not the size"):
            clean_of(model, wrong)
