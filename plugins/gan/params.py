"""The settings of a picture, declared once for all panels of the family, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import param
from studio.core.seed import MAX_SEED
from studio.core.text import N_


@dataclass(frozen=True)
class SampleParams:
    """What to make; each kind of model reads what concerns it and leaves the rest."""

    seed: int = param(
        1,
        label=N_("Seed"),
        help=N_(
            "The number that a random place is made from, or the number of the example picture that is changed. "
            "The same number gives the same picture."
        ),
        low=0,
        high=MAX_SEED,
        step=1,
    )
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
    is_back: bool = param(
        False,
        label=N_("Other way round"),
        help=N_("Translate from the second art style into the first."),
    )
    vividness: float = param(
        0.5,
        label=N_("Vividness"),
        help=N_("How enlarged pictures look: 0 is the most faithful, 1 the sharpest with details that are invented."),
        low=0.0,
        high=1.0,
        step=0.01,
    )
