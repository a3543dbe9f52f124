"""Pictures as frames: what they keep, what is forced, what a branch repeats; files; a training of a few steps."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from plugins.transformer.emoji.caption import describe
from plugins.transformer.emoji.engine import EmojiEngine
from plugins.transformer.emoji.model.weights import load_drawer, save_drawer
from plugins.transformer.emoji.model.writer import Drawer
from plugins.transformer.emoji.params import BY_LINE, ORDERS, EmojiParams
from plugins.transformer.emoji.scene import CODEC, START
from plugins.transformer.emoji.state import UNKNOWN, PictureTrace, started
from studio.core.error import UserError
from tests.plugins.transformer.emoji.conftest import pixels_of, state_of

PARAMS = EmojiParams(prompt="a fox on a blue background", seed=5)


def params(order: str, **changes: Any) -> EmojiParams:
    return EmojiParams(**{"prompt": PARAMS.prompt, "seed": 5, "order": order, **changes})


def same(one: Any, other: Any) -> bool:
    return one.state.keys() == other.state.keys() and all(
        np.array_equal(one.state[name], other.state[name]) for name in one.state
    )


@pytest.mark.parametrize("order", ORDERS)
def test_each_block_is_a_frame(engine: EmojiEngine, order: str) -> None:
    frames = list(engine.generate(params(order)))
    known = engine.about().order(order == BY_LINE)
    assert [frame.step for frame in frames] == list(range(len(known.blocks)))
    assert [len(state_of(frame)["tokens"]) for frame in frames] == list(known.ends)
    assert all(frame.n_steps == len(known.blocks) for frame in frames)
    assert all(len(state_of(frame)["bits"]) == len(state_of(frame)["next_ids"]) for frame in frames)
    for frame in frames:
        trace = PictureTrace(state_of(frame))
        lead, words = describe(trace, known, ["zebra"], frame is frames[-1])
        assert lead
        assert "“zebra”" in words


@pytest.mark.parametrize("order", ORDERS)
def test_a_frame_is_gone_on_with_bit_for_bit(engine: EmojiEngine, order: str) -> None:
    frames = list(engine.generate(params(order)))
    for number in (0, len(frames) // 2, len(frames) - 1):
        again = list(engine.generate(params(order), state_of(frames[number])))
        assert all(same(one, other) for one, other in zip(frames[number:], again, strict=True))


@pytest.mark.parametrize("order", ORDERS)
def test_a_forced_token_stands_and_what_follows_is_drawn_anew(engine: EmojiEngine, order: str) -> None:
    known = engine.about().order(order == BY_LINE)
    last = list(engine.generate(params(order)))[-1]
    token = known.n_tokens // 4
    choices = engine.choices(state_of(last), token)
    assert choices.chosen == state_of(last)["tokens"][token]
    assert choices.pictures.shape == (len(choices.ids), 32, 32, 3)
    assert (np.diff(choices.shares) <= 0).all()
    other = next(int(one) for one in choices.ids if one != choices.chosen)
    start = PictureTrace(state_of(last)).with_token(known, token, other)
    branch = list(engine.generate(params(order), START.read(START.write(start))))
    block = known.block_of(token)
    assert branch[0].step == block
    first = state_of(branch[0])
    assert first["tokens"][token] == other
    assert first["forced"].tolist() == [token]
    before = np.delete(first["tokens"], token)
    assert before.tolist() == np.delete(state_of(last)["tokens"][: known.ends[block]], token).tolist()
    assert len(state_of(branch[-1])["tokens"]) == known.n_tokens


def test_the_picture_of_a_choice_is_that_of_its_branch(engine: EmojiEngine) -> None:
    last = list(engine.generate(PARAMS))[-1]
    order = engine.about().by_scale
    choices = engine.choices(state_of(last), 2)
    start = PictureTrace(state_of(last)).with_token(order, 2, int(choices.ids[3]))
    first = next(iter(engine.generate(PARAMS, start)))
    assert np.abs(pixels_of(first).astype(int) - choices.pictures[3]).max() <= 1


def test_lines_are_grey_where_nothing_is_drawn_yet(engine: EmojiEngine) -> None:
    frames = list(engine.generate(params(BY_LINE)))
    pixels = pixels_of(frames[9])  # five cells of which each has two tokens
    assert (pixels[8:16, 8:] == UNKNOWN).all()
    assert (pixels[16:] == UNKNOWN).all()
    assert not (pixels[:8] == UNKNOWN).all(-1).any()


def test_a_state_of_the_other_order_says_nothing_and_a_foreign_one_is_refused(engine: EmojiEngine) -> None:
    last = list(engine.generate(params(BY_LINE)))[-1]
    assert next(iter(engine.generate(PARAMS, state_of(last)))).step == 0
    for state in (
        {"tokens": np.zeros(3)},
        started(False, [99], -1),
        started(False, [1, 2], -1),
        started(False, [1], 5),
    ):
        with pytest.raises(UserError):
            next(iter(engine.generate(PARAMS, state)))
    with pytest.raises(UserError):
        next(iter(engine.generate(EmojiParams(prompt="  "))))


@pytest.mark.parametrize("prompt", ["x" * 1_000_000, "ثعلب أزرق 🦊", "fox \ud83d", "on, on, on, " * 500])
def test_any_sentence_is_drawn(engine: EmojiEngine, prompt: str) -> None:
    frames = list(engine.generate(params(BY_LINE, prompt=prompt)))
    assert len(state_of(frames[-1])["tokens"]) == 32


@pytest.mark.parametrize(
    "values",
    [
        [],
        {"by_line": [2], "tokens": [], "forced": [-1]},
        {"by_line": [0], "tokens": [True], "forced": [-1]},
        {"by_line": [0], "tokens": [1] * 2000, "forced": [-1]},
        {"by_line": [0], "tokens": [1], "forced": [1]},
        {"by_line": [0], "tokens": [1], "forced": []},
    ],
)
def test_an_unsound_start_is_refused(values: Any) -> None:
    with pytest.raises(UserError):
        CODEC.read_part(START, values)


def test_a_file_holds_the_same_model(tmp_path: Path, drawer: Drawer) -> None:
    save_drawer(tmp_path / "a.safetensors", drawer)
    again = load_drawer(tmp_path / "a.safetensors")
    assert again.config == drawer.config
    torch.testing.assert_close(again.coder.quantiser.codes, drawer.coder.quantiser.codes, atol=2e-3, rtol=2e-3)
    (tmp_path / "a.safetensors").write_bytes((tmp_path / "a.safetensors").read_bytes()[:-100])
    with pytest.raises(UserError):
        load_drawer(tmp_path / "a.safetensors")
