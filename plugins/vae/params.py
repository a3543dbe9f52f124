"""The settings of one picture, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import param
from studio.core.seed import MAX_SEED
from studio.core.text import N_

EXAMPLE_TEXT = "g"
MAX_LETTERS = 24


@dataclass(frozen=True)
class SampleParams:
    """What to draw: the place follows from `seed` and `spread` unless a state says otherwise."""

    seed: int = param(
        0,
        label=N_("Seed"),
        help=N_("The number that a random place is made from. The same number gives the same place."),
        low=0,
        high=MAX_SEED,
        step=1,
    )
    text: str = param(
        "",
        label=N_("Word"),
        help=N_("The letters to draw, A to Z, a to z and 0 to 9. Only for models that draw letters."),
    )
    spread: float = param(
        1.0,
        label=N_("Boldness"),
        help=N_(
            "How far from the average a random place may lie. 1 is what the model learnt; 0 is the average."
        ),
        low=0.0,
        high=3.0,
        step=0.05,
    )
