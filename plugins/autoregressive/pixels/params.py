"""What a picture can be made of pixel by pixel, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import count_param, param, temperature_param, text_param
from studio.core.translation import N_

from ..shared.params import MAX_ENDINGS, run_seed_param


@dataclass(frozen=True)
class PixelParams:
    """What to draw; which pixels are kept is in a frame's state."""

    seed: int = run_seed_param()
    kind: str = text_param(
        N_("What to make"),
        N_("The digit or letter to draw (class). Empty: what fits the kept pixels, or any where none are kept."),
    )
    temperature: float = temperature_param(
        N_("How daring the choice is: below 1 likely values get likelier, above 1 rare ones get a chance.")
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
    n_endings: int = count_param(
        N_("Endings"),
        N_("How many ways to finish are drawn side by side, each from a seed of its own."),
        1,
        MAX_ENDINGS,
    )
    stride: int = count_param(
        N_("Pixels in a step"), N_("How many pixels are drawn between two moments of the timeline."), 4, 256
    )
