"""The panel of a scene that is one picture: drawn anew at every change, and kept as a place once it rests."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import EngineHandle
from studio.api.panel import PICTURE_KEY, Host, UndoStack
from studio.api.scene_panel import OPEN_KEY, EditorT, ScenePanel, SceneT
from studio.api.timeline.drawn_clip import clip_around
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.widgets.throttle import OncePerTurn
from studio.widgets.views.canvas import InteractiveCanvas
from studio.widgets.views.history_strip import HistoryStrip, Place
from studio.widgets.views.picture import frame_thumbnail

SETTLE_MS: Final = 350
CONTROLS_MS: Final = 25
NO_PICTURE_MS: Final = 50
THUMBNAIL_PX: Final = 112  # twice what is shown, for dense screens
MAX_PLACES: Final = 30


class PicturePanel(ScenePanel[SceneT, EditorT]):
    """A panel of a model that draws a scene at once, so that the picture follows a hand.

    What it answers beside what a ScenePanel does: `draws(scene)`, the call that draws a scene with the engine. What has
    an answer that fits most: `take_picture`, `rest_on` and `show_controls`. Its canvas tells `on_painted`.

    Attributes:
        is_open: whether the model is. Before that nobody waits for a picture.
    """

    is_open = False
    _shown_scene: Any = None
    _is_answered = False

    def __init__(
        self,
        handle: EngineHandle,
        host: Host,
        editor: Callable[[UndoStack, QObject], EditorT],
        canvas: QWidget,
    ) -> None:
        super().__init__(handle, host, editor, canvas)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._on_settled)
        self._after_paint = OncePerTurn(self._show_due_controls, self)
        self._controls_due = QTimer(self, singleShot=True, interval=NO_PICTURE_MS)
        self._controls_due.timeout.connect(self._show_due_controls)
        self._controls_shown_s = float("-inf")

    def steer_by(self, canvas: InteractiveCanvas) -> None:
        """Let a hand on the canvas move the scene: the editor has `drag`, `turn`, `nudge` and `reset`."""
        editor: Any = self.editor
        canvas.drag_started.connect(editor.begin_gesture)
        canvas.dragged.connect(editor.drag)
        canvas.drag_finished.connect(editor.end_gesture)
        canvas.wheeled.connect(editor.turn)
        canvas.nudged.connect(editor.nudge)
        canvas.reset_requested.connect(editor.reset)
        canvas.painted.connect(self.on_painted)

    def opened(self, found: Any) -> None:
        """The model is open; the controls may offer more now."""
        self.is_open = True
        self.messages.dismiss("error")
        super().opened(found)

    # The scene

    def follow(self, before: SceneT) -> None:
        """Draw the present scene."""
        if self.is_open:
            self.note_move()
        self.renew()

    def begin(self, scene: SceneT) -> None:
        """Take over a scene and draw it, without an undo step."""
        self.editor.show(scene)

    def show_scene(self) -> None:
        """Let the controls stand where the scene is; while a hand drags, not at every move."""
        if self.editor.is_in_gesture:
            self._let_controls_follow()
        else:
            self.show_controls()

    def _let_controls_follow(self) -> None:
        """Let the controls stand where the scene is once its picture is painted, which must not wait for them."""
        if not self._controls_due.isActive():
            self._controls_due.start()

    def _show_due_controls(self) -> None:
        self._controls_due.stop()
        self._controls_shown_s = time.monotonic()
        self.show_controls()

    def show_controls(self) -> None:
        """Let the controls stand where the scene is."""
        self._parts.show_scene(self.editor.scene)

    # The picture

    def draws(self, scene: SceneT) -> Callable[[Any], Any]:
        """The call that draws a scene, made with the engine: it yields frames."""
        raise NotImplementedError

    def scenes_around(self) -> tuple[Sequence[SceneT], int]:
        """Scenes around the present one, row by row, and how many stand in a row; none where nothing spans a plane."""
        return (), 0

    def around(self) -> Clip | None:
        """The pictures of the scenes around."""
        scenes, columns = self.scenes_around()
        calls = [self.draws(scene) for scene in scenes]
        return clip_around(self.handle, calls, columns, self.timeline.info(), self.memory()) if calls else None

    def renew(self, is_instant: bool = False) -> None:
        """Draw the scene as it is now."""
        self.request(self.editor.scene)

    def request(self, scene: SceneT) -> None:
        """Draw a scene."""
        self.tasks.ask(PICTURE_KEY, self.draws(scene), event=partial(self._on_frame_arrived, scene))

    def _on_frame_arrived(self, scene: SceneT, frame: Frame) -> None:
        if not self.is_open and not self.tasks.is_running(OPEN_KEY):
            self.ask_model()  # it failed before, and now the model is there
        self.take_picture(scene, frame)

    def take_picture(self, scene: SceneT, frame: Frame) -> None:
        """Show what was drawn of a scene: it is on screen now, and answers the hand."""
        self._shown_scene, self.shown = scene, frame
        self._is_answered = self._moved_at_s is not None
        self._settle.start()
        self._parts.show_frame(frame, scene)

    def stand_at(self, scene: SceneT) -> None:
        """A frame of a run is on screen: the controls stand at its scene."""
        self.editor.adopt(scene)
        self._shown_scene = scene
        self._let_controls_follow()

    def move_to(self, scene: SceneT) -> None:
        """Go to a scene of a path and draw it."""
        self.editor.adopt(scene)
        self._let_controls_follow()
        self.renew()

    def _on_settled(self) -> None:
        if self.shown is not None and not self.timeline.playback.is_playing:
            self.rest_on(self.shown_scene, self.shown)

    def rest_on(self, scene: SceneT, frame: Frame) -> None:
        """A picture has stayed for a moment: look closer."""
        self._parts.rest_on(scene, frame)

    def on_painted(self) -> None:
        """A picture that answers a hand is timed once; what a run shows from then on answers none."""
        super().on_painted()
        self._is_answered = False
        if self._controls_due.isActive() and time.monotonic() - self._controls_shown_s >= CONTROLS_MS / 1000:
            self._after_paint.request()

    @property
    def is_answer_due(self) -> bool:
        """Whether a picture has come since the last one that was painted."""
        return self._is_answered

    @property
    def shown_scene(self) -> SceneT:
        """The scene of the picture on screen; that of the controls may be ahead of it."""
        scene: SceneT = self.editor.scene if self._shown_scene is None else self._shown_scene
        return scene


class PlaceHistory(QObject):
    """Keeps the last thirty scenes of a panel. `is_same` says whether two of them are one place.

    Signals: place_requested(scene).
    """

    place_requested = Signal(object)

    def __init__(self, is_same: Callable[[Any, Any], bool], parent: QObject) -> None:
        super().__init__(parent)
        self.strip = HistoryStrip()
        self.strip.place_requested.connect(self._on_place_requested)
        self._is_same = is_same
        self._scenes: list[Any] = []
        self._places: list[Place] = []

    @property
    def visited(self) -> Sequence[tuple[Place, Any]]:
        """Picture and scene of each place, the oldest first."""
        return list(zip(self._places, self._scenes, strict=True))

    def pictures(self) -> Sequence[Place]:
        """Their pictures, the oldest first."""
        return tuple(self._places)

    def add(self, scene: Any, label: str, frame: Frame) -> None:
        """Add a place unless it is there already; then only mark it."""
        known = [i for i, other in enumerate(self._scenes) if self._is_same(scene, other)]
        if not known:
            self._scenes = [*self._scenes, scene][-MAX_PLACES:]
            self._places = [*self._places, Place(frame_thumbnail(frame, THUMBNAIL_PX), label)][-MAX_PLACES:]
        self.strip.show_places(self._places, known[0] if known else len(self._places) - 1)

    def _on_place_requested(self, index: int) -> None:
        self.place_requested.emit(self._scenes[index])
