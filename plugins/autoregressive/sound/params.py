"""What a sound can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import count_param, param, temperature_param, text_param
from studio.core.translation import N_

from ..shared.params import run_seed_param


@dataclass(frozen=True)
class SoundParams:
    """Which sound to make; each model heeds those of the choices that it has learnt. What is kept is in the state."""

    seed: int = run_seed_param()
    kind: str = text_param(
        N_("What to make"), N_("The word or kind of sound to make (class). Empty: the model’s first.")
    )
    temperature: float = temperature_param(
        N_(
            "How adventurous the choice is: below 1, likely levels become likelier; above 1, rare ones get more of "
            "a chance, which you hear as noise."
        )
    )
    instrument: str = text_param(
        N_("Instrument or voice"), N_("Who plays the note or says the word, by name. Empty: the model’s first.")
    )
    pitch: int = count_param(
        N_("Note"), N_("Which note is played, as a MIDI key number: 60 is C4, 69 is A4 at 440 hertz."), 60, 127, low=0
    )
    velocity: int = count_param(
        N_("Velocity"), N_("How hard the key is struck, on the MIDI scale: 49 is soft, 80 medium, 112 loud."), 80, 127
    )
    seconds: float = param(
        0.512,
        label=N_("Length"),
        unit=N_("s"),
        help=N_("How long the sound is; beyond the length the model was trained on, the ending is a guess."),
        low=0.064,
        high=2.048,
        step=0.064,
    )
    block: int = count_param(
        N_("Samples per step"),
        N_("How many samples of a sound are drawn between two moments on the timeline."),
        128,
        4096,
    )
