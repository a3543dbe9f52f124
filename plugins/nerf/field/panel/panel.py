"""The NeRF panel: a hand moves the camera, the view follows; the rest of the window reads the same scene."""

from functools import partial
from operator import methodcaller
from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QHideEvent, QShowEvent

from studio.api.engine import CompileProgress, EngineHandle, Policy
from studio.api.panel import AMOUNT_COLOURS, FilledFrame, Host, SceneView, Snapshot, Throttle
from studio.api.scene_panel import ScenePanel
from studio.api.timeline.drawn_clip import clip_around
from studio.core.frame import Frame
from studio.core.path.position import Position
from studio.core.recording.clip import Clip
from studio.core.translation import N_, _, translate
from studio.core.view import Image

from ..camera.camera import camera_from_position
from ..camera.navigation import Navigator
from ..camera.viewpoint import N_AZIMUTHS, UP
from ..caption import awaited_words
from ..params import FieldParams, first_params
from ..render.shading import picture_look_of
from ..scene import CODEC, FieldScene
from ..state import TRAINING, BakeProgress, SceneFacts, View, ViewRequest, provisional_facts
from .awaited import AwaitedScene
from .baking import Baking
from .commands import Steering, drawings_around, frame_of, put_turntable, scene_commands, snapshot_of
from .controls import FieldControls, baking_text
from .editor import ViewEditor
from .learn_section import RECIPE, LearnPresenter
from .navigation_input import HINTS, NavigationInput
from .overlay import Overlays
from .photo_presenter import PhotoPresenter
from .ray_section import RayPresenter
from .view_loop import CardView, ViewLoop

if TYPE_CHECKING:
    from ..engine import FieldEngine

RUN_KEY: Final = "run"
OPENING: Final = N_("The scene is opening.")
FAILED: Final = N_("The scene could not be opened, so there is nothing to see.")
FOLLOW_MS: Final = 60  # gizmo and numbers that change faster cannot be read


def facts_of(engine: "FieldEngine") -> SceneFacts:
    """What there is to know of the open scene."""
    return engine.facts


class FieldPanel(ScenePanel[FieldScene, ViewEditor]):
    """One scene: drag to orbit; what is at rest becomes sharp."""

    codec, ask, kernels = CODEC, facts_of, f"{__package__.rpartition('.')[0]}.warm_up"
    own_part = "is_moved"
    frame_type, opening_text, failed_text = FilledFrame, OPENING, FAILED
    frame: FilledFrame

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card, canvas = handle.source.card, SceneView()
        facts = provisional_facts(card)
        super().__init__(handle, host, partial(ViewEditor, facts, first_params(card)), canvas)
        self._number = self._baked_stage = 0
        self._view: View | None = None
        self._drawn: tuple[FieldScene, Frame] | None = None
        self._is_run_due = False
        self.training_id = str(card.get(TRAINING, ""))
        self.hand = NavigationInput(Navigator(facts.home, facts.extent.radius, UP[facts.up]), self)
        self.canvas, self.overlays = canvas, Overlays(self.frame, self)
        self.awaited = AwaitedScene(canvas, str(card.get("title", "")), bool(self.training_id))
        self.loop = ViewLoop(self.tasks, self.request, self)
        self._follows = Throttle(FOLLOW_MS, self._show_scene, self)
        self.baking = Baking(self.tasks, self)
        self.controls = controls = FieldControls()
        self._sections = self.show_sections(*controls.sections)
        self.bind(controls.camera)
        editor, tasks, inspector = self.editor, self.tasks, self.frame.inspector
        self.photo_desk = PhotoPresenter(controls.photos, canvas, editor, self.hand, tasks, self)
        self.ray_desk = RayPresenter(controls.ray, inspector, canvas, editor, self.request, tasks, self)
        self.learn_desk = LearnPresenter(controls.learn, self.timeline, self.loop, bool(self.training_id), self)
        self.steering = Steering(controls, editor, self.hand, self)
        self.own_commands = scene_commands(editor, self.steering, self.photo_desk, self.timeline)
        self.card = CardView(canvas, tasks, self)
        self._connect_hand()
        self._connect_scene()
        self._connect_controls()
        self._on_mode_changed("orbit")
        self.open()

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
        hand.ray_wanted.connect(self.ray_desk.ask)
        editor.jumped.connect(lambda: hand.jump(editor.scene.camera))
        self.steering.mode_changed.connect(self._on_mode_changed)

    def _connect_scene(self) -> None:
        self.editor.steered.connect(self._on_steered)
        self.loop.viewed.connect(self._on_viewed)
        self.loop.failed.connect(self._on_open_failed)
        self.loop.set_shortcut(lambda request: not self.photo_desk.is_comparing and self.card.show(request))
        self.baking.progressed.connect(self.card.follow)
        self.baking.progressed.connect(self._on_baking)
        self.baking.finished.connect(self.loop.refresh)
        self.photo_desk.photos_read.connect(self.controls.camera.set_has_photos)
        self.photo_desk.photos_read.connect(self._sections["section_photos"].setVisible)
        self.photo_desk.comparing_ended.connect(self.loop.refresh)
        self.overlays.view_chosen.connect(self.editor.choose_view)
        self.overlays.axis_chosen.connect(self._on_axis_chosen)

    def _connect_controls(self) -> None:
        controls, export = self.controls, lambda: self.host.run_command("studio.export")
        controls.quality.target_changed.connect(self.loop.set_target_fps)
        controls.size.view_size_requested.connect(lambda: self.editor.set_picture_size(*self.canvas.size_px()))
        controls.take.picture_requested.connect(export)
        controls.take.turntable_requested.connect(lambda: put_turntable(self.editor.scene, self.timeline))
        controls.take.turntable_requested.connect(export)
        controls.learn.learn_requested.connect(lambda: self.training_requested.emit(RECIPE, _("My scene"), {}))
        controls.learn.photos_requested.connect(lambda: self.host.run_command("studio.train"))

    # Opening

    def open(self) -> None:
        """Open the scene at once: until kernels may be called a slower way draws it."""
        super().open()
        self.ask_model(facts_of)
        self.loop.refresh()

    def show_preparing(self, progress: CompileProgress) -> None:
        """Say how far the kernels are over the picture."""
        self.overlays.show_compiling(progress.n_done / max(progress.n_steps, 1))

    def begin_opening(self) -> None:
        """Kernels may be called from now on."""
        if not self.training_id:  # what learns is another scene a moment later
            self.baking.begin()
        self.loop.restart()
        if self._is_run_due:
            self._draw_run()

    def opened(self, found: SceneFacts) -> None:
        """The scene is open."""
        self.messages.dismiss("error")
        if not self.training_id:
            self._settle_in(found)

    def _settle_in(self, found: SceneFacts) -> None:
        """It is known where the scene is."""
        self.editor.facts, self.hand.navigator.home = found, found.home
        self.hand.navigator.measure(found.extent.radius)
        if not self.editor.scene.is_moved:
            self.editor.show(self.editor.at_seed(self.editor.scene.params))
        self.photo_desk.read()

    def note_training(self, training_id: str, is_learning: bool, doing: str) -> None:
        """Follow what learns, and say in its own tab what is done until it does."""
        if training_id == self.training_id:
            self.awaited.show_doing(doing)
            if self._view is not None:
                self._describe(self._view)
        self.learn_desk.note(training_id, is_learning)

    # The hand

    def _on_hand_started(self) -> None:
        self.editor.begin_gesture()
        if not self.learn_desk.training_id:
            self.timeline.pause()

    def _on_steered(self) -> None:
        """A hand takes over; what learns goes on being followed."""
        if not self.learn_desk.training_id:
            self.timeline.pause_run()

    def _on_mode_changed(self, mode: str) -> None:
        self.canvas.taken_keys = self.hand.keys
        self.photo_desk.set_active(mode == "photos")
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

    def follow(self, before: FieldScene) -> None:
        """Draw the scene anew."""
        self.note_move()
        self.tasks.cancel(RUN_KEY)
        self._draw_anew()

    def _draw_anew(self) -> None:
        self._number += 1
        self.loop.refresh()

    def show_scene(self) -> None:
        """Let gizmo, numbers and controls stand where the scene is, not more often than they can be read."""
        if self.hand.is_moving or self.timeline.playback.is_playing:
            self._follows.request()
        else:
            self._show_scene()

    def _show_scene(self) -> None:
        scene = self.editor.scene
        self.overlays.show_scene(scene, self.editor.depths)
        self.controls.show_scene(scene, self.hand.navigator.angles.roll)
        self.photo_desk.follow()

    def request(self, size: tuple[int, int]) -> ViewRequest:
        """What the engine is asked for, of the scene as it is now."""
        scene = self.editor.scene
        look = picture_look_of(scene.params, *self.editor.depths, AMOUNT_COLOURS)
        learning = self.learn_desk.training_id, self.learn_desk.learnt
        haste = self.baking.is_on, self.is_preparing
        return ViewRequest(scene.camera, *size, look, scene.quality, scene.params.near, *learning, self._number, *haste)

    def _on_viewed(self, view: View) -> None:
        if view.request.number < self._number and view.stage not in ("draft", "slow"):
            return
        if self.training_id and view.facts is not None and view.facts is not self.editor.facts:
            self._settle_in(view.facts)
        if view.facts is not None and view.stage != "slow":
            self.awaited.end()
        self._view, self.shown = view, frame_of(view)
        if not self.photo_desk.is_comparing:
            self.canvas.set_picture(view.pixels, is_draft=view.stage == "draft")
        if view.stage != "slow":
            doing = self.hand.doing or ("path" if self.timeline.is_playing_path else "")
            self.overlays.show_view(view, self.loop.figures(), doing)
        self._describe(view)

    @property
    def is_answer_due(self) -> bool:
        """Whether the picture is of the scene as it is now."""
        return self._view is not None and self._view.request.number == self._number

    def _describe(self, view: View) -> None:
        """Say what is on screen, unless a hand is busy with it."""
        if self.hand.is_moving and view.stage != "learning":
            return
        words = self.photo_desk.words(view) if view.stage != "learning" else self.learn_desk.words()
        if self.awaited.is_due:
            words = awaited_words(self.awaited.doing)
        self.frame.caption.set_text(words.text, words.term)

    def _on_baking(self, news: BakeProgress) -> None:
        self.controls.quality.set_status(baking_text(news.fraction, news.n_bytes))
        if news.stage != self._baked_stage:
            self._baked_stage = news.stage
            self.loop.restart()

    # The picture of seed and parameters, for files

    def _draw_run(self) -> None:
        self._is_run_due = self.is_preparing  # nothing but the kernels may draw what is kept
        if self.is_preparing or self.training_id:
            return
        scene = self.editor.scene
        draw = methodcaller("generate", scene.params, scene.camera.position() if scene.is_moved else None)
        self.tasks.ask(RUN_KEY, draw, Policy.QUEUE, event=self._on_run_drawn)

    def _on_run_drawn(self, frame: Frame) -> None:
        if frame.step == frame.n_steps - 1:
            self._drawn = self.editor.scene, frame

    @property
    def is_settled(self) -> bool:
        """Whether the scene is as fine as it gets."""
        view, is_ready = self._view, super().is_settled and not self.baking.is_on
        return is_ready and view is not None and view.is_final_kind and view.fraction == 1

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen with its size, or None before the first picture."""
        scene, drawn = self.editor.scene, self._drawn
        frame = drawn[1] if drawn is not None and drawn[0] is scene else self.shown
        if frame is None:
            return None
        return snapshot_of(scene, frame, self.handle.source.id, self.state() if self.needs_state else {})

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is drawn unseen."""
        super().hideEvent(event)
        self.loop.pause()

    def showEvent(self, event: QShowEvent) -> None:
        """Go on where the view stood."""
        super().showEvent(event)
        self.loop.refresh()

    # Runs and places

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a path or of a training, with the camera where it was drawn."""
        if not self.learn_desk.take_frame(frame):
            super().show_frame(frame)

    def draw_frame(self, frame: Frame) -> None:
        """Show a picture, and the camera from which it was drawn."""
        if isinstance(frame.main_view, Image):
            self.canvas.set_picture(frame.main_view.pixels)
        self.loop.pause()
        if frame.state is not None:
            self.editor.adopt(self.editor.scene.moved(camera_from_position(frame.state)))
        self._drawn = self.editor.scene, frame
        self._show_scene()

    def position(self) -> Position:
        """The present camera."""
        return self.editor.scene.camera.position()

    def go_to(self, position: Position) -> None:
        """Go to a camera of the path."""
        self.editor.adopt(self.editor.scene.moved(camera_from_position(position)))
        self._draw_anew()
        self.show_scene()

    def around(self) -> Clip:
        """The scene seen from all around, at its present settings."""
        drawings = drawings_around(self.editor.scene)
        return clip_around(self.handle, drawings, N_AZIMUTHS, self.timeline.info(), self.memory(), is_loop=True)

    def scene_of(self, params: FieldParams) -> FieldScene:
        """The seed's viewpoint with these settings."""
        return self.editor.at_seed(params)

    def begin(self, scene: FieldScene) -> None:
        """Go to a scene, without an undo step."""
        self.editor.show(scene)
        self._draw_run()
