"""What a run of a dreamt game can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass
from typing import Final

from studio.core.param import count_param, param, seed_param
from studio.core.translation import N_

PLAYERS: Final = ("computer", "random", "nobody")
MAX_PICTURES: Final = 400
MAX_STEPS: Final = 4


@dataclass(frozen=True)
class ArcadeParams:
    """A run in which nobody plays but the computer; what a person presses is in the frames' states."""

    seed: int = seed_param(N_("The number that the noise and the beginning of the game come from (R: another one)."))
    steps: int = count_param(
        N_("Denoising steps"), N_("How many times the network looks at each picture before you see it."), 2, MAX_STEPS
    )
    pictures: int = count_param(
        N_("Pictures"), N_("How many pictures the computer plays before it is your turn."), 64, MAX_PICTURES, 8
    )
    player: str = param(
        "computer",
        label=N_("Who plays first"),
        help=N_("Who presses the keys before you do: a clumsy player, chance, or nobody."),
        choices=PLAYERS,
    )
