"""Shows or hides the captions of a panel as the settings say, at once and whenever they change."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from studio.core.option import CAPTIONS_SHOWN
from studio.core.setting import Settings
from studio.widgets.caption import Caption


class CaptionSetting(QObject):
    """Keeps the captions of one panel and the setting the same; goes with the panel."""

    def __init__(self, panel: QWidget, settings: Settings) -> None:
        super().__init__(panel)
        self._settings = settings
        self._captions = panel.findChildren(Caption)
        self._forget: Callable[[], None] = settings.on_change(self._on_setting_changed)
        for caption in self._captions:
            caption.hidden_changed.connect(self._on_hidden_changed)
        self._apply()

    def close(self) -> None:
        """Stop listening to the settings."""
        self._forget()

    def _apply(self) -> None:
        is_hidden = not self._settings.get(CAPTIONS_SHOWN)
        for caption in self._captions:
            if caption.is_hidden != is_hidden:
                caption.set_hidden(is_hidden)

    def _on_setting_changed(self, key: str) -> None:
        if key == CAPTIONS_SHOWN.key:
            self._apply()

    def _on_hidden_changed(self, is_hidden: bool) -> None:
        self._settings.set(CAPTIONS_SHOWN, not is_hidden)
