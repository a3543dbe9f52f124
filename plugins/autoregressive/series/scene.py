"""What a person has asked for in the panel of series: settings, their own series, moved and pinned values; no torch."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

import numpy as np

from studio.api.table import SeriesLine, checked_values
from studio.core.error import UserError
from studio.core.param import params_to_json, saved_params
from studio.core.translation import N_
from studio.core.view import State

from .params import SeriesParams
from .state import about_from, started

MAX_CHANGES: Final = 500
SHOWN_RANGE: Final = (12, 4000)
Changes = Mapping[int, float]


@dataclass(frozen=True, eq=False)
class SeriesScene:
    """Attributes:
    params: the settings of a run.
    own: a series of one's own; None for the one of the pack that the settings name.
    edits, pins: values by their place in the series: past ones that were moved, and future ones to pass through.
    n_shown: how many past values are seen.
    """

    params: SeriesParams = field(default_factory=SeriesParams)
    own: SeriesLine | None = None
    edits: Changes = field(default_factory=dict)
    pins: Changes = field(default_factory=dict)
    n_shown: int = 144

    def with_params(self, **params: Any) -> "SeriesScene":
        """The same with other settings."""
        return replace(self, params=replace(self.params, **params))

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


def scene_to_json(scene: SeriesScene) -> dict[str, Any]:
    """The scene as plain values."""
    own = scene.own
    return {
        "params": params_to_json(scene.params),
        "own": None if own is None else {"values": own.values.tolist(), "about": asdict(own.about)},
        "edits": sorted([place, value] for place, value in scene.edits.items()),
        "pins": sorted([place, value] for place, value in scene.pins.items()),
        "n_shown": scene.n_shown,
    }


def scene_from_json(values: Any) -> SeriesScene:
    """The scene that these values stand for; raises UserError where they are unsound."""
    try:
        return _read(values)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UserError(N_("This saved state does not fit the model.")) from error


def _read(values: Mapping[str, Any]) -> SeriesScene:
    if set(values) != {"params", "own", "edits", "pins", "n_shown"}:
        raise ValueError
    own, n_shown = values["own"], values["n_shown"]
    if type(n_shown) is not int or not SHOWN_RANGE[0] <= n_shown <= SHOWN_RANGE[1]:
        raise ValueError
    line = None
    if own is not None:
        line = SeriesLine(checked_values(np.array(own["values"], np.float64)), about_from(own["about"]))
    params = saved_params(SeriesParams, values["params"])
    return SeriesScene(params, line, _changes(values["edits"]), _changes(values["pins"]), n_shown)


def _changes(pairs: Any) -> dict[int, float]:
    if not isinstance(pairs, list) or len(pairs) > MAX_CHANGES:
        raise ValueError
    found = {place: float(value) for place, value in pairs}
    if not all(type(place) is int and place >= 0 and abs(value) < 1e15 for place, value in found.items()):
        raise ValueError
    return found
