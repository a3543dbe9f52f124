"""The panel of the styles: an emoji or an own picture, redrawn in another art style, and back again."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.own_picture import OwnPicture
from studio.api.panel import (
    PICTURE_KEY,
    Command,
    CompareCanvas,
    Host,
    Panel,
    PanelFrame,
    PictureIntake,
    Side,
    Snapshot,
    colour_difference,
    coloured_amount,
)
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json
from studio.core.picture import is_picture
from studio.core.translation import N_, _, translate
from studio.core.view import ByteArray, Image

from ..caption import STYLE_NAMES, TERM, learning_caption, live_caption, turns_caption
from ..params import StylesParams
from ..scene import PICTURE_STATE, TURN, StylesExamples, StylesScene, no_turns, scene_from_json, scene_to_json
from .canvas import CycleTile, CycleView
from .editor import StylesEditor
from .sections import StylesControls

GAIN: Final = 4.0
"""A quarter of the distance from black to white has the brightest colour: most changes are shades."""
HINT: Final = N_("Click an example, or drop a picture of your own here")


class StylesPanel(Panel):
    """One CycleGAN: choose a picture and a direction; the cycle, a wipe or the changes are on the canvas."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self._examples: StylesExamples | None = None
        self._shown: tuple[StylesScene, Frame] | None = None
        self._moved_at_s: float | None = None
        self._is_answer_due = False
        self.editor = StylesEditor(host.undo, self)
        self.cycle = CycleView()
        self.compare = CompareCanvas()
        self.compare.setAccessibleName(_("Original and translation"))
        self.compare.set_mode("wipe")
        self.canvas = QStackedWidget()
        self.canvas.addWidget(self.cycle)
        self.canvas.addWidget(self.compare)
        self.frame = PanelFrame(self.canvas, self.messages, HINT, timeline=self.timeline.bar)
        self.controls = StylesControls(self.frame.inspector, host, handle.source, self)
        intake = PictureIntake(self, self)
        self.own = OwnPicture(self.tasks, handle, intake, lambda engine, source: engine.own_picture(source))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._connect()
        self.frame.caption.set_text(_("The model is being opened."))
        self._open_examples()
        self._on_scene_changed()

    def _connect(self) -> None:
        controls, editor, own = self.controls, self.editor, self.own
        controls.way_chosen.connect(editor.set_way)
        controls.shown_chosen.connect(editor.set_shown)
        controls.picked.connect(lambda index: editor.set_seed(index + 1))
        controls.seed_typed.connect(editor.set_seed)
        controls.surprise_requested.connect(editor.surprise)
        controls.open_requested.connect(own.choose)
        controls.paste_requested.connect(own.paste)
        controls.turns_requested.connect(self.go_back_and_forth)
        editor.changed.connect(self._on_scene_changed)
        editor.steered.connect(self.timeline.pause_run)
        own.read.connect(self._on_own_read)
        own.failed.connect(self._on_work_failed)
        self.cycle.painted.connect(self._on_painted)

    def _open_examples(self) -> None:
        work = self.handle.work(lambda engine: engine.examples)
        self.tasks.run("examples", work, done=self._on_examples_opened, failed=self._on_open_failed)

    def _on_examples_opened(self, examples: StylesExamples) -> None:
        self.messages.dismiss("error")
        self._examples = examples
        self.editor.n_examples = len(examples.names)
        self.controls.show_examples(examples)
        self.controls.show_scene(self.editor.scene)
        self._describe()

    def _on_open_failed(self, error: BaseException) -> None:
        self.frame.caption.set_text(_("The model could not be opened, so there is nothing to see."))
        self._on_work_failed(error)

    def _on_own_read(self, picture: ByteArray) -> None:
        self.messages.dismiss("error")
        self.editor.set_own(picture)

    def _on_scene_changed(self) -> None:
        scene = self.editor.scene
        self.controls.show_scene(scene)
        self._moved_at_s = time.perf_counter() if self._examples is not None else None
        self._show_canvas()
        start = None if scene.own is None else {PICTURE_STATE: scene.own}
        work = self.handle.work(lambda engine: engine.generate(scene.params, start))
        self.tasks.run(PICTURE_KEY, work, event=partial(self._on_frame_arrived, scene))
        self.params_changed.emit()

    def _on_frame_arrived(self, scene: StylesScene, frame: Frame) -> None:
        if self._examples is None and not self.tasks.is_running("examples"):
            self._open_examples()  # it failed before, and now the model is there
        self._shown = scene, frame
        self._is_answer_due = self._moved_at_s is not None
        self._show_canvas()
        self._describe()

    def _on_painted(self) -> None:
        if self._is_answer_due and self._moved_at_s is not None:
            self._is_answer_due = False
            self.say_painted(self._moved_at_s)
            self._moved_at_s = None  # what a run shows from now on answers no hand

    def _show_canvas(self) -> None:
        """Lay out what the last frame holds, in the way that is chosen."""
        if self._shown is None:
            return
        scene, frame = self._shown
        made, original = _pixels(frame, "picture"), _pixels(frame, "original")
        is_compared = self.editor.scene.shown == "wipe" and original is not None
        self.canvas.setCurrentWidget(self.compare if is_compared else self.cycle)
        if is_compared:
            styles = [translate(STYLE_NAMES[is_glossy]) for is_glossy in (scene.is_back, _is_glossy(scene, frame))]
            sides = Side(_("Original"), styles[0]), Side(_("Translation"), styles[1], 1)
            self.compare.show_pictures(original, made, sides)
        elif made is not None:
            self.cycle.show_tiles(_tiles(scene, frame, self.editor.scene.shown == "changes"))

    def _describe(self) -> None:
        if self._shown is None:
            return
        scene, frame = self._shown
        scalars, caption = frame.scalars, self.frame.caption
        if "returned" in scalars:
            name = "" if self._examples is None else self._examples.names[self._examples.index(scene.seed)]
            caption.set_text(live_caption(scene, name, scalars), translate(TERM))
            self.controls.verdict.set_shares(scalars["verdict_original"], scalars["verdict"])
        elif "verdict" in scalars:
            caption.set_text(turns_caption(frame), translate(TERM))
            self.controls.verdict.set_shares(None, scalars["verdict"])
        else:
            caption.set_text(self._foreign_caption(frame))
            self.controls.verdict.set_shares(None, None)

    def _foreign_caption(self, frame: Frame) -> str:
        """What is on screen where it is no translation of this model: how one learns, or what another one drew."""
        track = self.timeline.track
        if track is not None and track.recording.info.kind == "training":
            return learning_caption(frame)
        return _("Another model drew this. Click an example to come back to this one.")

    def go_back_and_forth(self) -> None:
        """Record twelve translations in a row, every second one back."""
        scene = self.editor.scene
        start: dict[str, Any] = {TURN: no_turns()}
        if scene.own is not None:
            start[PICTURE_STATE] = scene.own
        self.timeline.record_run(scene.params, start)

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run."""
        scene = self.editor.scene
        if frame.state is not None and PICTURE_STATE in frame.state and self._is_no_example(frame.state[PICTURE_STATE]):
            scene = replace(scene, own=frame.state[PICTURE_STATE])
        self.editor.adopt(scene)
        self.controls.show_scene(scene)
        self._moved_at_s = None
        self._shown = scene, frame
        self._show_canvas()
        self._describe()

    def _is_no_example(self, picture: ByteArray) -> bool:
        scene, examples = self.editor.scene, self._examples
        if examples is None or scene.own is not None:
            return False
        return bool((examples.of_way(scene.is_back)[examples.index(scene.seed)] != picture).any())

    def params(self) -> StylesParams:
        """The example's number and the direction."""
        return self.editor.scene.params

    def set_params(self, params: StylesParams) -> None:
        """Go to an example, without an undo step."""
        self.editor.show(replace(self.editor.scene, seed=params.seed, is_back=params.is_back, own=None))

    def state(self) -> dict[str, Any]:
        """The scene and whether the caption is hidden."""
        return self._state_of(self.editor.scene)

    def _state_of(self, scene: StylesScene) -> dict[str, Any]:
        return {"scene": scene_to_json(scene), "is_caption_hidden": self.frame.caption.is_hidden}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it does not fit."""
        if set(state) != set(self.state()) or not isinstance(state["scene"], Mapping):
            raise UserError(N_("This saved place does not fit the model."))
        scene = scene_from_json(state["scene"])
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self.editor.show(scene)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        return (
            Command("gan.surprise", N_("Surprise me"), self.editor.surprise, ("R",), "GAN"),
            Command("gan.paste", N_("Translate the picture on the clipboard"), self.own.paste, ("Ctrl+V",), "GAN"),
            Command("gan.back_and_forth", N_("Translate back and forth"), self.go_back_and_forth, (), "GAN"),
        )

    def snapshot(self) -> Snapshot | None:
        """What is on screen and what made it, or None before the first picture."""
        if self._shown is None:
            return None
        scene, frame = self._shown
        state = {} if scene.own is None else self._state_of(scene)
        return Snapshot(frame, self.handle.source.id, scene.seed, params_to_json(scene.params), state)

    def open_path(self, path: Path) -> bool:
        """Translate a dropped picture."""
        if not is_picture(path):
            return False
        self.own.open(path)
        return True


def _pixels(frame: Frame, name: str) -> ByteArray | None:
    view = frame.views.get(name)
    return view.pixels if isinstance(view, Image) and view.pixels.ndim == 3 else None


def _is_glossy(scene: StylesScene, frame: Frame) -> bool:
    """Which style the main picture of a frame is in."""
    is_turned = frame.step % 2 == 1 if "returned" not in frame.scalars else True
    return scene.is_back != is_turned


def _tiles(scene: StylesScene, frame: Frame, shows_changes: bool) -> list[CycleTile]:
    """Original, translation and the way back or the changes, as far as the frame has them."""
    wanted = translate(STYLE_NAMES[_is_glossy(scene, frame)])
    origin = translate(STYLE_NAMES[scene.is_back])
    made, original, again = (_pixels(frame, name) for name in ("picture", "original", "again"))
    if made is None or original is None:
        return [] if made is None else [CycleTile("", "", made)]
    title = N_("Translation") if again is not None else N_("After {n} translations")
    tiles = [
        CycleTile(_("Original"), origin, original),
        CycleTile(translate(title).format(n=frame.step), wanted, made),
    ]
    if shows_changes:
        differing = coloured_amount(colour_difference(original, made) * np.float32(GAIN))
        words = _("{percent:.1f} %, shown four times as bright")
        detail = words.format(percent=100 * frame.scalars["changed"])
        return [*tiles, CycleTile(_("What changed"), detail, differing, is_made=False)]
    if again is None:
        return tiles
    words = _("{style}, off by {percent:.1f} %")
    detail = words.format(style=origin, percent=100 * frame.scalars["returned"])
    return [*tiles, CycleTile(_("Back again"), detail, again)]
