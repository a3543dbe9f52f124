"""What an enlarged picture can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.param import param
from studio.core.translation import N_

from ..shared.params import example_param


@dataclass(frozen=True)
class EnlargeParams:
    """Which example to enlarge, and how; a picture of one's own is in a frame's state."""

    seed: int = example_param()
    vividness: float = param(
        0.5,
        label=N_("Vividness"),
        help=N_(
            "How enlarged pictures look: 0 is the most faithful, all the way up the sharpest, with details that are "
            "invented (network of an SRGAN)."
        ),
        low=0.0,
        high=1.0,
        step=0.01,
    )
