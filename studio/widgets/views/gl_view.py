"""The part of a view that the graphics card draws: a picture or a scene, and what is painted above it."""

import logging
from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QColor, QOffscreenSurface, QOpenGLContext, QPainter
from PySide6.QtOpenGLWidgets import QOpenGLWidget
from PySide6.QtWidgets import QWidget

from studio.core.translation import N_
from studio.render.picture_scene import DRAFT_SHARPNESS, PictureScene, Placement
from studio.render.scene import Scene, SceneMaker
from studio.widgets.theme import theme

log = logging.getLogger(__name__)

FAILED: Final = N_("The graphics driver failed.")
OTHER_CARD: Final = N_("OpenGL now runs on different hardware than at the last start.")
GL_FRAMEBUFFER: Final = 0x8D40


class _Holdings:
    """What lies on the graphics card for one context of Qt's; freed before that context dies.

    Then the widget may be half gone, and its context cannot be reached from Python any more. So this is no QObject,
    knows no widget, and frees what it holds through the context with which all others share.
    """

    def __init__(self, qt_context: QOpenGLContext) -> None:
        import moderngl

        self._surface = QOffscreenSurface()
        self._surface.setFormat(qt_context.format())
        self._surface.create()
        loader = cast(Any, _Loader(qt_context))  # moderngl's stubs know dictionaries only
        self.ctx = moderngl.create_context(context=loader)
        self.picture = PictureScene(self.ctx)
        self.scene: Scene | None = None
        self.is_released = False
        qt_context.aboutToBeDestroyed.connect(self.release, Qt.ConnectionType.DirectConnection)

    def set_scene(self, make: SceneMaker | None) -> None:
        """Exchange the scene; the context is current."""
        if self.scene is not None:
            self.scene.release()
        self.scene = None if make is None else make(self.ctx)

    def release(self) -> None:
        """Free everything, once."""
        if self.is_released:
            return
        self.is_released = True
        shared = QOpenGLContext.globalShareContext()
        try:
            is_current = shared is not None and shared.makeCurrent(self._surface)
        except RuntimeError:  # at the program's end Qt may have deleted the surface: then the driver frees all
            return
        if is_current:
            self.set_scene(None)
            self.picture.release()
            shared.doneCurrent()


class _Loader:
    """Lets moderngl find the functions of Qt's context, whatever system made it."""

    def __init__(self, qt_context: QOpenGLContext) -> None:
        self._qt_context = qt_context

    def load_opengl_function(self, name: str) -> int:
        """The address of a function; 0 where the driver has none of that name."""
        return int(self._qt_context.getProcAddress(QByteArray(name.encode())) or 0)


class GLView(QOpenGLWidget):
    """Fills its parent, which gets all events of the hand.

    Signals:
        failed(sentence): the card or its driver gave up, nothing is drawn any more.
        painted(): the picture has just been drawn.
    """

    failed = Signal(str)
    painted = Signal()

    def __init__(self, renderer: str, paint_above: Callable[[QPainter], None], parent: QWidget) -> None:
        """`renderer` is the only one that is trusted; `paint_above` is called after each picture."""
        super().__init__(parent)
        self._renderer = renderer
        self._paint_above = paint_above
        self._holdings: _Holdings | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._rect = (0.0, 0.0, 1.0, 1.0)
        self._sharpness = 0.0
        self._make: SceneMaker | None = None
        self._camera: Any = None
        self._changes: list[Callable[[Any], None]] = []
        self._is_scene_due = False
        self._has_failed = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_picture(self, pixels: NDArray[np.uint8], is_draft: bool) -> None:
        """Show uint8 (H, W, 3) pixels instead of the scene; the array is kept and must not change."""
        self._pixels = pixels
        self._sharpness = DRAFT_SHARPNESS if is_draft else 0.0
        self._camera = None
        if self._holdings is not None:
            self._holdings.picture.set_picture(pixels)
        self.update()

    def place_picture(self, rect: tuple[float, float, float, float]) -> None:
        """Let the picture lie at `rect`, in the shares of this widget that `Placement` has."""
        self._rect = rect
        self.update()

    def set_scene(self, make: SceneMaker | None) -> None:
        """Exchange the scene; it is made, and made again in every new context, when it is next drawn."""
        self._make = make
        self._is_scene_due = True
        self._changes.clear()
        self.update()

    def change_scene(self, change: Callable[[Any], None]) -> None:
        """Call `change` with the scene when it is next drawn."""
        self._changes.append(change)
        self.update()

    def show_scene(self, camera: Any) -> None:
        """Draw the scene with `camera` instead of the picture."""
        self._camera = camera
        self.update()

    def initializeGL(self) -> None:
        """Begin in a new context: the first one, or the next after the widget went to another window."""
        try:
            holdings = _Holdings(self.context())
        except Exception:
            log.info("no moderngl context", exc_info=True)
            self._fail(FAILED)
            return
        if holdings.ctx.info["GL_RENDERER"] != self._renderer:
            self._fail(OTHER_CARD)
            return
        self._holdings = holdings
        self._is_scene_due = self._make is not None
        if self._pixels is not None:
            holdings.picture.set_picture(self._pixels)

    def paintGL(self) -> None:
        """Draw into Qt's own framebuffer, which may be another one each time."""
        holdings = self._holdings
        if holdings is None or self._has_failed:
            return
        try:
            self._draw(holdings)
        except Exception:
            log.info("OpenGL failed", exc_info=True)
            self._fail(FAILED)
            return
        painter = QPainter(self)
        self._paint_above(painter)
        painter.end()
        self.painted.emit()

    def _draw(self, holdings: _Holdings) -> None:
        ctx = holdings.ctx
        if self._is_scene_due:
            self._is_scene_due = False
            holdings.set_scene(self._make)
        target = ctx.detect_framebuffer(self.defaultFramebufferObject())
        ratio = self.devicePixelRatioF()
        target.viewport = (0, 0, round(self.width() * ratio), round(self.height() * ratio))
        is_complete = self._draw_what_is_there(holdings, target)
        # Qt deletes its framebuffer at the next change of size, and moderngl would bind what it remembers as the last.
        ctx.screen.use()
        self.context().functions().glBindFramebuffer(GL_FRAMEBUFFER, self.defaultFramebufferObject())
        if not is_complete:
            self.update()
        if (error := ctx.error) != "GL_NO_ERROR":
            raise RuntimeError(error)

    def _draw_what_is_there(self, holdings: _Holdings, target: Any) -> bool:
        """The scene, or the last picture as long as the card has no scene yet, which is sent meanwhile.

        Returns whether the next picture would show nothing new.
        """
        changes, self._changes = self._changes, []
        scene = holdings.scene
        if scene is not None:
            for change in changes:
                change(scene)
            scene.send()
        is_complete = scene is None or scene.is_complete
        if self._camera is not None and scene is not None and scene.is_ready:
            scene.render(target, self._camera)
            return is_complete
        colour = QColor(theme().colour.canvas)
        background = (colour.redF(), colour.greenF(), colour.blueF())
        holdings.picture.render(target, Placement(self._rect, background, self._sharpness))
        return is_complete and holdings.picture.is_complete

    def _fail(self, sentence: str) -> None:
        if not self._has_failed:
            self._has_failed = True
            self.failed.emit(sentence)
