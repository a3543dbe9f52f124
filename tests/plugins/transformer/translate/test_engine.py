"""Translations as frames: what they keep, what is forced, what a branch repeats."""

import numpy as np
import pytest

from plugins.transformer.translate.params import TranslateParams
from plugins.transformer.translate.state import TranslationTrace, started
from studio.core.error import UserError
from studio.core.text.byte_tokens import END_ID

PARAMS = TranslateParams(prompt="the king of the house", lanes=3)


def same(one, other):
    return one.state.keys() == other.state.keys() and all(
        np.array_equal(one.state[name], other.state[name]) for name in one.state
    )


def test_each_step_is_a_frame_with_its_lanes(engine):
    frames = list(engine.generate(PARAMS))
    assert [frame.step for frame in frames[:3]] == [0, 1, 2]
    assert all(frame.step < frame.n_steps for frame in frames)
    for frame in frames[1:]:
        trace = TranslationTrace(frame.state)
        assert len(trace.lanes) <= 3
        assert trace.scores == sorted(trace.scores, reverse=True)
        assert len(trace.look(0)) == len(trace.source)
        assert "".join(frame.views["text"].pieces) == "".join(engine.vocabulary.texts(trace.ids))


def test_a_frame_is_gone_on_with_bit_for_bit(engine):
    frames = list(engine.generate(PARAMS))
    for number in (0, 1, len(frames) // 2, len(frames) - 1):
        again = list(engine.generate(PARAMS, frames[number].state))
        assert len(again) == len(frames) - number
        assert all(same(one, other) for one, other in zip(frames[number:], again, strict=True))


def test_forced_tokens_begin_every_lane(engine):
    source = engine.cut(PARAMS.prompt)
    forced = engine.cut("la luz")[:-1]
    first, *others = engine.generate(PARAMS, started(source, forced))
    assert TranslationTrace(first.state).ids == forced
    assert first.step == len(forced)
    for frame in others:
        trace = TranslationTrace(frame.state)
        assert all(lane[: len(forced)] == forced for lane in trace.lanes)
        tokens = trace.tokens(engine.vocabulary)
        assert [token.is_forced for token in tokens[: len(forced)]] == [True] * len(forced)


def test_a_long_text_is_cut_and_an_empty_one_is_an_example(engine):
    assert len(engine.cut("the king " * 500)) == 128
    assert engine.cut("the king <|end|> of")[-1] == END_ID
    assert END_ID not in engine.cut("the king <|end|> of")[:-1]
    first = next(iter(engine.generate(TranslateParams(seed=2))))
    assert TranslationTrace(first.state).source == engine.cut("And God said, Let there be light.")
    with pytest.raises(UserError):
        engine.cut("<|end|>")


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"source": np.zeros(2), "forced": np.zeros(0, np.int32), "step": np.zeros(1, np.int32)},
        {"source": np.full(2, 9999, np.int32), "forced": np.zeros(0, np.int32), "step": np.zeros(1, np.int32)},
        {"source": np.ones(2, np.int32), "forced": np.full(1, -1, np.int32), "step": np.ones(1, np.int32)},
        {"source": np.ones(2, np.int32), "forced": np.zeros(0, np.int32), "step": np.full(1, -4, np.int32)},
        {"source": np.ones(900, np.int32), "forced": np.zeros(0, np.int32), "step": np.zeros(1, np.int32)},
    ],
)
def test_a_state_of_something_else_is_refused(engine, state):
    with pytest.raises(UserError):
        list(engine.generate(PARAMS, state))
