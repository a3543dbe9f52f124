"""One tour that is being taken: its steps, which one is next, and whether it was done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QScrollArea, QWidget

from studio.core.translation import _, translate
from studio.registry.guide import TourStep
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tour.card import TourCard
from studio.shell.tour.target import press, reveal, target_of
from studio.widgets.theme import hue_of, set_hue, theme, theme_source

if TYPE_CHECKING:
    from studio.api.panel import Panel

LOOK_MS: Final = 60
"""How often the ring follows its control; nothing tells that a widget was moved within those above it."""
_N_LOOKS: Final = 16
"""How often a control is looked for before what hides it is taken away."""
REST_MS: Final = 1800
"""How long a person has let go before the next step is asked for."""
AIR_PX: Final = 6
_LINE_PX: Final = 3
_BY_HAND: Final = (
    *("value_changed", "value_typed", "edited", "textEdited", "activated"),
    *("picked", "forced", "token_pressed", "clicked"),
)
"""The signals by which controls tell that a person did what they are for."""
_ARROWS: Final = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_PRESSES: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Watch(QObject):
    """Looks at one control for as long as it lives. Signals: noticed(), each time the person does it."""

    noticed = Signal()

    def __init__(self, control: QWidget, deed: str, parent: QObject) -> None:
        """`deed` is one of `studio.registry.guide.DEEDS`."""
        super().__init__(parent)
        self._pressed_at: QPointF | None = None
        self._has_dragged = False
        signals = [getattr(control, one) for one in _BY_HAND if hasattr(control, one)] if deed == "use" else []
        for signal in signals:
            signal.connect(self._on_done)
        self._is_click_enough = deed in ("use", "scrub")
        self._keys = (*_ARROWS, *_PRESSES) if deed == "use" else _ARROWS
        if not signals:
            for part in (control, *control.findChildren(QWidget)):
                if deed == "use" or not isinstance(part, QAbstractButton):
                    part.installEventFilter(self)

    def _on_done(self, *_values: object) -> None:
        self.noticed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at presses, drags and keys as they pass."""
        if isinstance(event, QMouseEvent):
            self._see_mouse(event)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in self._keys:
            self.noticed.emit()
        return False

    def _see_mouse(self, event: QMouseEvent) -> None:
        kind, at = event.type(), event.globalPosition()
        if kind == QEvent.Type.MouseButtonPress:
            self._pressed_at, self._has_dragged = at, False
        elif kind == QEvent.Type.MouseMove and self._pressed_at is not None and event.buttons():
            way_px = (at - self._pressed_at).manhattanLength()
            self._has_dragged = self._has_dragged or way_px >= QApplication.startDragDistance()
        elif kind == QEvent.Type.MouseButtonRelease and self._pressed_at is not None:
            self._pressed_at = None
            if self._has_dragged or self._is_click_enough:
                self.noticed.emit()


class Ring(QWidget):
    """Lies over everything else in `parent`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme_source().theme_changed.connect(self.update)
        self.hide()

    def surround(self, control: QWidget) -> None:
        """Lie around what can be seen of a control of the same window; hide where nothing of it can be."""
        seen = seen_rect(control, self._area)
        around = seen.adjusted(-AIR_PX, -AIR_PX, AIR_PX, AIR_PX) & self._area.rect()
        if around != self.geometry() or self.isHidden() != seen.isEmpty():
            self.setGeometry(around)
            self.setVisible(not seen.isEmpty())
            self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it in the family's colour, with a dark and a light edge so that it is seen on any picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(_LINE_PX, _LINE_PX, -_LINE_PX, -_LINE_PX)
        radius = theme().size.radius
        for colour, width_px in ((theme().colour.canvas, 2 * _LINE_PX), (hue_of(self).fill, _LINE_PX)):
            painter.setPen(QPen(QColor(colour), width_px))
            painter.drawRoundedRect(rect, radius, radius)


def seen_rect(control: QWidget, within: QWidget) -> QRect:
    """Where a control lies in a widget above it, as far as it is not scrolled out of sight."""
    seen = QRect(control.mapTo(within, control.rect().topLeft()), control.size()) & within.rect()
    parent = control.parentWidget()
    while parent is not None and parent is not within:
        if isinstance(parent, QScrollArea):
            view = parent.viewport()
            seen &= QRect(view.mapTo(within, view.rect().topLeft()), view.size())
        parent = parent.parentWidget()
    return seen


@dataclass(frozen=True)
class Route:
    """The steps of a tour: its name in the settings, what people call it."""

    id: str
    title: str
    steps: tuple[TourStep, ...]


class Tour(QObject):
    """Shows one step after the other over the window.

    Signals: moved(index) when another step is asked for; ended(is_whole) after the last one, or as it is left.

    Attributes:
        control: what the ring is around, None while it is not there.
    """

    moved = Signal(int)
    ended = Signal(bool)

    def __init__(
        self, route: Route, area: QWidget, front_tab: Callable[[], ModelTab | None], open_model: Callable[[str], None]
    ) -> None:
        """`area` is what ring and card lie over; `open_model` brings the model of a step to the front."""
        super().__init__(area)
        self._area = area
        self.route = route
        self.index = -1
        self.ring = Ring(area)
        self.card = TourCard(area)
        self._front_tab, self._open_model = front_tab, open_model
        self._watch: Watch | None = None
        self.control: QWidget | None = None
        self._is_done = self._is_elsewhere = False
        self._was_seen = self._is_in_timeline = False
        self._n_looks = 0
        self.card.back_wanted.connect(lambda: self.go_to(self.index - 1))
        self.card.next_wanted.connect(self.go_on)
        self.card.leave_wanted.connect(self.leave)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self.look)
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.go_on)

    @property
    def step(self) -> TourStep:
        """The step that is asked for."""
        return self.route.steps[self.index]

    @property
    def is_done(self) -> bool:
        """Whether the person has done the present step."""
        return self._is_done

    def go_to(self, index: int) -> None:
        """Ask for a step, in the model that it is about."""
        self.index = index
        self._forget_control()
        self._is_done = self._is_elsewhere = False
        self._n_looks = 0
        self._open_there()
        numbers = _("Step {n} of {all}").format(n=index + 1, all=len(self.route.steps))
        self.card.show_step(f"{numbers} · {translate(self.route.title)}", self.step.text, index == 0)
        self.moved.emit(index)
        self._look.start()
        self.look()

    def go_on(self) -> None:
        """Ask for the next step, or go back to where this one is; behind the last one the tour ends."""
        if self._is_elsewhere:
            self.go_to(self.index)
        elif self.index + 1 < len(self.route.steps):
            self.go_to(self.index + 1)
        else:
            self._end(is_whole=True)

    def leave(self) -> None:
        """End here; it can be gone on with."""
        self._end(is_whole=False)

    def look(self) -> None:
        """Find the control where it is now, and let ring and card stand by it."""
        tab = self._front_tab()
        is_there = tab is not None and tab.panel is not None and tab.source.id == self.step.model
        if not is_there and not self._is_elsewhere:
            self._is_elsewhere = True
            self._forget_control()
            self.card.show_elsewhere()
        elif is_there and self._is_elsewhere:
            self.go_to(self.index)
        if self.control is None and tab is not None and tab.panel is not None and is_there:
            self._seek(tab, tab.panel)
        self._place()

    def _seek(self, tab: ModelTab, panel: "Panel") -> None:
        self._n_looks += 1
        if self.step.first and self._n_looks == _N_LOOKS:
            press(panel, self.step.first)
        self._attend(tab, target_of(panel, self.step))

    def _open_there(self) -> None:
        tab = self._front_tab()
        if tab is None or tab.source.id != self.step.model:
            self._open_model(self.step.model)

    def _attend(self, tab: ModelTab, control: QWidget | None) -> None:
        if control is None:
            return
        self.control, self._was_seen = control, False
        bar = tab.panel.timeline.bar if tab.panel is not None else None
        self._is_in_timeline = bar is not None and (control is bar or bar.isAncestorOf(control))
        control.destroyed.connect(self._forget_control)
        set_hue(self.ring, tab.hue)
        self._watch = Watch(control, self.step.deed, self)
        self._watch.noticed.connect(self._on_noticed)

    def _forget_control(self) -> None:
        if self._watch is not None:
            self._watch.deleteLater()
        self._watch = self.control = None
        self._rest.stop()

    def _on_noticed(self) -> None:
        if self.sender() is not self._watch:
            return
        if not self._is_done:
            self._is_done = True
            self.card.show_done(self.index + 1 == len(self.route.steps))
        self._rest.start()

    def _place(self) -> None:
        control, area = self.control, self._area
        if control is not None and control.isVisible():
            seen = seen_rect(control, area)
            if seen.isEmpty() and not self._was_seen:  # it was not laid out yet when it was scrolled to
                reveal(control)
            self._was_seen = self._was_seen or not seen.isEmpty()
            self.ring.surround(control)
            self.card.stand_beside(seen, self._is_in_timeline)
        else:
            self.ring.hide()
            self.card.stand_beside(area.rect())

    def _end(self, is_whole: bool) -> None:
        self._look.stop()
        self._forget_control()
        for part in (self.ring, self.card):
            part.hide()
            part.deleteLater()
        self.ended.emit(is_whole)
        self.deleteLater()
