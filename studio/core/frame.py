"""One moment of a run: everything that a generative process yields is a frame."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from studio.core.recording.delta import Delta, applied
from studio.core.view import State, View

T = TypeVar("T")


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
        changes: views told by what is new in them since the frame before; a recording returns them whole.
        state_changes: the same for arrays of the state.
    """

    step: int
    n_steps: int
    label: str = ""
    views: Mapping[str, View] = field(default_factory=dict)
    scalars: Mapping[str, float] = field(default_factory=dict)
    state: State | None = None
    changes: Mapping[str, Delta] = field(default_factory=dict)
    state_changes: Mapping[str, Delta] = field(default_factory=dict)

    @property
    def main_view(self) -> View | None:
        """The first view, or None."""
        return next(iter(self.views.values()), None)

    @property
    def is_whole(self) -> bool:
        """Whether it can be shown without the frame before."""
        return not self.changes and not self.state_changes

    def after(self, before: "Frame | None") -> "Frame":
        """Return the same frame with everything whole; `before` is the whole frame before it.

        Views keep the order that they have there. Raises ValueError where a change does not fit.
        """
        if self.is_whole:
            return self
        old_views, old_state = (before.views, before.state or {}) if before else ({}, {})
        views = {**self.views, **_changed(old_views, self.changes)}
        order = view_order(tuple(old_views), self)
        state = {**(self.state or {}), **_changed(old_state, self.state_changes)}
        has_state = self.state is not None or self.state_changes
        return replace(
            self,
            views={name: views[name] for name in order},
            state=state if has_state else None,
            changes={},
            state_changes={},
        )


def view_order(order_before: tuple[str, ...], frame: Frame) -> tuple[str, ...]:
    """The order of a frame's views: where some are told as changes, that of the frame before, then the new ones."""
    if not frame.changes:
        return tuple(frame.views)
    names = {**frame.views, **frame.changes}
    return tuple(dict.fromkeys([*(name for name in order_before if name in names), *names]))


def whole_frames(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Yield the frames of a run with everything whole."""
    before: Frame | None = None
    for frame in frames:
        before = frame.after(before)
        yield before


def _changed(before: Mapping[str, T], changes: Mapping[str, Delta]) -> dict[str, T]:
    missing = changes.keys() - before.keys()
    if missing:
        raise ValueError(f"there is nothing in the frame before that could change: {sorted(missing)}")
    return {name: applied(before[name], [change]) for name, change in changes.items()}
