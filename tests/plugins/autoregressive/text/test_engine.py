"""Texts of a Transformer-XL as frames: what they keep, how they go on and branch, what memory changes."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from plugins.autoregressive.shared.model.relative_network import save_with_cutter
from plugins.autoregressive.shared.next_token import Chances, Choosing, die_roll, likeliest
from plugins.autoregressive.text.engine import XLTextEngine
from plugins.autoregressive.text.model.reader import XLReader
from plugins.autoregressive.text.params import TextParams
from plugins.autoregressive.text.scene import start_from_json, text_to_json
from plugins.autoregressive.text.state import (
    OUTDATED,
    XLTextTrace,
    choice_at,
    read_state,
    started,
    tokens_of,
    with_token,
)
from studio.api.engine import Device, ModelSource
from studio.core.error import UserError
from studio.core.frame import whole_frames
from studio.core.pausing import result_of
from studio.core.text.byte_tokens import END_ID
from tests.plugins.autoregressive.text.xl_made import made_cutter, made_engine, made_network

PARAMS = TextParams(prompt="To be, or not", seed=7, length=20, memory=8)


@pytest.fixture(scope="module")
def engine():
    return made_engine()


@pytest.fixture(scope="module")
def frames(engine):
    return list(whole_frames(engine.generate(PARAMS)))


def trace_of(frame: Any) -> XLTextTrace:
    return XLTextTrace(frame.state)


def text_again(trace: XLTextTrace) -> Any:
    return start_from_json(json.loads(json.dumps(text_to_json(trace))))


def same(one, two):
    return set(one) == set(two) and all(np.array_equal(one[name], two[name]) for name in one)


def test_each_token_has_a_frame_that_keeps_what_is_known(engine, frames):
    trace = XLTextTrace(frames[-1].state)
    n_prompt = 1 + len(engine.cutter.encode(PARAMS.prompt))
    assert [frame.step for frame in frames] == list(range(len(trace)))
    assert (trace.n_prompt, trace.ids[0]) == (n_prompt, END_ID)
    tokens = tokens_of(trace, engine.vocabulary)
    assert "".join(token.piece for token in tokens[:n_prompt]) == PARAMS.prompt
    assert [token.is_written for token in tokens] == [False] * n_prompt + [True] * (len(tokens) - n_prompt)
    reader = XLReader(engine.network, engine.memory(8, 0))
    said: Any = None
    for place, token in enumerate(trace.ids.tolist()):
        if place:
            assert trace.surprise[place] == pytest.approx(-said[token] / np.log(2), rel=1e-5)
            assert trace.rank[place] == np.count_nonzero(said > said[token])
            assert (tokens[place].expected or ("",))[0] == engine.vocabulary.name(int(likeliest(said)[0]))
        reading = reader.read(token)
        said = reading.log_probabilities
        np.testing.assert_allclose(trace.next_raw[place], np.sort(np.exp(said))[::-1][:50], rtol=2e-3, atol=1e-5)
        state = frames[place].state
        assert set(state) == {"ids", "prompt", "facts", "next_ids", "next_raw", "next_after", "looked", "settings"}
        first, shares = reading.first, reading.attention.mean((0, 1), dtype=np.float32)
        own = sum(shares[at] for at in range(len(shares)) if (first + at) // 4 == place // 4)
        assert state["looked"].shape == (place + 1, 3)
        assert state["looked"][place, 0] == pytest.approx(own, abs=5e-3)
        assert state["looked"][place].sum(dtype=np.float32) == pytest.approx(1, abs=5e-3)


def test_a_text_goes_on_bit_for_bit_from_any_frame(engine, frames):
    for place in (0, 3, len(frames) - 5, len(frames) - 1):
        again = list(whole_frames(engine.generate(replace(PARAMS, prompt="other"), frames[place].state)))
        assert [frame.step for frame in again] == list(range(place, len(frames)))
        for one, two in zip(again, frames[place:], strict=True):
            assert same(one.state, two.state)
            assert one.views["text"] == two.views["text"]
            assert one.scalars == two.scalars


def test_a_branch_has_the_forced_token_and_the_same_dice_behind_it(engine, frames):
    trace = XLTextTrace(frames[-1].state)
    place = trace.n_prompt + 4
    other = int(trace.next_ids[place - 1][trace.next_ids[place - 1] != trace.ids[place]][0])
    branch = list(whole_frames(engine.generate(PARAMS, with_token(frames[-1].state, place, other))))
    made = trace_of(branch[-1])
    assert branch[0].step == place
    assert made.ids[:place].tolist() == trace.ids[:place].tolist()
    assert (made.ids[place], made.roll[place]) == (other, -1)
    assert np.array_equal(made.roll[:place], trace.roll[:place])
    n = min(len(made), len(trace))
    assert np.array_equal(made.roll[place + 1 : n], trace.roll[place + 1 : n])
    assert made.n_prompt == trace.n_prompt
    tokens = tokens_of(made, engine.vocabulary)
    assert [token.is_forced for token in tokens].index(True) == place


@pytest.mark.parametrize("change", [{"temperature": 2.5}, {"top_p": 0.5}, {"memory": 4}, {"memory": 8, "cut": 4}])
def test_a_die_that_was_read_by_other_settings_is_not_shown(engine, frames, change):
    trace = XLTextTrace(frames[-1].state)
    place = len(trace) - 3
    state = with_token(frames[-1].state, place, 5)
    made = trace_of(list(whole_frames(engine.generate(replace(PARAMS, **change), state)))[-1])
    written = range(trace.n_prompt, place)
    assert (made.roll[written] == OUTDATED).all()
    choices: Any = [choice_at(made, one, engine.vocabulary) for one in written]
    assert all(choice.die is None for choice in choices)
    assert made.roll[place + 1] == die_roll(PARAMS.seed, place + 1)
    tokens = tokens_of(made, engine.vocabulary)
    assert [token.is_forced for token in tokens].index(True) == place
    again = trace_of(next(iter(engine.generate(replace(PARAMS, **change), text_again(made)))))
    assert np.array_equal(again.roll, made.roll)


def test_memory_beyond_what_the_network_has_changes_no_die(engine, frames):
    state = with_token(frames[-1].state, len(frames) - 3, 5)
    made = trace_of(next(iter(engine.generate(replace(PARAMS, memory=512, cut=3), state))))
    assert np.array_equal(made.roll[:-1], XLTextTrace(frames[-1].state).roll[: len(made) - 1])


def test_a_token_forced_into_the_prompt_makes_the_rest_new(engine, frames):
    state = with_token(frames[-1].state, 2, 5)
    assert len(state["prompt"]) == 2
    assert next(iter(engine.generate(PARAMS, state))).step == 2


def test_a_given_text_is_shown_whole_first(engine):
    ids = [END_ID, *engine.cutter.encode("not to be")]
    told = list(engine.generate(replace(PARAMS, length=2), started(ids)))
    assert told[0].step == len(ids) - 1
    assert "".join(told[0].views["text"].pieces) == "not to be"


def test_more_memory_looks_further_back_and_changes_what_is_said(engine):
    state = started([END_ID, *engine.cutter.encode("that is the question: whether")])
    for n_memory, cut, first in ((0, 0, 8), (4, 0, 4), (8, 0, 0), (8, 4, 4), (500, 6, 4)):
        params = replace(PARAMS, length=0, memory=n_memory, cut=cut)
        short = {name: value[:10] for name, value in state.items()}
        frame = next(iter(engine.generate(params, short)))
        assert engine.memory(n_memory, cut).first_seen(9, 4) == first
        assert frame.state["looked"][9, 1:].astype(bool).sum() == 2 - first // 4
    found = [result_of(engine.surprises(state["ids"].tolist(), n_memory, 0)) for n_memory in (0, 8)]
    assert np.array_equal(found[0][1:5], found[1][1:5])
    assert not np.allclose(found[0][5:], found[1][5:])


def test_an_end_ends_the_text(engine, monkeypatch):
    monkeypatch.setattr(Chances, "drawn", lambda chances, roll: END_ID)
    trace = trace_of(list(whole_frames(engine.generate(PARAMS)))[-1])
    assert len(trace) == trace.n_prompt + 1


def test_states_of_other_models_are_refused(engine, frames):
    state = frames[-1].state
    changes: Any = (
        {"ids": state["ids"] + 300},
        {"facts": state["facts"][:-1]},
        {"ids": state["ids"][None]},
        {"prompt": None},
        {"prompt": state["prompt"] + 1},
        {"ids": state["ids"].astype(float)},
        {"settings": np.zeros(3)},
    )
    for change in changes:
        with pytest.raises(UserError, match="another model"):
            read_state({**state, **change}, engine.config.n_vocab)
    with pytest.raises(UserError):
        read_state({}, 9)


def test_it_opens_from_a_file(tmp_path):
    path = tmp_path / "made.safetensors"
    save_with_cutter(path, made_network(), made_cutter())
    engine = XLTextEngine.open(ModelSource("autoregressive/text-xl", path), Device("cpu", "float32", 1))
    about = engine.about()
    assert (about.n_segment, about.n_memory, about.n_layers, about.n_heads) == (4, 8, 2, 2)
    assert about.vocabulary.find("question") is not None or len(about.vocabulary.pieces) == 280
    engine.close()


@pytest.mark.parametrize("top_p", [1.0, 0.9, 0.3])
def test_dice_fall_as_often_as_tokens_are_likely(top_p):
    said = np.log(np.array([0.1, 0.4, 0.2, 0.3], np.float32))
    chances = Choosing(0.7, top_p).chances(said)
    assert chances.order.tolist() == [1, 3, 2, 0]
    shares = np.zeros(4)
    shares[chances.order] = chances.shares
    kept = {1.0: 4, 0.9: 3, 0.3: 1}[top_p]
    expected = np.array([0.1, 0.4, 0.2, 0.3]) ** (1 / 0.7)
    expected[np.argsort(-expected)[kept:]] = 0
    np.testing.assert_allclose(shares, expected / expected.sum(), rtol=1e-6)
    rolls = (np.arange(2000) + 0.5) / 2000
    counts = np.bincount([chances.drawn(roll) for roll in rolls], minlength=4)
    np.testing.assert_allclose(counts / 2000, shares, atol=1e-3)
    assert chances.drawn(np.nextafter(1, 0)) in np.flatnonzero(shares)


def test_the_die_depends_on_seed_and_place_alone():
    assert die_roll(1, 5) == die_roll(1, 5)
    assert len({die_roll(seed, place) for seed in range(5) for place in range(5)}) == 25
