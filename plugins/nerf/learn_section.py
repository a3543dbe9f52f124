"""The inspector's part for learning a scene: begin with our photos or one's own, and divide the machine."""

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import Button, SliderRow, ValueRange
from studio.core.text import N_, translate

VIEWING: Final = ValueRange(10.0, 90.0, step=5.0, default=50.0, unit="%", is_whole=True)


class LearnSection(QWidget):
    """Begins a learning, which the window's own card then follows.

    Signals:
        learn_requested(): learn our scene from the photos that came with it.
        photos_requested(): choose a folder of one's own photos.
        share_changed(share): of the machine that is kept for viewing, 0..1.
    """

    learn_requested = Signal()
    photos_requested = Signal()
    share_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.learn = Button(N_("Learn our scene"))
        self.learn.setObjectName("learn_learn")
        self.learn.setToolTip(translate(N_("Begin from nothing with the photos that came with it, and watch")))
        self.learn.clicked.connect(self.learn_requested)
        self.photos = Button(N_("Learn my photos…"))
        self.photos.setObjectName("learn_photos")
        self.photos.setToolTip(translate(N_("A folder with photos and their cameras (transforms.json)")))
        self.photos.clicked.connect(self.photos_requested)
        share_help = N_("How much of the machine draws the scene while it learns; the rest learns.")
        self.share = SliderRow("viewing_share", N_("For viewing"), VIEWING, share_help)
        self.share.value_changed.connect(lambda percent: self.share_changed.emit(percent / 100))
        self.share.set_value(VIEWING.default)
        self.share.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.learn)
        buttons.addWidget(self.photos)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(buttons)
        column.addWidget(self.share)
