"""The measuring that follows a training, as more frames of its last step."""

from collections.abc import Iterable, Iterator
from typing import Any

from studio.core.frame import Frame
from studio.core.text import N_


def measuring_frames(n_steps: int, measuring: Iterable[Any]) -> Iterator[Frame]:
    """Show what follows the last step as more frames of it, one each time that `measuring` yields."""
    for _ in measuring:
        yield Frame(n_steps - 1, n_steps, label=N_("Measuring what was learnt"))
