"""What a run of the playground can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from studio.core.text import N_

from .params import seed_param


@dataclass(frozen=True)
class PlaygroundParams:
    """Which run; how both players learn is in a frame's state."""

    seed: int = seed_param(N_("The number that all chance of the run comes from (R: another one)."))
