"""Says what may move the sliders from outside, and shows which knob moves what; the window behind it stays usable."""

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QLineEdit, QVBoxLayout, QWidget

from studio.core.error import UserError
from studio.core.option import LIVE_MIDI, LIVE_OSC, LIVE_OSC_PORT, LIVE_OSC_TO_ALL
from studio.core.setting import Settings
from studio.core.translation import N_, _, translate
from studio.shell.live.live_input import midi_ports
from studio.shell.live.steering import Steering
from studio.widgets.controls.button import Button
from studio.widgets.controls.label import Label
from studio.widgets.controls.section_parts import at_the_left, named_button, put_in_a_column, small_label
from studio.widgets.theme import theme

WIDTH_PX: Final = 460
PORT_WIDTH_PX: Final = 80
_LEARN: Final = N_("Now move a slider of a model, then the knob that is to move it.")
_NOTHING: Final = N_("No knob moves a slider yet.")


class LiveDialog(QDialog):
    """What is chosen holds at once, and is remembered."""

    def __init__(self, settings: Settings, steering: Steering, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle(_("Knobs and faders"))
        self._settings, self._steering = settings, steering
        self._osc = QCheckBox(_("Listen to OSC on port"))
        self._osc.setObjectName("live_osc")
        self._port = QLineEdit()
        self._port.setValidator(QIntValidator(int(LIVE_OSC_PORT.low), int(LIVE_OSC_PORT.high), self._port))
        self._port.setMaximumWidth(theme().scaled(PORT_WIDTH_PX))
        self._port.setAccessibleName(_("Port for OSC"))
        self._to_all = QCheckBox(_("Also from other devices in this network"))
        self._midi = QComboBox()
        self._midi.setObjectName("live_midi")
        self._midi.setAccessibleName(_("MIDI device"))
        self._state = small_label()
        self._learn = named_button("live_learn", N_("Learn"), N_("Tie a knob to a slider"))
        self._learn.setCheckable(True)
        self._heard = small_label()
        self._rows = QVBoxLayout()
        self._lay_out()
        self._show()
        self._connect()

    def _lay_out(self) -> None:
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.setSpacing(10)
        lead = Label(_("A MIDI controller, a phone or another program can move any slider while you perform."))
        lead.setWordWrap(True)
        layout.addWidget(lead)
        layout.addLayout(at_the_left(self._osc, self._port))
        for part in (self._to_all, self._midi, self._state):
            layout.addWidget(part)
        layout.addLayout(at_the_left(self._learn))
        layout.addWidget(self._heard)
        layout.addLayout(self._rows)
        layout.addStretch(1)
        self.setMinimumWidth(WIDTH_PX)

    def _show(self) -> None:
        settings = self._settings
        self._osc.setChecked(settings.get(LIVE_OSC))
        self._port.setText(str(settings.get(LIVE_OSC_PORT)))
        self._to_all.setChecked(settings.get(LIVE_OSC_TO_ALL))
        self._show_ports()
        self._show_bindings()

    def _show_ports(self) -> None:
        self._midi.addItem(_("No MIDI device"), "")
        try:
            ports = midi_ports()
        except UserError as error:
            self._midi.setItemText(0, f"{translate(error.title)} {translate(error.what_to_do)}")
            ports = []
        chosen = self._settings.get(LIVE_MIDI)
        for port in dict.fromkeys([*ports, *([chosen] if chosen else [])]):
            self._midi.addItem(port, port)
        self._midi.setCurrentIndex(max(self._midi.findData(chosen), 0))

    def _connect(self) -> None:
        self._osc.toggled.connect(partial(self._settings.set, LIVE_OSC))
        self._to_all.toggled.connect(partial(self._settings.set, LIVE_OSC_TO_ALL))
        self._port.editingFinished.connect(lambda: self._settings.set(LIVE_OSC_PORT, int(self._port.text())))
        self._midi.currentIndexChanged.connect(lambda: self._settings.set(LIVE_MIDI, self._midi.currentData()))
        self._learn.toggled.connect(self._on_learn_toggled)
        self._steering.bound.connect(self._show_bindings)
        self._steering.heard.connect(self._on_heard)

    def show_state(self, text: str) -> None:
        """Say what is listened to, or why not."""
        self._state.setText(text)
        if self.isVisible():
            self._grow()

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as all words need."""
        super().showEvent(event)
        self._grow()

    def _grow(self) -> None:
        self.resize(self.width(), max(self.height(), self._layout.totalHeightForWidth(self.width())))

    def done(self, result: int) -> None:
        """Closed, it learns nothing more; what is tied together stays so."""
        self._learn.setChecked(False)
        super().done(result)

    def _on_learn_toggled(self, is_learning: bool) -> None:
        self._steering.learn(is_learning)
        self._heard.setText(_(_LEARN) if is_learning else "")

    def _on_heard(self, name: str) -> None:
        if not self._learn.isChecked():
            self._heard.setText(_("{knob} is moving.").format(knob=name))

    def _show_bindings(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        bindings = self._steering.bindings()
        for name, target in bindings:
            self._rows.addWidget(_row(name, target, partial(self._steering.forget, name, target)))
        if not bindings:
            self._rows.addWidget(small_label(_(_NOTHING)))


def _row(name: str, target: str, forget: Callable[[], None]) -> QWidget:
    row = QWidget()
    slider = target.split("/", 2)[-1]
    label = Label(_("{knob} moves “{slider}”").format(knob=name, slider=slider))
    remove = Button(N_("Remove"), kind="link")
    remove.setAccessibleName(_("Let {knob} no longer move {slider}").format(knob=name, slider=slider))
    remove.clicked.connect(forget)
    put_in_a_column(row, [at_the_left(label, remove)])
    return row
