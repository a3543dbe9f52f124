"""Fills the inspector of the people's panel, most useful first, and keeps every control in step with the scene."""

import random
from collections.abc import Mapping
from functools import partial
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.api.panel import (
    Chip,
    EngineTasks,
    FlowLayout,
    HistoryStrip,
    Host,
    Label,
    SliderRow,
    in_a_row,
    named_button,
    param_field,
    param_slider,
    put_in_a_column,
    set_tip,
    side_by_side,
    small_label,
    underline,
)
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.param import param_specs
from studio.core.seed import MAX_SEED
from studio.core.text.face_reading import read_prompt
from studio.core.translation import N_, _, translate

from ..params import PeopleParams
from ..scene import PeopleScene
from ..state import PeopleFacts
from .canvas import PeopleStage
from .directions import PeopleDirectionSection
from .diversity import DiversitySection
from .drag_gan import DragSection
from .editor import PeopleEditor
from .mixing import ExpressionSection, MixSection
from .nearest import PeopleNearestSection
from .projection import ProjectionSection
from .sample_export import SampleExportSection
from .score import ScoreSection
from .walk import WalkSection

EXAMPLES: Final = (N_("a bun and a smile"), N_("a full beard"), N_("a wink, spiky hair"))
MAX_WORDS: Final = 300


class FaceSection(QWidget):
    """Shows where the face comes from.

    Attributes:
        grid: the button that shows seeds side by side.
    """

    def __init__(self, editor: PeopleEditor) -> None:
        super().__init__()
        self._editor = editor
        specs = param_specs(PeopleParams)
        self.surprise = named_button(
            "surprise", N_("Surprise me"), N_("Go to another random face (R)"), "dice", pressed=editor.surprise
        )
        self.reset = named_button(
            "reset_face", N_("Reset"), N_("Return to the face given by the seed (double-click)"), "reset"
        )
        self.reset.clicked.connect(editor.reset)
        self.seed = param_field(PeopleParams(), "seed", "seed")
        self.seed.value_typed.connect(lambda value: editor.set_seed(int(value)))
        self.grid = named_button(
            "seed_grid", N_("Grid"), N_("Show 64 seeds side by side, with these settings (G)"), "grid"
        )
        self.grid.setCheckable(True)
        self.words = QLineEdit()
        self.words.setObjectName("words")
        self.words.setMaxLength(MAX_WORDS)
        self.words.setAccessibleName(translate(specs["words"].label))
        set_tip(self.words, translate(specs["words"].help))
        self.words.setPlaceholderText(_("Describe the face"))
        self.words.editingFinished.connect(self._on_words_edited)
        self.words.textChanged.connect(self._name_unknown)
        self.unknown = small_label()
        self.unknown.hide()
        self._has_words = False
        self._shown_words = ""
        self._examples = QWidget()
        self._lay_out()

    def _lay_out(self) -> None:
        seeds = QHBoxLayout()
        seeds.addWidget(Label(self.seed.accessibleName()), 1)
        seeds.addWidget(self.seed)
        seeds.addWidget(self.grid)
        flow = FlowLayout(self._examples, gap_px=4)
        for number, example in enumerate(EXAMPLES):
            text = translate(example)
            chip = Chip(text)
            chip.setObjectName(f"example_{number}")
            chip.setCheckable(False)
            chip.clicked.connect(partial(self._choose, text))
            flow.addWidget(chip)
        put_in_a_column(self, (in_a_row(self.surprise, self.reset), self.words, self.unknown, self._examples, seeds), 6)

    def opened(self, about: PeopleFacts) -> None:
        """Show whether the model follows words, or one of some classes by its number."""
        self._has_words = about.has_words
        self.words.setVisible(about.has_words or about.n_classes > 0)
        self._name_unknown(self.words.text())
        self._examples.setVisible(about.has_words)
        if about.n_classes:
            text = _("Class, 0 to {last}").format(last=about.n_classes - 1)
            self.words.setPlaceholderText(text)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show seed and words, and whether the place was moved since."""
        self.seed.set_value(scene.params.seed)
        self.reset.setEnabled(scene.is_moved)
        self._shown_words = scene.params.words
        if not self.words.hasFocus() or not self.words.isModified():
            self.words.setText(scene.params.words)

    def _name_unknown(self, text: str) -> None:
        """Name the words that no face has anything of, but not the one that is just being typed."""
        typed = text.rpartition(" ")[0] if self.words.hasFocus() and self.words.isModified() else text
        words = read_prompt(typed).unknown if self._has_words else ()
        underline(self.words, words)
        known = ", ".join(f"“{word}”" for word in words)
        self.unknown.setText(_("The model does not know: {signs}.").format(signs=known))
        self.unknown.setVisible(bool(words))

    def _choose(self, text: str, _: bool = False) -> None:
        self.words.setText(text)
        self.words.setModified(False)
        self._editor.set_words(text)

    def _on_words_edited(self) -> None:
        self.words.setModified(False)
        self._name_unknown(self.words.text())
        if self.words.text() != self._shown_words:
            self._editor.set_words(self.words.text())


class RealismSection(QWidget):
    """Truncation and fine noise."""

    def __init__(self, editor: PeopleEditor) -> None:
        super().__init__()
        self._editor = editor
        self.truncation, self.noise = self._slider("truncation"), self._slider("noise")
        hint = N_("Change only the fine noise; the face stays")
        self.other = named_button(
            "other_noise",
            N_("New noise"),
            hint,
            "dice",
            pressed=lambda: editor.set_noise_seed(random.randrange(MAX_SEED)),
        )
        hint = N_("Return to the model’s own noise")
        self.plain = named_button(
            "own_noise", N_("Own noise"), hint, "reset", pressed=lambda: editor.set_noise_seed(None)
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.truncation)
        column.addWidget(self.noise)
        self._buttons = side_by_side(self.other, self.plain)
        column.addWidget(self._buttons)

    def _slider(self, name: str) -> SliderRow:
        spec = param_specs(PeopleParams)[name]
        slider = param_slider(PeopleParams(), name, name, trained=(spec.low or 0.0, spec.default))
        slider.value_changed.connect(partial(self._editor.set_realism, name))
        slider.edit_started.connect(self._editor.begin_gesture)
        slider.edit_finished.connect(self._editor.end_gesture)
        return slider

    def opened(self, about: PeopleFacts) -> None:
        """Show whether the model draws with noise at all."""
        self.noise.setVisible(about.has_noise)
        self._buttons.setVisible(about.has_noise)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show the scene's values."""
        self.truncation.set_value(scene.params.truncation)
        self.noise.set_value(scene.params.noise)
        self.plain.setEnabled(scene.noise_seed is not None)


class PeopleControls:
    """The controls of the panel.

    Attributes:
        boxes: the sections of the inspector by their ids, once they are there.
    """

    def __init__(
        self,
        host: Host,
        tasks: EngineTasks,
        timeline: TimelineController,
        editor: PeopleEditor,
        stage: PeopleStage,
    ) -> None:
        self.boxes: Mapping[str, QWidget] = {}
        self.face, self.realism = FaceSection(editor), RealismSection(editor)
        self.directions = PeopleDirectionSection(editor, tasks, host)
        self.mix, self.swap = MixSection(editor, stage.strip, tasks), ExpressionSection(editor)
        self.project = ProjectionSection(editor, timeline, host.undo, stage)
        self.pull = DragSection(editor, timeline, host.undo, stage.picture)
        self.diversity = DiversitySection(editor, timeline, tasks, host)
        self.nearest, self.scores = PeopleNearestSection(tasks), ScoreSection(tasks.handle.source.card, editor)
        self.walk = WalkSection(editor, timeline, tasks, stage.picture)
        self.augment = SampleExportSection(editor, tasks, host)
        self.project.found.connect(self.swap.take_mine)

    def sections(self, places: HistoryStrip) -> tuple[tuple[str, str, QWidget], ...]:
        """What the inspector shows, most useful first."""
        return (
            ("section_face", N_("Face"), self.face),
            ("section_directions", N_("Strongest directions"), self.directions),
            ("section_mix", N_("Style mixing"), self.mix),
            ("section_project", N_("My picture"), self.project),
            ("section_pull", N_("Pull points"), self.pull),
            ("section_swap", N_("Swap"), self.swap),
            ("section_realism", N_("Realism"), self.realism),
            ("section_diversity", N_("Diversity"), self.diversity),
            ("section_nearest", N_("Nearest real picture"), self.nearest),
            ("section_scores", N_("The detective’s scores"), self.scores),
            ("section_walk", N_("Walk"), self.walk),
            ("section_places", N_("Places visited"), places),
            ("section_augment", N_("Export samples"), self.augment),
        )

    def show_boxes(self, boxes: Mapping[str, QWidget]) -> None:
        """Leave out what the model cannot do, as far as its card says; its scores are there once it is open."""
        self.boxes = boxes
        self._show_box("nearest", self.nearest.can_look)
        self._show_box("scores", False)
        self._show_box("augment", self.augment.is_possible)

    def opened(self, about: PeopleFacts) -> None:
        """Show what the open model can do."""
        self._show_box("directions", bool(about.directions))
        self._show_box("mix", bool(about.groups))
        self._show_box("swap", bool(about.groups))
        self._show_box("scores", about.has_verdict and self.scores.scores is not None)
        self._show_box("augment", self.augment.is_possible)

    def _show_box(self, name: str, is_shown: bool) -> None:
        self.boxes[f"section_{name}"].setVisible(is_shown)

    def parts(self) -> tuple[object, ...]:
        """What hears of scenes, frames and the model."""
        sections = self.face, self.directions, self.mix, self.swap, self.realism, self.diversity
        return (*sections, self.project, self.pull, self.scores, self.walk, self.augment, self)

    def rest_on(self, scene: PeopleScene, frame: Frame) -> None:
        """Look closer at a picture that stays."""
        self.nearest.look(frame)
        self.scores.catch_up()
