"""A list that drops down, for one of so many words that chips would fill the inspector."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from studio.core.text import translate

from .section_parts import SPACING_PX
from .sound_asking import Words
from .sound_scene import Scene

MOST_CHIPS = 24
"""Of more words than these, a list."""


class WordList(QWidget):
    """One of many words. Signals: picked(name, value) of the setting."""

    picked = Signal(str, object)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self.list = QComboBox()
        self.list.setObjectName(f"sound_{words.param}")
        self.list.setProperty("is_content", words.is_content)
        self.list.setAccessibleName(translate(words.title))
        self.list.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel scrolls the inspector, not the list
        for value, text in words.labels.items():
            self.list.addItem(text if words.is_content else translate(text), value)
        self.list.activated.connect(lambda _place: self.picked.emit(words.param, self.list.currentData()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING_PX)
        row.addWidget(QLabel(translate(words.title)))
        row.addWidget(self.list, 1)

    def show_scene(self, scene: Scene) -> None:
        """Show what is asked for. Emits nothing."""
        self.list.setCurrentIndex(self.list.findData(self._words.value(scene.params)))
