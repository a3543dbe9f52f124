"""Which samples are exported: how many, and what each has to pass."""

from dataclasses import dataclass

from studio.core.param import count_param, param, seed_param, share_param, text_param
from studio.core.translation import N_


@dataclass(frozen=True)
class SampleExportSettings:
    """What a person may choose."""

    n: int = count_param(
        N_("Samples"),
        N_("How many faces to write; those that do not pass are left out, and others are tried instead."),
        500,
        5000,
        low=64,
    )
    least_share: float = share_param(
        N_("Real enough"),
        N_("The share of held-out real pictures that the detective must find less real, 0 to 1 (rejection sampling)."),
        default=0.05,
    )
    least_distance: float = param(
        0.005,
        label=N_("New enough"),
        help=N_("How different the nearest included training picture must be: mean colour difference, 0 to 1."),
        low=0.0,
        high=0.05,
        step=0.001,
    )


@dataclass(frozen=True)
class PeopleParams:
    """Which face to draw; where it was moved to is in a frame's state."""

    seed: int = seed_param(N_("The number that a random place is made from. The same number gives the same picture."))
    words: str = text_param(
        N_("Words"),
        N_("What the face should have, such as “a bun, no beard and a smile”; anything you do not mention is random."),
    )
    truncation: float = param(
        1.0,
        label=N_("Truncation"),
        help=N_("How far from the average a picture may be: 0 is the average face, 1 is what the model learnt (psi)."),
        low=0.0,
        high=1.5,
        step=0.01,
    )
    noise: float = param(
        1.0,
        label=N_("Fine noise"),
        help=N_("How much randomness there is in the finest details: 0 leaves them out, 1 is what the model learnt."),
        low=0.0,
        high=2.0,
        step=0.01,
    )
