"""What a painted outline can be asked for, declared once for the panel, the command line and the files."""

from dataclasses import dataclass

from ..shared.params import example_param


@dataclass(frozen=True)
class SketchParams:
    """Which example to paint; an outline of one's own is in a frame's state."""

    seed: int = example_param()
