"""The inspector's part for the form of a text: one of several, a regular expression, a JSON schema."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button, Segmented
from studio.core.error import UserError
from studio.core.param import MAX_TEXT, param_specs
from studio.core.text import N_, plural, translate

from .form_wish import FORMS, FREE
from .params import SampleParams
from .text_field import TextField

TITLES: Final = {FREE: N_("Free"), "choices": N_("One of"), "pattern": N_("Expression"), "schema": N_("Schema")}
EXAMPLES: Final = {
    FREE: "",
    "choices": "O joy!\nO sorrow!\nO day!",
    "pattern": r" [A-Z][a-z]+, [a-z]+ [a-z]+!",
    "schema": """{"type": "object", "properties": {
  "name": {"type": "string", "maxLength": 12},
  "age": {"type": "integer"},
  "is_king": {"type": "boolean"}},
 "required": ["name", "age"]}""",
}
ANYTHING: Final = N_("The model may write anything.")


class FormSection(QWidget):
    """Signals: applied(kind, text): the text shall have this form; "free" for none."""

    applied = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        hints = {kind: translate(param_specs(SampleParams)[kind].help) for kind in FORMS}
        self.kinds = Segmented("form_kind", TITLES, N_("Form of the text"), {FREE: translate(ANYTHING), **hints})
        self.kinds.value_chosen.connect(self._on_kind_chosen)
        self.edit = TextField("form_text", N_("What the text has to look like"), 6, is_code=True)
        self.edit.finished.connect(self._apply)
        self.use = Button(N_("Write in this form"))
        self.use.setObjectName("form_use")
        self.use.setToolTip(translate(N_("Write behind the prompt what has this form, and nothing else (Ctrl Enter)")))
        self.use.clicked.connect(self._apply)
        self.example = Button(N_("Example"), kind="link")
        self.example.setObjectName("form_example")
        self.example.clicked.connect(self._show_example)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setProperty("role", "small")
        buttons = QHBoxLayout()
        buttons.addWidget(self.use)
        buttons.addWidget(self.example)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.kinds)
        column.addWidget(self.edit)
        column.addLayout(buttons)
        column.addWidget(self.said)
        self._texts = dict.fromkeys(TITLES, "")
        self._applied = (FREE, "")
        self._shown = FREE  # the kind whose text is in the field
        self._show_kind(FREE)

    def show_form(self, kind: str, text: str) -> None:
        """Show what is asked for; what is being typed stays where nothing else was asked for. Emits nothing."""
        if (kind, text) != self._applied:
            self._applied = (kind, text)
            self._texts[kind] = text
            self._show_kind(kind)

    def show_allowed(self, n_allowed: int | None) -> None:
        """Say how many tokens may come at the marked place; None where the form says nothing of it."""
        if self._applied[0] == FREE or self.kinds.value() != self._applied[0]:
            return
        text = plural(N_("{n} token fits the form here."), N_("{n} tokens fit the form here."), n_allowed or 0)
        free = translate(N_("The prompt is free; the form begins behind it."))
        self.said.setText(free if n_allowed is None else text)

    def show_problem(self, error: UserError) -> None:
        """Say what is wrong with what was typed."""
        self.said.setText(str(error))

    def _show_kind(self, kind: str) -> None:
        self.kinds.set_value(kind)
        self._shown, is_free = kind, kind == FREE
        for part in (self.edit, self.use, self.example):
            part.setVisible(not is_free)
        self.edit.setPlainText(self._texts[kind])
        self.edit.setPlaceholderText(EXAMPLES[kind])
        self.said.setText(translate(ANYTHING if is_free else param_specs(SampleParams)[kind].help))

    def _on_kind_chosen(self, kind: str) -> None:
        self._texts = {**self._texts, self._shown: self.edit.toPlainText()}
        self._show_kind(kind)
        if kind == FREE and self._applied[0] != FREE:
            self.applied.emit(FREE, "")

    def _show_example(self) -> None:
        self.edit.setPlainText(EXAMPLES[self.kinds.value()])
        self.edit.setFocus()

    def _apply(self) -> None:
        text = self.edit.toPlainText()
        self.applied.emit(self.kinds.value() if text.strip() else FREE, text[:MAX_TEXT])
