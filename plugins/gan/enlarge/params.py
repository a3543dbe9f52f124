"""What an enlarged picture can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import share_param
from studio.core.translation import N_

from ..shared.params import example_param


@dataclass(frozen=True)
class EnlargeParams:
    """Which example to enlarge, and how; a picture of one's own is in a frame's state."""

    seed: int = example_param()
    vividness: float = share_param(
        N_("Vividness"),
        N_(
            "How enlarged pictures look: 0 is the most faithful; the other end is the sharpest, with invented "
            "details (network of an SRGAN)."
        ),
        default=0.5,
    )
