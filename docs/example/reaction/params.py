"""What a pattern can be asked for."""

from dataclasses import dataclass

from studio.core.param import number_param, param
from studio.core.seed import MAX_SEED


@dataclass(frozen=True)
class ReactionParams:
    """Each field becomes a slider, an option of the command line and a line in every exported file."""

    seed: int = param(0, label="Seed", help="The number that the first drops follow from.", low=0, high=MAX_SEED)
    feed: float = number_param("Feed", "How much fresh food flows in at each step.", 0.035, 0.01, 0.08, 0.0005)
    kill: float = number_param("Kill", "How much of the eater is taken out at each step.", 0.065, 0.04, 0.07, 0.0005)
    n_frames: int = param(40, label="Frames", help="How many pictures the run has.", low=1, high=400)
