"""What engines of series have in common: paths grow as frames, go through pinned points, are tested on the past. No Qt.

Shape letters: D numbers kept of a path, H steps ahead, K of them there are, N values, P paths.
"""

from abc import abstractmethod
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from studio.api.engine import Engine, limited_threads
from studio.core.frame import Frame
from studio.core.generator import result_of
from studio.core.view import State

from .forecast_config import Units
from .forecast_paths import PathWish
from .forecast_score import Floats
from .series_fan import Fan, fan_of
from .series_frame import Outlook, frame_of, painter_of
from .series_pack import line_of, pack
from .series_params import SeriesParams
from .series_past import N_TEST_PATHS, WayScore, back_test
from .series_state import Line, SeriesState, about_bytes, read_state, started

N_AT_ONCE: Final = 8
"""Steps between two pauses."""
N_DRAFT: Final = 60


class GrowingPaths(Protocol):
    """Paths that grow. Attributes: units: of the paths as states hold them. step: how many values of each there are."""

    units: Units
    step: int

    @property
    def paths(self) -> npt.NDArray[np.float32]:
        """(P, K) the values that there are so far, in units."""

    @property
    def series_paths(self) -> Floats:
        """(P, K) the same as values of the series."""

    @property
    def kept(self) -> npt.NDArray[np.float32]:
        """(P, D) what the paths go on from."""

    def resume(self, paths: npt.NDArray[np.float32], kept: npt.NDArray[np.float32], /) -> None:
        """Go on from paths (P, K), K ≤ H, with what was kept of them."""


class FanEngine(Engine):
    """A model that draws paths, on the processor. Attributes: width: D."""

    width: int

    @abstractmethod
    def _begun(self, outlook: Outlook, wish: PathWish) -> Generator[None, None, GrowingPaths]:
        """Paths before their first step; yields where that takes long."""

    def _drafted(self, outlook: Outlook, wish: PathWish) -> GrowingPaths:
        """Paths of a draft before their first step, at once."""
        return result_of(self._begun(outlook, wish))

    @abstractmethod
    def _advance(self, paths: Any, wish: PathWish) -> None:
        """Let all paths take their next value."""

    @abstractmethod
    def _reach(self, outlook: Outlook, paths: Any) -> float:
        """About how far from the last value the paths will get, in the series' own units."""

    def pack(self) -> list[Line]:
        """The series that came along."""
        return pack()

    def generate(self, params: SeriesParams, start: State | None = None) -> Iterator[Frame]:
        """Yield a frame before the first step and one after each.

        A state (`series_state`) is a frame's, or says which series is forecast, and through which pinned values.
        """
        return (frame for frame in self.generate_with_pauses(params, start) if frame is not None)

    def generate_with_pauses(self, params: SeriesParams, start: State | None = None) -> Iterator[Frame | None]:
        """The same with a None wherever a frame takes longer than others may wait."""
        state = self._state(params, start)
        outlook = outlook_of(state.line, params, state.pins)
        wish = wish_of(params, outlook, len(state.paths) if state.n_steps else params.n_paths)
        growing = yield from self._begun(outlook, wish)
        if len(state.kept):
            growing.resume(state.paths[:, : outlook.horizon], state.kept)
        painter = painter_of(outlook, self._reach(outlook, growing))
        fixed: State = {
            "values": outlook.line.values,
            "about": about_bytes(outlook.line.about),
            "n_known": np.array([outlook.n_known]),
            "pins": _table(state.pins),
        }
        while True:
            kept: State = {**fixed, "paths": growing.paths, "kept": growing.kept}
            yield frame_of(outlook, growing.series_paths, painter, kept)
            if growing.step >= outlook.horizon:
                return
            self._step(growing, wish)

    def draft(self, line: Line, params: SeriesParams, pins: Mapping[int, float]) -> Fan:
        """The whole fan of a few paths, at once: what is shown while a hand drags."""
        outlook = outlook_of(line, params, pins)
        wish = wish_of(params, outlook, min(params.n_paths, N_DRAFT))
        growing = self._drafted(outlook, wish)
        for _ in range(outlook.horizon):
            self._step(growing, wish)
        return fan_of(growing.series_paths, outlook.horizon)

    def back_test(self, line: Line, params: SeriesParams, n_origins: int) -> Generator[None, None, list[WayScore]]:
        """How the model and others did on the past of a series; raises UserError where that is too short."""

        def forecast(known: Line, horizon: int) -> Generator[None, None, Floats]:
            outlook = Outlook(known, len(known.values), horizon, {})
            wish = wish_of(params, outlook, N_TEST_PATHS)
            growing = yield from self._begun(outlook, wish)
            for step in range(horizon):
                self._step(growing, wish)
                if step % N_AT_ONCE == N_AT_ONCE - 1:
                    yield None
            return growing.series_paths

        return (yield from back_test(forecast, line, params, n_origins))

    def _step(self, growing: GrowingPaths, wish: PathWish) -> None:
        with limited_threads(1):
            self._advance(growing, wish)

    def _state(self, params: SeriesParams, start: State | None) -> SeriesState:
        state = started(line_of(pack(), params.series)) if start is None else start
        return read_state(state, self.width)


def outlook_of(line: Line, params: SeriesParams, pins: Mapping[int, float]) -> Outlook:
    """What is forecast with these settings; at least two values stay known."""
    n_known = max(len(line.values) - params.n_back, 2)
    horizon = params.horizon or line.about.horizon
    return Outlook(line, n_known, horizon, {step: value for step, value in pins.items() if step < horizon})


def wish_of(params: SeriesParams, outlook: Outlook, n_paths: int) -> PathWish:
    """How paths are wanted with these settings."""
    return PathWish(n_paths, outlook.horizon, params.seed, params.temperature)


def _table(pins: Mapping[int, float]) -> Floats:
    return np.array(sorted(pins.items()), np.float64).reshape(-1, 2)
