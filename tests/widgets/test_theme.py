"""The tokens are readable, and the look can change while the program runs."""

from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QFontDatabase, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from studio.widgets.theme import (
    THEME_NAMES,
    Colour,
    FontFace,
    Size,
    apply_theme,
    hue_of,
    load_theme,
    set_hue,
    stylesheet,
    theme,
    theme_source,
)

SURFACES = ("window", "canvas", "bar", "surface", "card", "control", "control_hover", "field", "selected")
FAMILIES = {"vae", "gan", "diffusion", "transformer", "autoregressive", "nerf", "studio"}


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        parsed = QColor(colour)
        channels = (parsed.redF(), parsed.greenF(), parsed.blueF())
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("name", THEME_NAMES)
@pytest.mark.parametrize("ink", ["text", "text_strong", "text_muted"])
def test_text_is_readable_on_every_surface(name: str, ink: str) -> None:
    colour = load_theme(name).colour
    for surface in SURFACES:
        if (ink, surface) != ("text_muted", "control_hover"):
            assert contrast(getattr(colour, ink), getattr(colour, surface)) >= 4.5, surface


@pytest.mark.parametrize("name", THEME_NAMES)
def test_messages_are_readable(name: str) -> None:
    colour = load_theme(name).colour
    for surface in (colour.note_surface, colour.warning_surface, colour.error_surface):
        assert contrast(colour.text_strong, surface) >= 4.5
    assert contrast(colour.warning, colour.surface) >= 4.5
    assert contrast(colour.error, colour.error_surface) >= 4.5


@pytest.mark.parametrize("name", THEME_NAMES)
def test_hues_are_readable_and_visible(name: str) -> None:
    look = load_theme(name)
    assert set(look.hues) == FAMILIES
    for hue in look.hues.values():
        assert contrast(hue.on_fill, hue.fill) >= 4.5
        assert contrast(hue.on_fill, hue.hover) >= 4.5
        assert contrast(hue.text, look.colour.window) >= 4.5
        assert contrast(hue.text, look.colour.surface) >= 4.5
        assert contrast(hue.fill, look.colour.groove) >= 3


@pytest.mark.parametrize("name", THEME_NAMES)
def test_focus_shows(name: str) -> None:
    colour = load_theme(name).colour
    for surface in SURFACES:
        assert contrast(colour.focus, getattr(colour, surface)) >= 3


def test_unknown_theme_is_refused() -> None:
    with pytest.raises(ValueError, match="sepia"):
        load_theme("sepia")


@pytest.mark.parametrize("name", THEME_NAMES)
def test_every_placeholder_of_the_stylesheet_is_filled(name: str) -> None:
    assert "$" not in stylesheet(load_theme(name))


def test_no_two_tokens_share_a_name() -> None:
    names = [field.name for tokens in (Colour, Size, FontFace) for field in fields(tokens)]
    assert len(names) == len(set(names))


def test_switching_changes_palette_and_tells(qapp: QApplication, qtbot) -> None:
    with qtbot.waitSignal(theme_source().theme_changed):
        apply_theme(qapp, "light", 1.25)
    assert theme().name == "light"
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(load_theme("light").colour.window)
    assert qapp.font().pixelSize() == round(13 * 1.25)


def test_bundled_fonts_are_there(qapp: QApplication) -> None:
    assert {"Inter", "JetBrains Mono"} <= set(QFontDatabase.families())


def test_figures_are_tabular(qapp: QApplication) -> None:
    metrics = QFontMetricsF(theme().font())
    assert metrics.horizontalAdvance("1111") == pytest.approx(metrics.horizontalAdvance("8888"))


def test_children_wear_the_hue_of_their_family(qtbot) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    child = QWidget(panel)
    assert hue_of(child) == theme().hues["studio"]
    set_hue(panel, "diffusion")
    assert hue_of(child) == theme().hues["diffusion"]
    set_hue(panel, "somebody's own family")
    assert hue_of(child) == theme().hues["studio"]
