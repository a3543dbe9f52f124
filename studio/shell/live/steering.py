"""Moves sliders of the panel in front by what comes in, and learns which knob moves which slider."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from studio.core.option import LIVE_BINDINGS
from studio.core.setting import Settings
from studio.shell.live.live_input import LiveInput
from studio.shell.tabs.tab_set import TabSet
from studio.widgets.controls.slider import SliderRow

INTERVAL_MS: Final = 10


class Steering(QObject):
    """Looks at its inputs a hundred times a second, while there are any.

    A slider is named by "family/its id/what people call it".

    Signals: heard(name) when something was moved; bound() when other things move other sliders.
    """

    heard = Signal(str)
    bound = Signal()

    def __init__(self, settings: Settings, tabs: TabSet, parent: QObject) -> None:
        super().__init__(parent)
        self._settings, self._tabs = settings, tabs
        self.inputs: dict[str, LiveInput] = {}
        self._chosen = ""
        self.is_learning = False
        self._clock = QTimer(self, interval=INTERVAL_MS)
        self._clock.timeout.connect(self.look)

    def set_input(self, key: str, make: Callable[[], LiveInput] | None) -> None:
        """Listen to another input of this kind, or to none; raises UserError where it cannot be had."""
        old = self.inputs.pop(key, None)
        if old is not None:
            old.close()
        if make is not None:
            self.inputs[key] = make()
        if self.inputs:
            self._clock.start()
        else:
            self._clock.stop()

    def close(self) -> None:
        """Listen no more."""
        for key in list(self.inputs):
            self.set_input(key, None)

    def learn(self, is_learning: bool) -> None:
        """From now on what is moved outside is for the slider that was touched last here; or no more."""
        self.is_learning = is_learning
        self._chosen = ""

    def choose(self, widget: QWidget | None) -> None:
        """The slider of which a widget is part was touched."""
        while widget is not None and not isinstance(widget, SliderRow):
            widget = widget.parentWidget()
        if widget is not None and self._family:
            self._chosen = f"{self._family}/{widget.objectName()}/{widget.name}"

    def bindings(self) -> list[tuple[str, str]]:
        """Which knob moves which slider, as they were learnt."""
        return [(name, target) for name, targets in self._settings.get(LIVE_BINDINGS).items() for target in targets]

    def forget(self, name: str, target: str) -> None:
        """Let a knob move a slider no more."""
        known = self._settings.get(LIVE_BINDINGS)
        self._save({**known, name: [one for one in known.get(name, []) if one != target]})

    def look(self) -> None:
        """Take in what has come, of each knob the newest value."""
        newest = {name: value for one in list(self.inputs.values()) for name, value in one.poll()}
        if newest and self.is_learning:
            self.choose(QApplication.focusWidget())
        for name in newest:
            self.heard.emit(name)
            if self.is_learning and self._chosen:
                self._bind(name, self._chosen)
        if newest:
            self._steer(newest)

    def _bind(self, name: str, target: str) -> None:
        """One knob moves one slider of each family."""
        known = self._settings.get(LIVE_BINDINGS)
        others = [one for one in known.get(name, []) if one.split("/")[0] != target.split("/", maxsplit=1)[0]]
        if target not in known.get(name, []):
            self._save({**known, name: [*others, target]})

    def _save(self, bindings: dict[str, list[str]]) -> None:
        self._settings.set(LIVE_BINDINGS, {name: targets for name, targets in bindings.items() if targets})
        self.bound.emit()

    def _steer(self, newest: Mapping[str, float]) -> None:
        """Move the sliders of the panel in front that are tied to these knobs."""
        panel = self._tabs.front_tab.panel if self._tabs.front_tab is not None else None
        known = self._settings.get(LIVE_BINDINGS)  # a copy: once for all that moved
        for name, value in newest.items():
            for target in known.get(name, ()):
                family, _, slider = target.partition("/")
                row = panel.findChild(SliderRow, slider.split("/")[0]) if panel and family == self._family else None
                if row is not None and row.isEnabled():
                    row.steer(value)

    @property
    def _family(self) -> str:
        tab = self._tabs.front_tab
        return tab.found.id if tab is not None else ""
