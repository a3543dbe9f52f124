"""The middle of the people's panel: the picture, the two faces it is mixed of, the detective's card in the corner."""


import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPaintEvent, QResizeEvent, QTransform
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.api.panel import CompareCanvas, ImageView, image_from_array, theme, theme_source
from studio.core.text import N_, translate

from .mix_section import TITLES
from .people_scene import GROUPS, PeopleScene
from .verdict_card import VerdictCard

FACE_PX, GAP_PX, TEXT_PX = 88, 64, 22
ByteArray = npt.NDArray[np.uint8]


class MixStrip(QWidget):
    """Faces A and B side by side, with what each of them gives."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mix_strip")
        self.setAccessibleName(translate(N_("The two faces that are mixed")))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._images = (QImage(), QImage())
        self._texts = ("", "")
        theme_source().theme_changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Two faces and their names."""
        return QSize(theme().scaled(2 * FACE_PX + GAP_PX), FACE_PX + theme().scaled(TEXT_PX))

    def show_faces(self, a: ByteArray, b: ByteArray) -> None:
        """Show both faces, (H, W, 3) each."""
        self._images = (image_from_array(a), image_from_array(b))
        self.update()

    def show_scene(self, scene: PeopleScene) -> None:
        """Say what comes from whom."""
        self._texts = (_what_from(scene, False), _what_from(scene, True))
        self.setAccessibleDescription("; ".join(self._texts))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the faces with a plus between them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        middle, away = self.width() / 2, (FACE_PX + GAP_PX) / 2
        for side, image, text in zip((-1, 1), self._images, self._texts, strict=True):
            rect = QRectF(middle + side * away - FACE_PX / 2, 0, FACE_PX, FACE_PX)
            _paint_face(painter, rect, image)
            painter.setFont(theme().font("small"))
            painter.setPen(QColor(theme().colour.text_muted))
            wide = QRectF(0 if side < 0 else middle + 8, FACE_PX + 3, middle - 8, TEXT_PX)
            flag = Qt.AlignmentFlag.AlignRight if side < 0 else Qt.AlignmentFlag.AlignLeft
            painter.drawText(wide, flag | Qt.AlignmentFlag.AlignTop, text)
        painter.setFont(theme().font("title"))
        painter.drawText(QRectF(middle - 20, 0, 40, FACE_PX), Qt.AlignmentFlag.AlignCenter, "+")
        painter.end()


def _paint_face(painter: QPainter, rect: QRectF, image: QImage) -> None:
    if image.isNull():
        return
    brush = QBrush(image)
    scale = rect.width() / image.width()
    brush.setTransform(QTransform.fromScale(scale, scale) * QTransform.fromTranslate(rect.x(), rect.y()))
    painter.setBrush(brush)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, theme().size.radius, theme().size.radius)


def _what_from(scene: PeopleScene, is_b: bool) -> str:
    names = [
        translate(TITLES[group]).lower()
        for group, from_b in zip(GROUPS, scene.from_b, strict=True)
        if from_b is is_b
    ]
    if is_b and scene.expression and "features" not in names:
        names.append(translate(N_("expression")))
    form = N_("Style B · {what}") if is_b else N_("Style A · {what}")
    return translate(form).format(what=", ".join(names) or translate(N_("nothing")))


class Wipe(CompareCanvas):
    """A person’s picture left of the divider, the model’s right of it. Signals: painted() like the canvas."""

    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("wipe")
        self.setAccessibleName(translate(N_("Your picture against the model’s")))
        self.set_mode("wipe")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both, and tell of it."""
        super().paintEvent(event)
        self.painted.emit()


class PeopleStage(QWidget):
    """Lays the three out.

    Attributes:
        picture: the canvas. wipe: instead of it, a person’s picture against the model’s.
        strip: hidden while nothing is mixed. verdict: hidden where there is no detective.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = ImageView()
        self.wipe = Wipe()
        self.strip = MixStrip()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.picture, 1)
        column.addWidget(self.wipe, 1)
        self.wipe.hide()
        column.addWidget(self.strip)
        self.strip.hide()
        self.verdict = VerdictCard(self)
        self.verdict.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the card in its corner."""
        super().resizeEvent(event)
        self.place_verdict()

    def show_wipe(self, is_on: bool) -> None:
        """Show the wipe instead of the canvas, or no longer."""
        self.wipe.setVisible(is_on)
        self.picture.setVisible(not is_on)

    def place_verdict(self) -> None:
        """Put the card into the right upper corner."""
        size = self.verdict.sizeHint()
        self.verdict.setGeometry(self.width() - size.width(), 0, size.width(), size.height())
