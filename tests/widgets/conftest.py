"""Every widget test runs in the dark theme."""

import pytest
from PySide6.QtWidgets import QApplication

from studio.widgets.theme import apply_theme, load_theme, theme_source


@pytest.fixture(autouse=True)
def dark_theme(qapp: QApplication) -> None:
    source = theme_source()
    if not source.has_fonts or source.theme != load_theme("dark"):
        apply_theme(qapp, "dark")
