"""Guidance at its fixed points, its rescale, and what thresholds cut."""

import pytest
import torch

from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.model.position import noise_of
from plugins.diffusion.shared.model.prediction import (
    combined,
    dynamic_threshold,
    guided_prediction,
    halves_needed,
    rescaled,
)

SHAPE = (3, 6, 5)
WITH, WITHOUT = noise_of((1, 2), 1, SHAPE), noise_of((1, 2), 2, SHAPE)
X = noise_of((1, 2), 3, SHAPE)


def test_fixed_points() -> None:
    assert torch.equal(combined(WITH, WITHOUT, Guidance(1.0)), WITH)
    assert torch.equal(combined(WITH, WITHOUT, Guidance(0.0)), WITHOUT)


@pytest.mark.parametrize("scale", [0.3, 2.0, 7.5])
def test_closed_form(scale: float) -> None:
    expected = WITHOUT.double() + scale * (WITH.double() - WITHOUT.double())
    torch.testing.assert_close(combined(WITH, WITHOUT, Guidance(scale)).double(), expected, rtol=1e-5, atol=1e-5)


def test_halves_that_are_needed() -> None:
    assert halves_needed(Guidance(1.0)) == (True, False)
    assert halves_needed(Guidance(0.0)) == (False, True)
    assert halves_needed(Guidance(0.0, rescale=0.5)) == (True, True)
    assert halves_needed(Guidance(3.0)) == (True, True)


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_one_half_is_enough_where_the_other_is_not_needed(scale: float) -> None:
    needs_with, needs_without = halves_needed(Guidance(scale))
    both = guided_prediction(X, WITH, WITHOUT, Guidance(scale), (0.8, 0.6))
    one = guided_prediction(
        X, WITH if needs_with else None, WITHOUT if needs_without else None, Guidance(scale), (0.8, 0.6)
    )
    assert torch.equal(both.x0, one.x0)
    assert torch.equal(both.eps, one.eps)
    with pytest.raises(ValueError, match="needs a prediction"):
        guided_prediction(X, None, None, Guidance(scale), (0.8, 0.6))


def test_rescale_brings_back_the_spread() -> None:
    strong = combined(WITH, WITHOUT, Guidance(9.0))
    for item in range(2):
        assert rescaled(strong, WITH, 1.0)[item].std() == pytest.approx(WITH[item].std().item(), rel=1e-4)
    halfway = (rescaled(strong, WITH, 1.0) + strong) / 2
    torch.testing.assert_close(combined(WITH, WITHOUT, Guidance(9.0, rescale=0.5)), halfway)
    assert combined(WITH * 0, WITHOUT * 0, Guidance(2.0, rescale=1.0)).isfinite().all()


def test_dynamic_threshold() -> None:
    x0 = WITH * 3
    cut = dynamic_threshold(x0, 0.9)
    for item in range(2):
        limit = torch.quantile(x0[item].abs(), 0.9)
        assert limit > 1
        torch.testing.assert_close(cut[item], x0[item].clamp(-limit, limit) / limit)
    assert cut.abs().max() <= 1
    assert torch.equal(dynamic_threshold(x0, 1.0), x0)
    tame = WITH.clamp(-0.9, 0.9)
    assert torch.equal(dynamic_threshold(tame, 0.95), tame)


def test_latents_are_free_unless_asked() -> None:
    level = (0.8, 0.6)
    assert guided_prediction(X, WITH * 4, WITHOUT, Guidance(3.0), level).x0.abs().max() > 4
    assert guided_prediction(X, WITH * 4, WITHOUT, Guidance(3.0, threshold=0.95), level).x0.abs().max() <= 1
    pixels = guided_prediction(X, WITH * 4, WITHOUT, Guidance(3.0), level, is_pixels=True)
    assert pixels.x0.abs().max() == 1
    torch.testing.assert_close(0.8 * pixels.x0 + 0.6 * pixels.eps, X)
