"""The gradients are what finite differences of the picture, drawn in float64, say."""

from typing import Any

import numpy as np
import pytest
from scipy.ndimage import correlate1d

from plugins.nerf.shared.camera.ray import RayGrid
from plugins.nerf.splats.model.splats import Splats, splats_of
from plugins.nerf.splats.training.picture_loss import SSIM_SHARE, PictureLoss
from plugins.nerf.splats.training.splat_pass import PassRoom, SplatPass, no_gradients
from tests.plugins.nerf.splats.made_splats import exact_sums, is_at_an_edge, random_splats, rays_from

BACKGROUND = np.array([0.2, 0.9, 0.5], np.float32)
NEAR, STEP = 0.1, 2e-3


def few_splats(degree: int, seed: int) -> Splats:
    random = np.random.default_rng(seed)
    scales, opacities = random.normal(-1.8, 0.4, (7, 3)), random.uniform(-1.5, 2, 7)
    return random_splats(7, degree, seed, log_scales=scales, opacity_logits=opacities)


def slopes_of(splats: Splats, rays: RayGrid, seed: int) -> Any:
    """A loss that is linear in the picture, and knows nothing of the pixels at which there is no gradient."""
    slopes = np.random.default_rng(seed).normal(size=(rays.height, rays.width, 3)).astype(np.float32)
    slopes[is_at_an_edge(splats, rays, NEAR)] = 0
    return slopes


def loss_of(arrays: Any, rays: RayGrid, slopes: Any) -> float:
    sums, clear = exact_sums(splats_of(arrays), rays, NEAR)
    return float((slopes * (sums[..., :3] + clear[..., None] * BACKGROUND)).sum())


def differences(splats: Splats, name: str, rays: RayGrid, slopes: Any) -> Any:
    arrays = splats.arrays()
    found = np.zeros(arrays[name].shape)
    for place in np.ndindex(found.shape):
        losses = []
        for sign in (1, -1):
            moved = arrays[name].copy()
            moved[place] += sign * STEP
            losses.append(loss_of({**arrays, name: moved}, rays, slopes))
        found[place] = (losses[0] - losses[1]) / (2 * STEP)
    return found


@pytest.mark.parametrize(
    ("name", "degree"),
    [("centres", 0), ("log_scales", 0), ("rotations", 1), ("opacity_logits", 1), ("harmonics", 2)],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_picture_goes_back_to_its_splats(name: str, degree: int, seed: int) -> None:
    splats, rays = few_splats(degree, seed), rays_from()
    slopes = slopes_of(splats, rays, seed)
    drawn, found = SplatPass(splats, rays, NEAR, PassRoom(len(splats))), no_gradients(splats)
    drawn.on(BACKGROUND)
    drawn.back(slopes, found)
    wanted = differences(splats, name, rays, slopes)
    assert found.is_seen.all()
    np.testing.assert_allclose(getattr(found, name), wanted, atol=4e-3 * np.abs(wanted).max())


def test_the_loss_has_the_gradient_that_it_says() -> None:
    random = np.random.default_rng(3)
    photo = random.random((20, 23, 3)).astype(np.float32)
    picture = np.asarray(photo + random.normal(0, 0.2, photo.shape), np.float32)
    loss = PictureLoss(20, 23)
    loss.of(picture, photo)
    found = loss.gradient.copy()
    for place in [(0, 0, 0), (3, 7, 1), (19, 22, 2), (10, 0, 2), (12, 12, 0)]:
        moved = [picture.copy(), picture.copy()]
        moved[0][place] += 5e-3
        moved[1][place] -= 5e-3
        more, less = (loss.of(one, photo) for one in moved)
        assert found[place] == pytest.approx((more - less) / 1e-2, rel=0.03, abs=2e-6)


def exact_loss(picture: Any, photo: Any) -> float:
    """As the paper writes it, with zeros beyond the edge."""
    window = np.exp(-0.5 * (np.arange(11) - 5) ** 2 / 1.5**2)
    window /= window.sum()

    def mean(values: Any) -> Any:
        along = correlate1d(values, window, axis=1, mode="constant")
        return correlate1d(along, window, axis=0, mode="constant")

    x, y = picture.astype(np.float64), photo.astype(np.float64)
    mx, my = mean(x), mean(y)
    xx, yy, xy = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    similarity = (2 * mx * my + 1e-4) * (2 * xy + 9e-4) / ((mx**2 + my**2 + 1e-4) * (xx + yy + 9e-4))
    return float((1 - SSIM_SHARE) * np.abs(x - y).mean() + SSIM_SHARE * (1 - similarity).mean())


@pytest.mark.parametrize(
    "lit", [np.s_[0], np.s_[9], np.s_[19], np.s_[:, 0], np.s_[:, 11], np.s_[:, 22], np.s_[4:8, 5:9]]
)
def test_the_loss_of_a_line_on_nothing_is_the_papers_to_the_rim_of_its_window(lit: Any) -> None:
    line, nothing = np.zeros((2, 20, 23, 3), np.float32)
    line[lit] = 1
    loss = PictureLoss(20, 23)
    assert loss.of(line, nothing) == pytest.approx(exact_loss(line, nothing), abs=1e-5)
    random = np.random.default_rng(5).random((2, 20, 23, 3), np.float32)
    assert loss.of(*random) == pytest.approx(exact_loss(*random), abs=1e-5)


def test_the_loss_of_the_photo_itself_is_none_and_of_a_grey_one_what_it_should_be() -> None:
    random = np.random.default_rng(4)
    photo = random.random((24, 24, 3)).astype(np.float32)
    loss = PictureLoss(24, 24)
    assert loss.of(photo, photo) == pytest.approx(0, abs=1e-5)
    black = np.zeros_like(photo)
    assert loss.of(black, photo) == pytest.approx((1 - SSIM_SHARE) * photo.mean() + SSIM_SHARE, abs=5e-3)
