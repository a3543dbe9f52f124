"""The people's panel: a carpet of faces under the hand, directions, mixes, and a discriminator who looks on."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle, Policy
from studio.api.own_picture import OwnPicture
from studio.api.panel import PICTURE_KEY, Command, Host, Panel, PanelFrame, PictureIntake, Snapshot, Throttle
from studio.api.place_history import PlaceHistory
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json, saved_params
from studio.core.path.position import Position
from studio.core.picture import is_picture
from studio.core.translation import N_, _, translate
from studio.core.view import ByteArray, Image

from ..caption import SCORE_TERM, describe_people, latent_plane_hint
from ..model.watermark import WATERMARK
from ..params import PeopleParams
from ..scene import PeopleScene, is_same_scene, scene_from_json, scene_to_json
from ..state import PeopleFacts, is_of_faces
from .canvas import PeopleStage
from .editor import PeopleEditor
from .score import ScoreCardPresenter, awaits_score
from .sections import PeopleControls
from .seed_grid import SeedGridPresenter

EFFECTS_KEY: Final = "effects"
SETTLE_MS: Final = 350
CONTROLS_MS: Final = 25
DRAFT_FROM_PX: Final = 256
FOREIGN_FRAME: Final = N_("No place of this model: this is how it looked while it learnt, or what another one drew.")
HINT: Final = N_("Drag on the picture to walk over an endless carpet of faces")


class PeoplePanel(Panel):
    """One generator of people. Signals: drawn(Frame) for all that the canvas shows."""

    drawn = Signal(object)

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self._about: PeopleFacts | None = None
        self._shown: tuple[PeopleScene, Frame] | None = None
        self._on_canvas: Image | None = None
        self._moved_at_s: float | None = None
        self._is_answer_due = False
        defaults = saved_params(PeopleParams, handle.source.card.get("defaults", {}))
        self.editor = PeopleEditor(PeopleScene(defaults), host.undo, self)
        self.stage = PeopleStage()
        self.history = PlaceHistory(is_same_scene, self)
        self.frame = PanelFrame(self.stage, self.messages, HINT, timeline=self.timeline.bar)
        inspector, places = self.frame.inspector, self.history.strip
        self.controls = PeopleControls(
            inspector, host, handle, self.tasks, self.timeline, self.editor, self.stage, places
        )
        self.verdict = ScoreCardPresenter(self.stage, self.editor, self.tasks, handle, self.request, self)
        self.grid = SeedGridPresenter(
            self.editor, self.timeline, self.tasks, handle, host, lambda: self.controls.has_groups, self
        )
        self._intake = PictureIntake(self, self)
        self.own = OwnPicture(self.tasks, handle, self._intake, lambda engine, source: engine.own_picture(source))
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._controls_follow = Throttle(CONTROLS_MS, self._show_controls, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._connect()
        self._open()

    @property
    def picture(self) -> Any:
        """The canvas."""
        return self.stage.picture

    @property
    def shown(self) -> tuple[PeopleScene, Frame] | None:
        """What is on the canvas, and the scene that it shows."""
        return self._shown

    @property
    def _has_verdict(self) -> bool:
        """Whether there is a discriminator, as far as is known."""
        return self._about is None or self._about.has_verdict

    def _connect(self) -> None:
        canvas, editor = self.stage.picture, self.editor
        canvas.drag_started.connect(editor.begin_gesture)
        canvas.dragged.connect(editor.drag)
        canvas.drag_finished.connect(editor.end_gesture)
        canvas.wheeled.connect(editor.turn)
        canvas.nudged.connect(editor.nudge)
        canvas.reset_requested.connect(editor.reset)
        for painter in (canvas, self.stage.wipe):
            painter.painted.connect(self._on_painted)
        self._connect_controls()
        editor.changed.connect(self._on_scene_changed)
        editor.steered.connect(self.timeline.pause)
        self.history.place_requested.connect(lambda scene: editor.apply(N_("Return to a place"), scene))
        self._settle.timeout.connect(self._on_settled)

    def _connect_controls(self) -> None:
        controls, own = self.controls, self.own
        self.drawn.connect(controls.show_frame)
        controls.face.grid.clicked.connect(self.grid.set_shown)
        self.grid.shown_changed.connect(self._on_grid_shown)
        controls.walk.add.clicked.connect(self._add_keyframe)
        controls.project.open.clicked.connect(own.choose)
        controls.project.paste.clicked.connect(own.paste)
        for given in (self._intake.path_given, self._intake.pixels_given):
            given.connect(self.timeline.pause)  # a path that plays would draw all the while
        own.read.connect(self._on_own_read)
        own.failed.connect(self._on_work_failed)

    def _on_grid_shown(self, is_shown: bool) -> None:
        self.controls.face.grid.setChecked(is_shown)
        self.frame.show_instead(self.grid.view if is_shown else None)
        if not is_shown:
            self.picture.setFocus()

    def _add_keyframe(self) -> None:
        if self.position():
            self.timeline.add_keyframe()

    def _on_own_read(self, picture: ByteArray) -> None:
        self.messages.dismiss("error")
        self.controls.project.look_for(picture)

    def _open(self) -> None:
        self.frame.caption.set_text(_("The model is being opened."))
        work = self.handle.work(lambda engine: engine.about)
        self.tasks.run("about", work, done=self._on_opened, failed=self._on_open_failed)
        self._on_scene_changed()

    def _on_opened(self, news: PeopleFacts) -> None:
        self.messages.dismiss("error")
        self._about = news
        self.controls.show_about(news)
        self.verdict.show_about(news)
        self._show_controls()
        self.controls.walk.wait_to_begin()
        if news.directions and all(one.effect == 0 for one in news.directions):
            work = self.handle.work(lambda engine: engine.measured_directions())
            self.tasks.run(EFFECTS_KEY, work, Policy.BACKGROUND, done=self.controls.show_directions)

    def _on_open_failed(self, error: BaseException) -> None:
        self.frame.caption.set_text(_("The model could not be opened, so there is nothing to see."))
        self._on_work_failed(error)

    # The picture

    def _on_scene_changed(self) -> None:
        if self.editor.is_in_gesture:
            self._controls_follow.request()
        else:
            self._show_controls()
        if self._about is not None:  # before that the model is being opened, which no hand waits for
            self._moved_at_s = time.perf_counter()
        self.request()
        self.params_changed.emit()

    def _show_controls(self) -> None:
        scene = self.editor.scene
        self.controls.show_scene(scene)
        self.frame.hint.set_text(latent_plane_hint(scene) if self._shown else translate(HINT))

    def request(self) -> None:
        """Draw the scene as it is now."""
        scene = self.editor.scene
        is_draft = self.editor.is_in_gesture and self._about is not None and self._about.size_px >= DRAFT_FROM_PX
        is_judged = self.verdict.is_due
        work = self.handle.work(lambda engine: engine.scene_frames(scene, is_draft, is_judged))
        self.tasks.run(PICTURE_KEY, work, event=partial(self._on_frame_arrived, scene, is_draft))

    def _on_frame_arrived(self, scene: PeopleScene, is_draft: bool, frame: Frame) -> None:
        self._draw(frame)
        if scene is self.editor.scene:
            self._shown = scene, frame
            self._is_answer_due = self._moved_at_s is not None
            self._describe()
            self._settle.start()

    def _draw(self, frame: Frame) -> None:
        view = frame.main_view
        if isinstance(view, Image) and view is not self._on_canvas:  # or it comes once more, with its verdict
            self._on_canvas = view
            self.stage.picture.show_array(view.pixels)
        self.verdict.show_frame(frame)
        self.drawn.emit(frame)

    def _describe(self) -> None:
        if self._shown is None:
            return
        scene, frame = self._shown
        if self._has_verdict and awaits_score(frame):
            frame = replace(frame, scalars=self.verdict.last)  # it stays until there is a new one, as on the card
        caption = describe_people(scene, frame, is_of_faces(self.handle.source.card))
        self.frame.caption.set_text(caption, translate(SCORE_TERM))
        self.frame.hint.set_text(latent_plane_hint(scene))

    def _on_painted(self) -> None:
        if self._is_answer_due and self._moved_at_s is not None:
            self._is_answer_due = False
            self.say_painted(self._moved_at_s)
            self._moved_at_s = None  # what a path shows from now on answers no hand

    def _on_settled(self) -> None:
        if self._shown is None or self.timeline.playback.is_playing:
            return
        scene, frame = self._shown
        label = latent_plane_hint(scene)
        self.history.add(scene, label, frame)
        self.verdict.on_settled()
        self.controls.rest_on(frame)
        if self._about is not None and self._about.size_px >= DRAFT_FROM_PX:
            self._request_full()

    def _request_full(self) -> None:
        scene = self.editor.scene
        work = self.handle.work(lambda engine: engine.scene_frames(scene, False, True))
        self.tasks.run(PICTURE_KEY, work, event=self._draw)

    # What the host asks

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run, with the controls at its place."""
        self._draw(frame)
        if frame.state is not None and "w" in frame.state:
            scene = self.editor.scene.at_w(np.asarray(frame.state["w"]))
            scene = replace(scene, is_swapped=WATERMARK in frame.state)
            self.editor.adopt(scene)
            self._shown = scene, frame
            self._describe()
        else:
            self.frame.caption.set_text(translate(FOREIGN_FRAME))
        self._controls_follow.request()

    def position(self) -> Position:
        """The place that is on the canvas."""
        frame = self._shown[1] if self._shown else None
        return {} if frame is None or frame.state is None else {"w": np.asarray(frame.state["w"])}

    def go_to(self, position: Position) -> None:
        """Go to a place of the walk."""
        self.editor.adopt(self.editor.scene.at_w(np.asarray(position["w"])))
        self._controls_follow.request()
        self.request()

    def params(self) -> PeopleParams:
        """Seed, words, truncation and noise."""
        return self.editor.scene.params

    def set_params(self, params: PeopleParams) -> None:
        """Go to the seed's place, without an undo step."""
        self.editor.show(PeopleScene(params, seed_b=self.editor.scene.seed_b))

    def state(self) -> dict[str, Any]:
        """Return the scene and whether the caption is hidden."""
        return {"scene": scene_to_json(self.editor.scene), "is_caption_hidden": self.frame.caption.is_hidden}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it does not fit the model."""
        if set(state) != set(self.state()) or not isinstance(state["scene"], Mapping):
            raise UserError(N_("This saved place does not fit the model."))
        scene = scene_from_json(state["scene"])
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self.editor.show(scene)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        return (
            Command("gan.surprise", N_("Surprise me"), self.editor.surprise, ("R",), "GAN"),
            Command("gan.reset", N_("Return to the seed’s face"), self.editor.reset, ("0",), "GAN"),
            Command("gan.verdict", N_("Show the detective’s map"), self.verdict.toggle, ("V",), "GAN"),
            Command("gan.paste", N_("Look for the picture on the clipboard"), self.own.paste, ("Ctrl+V",), "GAN"),
            *self.grid.commands(),
        )

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first picture."""
        if self._shown is None:
            return None
        scene, frame = self._shown
        state = {"scene": scene_to_json(scene), "is_caption_hidden": self.frame.caption.is_hidden}
        params = params_to_json(scene.params)
        return Snapshot(frame, self.handle.source.id, scene.params.seed, params, state if scene.is_moved else {})

    def open_path(self, path: Path) -> bool:
        """Look for a dropped picture among all that the generator can draw."""
        if not is_picture(path):
            return False
        self.timeline.pause()
        self.own.open(path)
        return True
