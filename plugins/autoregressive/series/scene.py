"""What a person has asked for in the panel of series: settings, their own series, moved and pinned values; no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from studio.api.table import SeriesLine, checked_values
from studio.api.timeline.run_source import GeneratedSource
from studio.core.scene_codec import SceneCodec, SettingsScene, Stored, optional, settings, stored, whole
from studio.core.view import State

from .params import SeriesParams
from .state import about_from, started

MAX_CHANGES: Final = 500
SHOWN_RANGE: Final = (12, 4000)
Changes = Mapping[int, float]


def _written_line(line: SeriesLine) -> dict[str, Any]:
    return {"values": line.values.tolist(), "about": asdict(line.about)}


def _line(values: Mapping[str, Any]) -> SeriesLine:
    return SeriesLine(checked_values(np.array(values["values"], np.float64)), about_from(values["about"]))


def _written_changes(changes: Changes) -> list[list[float]]:
    return sorted([place, value] for place, value in changes.items())


def _changes(pairs: Any) -> dict[int, float]:
    if not isinstance(pairs, list) or len(pairs) > MAX_CHANGES:
        raise ValueError
    found = {place: float(value) for place, value in pairs}
    if not all(type(place) is int and place >= 0 and abs(value) < 1e15 for place, value in found.items()):
        raise ValueError
    return found


@dataclass(frozen=True, eq=False)
class SeriesScene(SettingsScene):
    """Attributes:
    params: the settings of a run.
    own: a series of one's own; None for the one of the pack that the settings name.
    edits, pins: values by their place in the series: past ones that were moved, and future ones to pass through.
    n_shown: how many past values are seen.
    """

    params: SeriesParams = stored(settings(SeriesParams), default_factory=SeriesParams)
    own: SeriesLine | None = stored(optional(Stored(_written_line, _line)), default=None)
    edits: Changes = stored(Stored(_written_changes, _changes), default_factory=dict)
    pins: Changes = stored(Stored(_written_changes, _changes), default_factory=dict)
    n_shown: int = stored(whole(*SHOWN_RANGE), default=144)

    def anew(self, params: SeriesParams) -> "SeriesScene":
        """The forecast that these settings give, seen as far back as now."""
        return SeriesScene(params, n_shown=self.n_shown)

    def unedited(self, pack: Sequence[SeriesLine]) -> SeriesLine | None:
        """The series as it was; None where it is not there yet."""
        if self.own is not None:
            return self.own
        name = self.params.series
        return next((line for line in pack if line.about.name == name or not name), None)

    def line(self, pack: Sequence[SeriesLine]) -> SeriesLine | None:
        """The series with the values that were moved."""
        line = self.unedited(pack)
        inside = {} if line is None else {at: value for at, value in self.edits.items() if at < len(line.values)}
        if line is None or not inside:
            return line
        values = line.values.copy()
        values[list(inside)] = list(inside.values())
        return SeriesLine(values, line.about)

    def n_known(self, line: SeriesLine) -> int:
        """How many values of the series the model is given."""
        return max(len(line.values) - self.params.n_back, 2)

    def horizon(self, line: SeriesLine) -> int:
        """How far the paths go."""
        return self.params.horizon or line.about.horizon

    def pins_by_step(self, line: SeriesLine) -> dict[int, float]:
        """The pinned values within reach, by their step."""
        first = self.n_known(line)
        return {at - first: value for at, value in self.pins.items() if 0 <= at - first < self.horizon(line)}

    def start(self, pack: Sequence[SeriesLine]) -> State | None:
        """What a run begins with; None where the settings alone say all."""
        line = self.line(pack)
        if line is None or (self.own is None and not self.edits and not self.pins):
            return None
        return started(line, self.pins_by_step(line))

    def source(self, pack: Sequence[SeriesLine]) -> GeneratedSource:
        """The run that forecasts it."""
        line = self.line(pack)
        return GeneratedSource(self.params, self.start(pack), 0 if line is None else self.horizon(line) + 1)


CODEC: Final = SceneCodec(SeriesScene)
