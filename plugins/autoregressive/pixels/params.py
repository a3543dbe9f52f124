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
        N_("The digit or letter to draw (class). Empty: whatever fits the kept pixels, or any if none are kept."),
    )
    temperature: float = temperature_param(
        N_(
            "How adventurous the choice is: below 1, likely values become likelier; above 1, rare ones get more of "
            "a chance."
        )
    )
    guidance: float = param(
        0.0,
        label=N_("Match the request"),
        help=N_(
            "How strongly to prefer pixels that set what you asked for apart from everything else (classifier "
            "guidance); 0 adds no preference. It needs one pass for each class, so only models with 2 to 16 "
            "classes use it."
        ),
        low=0.0,
        high=4.0,
        step=0.25,
    )
    n_endings: int = count_param(
        N_("Endings"),
        N_("How many possible endings are drawn side by side, each with its own random seed."),
        1,
        MAX_ENDINGS,
    )
    stride: int = count_param(
        N_("Pixels per step"), N_("How many pixels are drawn between two moments on the timeline."), 4, 256
    )
