"""Places between prompts: the ends are the prompts, and a path is played by the run as any other start."""

import numpy as np
import pytest
import torch

from plugins.diffusion.family import FAMILY
from plugins.diffusion.shared.model.denoiser import Condition
from plugins.diffusion.shared.model.position import blended, condition_at, packed, position_of, unpacked
from plugins.diffusion.shared.model.run import run_steps, state_of
from plugins.diffusion.shared.params import DiffusionParams
from studio.core.error import UserError
from studio.core.path.position import WAYS
from tests.plugins.diffusion.tiny_model import TinyModel

MODEL = TinyModel()
A, B = MODEL.embed("a red fox", "blue"), MODEL.embed("two hats on snow")
PARAMS = DiffusionParams(prompt="a red fox", negative="blue", steps=5)


def assert_alike(one: Condition, other: Condition) -> None:
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        assert array == pytest.approx(other.arrays[name], abs=1e-6)


def test_round_trip() -> None:
    for condition in (A, B):
        assert_alike(unpacked(packed(condition), A), condition)


def test_ends_and_names() -> None:
    assert_alike(blended(A, B, 0), A)
    assert_alike(blended(A, B, 1), B)
    assert blended(A, B, 0.4).pieces == A.pieces
    assert blended(A, B, 0.6).pieces == B.pieces


def test_a_piece_of_one_prompt_alone_means_what_it_means_there() -> None:
    """The fourth piece of B has none beside it in A: on the way it counts less, and is not mixed with nothing."""
    middle = blended(A, B, 0.25)
    assert middle.arrays["counts"][3] == pytest.approx(0.25)
    assert middle.arrays["context"][3] == pytest.approx(B.arrays["context"][3], abs=1e-6)
    assert middle.arrays["context"][0] == pytest.approx(0.75 * A.arrays["context"][0] + 0.25 * B.arrays["context"][0])
    assert middle.arrays["context"][5] == pytest.approx(0)


RULES = FAMILY.kinds["pictures"].positions


def test_path_from_prompt_to_prompt() -> None:
    """Positions blended by the studio's rules are starts of runs; the ends repeat the runs of the prompts."""
    params_b = DiffusionParams(prompt="two hats on snow", steps=5)
    a, b = position_of(MODEL, PARAMS), position_of(MODEL, params_b)
    assert set(a) == set(RULES)
    ends = []
    for t in (0.0, 0.5, 1.0):
        place = {name: WAYS[rule](a[name], b[name], t) for name, rule in RULES.items()}
        condition = condition_at(MODEL, PARAMS, place)
        *_, end = run_steps(MODEL, condition, PARAMS, place)
        ends.append(end.x)
    for params, x in ((PARAMS, ends[0]), (params_b, ends[2])):
        *_, alone = run_steps(MODEL, MODEL.embed(params.prompt, params.negative), params)
        torch.testing.assert_close(x, alone.x, rtol=0, atol=1e-4)
    assert (ends[1] - ends[0]).abs().mean() > 0.01
    assert (ends[1] - ends[2]).abs().mean() > 0.01


def test_a_branch_keeps_its_words_until_others_are_asked() -> None:
    place = {**position_of(MODEL, PARAMS), "words": packed(blended(A, B, 0.5))}
    steps = list(run_steps(MODEL, condition_at(MODEL, PARAMS, place), PARAMS, place))
    state = state_of(steps[2])
    assert_alike(condition_at(MODEL, PARAMS, state), blended(A, B, 0.5))
    other = DiffusionParams(prompt="a green hat")
    assert_alike(condition_at(MODEL, other, state), MODEL.embed("a green hat"))
    again = list(run_steps(MODEL, condition_at(MODEL, PARAMS, state), PARAMS, state))
    assert torch.equal(again[-1].x, steps[-1].x)


def test_places_of_other_models() -> None:
    with pytest.raises(UserError, match="belongs to another"):
        unpacked(np.zeros(3, np.float32), A)


def test_a_model_that_is_not_asked_for_anything() -> None:
    nothing = Condition("")
    assert packed(nothing).size == 0
    assert unpacked(packed(nothing), nothing).arrays == {}
