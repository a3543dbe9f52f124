"""Fills the inspector of the styles panel: picture, way and view, and two bars for what the discriminator says."""

from typing import Any, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import (
    Label,
    Segmented,
    hue_of,
    named_button,
    param_field,
    set_tip,
    side_by_side,
    theme,
    theme_source,
)
from studio.core.translation import N_, _, translate

from ..scene import StylesExamples, StylesParams, StylesScene
from .gallery import StylesGallery

_LINE_PX: Final = 26
_BAR_PX: Final = 6
_NAME_SHARE: Final = 0.34
_NUMBER_SHARE: Final = 0.18
_ROWS: Final = (("original", N_("Original")), ("translation", N_("Translation")))
_HINT: Final = N_(
    "Share of real held-out emoji in that style that the detective finds less real (PatchGAN discriminator); real "
    "ones average 50 %"
)
WAY_TEXTS: Final = {
    "there": (
        N_("Flat to glossy"),
        N_("From the style of Google’s Noto emoji to that of Microsoft’s Fluent (generator G)"),
    ),
    "back": (
        N_("Glossy to flat"),
        N_("From the style of Microsoft’s Fluent emoji to that of Google’s Noto (generator F)"),
    ),
}
SHOWN_TEXTS: Final = {
    "cycle": (N_("Cycle"), N_("Original, translation, and what comes back (cycle consistency)")),
    "wipe": (N_("Wipe"), N_("The original to the left of a line that you drag, the translation to the right")),
    "changes": (
        N_("Changes"),
        N_("Where the translation differs from the original: brighter means more (colour distance)"),
    ),
}


class StylesScoreBars(QWidget):
    """Two lines: name, bar, percent. It shows only, nothing can be changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verdict")
        set_tip(self, translate(_HINT))
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


class StylesControls:
    """The controls; changes nothing itself.

    Attributes:
        examples: those that the gallery offers, None until the model has been opened.
    """

    def __init__(self) -> None:
        self.examples: StylesExamples | None = None
        self.way = Segmented("way", WAY_TEXTS, N_("Direction"))
        self.shown = Segmented("shown", SHOWN_TEXTS, N_("Show"))
        self.seed = param_field(StylesParams(), "seed", "seed")
        self.gallery = StylesGallery(Label(self.seed.accessibleName()), self.seed)
        self.verdict = StylesScoreBars()
        self.surprise = named_button("surprise", N_("Surprise me"), N_("Another random example (R)"), "dice")
        self.open = named_button("open_picture", N_("My picture…"), N_("Translate a picture of your own"), "open")
        from_clipboard = N_("Translate the picture on the clipboard (Ctrl+V)")
        self.paste = named_button("paste_picture", N_("Paste"), from_clipboard, "copy")
        often = N_("Twelve translations in a row as a film on the timeline: the losses add up")
        self.turns = named_button("turns", N_("Back and forth"), often, "reset")

    def sections(self) -> tuple[tuple[Any, ...], ...]:
        """What the inspector shows."""
        buttons = side_by_side(self.surprise, self.turns), side_by_side(self.open, self.paste)
        return (
            ("section_way", N_("Direction"), self.way),
            ("section_shown", N_("Show"), self.shown),
            ("section_examples", N_("Examples not used in training"), self.gallery, *buttons),
            ("section_verdict", N_("The detective says"), self.verdict),
        )

    def opened(self, examples: StylesExamples) -> None:
        """Offer the examples, which come with the model."""
        self.examples = examples

    def show_scene(self, scene: StylesScene) -> None:
        """Show a scene; emits nothing."""
        self.way.set_value("back" if scene.is_back else "there")
        self.shown.set_value(scene.shown)
        self.seed.set_value(scene.seed)
        if self.examples is not None:
            self.gallery.set_pictures(self.examples.of_way(scene.is_back), self.examples.names)
            self.gallery.set_chosen(-1 if scene.own is not None else self.examples.index(scene.seed))
