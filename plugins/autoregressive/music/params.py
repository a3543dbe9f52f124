"""What a piece of music can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import count_param, param, temperature_param, text_param
from studio.core.translation import N_

from ..shared.params import run_seed_param


@dataclass(frozen=True)
class MusicParams:
    """What to compose; the notes that are kept are in a frame's state."""

    seed: int = run_seed_param()
    kind: str = text_param(
        N_("What to make"), N_("The melody to set for four voices, by its name. Empty: a piece made from nothing.")
    )
    temperature: float = temperature_param(
        N_("How daring the choice is: below 1 likely notes get likelier, above 1 rare ones get a chance.")
    )
    n_bars: int = count_param(N_("Bars"), N_("How long a piece of music is that is made from nothing."), 8, 32)
    no_parallels: bool = param(
        True,
        label=N_("No parallel fifths or octaves"),
        help=N_(
            "Whatever would make two voices go on in parallel fifths or octaves is ruled out before the die, as Bach’s "
            "pupils were taught."
        ),
    )
    tempo_bpm: float = param(
        80.0,
        label=N_("Tempo"),
        unit=N_("/min"),
        help=N_("How fast music is played: beats in a minute."),
        low=40.0,
        high=200.0,
        step=1.0,
    )
