"""The middle of the panel: the text with its blanks, the key to its colours, and the order of the blanks."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from studio.api.panel import ChipsLegend, TextCanvas, TextLook
from studio.core.text import N_, translate

from .order_page import OrderPage
from .order_strip import OrderStrip


class OrderStage(QWidget):
    """Signals: underline_chosen(is_on)."""

    underline_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.page = OrderPage()
        self.canvas = TextCanvas(page=self.page)
        self.legend = ChipsLegend()
        self.strip = OrderStrip()
        self.underline = QCheckBox(translate(N_("Underline")))
        self.underline.setObjectName("is_underlined")
        self.underline.setToolTip(translate(N_("Show surprise as a line under each word instead of a colour")))
        self.underline.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.underline.clicked.connect(self.underline_chosen)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.legend, 1)
        row.addWidget(self.underline)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        column.addLayout(row)
        column.addWidget(self.strip)

    def set_underlined(self, is_underlined: bool) -> None:
        """Show surprise as lines or colours. Emits nothing."""
        self.canvas.set_look(TextLook(is_underlined=is_underlined))
        self.legend.set_underlined(is_underlined)
        self.underline.setChecked(is_underlined)
