"""The small card of a tour: what to do, how far one is, and the ways on, back and out."""

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.translation import N_, _, translate
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label
from studio.widgets.controls.section_parts import named_button
from studio.widgets.theme import theme, theme_source

WIDTH_PX: Final = 300
GAP_PX: Final = 12


class TourCard(QFrame):
    """Floats in `parent` beside the ring. Signals: back_wanted(), next_wanted(), leave_wanted()."""

    back_wanted = Signal()
    next_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self.setObjectName("tour_card")
        self.setProperty("role", "tour")
        self.setAccessibleName(_("Tour"))
        self._place = Label()
        self._place.setProperty("role", "muted")
        self._text = Label()
        self._text.setObjectName("tour_text")
        self._text.setWordWrap(True)
        self._note = Label()
        self._note.setObjectName("tour_note")
        self._note.setProperty("role", "small")
        self._note.setWordWrap(True)
        self._back = named_button("tour_back", N_("Back"), pressed=self.back_wanted)
        self._next = named_button("tour_next", N_("Skip"), pressed=self.next_wanted)
        hint = N_("Leave the tour; you can continue it later")
        leave = named_button("tour_leave", "", hint, "close", self.leave_wanted, kind="quiet")
        self._lay_out(leave)
        theme_source().theme_changed.connect(self._fit)
        self.hide()

    def _lay_out(self, leave: Button) -> None:
        head = QHBoxLayout()
        head.addWidget(self._place, 1)
        head.addWidget(leave)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._note, 1)
        buttons.addWidget(self._back)
        buttons.addWidget(self._next)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._text)
        column.addLayout(buttons)

    def show_step(self, place: str, text: str, is_first: bool) -> None:
        """Ask for a step; `place` says which one of how many."""
        self._place.setText(place)
        self._text.setText(text)
        self._back.setEnabled(not is_first)
        self._say(N_("Skip"), "")
        self.setAccessibleDescription(f"{place}. {text}")
        self.show()
        self.raise_()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def show_done(self, is_last: bool) -> None:
        """Say that the step was done."""
        self._say(N_("End") if is_last else N_("Next"), _("✓ Done"))

    def show_elsewhere(self) -> None:
        """Say that the person has gone away from where the step is."""
        self._say(N_("Go back there"), _("This step is in another tab."))

    def _say(self, on: str, note: str) -> None:
        self._next.setText(translate(on))
        self._next.setAccessibleName(translate(on))
        self._note.setText(note)
        self._fit()

    def _fit(self) -> None:
        width_px = min(theme().scaled(WIDTH_PX), self._area.width())
        layout = self.layout()
        height_px = layout.totalHeightForWidth(width_px) if layout is not None else 0
        self.resize(width_px, height_px)

    def stand_beside(self, target: QRect, is_above: bool = False) -> None:
        """Stand beside this part of the parent, or rather above it; within it where there is no room."""
        place = best_place(self.size(), target, self._area.rect(), is_above)
        if place != self.geometry():
            self.setGeometry(place)
            self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave_wanted.emit()
        else:
            super().keyPressEvent(event)


def best_place(size: QSize, target: QRect, room: QRect, is_above: bool) -> QRect:
    """Where a card of this size stands: left of the target, above, right or below, or within one that is large."""
    width_px, height_px = size.width(), size.height()
    x_px = min(max(target.left(), room.left() + GAP_PX), room.right() - width_px - GAP_PX)
    y_px = min(max(target.top(), room.top() + GAP_PX), room.bottom() - height_px - GAP_PX)
    left = QRect(target.left() - GAP_PX - width_px, y_px, width_px, height_px)
    above = QRect(x_px, target.top() - GAP_PX - height_px, width_px, height_px)
    right = QRect(target.right() + GAP_PX, y_px, width_px, height_px)
    below = QRect(x_px, target.bottom() + GAP_PX, width_px, height_px)
    within = QRect(target.right() - GAP_PX - width_px, target.bottom() - height_px - GAP_PX, width_px, height_px)
    if target.width() > room.width() // 2 and target.height() > room.height() // 2:
        return within
    places = (above, left, right, below) if is_above else (left, above, right, below)
    return next((place for place in places if room.contains(place)), within)
