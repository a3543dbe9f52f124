"""The look of the program: tokens from one file, made into a palette, a stylesheet and fonts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from string import Template
from typing import Any, Final
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.place import asset
from studio.render.bundled_font import prepare_fonts
from studio.widgets.of_program import of_program

THEME_NAMES: Final = ("dark", "light")
_SOURCE_PROPERTY: Final = "manifold_theme_source"
_HUE_PROPERTY: Final = "hue"
# The family whose hue a widget was found to wear. A widget never moves to another family, and to go up to the ancestor
# that says so takes as long as painting a slider.
_worn: Final[WeakKeyDictionary[QWidget, str]] = WeakKeyDictionary()
_TEXT_ROLES: Final = ("caption", "small", "body", "lead", "title", "heading")


@dataclass(frozen=True)
class Colour:
    """Colours as "#rrggbb", named after their job."""

    window: str
    canvas: str
    bar: str
    surface: str
    card: str
    border: str
    control: str
    control_hover: str
    control_pressed: str
    control_border: str
    field: str
    selected: str
    groove: str
    groove_trained: str
    knob: str
    knob_edge: str
    scroll: str
    text: str
    text_strong: str
    text_muted: str
    warning: str
    warning_surface: str
    error: str
    error_surface: str
    note: str
    note_surface: str
    focus: str
    paper: str
    ink: str


@dataclass(frozen=True)
class Hue:
    """The colour of one family: a filled area, the same under the pointer, text on it, text on a surface."""

    fill: str
    hover: str
    on_fill: str
    text: str


@dataclass(frozen=True)
class Size:
    """Lengths in device-independent pixels, on the 4-px grid where they separate things."""

    grid: int
    radius_small: int
    radius: int
    radius_large: int
    radius_picture: int
    control_height: int
    inspector_width: int
    inspector_margin: int
    knob_width: int
    groove_height: int


@dataclass(frozen=True)
class FontFace:
    """Names of the bundled fonts and the sizes of text in pixels at text scale 1."""

    ui: str
    mono: str
    caption_px: int
    small_px: int
    body_px: int
    lead_px: int
    title_px: int
    heading_px: int


@dataclass(frozen=True)
class Theme:
    """All tokens of one look."""

    name: str
    text_scale: float
    colour: Colour
    hues: Mapping[str, Hue]
    size: Size
    face: FontFace

    def text_px(self, role: str) -> int:
        """The height of text for `role` (caption, small, body, lead, title, heading), scaled."""
        size_px: int = getattr(self.face, f"{role}_px")
        return round(size_px * self.text_scale)

    def font(self, role: str = "body", weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """The interface font for `role`, with tabular figures so that a running number does not jitter."""
        return QFont(_font(self.face.ui, self.text_px(role), weight))

    def scaled(self, length_px: float) -> int:
        """A length that has to grow with the text, in pixels."""
        return round(length_px * self.text_scale)


@lru_cache(maxsize=32)
def _font(name: str, height_px: int, weight: QFont.Weight) -> QFont:
    """The one that others are copied from: what is painted asks for it at each paint."""
    font = QFont(name)
    font.setPixelSize(height_px)
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


class ThemeSource(QObject):
    """Holds the theme in force.

    Signals:
        theme_changed(): the stylesheet and palette are in place; painted widgets draw themselves again.
    """

    theme_changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.theme = load_theme("dark")
        self.has_fonts = False


def load_theme(name: str, text_scale: float = 1.0) -> Theme:
    """Read the tokens of the look `name` ("dark" or "light").

    Raises ValueError for another name.
    """
    if name not in THEME_NAMES:
        raise ValueError(f"no theme is called {name!r}")
    tokens = json.loads(asset("theme/tokens.json").read_text(encoding="utf-8"))
    look = tokens[name]
    hues = {family: Hue(**values) for family, values in look["hue"].items()}
    return Theme(name, text_scale, Colour(**look["colour"]), hues, Size(**tokens["size"]), FontFace(**tokens["font"]))


def theme_source() -> ThemeSource:
    """The object that holds the theme and tells when it changes; belongs to the QApplication."""
    return of_program(ThemeSource, _SOURCE_PROPERTY)


def theme() -> Theme:
    """The theme in force; the dark one until `apply_theme` was called."""
    return theme_source().theme


def apply_theme(app: QApplication, name: str, text_scale: float = 1.0) -> None:
    """Dress the whole program in the look `name`; may be called again at any time."""
    source = theme_source()
    if not source.has_fonts:
        prepare_fonts()
        source.has_fonts = True
    look = load_theme(name, text_scale)
    source.theme = look
    if app.styleSheet():
        app.setStyleSheet("")  # Qt takes one off and puts one on in a quarter of the time in which it changes one
    else:
        app.setStyle("Fusion")
    app.setFont(look.font())
    app.setPalette(_palette(look))
    app.setStyleSheet(stylesheet(look))
    source.theme_changed.emit()


def set_hue(widget: QWidget, family: str) -> None:
    """Let `widget` and all its children wear the hue of `family`; families without one wear the studio's."""
    widget.setProperty(_HUE_PROPERTY, family)
    _worn.clear()


def hue_of(widget: QWidget) -> Hue:
    """The hue that the nearest ancestor of `widget` set, else the studio's own."""
    hues = theme().hues
    family = _worn.get(widget, "")
    if family in hues:
        return hues[family]
    ancestor: QWidget | None = widget
    while ancestor is not None:
        family = ancestor.property(_HUE_PROPERTY)
        if family in hues:
            _worn[widget] = family
            return hues[family]
        ancestor = ancestor.parentWidget()
    return hues["studio"]


def stylesheet(look: Theme) -> str:
    """The Qt stylesheet made from the template and the tokens of `look`."""
    template = Template(asset("theme/studio.qss").read_text(encoding="utf-8"))
    hue_template = Template(asset("theme/hue.qss").read_text(encoding="utf-8"))
    values = _flat_tokens(look)
    parts = [template.substitute(values)]
    for family, hue in look.hues.items():
        scope = "" if family == "studio" else f'*[{_HUE_PROPERTY}="{family}"] '
        parts.append(hue_template.substitute(values, scope=scope, **_hue_tokens(hue)))
    return "\n".join(parts)


def _hue_tokens(hue: Hue) -> dict[str, str]:
    return {"fill": hue.fill, "hover": hue.hover, "on_fill": hue.on_fill, "hue_text": hue.text}


def _as_dict(tokens: Any) -> dict[str, Any]:
    return {field.name: getattr(tokens, field.name) for field in fields(tokens)}


def _flat_tokens(look: Theme) -> dict[str, Any]:
    text_sizes = {f"{role}_px": look.text_px(role) for role in _TEXT_ROLES}
    files = {"icons": asset("icons").as_posix(), "look": look.name}
    return _as_dict(look.colour) | _as_dict(look.size) | _as_dict(look.face) | text_sizes | files


def _palette(look: Theme) -> QPalette:
    colour, hue = look.colour, look.hues["studio"]
    roles = {
        QPalette.ColorRole.Window: colour.window,
        QPalette.ColorRole.WindowText: colour.text,
        QPalette.ColorRole.Base: colour.field,
        QPalette.ColorRole.AlternateBase: colour.surface,
        QPalette.ColorRole.Text: colour.text_strong,
        QPalette.ColorRole.PlaceholderText: colour.text_muted,
        QPalette.ColorRole.Button: colour.control,
        QPalette.ColorRole.ButtonText: colour.text_strong,
        QPalette.ColorRole.BrightText: colour.text_strong,
        QPalette.ColorRole.ToolTipBase: colour.card,
        QPalette.ColorRole.ToolTipText: colour.text_strong,
        QPalette.ColorRole.Highlight: hue.fill,
        QPalette.ColorRole.HighlightedText: hue.on_fill,
        QPalette.ColorRole.Link: hue.text,
        QPalette.ColorRole.Accent: hue.fill,
    }
    palette = QPalette(QColor(colour.control), QColor(colour.window))
    for role, value in roles.items():
        palette.setColor(role, QColor(value))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colour.text_muted))
    return palette
