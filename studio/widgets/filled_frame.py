"""The shape of a panel whose picture fills all the room: caption and small controls float above it."""

from PySide6.QtCore import QMargins, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from studio.widgets.panel_frame import PanelFrame

_AIR_PX = 16
_N_COLUMNS = 3
_CORNERS = {
    "top_left": (0, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft),
    "top_right": (0, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight),
    "bottom_left": (2, 0, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft),
    "bottom_right": (2, 2, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight),
}


class FilledFrame(PanelFrame):
    """Lays out a panel; see PanelFrame."""

    def add_overlay(self, widget: QWidget, corner: str) -> None:
        """Let a widget float in a corner of the canvas: "top_left", "bottom_right" …; the caption is below them."""
        row, column, alignment = _CORNERS[corner]
        self._floating.addWidget(widget, row, column, alignment)

    def _margins(self) -> QMargins:
        return QMargins(0, 0, 0, 0)

    def _picture_page(self, canvas: QWidget) -> QWidget:
        grid = self._floating = QGridLayout(canvas)
        grid.setContentsMargins(_AIR_PX, _AIR_PX, _AIR_PX, _AIR_PX)
        grid.setSpacing(_AIR_PX)
        grid.setRowStretch(1, 1)
        grid.setColumnStretch(1, 1)
        row = QHBoxLayout()
        row.setSpacing(_AIR_PX)
        row.addWidget(self.caption, 1)
        row.addStretch(0)
        grid.addLayout(row, 3, 0, 1, _N_COLUMNS)
        self.hint.set_plated(True)
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        grid.addWidget(self.hint, 4, 0, 1, _N_COLUMNS)
        return canvas
