"""The engine of the styles: what it yields, bit for bit the same, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
import torch

from plugins.gan.styles import engine as styles_engine
from plugins.gan.styles.engine import StylesEngine
from plugins.gan.styles.model.cyclegan import StylesNetwork
from plugins.gan.styles.scene import N_TURNS, PICTURE_STATE, TURN, StylesParams, no_turns
from studio.api.engine import ModelSource
from studio.core.error import UserError
from studio.datasets.emoji.styles import load_emoji_styles
from studio.datasets.split import Split
from studio.nn.network_file import save_network
from tests.plugins.gan.styles.styles_made import DEVICE, REAL_SCORES, TINY, source, use_by_hand

OWN = np.full((64, 64, 3), 128, np.uint8)


@pytest.fixture
def engine(monkeypatch):
    use_by_hand(monkeypatch)
    return StylesEngine.open(source(), DEVICE)


def only(frames):
    (frame,) = frames
    return frame


def test_examples_are_held_out_ones_in_the_style_that_is_translated(engine):
    held_out = load_emoji_styles(Split.TEST)
    for is_back, pictures in ((False, held_out.flat), (True, held_out.glossy)):
        frame = only(engine.generate(StylesParams(seed=3, is_back=is_back)))
        np.testing.assert_array_equal(frame.views["original"].pixels, pictures[2])
        np.testing.assert_array_equal(frame.state[PICTURE_STATE], pictures[2])
    again = only(engine.generate(StylesParams(seed=3 + len(held_out.codes))))
    np.testing.assert_array_equal(again.views["original"].pixels, held_out.flat[2])


def test_an_own_picture_goes_there_and_back(engine):
    frame = only(engine.generate(StylesParams(), {PICTURE_STATE: OWN}))
    assert list(frame.views) == ["picture", "original", "again"]
    values = [int(frame.views[name].pixels[0, 0, 0]) for name in frame.views]
    # 0.2 and 0.1 of a range of 2 are 25.5 and 12.75 of 255.
    assert values[1] == 128
    assert values[0] == pytest.approx(128 - 25.5, abs=1)
    assert values[2] == pytest.approx(128 - 25.5 + 12.75, abs=1)
    assert frame.scalars["changed"] == pytest.approx(0.1, abs=0.003)
    assert frame.scalars["returned"] == pytest.approx(0.05, abs=0.003)


def test_a_verdict_is_the_share_of_real_ones_that_score_lower(engine):
    # Scores of glossy ones lie at -1, 0, 0.5 and 1: 0.25 is halfway between the second and the third of four.
    picture = torch.full((1, 3, 64, 64), 0.25)
    assert engine.verdict(picture, True) == pytest.approx(0.5)
    assert engine.verdict(picture, False) == pytest.approx(0.375)  # flat: -0.25 between -1 and 0
    assert engine.verdict(torch.full((1, 3, 64, 64), -1.0), True) == 0
    assert engine.verdict(torch.full((1, 3, 64, 64), 1.0), True) == 1


def test_the_same_input_gives_the_same_bits(tmp_path):
    torch.manual_seed(0)
    save_network(tmp_path / "it.safetensors", StylesNetwork(TINY), exact=("discriminator.",))
    it = ModelSource("gan/emoji-styles", tmp_path / "it.safetensors", {"real_scores": REAL_SCORES})
    first, second = (only(StylesEngine.open(it, DEVICE).generate(StylesParams(seed=5))) for _ in range(2))
    for name, view in first.views.items():
        np.testing.assert_array_equal(view.pixels, second.views[name].pixels)
    assert first.scalars == second.scalars
    again = only(StylesEngine.open(it, DEVICE).generate(StylesParams(seed=1), first.state))
    np.testing.assert_array_equal(again.main_view.pixels, first.main_view.pixels)


def test_back_and_forth_alternates_the_translators(engine):
    frames = list(engine.generate(StylesParams(), {PICTURE_STATE: OWN, TURN: no_turns()}))
    assert [frame.step for frame in frames] == list(range(N_TURNS + 1))
    assert all(frame.n_steps == N_TURNS + 1 for frame in frames)
    brightness = [int(frame.main_view.pixels[0, 0, 0]) for frame in frames]
    np.testing.assert_array_equal(frames[0].main_view.pixels, OWN)
    ways = np.diff(brightness)
    assert all(-27 <= way <= -24 for way in ways[:6:2])
    assert all(12 <= way <= 14 for way in ways[1:6:2])
    backward = list(engine.generate(StylesParams(is_back=True), {PICTURE_STATE: OWN, TURN: no_turns()}))
    assert backward[1].main_view.pixels[0, 0, 0] > 128


def test_a_branch_repeats_its_run_bit_for_bit(engine):
    frames = list(engine.generate(StylesParams(seed=4), {TURN: no_turns()}))
    branch = list(engine.generate(StylesParams(seed=9), frames[5].state))
    assert [frame.step for frame in branch] == [frame.step for frame in frames[5:]]
    for one, other in zip(branch, frames[5:], strict=True):
        np.testing.assert_array_equal(one.main_view.pixels, other.main_view.pixels)


@pytest.mark.parametrize(
    "wrong", [np.zeros((32, 64, 3), np.uint8), np.zeros((64, 64, 3)), np.zeros((64, 64), np.uint8)]
)
def test_a_picture_of_another_kind_is_refused(engine, wrong):
    with pytest.raises(UserError, match="cannot be translated"):
        list(engine.generate(StylesParams(), {PICTURE_STATE: wrong}))


@pytest.mark.parametrize("scores", [None, {}, {"flat": [0, 1], "glossy": [1, 0]}, {"flat": [0, 1], "glossy": ["x"]}])
def test_a_card_without_scores_is_refused(monkeypatch, scores):
    use_by_hand(monkeypatch)
    with pytest.raises(UserError, match="detectives"):
        StylesEngine.open(ModelSource("gan/emoji-styles", Path(), {"real_scores": scores}), DEVICE)


def test_closing_frees_the_network(engine):
    only(engine.generate(StylesParams()))
    engine.close()
    assert engine._network is None
    assert styles_engine.STYLES == ("flat", "glossy")
