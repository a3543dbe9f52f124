"""Dresses the program as the settings say, at once and whenever they change."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from studio.core.option import TEXT_SCALE, THEME
from studio.core.setting import Settings
from studio.widgets.theme import apply_theme, theme


class Look(QObject):
    """Applies theme and text size."""

    def __init__(self, app: QApplication, settings: Settings) -> None:
        super().__init__(app)
        self._app = app
        self._settings = settings
        self._magnification = 1.0
        settings.on_change(self._on_setting_changed)
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._apply()

    def switch(self) -> None:
        """From dark to light or back."""
        self._settings.set(THEME, "light" if theme().name == "dark" else "dark")

    def scale_text(self, step: float) -> None:
        """Make all text larger or smaller, within the range."""
        wished = round(self._settings.get(TEXT_SCALE) + step, 2)
        self._settings.set(TEXT_SCALE, min(max(wished, TEXT_SCALE.low), TEXT_SCALE.high))

    def reset_text(self) -> None:
        """Back to the usual text size."""
        self._settings.reset(TEXT_SCALE)

    def magnify(self, factor: float) -> None:
        """Make all text so many times as large for the moment; no setting changes."""
        self._magnification = factor
        self._apply()

    def _on_setting_changed(self, key: str) -> None:
        if key in (THEME.key, TEXT_SCALE.key):
            self._apply()

    def _on_system_changed(self) -> None:
        if self._settings.get(THEME) == "system":
            self._apply()

    def _apply(self) -> None:
        name = self._settings.get(THEME)
        if name == "system":
            is_light = self._app.styleHints().colorScheme() is Qt.ColorScheme.Light
            name = "light" if is_light else "dark"
        scale = self._settings.get(TEXT_SCALE) * self._magnification
        if self._app.styleSheet() and (theme().name, theme().text_scale) == (name, scale):
            return
        apply_theme(self._app, name, scale)
