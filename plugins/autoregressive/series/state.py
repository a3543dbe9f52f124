"""A series with what a person did to it and how far its forecast has grown, as arrays that frames and files hold.

Keys of a state: "values" (N,) float64, "about" (B,) uint8 JSON text of `About`, "n_known" (1,) int64, how many of the
values were known, "pins" (K, 2) float64 of step and value, "paths" (P, K) float32 in units of the network and "kept"
(P, D) float32, what the network keeps in mind of each path; these two are empty before the first step. No torch.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.table import LARGEST, MAX_HORIZON, Clock, SeriesInfo, SeriesLine, checked_values
from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import State

_MAX_ABOUT_BYTES: Final = 4096


@dataclass(frozen=True, eq=False)
class SeriesState:
    """A state, checked; `pins` are values by their step, counted from 0."""

    line: SeriesLine
    pins: Mapping[int, float]
    paths: npt.NDArray[np.float32]
    kept: npt.NDArray[np.float32]

    @property
    def n_steps(self) -> int:
        """How many values of each path there are."""
        return self.paths.shape[1] if len(self.kept) else 0


def about_bytes(about: SeriesInfo) -> npt.NDArray[np.uint8]:
    """What is known of a series, as bytes."""
    return np.frombuffer(json.dumps(asdict(about), ensure_ascii=False).encode(), np.uint8).copy()


def about_from(values: Any) -> SeriesInfo:
    """The reverse, of plain JSON values; raises UserError where they are unsound."""
    try:
        return SeriesInfo(**{**values, "clock": Clock(**values["clock"])})
    except (TypeError, KeyError, ValueError) as error:
        raise _unfit() from error


def started(line: SeriesLine, pins: Mapping[int, float] | None = None) -> State:
    """The state that a forecast of a series begins with, through pinned values by their step."""
    table = np.array(sorted((pins or {}).items()), np.float64).reshape(-1, 2)
    return {
        "values": line.values,
        "about": about_bytes(line.about),
        "pins": table,
        "paths": np.zeros((0, 0), np.float32),
        "kept": np.zeros((0, 0), np.float32),
    }


def line_in(state: State) -> SeriesLine:
    """The series in a state; raises UserError where there is none."""
    try:
        values, text = np.asarray(state["values"], np.float64), np.asarray(state["about"], np.uint8).tobytes()
        if len(text) > _MAX_ABOUT_BYTES:
            raise _unfit()
        return SeriesLine(checked_values(values), about_from(json.loads(text)))
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise _unfit() from error


def read_state(state: State, width: int) -> SeriesState:
    """A state that fits a network of a width; raises UserError where it does not."""
    try:
        line, pins = line_in(state), np.asarray(state["pins"], np.float64)
        paths, kept = np.asarray(state["paths"], np.float32), np.asarray(state["kept"], np.float32)
    except (KeyError, ValueError, TypeError) as error:
        raise _unfit() from error
    if pins.ndim != 2 or pins.shape[1] != 2 or len(pins) > MAX_HORIZON or paths.ndim != 2:
        raise _unfit()
    is_begun = bool(len(kept))
    if is_begun and (kept.shape != (len(paths), width) or paths.shape[1] > MAX_HORIZON):
        raise _unfit()
    if not all(np.isfinite(one).all() for one in (pins, paths, kept)):
        raise _unfit()
    if not ((pins[:, 0] == np.floor(pins[:, 0])) & (pins[:, 0] >= 0) & (np.abs(pins[:, 1]) < LARGEST)).all():
        raise _unfit()
    found = {int(step): float(value) for step, value in pins}
    return SeriesState(line, found, paths, kept)


def _unfit() -> UserError:
    return UserError(N_("This series cannot be continued: it was made by another model, or is damaged."))
