"""The panel of a scene of splats: walk around it, and take apart what it is made of."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import EngineTasks, Host, SettingsSection, SliderRow, ValueRange, put_in_a_column
from studio.core.frame import Frame
from studio.core.translation import N_, _, plural, translate

from ...shared.panel.awaited import AwaitedScene
from ...shared.panel.commands import scene_commands
from ...shared.panel.editor import ViewEditor
from ...shared.panel.stats_card import FIELD_HINTS, Measure
from ...shared.panel.view_panel import ViewPanel
from ...shared.shading import PictureLook
from ...shared.state import TRAINING, View, provisional_facts
from ..params import SplatParams, first_params
from ..scene import CODEC, MOST_FILES, SplatScene
from ..state import SplatFacts, SplatRequest, make_of
from .card_view import SplatCard
from .edit_presenter import EditPresenter
from .edit_section import EditSection

if TYPE_CHECKING:
    from ..engine import SplatsEngine

WATCHED: Final = 0.3
"""Of the time, the part in which what learns is drawn; the rest learns."""
TARGET: Final = ValueRange(10.0, 60.0, step=1.0, default=30.0, unit="fps", is_whole=True)
HINTS: Final = {
    **FIELD_HINTS,
    "normals": N_("Which way splats are flat: their shortest axis, x red, y green, z blue (3)"),
    "cost": N_("How much work each pixel took: the splats it is blended from (5)"),
}
_TERM: Final = N_("3D Gaussian splatting: splats are projected, sorted by depth and blended from front to back")
_DRAFT_TERM: Final = N_("Level of detail: the splats that fill most of the picture, made larger for those left out")
_VIEW_TEXTS: Final = {
    "depth": N_("The colours show how far away the surface is at each pixel."),
    "normals": N_("The colours show which way each splat is flat."),
    "density": N_("The colours show how much of the scene is in the way of the light to each pixel."),
    "cost": N_("The colours show how many splats each pixel is made of."),
}
KEY: Final = "save splats"
SUFFIXES: Final = (".ply", ".compressed.ply", ".splat", ".spz", ".sog", ".glb")


class FilePresenter(QObject):
    """Asks for names, and has the files written and read."""

    def __init__(
        self, section: EditSection, editor: ViewEditor[SplatScene], tasks: EngineTasks, window: QWidget
    ) -> None:
        super().__init__(window)
        self._section, self._editor, self._tasks, self._window = section, editor, tasks, window
        section.save_asked.connect(self._choose_name)
        section.add_asked.connect(self._choose_file)

    def _choose_name(self) -> None:
        chosen, _filter = QFileDialog.getSaveFileName(self._window, _("Save splats"), "scene.ply", _kinds())
        if chosen:
            self.save(Path(chosen))

    def save(self, path: Path) -> None:
        """Write the scene as it is now."""
        scene = self._editor.scene
        self._tasks.ask(
            KEY,
            partial(_save, path=path, scene=scene),
            Policy.QUEUE,
            done=partial(self._on_saved, path.name),
            title=_("Saving {name}").format(name=path.name),
        )

    def _on_saved(self, name: str, n_splats: int) -> None:
        text = plural("{n} splat is in “{name}”.", "{n} splats are in “{name}”.", n_splats)
        self._section.words.set_text(text.format(name=name))

    def _choose_file(self) -> None:
        chosen, _filter = QFileDialog.getOpenFileName(self._window, _("Add splats"), "", _kinds())
        if chosen:
            self.add(Path(chosen))

    def add(self, path: Path) -> None:
        """Put the splats of a file into the scene."""
        scene = self._editor.scene
        if len(scene.added) < MOST_FILES:
            self._editor.apply(N_("Add splats"), replace(scene, added=(*scene.added, str(path.absolute()))))


def _save(engine: Any, path: Path, scene: SplatScene) -> int:
    n_splats: int = engine.save(path, scene.edits, scene.added)
    return n_splats


def _kinds() -> str:
    return f"{_('Gaussian splats')} ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"


def words(view: View, facts: SplatFacts) -> tuple[str, str]:
    """The sentences, and the field's term."""
    make = _("The scene is {n:,} soft coloured spots in space, laid over each other from front to back.")
    sentences = [make.format(n=facts.n_splats)]
    if view.request.look.view in _VIEW_TEXTS:
        sentences.append(translate(_VIEW_TEXTS[view.request.look.view]))
    if view.stage == "draft":
        sentences.append(_("While it moves, {percent} % of them are drawn.").format(percent=round(100 * view.share)))
        return " ".join(sentences), translate(_DRAFT_TERM)
    sentences.append(_("Drag to walk around."))
    return " ".join(sentences), translate(_TERM)


class DrawingSection(SettingsSection):
    """Signals, beside those of settings: target_changed(fps), also during a drag."""

    target_changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        rows = self.sliders(SplatParams(), "", "size", "degree", "faintest")
        self.target = SliderRow(
            "target_fps",
            N_("Target"),
            TARGET,
            N_("Pictures per second while the scene moves; for more, fewer splats are drawn (level of detail)."),
        )
        self.target.value_changed.connect(self.target_changed)
        put_in_a_column(self, (*rows, self.target), 4)


def facts_of(engine: "SplatsEngine") -> SplatFacts:
    """What there is to know of the open scene."""
    return engine.facts


class SplatsPanel(ViewPanel[SplatScene]):
    """One scene of splats."""

    least_height = 256  # pixels; where there is too little time, fewer splats are drawn
    codec, ask, kernels = CODEC, facts_of, f"{__package__.rpartition('.')[0]}.warm_up"
    measure = Measure(
        "splats a pixel",
        N_("{n:.1f} splats per pixel"),
        N_("Splats per pixel"),
        N_(
            "Frames per second while the scene moves; the size in pixels that is drawn then and when it stops; "
            "how many splats a pixel is blended from"
        ),
        HINTS,
    )

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card = handle.source.card
        facts = provisional_facts(card)
        super().__init__(handle, host, facts, SplatScene(facts.home, first_params(card), up=facts.up))
        self.training_id = str(card.get(TRAINING, ""))
        self.awaited = AwaitedScene(self.canvas, str(card.get("title", "")), bool(self.training_id))
        self._fps = TARGET.default
        self._facts: SplatFacts | None = None
        self._is_followed = False
        self.drawing, self.editing = DrawingSection(), EditSection()
        self.bind(self.drawing)
        self.drawing.target_changed.connect(self._on_target_changed)
        self.show_sections(
            ("section_camera", N_("Camera"), self.camera_section),
            ("section_splats", N_("Splats"), self.drawing),
            ("section_edit", N_("Change the scene"), self.editing),
            ("section_marks", N_("Measure and note"), self.marks_section),
            ("section_take", N_("Save"), self.picture_size, self.take, self.path_buttons),
        )
        self.edit_desk = EditPresenter(self.editing, self.canvas, self.editor, self.hand, self)
        self.hand_over(self.drawing, self.edit_desk)
        self.file_desk = FilePresenter(self.editing, self.editor, self.tasks, self)
        self.card = SplatCard(self.canvas, self.tasks, self)
        if not self.training_id:  # what learns is another scene a moment later
            self.loop.set_shortcut(self.card.show)
        self.own_commands = (*scene_commands(self.editor, self.steering, self.timeline), *self.path_desk.commands())
        self.show_mode("orbit")
        self.camera_section.leave_out_photos()
        self.open()

    def _on_target_changed(self, fps: float) -> None:
        self._fps = fps
        self.loop.set_target_fps(fps)

    def begin_opening(self) -> None:
        """Kernels may be called: open the scene, and draw it as soon as it is known where it lies."""
        self.ask_model(facts_of)

    def opened(self, found: SplatFacts) -> None:
        """The scene is open."""
        self._facts = found
        if not self.training_id:
            self.settle_in(found)
            self.describe()
            self.draw_run_due()
        self.draw_anew()

    def note_training(self, training_id: str, is_learning: bool, doing: str) -> None:
        """In the tab of a training, draw again and again what it has learnt, and say what is done until it does."""
        if training_id != self.training_id:
            return
        self.awaited.show_doing(doing)
        if is_learning != self._is_followed:
            self._is_followed = is_learning
            self.loop.follow_learning(WATCHED if is_learning else None)
            self.draw_anew()

    @property
    def is_watching(self) -> bool:
        """Whether a training is followed."""
        return self._is_followed

    def note_view(self, view: View) -> None:
        """In the tab of a training, the first picture says where the scene is, and each how many splats it has."""
        if not self.training_id or not isinstance(view.facts, SplatFacts):
            return
        is_first, self._facts = self.awaited.is_due, view.facts
        if is_first:
            self.settle_in(view.facts)
            self.awaited.end()

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run; the newest one of a training is what the view draws anyhow."""
        is_newest = self.timeline.playback.index >= self.timeline.n_frames - 1
        if not (self.training_id and is_newest):
            super().show_frame(frame)

    def draw_anew(self) -> None:
        """Ask again, once the scene is open."""
        if self._facts is not None:
            super().draw_anew()

    @property
    def can_draw_run(self) -> bool:
        """Whether the scene is open."""
        return super().can_draw_run and self._facts is not None and not self.training_id

    def request_of(self, scene: SplatScene, size: tuple[int, int], look: PictureLook) -> SplatRequest:
        """What the engine is asked for, of the scene as it is now."""
        return SplatRequest(
            scene.camera,
            *size,
            look=look,
            near=scene.params.near,
            number=self.number,
            make=make_of(scene.params, edits=scene.edits, selection=scene.selection, added=scene.added),
            budget_s=0.8 / self._fps,
        )

    def words_of(self, view: View) -> tuple[str, str]:
        """The caption of a picture."""
        if self.awaited.is_due:
            return translate(self.awaited.doing), ""
        return words(view, self._facts) if self._facts is not None else ("", "")
