"""The NeRF panel: a hand moves the camera, the view follows; the rest of the window reads the same scene."""

import time
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import AMOUNT_COLOURS, Command, FilledFrame, Host, Panel, SceneView, Snapshot, Throttle
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.path.position import Position
from studio.core.translation import N_, _, translate
from studio.core.view import Image

from ..camera.camera import camera_from_position
from ..camera.navigation import Navigator
from ..camera.viewpoint import UP
from ..params import FieldParams, first_params
from ..render.shading import picture_look_of
from ..scene import FieldScene, scene_from_json, scene_to_json
from ..state import BakeProgress, SceneFacts, View, ViewRequest, provisional_facts
from .commands import Steering, frame_of, put_turntable, scene_commands, snapshot_of
from .controls import FieldControls, baking_text
from .editor import ViewEditor
from .learn_section import RECIPE, LearnPresenter
from .navigation_input import HINTS, NavigationInput
from .overlay import Overlays
from .photo_presenter import PhotoPresenter
from .preparation import Preparation
from .ray_section import RayPresenter
from .view_loop import CardView, ViewLoop

RUN_KEY: Final = "run"
FOLLOW_MS: Final = 60  # gizmo and numbers that change faster cannot be read


class FieldPanel(Panel):
    """One scene: drag to orbit; what is at rest becomes sharp."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        facts = provisional_facts(handle.source.card)
        self._number = 0
        self._view: View | None = None
        self._shown: tuple[FieldScene, Frame] | None = None
        self._moved_at_s: float | None = None
        self._baked_stage = 0
        self._is_run_due = False
        self.editor = ViewEditor(facts, first_params(handle.source.card), host.undo, self)
        self.hand = NavigationInput(Navigator(facts.home, facts.extent.radius, UP[facts.up]), self)
        self.canvas = SceneView()
        self.frame = FilledFrame(self.canvas, self.messages, timeline=self.timeline.bar)
        self.overlays = Overlays(self.frame, self)
        self.loop = ViewLoop(self.tasks, handle, self.request, self)
        self._follows = Throttle(FOLLOW_MS, self._show_scene, self)
        self.preparation = Preparation(self.tasks, handle, self)
        self.controls = FieldControls(self.frame.inspector, host, handle.source.id)
        controls, canvas, editor, tasks = self.controls, self.canvas, self.editor, self.tasks
        self.photo_desk = PhotoPresenter(controls.photos, canvas, editor, self.hand, tasks, handle, self)
        inspector = self.frame.inspector
        self.ray_desk = RayPresenter(controls.ray, inspector, canvas, editor, self.request, tasks, handle, self)
        self.learn_desk = LearnPresenter(controls.learn, self.timeline, self.loop, self)
        self.steering = Steering(controls, editor, self.hand, self)
        self.card = CardView(self.canvas, self.tasks, handle, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._connect_hand()
        self._connect_scene()
        self._connect_controls()
        self._on_mode_changed("orbit")
        self._open()

    # Wiring

    def _connect_hand(self) -> None:
        canvas, hand, editor = self.canvas, self.hand, self.editor
        hand.attach(canvas)
        canvas.wheeled.connect(lambda event: hand.turn(event, self._distance_at(event.x_px, event.y_px)))
        canvas.size_changed.connect(self._on_resized)
        canvas.painted.connect(self._on_painted)
        hand.started.connect(self._on_hand_started)
        hand.stopped.connect(editor.end_gesture)
        hand.moved.connect(lambda: editor.move(hand.navigator.camera))
        hand.pivot_wanted.connect(self._on_pivot_wanted)
        hand.ray_wanted.connect(self.ray_desk.ask)
        editor.jumped.connect(lambda: hand.navigator.jump(editor.scene.camera))
        self.steering.mode_changed.connect(self._on_mode_changed)

    def _connect_scene(self) -> None:
        self.editor.changed.connect(self._on_scene_changed)
        self.editor.steered.connect(self._on_steered)
        self.loop.viewed.connect(self._on_viewed)
        self.loop.failed.connect(self._on_open_failed)
        self.loop.set_shortcut(lambda request: not self.photo_desk.is_comparing and self.card.show(request))
        self.preparation.baking.connect(self.card.follow)
        self.preparation.compiling.connect(self.overlays.show_compiling)
        self.preparation.compiled.connect(self._on_compiled)
        self.preparation.baking.connect(self._on_baking)
        self.preparation.baked.connect(self.loop.refresh)
        self.photo_desk.photos_read.connect(self.controls.set_has_photos)
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

    def _open(self) -> None:
        self.frame.caption.set_text(_("The scene is being opened."))
        self.tasks.run(
            "facts", self.handle.work(lambda engine: engine.facts), done=self._on_facts, failed=self._on_open_failed
        )
        self.loop.refresh()
        self.preparation.begin()

    def _on_compiled(self) -> None:
        self.loop.restart()
        if self._is_run_due:
            self._draw_run()

    def _on_facts(self, facts: SceneFacts) -> None:
        self.messages.dismiss("error")
        self.editor.facts, self.hand.navigator.home = facts, facts.home
        if not self.editor.scene.is_moved:
            self.editor.show_params(self.editor.scene.params)
        self.photo_desk.read()

    def _on_open_failed(self, error: BaseException) -> None:
        self.frame.caption.set_text(_("The scene could not be opened, so there is nothing to see."))
        self._on_work_failed(error)

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

    def _on_scene_changed(self) -> None:
        self._moved_at_s = time.perf_counter()
        self.tasks.cancel(RUN_KEY)
        self._draw_anew()
        self.params_changed.emit()

    def _draw_anew(self) -> None:
        self._number += 1
        if self.hand.is_moving or self.timeline.playback.is_playing:
            self._follows.request()
        else:
            self._show_scene()
        self.loop.refresh()

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
        haste = self.preparation.is_baking, self.preparation.is_slow
        return ViewRequest(scene.camera, *size, look, scene.quality, scene.params.near, *learning, self._number, *haste)

    def _on_viewed(self, view: View) -> None:
        if view.request.number < self._number and view.stage not in ("draft", "slow"):
            return
        self._view = view
        if not self.photo_desk.is_comparing:
            self.canvas.set_picture(view.pixels, is_draft=view.stage == "draft")
        if view.stage != "slow":
            self.overlays.show_view(view, self.loop.figures(), self._doing())
        self._describe(view)

    def _on_painted(self) -> None:
        if self._moved_at_s is not None and self._view is not None and self._view.request.number == self._number:
            self.say_painted(self._moved_at_s)
            self._moved_at_s = None

    def _doing(self) -> str:
        """Why the camera moves; empty while it rests."""
        if self.hand.is_moving:
            return self.hand.navigator.mode
        return "path" if self.timeline.is_playing_path else ""

    def _describe(self, view: View) -> None:
        """Say what is on screen, unless a hand is busy with it."""
        if self.hand.is_moving and view.stage != "learning":
            return
        words = self.photo_desk.words(view) if view.stage != "learning" else self.learn_desk.words()
        self.frame.caption.set_text(words.text, words.term)

    def _on_baking(self, news: BakeProgress) -> None:
        self.controls.quality.set_status(baking_text(news.fraction, news.n_bytes))
        if news.stage != self._baked_stage:
            self._baked_stage = news.stage
            self.loop.restart()

    # The picture of seed and parameters, for files

    def _draw_run(self) -> None:
        if self.preparation.is_slow:  # nothing but the kernels may draw what is kept
            self._is_run_due = True
            return
        self._is_run_due = False
        scene = self.editor.scene
        start = scene.camera.position() if scene.is_moved else None
        work = self.handle.work(lambda engine: engine.generate(scene.params, start))
        self.tasks.run(RUN_KEY, work, Policy.QUEUE, event=self._on_run_drawn)

    def _on_run_drawn(self, frame: Frame) -> None:
        if frame.step == frame.n_steps - 1:
            self._shown = self.editor.scene, frame

    @property
    def is_settled(self) -> bool:
        """Whether the scene is as fine as it gets."""
        is_ready = not (self.preparation.is_slow or self.preparation.is_baking)
        return is_ready and self._view is not None and self._view.is_final_kind and self._view.fraction == 1

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first picture."""
        scene = self.editor.scene
        if self._shown is None or self._shown[0] is not scene:
            if self._view is None:
                return None
            self._shown = scene, frame_of(self._view)
        state = self._state_of(scene) if scene.is_moved else {}
        return snapshot_of(scene, self._shown[1], self.handle.source.id, state)

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
        if self.learn_desk.take_frame(frame):
            return
        if isinstance(frame.main_view, Image):
            self.canvas.set_picture(frame.main_view.pixels)
        self.loop.pause()
        scene = self.editor.scene
        if frame.state is not None:
            scene = scene.moved(camera_from_position(frame.state))
            self.editor.adopt(scene)
        self._shown = scene, frame
        self._show_scene()

    def position(self) -> Position:
        """The present camera."""
        return self.editor.scene.camera.position()

    def go_to(self, position: Position) -> None:
        """Go to a camera of the path."""
        self.editor.adopt(self.editor.scene.moved(camera_from_position(position)))
        self._draw_anew()

    # Parameters and state

    def params(self) -> FieldParams:
        """Return the settings of the picture."""
        return self.editor.scene.params

    def set_params(self, params: FieldParams) -> None:
        """Go to the seed's viewpoint with these settings, without an undo step."""
        self.editor.show_params(params)
        self._draw_run()

    def state(self) -> dict[str, Any]:
        """Return the scene and whether the caption is hidden."""
        return self._state_of(self.editor.scene)

    def _state_of(self, scene: FieldScene) -> dict[str, Any]:
        return {"scene": scene_to_json(scene), "is_caption_hidden": self.frame.caption.is_hidden}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        if set(state) != set(self.state()):
            raise UserError(N_("This saved view does not fit the scene."))
        scene = scene_from_json(state["scene"])
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self.editor.show(scene)
        self._draw_run()

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        return scene_commands(self.editor, self.steering, self.photo_desk)
