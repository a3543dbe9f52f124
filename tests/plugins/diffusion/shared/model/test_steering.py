"""Steering by two texts: the direction of a known conditioning, nothing at 0, the same run again, refusals."""

from pathlib import Path

import numpy as np
import pytest

from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.model.batch_run import batch_steps
from plugins.diffusion.shared.model.position import conditioning_digest, conditioning_of
from plugins.diffusion.shared.model.steering import MOST_KEPT, direction, directions_of, steered
from plugins.diffusion.shared.params import DiffusionParams
from studio.api.engine import ModelSource
from studio.core.error import UserError
from studio.core.seed import standard_normal
from studio.core.text.steer_slider import SteerSlider
from tests.plugins.diffusion.tiny_model import WIDTH, TinyModel

UP = '+40 "day" - "night"'


def asked(prompt="a red house", steer="", **fields):
    return DiffusionParams(prompt=prompt, steer=steer, seed=3, steps=3, **fields)


def drawn(params, start=None):
    *_, last = (step for step in batch_steps(TinyModel(), params, start or {}) if step is not None)
    return last.steps[0].x.numpy()


def test_the_direction_leads_from_one_word_to_the_other():
    difference = standard_normal((WIDTH,), 1, "day") - standard_normal((WIDTH,), 1, "night")
    expected = difference / np.linalg.norm(difference)
    np.testing.assert_allclose(direction(TinyModel().embed, "day", "night"), expected, rtol=1e-5)
    np.testing.assert_allclose(direction(TinyModel().embed, "night", "day"), -expected, rtol=1e-5)


def test_each_piece_is_pushed_by_a_share_of_the_median_length_and_nothing_else_is():
    model = TinyModel()
    plain, pushed = conditioning_of(model, asked()).arrays, conditioning_of(model, asked(steer=UP)).arrays
    length = np.median(np.linalg.norm(plain["context"][:3], axis=1))
    step = 0.4 * length * direction(model.embed, "day", "night")
    np.testing.assert_allclose(pushed["context"][:3], plain["context"][:3] + step, rtol=1e-5)
    assert np.array_equal(pushed["context"][3:], plain["context"][3:])
    assert all(np.array_equal(pushed[name], plain[name]) for name in plain if name != "context")


def test_two_sliders_add_up_and_opposite_ones_cancel():
    model = TinyModel()
    pair = (SteerSlider(30, "day", "night"), SteerSlider(30, "night", "day"))
    plain = model.embed("a house")
    found = steered(directions_of(model), plain, pair)
    np.testing.assert_allclose(found.arrays["context"], plain.arrays["context"], atol=1e-6)


class NotingModel(TinyModel):
    """Notes what it reads."""

    def __init__(self):
        super().__init__()
        self.read = []

    def embed(self, prompt, negative=""):
        self.read.append(prompt)
        return super().embed(prompt, negative)


def test_a_direction_is_worked_out_once_and_the_oldest_are_forgotten():
    model = NotingModel()
    find, read = directions_of(model), model.read
    for number in range(MOST_KEPT):
        find("day", f"night{number}")
    read.clear()
    find("day", f"night{MOST_KEPT - 1}")
    directions_of(model)("day", "night0")
    assert not read
    for away in ("dusk", "night1", "night0"):
        find("day", away)
    assert read == ["day", "dusk", "day", "night0"]
    directions_of(TinyModel())("day", "night1")
    assert len(read) == 4


def test_a_slider_at_zero_changes_no_bit_and_one_at_forty_does():
    plain = drawn(asked())
    assert np.array_equal(drawn(asked(steer='+0 "day" - "night"')), plain)
    assert not np.array_equal(drawn(asked(steer=UP)), plain)


def test_a_recorded_run_goes_on_with_its_strength():
    moments = [step for step in batch_steps(TinyModel(), asked(steer=UP), {}) if step is not None]
    assert np.array_equal(drawn(asked(steer=UP), moments[1].state), moments[-1].steps[0].x.numpy())
    assert not np.array_equal(conditioning_digest(asked()), conditioning_digest(asked(steer=UP)))


@pytest.mark.parametrize("steer", ["+40 feature 2", '+40 "day" - "night" layer 3', "forty"])
def test_what_cannot_steer_is_a_sentence(steer):
    with pytest.raises(UserError):
        conditioning_of(TinyModel(), asked(steer=steer))


def test_nothing_to_push_is_a_sentence():
    with pytest.raises(UserError, match="words that the model knows"):
        conditioning_of(TinyModel(), asked(prompt="", steer=UP))
    with pytest.raises(UserError, match="both texts alike"):
        DiffusionEngine(ModelSource("diffusion/tiny", Path("none")), TinyModel()).check_direction("day", "day day")
