"""Small line icons from assets/icons, painted in the colour that the theme asks for."""

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from studio.core.place import asset
from studio.widgets.theme import theme

ICON_PX = 16
_SHARPEST = 3  # pixels per point of the densest common screens


def icon(name: str, colour: str = "") -> QIcon:
    """The icon `name` ("play") in `colour`, "#rrggbb", else in the theme's strong text colour.

    It keeps its colour when the theme changes; `Button` asks for a new one then.
    Raises FileNotFoundError for an unknown name.
    """
    return QIcon(icon_pixmap(name, colour))


def icon_pixmap(name: str, colour: str = "", size_px: int = ICON_PX) -> QPixmap:
    """The icon as a picture of `size_px` device-independent pixels."""
    ink = QColor(colour or theme().colour.text_strong).name()
    key = f"{name} {ink} {size_px}"
    pixmap = QPixmap()
    if not QPixmapCache.find(key, pixmap):
        pixmap = _drawn(name, ink, size_px)
        QPixmapCache.insert(key, pixmap)
    return pixmap


def _drawn(name: str, ink: str, size_px: int) -> QPixmap:
    svg = asset(f"icons/{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", ink).encode()))
    pixmap = QPixmap(QSize(size_px, size_px) * _SHARPEST)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size_px * _SHARPEST, size_px * _SHARPEST))
    painter.end()
    pixmap.setDevicePixelRatio(_SHARPEST)
    return pixmap
