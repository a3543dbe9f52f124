"""Offers the sound devices that are there as one looks, the system's own choice first."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QStandardItemModel
from PySide6.QtWidgets import QComboBox

from studio.core.translation import N_, translate
from studio.widgets.sound_output import output_names
from studio.widgets.theme import theme

_DEFAULT: Final = N_("System default")
_NONE: Final = N_("No sound device was found.")


class DeviceBox(QComboBox):
    """A choice of sound devices by what they call themselves; `activated` tells what a person chooses."""

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._fill([])

    def show_device(self, name: str) -> None:
        """Show the device that holds, "" for the system's own choice."""
        self._name = name
        self._fill([])

    def showPopup(self) -> None:  # noqa: N802 - Qt's name
        """Look which devices there are now."""
        found = output_names()
        self._fill(found, _NONE if not found else "")
        super().showPopup()

    def _fill(self, names: list[str], sentence: str = "") -> None:
        self.clear()
        self.addItem(translate(_DEFAULT), "")
        for name in names:
            self.addItem(name, name)
        if self._name and self._name not in names:
            self.addItem(self._name, self._name)
        if sentence:
            self.addItem(translate(sentence))
            self._close_last()
        self.setCurrentIndex(max(self.findData(self._name), 0))

    def _close_last(self) -> None:
        """A sentence is no device."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        item = model.item(self.count() - 1)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setForeground(QColor(theme().colour.text_muted))
