"""Descriptions as frames: what they keep, what is asked and forced, what a branch repeats, what is refused."""

import numpy as np
import pytest

from plugins.transformer.describe.engine import DescribeEngine
from plugins.transformer.describe.params import DescribeParams
from plugins.transformer.describe.state import DescriptionTrace, started
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.view import State

ASKED = DescribeParams(prompt="is this person smiling", seed=2, lanes=3)


def same(one: Frame, other: Frame) -> bool:
    assert one.state is not None
    assert other.state is not None
    return one.state.keys() == other.state.keys() and all(
        np.array_equal(one.state[name], other.state[name]) for name in one.state
    )


def trace_of(frame: Frame) -> DescriptionTrace:
    assert frame.state is not None
    return DescriptionTrace(frame.state)


def test_each_step_is_a_frame_about_the_face_and_the_question_is_no_part_of_the_answer(engine: DescribeEngine) -> None:
    frames = list(engine.generate(ASKED))
    assert [frame.step for frame in frames[:3]] == [0, 1, 2]
    assert all(frame.step <= frame.n_steps for frame in frames)
    for frame in frames:
        trace = trace_of(frame)
        assert np.array_equal(trace.picture, engine.faces[1])
        assert engine.tokenizer.decode(trace.asked) == "Is this person smiling?"
        assert len(trace.ids) == frame.step or all(trace.are_over)
        assert trace.looks.shape == (len(trace.logs) + (not trace.are_over[0]), 64)
        assert trace.probability(0) == pytest.approx(float(np.exp(trace.logs.sum())), rel=1e-3)
        assert trace.scores == sorted(trace.scores, reverse=True)
    heat = trace_of(frames[1]).heat((0,))
    assert heat.shape == (8, 8)
    assert float(heat.sum()) == pytest.approx(1, abs=1e-4)
    assert trace_of(frames[0]).heat((7,)).size == 0


def test_without_a_question_it_describes_and_the_seed_names_the_face(engine: DescribeEngine) -> None:
    for seed, row in ((1, 0), (5, 4), (6, 0)):
        trace = trace_of(next(iter(engine.generate(DescribeParams(seed=seed)))))
        assert np.array_equal(trace.picture, engine.faces[row])
        assert trace.asked == []


@pytest.mark.long("computes for long")
def test_a_frame_is_gone_on_with_bit_for_bit(engine: DescribeEngine) -> None:
    frames = list(engine.generate(ASKED))
    for number in (0, 1, len(frames) // 2, len(frames) - 1):
        again = list(engine.generate(ASKED, frames[number].state))
        assert len(again) == len(frames) - number
        assert all(same(one, other) for one, other in zip(frames[number:], again, strict=True))


def test_forced_words_begin_every_lane_and_a_picture_alone_is_a_start(
    engine: DescribeEngine, faces: np.ndarray
) -> None:
    forced = engine.tokenizer.encode("A face", False)
    first, *others = engine.generate(ASKED, started(faces[3], (), forced))
    assert trace_of(first).ids == forced
    assert first.step == len(forced)
    assert all(lane[: len(forced)] == forced for frame in others for lane in trace_of(frame).lanes)
    alone = next(iter(engine.generate(ASKED, {"picture": faces[4]})))
    assert trace_of(alone).asked == list(engine.cut(ASKED.prompt))
    assert np.array_equal(trace_of(alone).picture, faces[4])


def test_a_question_needs_no_capital_and_no_mark(engine: DescribeEngine) -> None:
    assert engine.cut("  is this   person smiling ") == engine.cut("Is this person smiling?")
    assert engine.cut(" \n\t ") == ()
    assert engine.cut("Is this <|end|>?")[-1] == engine.cut("Is this ?")[-1]
    with pytest.raises(UserError, match="too long"):
        engine.cut("what colour is the hair " * 40)


@pytest.mark.parametrize("text", ["太初有道", "👩‍🚀🔥", "a\x00b", "\u202eright to left"])
def test_any_short_text_is_a_question(engine: DescribeEngine, text: str) -> None:
    assert trace_of(next(iter(engine.generate(DescribeParams(prompt=text))))).asked


WHITE = np.full((64, 64, 3), 255, np.uint8)
NONE, ONE = np.zeros(0, np.int32), np.ones(1, np.int32)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"picture": WHITE[:32]},
        {"picture": WHITE.astype(np.float32)},
        {"picture": WHITE, "asked": np.zeros(2), "forced": NONE, "step": NONE + 1},
        {"picture": WHITE, "asked": np.full(2, 9999, np.int32), "forced": NONE, "step": ONE},
        {"picture": WHITE, "asked": NONE, "forced": np.full(1, -1, np.int32), "step": ONE},
        {"picture": WHITE, "asked": NONE, "forced": NONE, "step": -ONE},
        {"picture": WHITE, "asked": np.ones(900, np.int32), "forced": NONE, "step": ONE},
        {"asked": NONE, "forced": NONE, "step": ONE},
    ],
)
def test_a_state_of_something_else_is_refused(engine: DescribeEngine, state: State) -> None:
    with pytest.raises(UserError):
        list(engine.generate(ASKED, state))
