"""Fills the inspector of the people's panel, most useful first, and keeps every control in step with the scene."""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.api.engine import ModelSource
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
    ValueRange,
    param_field,
)
from studio.core.param import ParamSpec, param_specs
from studio.core.translation import N_, translate

from ..params import PeopleParams
from ..scene import PeopleScene
from .directions import PeopleDirectionSection
from .diversity import DiversitySection
from .drag_gan import DragSection
from .expression_transfer import ExpressionSection
from .mixing import MixSection
from .nearest import PeopleNearestSection
from .projection import ProjectionSection
from .sample_export import SampleExportSection
from .score import ScoreSection
from .walk import WalkSection

if TYPE_CHECKING:
    from ..engine import PeopleFacts

EXAMPLES: Final = (N_("a bun and a smile"), N_("a full beard"), N_("a wink, spiky hair"))
MAX_WORDS: Final = 300
NAMES_KEY = "direction_names"


class FaceSection(QWidget):
    """Shows where the face comes from.

    Signals: surprise_requested(), reset_requested(), seed_changed(seed), words_changed(words), grid_toggled(is_shown).
    """

    surprise_requested = Signal()
    reset_requested = Signal()
    seed_changed = Signal(int)
    words_changed = Signal(str)
    grid_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        specs = param_specs(PeopleParams)
        self.surprise = _button("surprise", N_("Surprise me"), "dice", N_("Go to another face by chance (R)"))
        self.surprise.clicked.connect(self.surprise_requested)
        self.reset = _button("reset_face", N_("Reset"), "reset", N_("Return to what the seed gives (double click)"))
        self.reset.clicked.connect(self.reset_requested)
        self.seed = param_field(PeopleParams(), "seed", "seed")
        self.seed.value_typed.connect(lambda value: self.seed_changed.emit(int(value)))
        self.grid = _button("seed_grid", N_("Grid"), "grid", N_("Show 64 seeds side by side, with these settings (G)"))
        self.grid.setCheckable(True)
        self.grid.clicked.connect(self.grid_toggled)
        self.words = QLineEdit()
        self.words.setObjectName("words")
        self.words.setMaxLength(MAX_WORDS)
        self.words.setAccessibleName(translate(specs["words"].label))
        self.words.setToolTip(translate(specs["words"].help))
        self.words.setPlaceholderText(translate(N_("Describe the face")))
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

    def show_grid(self, is_shown: bool) -> None:
        """Show whether the grid of seeds stands on the canvas. Emits nothing."""
        self.grid.setChecked(is_shown)

    def set_asked(self, has_words: bool, n_classes: int) -> None:
        """Whether the model follows words, or one of some classes by its number."""
        self.words.setVisible(has_words or n_classes > 0)
        self._examples.setVisible(has_words)
        if n_classes:
            text = translate(N_("Class, 0 to {last}")).format(last=n_classes - 1)
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
        self.words_changed.emit(text)

    def _on_words_edited(self) -> None:
        self.words.setModified(False)
        if self.words.text() != self._shown_words:
            self.words_changed.emit(self.words.text())


def _button(name: str, text: str, icon: str, hint: str) -> Button:
    button = Button(text, icon_name=icon)
    button.setObjectName(name)
    button.setToolTip(translate(hint))
    return button


class RealismSection(QWidget):
    """Signals: changed(name, value) of a parameter; noise_requested() for other noise, plain_noise_requested() for the
    model's own; edit_started(), edit_finished() around a drag."""

    changed = Signal(str, float)
    noise_requested = Signal()
    plain_noise_requested = Signal()
    edit_started = Signal()
    edit_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        specs = param_specs(PeopleParams)
        self.truncation, self.noise = (self._slider(specs[name]) for name in ("truncation", "noise"))
        self.other = Button(N_("Other noise"), icon_name="dice")
        self.other.setObjectName("other_noise")
        self.other.setToolTip(translate(N_("Draw the fine noise anew; the face stays")))
        self.other.clicked.connect(self.noise_requested)
        self.plain = Button(N_("Own noise"), icon_name="reset")
        self.plain.setObjectName("own_noise")
        self.plain.setToolTip(translate(N_("Return to the noise that belongs to the model")))
        self.plain.clicked.connect(self.plain_noise_requested)
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
        slider.value_changed.connect(lambda value: self.changed.emit(spec.name, value))
        slider.edit_started.connect(self.edit_started)
        slider.edit_finished.connect(self.edit_finished)
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

    def __init__(self, inspector: Inspector, host: Host, source: ModelSource, places: HistoryStrip) -> None:
        self._host = host
        self._model_id = source.id
        self.has_groups = False
        self.tabs = KindTabs(host, source)
        people = [one for one in host.cards() if one.more.get("kind", "people") == "people"]
        self.picker = ModelPicker(people, source.id)
        self.picker.chosen.connect(host.open_model)
        self.face, self.directions, self.mix = FaceSection(), PeopleDirectionSection(), MixSection()
        self.realism, self.walk = RealismSection(), WalkSection()
        inspector.add(self.tabs)
        inspector.add(self.picker)
        inspector.add_section("section_face", N_("Face")).add(self.face)
        self.direction_box = inspector.add_section("section_directions", N_("Strongest directions"))
        self.direction_box.add(self.directions)
        self.mix_box = inspector.add_section("section_mix", N_("Style mixing"))
        self.mix_box.add(self.mix)
        self.project, self.pull, self.swap = ProjectionSection(), DragSection(), ExpressionSection()
        inspector.add_section("section_project", N_("My picture")).add(self.project)
        inspector.add_section("section_pull", N_("Pull points")).add(self.pull)
        self.swap_box = inspector.add_section("section_swap", N_("Swap"))
        self.swap_box.add(self.swap)
        inspector.add_section("section_realism", N_("Realism")).add(self.realism)
        self.diversity, self.nearest, self.scores = (
            DiversitySection(),
            PeopleNearestSection(),
            ScoreSection(source.card),
        )
        inspector.add_section("section_diversity", N_("Diversity")).add(self.diversity)
        self.nearest_box = inspector.add_section("section_nearest", N_("Nearest real picture"))
        self.nearest_box.add(self.nearest)
        self.score_box = inspector.add_section("section_scores", N_("The detective’s scores"))
        self.score_box.add(self.scores)
        inspector.add_section("section_walk", N_("Walk")).add(self.walk)
        inspector.add_section("section_places", N_("Places visited")).add(places)
        self.augment = SampleExportSection()
        self.augment_box = inspector.add_section("section_augment", N_("Export samples"))
        self.augment_box.add(self.augment)
        self.directions.renamed.connect(self._on_renamed)

    def gestures(self) -> list[tuple[Any, Any]]:
        """The signals that stand before and after the moves of one drag, for every control that has some."""
        parts = (self.directions, self.mix, self.swap, self.realism)
        return [(part.edit_started, part.edit_finished) for part in parts]

    def show_about(self, about: "PeopleFacts") -> None:
        """Show what the open model can do."""
        self.face.set_asked(about.has_words, about.n_classes)
        self.directions.show_directions(about.directions, self._names(), about.groups)
        self.direction_box.setVisible(bool(about.directions))
        self.has_groups = bool(about.groups)
        self.mix_box.setVisible(self.has_groups)
        self.swap_box.setVisible(self.has_groups)
        self.realism.set_has_noise(about.has_noise)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show a scene; emits nothing."""
        self.face.show_scene(scene)
        self.directions.show_values(scene.values, scene.groups)
        self.mix.show_scene(scene)
        self.swap.show_scene(scene)
        self.realism.show_scene(scene)

    def _names(self) -> dict[str, str]:
        """What the person calls the directions of this model."""
        kept = self._host.recall(NAMES_KEY, {})
        return {str(key): str(name) for key, name in dict(kept.get(self._model_id, {})).items()}

    def _on_renamed(self, direction_id: str, name: str) -> None:
        kept = dict(self._host.recall(NAMES_KEY, {}))
        kept[self._model_id] = {**self._names(), direction_id: name}
        self._host.remember(NAMES_KEY, kept)
