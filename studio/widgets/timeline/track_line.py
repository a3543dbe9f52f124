"""One recording among several: colour, name, length, where it branches off, hide, compare, delete."""

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from studio.core.translation import N_, _, grouped, plural, translate
from studio.widgets.controls.button import Button
from studio.widgets.controls.icon import ICON_PX
from studio.widgets.controls.label import set_tip
from studio.widgets.theme import hue_of, theme, theme_source
from studio.widgets.timeline.track_row import TrackRow, track_colour

HEIGHT_PX: Final = 24
NAME_PX: Final = 150
_DOT_PX: Final = 4.0  # radius
_BAR_PX: Final = 6.0
_NAME_HINT: Final = N_("{name}. Click to show it, double-click to rename it.")
_LONGEST_NAME: Final = 80


class TrackName(QWidget):
    """A dot and a name; a double click turns it into a field.

    Signals: renamed(name).
    """

    renamed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = TrackRow("", "", 0)
        self._is_current = False
        self._field: QLineEdit | None = None
        self._on_theme_changed()
        theme_source().theme_changed.connect(self._on_theme_changed)

    def show_row(self, row: TrackRow, is_current: bool) -> None:
        """Show another name, colour or state."""
        self._row, self._is_current = row, is_current
        hint = N_("{name}. Click to show it.") if row.is_path else _NAME_HINT
        set_tip(self, translate(hint).format(name=row.name))
        self.update()

    def edit(self) -> None:
        """Let the person type another name."""
        if self._field is not None or self._row.is_path:
            return
        field = QLineEdit(self._row.name, self)
        field.setMaxLength(_LONGEST_NAME)
        field.setProperty("shape", "number")
        field.setAccessibleName(_("Name of the track"))
        field.setGeometry(int(3 * _DOT_PX) + 2, 0, self.width() - int(3 * _DOT_PX) - 2, self.height())
        field.returnPressed.connect(self._take)
        field.editingFinished.connect(self._take)
        field.installEventFilter(self)
        self._field = field
        field.show()
        field.selectAll()
        field.setFocus()

    def eventFilter(self, watched: object, event: object) -> bool:
        """Escape leaves the old name."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and watched is self._field:
            if event.type() == QKeyEvent.Type.KeyPress:
                self._close_field()
            return True
        return False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename."""
        self.edit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dot, hollow for a hidden track, and as much of the name as fits."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme().colour
        ink = QColor(track_colour(self._row.colour))
        painter.setPen(QPen(ink, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush if self._row.is_hidden else ink)
        painter.drawEllipse(QPointF(_DOT_PX + 2, self.height() / 2), _DOT_PX, _DOT_PX)
        painter.setFont(theme().font("small", QFont.Weight.DemiBold if self._is_current else QFont.Weight.Normal))
        painter.setPen(QColor(colour.text_strong if self._is_current else colour.text))
        left_px = int(3 * _DOT_PX) + 5
        room = self.rect().adjusted(left_px, 0, -2, 0)
        text = painter.fontMetrics().elidedText(self._row.name, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _take(self) -> None:
        if self._field is None:
            return
        name = self._field.text().strip()
        self._close_field()
        if name and name != self._row.name:
            self.renamed.emit(name)

    def _close_field(self) -> None:
        field, self._field = self._field, None
        if field is not None:
            had_focus = field.hasFocus()
            field.hide()
            field.deleteLater()
            parent = self.parentWidget()
            if had_focus and parent is not None:
                parent.setFocus()

    def _on_theme_changed(self) -> None:
        self.setFixedSize(theme().scaled(NAME_PX), theme().scaled(HEIGHT_PX))


class TrackSpan(QWidget):
    """A thin bar from the step where a recording begins to its last frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = TrackRow("", "", 0)
        self._first = 0
        self._n_total = 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_row(self, row: TrackRow, first: int, n_total: int) -> None:
        """The recording begins at step `first` of `n_total`."""
        shown = (row, first, max(n_total, 1))
        if shown != (self._row, self._first, self._n_total):
            self._row, self._first, self._n_total = shown
            words = plural(N_("{n} frame"), N_("{n} frames"), row.n_frames)
            if row.branch is not None:
                words = _("{frames}, a branch from step {n}").format(frames=words, n=grouped(first + row.first_number))
            set_tip(self, words)
            self.update()

    def sizeHint(self) -> QSize:
        """Takes what is left."""
        return QSize(200, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw groove, bar, and the knee that leads down from the parent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle_px, scale = self.height() / 2, self.width() / self._n_total
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme().colour.groove))
        painter.drawRoundedRect(QRectF(0, middle_px - 1, self.width(), 2), 1, 1)
        ink = QColor(track_colour(self._row.colour))
        if self._row.is_hidden:
            ink.setAlphaF(0.35)
        left_px = self._first * scale
        width_px = max(self._row.n_frames * scale, _BAR_PX)
        painter.setBrush(ink)
        bar = QRectF(min(left_px, self.width() - _BAR_PX), middle_px - _BAR_PX / 2, width_px, _BAR_PX)
        painter.drawRoundedRect(bar, _BAR_PX / 2, _BAR_PX / 2)
        if self._row.is_growing:
            painter.setBrush(QColor(theme().colour.text_strong))
            painter.drawRoundedRect(QRectF(bar.right() - 2, middle_px - 5, 2, 10), 1, 1)
        if self._row.branch is not None:
            painter.setPen(QPen(ink, 1.5))
            painter.drawLine(QPointF(left_px + 1, 0), QPointF(left_px + 1, middle_px))
            painter.setBrush(QColor(theme().colour.bar))
            painter.drawEllipse(QPointF(left_px + 3, middle_px), 3.5, 3.5)


class TrackLine(QWidget):
    """A row of the list.

    Signals: selected(id), renamed(id, name), hidden(id, is_hidden), pinned(id, is_pinned), deleted(id),
    neighbour_requested(step): Up or Down.
    """

    selected = Signal(str)
    renamed = Signal(str, str)
    hidden = Signal(str, bool)
    pinned = Signal(str, bool)
    deleted = Signal(str)
    neighbour_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = TrackRow("", "", 0)
        self._is_current = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.name = TrackName()
        self.span = TrackSpan()
        self.eye = Button("", "quiet", "eye", N_("Hide"))
        self.pin = Button("", "quiet", "pin", N_("Compare"))
        self.bin = Button("", "quiet", "trash", N_("Delete this track"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(4)
        for widget in (self.name, self.eye, self.pin, self.bin):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)  # the bars of all rows begin at the same place
            widget.setSizePolicy(policy)
        for widget in (self.name, self.eye, self.pin):
            layout.addWidget(widget)
        layout.addWidget(self.span, 1)
        layout.addWidget(self.bin)
        self.name.renamed.connect(self._on_renamed)
        self.eye.clicked.connect(self._on_eye_clicked)
        self.pin.clicked.connect(self._on_pin_clicked)
        self.bin.clicked.connect(self._on_bin_clicked)
        theme_source().theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def show_row(self, row: TrackRow, is_current: bool, first: int, n_total: int, can_pin: bool) -> None:
        """Show the state of a recording that begins at step `first` of `n_total`."""
        self.name.show_row(row, is_current)
        self.span.show_row(row, first, n_total)
        self.pin.setEnabled(can_pin or row.is_pinned)
        for button in (self.eye, self.pin, self.bin):
            button.setVisible(not row.is_path)
        if (replace(row, n_frames=0), is_current) != (replace(self.row, n_frames=0), self._is_current):
            self._is_current = is_current
            self._describe(row)
            self.update()
        self.row = row

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show this recording."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.selected.emit(self.row.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter shows it, F2 renames, Delete deletes, Up and Down go to the neighbours."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.selected.emit(self.row.id)
        elif key == Qt.Key.Key_F2:
            self.name.edit()
        elif key == Qt.Key.Key_Delete and not self.row.is_path:
            self.deleted.emit(self.row.id)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.neighbour_requested.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Mark the current row with a field and a line at its left edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour, radius = theme().colour, theme().size.radius_small
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(colour.focus), 1) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.selected) if self._is_current else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, radius, radius)
        if self._is_current:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(hue_of(self).fill))
            painter.drawRoundedRect(QRectF(0, 4, 2.5, self.height() - 8), 1, 1)

    def _describe(self, row: TrackRow) -> None:
        _say(self.eye, "eye_off" if row.is_hidden else "eye", N_("Show again") if row.is_hidden else N_("Hide"))
        pin_text = N_("Stop comparing") if row.is_pinned else N_("Compare: pin this track (at most two)")
        _say(self.pin, "pin_filled" if row.is_pinned else "pin", pin_text)
        states = [row.name] + [_("shown")] * self._is_current
        states += [_("hidden")] * row.is_hidden + [_("compared")] * row.is_pinned
        states += [_("growing")] * row.is_growing
        self.setAccessibleName(", ".join(states))

    def _on_renamed(self, name: str) -> None:
        self.renamed.emit(self.row.id, name)

    def _on_eye_clicked(self) -> None:
        self.hidden.emit(self.row.id, not self.row.is_hidden)

    def _on_pin_clicked(self) -> None:
        self.pinned.emit(self.row.id, not self.row.is_pinned)

    def _on_bin_clicked(self) -> None:
        self.deleted.emit(self.row.id)

    def _on_theme_changed(self) -> None:
        height_px = theme().scaled(HEIGHT_PX)
        self.setFixedHeight(height_px)
        for button in (self.eye, self.pin, self.bin):
            button.setFixedSize(height_px, height_px - 2)
            button.setIconSize(QSize(1, 1) * theme().scaled(ICON_PX))


def _say(button: Button, icon_name: str, hint: str) -> None:
    button.set_icon(icon_name)
    set_tip(button, translate(hint))
    button.setAccessibleName(translate(hint))
