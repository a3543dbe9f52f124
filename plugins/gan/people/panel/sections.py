"""Fills the inspector of the people's panel, most useful first, and keeps every control in step with the scene."""

import random
from functools import partial
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.panel import (
    Button,
    Chip,
    FlowLayout,
    HistoryStrip,
    Host,
    Inspector,
    ModelPicker,
    SliderRow,
    TaskScope,
    ValueRange,
    param_field,
)
from studio.api.timeline import TimelineController
from studio.core.frame import Frame
from studio.core.param import ParamSpec, param_specs
from studio.core.seed import MAX_SEED
from studio.core.translation import N_, _, translate

from ..params import PeopleParams
from ..scene import PeopleScene
from ..state import PeopleFacts
from .canvas import PeopleStage
from .directions import PeopleDirectionSection
from .diversity import DiversitySection
from .drag_gan import DragSection
from .editor import PeopleEditor
from .expression_transfer import ExpressionSection
from .mixing import MixSection
from .nearest import PeopleNearestSection
from .projection import ProjectionSection
from .sample_export import SampleExportSection
from .score import ScoreSection
from .walk import WalkSection

EXAMPLES: Final = (N_("a bun and a smile"), N_("a full beard"), N_("a wink, spiky hair"))
MAX_WORDS: Final = 300
NAMES_KEY = "direction_names"


class FaceSection(QWidget):
    """Shows where the face comes from.

    Attributes:
        grid: the button that shows seeds side by side.
    """

    def __init__(self, editor: PeopleEditor) -> None:
        super().__init__()
        self._editor = editor
        specs = param_specs(PeopleParams)
        self.surprise = _button("surprise", N_("Surprise me"), "dice", N_("Go to another face by chance (R)"))
        self.surprise.clicked.connect(editor.surprise)
        self.reset = _button("reset_face", N_("Reset"), "reset", N_("Return to what the seed gives (double click)"))
        self.reset.clicked.connect(editor.reset)
        self.seed = param_field(PeopleParams(), "seed", "seed")
        self.seed.value_typed.connect(lambda value: editor.set_seed(int(value)))
        self.grid = _button("seed_grid", N_("Grid"), "grid", N_("Show 64 seeds side by side, with these settings (G)"))
        self.grid.setCheckable(True)
        self.words = QLineEdit()
        self.words.setObjectName("words")
        self.words.setMaxLength(MAX_WORDS)
        self.words.setAccessibleName(translate(specs["words"].label))
        self.words.setToolTip(translate(specs["words"].help))
        self.words.setPlaceholderText(_("Describe the face"))
        self.words.editingFinished.connect(self._on_words_edited)
        self._shown_words = ""
        self._examples = QWidget()
        self._lay_out()

    def _lay_out(self) -> None:
        buttons, seeds = QHBoxLayout(), QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.surprise, 1)
        buttons.addWidget(self.reset, 1)
        seeds.addWidget(QLabel(self.seed.accessibleName()), 1)
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
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(buttons)
        column.addWidget(self.words)
        column.addWidget(self._examples)
        column.addLayout(seeds)

    def set_asked(self, has_words: bool, n_classes: int) -> None:
        """Whether the model follows words, or one of some classes by its number."""
        self.words.setVisible(has_words or n_classes > 0)
        self._examples.setVisible(has_words)
        if n_classes:
            text = _("Class, 0 to {last}").format(last=n_classes - 1)
            self.words.setPlaceholderText(text)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show seed and words, and whether the place was moved since."""
        self.seed.set_value(scene.params.seed)
        self.reset.setEnabled(scene.is_moved)
        self._shown_words = scene.params.words
        if not self.words.hasFocus() or not self.words.isModified():
            self.words.setText(scene.params.words)

    def _choose(self, text: str, _: bool = False) -> None:
        self.words.setText(text)
        self.words.setModified(False)
        self._editor.set_words(text)

    def _on_words_edited(self) -> None:
        self.words.setModified(False)
        if self.words.text() != self._shown_words:
            self._editor.set_words(self.words.text())


def _button(name: str, text: str, icon: str, hint: str) -> Button:
    button = Button(text, icon_name=icon)
    button.setObjectName(name)
    button.setToolTip(translate(hint))
    return button


class RealismSection(QWidget):
    """Truncation and fine noise."""

    def __init__(self, editor: PeopleEditor) -> None:
        super().__init__()
        self._editor = editor
        specs = param_specs(PeopleParams)
        self.truncation, self.noise = (self._slider(specs[name]) for name in ("truncation", "noise"))
        self.other = Button(N_("Other noise"), icon_name="dice")
        self.other.setObjectName("other_noise")
        self.other.setToolTip(_("Draw the fine noise anew; the face stays"))
        self.other.clicked.connect(lambda: editor.set_noise_seed(random.randrange(MAX_SEED)))
        self.plain = Button(N_("Own noise"), icon_name="reset")
        self.plain.setObjectName("own_noise")
        self.plain.setToolTip(_("Return to the noise that belongs to the model"))
        self.plain.clicked.connect(lambda: editor.set_noise_seed(None))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.truncation)
        column.addWidget(self.noise)
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.other, 1)
        row.addWidget(self.plain, 1)
        column.addWidget(self._buttons)

    def _slider(self, spec: ParamSpec) -> SliderRow:
        assert spec.low is not None
        assert spec.high is not None
        limits = ValueRange(spec.low, spec.high, spec.step or 0.01, spec.default, trained=(spec.low, spec.default))
        slider = SliderRow(spec.name, spec.label, limits, spec.help)
        slider.value_changed.connect(partial(self._editor.set_realism, spec.name))
        slider.edit_started.connect(self._editor.begin_gesture)
        slider.edit_finished.connect(self._editor.end_gesture)
        return slider

    def set_has_noise(self, has_noise: bool) -> None:
        """Whether the model draws with noise at all."""
        self.noise.setVisible(has_noise)
        self._buttons.setVisible(has_noise)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show the scene's values."""
        self.truncation.set_value(scene.params.truncation)
        self.noise.set_value(scene.params.noise)
        self.plain.setEnabled(scene.noise_seed is not None)


class PeopleControls:
    """The controls of the panel."""

    def __init__(
        self,
        inspector: Inspector,
        host: Host,
        handle: EngineHandle,
        tasks: TaskScope,
        timeline: TimelineController,
        editor: PeopleEditor,
        stage: PeopleStage,
        places: HistoryStrip,
    ) -> None:
        self._host = host
        self._model_id = handle.source.id
        self.has_groups = False
        self.tabs = KindTabs(host, handle.source)
        people = [one for one in host.cards() if one.more.get("kind", "people") == "people"]
        self.picker = ModelPicker(people, handle.source.id)
        self.picker.chosen.connect(host.open_model)
        self.face, self.directions, self.realism = (
            FaceSection(editor),
            PeopleDirectionSection(editor),
            RealismSection(editor),
        )
        self.mix, self.swap = MixSection(editor, stage.strip, tasks, handle), ExpressionSection(editor)
        self.project = ProjectionSection(editor, timeline, host.undo, stage)
        self.pull = DragSection(editor, timeline, host.undo, stage.picture)
        self.diversity = DiversitySection(editor, timeline, tasks, handle, host)
        self.nearest, self.scores = PeopleNearestSection(tasks, handle), ScoreSection(handle.source.card, editor)
        self.walk = WalkSection(editor, timeline, tasks, handle, stage.picture)
        self.augment = SampleExportSection(editor, tasks, handle, host)
        self._fill(inspector, places)
        self.directions.renamed.connect(self._on_renamed)
        self.project.found.connect(self.swap.take_mine)

    def _fill(self, inspector: Inspector, places: HistoryStrip) -> None:
        inspector.add(self.tabs)
        inspector.add(self.picker)

        def add(name: str, title: str, part: QWidget) -> QWidget:
            section = inspector.add_section(f"section_{name}", title)
            section.add(part)
            return section

        add("face", N_("Face"), self.face)
        self.direction_box = add("directions", N_("Strongest directions"), self.directions)
        self.mix_box = add("mix", N_("Style mixing"), self.mix)
        add("project", N_("My picture"), self.project)
        add("pull", N_("Pull points"), self.pull)
        self.swap_box = add("swap", N_("Swap"), self.swap)
        add("realism", N_("Realism"), self.realism)
        add("diversity", N_("Diversity"), self.diversity)
        self.nearest_box = add("nearest", N_("Nearest real picture"), self.nearest)
        self.nearest_box.setVisible(self.nearest.can_look)
        self.score_box = add("scores", N_("The detective’s scores"), self.scores)
        self.score_box.setVisible(False)
        add("walk", N_("Walk"), self.walk)
        add("places", N_("Places visited"), places)
        self.augment_box = add("augment", N_("Export samples"), self.augment)
        self.augment_box.setVisible(self.augment.is_possible)

    def show_about(self, about: PeopleFacts) -> None:
        """Show what the open model can do."""
        self.face.set_asked(about.has_words, about.n_classes)
        self.show_directions(about)
        self.has_groups = bool(about.groups)
        self.mix_box.setVisible(self.has_groups)
        self.swap_box.setVisible(self.has_groups)
        self.realism.set_has_noise(about.has_noise)
        self.diversity.show_about(about)
        self.pull.show_about(about)
        self.score_box.setVisible(about.has_verdict and self.scores.scores is not None)
        self.augment.show_about(about)
        self.augment_box.setVisible(self.augment.is_possible)

    def show_directions(self, about: PeopleFacts) -> None:
        """Show the directions, in their order."""
        self.directions.show_directions(about.directions, self._names(), about.groups)
        self.direction_box.setVisible(bool(about.directions))

    def show_scene(self, scene: PeopleScene) -> None:
        """Show a scene; emits nothing."""
        self.face.show_scene(scene)
        self.directions.show_values(scene.values, scene.groups)
        self.mix.show_scene(scene)
        self.swap.show_scene(scene)
        self.realism.show_scene(scene)

    def show_frame(self, frame: Frame) -> None:
        """Follow what the canvas shows."""
        self.project.show_frame(frame)
        self.pull.show_frame(frame)
        self.scores.show_frame(frame)

    def rest_on(self, frame: Frame) -> None:
        """Look closer at a picture that stays."""
        self.nearest.look(frame)
        self.scores.catch_up()

    def _names(self) -> dict[str, str]:
        """What the person calls the directions of this model."""
        kept = self._host.recall(NAMES_KEY, {})
        return {str(key): str(name) for key, name in dict(kept.get(self._model_id, {})).items()}

    def _on_renamed(self, direction_id: str, name: str) -> None:
        kept = dict(self._host.recall(NAMES_KEY, {}))
        kept[self._model_id] = {**self._names(), direction_id: name}
        self._host.remember(NAMES_KEY, kept)
