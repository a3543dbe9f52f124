"""The inspector's part for whose face it is: surprise me, the seed, words, and the way back."""

from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.api.panel import Button, Chip, FlowLayout, param_field
from studio.core.param import param_specs
from studio.core.text import N_, translate

from .people_params import PeopleParams
from .people_scene import PeopleScene

EXAMPLES: Final = (N_("a bun and a smile"), N_("a full beard"), N_("a wink, spiky hair"))
MAX_WORDS: Final = 300


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
