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
        N_("What to make"), N_("The melody to arrange for four voices, by name. Empty: a piece made up from scratch.")
    )
    temperature: float = temperature_param(
        N_(
            "How adventurous the choice is: below 1, likely notes become likelier; above 1, rare ones get more of "
            "a chance."
        )
    )
    n_bars: int = count_param(N_("Bars"), N_("How many bars long a piece made up from scratch is."), 8, 32)
    no_parallels: bool = param(
        True,
        label=N_("No parallel fifths or octaves"),
        help=N_(
            "Notes that would make two voices move in parallel fifths or octaves are ruled out before each note is "
            "chosen, as Bach’s pupils were taught."
        ),
    )
    tempo_bpm: float = param(
        80.0,
        label=N_("Tempo"),
        unit=N_("/min"),
        help=N_("How fast the music is played, in beats per minute."),
        low=40.0,
        high=200.0,
        step=1.0,
    )
