"""What a frame shows of a description under way. No torch."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from studio.core.frame import Frame
from studio.core.text.vocabulary import TextVocabulary
from studio.core.view import Field, Image

from ..translate.frames import lanes_frame
from ..translate.model.beam import Lane
from ..translate.state import TranslationStart
from .state import DescribeStart, started


def described_frame(
    start: DescribeStart, odd: tuple[float, float], lanes: Sequence[Lane], most: int, vocabulary: TextVocabulary
) -> Frame:
    """The lanes of one step, whose question is left out of what is shown."""
    n_asked = len(start.asked)
    said = [
        replace(lane, ids=lane.ids[n_asked:], logs=lane.logs[n_asked:], nexts=lane.nexts[n_asked:]) for lane in lanes
    ]
    n_said = max(len(one.ids) for one in said)
    frame = lanes_frame(TranslationStart((), start.forced), n_said, said, 0.0, most - n_asked, vocabulary)
    assert frame.state is not None
    state = {name: value for name, value in frame.state.items() if name != "source"}
    looks = np.stack([one.look for one in said[0].nexts]).astype(np.float32)
    state |= started(start.picture, start.asked, start.forced) | {
        "step": state["step"],
        "odd": np.array(odd, np.float32),
        "looks": np.round(255 * looks / np.maximum(looks.max(1, keepdims=True), 1e-9)).astype(np.uint8),
    }
    side = round(looks.shape[1] ** 0.5)
    heat = Field(looks[-1].reshape(side, side), "attention", 0.0, float(looks[-1].max()))
    views = {**frame.views, "picture": Image(start.picture), "looks": heat}
    return replace(frame, views=views, scalars={**frame.scalars, "oddness": odd[0]}, state=state)
