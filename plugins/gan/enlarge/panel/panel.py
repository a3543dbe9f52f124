"""The panel that enlarges pictures: plain enlargement and network under a wipe, a slider from faithful to vivid."""

import time
from collections.abc import Mapping
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.own_picture import OwnPicture
from studio.api.panel import Command, Host, PictureIntake, Timing
from studio.api.scene_panel import ScenePanel
from studio.api.timeline.run_source import GeneratedSource
from studio.core.frame import Frame
from studio.core.picture import MAX_KEPT_SIDE_PX, is_picture
from studio.core.scene_codec import number, optional, row
from studio.core.translation import N_, translate

from ..scene import CODEC, MAX_SAVED_PX, EnlargeScene
from ..state import EnlargeSource, read_own
from .canvas import WipeView
from .editor import EnlargeEditor
from .lens import LEAST_ZOOM, MAX_ZOOM
from .presenter import EnlargePresenter, EnlargeViews
from .run import EnlargeRun
from .sections import N_EXAMPLES, EnlargeCompareSection, EnlargePictureSection, NearSection, VividSection
from .sheets import EnlargeSheets

RUN: Final = "run "  # what the key of a run's work begins with; its id follows
HINT: Final = N_("Drag the line to compare · drag the picture to move it · scroll to zoom · double-click for full size")
FILE: Final = "file"
"""Where the memory of a panel names the file of a picture that is too large for it."""
PART_TEXT: Final = N_("{ms:,.0f} ms per part")


class EnlargePanel(ScenePanel[EnlargeScene, EnlargeEditor]):
    """One model that enlarges; the run shows the picture being drawn part by part."""

    codec, hint, ask = CODEC, HINT, attrgetter("examples")
    own_part = "picture"
    extras: ClassVar = {
        "divider": number(0, 1),
        "zoom": optional(number(LEAST_ZOOM, MAX_ZOOM)),
        "centre": row(number(0, 1), 2, 2),
    }
    runs: EnlargeRun

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        view = WipeView()
        super().__init__(handle, host, partial(EnlargeEditor, EnlargeScene()), view)
        self.view, self._part_ms = view, 0.0
        self._own_path: Path | None = None  # of the picture that was opened last
        self.vivid, self.picture = VividSection(), EnlargePictureSection(N_EXAMPLES)
        self.compare, self.near = EnlargeCompareSection(view), NearSection()
        self.show_sections(
            ("section_vivid", N_("Faithful or vivid"), self.vivid),
            ("section_picture", N_("Picture"), self.picture),
            ("section_compare", N_("Left of the line"), self.compare),
            ("section_near", N_("How close is it?"), self.near),
        )
        self.runs = EnlargeRun(self.timeline, self.tasks, self)
        self.sheets = EnlargeSheets(self.tasks, self)
        views = EnlargeViews(view, self.frame.caption, self.compare, self.near, self.picture)
        self.presenter = EnlargePresenter(views, self.editor, self.sheets, self.runs, self.timeline)
        intake = PictureIntake(self, self, MAX_KEPT_SIDE_PX)
        intake.path_given.connect(lambda path: setattr(self, "_own_path", path))
        intake.pixels_given.connect(lambda _: setattr(self, "_own_path", None))
        self.own = OwnPicture(self.tasks, intake, lambda _, source: read_own(source))
        self.hand_over(self.editor, self.sheets, self.vivid, self.presenter, self.runs)
        self.accept(is_picture, self._take_file)
        self.take_own(self.own, self._on_picture_read)
        self._connect_parts()
        self.own_commands = self._make_commands()
        self.open()

    def _connect_parts(self) -> None:
        picture, host = self.picture, self.host
        self.bind(self.vivid)
        self.compare.choice.value_chosen.connect(self.editor.compare_with)
        picture.example_chosen.connect(self.editor.take_example)
        picture.file.clicked.connect(self.own.choose)
        picture.paste.clicked.connect(self.own.paste)
        picture.save.clicked.connect(lambda: host.run_command("studio.export"))
        self.sheets.failed.connect(self._on_open_failed)
        self.runs.ended.connect(self.sheets.finish)
        self.runs.failed.connect(self._on_work_failed)
        self.runs.other_shown.connect(self._on_other_shown)
        self.view.painted.connect(self.on_painted)
        self.tasks.timed.connect(self._on_part_timed)

    def _make_commands(self) -> tuple[Command, ...]:
        view, title = self.view, "GAN"
        return (
            Command("gan.enlarge_surprise", N_("Enlarge another example"), self.editor.surprise, ("R",), title),
            Command("gan.enlarge_paste", N_("Enlarge the copied picture"), self.own.paste, ("Ctrl+V",), title),
            Command("gan.enlarge_swap", N_("Before or after"), view.swap, ("B",), title),
            Command("gan.enlarge_fit", N_("Show the whole picture"), view.fit, ("0",), title),
            Command("gan.enlarge_full", N_("Show it at full size"), view.show_full, ("1",), title),
        )

    # What is asked for

    def follow(self, before: EnlargeScene) -> None:
        """Enlarge another picture, or the same otherwise."""
        scene = self.editor.scene
        self.presenter.is_live = not self.runs.is_before_end
        self.sheets.show_scene(scene)  # before the run, whose frames are shown beside them
        if not before.is_same_picture(scene):
            self._moved_at_s = None
            self.presenter.begin_picture()
            self.renew()
        else:
            if self.is_answer_due:
                self.note_move()
            if before.params != scene.params:
                self.runs.follow(scene)
        self.presenter.request()

    def begin(self, scene: EnlargeScene) -> None:
        """Enlarge what a scene asks for, without an undo step."""
        self.presenter.begin_picture()
        super().begin(scene)

    def _on_picture_read(self, source: EnlargeSource) -> None:
        for place, note in enumerate(source.notes):
            self.messages.show_note(translate(note), key=f"note {place}")
        is_broken_off = self.runs.is_broken_off
        before = self.editor.scene
        self.editor.take_picture(source)
        if is_broken_off and before.is_same_picture(self.editor.scene):  # it was stopped, and is wanted after all
            self.renew()

    def _on_other_shown(self, source: GeneratedSource) -> None:
        self.adopt(self.editor.scene.of_run(source))

    # How long it takes

    @property
    def is_answer_due(self) -> bool:
        """Whether the slider shows at once what it does."""
        return self.sheets.both is not None

    def say_painted(self, moved_at_s: float) -> None:
        """Tell how long a hand has waited, beside what a part takes."""
        self.timed.emit(Timing(self._part_ms, (time.perf_counter() - moved_at_s) * 1000, PART_TEXT))

    def _on_part_timed(self, key: str, ms: float) -> None:
        track = self.timeline.tracks.find(key.removeprefix(RUN))
        if track is not None and len(track.recording) > 1 and self.sheets.both is None:
            self._part_ms = ms / (len(track.recording) - 1)
            self.timed.emit(Timing(self._part_ms, text=PART_TEXT))

    # What is on screen, and what is kept of it

    def exported(self, frame: Frame) -> Frame:
        """The picture in full size."""
        return self.presenter.whole(frame)

    def memory(self) -> dict[str, Any]:
        """The state; of a picture that is too large for it, the file that it came from."""
        kept, picture = super().memory(), self.editor.scene.picture
        if picture is None or picture.shape[0] * picture.shape[1] <= MAX_SAVED_PX:
            return kept
        own = str(self._own_path) if self._own_path is not None else ""
        return {**kept, "scene": {**kept["scene"], "picture": None, "name": ""}, FILE: own}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Return to what `memory` gave; a large picture is read again, if it is still there."""
        kept = dict(memory)
        own = kept.pop(FILE, "")
        super().recall(kept)
        if own and isinstance(own, str):
            self._take_file(Path(own))

    def _take_file(self, path: Path) -> None:
        self._own_path = path
        self.own.open(path)

    def extra_state(self) -> Mapping[str, Any]:
        """Where the divider stands, and which part of the picture is seen."""
        lens = self.view.lens
        return {"divider": self.view.divider, "zoom": lens.zoom, "centre": lens.centre}

    def restore(self, scene: EnlargeScene, **extras: Any) -> None:
        """Return to a saved scene, and to the part that was seen."""
        self.begin(scene)
        self.view.set_divider(extras["divider"])
        self.view.set_lens(extras["zoom"], extras["centre"])
