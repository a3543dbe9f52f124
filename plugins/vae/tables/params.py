"""What a table can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass
from typing import Final

from studio.core.param import count_param, param, seed_param
from studio.core.translation import N_

HIDDEN_BY: Final = ("random", "largest")
MOST_HIDDEN: Final = 0.5
MAX_LATENT: Final = 32
N_FRAMES: Final = 40
"""Of a run, beside the first one."""
OPEN_FRAMES: Final = 32
"""For so many of them known cells are held out."""


@dataclass(frozen=True)
class TableParams:
    """How a table is learnt; a table of one's own is in a frame's state."""

    seed: int = seed_param(N_("The number from which chance in the learning comes. The same number fills in the same."))
    hidden: float = param(
        0.0,
        label=N_("Hide to try it"),
        help=N_(
            "So large a share of the cells that are known is hidden from the model, so that what it fills in can be "
            "compared with them."
        ),
        low=0.0,
        high=MOST_HIDDEN,
        step=0.01,
    )
    hidden_by: str = param(
        "random",
        label=N_("Which to hide"),
        help=N_("Any cells alike, or the largest numbers more often, as when the rich do not tell what they earn."),
        choices=HIDDEN_BY,
    )
    n_steps: int = param(
        1000,
        label=N_("Steps"),
        help=N_("How long the model learns. More steps take longer and fit the table more closely."),
        low=100,
        high=5000,
        step=50,
    )
    n_latent: int = count_param(
        N_("Latent numbers"),
        N_("In how many numbers the model sums up a row. More of them keep finer differences."),
        8,
        MAX_LATENT,
        low=2,
    )
