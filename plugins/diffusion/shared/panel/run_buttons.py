"""The buttons that start a run: generate or stop, a new seed, the seed itself, and the switch to do it by itself."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from studio.api.panel import Label, at_the_left, named_button, param_field, put_in_a_column
from studio.core.translation import N_, _, translate

from ..params import DiffusionParams


class RunRow(QWidget):
    """Starts and stops nothing itself.

    Signals: generate_requested(), stop_requested(), new_seed_requested(), seed_changed(seed), live_changed(is_live).
    """

    generate_requested = Signal()
    stop_requested = Signal()
    new_seed_requested = Signal()
    seed_changed = Signal(int)
    live_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_running = False
        self.generate = named_button("generate", N_("Generate"), kind="primary", pressed=self._on_generate_clicked)
        self.new_seed = named_button(
            "new_seed",
            N_("New seed"),
            N_("Start from other noise, with everything else as it is (R)"),
            "dice",
            pressed=self.new_seed_requested,
        )
        self.live = QCheckBox(_("Live"))
        self.live.setObjectName("live")
        self.live.setToolTip(_("Draw after every change: quickly while you change it, in full once you rest"))
        self.live.clicked.connect(self.live_changed)
        self.seed = param_field(DiffusionParams(), "seed", "seed")
        self.seed.value_typed.connect(lambda value: self.seed_changed.emit(int(value)))
        self._lay_out()
        self._keep_width()

    def _lay_out(self) -> None:
        buttons = at_the_left(self.generate, self.new_seed)
        buttons.addWidget(self.live)
        label = Label(self.seed.accessibleName())
        line = QHBoxLayout()
        line.addWidget(label, 1)
        line.addWidget(self.seed)
        put_in_a_column(self, (buttons, line), 4)

    def _keep_width(self) -> None:
        """What stands beside the button stays where it is, whichever of its two words it shows."""
        widths = []
        for is_running in (True, False):
            self.set_running(is_running)
            widths.append(self.generate.sizeHint().width())
        self.generate.setMinimumWidth(max(widths))

    def set_running(self, is_running: bool) -> None:
        """Offer to stop a run, or to start one; emits nothing."""
        self._is_running = is_running
        text = N_("Stop") if is_running else N_("Generate")
        hint = N_("End this run; what is made so far stays") if is_running else N_("Make it (Ctrl Enter)")
        self.generate.setText(translate(text))
        self.generate.setAccessibleName(translate(text))
        self.generate.setToolTip(translate(hint))

    def set_seed(self, seed: int) -> None:
        """Show the seed; emits nothing."""
        self.seed.set_value(seed)

    def set_live(self, is_live: bool) -> None:
        """Show whether every change is drawn; emits nothing."""
        self.live.setChecked(is_live)

    def _on_generate_clicked(self) -> None:
        if self._is_running:
            self.stop_requested.emit()
        else:
            self.generate_requested.emit()
