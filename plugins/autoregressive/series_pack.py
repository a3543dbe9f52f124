"""The series that came along, as the panel of series knows them."""

import numpy as np

from studio.api.training import load_series
from studio.core.error import UserError
from studio.core.text import N_

from .series_clock import Clock
from .series_state import About, Line


def pack() -> list[Line]:
    """The series that came along, by the order of the data set."""
    return [
        Line(
            one.values.astype(np.float64),
            About(
                one.facts.name, one.facts.title, one.facts.unit, one.facts.period, one.facts.long_period,
                one.facts.horizon, Clock(one.facts.start, *one.facts.step), one.facts.credit,
            ),
        )
        for one in load_series()
    ]  # fmt: skip


def line_of(lines: list[Line], name: str) -> Line:
    """The series of a name, or the first one; raises UserError where there is none of that name."""
    for line in lines:
        if line.about.name == name or not name:
            return line
    raise UserError(
        N_("There is no series “{name}”.").format(name=name[:40]),
        N_("There are: {names}.").format(names=", ".join(line.about.name for line in lines)),
    )
