"""One moment of a run: everything that a generative process yields is a frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.core.view import State, View


@dataclass(frozen=True, eq=False)
class Frame:
    """A step of a run, with what to show and, where one can branch from it, the state to go on from.

    Attributes:
        step: 0 .. n_steps - 1.
        n_steps: how many the run will have, as far as known.
        label: a few plain words ("Step 12 of 50").
        views: what to show, by name; the first is the main one.
        scalars: figures by name (loss, error, milliseconds).
        state: named arrays from which the run can be continued, or None.
    """

    step: int
    n_steps: int
    label: str = ""
    views: Mapping[str, View] = field(default_factory=dict)
    scalars: Mapping[str, float] = field(default_factory=dict)
    state: State | None = None

    @property
    def main_view(self) -> View | None:
        """The first view, or None."""
        return next(iter(self.views.values()), None)
