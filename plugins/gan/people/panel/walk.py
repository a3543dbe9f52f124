"""The inspector's part for walks: a loop through faces of chance, or through the places visited as keyframes."""

import random
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, NumberField, ValueRange
from studio.core.path.keyframe import MIN_DURATION_S, Keyframe, KeyframePath
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, translate

from ..calls import walk_places

if TYPE_CHECKING:
    from .panel import PeoplePanel

SECONDS: Final = ValueRange(1.0, 300.0, step=0.5, default=8.0, unit="s")
N_FACES: Final = 5
WALK_KEY: Final = "walk"
EXAMPLE_SEEDS: Final = (26, 36, 13, 10)
EXAMPLE_S: Final = 8.0
BEGIN_MS: Final = 900


class WalkSection(QWidget):
    """Signals: walk_requested(seconds) for a seamless loop through faces by chance; keyframe_requested() to take the
    present face into the walk; clear_requested()."""

    walk_requested = Signal(float)
    keyframe_requested = Signal()
    clear_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds = SECONDS.default
        self.walk = Button(N_("Random walk"), icon_name="dice")
        self.walk.setObjectName("walk")
        self.walk.setToolTip(translate(N_("A seamless loop through five faces, from the present one on")))
        self.walk.clicked.connect(lambda: self.walk_requested.emit(self._seconds))
        self.seconds = NumberField(SECONDS)
        self.seconds.setObjectName("walk_seconds")
        self.seconds.setAccessibleName(translate(N_("Length of the walk")))
        self.seconds.setToolTip(translate(N_("How long the walk takes, in seconds")))
        self.seconds.value_typed.connect(self._on_typed)
        self.add = Button(N_("Add this face"), icon_name="plus")
        self.add.setObjectName("walk_add")
        self.add.setToolTip(translate(N_("Make the present face a keyframe of the walk")))
        self.add.clicked.connect(self.keyframe_requested)
        self.clear = Button(N_("Clear"), icon_name="trash")
        self.clear.setObjectName("walk_clear")
        self.clear.setToolTip(translate(N_("Take all faces out of the walk")))
        self.clear.clicked.connect(self.clear_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(_row(self.walk, self.seconds))
        column.addLayout(_row(self.add, self.clear))

    def show_n_keyframes(self, n: int) -> None:
        """Say how many faces the walk has."""
        self.clear.setEnabled(n > 0)

    def _on_typed(self, seconds: float) -> None:
        self._seconds = seconds


def _row(first: QWidget, second: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(first, 1)
    row.addWidget(second)
    return row


class WalkDesk(QObject):
    """Makes loops through faces by chance, and keyframes of the present one."""

    def __init__(self, panel: "PeoplePanel") -> None:
        super().__init__(panel)
        self._panel = panel
        section = panel.controls.walk
        section.walk_requested.connect(self.walk)
        section.keyframe_requested.connect(self._on_keyframe_requested)
        section.clear_requested.connect(self._on_clear_requested)
        panel.deck.paths.changed.connect(self._on_path_changed)
        self._first_scene = panel.editor.scene
        self._begin = QTimer(self, singleShot=True, interval=BEGIN_MS)
        self._begin.timeout.connect(self._on_begin_due)
        self._on_path_changed()

    def wait_to_begin(self) -> None:
        """Walk by itself in a moment, as an example, unless a hand comes first; it is no step of undo."""
        self._begin.start()

    def _on_begin_due(self) -> None:
        panel = self._panel
        is_untouched = panel.editor.scene is self._first_scene and not panel.deck.paths.path.keyframes
        if is_untouched and panel.picture.isVisible() and panel.deck.track is None:
            work = panel.handle.work(partial(walk_places, scene=panel.editor.scene, seeds=EXAMPLE_SEEDS))
            panel.tasks.run(WALK_KEY, work, done=self._on_example_places)

    def _on_example_places(self, places: Any) -> None:
        if self._panel.editor.scene is self._first_scene:
            self._panel.deck.paths.show(self._path(places, EXAMPLE_S / N_FACES))
            self._play()

    def walk(self, seconds: float) -> None:
        """Walk from the present face through others and back."""
        seeds = [random.randrange(MAX_SEED) for _ in range(N_FACES - 1)]
        panel = self._panel
        work = panel.handle.work(partial(walk_places, scene=panel.editor.scene, seeds=seeds))
        panel.tasks.run(WALK_KEY, work, done=partial(self._on_places, max(seconds / N_FACES, MIN_DURATION_S)))

    def _on_places(self, duration_s: float, places: Any) -> None:
        self._panel.deck.pause()
        self._panel.deck.paths.edit(N_("Random walk"), self._path(places, duration_s))
        self._play()

    def _path(self, places: Any, duration_s: float) -> KeyframePath:
        """A seamless loop through places (L, D)."""
        keyframes = tuple(Keyframe({"w": place}, duration_s) for place in places)
        return KeyframePath(keyframes, self._panel.deck.paths.path.rules, "smooth", is_loop=True)

    def _play(self) -> None:
        deck = self._panel.deck
        deck.show_path()
        deck.playback.seek(0)
        if deck.playback.loop == "once":
            deck.playback.set_loop("loop")
        deck.playback.play()

    def _on_keyframe_requested(self) -> None:
        if self._panel.position():
            self._panel.deck.add_keyframe()

    def _on_clear_requested(self) -> None:
        deck = self._panel.deck
        deck.pause()
        deck.paths.edit(N_("Clear the walk"), KeyframePath((), deck.paths.path.rules))

    def _on_path_changed(self) -> None:
        self._panel.controls.walk.show_n_keyframes(len(self._panel.deck.paths.path.keyframes))
