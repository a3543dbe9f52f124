"""Straight paths: a point, a Gaussian and a mixture whose flow is known, through the samplers that are there."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from plugins.diffusion.pictures.training.objective import DiffusionBatch, batch_errors
from plugins.diffusion.shared.model.denoiser import DiffusionStep, Prediction
from plugins.diffusion.shared.model.noise_schedule import NoiseSchedule, lay_grid
from plugins.diffusion.shared.model.prediction import eps_of, x0_of
from plugins.diffusion.shared.model.sampler import SAMPLERS, SamplerInputs
from plugins.diffusion.shared.params import SamplerName
from plugins.diffusion.shared.straightness import bends, straightness

SCHEDULE = NoiseSchedule("flow")
CENTRES, SPREAD = (-1.5, 0.5, 2.0), 0.3
Flow = Callable[[Tensor, float], Tensor]
"""The velocity eps - x0 that data have on average at z, t."""


def point_flow(z: Tensor, t: float) -> Tensor:
    """All data at 0.7: z = (1 - t) 0.7 + t eps."""
    return (z - 0.7) / t


def mixture_flow(z: Tensor, t: float) -> Tensor:
    """Gaussians about three centres: E[eps - x0 | z], each centre weighed by how likely z is under it."""
    variance = ((1 - t) * SPREAD) ** 2 + t**2
    centres = torch.tensor(CENTRES, dtype=z.dtype)
    apart = z[..., None] - (1 - t) * centres
    shares = (-apart.square() / (2 * variance)).softmax(-1)
    x0 = centres + (1 - t) * SPREAD**2 / variance * apart
    return ((t * apart / variance - x0) * shares).sum(-1)


def denoiser(flow: Flow) -> Callable[[Tensor, float], Prediction]:
    """What samplers ask, of a network that says the flow."""

    def denoise(x: Tensor, time: float) -> Prediction:
        alpha, sigma = SCHEDULE.alpha_sigma(time)
        said = flow(x / (alpha + sigma), sigma / (alpha + sigma))
        return Prediction(x0_of(said, "flow", x, alpha, sigma), eps_of(said, "flow", x, alpha, sigma))

    return denoise


def steps_of(flow: Flow, sampler: SamplerName, n_steps: int) -> list[DiffusionStep]:
    noise = torch.randn(500, generator=torch.manual_seed(3), dtype=torch.float64)
    return list(SAMPLERS[sampler](SamplerInputs(denoiser(flow), lay_grid(SCHEDULE, n_steps), noise, lambda _: noise)))


def run_of(steps: list[DiffusionStep]) -> tuple[list[Any], list[float]]:
    """What a recording holds of a run: x of each step, and how much noise is left."""
    sigma = [SCHEDULE.alpha_sigma(step.time)[1] if step.k < step.n_steps else 0.0 for step in steps]
    return [step.x.numpy() for step in steps], [one**2 for one in sigma]


def lines_of(n_steps: int) -> np.ndarray:
    """t of each level of a run."""
    return np.array([sigma / (alpha + sigma) for alpha, sigma in lay_grid(SCHEDULE, n_steps).levels])


def test_even_steps_are_even_along_the_line() -> None:
    for n_steps in (4, 10, 25):
        lengths = -np.diff(lines_of(n_steps))
        np.testing.assert_allclose(lengths, 1 / n_steps, atol=2e-3)


@pytest.mark.parametrize("sampler", ["ddim", "euler"])
def test_a_step_is_a_step_of_euler_along_the_flow(sampler: SamplerName) -> None:
    steps, t = steps_of(mixture_flow, sampler, 8), lines_of(8)
    alpha, sigma = np.array(lay_grid(SCHEDULE, 8).levels).T
    z = steps[0].x / (alpha[0] + sigma[0])
    for k in range(8):
        z = z + (t[k + 1] - t[k]) * mixture_flow(z, t[k])
        torch.testing.assert_close(steps[k + 1].x, z * (alpha[k + 1] + sigma[k + 1]), atol=1e-9, rtol=0)


@pytest.mark.parametrize("sampler", ["euler", "heun"])
@pytest.mark.parametrize("n_steps", [1, 3, 20])
def test_a_point_is_reached_in_any_number_of_steps_straight(sampler: SamplerName, n_steps: int) -> None:
    steps = steps_of(point_flow, sampler, n_steps)
    torch.testing.assert_close(steps[-1].x, torch.full_like(steps[-1].x, 0.7), atol=1e-9, rtol=0)
    x, left = run_of(steps)
    np.testing.assert_allclose(bends(x, left), 0, atol=1e-9)


@pytest.mark.long("computes for long")
def test_heun_comes_nearer_to_the_exact_flow_than_euler() -> None:
    exact = steps_of(mixture_flow, "heun", 2000)[-1].x
    errors = {
        (name, n): float((steps_of(mixture_flow, name, n)[-1].x - exact).abs().mean())
        for name in ("euler", "heun")
        for n in (20, 40)
    }
    assert errors["heun", 40] < errors["euler", 40] / 4
    assert errors["euler", 20] / errors["euler", 40] == pytest.approx(2, rel=0.25)
    assert errors["heun", 20] / errors["heun", 40] > 3


def test_the_measure_is_that_of_liu_on_a_way_that_bends() -> None:
    """Mean over t of ||(z1 - z0) - dz/dt||² by brute force along the exact flow, as a share of ||z1 - z0||²."""
    steps = steps_of(mixture_flow, "euler", 400)
    x, left = run_of(steps)
    t = lines_of(400)
    levels = np.array(lay_grid(SCHEDULE, 400).levels)
    z = np.stack(x) / levels.sum(1)[:, None]
    line = (z[0] - z[-1]) / (t[0] - t[-1])
    flows = np.stack([mixture_flow(torch.from_numpy(one), at).numpy() for one, at in zip(z[:-1], t[:-1], strict=True)])
    apart = np.square(line - flows).mean(1) / np.square(line).mean()
    np.testing.assert_allclose(bends(x, left), apart, rtol=1e-4)  # float32, and a little signal is left at t = 1
    assert straightness(bends(x, left), left) == pytest.approx(float(np.average(apart, weights=-np.diff(t))), rel=1e-4)
    assert straightness(bends(x, left), left) > 0.05


class ExactFlow(torch.nn.Module):
    """Says the flow of data N(0, S²): z (t - S² (1 - t)) / (S² (1 - t)² + t²)."""

    spread = 0.5
    config = SimpleNamespace(unet=SimpleNamespace(target="flow"), schedule=SCHEDULE)

    def forward(self, x: Tensor, times: Tensor) -> Tensor:
        squared = torch.from_numpy(SCHEDULE.alphas_cumprod)[times].float()[:, None, None, None]
        alpha, sigma = squared.sqrt(), (1 - squared).sqrt()
        t = sigma / (alpha + sigma)
        gain = (t - self.spread**2 * (1 - t)) / (self.spread**2 * (1 - t) ** 2 + t**2)
        return gain * x / (alpha + sigma)


def test_the_exact_flow_has_the_least_error_that_there_is() -> None:
    """What no network can know of eps - x0: S² / (S² (1 - t)² + t²) at each time; any other flow errs by more."""
    random, n_pixels = torch.manual_seed(0), (1, 60, 60)
    times = torch.tensor([50, 300, 500, 700, 950])
    x0 = 0.5 * torch.randn(len(times), *n_pixels, generator=random)
    noise = torch.randn(len(times), *n_pixels, generator=random)
    batch, exact = DiffusionBatch(x0, noise, times, {}), ExactFlow()
    errors, weights = batch_errors(exact, batch, 0.0)  # type: ignore[arg-type]
    t = (times + 1) / 1001
    torch.testing.assert_close(errors, 0.25 / (0.25 * (1 - t) ** 2 + t**2), rtol=0.08, atol=0)
    assert torch.equal(weights, torch.ones_like(weights))
    exact.spread = 0.8
    assert (batch_errors(exact, batch, 0.0)[0] > errors).all()  # type: ignore[arg-type]
