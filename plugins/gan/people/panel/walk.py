"""The inspector's part for walks: a loop through faces of chance, or through the places visited as keyframes."""

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import EngineTasks, NumberField, ValueRange, motion, named_button, put_in_a_column, set_tip
from studio.api.timeline.controller import TimelineController
from studio.core.path.keyframe import MIN_DURATION_S, Keyframe, KeyframePath
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, _

from ..state import PeopleFacts
from .editor import PeopleEditor

SECONDS: Final = ValueRange(1.0, 300.0, step=0.5, default=8.0, unit="s")
N_FACES: Final = 5
WALK_KEY: Final = "walk"
EXAMPLE_SEEDS: Final = (26, 36, 13, 10)
EXAMPLE_S: Final = 8.0
BEGIN_MS: Final = 900


class WalkSection(QWidget):
    """Makes seamless loops through faces by chance, and shows how many faces the walk on the timeline has.

    Attributes:
        add: the button that makes the present face a keyframe.
    """

    def __init__(
        self,
        editor: PeopleEditor,
        timeline: TimelineController,
        tasks: EngineTasks,
        canvas: QWidget,
    ) -> None:
        """`canvas` shows the face: an example walks only where that is seen."""
        super().__init__()
        self._editor, self._timeline, self._tasks = editor, timeline, tasks
        self._canvas = canvas
        self._first_scene = editor.scene
        self._begin = QTimer(self, singleShot=True, interval=BEGIN_MS)
        self._begin.timeout.connect(self._on_begin_due)
        self._seconds = SECONDS.default
        hint = N_("A seamless loop through five faces, starting from this one")
        self.walk = named_button("walk", N_("Random walk"), hint, "dice", pressed=self._walk)
        self.seconds = NumberField(SECONDS)
        self.seconds.setObjectName("walk_seconds")
        self.seconds.setAccessibleName(_("Length of the walk"))
        set_tip(self.seconds, _("How long the walk takes, in seconds"))
        self.seconds.value_typed.connect(self._on_typed)
        hint = N_("Make this face a keyframe of the walk")
        self.add = named_button("walk_add", N_("Add this face"), hint, "plus")
        self.clear = named_button(
            "walk_clear", N_("Clear"), N_("Remove all faces from the walk"), "trash", pressed=self._clear
        )
        put_in_a_column(self, (_row(self.walk, self.seconds), _row(self.add, self.clear)))
        timeline.paths.changed.connect(self._on_path_changed)
        self._on_path_changed()

    def _on_typed(self, seconds: float) -> None:
        self._seconds = seconds

    def opened(self, about: PeopleFacts) -> None:
        """Walk by itself in a moment, as an example, unless a hand comes first; it is no step of undo."""
        self._begin.start()

    def _on_begin_due(self) -> None:
        is_untouched = self._editor.scene is self._first_scene and not self._timeline.paths.path.keyframes
        if not motion().is_reduced and is_untouched and self._timeline.track is None and self._canvas.isVisible():
            self._ask_places(EXAMPLE_SEEDS, self._on_example_places)

    def _ask_places(self, seeds: Sequence[int], done: Callable[[Any], None]) -> None:
        scene = self._editor.scene
        self._tasks.ask(WALK_KEY, lambda engine: engine.walk_places(scene, seeds), done=done)

    def _on_example_places(self, places: Any) -> None:
        if self._editor.scene is self._first_scene:
            self._timeline.paths.show(self._path(places, EXAMPLE_S / N_FACES))
            self._play()

    def _walk(self) -> None:
        """Walk from the present face through others and back."""
        seeds = [random.randrange(MAX_SEED) for _ in range(N_FACES - 1)]
        duration_s = max(self._seconds / N_FACES, MIN_DURATION_S)
        self._ask_places(seeds, partial(self._on_places, duration_s))

    def _on_places(self, duration_s: float, places: Any) -> None:
        self._timeline.pause()
        self._timeline.paths.edit(N_("Random walk"), self._path(places, duration_s))
        self._play()

    def _path(self, places: Any, duration_s: float) -> KeyframePath:
        """A seamless loop through places (L, D)."""
        keyframes = tuple(Keyframe({"w": place}, duration_s) for place in places)
        return KeyframePath(keyframes, self._timeline.paths.path.rules, "smooth", is_loop=True)

    def _play(self) -> None:
        self._timeline.show_path()
        playback = self._timeline.playback
        playback.seek(0)
        if playback.loop == "once":
            playback.set_loop("loop")
        playback.play()

    def _clear(self) -> None:
        self._timeline.pause()
        self._timeline.paths.edit(N_("Clear the walk"), KeyframePath((), self._timeline.paths.path.rules))

    def _on_path_changed(self) -> None:
        self.clear.setEnabled(bool(self._timeline.paths.path.keyframes))


def _row(first: QWidget, second: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(first, 1)
    row.addWidget(second)
    return row
