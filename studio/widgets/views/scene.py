"""The large view into a scene: shows the picture that was drawn last, and tells what a hand does over it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.core.translation import _, translate
from studio.render.pixel import sharpened
from studio.render.scene import SceneMaker
from studio.widgets.spoken_role import PICTURE
from studio.widgets.theme import theme, theme_source
from studio.widgets.views import hand_event
from studio.widgets.views.graphics import graphics
from studio.widgets.views.picture import image_from_array
from studio.widgets.views.sized import Sized

if TYPE_CHECKING:
    from studio.widgets.views.gl_view import GLView

Overlay = Callable[[QPainter, QRect], None]
_BY_KEYBOARD: Final = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class SceneView(Sized, QWidget):
    """One picture that fills the widget, and above it what `overlays` paint.

    A graphics card that is worth it shows the picture, and may draw whole scenes; else a QPainter shows it.

    Signals (all of them with the plain events of studio.core.hand):
        pointer_pressed(Pointer), pointer_moved(Pointer), pointer_released(Pointer), double_clicked(Pointer)
        pointer_left(): the pointer is no longer over the view.
        wheeled(Wheel)
        key_pressed(Key), key_released(Key): of `taken_keys` only; the others go on to the window.
        hand_lost(): the keyboard went elsewhere: what is held down will not be told to go up.
        size_changed(): the widget has another size or lies on a screen with other pixels.
        painted(): the picture has just been drawn.
        drawing_changed(): `draws_scenes` has changed; a scene that was drawn is lost and a picture is wanted.

    Attributes:
        overlays: called in this order after each picture, with a painter in device-independent pixels and the whole
            widget's rectangle.
        taken_keys: names of the keys that steer the scene, also where the window has a shortcut on them.
    """

    spoken_role = PICTURE
    room_px, least_px = (640, 440), (160, 160)

    pointer_pressed = Signal(object)
    pointer_moved = Signal(object)
    pointer_released = Signal(object)
    double_clicked = Signal(object)
    pointer_left = Signal()
    wheeled = Signal(object)
    key_pressed = Signal(object)
    key_released = Signal(object)
    hand_lost = Signal()
    size_changed = Signal()
    painted = Signal()
    drawing_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.overlays: list[Overlay] = []
        self.taken_keys: frozenset[str] = frozenset()
        self._pixels: NDArray[np.uint8] | None = None
        self._is_draft = False
        self._image = QImage()
        self._is_filling = True
        self._gl: GLView | None = None
        self._make: SceneMaker | None = None
        self._shows_focus = False
        self.setObjectName("scene_view")
        self.setAccessibleName(_("Scene"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        theme_source().theme_changed.connect(self._on_theme_changed)

    @property
    def draws_scenes(self) -> bool:
        """Whether `set_scene` and `show_scene` do anything; known once the view was shown."""
        return self._gl is not None

    def set_picture(self, pixels: NDArray[np.uint8], is_draft: bool = False) -> None:
        """Show RGB uint8 (H, W, 3) pixels; the view keeps a copy. The edges of a draft are sharpened."""
        self._pixels = pixels.copy()
        self._is_draft = is_draft
        self._image = QImage()
        if self._gl is not None:
            self._gl.show_picture(self._pixels, is_draft)
        self._place_picture()

    def set_filling(self, is_filling: bool) -> None:
        """Choose whether a picture of another shape than the widget is cut at its edges or has bars beside it."""
        self._is_filling = is_filling
        self._place_picture()

    def set_scene(self, make: SceneMaker | None) -> None:
        """Let the graphics card draw what `make` makes of a moderngl context, or nothing any more.

        It is called again wherever the context is lost, and should make the scene as it is by then.
        """
        self._make = make
        if self._gl is not None:
            self._gl.set_scene(make)

    def change_scene(self, change: Callable[[Any], None]) -> None:
        """Call `change` with the scene, its context being current, when it is next drawn."""
        if self._gl is not None:
            self._gl.change_scene(change)

    def show_scene(self, camera: Any) -> None:
        """Draw the scene, as its `render` takes a camera, until the next picture or camera."""
        if self._gl is not None:
            self._gl.show_scene(camera)

    def picture_rect(self) -> QRectF:
        """Where the whole picture lies, in device-independent pixels; larger than the widget where it is cut."""
        if self._pixels is None:
            return QRectF(self.rect())
        height, width = self._pixels.shape[:2]
        scales = (self.width() / width, self.height() / height)
        scale = max(scales) if self._is_filling else min(scales)
        size = QRectF(0, 0, width * scale, height * scale)
        size.moveCenter(QRectF(self.rect()).center())
        return size

    def size_px(self) -> tuple[int, int]:
        """Width and height of the view in pixels of the screen."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))

    def update(self) -> None:  # type: ignore[override]
        """Paint again soon; Qt would leave out what OpenGL draws."""
        super().update()
        if self._gl is not None:
            self._gl.update()

    def _on_theme_changed(self) -> None:  # Qt does not take an override of `update` off the signal with the widget
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Find out who may draw here."""
        super().showEvent(event)
        graphics().look()
        if self._gl is None and graphics().can_draw_in(self):
            self._begin_gl()

    def _begin_gl(self) -> None:
        from studio.widgets.views.gl_view import GLView

        self._gl = GLView(graphics().trusted, self._paint_above, self)
        self._gl.failed.connect(self._on_gl_failed, Qt.ConnectionType.QueuedConnection)
        self._gl.painted.connect(self.painted)
        self._gl.set_scene(self._make)
        self._gl.setGeometry(self.rect())
        self._gl.lower()
        if self._pixels is not None:
            self._gl.show_picture(self._pixels, self._is_draft)
        self._place_picture()
        self._gl.show()
        self.drawing_changed.emit()

    def _on_gl_failed(self, sentence: str) -> None:
        """Go on without the graphics card."""
        gl, self._gl = self._gl, None
        graphics().give_up(translate(sentence))
        if gl is not None:
            gl.hide()
            gl.deleteLater()
            self.drawing_changed.emit()
        self.update()

    def _place_picture(self) -> None:
        if self._gl is not None and self.width() and self.height():
            rect = self.picture_rect()
            shares = (rect.x() / self.width(), rect.y() / self.height())
            self._gl.place_picture((*shares, rect.width() / self.width(), rect.height() / self.height()))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, what lies above it, and the ring that shows the keyboard's place."""
        if self._gl is not None:
            return
        painter = QPainter(self)
        self._paint_picture(painter)
        self._paint_above(painter)
        painter.end()
        self.painted.emit()

    def _paint_picture(self, painter: QPainter) -> None:
        if self._pixels is None:
            painter.fillRect(self.rect(), QColor(theme().colour.canvas))
            return
        if self._image.isNull():
            pixels = sharpened(self._pixels) if self._is_draft else self._pixels
            image = image_from_array(pixels)
            self._image = image.convertToFormat(QImage.Format.Format_RGB32)  # the one that Qt enlarges fastest
        rect = self.picture_rect()
        if not rect.contains(QRectF(self.rect())):
            painter.fillRect(self.rect(), QColor(theme().colour.canvas))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(rect, self._image)

    def _paint_above(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for overlay in self.overlays:
            painter.save()
            overlay(painter, self.rect())
            painter.restore()
        if self._shows_focus:
            painter.setPen(QPen(QColor(theme().colour.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that a picture of another size is wanted."""
        super().resizeEvent(event)
        if self._gl is not None:
            self._gl.setGeometry(self.rect())
            self._place_picture()
        self.size_changed.emit()

    def event(self, event: QEvent) -> bool:
        """Keep the scene's own keys from the window's shortcuts; a screen of other pixels wants another picture."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.size_changed.emit()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Report it."""
        self.pointer_pressed.emit(hand_event.pointer(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report it."""
        self.pointer_moved.emit(hand_event.pointer(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Report it."""
        self.pointer_released.emit(hand_event.pointer(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Report it; Qt sends it instead of the second press."""
        self.double_clicked.emit(hand_event.pointer(event))

    def leaveEvent(self, event: QEvent) -> None:
        """Report it."""
        super().leaveEvent(event)
        self.pointer_left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Report it and keep the event, so that nothing behind the picture scrolls."""
        turned = hand_event.wheel(event)
        if turned.notches:
            self.wheeled.emit(turned)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Report a key that steers the scene; every other goes on to the window."""
        if not self._takes(event):
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self.key_pressed.emit(hand_event.key(event))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Report a key that steers the scene, also where Ctrl was pressed meanwhile."""
        if hand_event.key_name(event) not in self.taken_keys:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self.key_released.emit(hand_event.key(event))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring to a person who came here by keyboard."""
        super().focusInEvent(event)
        self._shows_focus = event.reason() in _BY_KEYBOARD
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring; what is held down goes up elsewhere."""
        super().focusOutEvent(event)
        self._shows_focus = False
        self.hand_lost.emit()
        self.update()

    def _takes(self, event: QKeyEvent) -> bool:
        is_command = bool({"ctrl", "alt"} & hand_event.modifiers(event.modifiers()))
        return not is_command and hand_event.key_name(event) in self.taken_keys
