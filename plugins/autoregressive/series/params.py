"""What a forecast can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass
from typing import Final

from studio.api.table import MAX_HORIZON
from studio.core.param import param, temperature_param, text_param
from studio.core.translation import N_

from ..shared.params import run_seed_param

MAX_BACK: Final = 10_000
NEAR_BACK: Final = 400
"""How many hidden values a slider reaches; more can be typed."""


@dataclass(frozen=True)
class SeriesParams:
    """What to forecast; a series of one's own and what was moved in it are in a frame's state."""

    seed: int = run_seed_param()
    temperature: float = temperature_param(
        N_("Below 1 the paths stay close to what is likely; above 1 they stray further.")
    )
    series: str = text_param(
        N_("Series"), N_("Which of the included series to forecast, by name. Empty: the first one.")
    )
    horizon: int = param(
        0,
        label=N_("How far"),
        help=N_("How many values ahead the paths go. 0: as many as is usual for the series (horizon)."),
        low=0,
        high=MAX_HORIZON,
        step=1,
        near=(1, MAX_HORIZON),
    )
    n_back: int = param(
        0,
        label=N_("Start earlier"),
        help=N_(
            "How many values at the end are hidden from the model, so that its paths can be compared with them "
            "(origin)."
        ),
        low=0,
        high=MAX_BACK,
        step=1,
        near=(0, NEAR_BACK),
    )
    n_paths: int = param(
        200,
        label=N_("Paths"),
        help=N_("How many possible continuations are drawn, each from its own random number (sample paths)."),
        low=1,
        high=1000,
        step=10,
        near=(10, 1000),
    )
