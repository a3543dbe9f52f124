"""Plays the short recording that a family ships, where pictures may move, and lets a hand drag through it."""

from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QMovie,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from studio.core.translation import _
from studio.shell.home.loop_frames import LoopFrames
from studio.widgets.controls.label import set_tip
from studio.widgets.motion import motion
from studio.widgets.theme import hue_of, theme

GO_ON_MS: Final = 1200
_SHAPE: Final = 0.37  # height over width
_MOST: Final = 1.6
_ALIKE: Final = 12  # of 255
_LINE_PX: Final = 3
_OPENING: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Thumbnail(QWidget):
    """An animated picture that covers its area; its corners at the top or at the left are round. Unseen, it rests.

    A drag, or the arrow keys, go back and forth in it; a while after that it plays on from there.

    Signals: clicked() by a click that drags nothing, or by Enter.
    """

    clicked = Signal()

    def __init__(
        self, path: Path | None, size_px: QSize, corners: Literal["top", "left"] = "top", title: str = ""
    ) -> None:
        super().__init__()
        self._movie = QMovie(self)
        if path is not None:
            self._movie.setFileName(str(path))
        self._size_px = size_px
        self._corners = corners
        self._movie.frameChanged.connect(self.update)
        motion().changed.connect(self._follow_motion)
        # Beside words it is as high as they are; above them it has its own height.
        height = QSizePolicy.Policy.Fixed if corners == "top" else QSizePolicy.Policy.Preferred
        self.setSizePolicy(QSizePolicy.Policy.Expanding, height)
        self._frames = LoopFrames(path, self) if path is not None and self.is_readable else None
        self._held: int | None = None  # the picture that a hand went to
        self._pressed: tuple[float, int] | None = None
        self._is_dragged = False
        self._going_on = QTimer(self, singleShot=True, interval=GO_ON_MS)
        self._going_on.timeout.connect(self._go_on)
        self._catching_up = QTimer(self, interval=0)
        self._catching_up.timeout.connect(self._catch_up)
        if self._frames is not None:
            self._frames.grown.connect(self.update)
            self._invite(title)

    def _invite(self, title: str) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(_("Moving picture of {title}").format(title=title))
        self.setAccessibleDescription(_("The arrow keys go back and forth in it, Enter opens it."))
        set_tip(self, _("Drag to go back and forth, click to open"))

    @property
    def is_readable(self) -> bool:
        """Whether Qt can play the file."""
        return bool(self._movie.fileName()) and self._movie.isValid()

    @property
    def index(self) -> int:
        """Which picture is shown, from 0."""
        return max(self._movie.currentFrameNumber(), 0) if self._held is None else self._held

    @property
    def is_held(self) -> bool:
        """Whether a hand holds it still."""
        return self._held is not None

    def sizeHint(self) -> QSize:
        """The size that the card asked for."""
        return self._size_px

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Above words a wide one is higher, so that less of its picture is cut off."""
        super().resizeEvent(event)
        if self._corners == "top":
            least = self._size_px.height()
            self.setFixedHeight(round(min(max(self.width() * _SHAPE, least), _MOST * least)))

    def showEvent(self, event: QShowEvent) -> None:
        """Go on playing."""
        super().showEvent(event)
        if self.is_readable:
            self._movie.start()
            self._follow_motion()

    def _follow_motion(self) -> None:
        """Move only where that is wanted; the hand still goes through it."""
        if self._held is None:
            self._movie.setPaused(motion().is_reduced)

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest."""
        super().hideEvent(event)
        self._let_go()
        self._movie.stop()

    # The hand

    def enterEvent(self, event: QEnterEvent) -> None:
        """Be ready for a drag."""
        super().enterEvent(event)
        self._get_ready()

    def leaveEvent(self, event: QEvent) -> None:
        """Keep no pictures longer than they are looked at."""
        super().leaveEvent(event)
        self._rest()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Be ready for the arrow keys."""
        super().focusInEvent(event)
        self._get_ready()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep no pictures longer than they are looked at."""
        super().focusOutEvent(event)
        self._rest()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._get_ready()
            self._pressed = (event.position().x(), self.index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go as far through the recording as the hand goes over the picture."""
        if self._pressed is None or self._frames is None:
            return
        x, index = self._pressed
        way_px = event.position().x() - x
        self._is_dragged = self._is_dragged or abs(way_px) >= QApplication.startDragDistance()
        if self._is_dragged:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._hold(index + round(way_px / self.width() * self._movie.frameCount()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or open."""
        if self._pressed is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        was_dragged, self._pressed, self._is_dragged = self._is_dragged, None, False
        if self._frames is not None:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        if was_dragged:
            self._going_on.start()
        elif self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back and forth, or open."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in _OPENING:
            self.clicked.emit()
        elif event.key() in steps and self._frames is not None:
            self._hold(self.index + steps[Qt.Key(event.key())])
            self._going_on.start()
        else:
            super().keyPressEvent(event)

    def _hold(self, index: int) -> None:
        self._going_on.stop()
        self._catching_up.stop()
        self._movie.setPaused(True)
        self._held = index % max(self._movie.frameCount(), 1)
        self.update()

    def _go_on(self) -> None:
        if self._pressed is None:
            self._catching_up.start()

    def _catch_up(self) -> None:
        """Let the player reach the picture that is held, one picture a turn, as it cannot jump."""
        if self._held is not None and self._movie.currentFrameNumber() != self._held:
            self._movie.jumpToNextFrame()
            return
        self._let_go()
        self._follow_motion()
        if not self.underMouse() and not self.hasFocus():
            self._rest()

    def _let_go(self) -> None:
        self._catching_up.stop()
        self._going_on.stop()
        self._held = self._pressed = None
        self._is_dragged = False

    def _get_ready(self) -> None:
        if self._frames is not None:
            self._frames.begin(self.size() * self.devicePixelRatioF())
        self.update()

    def _rest(self) -> None:
        if self._frames is not None and self._held is None:
            self._frames.drop()
        self.update()

    # The picture

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the present picture so that it covers the area, and where it stands while a hand is near."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipPath(self._outline())
        picture = self._picture()
        if picture.isNull():
            painter.fillRect(self.rect(), QColor(hue_of(self).fill))
            return
        _draw(painter, picture, QRectF(self.rect()))
        if self.underMouse() or self.hasFocus() or self.is_held:
            self._draw_place(painter)

    def _picture(self) -> QImage:
        held = self._frames.nearest(self._held) if self._frames is not None and self._held is not None else QImage()
        return self._movie.currentImage() if held.isNull() else held

    def _draw_place(self, painter: QPainter) -> None:
        share = (self.index + 1) / max(self._movie.frameCount(), 1)
        line = QRectF(0, self.height() - _LINE_PX, self.width(), _LINE_PX)
        painter.fillRect(line, QColor(theme().colour.groove))
        painter.fillRect(QRectF(0, line.top(), self.width() * share, _LINE_PX), QColor(hue_of(self).fill))
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme().colour.focus), 4))
            painter.drawRect(self.rect())

    def _outline(self) -> QPainterPath:
        """Round the corners on the side where the card's own edge is."""
        radius = theme().size.radius_large - 1
        square = QRectF(self.rect()).adjusted(radius, 0, 0, 0)
        if self._corners == "top":
            square = QRectF(self.rect()).adjusted(0, radius, 0, 0)
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addRoundedRect(QRectF(self.rect()), radius, radius)
        path.addRect(square)
        return path


def _draw(painter: QPainter, picture: QImage, area: QRectF) -> None:
    """Show a picture whole on its own ground, where all its corners have one colour; any other covers `area`."""
    shares = area.width() / picture.width(), area.height() / picture.height()
    ground = _ground(picture)
    if ground is not None:
        painter.fillRect(area, ground)
    scale = max(shares) if ground is None else min(shares)
    place = QRectF(0, 0, picture.width() * scale, picture.height() * scale)
    place.moveCenter(area.center())
    painter.drawImage(place, picture)


def _ground(picture: QImage) -> QColor | None:
    """The colour of the corners, None where they differ by more than what packing a picture does to it."""
    right, bottom = picture.width() - 1, picture.height() - 1
    corners = [picture.pixelColor(x, y) for x in (0, right) for y in (0, bottom)]
    values = [(one.red(), one.green(), one.blue()) for one in corners]
    spread = max(max(each) - min(each) for each in zip(*values, strict=True))
    return corners[0] if spread <= _ALIKE else None
