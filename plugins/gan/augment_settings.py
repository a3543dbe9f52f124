"""Which samples are exported: how many, and what each has to pass."""

from dataclasses import dataclass

from studio.core.param import param
from studio.core.text import N_


@dataclass(frozen=True)
class AugmentSettings:
    """What a person may choose."""

    n: int = param(
        500,
        label=N_("Samples"),
        help=N_("How many faces to write; those that do not pass are left out, and others are tried instead."),
        low=64,
        high=5000,
        step=1,
    )
    least_share: float = param(
        0.05,
        label=N_("Real enough"),
        help=N_("Which share of held-out real pictures the detective must score lower, 0 to 1 (rejection sampling)."),
        low=0.0,
        high=1.0,
        step=0.01,
    )
    least_distance: float = param(
        0.005,
        label=N_("New enough"),
        help=N_("How far the nearest shipped training picture must be: mean difference of a colour, 0 to 1."),
        low=0.0,
        high=0.05,
        step=0.001,
    )
