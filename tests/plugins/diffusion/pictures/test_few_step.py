"""Drawing in few steps: jumps in closed form, the objective on a known flow, and what the engine does with them."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.diffusion.pictures.model.denoisers import LatentModel
from plugins.diffusion.pictures.model.few_step import FewStep, angle_at, jump_of, jumped
from plugins.diffusion.pictures.model.few_step_model import FewStepModel
from plugins.diffusion.pictures.training.few_step_objective import N_WAY, JumpObjective, Mixture, Teacher, Ways, huber
from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.few_step_file import open_few_step
from plugins.diffusion.shared.few_steps import DRAFT_STEPS, can_jump, few_step_path
from plugins.diffusion.shared.model.noise_schedule import NoiseSchedule, lay_grid
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.weights import save_model
from studio.api.engine import ModelSource
from studio.compute.device import choose_device
from studio.compute.travel import travel
from studio.core.error import UserError
from studio.core.seed import generator
from tests.plugins.diffusion.tiny_network import few_step_source, jumps_of, made_network

CPU = torch.device("cpu")
SCHEDULE = NoiseSchedule()
PARAMS = DiffusionParams(prompt="a red fox", seed=3, guidance=2.0)


@pytest.fixture(scope="module")
def network() -> Any:
    return made_network("latent")


@pytest.fixture(scope="module")
def jumps(network: Any) -> FewStep:
    return jumps_of(network)


@pytest.fixture
def source(network: Any, tmp_path: Path) -> ModelSource:
    return few_step_source(tmp_path, network)


def test_no_jump_is_the_identity_and_every_jump_lands_where_it_was_told_to() -> None:
    x, end = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    assert torch.equal(jumped(x, torch.randn_like(x), 0.0), x)
    for turn in (0.05, 0.7, math.pi / 2):
        torch.testing.assert_close(jumped(x, jump_of(x, end, turn), turn), end, atol=2e-5, rtol=1e-5)


def test_jumps_that_follow_each_other_along_a_straight_way_are_one_jump() -> None:
    x0, eps = torch.randn(1, 2, 4, 4), torch.randn(1, 2, 4, 4)
    angles = [angle_at(SCHEDULE, time) for time in (999.0, 500.0, -1.0)]
    x, middle, end = (math.cos(a) * x0 + math.sin(a) * eps for a in angles)
    v = math.cos(angles[0]) * eps - math.sin(angles[0]) * x0
    torch.testing.assert_close(jump_of(x, middle, angles[0] - angles[1]), v, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(jump_of(x, end, angles[0] - angles[2]), v, atol=1e-4, rtol=1e-4)


class ExactJumps(FewStep):
    """Knows the flow of Gaussian data with deviation S: x(a) = x(b) s(a) / s(b), s(a)² = S² cos² a + sin² a."""

    spread = 0.5

    def forward(self, x: Any, time: Any, end: Any, strength: Any, asked: Any) -> Any:
        here, there = (
            torch.tensor([angle_at(SCHEDULE, t) for t in times.tolist()])[:, None, None, None] for times in (time, end)
        )
        return jump_of(x, x * self.scale(there) / self.scale(here), here - there)

    def scale(self, a: Any) -> Any:
        return (self.spread**2 * a.cos() ** 2 + a.sin() ** 2).sqrt()


def gaussian_ways(network: Any, exact: ExactJumps, n: int) -> Ways:
    """Ways of the exact flow."""
    angles = torch.tensor([angle_at(SCHEDULE, float(time)) for time in lay_grid(SCHEDULE, N_WAY).times])
    scales = exact.scale(angles).float()
    noise = torch.randn(n, *network.diffusion.shape, generator=torch.manual_seed(1))
    return Ways(noise * (scales / scales[0])[:, None, None, None, None], network.diffusion.text.ids(["a"] * n), 2.0)


def test_an_exact_flow_has_no_error_and_another_one_has(network: Any, jumps: FewStep) -> None:
    exact = ExactJumps(jumps.config)
    teacher = Teacher(network.diffusion, lambda _: "a", 1, 4, 2, seed=0, n_ways=8)
    objective, ways = JumpObjective(teacher, 0), gaussian_ways(network, exact, 8)
    errors = objective.errors(exact, [ways], generator(0, "test"))
    assert float(errors.abs().max()) < 2e-3
    assert float(huber(errors)) < 1e-5
    exact.spread = 0.9
    assert float(huber(objective.errors(exact, [ways], generator(0, "test")))) > 0.05


def test_jumps_begin_and_end_where_runs_of_one_two_and_four_steps_do() -> None:
    found = Mixture(3, 20, 40, 50).jumps(generator(0, "mixture"))
    one, two, four, other = found[:3], found[3:23], found[23:63], found[63:]
    assert {tuple(row) for row in one.tolist()} == {(0, 12)}
    assert {tuple(row) for row in two.tolist()} == {(0, 6), (6, 12)}
    assert {tuple(row) for row in four.tolist()} == {(0, 3), (3, 6), (6, 9), (9, 12)}
    assert (other[:, 0] < other[:, 1]).all()
    fine = lay_grid(SCHEDULE, N_WAY).times
    for n_steps in (1, 2, 4):
        np.testing.assert_allclose(lay_grid(SCHEDULE, n_steps).times, fine[:: N_WAY // n_steps], atol=1e-6)


@pytest.mark.long("computes for long")
def test_a_step_learns_the_same_after_a_resume(network: Any, jumps: FewStep) -> None:
    def loss(objective: JumpObjective, step: int) -> float:
        return float(objective(jumps, step, 0)[0])

    teacher = Teacher(network.diffusion, lambda random: "a red fox" if random.random() < 0.5 else "cat", 1, 4, 2, 5)
    whole, resumed = (JumpObjective(teacher, 7, Mixture(1, 1, 1, 1), every=1, n_kept=2) for _ in range(2))
    losses = [loss(whole, step) for step in range(4)]
    assert loss(resumed, 3) == losses[3]
    assert len(set(losses)) == 4


@pytest.mark.parametrize("n_steps", [1, 2, 4])
def test_a_draft_asks_once_for_each_step(source: ModelSource, n_steps: int) -> None:
    engine = DiffusionEngine.open(source, choose_device("cpu", 1))
    assert engine.few_step is not None
    asked: list[tuple[float, float]] = []
    hook = engine.few_step.jumps.register_forward_hook(
        lambda _, given, __: asked.append((float(given[1]), float(given[2])))
    )
    steps = engine.drafting(replace(PARAMS, drawn_in=str(n_steps)))
    frame = None
    while frame is None:
        try:
            next(steps)
        except StopIteration as end:
            frame = end.value
    hook.remove()
    assert len(asked) == n_steps == frame.n_steps - 1
    assert asked[0][0] == 999
    assert asked[-1][1] == -1
    assert [end for _, end in asked[:-1]] == [time for time, _ in asked[1:]]
    engine.close()


def test_what_few_steps_have_not_learnt_is_drafted_by_the_model(source: ModelSource) -> None:
    engine = DiffusionEngine.open(source, choose_device("cpu", 1))
    assert engine.draft(PARAMS).n_steps == 2
    for other in (replace(PARAMS, guidance=9.0), replace(PARAMS, negative="cat"), replace(PARAMS, rescale=0.5)):
        assert engine.draft(other).n_steps == DRAFT_STEPS + 1
    assert not can_jump(PARAMS, {"picture": np.zeros(1)})
    whole = list(engine.generate(replace(PARAMS, steps=3)))
    assert whole[0].n_steps == 4
    engine.close()


def test_a_place_of_a_path_is_drawn_from_its_own_noise_and_words(source: ModelSource) -> None:
    engine = DiffusionEngine.open(source, choose_device("cpu", 1))
    other = replace(PARAMS, prompt="a blue cat", seed=8)
    there, here = engine.draft(other).state, engine.draft(PARAMS, dict(engine.place_of(other))).state
    assert there is not None
    assert here is not None
    np.testing.assert_allclose(here["x"], there["x"], atol=1e-4)
    own = engine.draft(PARAMS).state
    assert own is not None
    assert float(np.abs(own["x"] - there["x"]).max()) > 0.1
    engine.close()


def test_few_steps_of_another_model_are_refused_in_a_sentence(source: ModelSource, jumps: FewStep) -> None:
    save_model(source.path, made_network("latent", seed=1))
    changed = ModelSource(source.id, source.path, source.card)
    with pytest.raises(UserError, match="another model"):
        DiffusionEngine.open(changed, choose_device("cpu", 1))
    few_step_path(source.path).unlink()
    assert open_few_step(changed, LatentModel(made_network("latent")), CPU) is None


def test_guidance_beyond_what_was_learnt_is_told_as_its_end(network: Any, jumps: FewStep) -> None:
    model = FewStepModel(LatentModel(network), jumps)
    x = torch.randn(1, *model.shape)
    asked, ends = model._asked(model.embed("a")), (torch.tensor([999.0]), torch.tensor([-1.0]))
    assert torch.equal(*(jumps(x, *ends, torch.tensor([strength]), asked) for strength in (4.0, 9.0)))


def test_a_path_is_drawn_in_as_many_steps_as_are_asked_for(source: ModelSource) -> None:
    engine, asked = DiffusionEngine.open(source, choose_device("cpu", 1)), replace(PARAMS, drawn_in="2")
    assert engine.few_step is not None
    looks: list[Any] = []
    hook = engine.few_step.jumps.register_forward_hook(lambda *_: looks.append(None))
    places = [engine.place_of(replace(PARAMS, seed=seed)) for seed in (3, 4, 5)]
    frames = list(travel(engine, asked, places, 3))
    hook.remove()
    assert (len(frames), len(looks)) == (3, 6)
    engine.close()


def test_few_steps_that_nobody_has_learnt_are_refused(source: ModelSource) -> None:
    one = replace(PARAMS, drawn_in="1")
    with pytest.raises(UserError, match="guidance from 1 to 4"):
        next(DiffusionEngine.open(source, choose_device("cpu", 1)).generate(replace(one, guidance=9.0)))
    few_step_path(source.path).unlink()
    with pytest.raises(UserError, match="many steps"):
        next(DiffusionEngine.open(source, choose_device("cpu", 1)).generate(one))
