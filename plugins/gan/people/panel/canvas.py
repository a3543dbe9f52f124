"""The middle of the people's panel: the picture, both faces it is mixed of, the discriminator's card in the corner."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image as Bitmap
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QImage, QPainter, QPaintEvent, QResizeEvent, QTransform
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from studio.api.panel import CompareCanvas, ImageView, hue_of, image_from_array, set_tip, theme, theme_source
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate, within
from studio.core.view import Image

from ..scene import GROUPS, PeopleScene

TITLES: Final = {"figure": N_("Face, pose"), "features": N_("Features"), "colours": N_("Colours")}
WIDTH_PX, HEIGHT_PX, MARGIN_PX, BAR_PX = 224, 58, 14, 8
SCORE_TITLE: Final = N_("The detective says")
SCORE_HINT: Final = N_(
    "The share of held-out real pictures that the discriminator scores lower than this one. Click to see which parts "
    "of the picture its score depends on (gradient of the score)."
)
FACE_PX, GAP_PX, TEXT_PX = 88, 64, 22
ByteArray = npt.NDArray[np.uint8]


class ScoreCard(QAbstractButton):
    """Shows a share of 0..1 as a bar; checked, the canvas shows the discriminator's map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        set_tip(self, translate(SCORE_HINT))
        self._share: float | None = None
        self.show_share(None)
        theme_source().theme_changed.connect(self.updateGeometry)

    def show_share(self, share: float | None) -> None:
        """Show a share; None while nothing was judged."""
        self._share = share
        said = _("{percent:.0f} % real").format(percent=100 * share) if share is not None else "…"
        self.setText(said)
        self.setAccessibleName(translate(SCORE_TITLE))
        self.setAccessibleDescription(f"{said}. {translate(SCORE_HINT)}")
        self.update()

    def sizeHint(self) -> QSize:
        """A fixed card, as large as its text needs."""
        return QSize(theme().scaled(WIDTH_PX), theme().scaled(HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, the bar and the words."""
        painter, colour, hue = QPainter(self), theme().colour, hue_of(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colour.focus if self.hasFocus() else hue.fill if self.isChecked() else colour.border))
        painter.setBrush(QColor(colour.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme().size.radius, theme().size.radius)
        inside = self.rect().adjusted(MARGIN_PX, 8, -MARGIN_PX, -8)
        painter.setFont(theme().font("small"))
        painter.setPen(QColor(colour.text_muted))
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, translate(SCORE_TITLE))
        painter.setFont(theme().font("body", QFont.Weight.DemiBold))
        painter.setPen(QColor(colour.text_strong))
        painter.drawText(inside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, self.text())
        self._paint_bar(painter, inside.left(), inside.bottom() - 14, round(inside.width() * 0.55))
        painter.end()

    def _paint_bar(self, painter: QPainter, left: int, top: int, width: int) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.control))
        painter.drawRoundedRect(QRectF(left, top, width, BAR_PX), BAR_PX / 2, BAR_PX / 2)
        if self._share:
            painter.setBrush(QColor(hue_of(self).fill))
            painter.drawRoundedRect(QRectF(left, top, max(BAR_PX, width * self._share), BAR_PX), BAR_PX / 2, BAR_PX / 2)


def with_heat(pixels: npt.NDArray[np.uint8], heat: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """A picture (H, W, 3), greyed, with a map (h, w) in 0..1 laid over all of it in amber."""
    heat = np.asarray(Bitmap.fromarray(heat).resize(pixels.shape[1::-1], Bitmap.Resampling.BILINEAR))
    grey = pixels.mean(2, keepdims=True) * 0.5 + 64
    glow = np.array([251, 191, 36], np.float32)
    share = np.clip(heat, 0, 1)[..., None] ** 0.7
    return (grey * (1 - share) + glow * share).clip(0, 255).astype(np.uint8)


class MixStrip(QWidget):
    """Faces A and B side by side, with what each of them gives."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mix_strip")
        self.setAccessibleName(_("The two faces that are mixed"))
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
        within(translate(TITLES[group])) for group, from_b in zip(GROUPS, scene.from_b, strict=True) if from_b is is_b
    ]
    if is_b and scene.expression and "features" not in names:
        names.append(_("expression"))
    form = N_("Style B · {what}") if is_b else N_("Style A · {what}")
    return translate(form).format(what=", ".join(names) or _("nothing"))


class Wipe(CompareCanvas):
    """A person’s picture left of the divider, the model’s right of it. Signals: painted() like the canvas."""

    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("wipe")
        self.setAccessibleName(_("Your picture against the model’s"))
        self.set_mode("wipe")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both, and tell of it."""
        super().paintEvent(event)
        self.painted.emit()


class PeopleStage(QWidget):
    """Lays the three out.

    Attributes:
        picture: the canvas. wipe: instead of it, a person’s picture against the model’s.
        strip: hidden while nothing is mixed. verdict: hidden where there is no discriminator.
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
        self.verdict = ScoreCard(self)
        self.verdict.hide()
        self._view: Image | None = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the card in its corner."""
        super().resizeEvent(event)
        self.place_verdict()

    def show_frame(self, frame: Frame, scene: PeopleScene) -> None:
        """Show the picture of a frame, unless it is there and comes once more with its verdict."""
        view = frame.main_view
        if isinstance(view, Image) and view is not self._view:
            self._view = view
            self.picture.show_array(view.pixels)

    def show_wipe(self, is_on: bool) -> None:
        """Show the wipe instead of the canvas, or no longer."""
        self.wipe.setVisible(is_on)
        self.picture.setVisible(not is_on)

    def place_verdict(self) -> None:
        """Put the card into the right upper corner."""
        size = self.verdict.sizeHint()
        self.verdict.setGeometry(self.width() - size.width(), 0, size.width(), size.height())
