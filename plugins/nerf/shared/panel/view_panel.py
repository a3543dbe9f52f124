"""The panel of a scene that one walks around: a hand moves the camera, the view follows, and sharpens at rest."""

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from operator import methodcaller
from typing import Any, ClassVar, Final, TypeVar

from PySide6.QtGui import QShowEvent

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import AMOUNT_COLOURS, FilledFrame, Host, SceneView, Snapshot, Throttle
from studio.api.scene_panel import ScenePanel
from studio.api.timeline.drawn_clip import clip_around
from studio.core.frame import Frame
from studio.core.path.position import Position
from studio.core.recording.clip import Clip
from studio.core.translation import N_, translate
from studio.core.view import Image

from ..camera.camera import camera_from_position
from ..camera.navigation import Navigator
from ..camera.viewpoint import N_AZIMUTHS, UP
from ..resolution import MIN_HEIGHT
from ..scene import ViewScene, is_marked_only
from ..shading import PictureLook, picture_look_of
from ..state import SceneFacts, View, ViewRequest
from .camera_section import CameraSection
from .commands import Steering, drawings_around, frame_of, put_turntable, snapshot_of
from .editor import ViewEditor
from .marks_painting import clip_with, frame_with
from .marks_presenter import MarksPresenter
from .marks_section import MarksSection
from .navigation_input import HINTS, NavigationInput
from .overlay import Overlays
from .page_presenter import PagePresenter
from .path_presenter import PathPresenter, is_camera_path
from .stats_card import Measure
from .take_section import ExportSection, PathButtons, PictureSize
from .view_loop import ViewLoop

SceneT = TypeVar("SceneT", bound=ViewScene)
RUN_KEY: Final = "run"
OPENING: Final = N_("The scene is opening.")
FAILED: Final = N_("The scene could not be opened, so there is nothing to see.")
FOLLOW_MS: Final = 60  # gizmo and numbers that change faster cannot be read


class ViewPanel(ScenePanel[SceneT, ViewEditor[SceneT]]):
    """One scene: drag to orbit; what is at rest becomes sharp.

    A kind says by class attributes, beside those of ScenePanel, what is counted along a ray (`measure`), and how high a
    picture in motion is at least (`least_height`, pixels). In `__init__` it fills the inspector, with `camera_section`,
    `marks_section`, `picture_size`, `take` and `path_buttons` among its sections, and calls `open`. It answers
    `request_of`, what the engine is asked for, and `words_of`, the caption.
    """

    own_part = "is_own"
    frame_type, opening_text, failed_text = FilledFrame, OPENING, FAILED
    measure: ClassVar[Measure]
    least_height: ClassVar[int] = MIN_HEIGHT
    frame: FilledFrame

    def __init__(self, handle: EngineHandle, host: Host, facts: SceneFacts, scene: SceneT) -> None:
        self.canvas = canvas = SceneView()
        super().__init__(handle, host, partial(ViewEditor, facts, scene), canvas)
        self.number = 0
        self._view: View | None = None
        self._drawn: tuple[SceneT, Frame] | None = None
        self._is_run_due = False
        self.hand = NavigationInput(Navigator(facts.home, facts.extent.radius, UP[facts.up]), self)
        self.overlays = Overlays(self.frame, self.measure, self)
        self.loop = ViewLoop(self.tasks, self.request_now, self, self.least_height)
        self._follows = Throttle(FOLLOW_MS, self._show_scene, self)
        self.camera_section, self.marks_section = CameraSection(), MarksSection()
        self.picture_size, self.take = PictureSize(), ExportSection()
        self.bind(self.camera_section)
        self.steering = Steering(self.camera_section, self.picture_size, self.editor, self.hand, self)
        self.marks_desk = MarksPresenter(self.marks_section, canvas, self.editor, self.hand, self._distance_at)
        self.path_buttons = PathButtons()
        self.path_desk = PathPresenter(self.path_buttons, self.editor, self.timeline, self.tasks, self)
        self.page_desk = PagePresenter(self.take, self.request_now, self.editor, self.tasks, self)
        self.accept(is_camera_path, self.path_desk.open)
        self._connect_hand()
        self._connect_scene()

    # Wiring

    def _connect_hand(self) -> None:
        canvas, hand, editor = self.canvas, self.hand, self.editor
        hand.attach(canvas)
        canvas.wheeled.connect(lambda event: hand.turn(event, self._distance_at(event.x_px, event.y_px)))
        canvas.size_changed.connect(self._on_resized)
        canvas.painted.connect(self.on_painted)
        hand.started.connect(self._on_hand_started)
        hand.stopped.connect(editor.end_gesture)
        hand.moved.connect(lambda: editor.move(hand.navigator.camera))
        hand.pivot_wanted.connect(self._on_pivot_wanted)
        editor.jumped.connect(lambda: hand.jump(editor.scene.camera))
        self.steering.mode_changed.connect(self.show_mode)

    def _connect_scene(self) -> None:
        export = partial(self.host.run_command, "studio.export")
        self.editor.steered.connect(self.on_steered)
        self.unseen.connect(self.loop.pause)
        self.loop.viewed.connect(self._on_viewed)
        self.loop.failed.connect(self._on_open_failed)
        self.overlays.view_chosen.connect(self.editor.choose_view)
        self.overlays.axis_chosen.connect(self._on_axis_chosen)
        self.picture_size.view_size_requested.connect(lambda: self.editor.set_picture_size(*self.canvas.size_px()))
        self.take.picture_requested.connect(export)
        self.take.turntable_requested.connect(lambda: put_turntable(self.editor.scene, self.timeline))
        self.take.turntable_requested.connect(export)

    # Opening

    def settle_in(self, found: SceneFacts) -> None:
        """It is known where the scene is."""
        self.editor.facts, self.hand.navigator.home = found, found.home
        self.hand.navigator.measure(found.extent.radius)
        if not self.editor.scene.is_moved:
            self.editor.show(self.editor.at_seed(self.editor.scene.params))

    # The hand

    @property
    def is_watching(self) -> bool:
        """Whether something is followed that goes on by itself, however the camera moves."""
        return False

    def _on_hand_started(self) -> None:
        self.editor.begin_gesture()
        if not self.is_watching:
            self.timeline.pause()

    def on_steered(self) -> None:
        """A hand takes over."""
        if not self.is_watching:
            self.timeline.pause_run()

    def show_mode(self, mode: str) -> None:
        """The camera moves in another way now."""
        self.canvas.taken_keys = self.hand.keys
        self.frame.hint.set_text(translate(HINTS[mode]))

    def _on_pivot_wanted(self, x_px: float, y_px: float) -> None:
        if self.hand.navigator.set_pivot(x_px, y_px, self._distance_at(x_px, y_px)):
            self.hand.go()

    def _on_axis_chosen(self, axis: str) -> None:
        self.hand.navigator.fly_to(self.overlays.camera_from(axis, self.editor.facts.home, self.editor.scene))
        self.hand.go()

    def _distance_at(self, x_px: float, y_px: float) -> float | None:
        return self._view.distance_at(x_px / self.canvas.width(), y_px / self.canvas.height()) if self._view else None

    def _on_resized(self) -> None:
        self.hand.navigator.resize(self.canvas.width(), self.canvas.height())
        self.loop.set_viewport(*self.canvas.size_px())

    # The picture

    def follow(self, before: SceneT) -> None:
        """Draw the scene anew, unless it was only marked."""
        self.note_move()
        if is_marked_only(before, self.editor.scene):
            return
        self.tasks.cancel(RUN_KEY)
        self.draw_anew()

    def draw_anew(self) -> None:
        """What was asked for is outdated: ask again."""
        self.number += 1
        self.loop.refresh()

    def show_scene(self) -> None:
        """Let gizmo, numbers and controls stand where the scene is, not more often than they can be read."""
        if self.is_in_motion:
            self._follows.request()
        else:
            self._show_scene()

    @property
    def is_in_motion(self) -> bool:
        """Whether the camera moves."""
        return self.hand.is_moving or self.timeline.playback.is_playing

    def _show_scene(self) -> None:
        scene = self.editor.scene
        self.overlays.show_scene(scene, self.editor.depths)
        self.camera_section.show_scene(scene, self.hand.navigator.angles.roll)
        self.picture_size.show_params(scene.params)
        self.marks_desk.show_scene(scene.marks)
        super().show_scene()

    def request_now(self, size: tuple[int, int]) -> ViewRequest:
        """What the engine is asked for, of the scene as it is now."""
        scene = self.editor.scene
        look = picture_look_of(scene.params, *self.editor.depths, AMOUNT_COLOURS)
        return self.request_of(scene, size, look)

    @abstractmethod
    def request_of(self, scene: SceneT, size: tuple[int, int], look: PictureLook) -> ViewRequest:
        """What the engine is asked for; it has the present `number`."""

    @abstractmethod
    def words_of(self, view: View) -> tuple[str, str]:
        """The sentence under a picture, and the field's term."""

    def _on_viewed(self, view: View) -> None:
        if view.request.number < self.number and view.stage not in ("draft", "slow"):
            return
        self.note_view(view)
        self._view, self.shown = view, frame_of(view, self.measure.scalar)
        if self.is_shown_here:
            self.canvas.set_picture(view.pixels, is_draft=view.stage == "draft")
        if view.stage != "slow":
            doing = self.hand.doing or ("path" if self.timeline.is_playing_path else "")
            self.overlays.show_view(view, self.loop.figures(), doing)
        self.describe()

    def note_view(self, view: View) -> None:
        """A picture has come."""

    @property
    def is_shown_here(self) -> bool:
        """Whether the canvas shows the scene, and nothing that it is compared with."""
        return True

    @property
    def is_answer_due(self) -> bool:
        """Whether the picture is of the scene as it is now."""
        return self._view is not None and self._view.request.number == self.number

    def describe(self) -> None:
        """Say what is on screen, unless a hand is busy with it."""
        view = self._view
        if view is not None and (not self.hand.is_moving or view.stage == "learning"):
            self.frame.caption.set_text(*self.words_of(view))

    # The picture of seed and parameters, for files

    @property
    def can_draw_run(self) -> bool:
        """Whether the picture of the settings can be drawn by now; only kernels may draw what is kept."""
        return not self.is_preparing

    def draw_run(self) -> None:
        """Draw the picture of the settings, as soon as that can be."""
        self._is_run_due = self.is_preparing
        if not self.can_draw_run:
            return
        scene = self.editor.scene
        draw = methodcaller("generate", scene.params, scene.camera.position() if scene.is_moved else None)
        self.tasks.ask(RUN_KEY, draw, Policy.QUEUE, event=self._on_run_drawn)

    def draw_run_due(self) -> None:
        """Draw the run that waited for the kernels."""
        if self._is_run_due:
            self.draw_run()

    def _on_run_drawn(self, frame: Frame) -> None:
        if frame.step == frame.n_steps - 1:
            self._drawn = self.editor.scene, frame

    @property
    def is_settled(self) -> bool:
        """Whether the scene is as fine as it gets."""
        view = self._view
        return super().is_settled and view is not None and view.is_final_kind and view.fraction == 1

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen with its size, or None before the first picture."""
        scene, drawn = self.editor.scene, self._drawn
        frame = drawn[1] if drawn is not None and drawn[0] is scene else self.shown
        if frame is None:
            return None
        state: Mapping[str, Any] = self.state() if self.needs_state else {}
        marks = self.marks_desk.painter()
        shown = frame if marks is None else frame_with(marks, frame)
        return snapshot_of(scene, shown, self.handle.source.id, state)

    @property
    def has_snapshot(self) -> bool:
        """Whether there is a picture."""
        return self.shown is not None

    def clip(self) -> Clip | None:
        """All frames on the timeline, with notes and ruler where they are wanted."""
        return self._marked(super().clip())

    def _marked(self, clip: Clip | None) -> Clip | None:
        marks = self.marks_desk.painter()
        return clip if clip is None or marks is None else clip_with(marks, clip)

    def showEvent(self, event: QShowEvent) -> None:
        """Go on where the view stood."""
        super().showEvent(event)
        self.loop.refresh()

    # Runs and places

    def draw_frame(self, frame: Frame) -> None:
        """Show a picture, and the camera from which it was drawn."""
        if isinstance(frame.main_view, Image):
            self.canvas.set_picture(frame.main_view.pixels)
        self.loop.pause()
        if frame.state is not None:
            self.editor.adopt(self.placed(frame.state))
        self._drawn = self.editor.scene, frame
        self._show_scene()

    def placed(self, place: Mapping[str, Any]) -> SceneT:
        """The present scene from a place of a path, or from where a frame was drawn."""
        return self.editor.scene.moved(camera_from_position(place))

    def position(self) -> Position:
        """The present camera."""
        return self.editor.scene.camera.position()

    def go_to(self, position: Position) -> None:
        """Go to a camera of the path."""
        self.editor.adopt(self.placed(position))
        self.draw_anew()
        self.show_scene()

    def around(self) -> Clip | None:
        """The scene seen from all around, at its present settings."""
        drawings = drawings_around(self.editor.scene)
        clip = clip_around(self.handle, drawings, N_AZIMUTHS, self.timeline.info(), self.memory(), is_loop=True)
        return self._marked(clip)

    def scene_of(self, params: Any) -> SceneT:
        """The seed's viewpoint with these settings."""
        return self.editor.at_seed(params)

    def begin(self, scene: SceneT) -> None:
        """Go to a scene, without an undo step."""
        self.editor.show(scene)
        self.draw_run()
