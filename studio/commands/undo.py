"""The steps that a person can take back; a step calls the model, never a widget."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from studio.core.listener import Listeners

DEFAULT_CAPACITY = 200


@dataclass(frozen=True)
class Step:
    """A change that was made already, with the calls that take it back and make it again.

    Steps with the same `merge_key` become one while a gesture is open, such as all moves of one drag.
    `forget` is called once when the step leaves the stack for good, so that what only it kept can be closed;
    steps that merge have none. `joined` are the changes that came of it: they are taken back before it, and made again
    after it.
    """

    title: str
    undo: Callable[[], None]
    redo: Callable[[], None]
    merge_key: str | None = None
    forget: Callable[[], None] | None = None
    joined: tuple["Step", ...] = ()


class UndoStack:
    """Steps done and steps taken back. Main thread only.

    Pushing, undoing or redoing from inside a step's own calls raises RuntimeError: whoever pushes when the
    model changes asks `is_replaying` first.
    """

    def __init__(self, capacity: int = DEFAULT_CAPACITY) -> None:
        """At most `capacity` steps are kept, at least 1; the oldest go first."""
        if capacity < 1:
            raise ValueError("capacity must be at least 1")
        self._capacity = capacity
        self._steps: list[Step] = []
        self._n_done = 0
        self._is_gesture_open = False
        self._is_top_of_gesture = False
        self._replayed: Step | None = None
        self._is_joining = False
        self._titles: tuple[str | None, str | None] = None, None
        self._changed: Listeners[[]] = Listeners()
        self._touched: Listeners[[]] = Listeners()

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def is_replaying(self) -> bool:
        """Whether a step is being taken back or made again right now."""
        return self._replayed is not None

    @property
    def brings_more(self) -> bool:
        """Whether what is being taken back or made again brings what came of it."""
        return self._replayed is not None and bool(self._replayed.joined)

    @property
    def can_join(self) -> bool:
        """Whether what begins now can have come of the newest step: none was taken back since, or is just now."""
        return 0 < self._n_done == len(self._steps) and not self.is_replaying

    @property
    def has_brought(self) -> bool:
        """Whether something has come of the newest step already, so that more of it belongs in its place."""
        return self._n_done > 0 and bool(self._steps[self._n_done - 1].joined)

    @property
    def undo_title(self) -> str | None:
        """The title of the step that `undo` would take back, or None."""
        return self._steps[self._n_done - 1].title if self._n_done else None

    @property
    def redo_title(self) -> str | None:
        """The title of the step that `redo` would make again, or None."""
        return self._steps[self._n_done].title if self._n_done < len(self._steps) else None

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles of all steps, the oldest first; the first `n_done` of them are done, the others taken back."""
        return tuple(step.title for step in self._steps)

    @property
    def n_done(self) -> int:
        """How many steps are done."""
        return self._n_done

    def go_to(self, n_done: int) -> None:
        """Take steps back or make them again until so many are done, 0 for the start of all."""
        while self._n_done > n_done and self.undo():
            pass
        while self._n_done < n_done and self.redo():
            pass

    def push(self, step: Step) -> None:
        """Remember a change that was just made; steps taken back before are forgotten."""
        self._refuse_reentry()
        self.touch()
        self._drop(slice(self._n_done, None))
        if self._is_joining and self._steps:
            self._steps[-1] = replace(self._steps[-1], joined=(*self._steps[-1].joined, step))
            return
        if self._merges(step):
            self._steps[-1] = replace(step, undo=self._steps[-1].undo, joined=self._steps[-1].joined)
        else:
            self._append(step)
        self._is_top_of_gesture = self._is_gesture_open
        self._tell()

    @contextmanager
    def joining(self) -> Iterator[None]:
        """Let what is pushed meanwhile belong to the newest step, which it came of; both are taken back as one."""
        self._is_joining = True
        try:
            yield
        finally:
            self._is_joining = False

    def _merges(self, step: Step) -> bool:
        return self._is_top_of_gesture and step.merge_key is not None and self._steps[-1].merge_key == step.merge_key

    def _append(self, step: Step) -> None:
        self._steps.append(step)
        self._n_done += 1
        if len(self._steps) > self._capacity:
            self._drop(slice(1))
            self._n_done -= 1

    def _drop(self, which: slice) -> None:
        dropped = self._steps[which]
        del self._steps[which]
        for step in dropped:
            for one in (step, *step.joined):
                if one.forget is not None:
                    one.forget()

    def begin_gesture(self) -> None:
        """Start merging, for example when a mouse button goes down; ends an open gesture."""
        self.end_gesture()
        self._is_gesture_open = True
        self.touch()

    def end_gesture(self) -> None:
        """Stop merging; harmless when no gesture is open."""
        self._is_gesture_open = False
        self._is_top_of_gesture = False

    def undo(self) -> bool:
        """Take the last step back; returns False where there is none."""
        self._refuse_reentry()
        if not self._n_done:
            return False
        step = self._steps[self._n_done - 1]
        self._replay(step, [one.undo for one in (*reversed(step.joined), step)], self._n_done - 1)
        return True

    def redo(self) -> bool:
        """Make the step again that was taken back last; returns False where there is none."""
        self._refuse_reentry()
        if self._n_done == len(self._steps):
            return False
        step = self._steps[self._n_done]
        self._replay(step, [one.redo for one in (step, *step.joined)], self._n_done + 1)
        return True

    def _replay(self, step: Step, calls: list[Callable[[], None]], n_done: int) -> None:
        self._is_top_of_gesture = False
        self._replayed = step
        try:
            for call in calls:
                call()
        finally:
            self._replayed = None
        self._n_done = n_done
        self._tell()

    def _refuse_reentry(self) -> None:
        if self.is_replaying:
            raise RuntimeError("the undo stack was used from inside one of its steps")

    def clear(self) -> None:
        """Forget all steps."""
        self._refuse_reentry()
        self.end_gesture()
        self._drop(slice(None))
        self._n_done = 0
        self._tell()

    def _tell(self) -> None:
        titles = self.undo_title, self.redo_title
        if titles != self._titles:
            self._titles = titles
            self._changed.notify()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` whenever a title is another one, so not at every move of a drag; returns what ends this."""
        return self._changed.add(listener)

    def touch(self) -> None:
        """Say that a hand is at work, which a step will tell of later; every step says so itself."""
        self._touched.notify()

    def on_touch(self, listener: Callable[[], None]) -> None:
        """Call `listener` at every move of a hand."""
        self._touched.add(listener)

    def close(self) -> None:
        """Forget steps and listeners, so that nothing is kept alive; the stack's owner goes away."""
        self._changed.clear()
        self._touched.clear()
        self.clear()
