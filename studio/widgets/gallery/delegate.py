"""Draw a choice as a row of the palette or as a tile of the gallery."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPixmapCache,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.widgets.gallery.choice import Choice
from studio.widgets.theme import theme

MATCH: Final = Qt.ItemDataRole.UserRole
"""Where an item has its choice and the letters of its title that were found."""
ROW_PX: Final = 34
ROW_PICTURE_PX: Final = 38
TILE_PX: Final = (216, 226)
PADDING_PX: Final = 6
HEADING_PX: Final = 20
_PICTURE_PX: Final = (200, 133)
N_LINES: Final = 3
_DOT_PX: Final = 8


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


class RowDelegate(QStyledItemDelegate):
    """A line: a small picture where there is one, the title with what was found in bold, kind or keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every line has the same height."""
        return QSize(theme().scaled(200), theme().scaled(ROW_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one line."""
        look = theme()
        choice, positions = index.data(MATCH)
        rect = option.rect.adjusted(12, 0, -12, 0)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if option.state & QStyle.StateFlag.State_Selected:
            _fill(painter, QRectF(rect.adjusted(-8, 1, 8, -1)), look.size.radius_small)
        if choice.picture is not None:
            place = QRectF(rect.left(), rect.top() + 3, look.scaled(ROW_PICTURE_PX), rect.height() - 6)
            draw_picture(painter, place, choice.picture, choice.hue, choice.short_name, 4)
            rect.setLeft(round(place.right()) + 10)
        right = choice.keys or choice.kind
        painter.setFont(look.font("small"))
        painter.setPen(QColor(look.colour.text_muted))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, right)
        width_px = rect.width() - QFontMetrics(look.font("small")).horizontalAdvance(right) - 16
        _draw_title(painter, QRect(rect.left(), rect.top(), width_px, rect.height()), choice.entry.title, positions)
        painter.restore()


def _fill(painter: QPainter, rect: QRectF, radius: float) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme().colour.control_hover))
    painter.drawRoundedRect(rect, radius, radius)


def _draw_title(painter: QPainter, rect: QRect, title: str, positions: Sequence[int]) -> None:
    look = theme()
    plain, strong = look.font("body"), look.font("body", QFont.Weight.Bold)
    painter.setClipRect(rect)
    x = rect.left()
    for place, char in enumerate(title):
        is_match = place in positions
        font = strong if is_match else plain
        painter.setFont(font)
        painter.setPen(QColor(look.hues["studio"].text if is_match else look.colour.text_strong))
        width_px = QFontMetrics(font).horizontalAdvance(char)
        painter.drawText(QRect(x, rect.top(), width_px + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter, char)
        x += width_px


class TileDelegate(QStyledItemDelegate):
    """A tile: the picture, under it the name, whose it is, and its sentence."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every tile is as large."""
        return tile_size()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one tile."""
        choice: Choice = index.data(MATCH)[0]
        painter.save()
        picture_px = QSize(*(theme().scaled(length) for length in _PICTURE_PX))
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        draw_tile(painter, QRectF(option.rect).adjusted(2, 2, -2, -2), choice, picture_px, is_selected)
        painter.restore()


def draw_tile(
    painter: QPainter, rect: QRectF, choice: Choice, picture_px: QSize, is_selected: bool, n_lines: int = N_LINES
) -> None:
    """Draw a choice into `rect`: its picture, as large as it is asked for, its name, and lines of its sentence."""
    look = theme()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if is_selected:
        _fill(painter, rect, look.size.radius)
    place = QRectF(rect.left() + PADDING_PX, rect.top() + PADDING_PX, picture_px.width(), picture_px.height())
    draw_picture(painter, place, choice.picture, choice.hue, choice.short_name, look.size.radius_small)
    if is_selected or choice.is_present:
        _outline(painter, place, choice, is_selected)
    heading = QRectF(place.left(), place.bottom() + 6, place.width(), look.scaled(HEADING_PX))
    _draw_heading(painter, heading, choice)
    below = QRectF(place.left(), heading.bottom() + 2, place.width(), rect.bottom() - heading.bottom())
    _draw_sentence(painter, below, choice.sentence, n_lines)


def tile_size() -> QSize:
    """How large a tile is at the present size of text."""
    return QSize(*(theme().scaled(length) for length in TILE_PX))


def _outline(painter: QPainter, place: QRectF, choice: Choice, is_selected: bool) -> None:
    look = theme()
    hue = look.hues[choice.hue if choice.hue in look.hues else "studio"]
    painter.setPen(QPen(QColor(look.colour.focus if is_selected else hue.fill), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(place, look.size.radius_small, look.size.radius_small)


def name_font() -> QFont:
    """That of names on tiles."""
    return theme().font("body", QFont.Weight.DemiBold)


def name_room_px(choice: Choice, width_px: float) -> int:
    """How wide a name may be on a tile whose picture is that wide, beside what it belongs to."""
    group_px = QFontMetrics(theme().font("small")).horizontalAdvance(choice.group) + _DOT_PX + 12
    return max(round(width_px - (group_px if choice.group else 0)), 40)


def _draw_heading(painter: QPainter, rect: QRectF, choice: Choice) -> None:
    """The name, and at the right what it belongs to."""
    look = theme()
    middle = Qt.AlignmentFlag.AlignVCenter
    small, strong = QFontMetrics(look.font("small")), name_font()
    painter.setFont(strong)
    painter.setPen(QColor(look.colour.text_strong))
    room_px = name_room_px(choice, rect.width())
    name = QFontMetrics(strong).elidedText(choice.short_name, Qt.TextElideMode.ElideRight, room_px)
    painter.drawText(rect, middle | Qt.AlignmentFlag.AlignLeft, name)
    if choice.group:
        painter.setFont(look.font("small"))
        painter.setPen(QColor(look.colour.text_muted))
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, choice.group)
        if choice.hue in look.hues:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.hues[choice.hue].fill))
            x = rect.right() - small.horizontalAdvance(choice.group) - _DOT_PX - 4
            painter.drawEllipse(QRectF(x, rect.center().y() - _DOT_PX / 2, _DOT_PX, _DOT_PX))


def _draw_sentence(painter: QPainter, rect: QRectF, sentence: str, n_lines: int) -> None:
    """At most so many lines; the last one ends in an ellipsis where more would follow."""
    look = theme()
    font = look.font("small")
    metrics = QFontMetrics(font)
    painter.setFont(font)
    painter.setPen(QColor(look.colour.text_muted))
    for number, line in enumerate(_lines(sentence, font, rect.width(), n_lines)):
        text = metrics.elidedText(line, Qt.TextElideMode.ElideRight, round(rect.width()))
        top = rect.top() + number * metrics.lineSpacing()
        painter.drawText(
            QRectF(rect.left(), top, rect.width(), metrics.lineSpacing()), Qt.AlignmentFlag.AlignLeft, text
        )


def _lines(text: str, font: QFont, width_px: float, n_lines: int) -> list[str]:
    layout = QTextLayout(text, font)
    layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
    starts: list[int] = []
    layout.beginLayout()
    while len(starts) < n_lines and (line := layout.createLine()).isValid():
        line.setLineWidth(width_px)
        starts.append(line.textStart())
    layout.endLayout()
    ends = [*starts[1:], len(text)][: len(starts)]
    return [text[start:end].rstrip() for start, end in zip(starts, ends, strict=True)]
