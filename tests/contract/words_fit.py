"""Which words of a window are cut off, measured as they are drawn: with fonts and edges of the program's look."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QPoint
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QLabel, QMenuBar, QTabBar, QWidget

from studio.shell.home.picture_row import PictureButton
from studio.widgets.controls.button import ElidedButton
from studio.widgets.controls.label import ElidedLabel
from studio.widgets.controls.section import SectionTitle, title_font
from studio.widgets.controls.steady_label import SteadyLabel
from studio.widgets.gallery.delegate import name_font, name_room_px
from studio.widgets.theme import theme

ARROW_PX = 16
ROUNDING_PX = 1


def cut_words(window: QWidget) -> Iterator[str]:
    """The words that have not enough room, of all that is on screen in a window or can be scrolled to."""
    for widget in window.findChildren(QWidget):
        measure = next((measure for kind, measure in MEASURES if isinstance(widget, kind)), None)
        if measure is None or widget.window() is not window or not widget.isVisibleTo(window):
            continue
        for words, has_room in measure(widget):
            if words.strip() and not (has_room and is_within(widget, window)):
                yield words


def is_within(widget: QWidget, window: QWidget) -> bool:
    """Whether nothing of it is beyond the left or right edge of what it stands in."""
    above: QWidget | None = widget
    while above is not None and above is not window:
        above = above.parentWidget()
        assert above is not None
        left = widget.mapTo(above, QPoint(0, 0)).x()
        if left < -ROUNDING_PX or left + widget.width() > above.width() + ROUNDING_PX:
            return False
    return True


def _has_room(needed_px: float, widget: QWidget) -> bool:
    return needed_px <= widget.width() + ROUNDING_PX


def _title(title: SectionTitle) -> Iterator[tuple[str, bool]]:
    words = title.text().upper()
    yield words, _has_room(QFontMetrics(title_font("caption")).horizontalAdvance(words) + ARROW_PX, title)


def _name(button: ElidedButton) -> Iterator[tuple[str, bool]]:
    yield button.words(), button.words() == button.text()


def _button(button: QAbstractButton) -> Iterator[tuple[str, bool]]:
    yield button.text(), _has_room(button.minimumSizeHint().width(), button)


def _tile(button: PictureButton) -> Iterator[tuple[str, bool]]:
    name, room_px = button.choice.short_name, name_room_px(button.choice, button.width())
    yield name, QFontMetrics(name_font()).horizontalAdvance(name) <= room_px


def _line(label: ElidedLabel) -> Iterator[tuple[str, bool]]:
    yield label.text(), _has_room(QFontMetrics(label.drawn_font()).horizontalAdvance(label.text()), label)


def _label(label: QLabel) -> Iterator[tuple[str, bool]]:
    if label.wordWrap():
        yield label.text(), label.heightForWidth(label.width()) <= label.height() + ROUNDING_PX
    else:
        yield label.text(), _has_room(label.sizeHint().width(), label)


def _steady(label: SteadyLabel) -> Iterator[tuple[str, bool]]:
    yield label.text(), _has_room(QFontMetrics(theme().font(label._role)).horizontalAdvance(label.text()), label)


def _tabs(bar: QTabBar) -> Iterator[tuple[str, bool]]:
    for place in range(bar.count()):
        yield bar.tabText(place), bar.tabRect(place).width() >= bar.tabSizeHint(place).width()


def _menus(bar: QMenuBar) -> Iterator[tuple[str, bool]]:
    for action in bar.actions():
        yield action.text(), bar.actionGeometry(action).right() <= bar.width()


MEASURES: tuple[tuple[type[QWidget], Callable[..., Iterator[tuple[str, bool]]]], ...] = (
    (SectionTitle, _title),
    (ElidedButton, _name),
    (PictureButton, _tile),
    (QAbstractButton, _button),
    (ElidedLabel, _line),
    (QLabel, _label),
    (SteadyLabel, _steady),
    (QTabBar, _tabs),
    (QMenuBar, _menus),
)
