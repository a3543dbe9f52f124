"""Icons exist, take the colour they are given, and buttons follow the theme."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from studio.core.place import asset
from studio.widgets.controls.button import Button
from studio.widgets.controls.icon import icon_pixmap
from studio.widgets.theme import apply_theme, theme

NAMES = sorted(path.stem for path in asset("icons").glob("*.svg") if path.stem != "manifold-studio")


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_draws_something_and_nothing_touches_its_edge(qapp, name: str) -> None:
    image = icon_pixmap(name, "#ff0000").toImage().convertToFormat(QImage.Format.Format_Alpha8)
    alpha = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)[:, : image.width()]
    assert alpha.max() == 255
    assert max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max()) == 0


def test_icon_takes_its_colour(qapp) -> None:
    image = icon_pixmap("stop", "#ff0000").toImage()
    assert image.pixelColor(24, 24) == QColor("#ff0000")


def test_unknown_icon_is_an_error(qapp) -> None:
    with pytest.raises(FileNotFoundError):
        icon_pixmap("no such icon")


def ink(button: Button) -> QColor:
    return button.icon().pixmap(16, 16).toImage().pixelColor(8, 8)


def test_button_icon_follows_the_theme(qtbot, qapp: QApplication) -> None:
    button = Button("Stop", icon_name="stop")
    qtbot.addWidget(button)
    button.show()
    assert ink(button) == QColor(theme().colour.text_strong)
    apply_theme(qapp, "light")
    assert ink(button) == QColor(theme().colour.text_strong)
    assert theme().name == "light"


def test_primary_button_is_filled(qtbot) -> None:
    button = Button("Open", "primary")
    qtbot.addWidget(button)
    button.resize(80, 30)
    button.show()
    assert button.grab().toImage().pixelColor(8, 15) == QColor(theme().hues["studio"].fill)


def test_icon_button_says_what_it_does(qtbot) -> None:
    button = Button(kind="quiet", icon_name="close", hint="Close")
    qtbot.addWidget(button)
    assert button.accessibleName() == "Close"
    assert button.toolTip() == "Close"
