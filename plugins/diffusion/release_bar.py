"""A little bar over the canvas while a person's picture dissolves: let it go here, and it comes back another one."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from studio.api.panel import Button, SteadyLabel
from studio.core.text import N_, translate

from .caption import whole_percents

_TEXT = N_("Your picture with {percent} % noise, {n} steps back")


class ReleaseBar(QFrame):
    """Stands at the bottom of the canvas, in the middle. Begins hidden.

    Signals:
        released(k): denoise from frame `k` of the dissolving on.
        cancelled(): leave the picture as it was (Escape).
    """

    released = Signal(int)
    cancelled = Signal()

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setObjectName("release_bar")
        self.setProperty("role", "caption")
        self.setAccessibleName(translate(N_("Your picture dissolves")))
        self._k = 0
        self.words = SteadyLabel(translate(_TEXT).format(percent=100, n=1000))
        self.release = Button(N_("Release here"), kind="primary")
        self.release.setObjectName("release")
        self.release.setToolTip(
            translate(N_("Take the noise away again from here: the more there was, the freer the model is (img2img)"))
        )
        self.cancel = Button(kind="quiet", icon_name="close", hint=N_("Leave the picture as it was"))
        self.cancel.setToolTip(translate(N_("Leave the picture as it was (Escape)")))
        self.cancel.setObjectName("release_cancel")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(12)
        for widget in (self.words, self.release, self.cancel):
            row.addWidget(widget)
        self.release.clicked.connect(lambda: self.released.emit(self._k))
        self.cancel.clicked.connect(self.cancelled)
        canvas.installEventFilter(self)
        self.hide()

    def set_step(self, k: int, n_steps_back: int, noise: float) -> None:
        """Show where it stands: frame `k`, so many steps from the end, noise of 0..1 of its variance. Emits nothing."""
        self._k = k
        self.words.set_text(translate(_TEXT).format(percent=whole_percents(noise), n=n_steps_back))
        self.release.setEnabled(n_steps_back > 0)
        self.setAccessibleDescription(self.words.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle at the bottom of the canvas."""
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self._place(watched)
        return False

    def showEvent(self, event: object) -> None:
        """Stand in the right place from the beginning."""
        canvas = self.parentWidget()
        if canvas is not None:
            self._place(canvas)
        self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves the picture as it was."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _place(self, canvas: QWidget) -> None:
        self.adjustSize()
        width = min(self.width(), canvas.width())
        self.setGeometry((canvas.width() - width) // 2, canvas.height() - self.height(), width, self.height())
