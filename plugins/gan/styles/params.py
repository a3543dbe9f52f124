"""What a translation between two art styles can be asked for, declared once for panel, command line and files."""

from dataclasses import dataclass

from studio.core.param import param
from studio.core.translation import N_

from ..shared.params import example_param


@dataclass(frozen=True)
class StylesParams:
    """Which example to translate, and which way; a picture of one's own is in a frame's state."""

    seed: int = example_param()
    is_back: bool = param(
        False,
        label=N_("Other way round"),
        help=N_("Translate from the second art style into the first."),
    )
