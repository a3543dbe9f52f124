"""Runs from every beginning, and branches: nothing changed repeats the parent, anything changed makes a difference."""

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.diffusion.shared.model.denoiser import DiffusionStep
from plugins.diffusion.shared.model.position import noise_of
from plugins.diffusion.shared.model.run import forward_frames, run_steps, state_of
from plugins.diffusion.shared.params import DiffusionParams, SamplerName
from studio.core.error import UserError
from studio.core.view import State
from tests.plugins.diffusion.tiny_model import TinyModel, TinySound, picture

NAMES = get_args(SamplerName)
PARAMS = DiffusionParams(prompt="a red fox", negative="blue", steps=6, seed=5, eta=0.3)
MASK = np.zeros((8, 12), np.float32)
MASK[2:5, 3:9] = 1


def run(
    params: DiffusionParams = PARAMS, start: State | None = None, model: TinyModel | None = None
) -> list[DiffusionStep]:
    model = model or TinyModel()
    return list(run_steps(model, model.embed(params.prompt, params.negative), params, start))


def assert_same(ours: list[DiffusionStep], theirs: list[DiffusionStep]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert (one.k, one.n_steps, one.time) == (other.k, other.n_steps, other.time)
        assert torch.equal(one.x, other.x)
        a, b = state_of(one), state_of(other)
        assert a.keys() == b.keys()
        assert all(np.array_equal(a[name], b[name]) for name in a)
        assert (one.prediction is None) == (other.prediction is None)
        if one.prediction and other.prediction:
            assert torch.equal(one.prediction.x0, other.prediction.x0)


STARTS: dict[str, State] = {
    "noise of the seed": {},
    "place": {"noise": noise_of((3,), 0, TinyModel.shape).numpy()},
    "place and mask": {"noise": noise_of((3,), 0, TinyModel.shape).numpy(), "picture": picture(), "mask": MASK},
    "picture": {"picture": picture(), "strength": np.array(0.55)},
    "mask": {"picture": (picture() * 255).astype(np.uint8), "mask": (MASK * 255).astype(np.uint8)},
    "mask with strength": {"picture": picture(), "mask": MASK, "strength": np.array(0.7)},
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("start", STARTS)
def test_branch_with_nothing_changed_repeats_its_parent(name: SamplerName, start: str) -> None:
    """From every step, also from the steps of a branch of a branch."""
    params = replace(PARAMS, sampler=name)
    steps = run(params, STARTS[start])
    for index, step in enumerate(steps):
        branch = run(params, state_of(step))
        assert_same(branch, steps[index:])
    assert_same(run(params, state_of(branch[-1])), steps[-1:])


@pytest.mark.parametrize(
    "changed",
    [
        {"prompt": "a green hat"},
        {"negative": "snow"},
        {"seed": 6},
        {"guidance": 7.0},
        {"rescale": 0.7},
        {"threshold": 0.9},
        {"sampler": "heun"},
        {"steps": 12},
        {"steps": 3},
        {"spacing": "karras"},
        {"eta": 1.0},
    ],
)
@pytest.mark.parametrize("sampler", ["ddim", "dpmpp_2m"])
def test_branch_with_a_change_ends_elsewhere(changed: dict[str, Any], sampler: SamplerName) -> None:
    if "eta" in changed and sampler != "ddim":
        return
    params = replace(PARAMS, sampler=sampler)
    steps = run(params)
    branch = run(replace(params, **changed), state_of(steps[3]))
    assert branch[0].k == 3
    assert branch[0].time == steps[3].time
    assert torch.equal(branch[0].x, steps[3].x) == ("seed" not in changed)
    assert [step.k for step in branch] == list(range(3, branch[-1].n_steps + 1))
    assert branch[-1].prediction is None
    assert not torch.allclose(branch[-1].x, steps[-1].x, atol=1e-4)


def test_branch_with_more_steps_takes_more_of_them_below() -> None:
    steps = run()
    fine = run(replace(PARAMS, steps=24), state_of(steps[3]))
    assert fine[-1].n_steps - 3 > 2 * (6 - 3)
    assert_same(run(replace(PARAMS, steps=24), state_of(fine[2])), fine[2:])
    assert run(replace(PARAMS, steps=1), state_of(steps[3]))[-1].n_steps == 4


def test_new_words_do_not_meet_what_the_old_ones_predicted() -> None:
    params = replace(PARAMS, sampler="dpmpp_2m")
    state = state_of(run(params)[3])
    assert "before" in state
    assert run(replace(params, prompt="a hat"), state)[0].before is None
    assert run(replace(params, guidance=9.0), state)[0].before is None
    assert run(params, state)[0].before is not None


def test_branch_of_a_branch_with_another_seed() -> None:
    steps = run(start=STARTS["place and mask"])
    other = run(replace(PARAMS, seed=8), state_of(steps[2]))
    assert_same(run(replace(PARAMS, seed=8), state_of(other[2])), other[2:])


def test_new_seed_keeps_what_is_known() -> None:
    """Late in a run another seed changes little, early much."""
    params = replace(PARAMS, steps=20, eta=0.0)
    steps = run(params)
    changes = [
        (run(replace(params, seed=9), state_of(steps[k]))[-1].x - steps[-1].x).abs().mean().item() for k in (2, 18)
    ]
    assert changes[1] < changes[0] / 3


def test_from_noise() -> None:
    steps = run()
    assert [step.k for step in steps] == list(range(7))
    assert torch.equal(steps[0].x, noise_of((5,), 0, TinyModel.shape))
    attention = steps[2].prediction.attention if steps[2].prediction else None
    assert attention is not None
    assert_same(run(start={"noise": noise_of((5,), 0, TinyModel.shape).numpy()}), steps)


@given(st.floats(0, 1), st.sampled_from(NAMES))
@settings(max_examples=15, deadline=None)
def test_from_a_picture(strength: float, name: SamplerName) -> None:
    model, params = TinyModel(), replace(PARAMS, sampler=name)
    steps = run(params, {"picture": picture(), "strength": np.array(strength)}, model)
    x0 = model.encode(picture())
    alpha, sigma = model.schedule.alpha_sigma(steps[0].time) if len(steps) > 1 else (1.0, 0.0)
    torch.testing.assert_close(steps[0].x, alpha * x0 + sigma * noise_of((5,), 0, model.shape))
    assert steps[-1].k == steps[-1].n_steps == 6
    assert abs(len(steps) - 1 - strength * 6) <= 1


def test_strength_decides_how_far_it_goes() -> None:
    x0 = TinyModel().encode(picture())
    ends = [run(start={"picture": picture(), "strength": np.array(s)})[-1].x for s in (0.0, 0.2, 0.4, 0.7, 1.0)]
    distances = [float((end - x0).abs().mean()) for end in ends]
    assert distances[0] == 0
    assert distances == sorted(distances)


@pytest.mark.parametrize("name", NAMES)
def test_inpainting_leaves_what_is_known(name: SamplerName) -> None:
    """At every step the known cells are the picture, as noisy as the step; the others are not."""
    model = TinyModel()
    steps = run(replace(PARAMS, sampler=name), {"picture": picture(), "mask": MASK}, model)
    x0, noise = model.encode(picture()), noise_of((5,), 0, model.shape)
    anew = torch.zeros(4, 6, dtype=torch.bool)
    anew[1:3, 1:5] = True
    for step in steps[1:]:
        alpha, sigma = model.schedule.alpha_sigma(step.time) if step.k < 6 else (1.0, 0.0)
        expected = alpha * x0 + sigma * noise
        assert torch.equal(step.x[..., ~anew], expected[..., ~anew])
        assert (step.x[..., anew] != expected[..., anew]).all()


def test_sound_starts_and_keeps_alike() -> None:
    model, sound = TinySound(), np.linspace(-0.9, 0.9, 12, dtype=np.float32)
    mask = np.zeros(12, np.float32)
    mask[:5] = 1
    steps = run(PARAMS, {"sound": sound, "mask": mask}, model)
    end = model.decode(steps[-1].x)
    assert (end[6:] == sound[6:]).all()
    assert (end[:6] != sound[:6]).all()
    assert_same(run(PARAMS, state_of(steps[2]), model), steps[2:])


def test_a_picture_dissolves_and_comes_back() -> None:
    model = TinyModel()
    dissolved = list(forward_frames(model, PARAMS, {"picture": picture()}))
    assert [step.k for step in dissolved] == [6, 5, 4, 3, 2, 1, 0]
    x0, noise = model.encode(picture()), noise_of((5,), 0, model.shape)
    assert torch.equal(dissolved[0].x, x0)
    for step in dissolved[1:]:
        alpha, sigma = model.schedule.alpha_sigma(step.time)
        torch.testing.assert_close(step.x, alpha * x0 + sigma * noise)
    assert model.n_calls == 0
    back = run(PARAMS, state_of(dissolved[4]))
    assert back[0].k == 2
    assert torch.equal(back[0].x, dissolved[4].x)
    assert_same(back, run(PARAMS, {"picture": picture(), "strength": np.array(4 / 6)}))


@pytest.mark.parametrize(
    "broken",
    [
        {"x": np.zeros((1, 3, 4, 5), np.float32)},
        {"x": np.full((1, 3, 4, 6), np.nan, np.float32)},
        {"times": np.array([3.0, 4.0])},
        {"times": np.array([5000.0, 4.0])},
        {"times": np.zeros(0)},
        {"times": np.linspace(900, 0, 5000)},
        {"k": np.array(7)},
        {"k": np.array(-1)},
    ],
)
def test_states_that_do_not_fit(broken: State) -> None:
    with pytest.raises(UserError, match="belongs to another"):
        run(start={**state_of(run()[2]), **broken})


@pytest.mark.parametrize(
    "start",
    [{"picture": picture()[1:]}, {"picture": picture(), "mask": MASK[1:]}, {"noise": np.zeros((1, 2, 2, 2))}],
)
def test_starts_that_do_not_fit(start: State) -> None:
    with pytest.raises(UserError, match=r"not the size|another model"):
        run(start=start)
