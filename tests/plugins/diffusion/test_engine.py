"""Whole runs: frames are counted, items of a batch are runs of their own, a second stage follows, masks are kept."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.few_steps import DRAFT_STEPS
from plugins.diffusion.shared.model.batch_run import OFFSET, SMALL
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.state import ATTENTION, CHANGE, NOISE_LEFT, NOISY, PREDICTED, REMOVED, WORDS, X0_CHANGE
from studio.api.engine import ModelSource
from studio.core.frame import Frame
from studio.core.view import Field
from tests.plugins.diffusion.tiny_model import TinyModel

PARAMS = DiffusionParams(prompt="a red fox", seed=5, steps=4)
PICTURE = np.random.default_rng(0).integers(0, 256, (8, 12, 3), np.uint8)


class TinyCascade:
    """Two tiny models; the second one adds what the first one made to its own picture."""

    def __init__(self) -> None:
        self.stages = (TinyModel(), TinyModel())
        self.seen: list[torch.Tensor] = []

    def second(self, small: torch.Tensor) -> TinyModel:
        """The second stage for a picture of the first one."""
        self.seen.append(small)
        return self.stages[1]


def engine_of(model: Any) -> DiffusionEngine:
    return DiffusionEngine(ModelSource("diffusion/tiny", Path("none")), model)


@pytest.fixture
def engine() -> DiffusionEngine:
    return engine_of(TinyModel())


def pixels(frame: Frame, name: str = NOISY) -> Any:
    return frame.views[name].pixels  # type: ignore[union-attr]


def test_a_run_has_a_frame_before_every_step_and_one_for_the_result(engine: DiffusionEngine) -> None:
    frames = list(engine.generate(PARAMS))
    assert [frame.step for frame in frames] == [0, 1, 2, 3, 4]
    assert {frame.n_steps for frame in frames} == {5}
    for frame in frames:
        assert {NOISY, PREDICTED, REMOVED, CHANGE} <= set(frame.views)
        assert frame.main_view is frame.views[NOISY]
    left = [frame.scalars[NOISE_LEFT] for frame in frames]
    assert left == sorted(left, reverse=True)
    assert left[0] > 0.99
    assert left[-1] == 0
    assert X0_CHANGE not in frames[0].scalars
    assert frames[2].scalars[X0_CHANGE] > 0


def test_the_words_are_named_and_their_maps_sum_to_one(engine: DiffusionEngine) -> None:
    frame = next(iter(engine.generate(PARAMS)))
    assert frame.views[WORDS].pieces == ("a", "red", "fox")  # type: ignore[union-attr]
    field = frame.views[ATTENTION]
    assert isinstance(field, Field)
    maps = field.values
    assert maps.shape[0] == 3
    np.testing.assert_allclose(maps.sum(0), 1, rtol=1e-5)


def test_what_is_believed_and_what_is_finished_are_drawn_from_the_model(engine: DiffusionEngine) -> None:
    frames = list(engine.generate(PARAMS))
    assert frames[-1].state is not None
    finished = engine.model.decode(torch.from_numpy(frames[-1].state["x"]))  # type: ignore[union-attr]
    assert np.abs(pixels(frames[-1]) / 255 - np.clip(finished, 0, 1)).max() <= 0.5 / 255 + 1e-6
    assert (pixels(frames[-1], CHANGE) == 128).all()
    assert (pixels(frames[0], CHANGE) == 128).all()  # nothing was believed before
    assert (pixels(frames[2], CHANGE) != 128).any()


def test_an_item_of_a_batch_is_the_run_of_its_own_seed_bit_for_bit(engine: DiffusionEngine) -> None:
    batch = list(engine.generate(replace(PARAMS, batch=3)))
    for item in range(3):
        alone = list(engine.generate(replace(PARAMS, seed=PARAMS.seed + item)))
        row, column = divmod(item, 2)
        for together, own in zip(batch, alone, strict=True):
            assert together.state is not None
            assert own.state is not None
            assert np.array_equal(together.state["x"][item], own.state["x"][0])
            part = pixels(together)[8 * row : 8 * (row + 1), 12 * column : 12 * (column + 1)]
            assert np.array_equal(part, pixels(own))


def test_others_get_a_turn_between_the_items_of_a_batch(engine: DiffusionEngine) -> None:
    run = list(engine.generate_with_pauses(replace(PARAMS, batch=3)))
    assert [frame is None for frame in run[:3]] == [True, True, False]
    assert len([frame for frame in run if frame is not None]) == 5


@pytest.mark.parametrize("batch", [1, 2])
def test_a_batch_branches_at_every_step(engine: DiffusionEngine, batch: int) -> None:
    params = replace(PARAMS, batch=batch, sampler="dpmpp_2m")
    frames = list(engine.generate(params))
    for index, frame in enumerate(frames):
        for again, first in zip(engine.generate(params, frame.state), frames[index:], strict=True):
            assert again.step == first.step
            assert np.array_equal(pixels(again), pixels(first))


def test_both_stages_stand_on_one_timeline_and_branch_at_every_step() -> None:
    cascade = TinyCascade()
    engine = engine_of(cascade)
    frames = list(engine.generate(PARAMS))
    assert [frame.step for frame in frames] == list(range(10))
    assert {frame.n_steps for frame in frames} == {10}
    small = frames[4].state["x"]  # type: ignore[index]
    assert np.array_equal(cascade.seen[0].numpy(), small)
    assert np.array_equal(frames[5].state[SMALL], small)  # type: ignore[index]
    assert int(frames[7].state[OFFSET]) == 5  # type: ignore[index]
    for index in (1, 4, 5, 8, 9):
        again = list(engine.generate(PARAMS, frames[index].state))
        assert [frame.step for frame in again] == list(range(index, 10))
        assert all(np.array_equal(pixels(a), pixels(b)) for a, b in zip(again, frames[index:], strict=True))


def test_what_a_mask_keeps_is_in_every_shown_frame_bit_for_bit(engine: DiffusionEngine) -> None:
    mask = np.zeros((8, 12), np.float32)
    mask[:, 6:] = 1
    frames = list(engine.generate(PARAMS, {"picture": PICTURE, "mask": mask}))
    for frame in frames:
        assert np.array_equal(pixels(frame, PREDICTED)[:, :6], PICTURE[:, :6])
    assert np.array_equal(pixels(frames[-1])[:, :6], PICTURE[:, :6])
    assert not np.array_equal(pixels(frames[-1])[:, 6:], PICTURE[:, 6:])
    branch = list(engine.generate(replace(PARAMS, seed=6), frames[2].state))
    assert np.array_equal(pixels(branch[-1])[:, :6], PICTURE[:, :6])


def test_a_picture_dissolves_and_comes_back_from_any_of_its_frames(engine: DiffusionEngine) -> None:
    frames = list(engine.dissolve(PARAMS, {"picture": PICTURE}))
    assert [frame.step for frame in frames] == [0, 1, 2, 3, 4]
    left = [frame.scalars[NOISE_LEFT] for frame in frames]
    assert left == sorted(left)
    assert left[0] == 0
    back = list(engine.generate(PARAMS, frames[1].state))
    assert [frame.step for frame in back] == [3, 4]
    assert np.array_equal(back[0].state["x"], frames[1].state["x"])  # type: ignore[index]


def test_a_draft_is_one_picture_of_few_steps(engine: DiffusionEngine) -> None:
    frame = engine.draft(replace(PARAMS, steps=50, batch=4))
    assert frame.n_steps == DRAFT_STEPS + 1
    assert pixels(frame).shape == (8, 12, 3)


def test_a_place_of_a_path_is_a_run_of_its_prompt_and_seed(engine: DiffusionEngine) -> None:
    place = dict(engine.place_of(PARAMS))
    other = replace(PARAMS, prompt="", seed=99)
    ours, theirs = list(engine.generate(PARAMS))[-1], list(engine.generate(other, place))[-1]
    assert np.array_equal(pixels(ours), pixels(theirs))
