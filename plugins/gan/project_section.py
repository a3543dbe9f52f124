"""The inspector's part for one's own picture: bring it in, follow the search for it, wipe over it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button
from studio.core.frame import Frame
from studio.core.text import N_, translate

PICTURE_PX = 64
WAITING = N_("Drop a face here, or paste one. The forger then looks for it among all that it can draw.")


class ProjectSection(QWidget):
    """Signals: open_requested(), paste_requested(), stop_requested(), wipe_toggled(is_on)."""

    open_requested = Signal()
    paste_requested = Signal()
    stop_requested = Signal()
    wipe_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("project_section")
        hint = N_("Look for a picture of yours among all that the forger can draw (projection into w and w+)")
        self.open = _button("my_picture", N_("My picture…"), "picture", hint)
        self.open.clicked.connect(self.open_requested)
        self.paste = _button("paste_picture", N_("Paste"), "copy", N_("Take the picture on the clipboard (Ctrl+V)"))
        self.paste.clicked.connect(self.paste_requested)
        self.stop = _button("stop_search", N_("Stop"), "stop", N_("Stop looking; what was found so far stays"))
        self.stop.clicked.connect(self.stop_requested)
        self.original = QLabel()
        self.original.setFixedSize(PICTURE_PX, PICTURE_PX)
        self.original.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.original.setAccessibleName(translate(N_("Your picture")))
        self.original.setProperty("role", "thumbnail")
        self.text = QLabel(translate(WAITING))
        self.text.setObjectName("project_text")
        self.text.setProperty("role", "muted")
        self.text.setWordWrap(True)
        self.wipe = QCheckBox(translate(N_("Wipe against my picture")))
        self.wipe.setObjectName("wipe_mine")
        self.wipe.setToolTip(translate(N_("Lay your picture over the left part of the model’s; drag the divider")))
        self.wipe.toggled.connect(self.wipe_toggled)
        self._lay_out()
        self.show_running(False)
        self.original.hide()
        self.wipe.hide()

    def _lay_out(self) -> None:
        buttons, row, column = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        buttons.setSpacing(8)
        for button in (self.open, self.paste, self.stop):
            buttons.addWidget(button, 1)
        row.setSpacing(10)
        row.addWidget(self.original)
        row.addWidget(self.text, 1)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(buttons)
        column.addLayout(row)
        column.addWidget(self.wipe)

    def show_running(self, is_running: bool) -> None:
        """Offer to stop while a picture is looked for."""
        self.stop.setVisible(is_running)
        self.open.setVisible(not is_running)
        self.paste.setVisible(not is_running)

    def show_original(self, picture: QImage) -> None:
        """Show the person's picture as the model is asked for it."""
        mode = Qt.TransformationMode.SmoothTransformation
        ratio = self.original.devicePixelRatioF()
        side = round(PICTURE_PX * ratio)
        pixmap = QPixmap.fromImage(picture.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode))
        pixmap.setDevicePixelRatio(ratio)
        self.original.setPixmap(pixmap)
        self.original.show()
        self.wipe.show()

    def show_progress(self, frame: Frame) -> None:
        """Say how far the search is."""
        text = N_("Step {step} of {n}: {what}. Colours are {percent:.1f} % off.")
        percent = 100 * frame.scalars.get("error", 0.0)
        self.text.setText(
            translate(text).format(step=frame.step + 1, n=frame.n_steps, what=frame.label.lower(), percent=percent)
        )

    def show_found(self, frame: Frame) -> None:
        """Say how near the search has come."""
        text = N_("The nearest face the forger can draw: colours are {percent:.1f} % off. Now all sliders work on it.")
        self.text.setText(translate(text).format(percent=100 * frame.scalars.get("error", 0.0)))


def _button(name: str, text: str, icon: str, hint: str) -> Button:
    button = Button(text, icon_name=icon)
    button.setObjectName(name)
    button.setToolTip(translate(hint))
    return button
