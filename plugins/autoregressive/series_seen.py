"""What a frame of a forecast says, for a panel; nothing where it is a frame of something else. No torch."""

from dataclasses import dataclass

import numpy as np

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.view import Series

from .series_fan import Fan
from .series_frame import NAMES, PATHS
from .series_state import Line, line_in


@dataclass(frozen=True, eq=False)
class Seen:
    """A frame: its series, how many of its values were known, and the fan as far as it has grown."""

    line: Line
    n_known: int
    fan: Fan


def seen_in(frame: Frame) -> Seen | None:
    """What a frame says of a forecast."""
    state, curves, paths = frame.state, frame.views.get("curves"), frame.views.get(PATHS)
    has_fan = isinstance(curves, Series) and set(NAMES) <= set(curves.curves)
    if state is None or "n_known" not in state or not has_fan or not isinstance(curves, Series):
        return None
    try:
        line = line_in(state)
    except UserError:
        return None
    first = int(np.searchsorted(curves.x, 1.0))
    quantiles = np.stack([curves.curves[name][first : first + frame.step] for name in NAMES]).astype(np.float64)
    lines = np.stack(list(paths.curves.values())).astype(np.float64) if isinstance(paths, Series) else np.zeros((0, 0))
    return Seen(line, int(state["n_known"][0]), Fan(quantiles, lines, frame.n_steps - 1))
