"""The inspector's part for the training photos: go to one, and hold it against our picture of the same view."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from studio.api.panel import (
    Button,
    ElidedLabel,
    Segmented,
    SliderRow,
    SteadyLabel,
    ValueRange,
    put_in_a_column,
    set_tip,
)
from studio.core.translation import N_, _, translate

from .photo_strip import PhotoStrip

COMPARE_TEXTS: Final = {
    "off": (N_("Off"), N_("Our picture only")),
    "wipe": (N_("Wipe"), N_("The photo to the left of a line, our picture to the right")),
    "difference": (N_("Difference"), N_("How different the colours are; brighter means more (absolute error)")),
    "side": (N_("Side by side"), N_("The photo on the left, our picture on the right")),
}
PLACE: Final = ValueRange(0.0, 100.0, step=1.0, default=50.0, unit="%", is_whole=True)


class PhotoSection(QWidget):
    """Shows the photos; changes nothing itself.

    Signals:
        photo_requested(index): look through this one.
        step_requested(direction): -1 or +1, to the photo before or after.
        comparison_changed(kind): one of COMPARE_TEXTS.
        place_changed(share): of the line of the wipe, 0..1, also during a drag.
        left_out_wanted(is_wanted): show on the photo what was left out of it.
    """

    photo_requested = Signal(int)
    step_requested = Signal(int)
    comparison_changed = Signal(str)
    place_changed = Signal(float)
    left_out_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self.strip = PhotoStrip()
        self.strip.photo_requested.connect(self.photo_requested)
        self.name = ElidedLabel()
        self.back = Button("[", hint=N_("To the previous photo ( [ )"))
        self.on = Button("]", hint=N_("To the next photo ( ] )"))
        self._make_steps()
        self.comparison = Segmented("comparison", COMPARE_TEXTS, N_("Compare with the photo"))
        self.comparison.value_chosen.connect(self._on_comparison_chosen)
        place_help = N_("Where the line is between the photo and our picture.")
        self.place = SliderRow("wipe_place", N_("Line at"), PLACE, place_help)
        self.place.value_changed.connect(lambda percent: self.place_changed.emit(percent / 100))
        self.left_out = QCheckBox(_("What was left out"))
        self.left_out.setObjectName("left_out")
        set_tip(
            self.left_out,
            _(
                "In red: what other photos do not show in the same way, such as passers-by and glints. The scene was "
                "not learnt from that (transient part)."
            ),
        )
        self.left_out.toggled.connect(self.left_out_wanted)
        self._has_left_out = False
        self.figures = SteadyLabel()
        set_tip(
            self.figures,
            _(
                "How close our picture is to the photo: peak signal-to-noise ratio (PSNR, more is better) and "
                "structural similarity (SSIM, 1 means identical)"
            ),
        )
        self._lay_out()
        self.set_photos((), ())

    def _make_steps(self) -> None:
        steps = ((self.back, "photo_back", N_("Previous photo"), -1), (self.on, "photo_on", N_("Next photo"), 1))
        for button, name, title, way in steps:
            button.setObjectName(name)
            button.setAccessibleName(translate(title))
            button.setProperty("shape", "icon")
            button.setFixedWidth(30)
            button.clicked.connect(lambda _=False, way=way: self.step_requested.emit(way))

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.name, 1)
        line.addWidget(self.back)
        line.addWidget(self.on)
        put_in_a_column(self, (self.strip, line, self.comparison, self.place, self.left_out, self.figures), 4)

    def set_photos(self, images: Sequence[QImage], names: Sequence[str]) -> None:
        """Offer these; an image may be a null one as long as it is not read."""
        self._names = tuple(names)
        self.strip.set_photos(images, names)
        self.set_current(-1)

    def set_image(self, index: int, image: QImage) -> None:
        """A photo has been read."""
        self.strip.set_image(index, image)

    def set_current(self, index: int) -> None:
        """Show through which photo the scene is seen; -1 for none. Emits nothing."""
        self.strip.set_current(index)
        is_there = index >= 0
        self.comparison.setVisible(is_there)
        self.figures.setVisible(is_there)
        self.left_out.setVisible(is_there and self._has_left_out)
        for button in (self.back, self.on):
            button.setEnabled(bool(self._names))
        if is_there:
            text = _("{name} · {i} of {n}")
            self.name.setText(text.format(name=self._names[index], i=index + 1, n=len(self._names)))
        else:
            self.name.setText(_("{n} photos").format(n=len(self._names)))
            self.figures.set_text("")
        self._show_place()

    def set_comparison(self, kind: str) -> None:
        """Show how they are compared; emits nothing."""
        self.comparison.set_value(kind)
        self._show_place()

    def set_place(self, share: float) -> None:
        """Show where the line of the wipe stands, 0..1; emits nothing."""
        self.place.set_value(100 * share)

    def set_has_left_out(self, has_left_out: bool) -> None:
        """Say whether it is known what was left out of this photo."""
        self._has_left_out = has_left_out
        self.left_out.setVisible(has_left_out and not self.comparison.isHidden())

    def set_figures(self, psnr_db: float | None, ssim: float | None) -> None:
        """Say how near our picture comes to the photo; None before it was measured."""
        if psnr_db is None or ssim is None:
            self.figures.set_text("")
            return
        text = _("PSNR {psnr:.1f} dB · SSIM {ssim:.3f}")
        self.figures.set_text(text.format(psnr=psnr_db, ssim=ssim))

    def _show_place(self) -> None:
        self.place.setVisible(self.comparison.value() == "wipe" and not self.comparison.isHidden())

    def _on_comparison_chosen(self, kind: str) -> None:
        self._show_place()
        self.comparison_changed.emit(kind)
