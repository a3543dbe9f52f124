"""The column at the right of the canvas: large words, large controls, and when everything returns to its start."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.translation import N_, _, plural, translate
from studio.shell.present.control import Source, chosen_controls, make_large
from studio.shell.present.large import groove_indent
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label
from studio.widgets.theme import theme

if TYPE_CHECKING:
    from studio.api.family import Showing
    from studio.api.panel import Panel

MARGIN_PX: Final = 64
USUAL_PX: Final = (1440, 900)
WIDTH_SHARE: Final = 0.32
SCALES: Final = (0.55, 2.5)
_SHARES: Final = (1.0, 0.9, 0.8, 0.7, 0.6)  # of its usual size, where much has to find room
_SHEET: Final = """
QLabel {{ font-size: {body}px; color: {text}; }}
QLabel#visitor_title {{ font-size: {title}px; font-weight: 700; color: {strong}; }}
QLabel#visitor_footer {{ font-size: {small}px; color: {muted}; }}
QLabel#visitor_invitation {{ font-size: {lead}px; font-weight: 600; color: {strong}; }}
QPushButton, QLineEdit {{ font-size: {body}px; padding: {across}px {along}px; border-radius: {radius}px; }}
QPushButton:focus {{ padding: {across}px {along}px; }}
QPushButton[kind="quiet"] {{ font-size: {lead}px; padding: 0px {across}px; }}
"""


def scale_for(size: QSize) -> float:
    """How large everything is on a page of this size, 1 at 1440 x 900."""
    fitting = min(size.width() / USUAL_PX[0], size.height() / USUAL_PX[1])
    return min(max(fitting, SCALES[0]), SCALES[1])


class Side(QFrame):
    """What a visitor reads and touches beside the canvas.

    Signals: surprise_requested(), again_requested(), turned(step) to the next state of the playlist or back, resized().
    """

    surprise_requested = Signal()
    again_requested = Signal()
    turned = Signal(int)
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("visitor_side")
        self.setProperty("role", "canvas")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # here the keys go to nobody
        self.scale, self._size = 1.0, QSize(*USUAL_PX)
        self._title, self._text, self.footer, self.invitation = (Label() for _ in range(4))
        for label, name in ((self._title, "title"), (self.footer, "footer"), (self.invitation, "invitation")):
            label.setObjectName(f"visitor_{name}")
        self.invitation.setText(_("Touch to start"))
        for label in (self._title, self._text, self.invitation):
            label.setWordWrap(True)
        self.surprise = Button(N_("Surprise me"), kind="primary")
        self.again = Button(N_("Start again"))
        self.back, self.on = Button("‹", kind="quiet"), Button("›", kind="quiet")
        self.back.setAccessibleName(_("The one before"))
        self.on.setAccessibleName(_("The next one"))
        self._controls = QVBoxLayout()
        self._sources: dict[str, Source] = {}
        self._lay_out()
        self.surprise.clicked.connect(self.surprise_requested)
        self.again.clicked.connect(self.again_requested)
        self.back.clicked.connect(self._turn_back)
        self.on.clicked.connect(self._turn_on)

    def _lay_out(self) -> None:
        self._column = column = QVBoxLayout(self)
        self._presses = QWidget()
        self._buttons = buttons = QHBoxLayout(self._presses)
        foot = QHBoxLayout()
        foot.setSpacing(0)
        for button in (self.surprise, self.again):
            buttons.addWidget(button)
        buttons.addStretch(1)
        foot.addStretch(1)
        for widget in (self.back, self.footer, self.on):
            foot.addWidget(widget)
        for widget in (self._title, self._text):
            column.addWidget(widget)
        column.addLayout(self._controls)
        column.addWidget(self._presses)
        column.addWidget(self.invitation)
        column.addStretch(1)
        column.addLayout(foot)

    def fit(self, size: QSize) -> None:
        """Be as large as a page of this size wants it."""
        self._size = size
        self.setFixedWidth(round(WIDTH_SHARE * size.width()) + self.margin_px)
        self._dress(scale_for(size))

    @property
    def margin_px(self) -> int:
        """The air around the canvas and at the right."""
        return round(MARGIN_PX * scale_for(self._size))

    def _dress(self, scale: float) -> None:
        """Let words and buttons be so large."""
        self.scale, margin, indent = scale, self.margin_px, groove_indent(scale)
        self._column.setContentsMargins(0, margin + round(8 * scale), margin - indent, round(32 * scale))
        self._column.setSpacing(round(24 * scale))
        self._controls.setSpacing(round(16 * scale))
        self._buttons.setContentsMargins(indent, 0, 0, 0)
        self._buttons.setSpacing(round(16 * scale))
        for label in (self._title, self._text, self.invitation):
            label.setContentsMargins(indent, 0, indent, 0)
        colour, px = theme().colour, {"title": 44, "lead": 26, "body": 20, "small": 15, "across": 15, "along": 28}
        sizes = {name: round(length * scale) for name, length in {**px, "radius": 14}.items()}
        words = {"text": colour.text, "strong": colour.text_strong, "muted": colour.text_muted}
        self.setStyleSheet(_SHEET.format(**sizes, **words))

    def _needed_px(self) -> int:
        hidden_px = self._presses.sizeHint().height() if self._presses.isHidden() else 0
        return self._column.totalHeightForWidth(self.width()) + hidden_px

    def show_words(self, showing: "Showing", has_surprise: bool, is_one_of_many: bool) -> None:
        """Say what is presented."""
        self._title.setText(translate(showing.title))
        self._text.setText(translate(showing.text))
        self.surprise.setVisible(has_surprise)
        self.back.setVisible(is_one_of_many)
        self.on.setVisible(is_one_of_many)

    def follow(self, panel: "Panel", names: tuple[str, ...], is_new: bool = False) -> None:
        """Make the controls large that a panel has of these; anew where it has others than a moment ago."""
        sources = chosen_controls(panel, names)
        if is_new or not _are_same(sources, self._sources):
            self._make(sources)
        for large, source in zip(self.controls(), sources.values(), strict=True):
            large.setEnabled(source.isEnabled() if isinstance(source, QWidget) else source.is_enabled)

    def _make(self, sources: dict[str, Source]) -> None:
        """At the largest size at which all of them find room."""
        for share in _SHARES:
            self.clear()
            self._sources = sources
            self._dress(scale_for(self._size) * share)
            for source in sources.values():
                self._controls.addWidget(large := make_large(source, self.scale))
                large.show()
            if self._needed_px() <= self._size.height():
                break
        self._column.activate()

    def clear(self) -> None:
        """Let go of the controls."""
        self._sources = {}
        while (item := self._controls.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()

    def controls(self) -> list[QWidget]:
        """The large controls from top to bottom."""
        items = [self._controls.itemAt(place) for place in range(self._controls.count())]
        return [widget for item in items if item is not None and (widget := item.widget()) is not None]

    def show_time(self, place: int, n_shows: int, left_s: float, is_attracting: bool) -> None:
        """Say where in the playlist this is, and when it returns to its start."""
        parts = [_("{n} of {all}").format(n=place + 1, all=n_shows)] if n_shows > 1 else []
        if not is_attracting:
            seconds = round(left_s)
            parts.append(plural(N_("returns to the start in {n} s"), N_("returns to the start in {n} s"), seconds))
        self.footer.setText(" · ".join(parts))
        self._presses.setVisible(not is_attracting)  # the touch that wakes it presses nothing
        self.invitation.setVisible(is_attracting)

    def hasHeightForWidth(self) -> bool:
        """It takes the height that there is; its words become smaller where they need more."""
        return False

    def minimumSizeHint(self) -> QSize:
        """So the window need not grow."""
        return QSize(self.width(), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that the window has another size."""
        super().resizeEvent(event)
        self.resized.emit()

    def _turn_back(self) -> None:
        self.turned.emit(-1)

    def _turn_on(self) -> None:
        self.turned.emit(1)


def _are_same(one: Mapping[str, Source], other: Mapping[str, Source]) -> bool:
    """Whether two sets of controls are the same widgets and commands of the same ids."""
    pairs = zip(one.values(), other.values(), strict=True)
    return list(one) == list(other) and all(a is b or not isinstance(a, QWidget) for a, b in pairs)
