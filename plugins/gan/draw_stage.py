"""The drawing at the left, what is painted into it at the right."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from studio.api.panel import ImageView, SteadyLabel
from studio.core.text import N_, translate

from .draw_canvas import DrawCanvas, square_in

GAP_PX = 20


class IconView(ImageView):
    """The painted icon, only to be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(translate(N_("Painted icon")))
        self.setAccessibleDescription("")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.unsetCursor()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def content_rect(self) -> QRectF:
        """As large as the drawing beside it."""
        return square_in(self)


class DrawStage(QWidget):
    """Both sheets side by side with a line of words above each.

    Attributes:
        canvas: to draw on. icon: what the forger makes of it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.canvas = DrawCanvas()
        self.icon = IconView()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GAP_PX)
        grid.setVerticalSpacing(6)
        for column, (text, view) in enumerate(
            ((N_("Your outline"), self.canvas), (N_("What the forger paints"), self.icon))
        ):
            label = SteadyLabel(role="small", alignment=Qt.AlignmentFlag.AlignHCenter)
            label.set_text(translate(text))
            grid.addWidget(label, 0, column)
            grid.addWidget(view, 1, column)
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(1, 1)
