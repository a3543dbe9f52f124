"""Builds a page of all widgets in both themes and writes PNGs: `python -m tests.widgets.gallery FOLDER`."""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget
from scipy.ndimage import distance_transform_edt

from studio.core.error import UserError
from studio.core.param import param
from studio.core.place import asset
from studio.render.field import render_glyph
from studio.widgets.caption import Caption
from studio.widgets.controls.button import Button, Kind
from studio.widgets.controls.chip import ChipFlow
from studio.widgets.controls.flow import FlowLayout
from studio.widgets.controls.param_form import ParamForm
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.value_range import ValueRange
from studio.widgets.inspector import Inspector
from studio.widgets.message_bar import MessageBar
from studio.widgets.theme import apply_theme, set_hue
from studio.widgets.views.field import FieldView
from studio.widgets.views.history_strip import HistoryStrip, Place
from studio.widgets.views.image import ImageView
from studio.widgets.views.picture import image_from_coverage

SUPERSAMPLING = 16


@dataclass(frozen=True)
class Params:
    """Every kind of parameter."""

    steps: int = param(12, label="Steps", help="How many.", low=1, high=60)
    speed: float = param(0.5, label="Speed", help="How fast.", low=0.0, high=1.0, step=0.05, unit="s")
    is_straight: bool = param(True, label="Straight line", help="Or curved.")
    word: str = param("Hamburg", label="Word", help="To set.")
    path: str = param("spherical", label="Path", help="How to go.", choices=("linear", "spherical"))


def glyph_field(letter: str, font_file: str = "fonts/Inter-Regular.ttf") -> np.ndarray:
    """The distance field of a letter of a bundled font, (64, 64) float32."""
    size = 64 * SUPERSAMPLING
    sheet = Image.new("L", (size, size), 0)
    font = ImageFont.truetype(str(asset(font_file)), round(size * 0.72))
    ImageDraw.Draw(sheet).text((size / 2, size * 0.74), letter, 255, font, anchor="ms")
    inside = np.asarray(sheet) > 127
    signed = np.where(inside, distance_transform_edt(inside) - 0.5, 0.5 - distance_transform_edt(~inside))
    cells = signed.reshape(64, SUPERSAMPLING, 64, SUPERSAMPLING).mean((1, 3)) / SUPERSAMPLING
    return cells.astype(np.float32)


def word_fields(word: str, font_file: str = "fonts/Inter-Regular.ttf") -> list[np.ndarray | None]:
    return [None if letter == " " else glyph_field(letter, font_file) for letter in word]


def inspector() -> Inspector:
    column = Inspector()
    tools = QWidget()
    flow = FlowLayout(tools, 8)
    for text, name in (("Surprise me", "dice"), ("My picture…", "picture"), ("Reset", "reset")):
        flow.addWidget(Button(text, icon_name=name))
    column.add(tools)
    strongest = column.add_section("strongest", "Strongest directions")
    for label, value in (("Weight", 1.3), ("Serif", 0.8), ("Width", -0.4), ("Slant", 0.0), ("Contrast", 2.9)):
        row = SliderRow(f"vae.{label}", label, ValueRange(-4, 4, trained=(-2.5, 2.5)), "Help.")
        row.set_value(value)
        strongest.add(row)
    strongest.add(Button("26 more, 7 with no visible effect", "link", "chevron_right"))
    letters = column.add_section("letter", "Letter")
    chips = ChipFlow("letters", "abcdefghijklmnopqRSTUVW012345", "Letter")
    chips.set_current("g")
    letters.add(chips)
    form = column.add_section("form", "Every kind")
    form.add(ParamForm(Params, "gallery."))
    folded = column.add_section("folded", "Folded away")
    folded.add(QLabel("hidden"))
    folded.set_folded(True)
    return column


def canvas(view: QWidget) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "canvas")
    column = QVBoxLayout(frame)
    column.setContentsMargins(24, 16, 24, 16)
    messages = MessageBar()
    messages.show_error(UserError("This file is no picture.", "Try a PNG or a JPEG."), action="Choose another")
    column.addWidget(messages)
    column.addWidget(view, 1)
    hint = QLabel("Drag on the picture to move through latent space")
    hint.setProperty("role", "muted")
    hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    column.addWidget(hint)
    caption = Caption()
    caption.set_text("This letter exists in no typeface. The closest of the 151 is Vollkorn, and it is 12 % heavier.")
    column.addWidget(caption)
    strip = HistoryStrip()
    places = [Place(image_from_coverage(render_glyph(glyph_field(c), 96), "#101114", "#ffffff"), c) for c in "aegRst"]
    strip.show_places(places, 4)
    column.addWidget(strip)
    return frame


def bar() -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "bar")
    row = QHBoxLayout(frame)
    for role, text in (
        ("strong", "Manifold Studio"),
        ("muted", "Search or run a command"),
        ("keys", "Ctrl K"),
    ):
        label = QLabel(text)
        label.setProperty("role", role)
        row.addWidget(label)
    row.addStretch(1)
    row.addWidget(QLineEdit("typed text"))
    looks: list[tuple[str, Kind, str]] = [
        ("Undo", "secondary", "undo"),
        ("", "quiet", "search"),
        ("", "secondary", "play"),
        ("Open", "primary", ""),
        ("Present", "primary", "play"),
    ]
    for text, kind, name in looks:
        row.addWidget(Button(text, kind, name, "hint"))
    disabled = Button("Redo", icon_name="redo")
    disabled.setEnabled(False)
    row.addWidget(disabled)
    return frame


def page(view: QWidget, family: str) -> QWidget:
    widget = QWidget()
    set_hue(widget, family)
    rows = QVBoxLayout(widget)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(0)
    rows.addWidget(bar())
    middle = QHBoxLayout()
    middle.addWidget(canvas(view), 1)
    middle.addWidget(inspector())
    rows.addLayout(middle, 1)
    return widget


def main() -> None:
    folder = Path(sys.argv[1])
    app = QApplication([])
    apply_theme(app, "dark")
    single, word, digits = FieldView(), FieldView(), ImageView()
    single.show_fields([glyph_field("g")])
    word.show_fields(word_fields("Hamburg AVLT"))
    small = Image.fromarray(render_glyph(glyph_field("5"), 64)).resize((28, 28))
    digits.show_array(255 - np.asarray(small))
    pages = {"single": page(single, "vae"), "word": page(word, "diffusion"), "digits": page(digits, "gan")}
    for name, widget in pages.items():
        widget.resize(1440, 860)
        widget.show()
        for look, scale in (("dark", 1.0), ("light", 1.0), ("dark", 1.5)):
            apply_theme(app, look, scale)
            app.processEvents()
            widget.grab().save(str(folder / f"{name}_{look}_{scale:g}.png"))


if __name__ == "__main__":
    main()
