"""Which figure of a recording the bars show, and what stands under them."""

import math
import time
from typing import Final

import numpy as np

from studio.core.frame import Frame
from studio.core.recording.recording import Recording
from studio.core.view import Bars, Tokens
from studio.widgets.timeline.bar_chart import FloatArray

_SLICE_S: Final = 0.004
SURPRISE: Final = "surprise"
_TELLING: Final = (SURPRISE, "loss", "error")  # a scalar with such a name is what people look for


def bar_scalar(recording: Recording) -> str:
    """The name of the figure to draw: the most telling one, else the first; empty where there is none."""
    names = recording.scalar_names
    return next((name for word in _TELLING for name in names if word in name.lower()), names[0] if names else "")


def bar_values(recording: Recording, scalar: str, known: FloatArray) -> FloatArray:
    """The values (N,) of the frames so far, NaN where one has none; `known` (n,) are those read before.

    Where not every frame has the figure, frames are read one by one, for a few milliseconds; then N is too small
    and the next call goes on.
    """
    n_frames = len(recording)
    values = recording.curve(scalar)[1] if scalar else np.zeros(0)
    if len(values) >= n_frames:
        return values[:n_frames]
    end_s = time.perf_counter() + _SLICE_S
    more: list[float] = []
    while len(known) + len(more) < n_frames and (not more or time.perf_counter() < end_s):
        more.append(_value(recording, len(known) + len(more), scalar))
    return np.concatenate([known[:n_frames], more])


def _value(recording: Recording, index: int, scalar: str) -> float:
    stored = recording.stored(index)
    if scalar:
        names = stored.layout.scalar_names
        return float(stored.scalars[names.index(scalar)]) if scalar in names else math.nan
    return frame_value(recording[index])


def frame_value(frame: Frame) -> float:
    """The weight of the last token of a frame, or its highest bar, else NaN."""
    match frame.main_view:
        case Tokens(weights=weights) if weights:
            return float(weights[-1])
        case Bars(values=values) if values:
            return float(max(values))
        case _:
            return math.nan


def grows(frame: Frame) -> bool:
    """Whether a frame has one token more than the one before, as far as its number tells."""
    view = frame.main_view
    return not isinstance(view, Tokens) or len(view.pieces) == frame.step + 1


def frame_label(frame: Frame, beside: Frame | None = None) -> str:
    """The newest token of a frame, or the label of its highest bar.

    That is the last one, and where a text is filled in, so that the frame `beside` is as long, the one that differs.
    """
    match frame.main_view:
        case Tokens(pieces=pieces) if pieces:
            other = None if beside is None else beside.main_view
            if isinstance(other, Tokens) and len(other.pieces) == len(pieces):
                return next((one.strip() for one, was in zip(pieces, other.pieces, strict=True) if one != was), "")
            return pieces[-1].strip()
        case Bars(labels=labels) if labels:
            return labels[0]
        case _:
            return ""
