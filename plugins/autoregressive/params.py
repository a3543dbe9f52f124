"""The settings of what is made, declared once for all panels of the family, the command line and the files."""

from dataclasses import dataclass
from typing import Final

from studio.core.param import param
from studio.core.seed import MAX_SEED
from studio.core.text import N_

MAX_ENDINGS: Final = 4
MAX_HORIZON: Final = 192
MAX_BACK: Final = 10_000
MAX_TOKENS: Final = 4096
"""Of a prompt, and as many again of what is written behind it."""
MEMORY: Final = 512
SEGMENT: Final = 64


@dataclass(frozen=True)
class SampleParams:
    """What to make; each kind of model reads what concerns it and leaves the rest.

    What is kept of a picture, a piece of music or a series is in a frame's state.
    """

    seed: int = param(
        1,
        label=N_("Seed"),
        help=N_("The number that all dice are rolled from. The same number gives the same result."),
        low=0,
        high=MAX_SEED - MAX_ENDINGS,
        step=1,
    )
    kind: str = param(
        "",
        label=N_("What to make"),
        help=N_(
            "The digit, letter, word or kind of sound to make (class). Empty: what fits the kept pixels, or any where "
            "nothing is kept; of sounds the first."
        ),
    )
    temperature: float = param(
        1.0,
        label=N_("Temperature"),
        help=N_("How daring the choice is: below 1 likely values get likelier, above 1 rare ones get a chance."),
        low=0.05,
        high=3.0,
        step=0.05,
    )
    guidance: float = param(
        0.0,
        label=N_("Keep to the kind"),
        help=N_(
            "How much pixels are preferred that tell what was asked for from all else (classifier guidance): 0 leaves "
            "them to the kind alone. It takes a pass for each kind, so that only models of 2 to 16 kinds heed it."
        ),
        low=0.0,
        high=4.0,
        step=0.25,
    )
    n_endings: int = param(
        1,
        label=N_("Endings"),
        help=N_("How many ways to finish are drawn side by side, each from a seed of its own."),
        low=1,
        high=MAX_ENDINGS,
        step=1,
    )
    stride: int = param(
        4,
        label=N_("Pixels in a step"),
        help=N_("How many pixels are drawn between two moments of the timeline."),
        low=1,
        high=256,
        step=1,
    )
    prompt: str = param(
        "",
        label=N_("Prompt"),
        help=N_("The text that is gone on with. The model continues it; it does not answer."),
    )
    length: int = param(
        64,
        label=N_("Length"),
        help=N_("How many tokens are written; a token is a word or a part of one."),
        low=0,
        high=MAX_TOKENS,
        step=1,
    )
    top_p: float = param(
        1.0,
        label=N_("Top-p"),
        help=N_("Only the likeliest tokens that have this much probability together may come (nucleus); 1 allows all."),
        low=0.01,
        high=1.0,
        step=0.01,
    )
    memory: int = param(
        MEMORY,
        label=N_("Memory"),
        help=N_("How many tokens before its own segment the model remembers (segment recurrence)."),
        low=0,
        high=MEMORY,
        step=SEGMENT,
    )
    cut: int = param(
        0,
        label=N_("Cut at"),
        help=N_("The segment that begins with this token, and all behind it, know nothing of what stands before."),
        low=0,
        high=2 * MAX_TOKENS,
        step=SEGMENT,
    )
    n_bars: int = param(
        8,
        label=N_("Bars"),
        help=N_("How long a piece of music is that is made from nothing."),
        low=1,
        high=32,
        step=1,
    )
    no_parallels: bool = param(
        True,
        label=N_("No parallels"),
        help=N_("Two voices of music never go on in parallel fifths or octaves, as Bach’s pupils were taught."),
    )
    tempo_bpm: float = param(
        80.0,
        label=N_("Tempo"),
        unit=N_("beats/min"),
        help=N_("How fast music is played."),
        low=40.0,
        high=200.0,
        step=1.0,
    )
    series: str = param(
        "",
        label=N_("Series"),
        help=N_("Which of the series that came along is forecast, by its name. Empty: the first one."),
    )
    horizon: int = param(
        0,
        label=N_("How far"),
        help=N_("How many values ahead the paths go. 0: as far as is usual for the series (horizon)."),
        low=0,
        high=MAX_HORIZON,
        step=1,
    )
    n_back: int = param(
        0,
        label=N_("Begin earlier"),
        help=N_("How many values at the end are hidden from the model, to be held against its paths (origin)."),
        low=0,
        high=MAX_BACK,
        step=1,
    )
    n_paths: int = param(
        200,
        label=N_("Paths"),
        help=N_("How many ways to go on are drawn, each from a number of its own (sample paths)."),
        low=1,
        high=1000,
        step=1,
    )
    instrument: str = param(
        "",
        label=N_("Instrument or voice"),
        help=N_("Who plays the note or says the word, by name. Empty: the first of the model."),
    )
    pitch: int = param(
        60,
        label=N_("Note"),
        help=N_("Which note is played, as MIDI counts keys: 60 is C4, 69 is A4 at 440 hertz."),
        low=0,
        high=127,
        step=1,
    )
    velocity: int = param(
        80,
        label=N_("Velocity"),
        help=N_("How hard the key is struck, as MIDI counts it: 49 is soft, 80 medium, 112 loud."),
        low=1,
        high=127,
        step=1,
    )
    seconds: float = param(
        0.512,
        label=N_("Seconds"),
        unit=N_("s"),
        help=N_("How long the sound is. What is longer than what the model has learnt from is a guess at its end."),
        low=0.064,
        high=2.048,
        step=0.064,
    )
    block: int = param(
        128,
        label=N_("Samples in a step"),
        help=N_("How many samples of a sound are drawn between two moments of the timeline."),
        low=1,
        high=4096,
        step=1,
    )
