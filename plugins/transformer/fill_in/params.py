"""What a text with gaps can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass
from typing import Final

from studio.core.param import param, prompt_param, temperature_param
from studio.core.seed import MAX_SEED
from studio.core.translation import N_

SUREST: Final = N_("surest first")
BY_CHANCE: Final = N_("in random order")
LEFTMOST: Final = N_("left to right")
ORDERS: Final = (SUREST, BY_CHANCE, LEFTMOST)


@dataclass(frozen=True)
class FillInParams:
    """How gaps are filled; which there are is in a frame's state."""

    seed: int = param(
        1,
        label=N_("Seed"),
        help=N_("The number that all randomness starts from. The same number fills the gaps in the same way."),
        low=0,
        high=MAX_SEED,
    )
    temperature: float = temperature_param(
        N_("How adventurous the choice is: below 1, likely words become likelier; above 1, rare ones get a chance.")
    )
    order: str = param(
        SUREST,
        label=N_("Order"),
        help=N_("Which gap is filled next (unmasking order of masked diffusion)."),
        choices=ORDERS,
    )
    at_once: int = param(
        1,
        label=N_("Gaps a step"),
        help=N_("How many gaps are filled at each step; more is quicker, but they do not know of each other."),
        low=1,
        high=32,
    )
    prompt: str = prompt_param()
