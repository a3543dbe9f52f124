"""Shows the frames of a recording over a canvas, to which what the mouse does still goes."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent

from studio.core.frame import Frame
from studio.core.translation import _
from studio.core.view import Image, Tokens
from studio.render.still import shown_view, still_pixels
from studio.render.text_picture import text_picture
from studio.widgets.theme import theme
from studio.widgets.views.image import ImageView

_SIDE_PX: Final = 512


class PreviewView(ImageView):
    """One frame as a picture, on a ground that hides the canvas.

    Signals: seen(is_seen) as it comes into sight and goes; pressed() where it `takes_hand` instead of the canvas.
    """

    seen = Signal(bool)
    pressed = Signal()

    def __init__(self, takes_hand: bool = False) -> None:
        super().__init__()
        self.setObjectName("preview")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not takes_hand)
        self.setAccessibleName(_("A recording that came with this model"))
        self.setAccessibleDescription("")

    def show_frame(self, frame: Frame) -> None:
        """Show what a frame shows; raises UserError where that is nothing that a picture can hold."""
        match shown_view(frame):
            case Image(pixels=pixels):
                self.show_array(pixels)
            case Tokens() as text:
                self.show_array(text_picture(text, _SIDE_PX, "black" if theme().name == "dark" else "paper"))
            case _:
                self.show_array(still_pixels(frame, _SIDE_PX))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Whatever a hand wants here, it wants the canvas."""
        self.pressed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """It comes into sight."""
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """It goes out of sight."""
        super().hideEvent(event)
        self.seen.emit(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Hide the canvas, then draw the picture, where there is one."""
        QPainter(self).fillRect(self.rect(), QColor(theme().colour.canvas))
        if self.pixels is not None:
            super().paintEvent(event)
