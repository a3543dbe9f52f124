"""The inspector's part for what is asked: the prompt or a class, what to avoid, and the buttons that make it."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, ChipFlow, Label, named_button, put_in_a_column, set_tip
from studio.core.param import param_specs
from studio.core.translation import N_, _, translate

from ..params import DiffusionParams
from ..vocabulary import Vocabulary
from .chips import ActionChips
from .draw_row import DrawRow
from .prompt_edit import PromptEdit
from .runs import RunRow
from .word_hints import hint, shortened

_SHOWN_LETTERS: Final = 28


class ClassSection(QWidget):
    """Chooses the class that is drawn. Signals: prompt_changed(prompt), the name of a class."""

    prompt_changed = Signal(str)

    def __init__(self, classes: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips = ChipFlow("classes", list(classes), _("What to draw"))
        set_tip(self.chips, _("The class the picture should belong to (class conditioning)"))
        self.chips.chosen.connect(self.prompt_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.chips)

    def set_prompt(self, prompt: str) -> None:
        """Mark the class of this name, or none; emits nothing."""
        self.chips.set_current(prompt.strip())


class PromptSection(QWidget):
    """Shows what is asked; changes nothing itself.

    Signals:
        prompt_changed(text), negative_changed(text): for every letter that is typed.
        generate_requested(), stop_requested(), seed_changed(seed), new_seed_requested(), live_changed(is_live).
        completed_edited(text): the person wants this full caption instead of the one that the model wrote.

    Attributes:
        edit: the prompt itself; `classes` stands in its place for a model that knows classes only.
    """

    prompt_changed = Signal(str)
    negative_changed = Signal(str)
    generate_requested = Signal()
    stop_requested = Signal()
    seed_changed = Signal(int)
    new_seed_requested = Signal()
    live_changed = Signal(bool)
    completed_edited = Signal(str)

    def __init__(
        self,
        words: Sequence[str] = (),
        examples: Sequence[str] = (),
        classes: Sequence[str] = (),
        nearby: Mapping[str, Sequence[str]] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`words`, `examples` and `classes` are the card's; `nearby` are known words for some unknown ones."""
        super().__init__(parent)
        specs = param_specs(DiffusionParams)
        words = () if classes else words  # what is no class is refused, not unknown
        self._vocabulary = Vocabulary(words, nearby)
        self.edit = PromptEdit("prompt", specs["prompt"].label, N_("Say what to make"))
        set_tip(self.edit, translate(specs["prompt"].help))
        self.classes = ClassSection(classes)
        self.unknown = Label()
        self.examples = ActionChips("examples", N_("Examples"))
        self.examples.set_chips({text: text for text in examples})
        self.completed = CompletedCaption()
        self.run, self.draw = RunRow(), DrawRow()
        self.avoid = Button(N_("Avoid"), kind="link")
        self.negative = PromptEdit("negative", specs["negative"].label, N_("What it should not show"), (1, 4))
        set_tip(self.negative, translate(specs["negative"].help))
        self.set_words(words, nearby)
        self._dress(bool(classes))
        self._lay_out()
        self._connect()

    def _dress(self, has_classes: bool) -> None:
        self.unknown.setProperty("role", "small")
        self.unknown.setWordWrap(True)
        self.unknown.hide()
        self.avoid.setObjectName("avoid")
        self.avoid.setCheckable(True)
        set_tip(self.avoid, _("Words the model steers away from (negative prompt)"))
        self.classes.setVisible(has_classes)
        self.edit.setVisible(not has_classes)
        self.avoid.setVisible(not has_classes)
        self.examples.setVisible(bool(self.examples.chips) and not has_classes)
        self._show_avoid()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        parts = (self.classes, self.edit, self.unknown, self.examples, self.completed, self.run, self.draw)
        for part in (*parts, self.avoid, self.negative):
            column.addWidget(part)

    def _connect(self) -> None:
        self.edit.edited.connect(self.prompt_changed)
        self.edit.unknown_changed.connect(self._show_unknown)
        self.edit.generate_requested.connect(self.generate_requested)
        self.classes.prompt_changed.connect(self.prompt_changed)
        self.examples.chosen.connect(self._on_example_chosen)
        self.completed.used.connect(self.completed_edited)
        self.negative.edited.connect(self._on_negative_edited)
        self.negative.generate_requested.connect(self.generate_requested)
        self.avoid.toggled.connect(self._on_avoid_toggled)
        run = self.run
        run.generate_requested.connect(self.generate_requested)
        run.stop_requested.connect(self.stop_requested)
        run.new_seed_requested.connect(self.new_seed_requested)
        run.seed_changed.connect(self.seed_changed)
        run.live_changed.connect(self.live_changed)

    # What it shows; emits nothing

    def set_words(self, words: Sequence[str], nearby: Mapping[str, Sequence[str]] | None = None) -> None:
        """Know these words, as they stand in the card."""
        self._vocabulary = Vocabulary(words, nearby)
        for edit in (self.edit, self.negative, self.completed.edit):
            edit.set_vocabulary(self._vocabulary)

    def set_prompt(self, prompt: str) -> None:
        """Show the prompt."""
        self.edit.set_text(prompt)
        self.classes.set_prompt(prompt)
        if not prompt:
            self.completed.set_text("")

    def set_negative(self, negative: str) -> None:
        """Show what is to be avoided."""
        self.negative.set_text(negative)
        self._show_avoid()

    def set_completed(self, caption: str) -> None:
        """Show the full caption that the model made of the prompt; empty, or the prompt itself, where it made none."""
        is_same = caption.strip().casefold() == self.edit.text().strip().casefold()
        self.completed.set_text("" if is_same else caption)

    def set_running(self, is_running: bool) -> None:
        """Offer to stop a run, or to start one."""
        self.run.set_running(is_running)

    def set_seed(self, seed: int) -> None:
        """Show the seed."""
        self.run.set_seed(seed)

    def set_live(self, is_live: bool) -> None:
        """Show whether every change is drawn."""
        self.run.set_live(is_live)

    # What a hand does

    def _on_example_chosen(self, text: str) -> None:
        self.edit.set_text(text)
        self.prompt_changed.emit(text)
        if not self.run.live.isChecked():
            self.generate_requested.emit()

    def _on_negative_edited(self, text: str) -> None:
        self._show_avoid()
        self.negative_changed.emit(text)

    def _on_avoid_toggled(self, is_open: bool) -> None:
        self._show_avoid()
        if is_open:
            self.negative.setFocus()

    def _show_avoid(self) -> None:
        is_open, text = self.avoid.isChecked(), self.negative.text().strip()
        self.negative.setVisible(is_open and self.classes.isHidden())
        self.avoid.set_icon("chevron_down" if is_open else "chevron_right")
        name = _("Avoid")
        is_told = bool(text) and not is_open
        self.avoid.setText(f"{name}: {shortened(text, _SHOWN_LETTERS)}" if is_told else name)
        self.avoid.setAccessibleName(self.avoid.text())

    def _show_unknown(self) -> None:
        unknown = self.edit.unknown
        sentence = hint(self._vocabulary, unknown[0].word) if unknown else ""
        if len(unknown) > 1:
            more = _("{n} more words are unknown.") if len(unknown) > 2 else _("The same goes for “{word}”.")
            sentence += " " + more.format(n=len(unknown) - 1, word=shortened(unknown[1].word))
        self.unknown.setText(sentence)
        self.unknown.setVisible(bool(sentence))


class CompletedCaption(QWidget):
    """The full caption that the model made of a short prompt, to be changed by hand. Signals: used(text)."""

    used = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._given = ""
        self.title = Label(_("Completed:"))
        self.title.setProperty("role", "small")
        set_tip(self.title, _("The model was trained on full captions, so it fills in what you left open"))
        self.edit = PromptEdit("completed", N_("Completed caption"), n_lines=(2, 6))
        self.edit.edited.connect(self._on_edited)
        self.edit.generate_requested.connect(self._use)
        self.use = named_button(
            "use_completed", N_("Use this text"), N_("Make this text the prompt"), kind="link", pressed=self._use
        )
        line = QHBoxLayout()
        line.addWidget(self.title, 1)
        line.addWidget(self.use)
        put_in_a_column(self, (line, self.edit), 2)
        self.hide()

    def set_text(self, text: str) -> None:
        """Show another caption; hidden where there is none. While it is the same one, a person's changes stay."""
        if text == self._given:
            return
        self._given = text
        self.edit.set_text(text)
        self.setVisible(bool(text))

    def _on_edited(self, text: str) -> None:
        self.use.setEnabled(bool(text.strip()))

    def _use(self) -> None:
        if self.edit.text().strip():
            self.used.emit(self.edit.text())
