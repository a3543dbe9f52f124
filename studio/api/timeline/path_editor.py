"""The keyframes of a panel: every edit is a step of undo, and a document that views follow."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.commands.undo import Step, UndoStack
from studio.core.path.easing import Easing
from studio.core.path.keyframe import Keyframe, KeyframePath, path_to_json
from studio.core.path.position import Array, Position, Rule
from studio.core.translation import N_


class PathEditor(QObject):
    """Holds the path. Signals: changed() after every change, undone ones too."""

    changed = Signal()

    def __init__(self, rules: Mapping[str, Rule], undo: UndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._undo = undo
        self.path = KeyframePath((), rules)

    def show(self, path: KeyframePath) -> None:
        """Make `path` the present one, without an undo step."""
        self.path = path
        self.changed.emit()

    def edit(self, title: str, path: KeyframePath, merge_key: str | None = None) -> None:
        """Make `path` the present one, as a step with a title for the menu."""
        before = self.path
        self.show(path)
        self._undo.push(Step(title, partial(self.show, before), partial(self.show, path), merge_key))

    def begin_gesture(self) -> None:
        """From here on edits of one kind are one step."""
        self._undo.begin_gesture()

    def end_gesture(self) -> None:
        """The next edit is a step of its own."""
        self._undo.end_gesture()

    def time_of(self, frame: int, fps: float) -> float:
        """The time of a frame of the path in seconds."""
        return self.path.frame_time_s(frame, fps)

    def position_at(self, frame: int, fps: float) -> dict[str, Array]:
        """The position at a frame of the path."""
        return self.path.position_at(self.time_of(frame, fps))

    def add(self, position: Position, frame: int | None, fps: float) -> int:
        """Put a keyframe at a frame of the path, or behind its end; returns its index."""
        path = self.path
        n_before = len(path) if frame is None else sum(path.frame_of(i, fps) <= frame for i in range(len(path)))
        if frame is None or (n_before == len(path) and not path.is_loop):
            changed = path.appended(Keyframe(position))
        else:
            split = path.split_at(self.time_of(frame, fps))
            is_split = len(split) > len(path)
            changed = split.replaced(n_before, position) if is_split else path.inserted(n_before, Keyframe(position))
        self.edit(N_("Add a keyframe"), changed)
        return n_before

    def remove(self, index: int) -> None:
        """Take a keyframe out."""
        self.edit(N_("Remove a keyframe"), self.path.removed(index))

    def place(self, index: int, position: Position) -> None:
        """Give a keyframe another position."""
        self.edit(N_("Move a keyframe"), self.path.replaced(index, position), f"keyframe {index}")

    def reorder(self, index: int, to: int) -> None:
        """Give a keyframe another place in the order."""
        self.edit(N_("Reorder keyframes"), self.path.moved(index, to))

    def retime(self, index: int, fraction: float) -> None:
        """Let a keyframe be met at a share of the present duration; beyond 1 the path gets longer."""
        retimed = self.path.retimed_at(index, fraction * self.path.duration_s)
        self.edit(N_("Retime a keyframe"), retimed, f"time {index}")

    def ease(self, index: int, easing: Easing) -> None:
        """Choose how the segment behind a keyframe starts and ends."""
        self.edit(N_("Easing"), self.path.with_easing(index, easing))

    def shift(self, title: str, offset: Mapping[str, Array], merge_key: str | None) -> None:
        """Move all keyframes by the same way, as a slider does while the path plays."""
        self.edit(title, self.path.shifted(offset), merge_key)

    def state(self) -> dict[str, Any]:
        """The path as plain JSON values."""
        return path_to_json(self.path)
