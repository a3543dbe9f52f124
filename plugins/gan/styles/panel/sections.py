"""Fills the inspector of the styles panel: picture, way and view, and two bars for what the discriminator says."""

from typing import Final

from PySide6.QtCore import QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from studio.api.engine import ModelSource
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Button, Host, Inspector, Segmented, hue_of, param_field, theme, theme_source
from studio.core.translation import N_, _, translate

from ..params import StylesParams
from ..scene import StylesExamples, StylesScene
from .gallery import StylesGallery

_LINE_PX: Final = 26
_BAR_PX: Final = 6
_NAME_SHARE: Final = 0.34
_NUMBER_SHARE: Final = 0.18
_ROWS: Final = (("original", N_("Original")), ("translation", N_("Translation")))
_HINT: Final = N_(
    "Share of real held-out emoji of the wanted style that the detective finds less real (PatchGAN discriminator); "
    "real ones lie at 50 % on average"
)
WAY_TEXTS: Final = {"there": N_("Flat to glossy"), "back": N_("Glossy to flat")}
WAY_HINTS: Final = {
    "there": N_("From the style of Google’s Noto emoji into that of Microsoft’s Fluent (generator G)"),
    "back": N_("From the style of Microsoft’s Fluent emoji into that of Google’s Noto (generator F)"),
}
SHOWN_TEXTS: Final = {"cycle": N_("Cycle"), "wipe": N_("Wipe"), "changes": N_("Changes")}
SHOWN_HINTS: Final = {
    "cycle": N_("Original, translation, and what comes back (cycle consistency)"),
    "wipe": N_("The original left of a line that you drag, the translation right of it"),
    "changes": N_("Where the translation differs from the original, the brighter the more (colour distance)"),
}


class StylesScoreBars(QWidget):
    """Two lines: name, bar, percent. It shows only, nothing can be changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")
        self.setToolTip(translate(_HINT))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._shares: dict[str, float | None] = {name: None for name, _ in _ROWS}
        theme_source().theme_changed.connect(self.updateGeometry)

    def set_shares(self, original: float | None, translation: float | None) -> None:
        """Show both, 0 to 1; None where it is not known."""
        self._shares = {"original": original, "translation": translation}
        known = [f"{translate(title)} {_percent(self._shares[name])}" for name, title in _ROWS]
        self.setAccessibleName(_("The detective says"))
        self.setAccessibleDescription(", ".join(known))
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(200, theme().scaled(_LINE_PX) * len(_ROWS))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.height() / len(_ROWS)
        for row, (name, title) in enumerate(_ROWS):
            self._paint_row(painter, QRectF(0, row * line, self.width(), line), translate(title), self._shares[name])

    def _paint_row(self, painter: QPainter, rect: QRectF, title: str, share: float | None) -> None:
        colour, vertical = theme().colour, Qt.AlignmentFlag.AlignVCenter
        left, right = rect.width() * _NAME_SHARE, rect.width() * (1 - _NUMBER_SHARE)
        painter.setFont(theme().font("body"))
        painter.setPen(QColor(colour.text))
        painter.drawText(QRectF(0, rect.y(), left, rect.height()), vertical | Qt.AlignmentFlag.AlignLeft, title)
        painter.setFont(theme().font("body", QFont.Weight.DemiBold))
        painter.setPen(QColor(colour.text_strong))
        number = QRectF(right, rect.y(), rect.width() - right, rect.height())
        painter.drawText(number, vertical | Qt.AlignmentFlag.AlignRight, _percent(share))
        high = theme().scaled(_BAR_PX)
        bar = QRectF(left, rect.center().y() - high / 2, right - left - 8, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.groove))
        painter.drawRoundedRect(bar, high / 2, high / 2)
        if share:
            bar.setWidth(max(high, bar.width() * share))
            painter.setBrush(QColor(hue_of(self).fill))
            painter.drawRoundedRect(bar, high / 2, high / 2)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


class StylesControls(QObject):
    """The controls; changes nothing itself.

    Signals: way_chosen(is_back), shown_chosen(name), picked(index), seed_typed(seed), surprise_requested(),
    open_requested(), paste_requested(), turns_requested().
    """

    way_chosen = Signal(bool)
    shown_chosen = Signal(str)
    picked = Signal(int)
    seed_typed = Signal(int)
    surprise_requested = Signal()
    open_requested = Signal()
    paste_requested = Signal()
    turns_requested = Signal()

    def __init__(self, inspector: Inspector, host: Host, source: ModelSource, parent: QObject) -> None:
        super().__init__(parent)
        self._examples: StylesExamples | None = None
        self.tabs = KindTabs(host, source)
        self.way = Segmented("way", WAY_TEXTS, N_("Direction"), WAY_HINTS)
        self.shown = Segmented("shown", SHOWN_TEXTS, N_("Show"), SHOWN_HINTS)
        self.seed = param_field(StylesParams(), "seed", "seed")
        self.gallery = StylesGallery(QLabel(self.seed.accessibleName()), self.seed)
        self.verdict = StylesScoreBars()
        self.surprise = _button("surprise", N_("Surprise me"), "dice", N_("Another example, by chance (R)"))
        self.open = _button("open_picture", N_("My picture…"), "open", N_("Translate a picture of your own"))
        from_clipboard = N_("Translate the picture on the clipboard (Ctrl+V)")
        self.paste = _button("paste_picture", N_("Paste"), "copy", from_clipboard)
        often = N_("Twelve translations in a row as a film on the timeline: what gets lost adds up")
        self.turns = _button("turns", N_("Back and forth"), "reset", often)
        self._lay_out(inspector)
        self._connect()

    def _lay_out(self, inspector: Inspector) -> None:
        inspector.add(self.tabs)
        direction = inspector.add_section("section_way", N_("Direction"))
        direction.add(self.way)
        show = inspector.add_section("section_shown", N_("Show"))
        show.add(self.shown)
        pictures = inspector.add_section("section_examples", N_("Examples never learnt from"))
        pictures.add(self.gallery)
        pictures.add(_row(self.surprise, self.turns))
        pictures.add(_row(self.open, self.paste))
        inspector.add_section("section_verdict", N_("The detective says")).add(self.verdict)

    def _connect(self) -> None:
        self.way.value_chosen.connect(lambda value: self.way_chosen.emit(value == "back"))
        self.shown.value_chosen.connect(self.shown_chosen)
        self.gallery.picked.connect(self.picked)
        self.seed.value_typed.connect(lambda value: self.seed_typed.emit(int(value)))
        for button, signal in (
            (self.surprise, self.surprise_requested),
            (self.open, self.open_requested),
            (self.paste, self.paste_requested),
            (self.turns, self.turns_requested),
        ):
            button.clicked.connect(signal)

    def show_examples(self, examples: StylesExamples) -> None:
        """Offer the examples, which come with the model."""
        self._examples = examples

    def show_scene(self, scene: StylesScene) -> None:
        """Show a scene; emits nothing."""
        self.way.set_value("back" if scene.is_back else "there")
        self.shown.set_value(scene.shown)
        self.seed.set_value(scene.seed)
        if self._examples is not None:
            self.gallery.set_pictures(self._examples.of_way(scene.is_back), self._examples.names)
            self.gallery.set_chosen(-1 if scene.own is not None else self._examples.index(scene.seed))


def _button(name: str, text: str, icon_name: str, hint: str) -> Button:
    button = Button(text, icon_name=icon_name, hint=hint)
    button.setObjectName(name)
    return button


def _row(*widgets: QWidget) -> QWidget:
    """Widgets side by side, equally wide."""
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    for widget in widgets:
        line.addWidget(widget, 1)
    return row
