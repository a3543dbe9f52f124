"""The panel that enlarges pictures: plain enlargement and network under a wipe, a slider from faithful to vivid."""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.own_picture import OwnPicture
from studio.api.panel import (
    Command,
    Host,
    Panel,
    PanelFrame,
    PictureIntake,
    Snapshot,
    Throttle,
    Timing,
    image_from_array,
)
from studio.api.run_source import GeneratedSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import params_to_json
from studio.core.path.position import Position
from studio.core.picture import MAX_SIDE_PX, is_picture
from studio.core.translation import N_, _, translate

from ..caption import TERM, drawing_text, finished_text, lead_of
from ..params import EnlargeParams
from ..scene import EnlargeScene, scene_from_json, scene_to_json
from ..state import SCALE, EnlargeMeasured, EnlargeSource, read_own
from .canvas import WipeView
from .compare_source import EnlargeCompareSource, EnlargeSheets
from .editor import EnlargeEditor
from .lens import MAX_ZOOM
from .run import EnlargeRun
from .sections import EnlargeControls

RUN: Final = "run "  # what the key of a run's work begins with; its id follows
HINT: Final = N_("Drag the line to compare · drag the picture to move it · wheel to zoom · double click for full size")
NAMES: Final = {
    "abstract-spiral": N_("Lattice"),
    "blue-periwinkle": N_("Flowers"),
    "casa-mila": N_("Courtyard"),
    "extreme-desert-hike": N_("Desert"),
    "lake-sherburne": N_("Mountains"),
    "tea-gardens": N_("Tea gardens"),
}
NO_ORIGINAL: Final = N_("Of your own picture nobody knows what it was before, so nothing can be measured here.")
MEASURING: Final = N_("Being measured, as soon as the picture is drawn.")
PART_TEXT: Final = N_("{ms:,.0f} ms a part")
DRAFT_MS: Final = 16


class EnlargePanel(Panel):
    """One model that enlarges; the run shows the picture being drawn part by part."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self._track_id = ""
        self._moved_at_s: float | None = None
        self._part_ms = 0.0
        self._scene = EnlargeScene()
        self.editor = EnlargeEditor(self._scene, host.undo, self)
        self.view = WipeView()
        self.frame = PanelFrame(self.view, self.messages, HINT, timeline=self.timeline.bar)
        self.controls = EnlargeControls(self.frame.inspector, host, handle.source)
        self.runs = EnlargeRun(self.timeline, self.tasks, handle, self)
        self.sheets = EnlargeSheets(self.tasks, handle, self)
        self.stage = EnlargeCompareSource(self.view, self.sheets)
        intake = PictureIntake(self, self, MAX_SIDE_PX)
        self.own = OwnPicture(self.tasks, handle, intake, lambda _, source: read_own(source))
        self._drafts = Throttle(DRAFT_MS, self._show_sheets, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._connect_controls()
        self._connect_own()
        self.controls.near.show_none(translate(MEASURING))
        self._open()

    # Wiring

    def _connect_controls(self) -> None:
        controls, editor = self.controls, self.editor
        controls.vivid.vividness_changed.connect(editor.set_vividness)
        controls.vivid.edit_started.connect(editor.begin_gesture)
        controls.vivid.edit_finished.connect(editor.end_gesture)
        controls.compare.chosen.connect(editor.compare_with)
        controls.compare.swap_requested.connect(self._swap)
        controls.compare.fit_requested.connect(self._fit)
        controls.compare.full_requested.connect(self._full)
        controls.picture.example_chosen.connect(editor.take_example)
        controls.picture.file_requested.connect(self.own.choose)
        controls.picture.paste_requested.connect(self.own.paste)
        controls.picture.save_requested.connect(partial(self.host.run_command, "studio.export"))

    def _connect_own(self) -> None:
        self.editor.changed.connect(self._on_scene_changed)
        self.sheets.changed.connect(self._on_sheets_changed)
        self.sheets.measured.connect(self._on_measured)
        self.sheets.failed.connect(self._on_open_failed)
        self.runs.ended.connect(self._on_run_ended)
        self.runs.failed.connect(self._on_work_failed)
        self.own.read.connect(self._on_picture_opened)
        self.own.failed.connect(self._on_work_failed)
        self.view.painted.connect(self._on_painted)
        self.timeline.source_changed.connect(self._on_source_changed)
        self.tasks.timed.connect(self._on_work_timed)

    def _open(self) -> None:
        self.frame.caption.set_text(_("The model is being opened."))
        self.tasks.run("examples", self.handle.work(lambda engine: engine.examples), done=self._on_examples_known)
        self._show_controls()
        self.sheets.take(self.editor.scene)
        self.runs.take(self.editor.scene)

    # What is asked for

    def _on_scene_changed(self) -> None:
        before, scene = self._scene, self.editor.scene
        self._scene = scene
        is_same = before.is_same_picture(scene)
        self._moved_at_s = time.perf_counter() if is_same and self.sheets.both is not None else None
        self.stage.is_live = True
        self.sheets.take(scene)
        self._show_controls()
        if not is_same:
            self._begin_picture()
            self.runs.take(scene)
        elif before.params != scene.params:
            self.runs.follow(scene)
        self._drafts.request()
        self.params_changed.emit()

    def _begin_picture(self) -> None:
        """Another picture: all of it is seen, and nothing of it is known."""
        self.frame.caption.set_lead(_("Another picture."))
        self.frame.caption.set_text(_("It is plainly enlarged first; then the network draws it."))
        self.stage.begin_picture()
        self.controls.near.show_none(translate(MEASURING))

    def _swap(self) -> None:
        """All of what is left of the line, or all of what is right of it."""
        self.view.set_divider(0.0 if self.view.divider > 0 else 1.0)

    def _fit(self) -> None:
        self.view.set_zoom(None)

    def _full(self) -> None:
        self.view.set_zoom(1 / self.devicePixelRatioF())

    def _on_picture_opened(self, opened: EnlargeSource) -> None:
        self.messages.dismiss("error")
        for number, note in enumerate(opened.notes):
            self.messages.show_note(translate(note), key=f"note {number}")
        self.editor.take_picture(opened)

    def _on_source_changed(self) -> None:
        """Another run on the timeline: the controls show what it was made of."""
        track = self.timeline.track
        if track is None or track.id == self._track_id:
            return
        self._track_id = track.id
        source = self.timeline.recorder.source_of(track)
        if self.runs.is_own_shown or not isinstance(source, GeneratedSource):
            return
        picture = None if source.start is None else source.start.get("small")
        scene = replace(self._scene, params=source.params, picture=picture)
        if picture is not None and self._scene.is_same_picture(replace(scene, params=self._scene.params)):
            scene = replace(scene, picture=self._scene.picture)
        self._adopt(scene)

    def _adopt(self, scene: EnlargeScene) -> None:
        """Let the controls stand at a scene, without an undo step."""
        self._scene = scene
        self.editor.adopt(scene)
        self.sheets.take(scene)
        self._show_controls()
        self.params_changed.emit()

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run."""
        is_end = frame.step == frame.n_steps - 1
        is_drawn_again = self.runs.is_own_shown and self.sheets.both is not None and self.runs.is_running
        self.stage.take(frame, self.runs.is_own_shown and (is_end or is_drawn_again))
        self._show_sheets()

    def _on_sheets_changed(self) -> None:
        self._show_controls()
        self._show_sheets()

    def _show_sheets(self) -> None:
        self.stage.show(self._scene)
        self._describe()

    def _describe(self) -> None:
        caption, frame, opened = self.frame.caption, self.stage.frame, self.sheets.opened
        track = self.timeline.track
        if frame is None or self.stage.is_waiting:
            return
        if track is not None and track.recording.info.kind == "training":
            caption.set_text(_("Plainly enlarged, as the network draws it by now, and the photo itself."))
        elif not self.stage.is_live and frame.step < frame.n_steps - 1:
            caption.set_lead(f"{frame.label}.")
            caption.set_text(drawing_text(frame.step, frame.n_steps - 1))
        elif opened is not None:
            n = translate(TERM).format(n=SCALE)
            caption.set_lead(lead_of((opened.small.shape[1], opened.small.shape[0]), SCALE))
            caption.set_text(finished_text(self._scene.params.vividness, self._scene.compared), n)

    def _show_controls(self) -> None:
        opened = self.sheets.opened
        size = "" if opened is None else self._size_text(opened)
        self.controls.show_scene(self._scene, opened is not None and opened.large is not None, size)

    def _size_text(self, opened: EnlargeSource) -> str:
        height, width = opened.small.shape[:2]
        name = translate(NAMES.get(opened.name, opened.name))
        text = N_("{name} · {w:,} x {h:,} px become {large_w:,} x {large_h:,} px")
        return translate(text).format(name=name, w=width, h=height, large_w=SCALE * width, large_h=SCALE * height)

    # What comes from the Worker

    def _on_examples_known(self, found: list[EnlargeSource]) -> None:
        self.editor.n_examples = len(found)
        names = [translate(NAMES.get(one.name, one.name)) for one in found]
        self.controls.picture.show_examples([image_from_array(one.small) for one in found], names)

    def _on_open_failed(self, error: BaseException) -> None:
        if self.stage.frame is None:
            self.frame.caption.set_text(_("The model could not be opened, so there is nothing to see."))
        self._on_work_failed(error)

    def _on_run_ended(self) -> None:
        self.sheets.finish()

    def _on_work_timed(self, key: str, ms: float) -> None:
        track = self.timeline.tracks.find(key.removeprefix(RUN))
        if key.startswith(RUN) and track is not None and len(track.recording) > 1 and self.sheets.both is None:
            self._part_ms = ms / (len(track.recording) - 1)
            self.timed.emit(Timing(self._part_ms, text=PART_TEXT))

    def _on_measured(self, found: EnlargeMeasured) -> None:
        if found.nearness:
            self.controls.near.show_figures(found.nearness)
        else:
            self.controls.near.show_none(translate(NO_ORIGINAL))

    def _on_painted(self) -> None:
        if self._moved_at_s is not None and self.sheets.both is not None:
            self.timed.emit(Timing(self._part_ms, (time.perf_counter() - self._moved_at_s) * 1000, PART_TEXT))
            self._moved_at_s = None

    @property
    def is_settled(self) -> bool:
        """Whether the picture is drawn to the end."""
        return not self.runs.is_running

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first picture."""
        frame = self.stage.whole_frame(self._scene)
        if frame is None:
            return None
        state = {} if self._scene.picture is None else self.state()
        params = self._scene.params
        return Snapshot(frame, self.handle.source.id, params.seed, params_to_json(params), state)

    # Parameters and state

    def params(self) -> EnlargeParams:
        """Return the number of the example, and how vivid it is."""
        return self._scene.params

    def set_params(self, params: EnlargeParams) -> None:
        """Enlarge the example that these settings name, without an undo step."""
        self._go_to(replace(self._scene, params=params, picture=None, name=""))

    def _go_to(self, scene: EnlargeScene) -> None:
        self.stage.is_live = True
        self._begin_picture()
        self._adopt(scene)
        self.runs.take(scene)

    def position(self) -> Position:
        """There are no places here."""
        return {}

    def go_to(self, position: Position) -> None:
        """There are no places here."""

    def state(self) -> dict[str, Any]:
        """Return what is enlarged, which part of it is seen, and whether the caption is hidden."""
        return {
            "scene": scene_to_json(self._scene),
            "divider": self.view.divider,
            "zoom": self.view.lens.zoom,
            "centre": list(self.view.lens.centre),
            "is_caption_hidden": self.frame.caption.is_hidden,
        }

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        if set(state) != set(self.state()) or not isinstance(state["is_caption_hidden"], bool):
            raise UserError(N_("This saved state does not fit the model."))
        divider, zoom, centre = view_from_json(state["divider"], state["zoom"], state["centre"])
        scene = scene_from_json(state["scene"])
        self.frame.caption.set_hidden(state["is_caption_hidden"])
        self._go_to(scene)
        self.view.set_divider(divider)
        self.view.set_lens(zoom, centre)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        return (
            Command("gan.enlarge_surprise", N_("Enlarge another example"), self.editor.surprise, ("R",), "GAN"),
            Command("gan.enlarge_paste", N_("Enlarge the copied picture"), self.own.paste, ("Ctrl+V",), "GAN"),
            Command("gan.enlarge_swap", N_("Before or after"), self._swap, ("B",), "GAN"),
            Command("gan.enlarge_fit", N_("Show the whole picture"), self._fit, ("0",), "GAN"),
            Command("gan.enlarge_full", N_("Show it in full size"), self._full, ("1",), "GAN"),
        )

    def open_path(self, path: Path) -> bool:
        """Enlarge a dropped picture."""
        if not is_picture(path):
            return False
        self.own.open(path)
        return True


def view_from_json(divider: Any, zoom: Any, centre: Any) -> tuple[float, float | None, tuple[float, float]]:
    """Which part was seen, as JSON values; raises UserError where they are unsound."""
    numbers = [divider, *([] if zoom is None else [zoom]), *(centre if isinstance(centre, list) else [None])]
    is_sound = all(type(number) in (int, float) and math.isfinite(number) for number in numbers)
    if not is_sound or len(centre) != 2 or not 0 <= divider <= 1 or (zoom is not None and not 0 < zoom <= MAX_ZOOM):
        raise UserError(N_("This saved state does not fit the model."))
    return float(divider), None if zoom is None else float(zoom), (float(centre[0]), float(centre[1]))
