"""What a picture can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass
from typing import Final

from studio.core.param import param, seed_param
from studio.core.translation import N_

MOST_CHARS: Final = 400
BY_SCALE, BY_LINE = "coarse-to-fine", "line-by-line"
ORDERS: Final = (BY_SCALE, BY_LINE)


@dataclass(frozen=True)
class EmojiParams:
    """What to draw, and how."""

    prompt: str = param(
        "a fox with sunglasses on a blue background",
        label=N_("Sentence"),
        help=N_("What to draw: up to three things, what they wear, where they are, and the background."),
    )
    seed: int = seed_param(N_("Another number gives another picture."))
    order: str = param(
        BY_SCALE,
        label=N_("Order"),
        help=N_(
            "Whether the whole picture is drawn at once and made finer step by step (next-scale prediction), or cell "
            "by cell from the top left (raster order)."
        ),
        choices=ORDERS,
    )
    guidance: float = param(
        3.0,
        label=N_("Guidance"),
        help=N_("How much the sentence counts; too much makes pictures harsh (classifier-free guidance)."),
        low=1.0,
        high=6.0,
        step=0.1,
    )
    variety: float = param(
        1.0,
        label=N_("Variety"),
        help=N_("At 0 the likeliest tokens are taken; the higher, the more pictures differ (temperature)."),
        low=0.0,
        high=1.5,
        step=0.05,
    )

    @property
    def is_by_line(self) -> bool:
        """Whether the picture is drawn line by line."""
        return self.order == BY_LINE
