"""How large pictures and videos are that leave the program."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from studio.api.panel import Button, param_field
from studio.core.text import N_, translate

from .params import SampleParams


class PictureSize(QWidget):
    """Two numbers and a button that takes those of the view.

    Signals: size_chosen(width, height); view_size_requested().
    """

    size_chosen = Signal(int, int)
    view_size_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.width_px, self.height_px = (
            param_field(SampleParams(), name, f"picture_{name}") for name in ("width", "height")
        )
        for field in (self.width_px, self.height_px):
            field.value_typed.connect(self._on_typed)
        self.like_view = Button(N_("As the view"))
        self.like_view.setObjectName("picture_like_view")
        self.like_view.setToolTip(translate(N_("Make pictures and videos as large as the view is on this screen")))
        self.like_view.clicked.connect(self.view_size_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(QLabel(translate(N_("Size"))))
        row.addStretch(1)
        row.addWidget(self.width_px)
        row.addWidget(QLabel("×"))
        row.addWidget(self.height_px)
        row.addWidget(self.like_view)

    def show_size(self, width: int, height: int) -> None:
        """Show a size in pixels; emits nothing."""
        self._size = width, height
        self.width_px.set_value(width)
        self.height_px.set_value(height)

    def _on_typed(self, value: float) -> None:
        width, height = self._size
        is_width = self.sender() is self.width_px
        self.size_chosen.emit(*((int(value), height) if is_width else (width, int(value))))
