"""What a face can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import param
from studio.core.text import N_

from .params import seed_param


@dataclass(frozen=True)
class PeopleParams:
    """Which face to draw; where it was moved to is in a frame's state."""

    seed: int = seed_param(N_("The number that a random place is made from. The same number gives the same picture."))
    words: str = param(
        "",
        label=N_("Words"),
        help=N_("What a face shall have, such as “a bun, no beard and a smile”; what is not said is left to chance."),
    )
    truncation: float = param(
        1.0,
        label=N_("Truncation"),
        help=N_("How far from the average a picture may lie: 0 is the mean face, 1 what the model learnt (psi)."),
        low=0.0,
        high=1.5,
        step=0.01,
    )
    noise: float = param(
        1.0,
        label=N_("Fine noise"),
        help=N_("How strongly chance decides the finest details: 0 leaves them out, 1 is what the model learnt."),
        low=0.0,
        high=2.0,
        step=0.01,
    )
