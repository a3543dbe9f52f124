"""The inspector's part that packs a picture into a few bytes: how fine, what comes out, and what others need for it."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.panel import (
    Axis,
    Curve,
    Label,
    Marker,
    PlotSpec,
    PlotView,
    SliderRow,
    ValueRange,
    in_a_row,
    named_button,
    put_in_a_column,
    small_label,
)
from studio.core.translation import N_, _, translate

from ..compress.latent_code import STEPS
from ..compress.packing import FIRST_STEP, Packing
from ..compress.rate_points import MODEL, RatePoints, bytes_at
from .own_picture import thumbnail_label

FINENESS: Final = ValueRange(0.0, len(STEPS) - 1.0, step=1.0, default=len(STEPS) - 1.0 - FIRST_STEP)
IDLE: Final = N_("Pack a picture into a few bytes: the model keeps only its place, rounded.")
TAKES: Final = N_("{n:,} bytes in all. Likeness to the original: {db:.1f} dB.")
OTHERS: Final = N_("For the same likeness: {others}.")
NOT_COUNTED: Final = N_("The model that unpacks it is not counted.")
UNKNOWN: Final = N_("The model does not know such pictures: however finely it is packed, it comes out as another one.")
NAMES: Final = {"WEBP": "WebP", "JPEG": "JPEG", "AVIF": "AVIF", "PNG": "PNG"}


class CompressSection(QWidget):
    """Shows what was packed; changes nothing itself.

    Attributes:
        take, choose, save, folder, open: the buttons. fineness: the slider, the coarsest step at the left.
    """

    def __init__(self) -> None:
        super().__init__()
        self.take = named_button("pack_shown", N_("Pack this picture"), N_("Pack the picture that is on show"))
        self.choose = named_button("pack_picture", N_("My picture…"), N_("Pack a picture of yours"), "picture")
        self.words = small_label(translate(IDLE))
        self.fineness = SliderRow(
            "pack_fineness", N_("Fineness"), FINENESS, N_("How finely the place is rounded; coarser takes fewer bytes")
        )
        self.original, self.drawn = thumbnail_label(N_("The original")), thumbnail_label(N_("Unpacked"))
        self.plot = PlotView(N_("Bytes against likeness"))
        self.save = named_button("pack_save", N_("Save…"), N_("Write the packed picture to a file"), "export")
        self.folder = named_button(
            "pack_folder", N_("Folder…"), N_("Pack all pictures of a folder into one file"), "open"
        )
        self.open = named_button("pack_open", N_("Unpack…"), N_("Open a file of packed pictures"))
        self._packed = QWidget()
        pair = in_a_row(_named(self.original, N_("Original")), _named(self.drawn, N_("Unpacked")))
        put_in_a_column(self._packed, (self.fineness, pair, self.plot, self.save))
        buttons = in_a_row(self.folder, self.open)
        put_in_a_column(self, (in_a_row(self.take, self.choose), self.words, self._packed, buttons))
        self.show_packing(None)

    def step(self) -> int:
        """The number of the step that the slider says."""
        return len(STEPS) - 1 - round(self.fineness.value())

    def show_packing(self, packing: Packing | None) -> None:
        """Offer the slider while a picture is packed."""
        self._packed.setVisible(packing is not None)
        if packing is None:
            self.words.setText(translate(IDLE))
        else:
            self.fineness.set_value(len(STEPS) - 1.0 - packing.step)

    def show_original(self, picture: QImage) -> None:
        """Show the original."""
        self.original.setPixmap(QPixmap.fromImage(picture))

    def show_drawn(self, picture: QImage) -> None:
        """Show what was unpacked."""
        self.drawn.setPixmap(QPixmap.fromImage(picture))

    def show_curves(self, curves: Mapping[str, RatePoints], step: int, is_known: bool) -> None:
        """Show the curves of a picture, and what a step takes; `is_known` where the model draws such pictures."""
        here = len(STEPS) - 1 - step  # the fewest bytes come first
        own = curves[MODEL]
        n_bytes, likeness_db = float(own.n_bytes[here]), float(own.likeness_db[here])
        others = []
        for form, name in NAMES.items():
            found = bytes_at(curves[form], likeness_db) if form in curves else None
            if found is not None:
                others.append(_("{name} {n:,} bytes").format(name=name, n=round(found)))
        words = [translate(TAKES).format(n=round(n_bytes), db=likeness_db)]
        if others:
            words.append(translate(OTHERS).format(others=", ".join(others)))
        self.words.setText(" ".join([*words, translate(NOT_COUNTED if is_known else UNKNOWN)]))
        items = [_curve(_("Model"), own), *(_curve(NAMES[form], curves[form]) for form in NAMES if form in curves)]
        x, y = Axis(_("Bytes"), scale="log"), Axis(_("Likeness, dB"))
        self.plot.show_plot(PlotSpec([*items, Marker(n_bytes)], x, y, summary=self.words.text()))

    def say(self, words: str) -> None:
        """Say something of a file or folder."""
        self.words.setText(words)


def _curve(name: str, points: RatePoints) -> Curve:
    return Curve(name, points.n_bytes.astype(np.float64), points.likeness_db.astype(np.float64))


def _named(label: Label, title: str) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(label)
    column.addWidget(small_label(translate(title)))
    return whole
