"""The buttons that write: so many tokens, one, until the end."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import Button
from studio.core.text import N_, translate

WRITE: Final = N_("Write {n}")


class TextWriteSection(QWidget):
    """Signals: write_requested(), step_requested(), end_requested(), stop_requested()."""

    write_requested = Signal()
    step_requested = Signal()
    end_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_writing = False
        self.write = Button(N_("Write"), kind="primary")
        self.write.setObjectName("write")
        self.write.clicked.connect(self._on_write_clicked)
        self.step = Button(N_("Step"))
        self.step.setObjectName("step")
        self.step.setToolTip(translate(N_("Write one token more (Ctrl Shift Enter)")))
        self.step.clicked.connect(self.step_requested)
        self.end = Button(N_("To the end"))
        self.end.setObjectName("to_the_end")
        self.end.setToolTip(translate(N_("Write until the text is over, or until you stop it")))
        self.end.clicked.connect(self.end_requested)
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
        text = translate(N_("Stop")) if is_writing else translate(WRITE).format(n=n_tokens)
        self.write.setText(text)
        self.write.setAccessibleName(text)
        hint = N_("Write no more; what is written stays") if is_writing else N_("Write so many tokens (Ctrl Enter)")
        self.write.setToolTip(translate(hint))
        self.write.setEnabled(can_write or is_writing)
        for button in (self.step, self.end):
            button.setEnabled(can_write and not is_writing)

    def _on_write_clicked(self) -> None:
        if self._is_writing:
            self.stop_requested.emit()
        else:
            self.write_requested.emit()
