"""What a pattern can be asked for."""

from dataclasses import dataclass

from studio.core.param import param
from studio.core.seed import MAX_SEED


@dataclass(frozen=True)
class ReactionParams:
    """Each field becomes a slider, an option of the command line and a line in every exported file."""

    seed: int = param(0, label="Seed", help="The number that the first drops follow from.", low=0, high=MAX_SEED)
    feed: float = param(
        0.035, label="Feed", help="How much fresh food flows in at each step.", low=0.01, high=0.08, step=0.0005
    )
    kill: float = param(
        0.065, label="Kill", help="How much of the eater is taken out at each step.", low=0.04, high=0.07, step=0.0005
    )
    n_frames: int = param(40, label="Frames", help="How many pictures the run has.", low=1, high=400)
