"""Every widget test runs in the dark theme."""

import pytest
from PySide6.QtWidgets import QApplication

from studio.widgets.theme import apply_theme


@pytest.fixture(autouse=True)
def dark_theme(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
