"""Draws the picture of a choice: what lies on the disk, or a letter in the colour of its family."""

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPixmap, QPixmapCache

from studio.widgets.theme import theme


def draw_picture(painter: QPainter, rect: QRectF, path: Path | None, hue: str, name: str, radius: float) -> None:
    """Cover `rect`, with round corners; a file that is no picture counts as none."""
    outline = QPainterPath()
    outline.addRoundedRect(rect, radius, radius)
    painter.save()
    painter.setClipPath(outline, Qt.ClipOperation.IntersectClip)
    pixmap = covering_pixmap(path, rect.size().toSize(), painter.device().devicePixelRatioF()) if path else QPixmap()
    if pixmap.isNull():
        _draw_letter(painter, rect, hue, name)
    else:
        painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))
    painter.setPen(QColor(theme().colour.border))  # a white picture on a white card has an edge too
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.restore()


def covering_pixmap(path: Path, size: QSize, ratio: float) -> QPixmap:
    """The middle of a picture, as large as `size`; kept until the file changes. Null where it cannot be read."""
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError:
        return QPixmap()
    key = f"{path} {changed_ns} {size.width()} {size.height()} {ratio:g}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = _covering(QPixmap(str(path)), size * ratio)
        QPixmapCache.insert(key, pixmap)
    return pixmap


def _covering(whole: QPixmap, size_px: QSize) -> QPixmap:
    if whole.isNull():
        return whole
    expanding, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    scaled = whole.scaled(size_px, expanding, smooth)
    left, top = (scaled.width() - size_px.width()) // 2, (scaled.height() - size_px.height()) // 2
    return scaled.copy(left, top, size_px.width(), size_px.height())


def _draw_letter(painter: QPainter, rect: QRectF, hue: str, name: str) -> None:
    look = theme()
    colour = look.hues[hue if hue in look.hues else "studio"]
    painter.fillRect(rect, QColor(look.colour.field))
    tint = QColor(colour.fill)
    tint.setAlphaF(0.22)
    painter.fillRect(rect, tint)
    font = QFont(look.font("heading", QFont.Weight.Bold))
    font.setPixelSize(max(round(rect.height() * 0.45), 8))
    painter.setFont(font)
    painter.setPen(QColor(colour.text))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, name[:1].upper())
