"""The inspector of the panel that enlarges: how vivid, what to compare with, how near it is, and which picture."""

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QWidget

from studio.api.panel import (
    Button,
    ElidedLabel,
    Label,
    Segmented,
    SettingsSection,
    SliderRow,
    ValueRange,
    clipped,
    hue_of,
    put_in_a_column,
    rounded,
    set_tip,
    small_label,
    theme,
)
from studio.core.param import param_specs
from studio.core.translation import N_, _, translate, within

from ..params import EnlargeParams
from ..scene import EnlargeScene
from ..state import Nearness
from .canvas import WipeView

_SPEC: Final = param_specs(EnlargeParams)["vividness"]
VIVIDNESS: Final = ValueRange(
    100 * (_SPEC.low or 0), 100 * (_SPEC.high or 1), step=1.0, default=100 * _SPEC.default, unit="%", is_whole=True
)
GAIN: Final = ValueRange(-100.0, 100.0, step=0.1, unit="dB")
COMPARED_TEXTS: Final = {
    "bicubic": (N_("Bicubic"), N_("What most programs do: a smooth curve through the pixels (bicubic interpolation)")),
    "lanczos": (N_("Lanczos"), N_("A little sharper, with faint rings at edges (windowed sinc)")),
    "nearest": (N_("Pixels"), N_("Each pixel as a square (nearest neighbour)")),
    "original": (N_("Original"), N_("The photo before it was shrunk; known for the examples only")),
}
ROWS: Final = {
    "now": N_("As on screen"),
    "faithful": N_("Faithful"),
    "vivid": N_("Vivid"),
    "bicubic": N_("Bicubic"),
    "lanczos": N_("Lanczos"),
}
THUMBNAIL: Final = QSize(92, 56)
N_COLUMNS: Final = 3
_FAITHFUL, _VIVID = 0.15, 0.85
N_EXAMPLES = 6


class VividSection(SettingsSection):
    """The slider between the faithful and the vivid network, 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.slider = SliderRow("vividness", _SPEC.label, VIVIDNESS, _SPEC.help)
        self.meaning = small_label()
        self.slider.value_changed.connect(lambda percent: self.meaning.setText(meaning_of(percent / 100)))
        self.edit_by(self.slider, "vividness", lambda percent: percent / 100)
        put_in_a_column(self, (self.slider, self.meaning))

    def show_scene(self, scene: EnlargeScene) -> None:
        """Show its vividness; emits nothing."""
        vividness = scene.params.vividness
        self.slider.set_value(100 * vividness)
        self.meaning.setText(meaning_of(vividness))


def meaning_of(vividness: float) -> str:
    """What a vividness of 0 to 1 means, in plain words."""
    if vividness <= _FAITHFUL:
        return _("Nothing is added that the small picture does not hint at; fine grain stays soft.")
    if vividness < _VIVID:
        return _("Edges as they most likely were, with some invented grain between them.")
    return _("Crisp all over, but much of the fine detail is invented: nobody has ever seen it.")


class EnlargeCompareSection(QWidget):
    """What lies left of the divider, and three buttons for how the view looks at the picture."""

    def __init__(self, view: WipeView) -> None:
        super().__init__()
        self.choice = Segmented("compared", COMPARED_TEXTS, N_("Compare with"))
        self.swap = Button(N_("Before / after"), hint=N_("Show all of one, then all of the other (B)"))
        self.fit = Button(N_("Whole"), hint=N_("Show the whole picture (0)"))
        self.full = Button(N_("Full size"), hint=N_("One pixel of the picture for each pixel of the screen (1)"))
        for button, look in ((self.swap, view.swap), (self.fit, view.fit), (self.full, view.show_full)):
            button.clicked.connect(look)
        put_in_a_column(self, (self.choice, _in_a_row(self.swap, self.fit, self.full)))

    def show_compared(self, name: str, has_original: bool) -> None:
        """Show what is compared with; emits nothing."""
        self.choice.set_possible("original", has_original)
        self.choice.set_value(name)


class NearSection(QWidget):
    """A small table: how near each enlargement is to the original."""

    def __init__(self) -> None:
        super().__init__()
        self._sentence = small_label()
        self._table = QWidget()
        self._cells = {name: (ElidedLabel(), Label(), Label()) for name in ROWS}
        grid = QGridLayout(self._table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(0, 1)
        heads = (N_("Closeness to the original"), N_("PSNR"), N_("SSIM"))
        terms = (
            "",
            N_("Peak signal-to-noise ratio in decibels; more means closer"),
            N_("Structural similarity, at most 1"),
        )
        for column, (head, term) in enumerate(zip(heads, terms, strict=True)):
            label = Label(translate(head))
            label.setProperty("role", "small")
            set_tip(label, translate(term))
            grid.addWidget(label, 0, column, _side(column))
        for row, (name, cells) in enumerate(self._cells.items(), 1):
            cells[0].setText(translate(ROWS[name]))
            for column, cell in enumerate(cells):
                cell.setProperty("role", "strong" if name == "now" else "muted")
                grid.addWidget(cell, row, column, _side(column) if column else Qt.AlignmentFlag(0))
        put_in_a_column(self, (self._table, self._sentence))
        self.show_none("")

    def show_figures(self, found: Mapping[str, Nearness]) -> None:
        """Show the figures of each."""
        for name, cells in self._cells.items():
            figures = found[name]
            cells[1].setText(_("{db:.1f} dB").format(db=figures.psnr))
            cells[2].setText("" if figures.ssim is None else f"{figures.ssim:.3f}")
        best = max((name for name in found if name != "now"), key=lambda name: found[name].psnr)
        gain = found["now"].psnr - found["bicubic"].psnr
        words = N_("As shown: {gain} compared with bicubic. Closest to the original: {best}.")
        self._sentence.setText(translate(words).format(gain=GAIN.text(gain), best=within(translate(ROWS[best]))))
        self._table.setVisible(True)

    def show_none(self, sentence: str) -> None:
        """Say why there are no figures."""
        self._sentence.setText(sentence)
        self._table.setVisible(False)


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft


class EnlargeExampleButton(QAbstractButton):
    """A small picture to click, with a ring where it is the one on show."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName(f"example_{number + 1}")
        self.setCheckable(True)
        self.setFixedSize(THUMBNAIL)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._image = QImage()

    def set_image(self, image: QImage, name: str) -> None:
        """Show a picture and name it."""
        self._image = image
        self.setAccessibleName(name)
        set_tip(self, name)
        self.update()

    def nextCheckState(self) -> None:  # noqa: N802 - Qt's own name
        """It is the scene that says which one is on show."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the middle of the picture with rounded corners."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect, radius = QRectF(self.rect()).adjusted(2, 2, -2, -2), theme().size.radius_small
        path = rounded(rect, radius)
        with clipped(painter, path):
            painter.fillRect(rect, QColor(theme().colour.field))
            if not self._image.isNull():
                painter.drawImage(rect, self._image, _middle_of(self._image, rect))
        is_marked = self.isChecked() or self.hasFocus()
        ring = theme().colour.focus if self.hasFocus() else hue_of(self).fill
        painter.setPen(QPen(QColor(ring if is_marked else theme().colour.border), 2 if is_marked else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, radius, radius)


def _middle_of(image: QImage, rect: QRectF) -> QRectF:
    """As much of the middle of a picture as has the shape of a rectangle."""
    scale = min(image.width() / rect.width(), image.height() / rect.height())
    part = QRectF(0, 0, rect.width() * scale, rect.height() * scale)
    part.moveCenter(QRectF(image.rect()).center())
    return part


class EnlargePictureSection(QWidget):
    """Which picture is enlarged: one of the examples, or the person's own.

    Signals: example_chosen(number).
    """

    example_chosen = Signal(int)

    def __init__(self, n_examples: int) -> None:
        super().__init__()
        self.examples = [EnlargeExampleButton(number) for number in range(n_examples)]
        grid = QGridLayout()
        grid.setSpacing(6)
        for number, button in enumerate(self.examples):
            button.setAccessibleName(_("Example {n}").format(n=number + 1))
            button.clicked.connect(lambda _=False, number=number: self.example_chosen.emit(number))
            grid.addWidget(button, number // N_COLUMNS, number % N_COLUMNS)
        grid.setColumnStretch(N_COLUMNS, 1)
        own_hint = N_("Enlarge a picture of your own; you can also drop one on the window")
        self.file = Button(N_("My picture…"), "primary", "open", own_hint)
        self.paste = Button(N_("Paste"), hint=N_("Take the picture from the clipboard (Ctrl V)"))
        self.save = Button(N_("Save…"), "secondary", "export", N_("Save the enlarged picture at full size"))
        self.size_label = ElidedLabel(role="small")
        put_in_a_column(self, (grid, self.size_label, _in_a_row(self.file, self.paste, self.save)))

    def show_examples(self, images: Sequence[QImage], names: Sequence[str]) -> None:
        """Show the pictures of the examples."""
        for button, image, name in zip(self.examples, images, names, strict=True):
            button.set_image(image, name)

    def show_chosen(self, number: int | None, size_text: str) -> None:
        """Mark an example, or none; say how large the picture is."""
        for index, button in enumerate(self.examples):
            button.setChecked(index == number)
        self.size_label.setText(size_text)


def _in_a_row(*buttons: Button) -> QHBoxLayout:
    """Buttons side by side, as narrow as they can be."""
    row = QHBoxLayout()
    row.setSpacing(6)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row
