"""What visitors read and touch beside one model: a title, a sentence, and up to five controls."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QListWidget, QListWidgetItem, QWidget

from studio.api.family import Showing
from studio.core.translation import _, translate
from studio.shell.present.control import chosen_controls, offered_controls, title_of
from studio.shell.present.show import MAX_CONTROLS

if TYPE_CHECKING:
    from studio.api.panel import Panel

_NAME = Qt.ItemDataRole.UserRole


class Words(QWidget):
    """Edits how the model in front is presented."""

    def __init__(self, showing: Showing, panel: "Panel") -> None:
        super().__init__()
        self._showing = showing
        self.title, self.text = QLineEdit(translate(showing.title)), QLineEdit(translate(showing.text))
        self.text.setCursorPosition(0)
        self.title.setObjectName("present_title")
        self.text.setObjectName("present_text")
        self.list = QListWidget()
        self.list.setObjectName("present_controls")
        self.list.setAccessibleName(_("Controls for visitors"))
        self._fill(panel)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(_("Title"), self.title)
        form.addRow(_("Sentence"), self.text)
        form.addRow(_("Controls, up to {n}").format(n=MAX_CONTROLS), self.list)
        self.list.itemChanged.connect(self._on_changed)

    def _fill(self, panel: "Panel") -> None:
        offered, chosen = offered_controls(panel), chosen_controls(panel, self._showing.controls)
        for name, source in (chosen | offered).items():  # the chosen ones first, in their order
            item = QListWidgetItem(title_of(source), self.list)
            item.setData(_NAME, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if name in chosen else Qt.CheckState.Unchecked)

    def showing(self) -> Showing:
        """What was chosen."""
        names = tuple(str(item.data(_NAME)) for item in self._checked())
        return replace(self._showing, title=self.title.text(), text=self.text.text(), controls=names, models=())

    def _checked(self) -> list[QListWidgetItem]:
        items = [self.list.item(row) for row in range(self.list.count())]
        return [item for item in items if item.checkState() is Qt.CheckState.Checked]

    def _on_changed(self, item: QListWidgetItem) -> None:
        """One too many is not taken."""
        if len(self._checked()) > MAX_CONTROLS:
            item.setCheckState(Qt.CheckState.Unchecked)
