"""The inspector's part for what a person takes home: a picture of the view, a video of a whole turn."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.api.panel import Button
from studio.core.text import N_, translate


class TakeAway(QWidget):
    """Signals: picture_requested(), turntable_requested()."""

    picture_requested = Signal()
    turntable_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = Button(N_("Picture"), icon_name="picture")
        self.picture.setObjectName("take_picture")
        self.picture.setToolTip(translate(N_("Save this view as a picture of any size, drawn by the network")))
        self.picture.clicked.connect(self.picture_requested)
        self.turntable = Button(N_("Turntable video"), icon_name="loop")
        self.turntable.setObjectName("take_turntable")
        self.turntable.setToolTip(translate(N_("Once around the scene, saved as a video (turntable)")))
        self.turntable.clicked.connect(self.turntable_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.picture)
        row.addWidget(self.turntable)
        row.addStretch(1)
