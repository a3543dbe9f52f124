"""The small parts of the inspector: a field of a few lines, the sampler's sliders, the buttons that write."""

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from studio.api.panel import ParamForm, named_button, put_in_a_column, set_tip, theme, theme_source
from studio.core.translation import N_, _, translate

from ..params import TransformerParams

_AROUND_PX: Final = 18  # frame, padding and margin of the document above and below the text
_ENTERS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
MAIN: Final = ("temperature", "top_k", "top_p", "repetition")
MORE: Final = ("min_p", "typical", "frequency", "is_greedy", "bias", "banned")
OF_WORDS: Final = ("bias", "banned")
WRITING: Final = ("length", "seed")
WRITE: Final = N_("Write {n}")


class TextField(QPlainTextEdit):
    """Signals: finished(): Ctrl Enter."""

    finished = Signal()

    def __init__(
        self, object_name: str, title: str, n_lines: int, is_code: bool = False, parent: QWidget | None = None
    ) -> None:
        """`is_code` shows equally wide letters."""
        super().__init__(parent)
        self._n_lines, self._is_code = n_lines, is_code
        self.setObjectName(object_name)
        self.setAccessibleName(translate(title))
        self.setTabChangesFocus(True)
        theme_source().theme_changed.connect(self._fit)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Take Ctrl Enter from the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_finish(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl Enter finishes; all else is typed."""
        if _is_finish(event):
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def _fit(self) -> None:
        font = QFont(theme().face.mono) if self._is_code else theme().font("body")
        if self._is_code:
            font.setPixelSize(theme().text_px("small"))
        self.setFont(font)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * self._n_lines + _AROUND_PX)


def _is_finish(event: QKeyEvent) -> bool:
    return event.key() in _ENTERS and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


class SamplingSection(QWidget):
    """Signals: changed(name, value); edit_started(name), edit_finished(name) around one step of undo of a slider."""

    changed = Signal(str, object)
    edit_started = Signal(str)
    edit_finished = Signal(str)

    def __init__(self, has_words: bool = True, parent: QWidget | None = None) -> None:
        """`has_words` offers to want or ban words, which needs the model itself."""
        super().__init__(parent)
        more = MORE if has_words else tuple(name for name in MORE if name not in OF_WORDS)
        self.main, self.folded, self.writing = (self._form(names) for names in (MAIN, more, WRITING))
        self.more = named_button("more_settings", N_("More settings"), "", "chevron_right", kind="link")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._show_more)
        put_in_a_column(self, (self.main, self.writing, self.more, self.folded))
        self._show_more(False)

    def _form(self, names: tuple[str, ...]) -> ParamForm:
        form = ParamForm(TransformerParams, "text_", only=names)
        form.changed.connect(self.changed)
        form.edit_started.connect(self.edit_started)
        form.edit_finished.connect(self.edit_finished)
        return form

    def show_params(self, params: TransformerParams) -> None:
        """Show these values. Emits nothing."""
        for form in (self.main, self.folded, self.writing):
            form.show_params(params)

    def _show_more(self, is_open: bool) -> None:
        self.folded.setVisible(is_open)
        self.more.set_icon("chevron_down" if is_open else "chevron_right")
        self.more.setText(_("Fewer settings") if is_open else _("More settings"))


class TextWriteSection(QWidget):
    """Signals: write_requested(), step_requested(), end_requested(), stop_requested()."""

    write_requested = Signal()
    step_requested = Signal()
    end_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_writing = False
        self.write = named_button("write", N_("Write"), kind="primary", pressed=self._on_write_clicked)
        self.step = named_button(
            "step", N_("One step"), N_("Write one more token (Ctrl Shift Enter)"), pressed=self.step_requested
        )
        self.end = named_button(
            "to_the_end",
            N_("To the end"),
            N_("Write until the text is finished, or until you stop it"),
            pressed=self.end_requested,
        )
        self._lay_out()
        self.show_state(False, 0, True)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.write, 1)
        row.addWidget(self.step)
        row.addWidget(self.end)

    def show_state(self, is_writing: bool, n_tokens: int, can_write: bool) -> None:
        """Offer to write so many tokens, or to stop. Emits nothing."""
        self._is_writing = is_writing
        text = _("Stop") if is_writing else translate(WRITE).format(n=n_tokens)
        self.write.setText(text)
        self.write.setAccessibleName(text)
        hint = N_("Stop writing; what is there stays") if is_writing else N_("Write this many tokens (Ctrl Enter)")
        set_tip(self.write, translate(hint))
        self.write.setEnabled(can_write or is_writing)
        for button in (self.step, self.end):
            button.setEnabled(can_write and not is_writing)

    def _on_write_clicked(self) -> None:
        if self._is_writing:
            self.stop_requested.emit()
        else:
            self.write_requested.emit()
