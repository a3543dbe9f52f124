"""Studies: what runs side by side is what runs alone, and the figures are those that one would measure by hand."""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from plugins.diffusion.shared.model.batch_run import batch_steps
from plugins.diffusion.shared.model.denoiser import Condition, DiffusionModel, FloatArray
from plugins.diffusion.shared.model.position import noise_of
from plugins.diffusion.shared.params import DiffusionParams, SamplerName
from plugins.diffusion.shared.state import RACERS
from plugins.diffusion.shared.studies import (
    StudyRun,
    guidance_strip,
    leave_one_word_out,
    sampler_race,
    variations,
    word_places,
)
from tests.plugins.diffusion.tiny_model import TinyModel, TinySound, picture

PARAMS = DiffusionParams(prompt="a red fox", steps=4, seed=5)
MASK = np.zeros((8, 12), np.uint8)
MASK[2:5, 3:9] = 255


class TinyCascade:
    """Two tiny models; the second begins with what the first one made in mind."""

    stages: tuple[DiffusionModel, DiffusionModel] = (TinyModel(), TinyModel())

    def second(self, small: Tensor) -> DiffusionModel:
        model = TinyModel()
        model.shape, model.size = (3, 8, 12), (16, 24)
        model.offset = F.interpolate(small, scale_factor=2)
        return model


def alone(params: DiffusionParams, start: dict[str, np.ndarray] | None = None, model: DiffusionModel | None = None):
    *_, last = batch_steps(model or TinyModel(), params, start or {})
    assert last is not None
    return last.steps[0].x.numpy()


def finished(trials: Iterator[StudyRun]) -> list[StudyRun]:
    return [trial for trial in trials if trial.x is not None]


def x_of(trial: StudyRun) -> FloatArray:
    assert trial.x is not None
    return trial.x


def test_guidance_strip() -> None:
    trials = list(guidance_strip(TinyModel(), replace(PARAMS, batch=3), None, (0.0, 1.0, 4.0)))
    assert [trial.index for trial in trials] == [0] * 5 + [1] * 5 + [2] * 5
    assert [trial.share for trial in trials[:5]] == [0, 0.25, 0.5, 0.75, 1]
    assert [trial.x is not None for trial in trials[:5]] == [False] * 4 + [True]
    done = finished(iter(trials))
    for trial, scale in zip(done, (0.0, 1.0, 4.0), strict=True):
        assert np.array_equal(x_of(trial), alone(replace(PARAMS, guidance=scale)))
        assert np.array_equal(x_of(trial), alone(trial.params, trial.start))
        assert trial.shown.shape == (8, 12, 3)
    assert not np.allclose(x_of(done[0]), x_of(done[2]))


def test_race_is_measured_from_the_reference() -> None:
    *raced, reference = finished(sampler_race(TinyModel(), PARAMS, None, RACERS, 50))[: len(RACERS) + 1]
    measured = list(sampler_race(TinyModel(), PARAMS, None, RACERS, 50))[-len(RACERS) :]
    assert reference.params.steps == 50
    x = alone(replace(PARAMS, steps=50))
    assert np.array_equal(x_of(reference), x)
    for index, (trial, name) in enumerate(zip(measured, RACERS, strict=True)):
        assert trial.index == index
        assert trial.params.sampler == name
        assert np.array_equal(x_of(trial), x_of(raced[index]))
        assert trial.distance == pytest.approx(np.sqrt(np.mean((x_of(trial) - x) ** 2)), rel=1e-5)
        assert trial.seconds > 0
    distances = {trial.params.sampler: trial.distance or 0.0 for trial in measured}
    assert distances["heun"] < distances["ddim"]


def test_race_asks_no_more_than_its_samplers_need() -> None:
    model = TinyModel()
    for _ in sampler_race(model, PARAMS, None, ("ddim", "heun"), n_reference=10):
        pass
    assert model.n_calls == 4 + (2 * 4 - 1) + 10


def test_variations_lie_between_the_seeds() -> None:
    near, far = (finished(variations(TinyModel(), PARAMS, None, amount, 3)) for amount in (0.05, 1.0))
    own = alone(PARAMS)
    for index in range(3):
        assert np.abs(x_of(near[index]) - own).mean() < np.abs(x_of(far[index]) - own).mean() / 3
        assert x_of(far[index]) == pytest.approx(alone(replace(PARAMS, seed=6 + index)), abs=1e-5)
    still = finished(variations(TinyModel(), PARAMS, None, 0.0, 1))[0]
    assert x_of(still) == pytest.approx(own, abs=1e-5)


def test_variations_keep_the_length_of_the_noise() -> None:
    a, b = noise_of((5,), 0, TinyModel.shape).norm(), noise_of((6,), 0, TinyModel.shape).norm()
    trial = next(variations(TinyModel(), PARAMS, None, 0.4, 1))
    assert trial.start is not None
    assert np.linalg.norm(trial.start["noise"]) == pytest.approx(0.6 * float(a) + 0.4 * float(b), rel=1e-5)


def test_variations_of_a_repainted_part() -> None:
    start = {"picture": (picture() * 255).astype(np.uint8), "mask": MASK}
    for trial in finished(variations(TinyModel(), PARAMS, start, 0.5, 2)):
        shown = np.rint(trial.shown * 255).astype(np.uint8)
        assert (shown[MASK == 0] == start["picture"][MASK == 0]).all()
        assert (shown[MASK > 0] != start["picture"][MASK > 0]).any()


def test_leave_one_word_out() -> None:
    whole, *without = finished(leave_one_word_out(TinyModel(), PARAMS, None))
    effects = [trial.effect for trial in without if trial.effect is not None]
    assert [effect.word for effect in effects] == ["a", "red", "fox"]
    assert [effect.piece for effect in effects] == [0, 1, 2]
    assert whole.effect is None
    prompts = ["red fox", "a fox", "a red"]
    done = [trial for trial in without if trial.effect is not None]
    for trial, effect, prompt in zip(done, effects, prompts, strict=True):
        assert trial.params.prompt == prompt
        assert np.array_equal(x_of(trial), alone(replace(PARAMS, prompt=prompt)))
        change = np.abs(trial.shown - whole.shown)
        assert effect.mean_change == pytest.approx(change.mean())
        assert effect.rms_change == pytest.approx(np.sqrt((change**2).mean()))
        assert effect.change == pytest.approx(change.mean(2))


def test_a_word_that_says_nothing_changes_nothing() -> None:
    class Deaf(TinyModel):
        def embed(self, prompt: str, negative: str = "") -> Condition:
            return Condition(prompt, tuple(prompt.split()), TinyModel().embed("", negative).arrays)

    effects = [trial.effect for trial in leave_one_word_out(Deaf(), PARAMS, None) if trial.effect is not None]
    assert [effect.mean_change for effect in effects] == [0, 0, 0]


def test_a_word_left_out_is_not_completed_again() -> None:
    class Completing(TinyModel):
        def complete(self, prompt: str, seed: int) -> str:
            return " ".join(dict.fromkeys([*prompt.split(), "red", "fox"]))

    whole, *without = finished(leave_one_word_out(Completing(), replace(PARAMS, prompt="a"), None))
    assert whole.params.prompt == "a red fox"
    assert np.array_equal(x_of(whole), alone(PARAMS))
    left = [trial for trial in without if trial.effect is not None]
    assert [trial.params.prompt for trial in left] == ["red fox", "a fox", "a red"]
    for trial in left:
        assert np.array_equal(x_of(trial), alone(replace(PARAMS, prompt=trial.params.prompt)))


def test_words_left_out_from_a_step_on() -> None:
    moment = [one for one in batch_steps(TinyModel(), PARAMS, {}) if one is not None][2]
    whole, *without = finished(leave_one_word_out(TinyModel(), PARAMS, moment.state))
    assert np.array_equal(x_of(whole), alone(PARAMS))
    effects = [trial.effect for trial in without if trial.effect is not None]
    assert all(effect.mean_change > 0 for effect in effects)


def test_places_of_words() -> None:
    condition = Condition("A fox, a Fox.", ("a", "fox", ",", "a", "fox", "missing", "."))
    places = word_places(condition)
    assert {number: condition.prompt[slice(*place)] for number, place in places.items()} == {
        0: "A",
        1: "fox",
        3: "a",
        4: "Fox",
    }


def test_sound_without_a_word() -> None:
    effects = [trial.effect for trial in leave_one_word_out(TinySound(), PARAMS, None) if trial.effect is not None]
    assert effects[0].change.shape == (12,)
    assert effects[0].mean_change > 0


def test_two_stages() -> None:
    trials = list(guidance_strip(TinyCascade(), PARAMS, None, (1.0,)))
    assert [trial.share for trial in trials] == pytest.approx(np.arange(10) / 9)
    assert trials[4].shown.shape == (8, 12, 3)
    assert trials[-1].shown.shape == (16, 24, 3)
    assert [trial.x is not None for trial in trials] == [False] * 9 + [True]


@pytest.mark.parametrize("sampler", get_args(SamplerName))
@pytest.mark.parametrize("model", [TinyModel(), TinyCascade()], ids=["one stage", "two stages"])
def test_item_of_a_batch_alone(sampler: SamplerName, model: DiffusionModel) -> None:
    """Picked from any frame, or made from its seed, an item equals that of the batch to the last bit."""
    params = replace(PARAMS, sampler=sampler, batch=3, eta=0.5)
    batch = [moment for moment in batch_steps(model, params, {}) if moment is not None]
    for item in range(3):
        settings = replace(params, seed=5 + item, batch=1)
        from_seed = [moment for moment in batch_steps(model, settings, {}) if moment is not None]
        for ours, theirs in zip(from_seed, batch, strict=True):
            assert torch.equal(ours.steps[0].x, theirs.steps[item].x)
        for index in (2, len(batch) - 3):
            from_frame = [one for one in batch_steps(model, settings, batch[index].state) if one is not None]
            for ours, theirs in zip(from_frame, batch[index:], strict=True):
                assert torch.equal(ours.steps[0].x, theirs.steps[item].x)
