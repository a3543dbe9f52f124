"""The person's own models on Home: name, what they do, the room they take, and buttons to open and to delete."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from studio.core.translation import N_, _, translate
from studio.registry.model import ModelInfo
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import ElidedLabel, Label
from studio.widgets.controls.model_picker import CardPopup, bytes_text


class OwnModels(QFrame):
    """Hidden while there are none. Signals: open_requested(model_id), delete_requested(model_id)."""

    open_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setObjectName("own_models")
        title = Label(_("Your models"))
        title.setProperty("role", "strong")
        self._room = Label()
        self._room.setProperty("role", "small")
        heading = QHBoxLayout()
        heading.addWidget(title)
        heading.addStretch(1)
        heading.addWidget(self._room)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(heading)
        column.addLayout(self._rows)
        self.hide()

    def show_models(self, models: Sequence[ModelInfo], sizes_bytes: Mapping[str, int]) -> None:
        """List these models, with the room that each takes by its id."""
        while (old := self._rows.takeAt(0)) is not None:
            row = old.widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        for model in models:
            line = OwnModelRow(model, sizes_bytes[model.id])
            line.open_requested.connect(self.open_requested)
            line.delete_requested.connect(self.delete_requested)
            self._rows.addWidget(line)
        total = bytes_text(sum(sizes_bytes[model.id] for model in models))
        self._room.setText(_("{size} on disk").format(size=total))
        self.setVisible(bool(models))


class OwnModelRow(QWidget):
    """One model. Signals: open_requested(model_id), delete_requested(model_id)."""

    open_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, model: ModelInfo, size_bytes: int) -> None:
        super().__init__()
        self._model = model
        self._size_bytes = size_bytes
        self.setObjectName(f"own_{model.id}")
        self.open_button = Button(model.title, kind="link")
        self.open_button.setAccessibleName(_("Open {title}").format(title=model.title))
        self.open_button.clicked.connect(self._on_open_clicked)
        task = ElidedLabel(translate(model.card.task), "small")
        size = Label(bytes_text(size_bytes))
        size.setProperty("role", "small")
        self.card_button = Button(kind="quiet", icon_name="note", hint=N_("What this model is and how good it is"))
        self.card_button.clicked.connect(self._show_card)
        self.delete_button = Button(kind="quiet", icon_name="trash", hint=N_("Delete this model…"))
        self.delete_button.clicked.connect(self._on_delete_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.open_button)
        row.addWidget(task, 1)
        for part in (size, self.card_button, self.delete_button):
            row.addWidget(part)

    def _on_open_clicked(self) -> None:
        self.open_requested.emit(self._model.id)

    def _on_delete_clicked(self) -> None:
        self.delete_requested.emit(self._model.id)

    def _show_card(self) -> None:
        card = CardPopup(self._model.card, self._size_bytes, self)
        card.delete_requested.connect(self.delete_requested)
        card.adjustSize()
        screen, corner = self.screen().availableGeometry(), self.mapToGlobal(self.card_button.geometry().bottomRight())
        x = max(corner.x() - card.width(), screen.left())
        y = min(corner.y() + 4, max(screen.bottom() - card.height(), screen.top()))
        card.move(x, y)
        card.show()
