"""The inspector's part for random places: surprise me, the seed, how bold it may be, and the way back."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.panel import Button, param_field, param_slider
from studio.core.text import N_, translate

from .params import PictureParams
from .scene import Scene


class SeedSection(QWidget):
    """Shows where the place came from.

    Signals: surprise_requested(), reset_requested(), seed_changed(seed), spread_changed(spread),
    spread_started(), spread_finished().
    """

    surprise_requested = Signal()
    reset_requested = Signal()
    seed_changed = Signal(int)
    spread_changed = Signal(float)
    spread_started = Signal()
    spread_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        surprise = Button(N_("Surprise me"), icon_name="dice")
        surprise.setObjectName("surprise")
        surprise.setToolTip(translate(N_("Go to a random place (R)")))
        surprise.clicked.connect(self.surprise_requested)
        self.reset = Button(N_("Reset"), icon_name="reset")
        self.reset.setObjectName("reset_place")
        self.reset.setToolTip(
            translate(N_("Return to the place that the seed gives (double click on the picture)"))
        )
        self.reset.clicked.connect(self.reset_requested)
        self.seed = param_field(PictureParams(), "seed", "seed")
        self.seed.value_typed.connect(self._on_seed_typed)
        self.spread = param_slider(PictureParams(), "spread", "spread")
        self.spread.value_changed.connect(self.spread_changed)
        self.spread.edit_started.connect(self.spread_started)
        self.spread.edit_finished.connect(self.spread_finished)
        self._lay_out(surprise)

    def _lay_out(self, surprise: Button) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(surprise, 1)
        buttons.addWidget(self.reset, 1)
        row = QHBoxLayout()
        row.addWidget(QLabel(self.seed.accessibleName()), 1)
        row.addWidget(self.seed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(buttons)
        column.addLayout(row)
        column.addWidget(self.spread)

    def show_scene(self, scene: Scene) -> None:
        """Show the seed and whether the place was moved since."""
        self.seed.set_value(scene.seed)
        self.spread.set_value(scene.spread)
        self.reset.setEnabled(scene.is_moved)

    def _on_seed_typed(self, value: float) -> None:
        self.seed_changed.emit(int(value))
