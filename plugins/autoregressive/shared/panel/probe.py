"""Looks into one value of a run: the question that is put to the engine, and what the value might have been."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.engine import Policy
from studio.api.panel import Axis, Curve, EngineTasks, PlotSpec, PlotView, put_in_a_column, set_tip, small_label
from studio.core.translation import _, translate

PROBE_KEY: Final = "look"


class ProbeQuery(QObject):
    """Asks about one value at a time. Signals: found(look), which has the `key` of its question. failed(error).

    Attributes:
        look: what was found last, None where the question has changed since.
    """

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._wanted: Any = None
        self.look: Any = None

    def ask(self, call: Callable[..., Any], key: Any, **about: Any) -> None:
        """Run `call(engine, key=key, **about)` unless that is asked already; another question is given up."""
        if key == self._wanted:
            return
        self._wanted, self.look = key, None
        call = partial(call, key=key, **about)
        self._tasks.ask(PROBE_KEY, call, Policy.RESTART, done=self._on_found, failed=self._on_failed)

    def forget(self) -> None:
        """Nothing is looked at."""
        self._tasks.cancel(PROBE_KEY)
        self._wanted = self.look = None

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be found."""
        return self._tasks.is_running(PROBE_KEY)

    def _on_found(self, found: Any) -> None:
        if found.key == self._wanted:
            self.look = found
            self.found.emit(found)

    def _on_failed(self, error: BaseException) -> None:
        self._wanted = None
        self.failed.emit(error)


class NextValueSection(QWidget):
    """What the marked value may be. Signals: level_chosen(level): let it be this, and the rest follow."""

    level_chosen = Signal(int)

    def __init__(self, title: str, hint: str, axis: str, likeliest: str, ask: str) -> None:
        """What the plot is called, what a click on it does, which way its levels go, and what is said below it.

        `likeliest` says the likeliest level of most in percent, `ask` what to do where no value is marked.
        """
        super().__init__()
        self._likeliest, self._ask = likeliest, ask
        self._axis, self._is_empty = Axis(axis), False
        self.plot = PlotView(title)
        set_tip(self.plot, translate(hint))
        self.plot.x_chosen.connect(lambda x: self.level_chosen.emit(round(x)))
        self.words = small_label(is_marked=True, n_lines=3)
        put_in_a_column(self, (self.plot, self.words))

    def show_chances(self, chances: npt.NDArray[np.float32] | None, level: int | None = None) -> None:
        """Show probabilities (V,) of the levels, and the one that the value has; None where none is marked."""
        if chances is None and self._is_empty:
            return
        self._is_empty, curves = chances is None, []
        if chances is not None:
            levels = np.arange(len(chances), dtype=np.float64)
            curves = [Curve(_("Probability"), levels, chances.astype(np.float64))]
        self.plot.show_plot(PlotSpec(curves, self._axis))
        self.plot.set_marker(None if level is None else float(level))
        self.words.setText(translate(self._ask) if chances is None else self._words(chances, level))

    def _words(self, chances: npt.NDArray[np.float32], level: int | None) -> str:
        """The likeliest level, and how surprising the one that the value has."""
        likeliest = int(chances.argmax())
        percent = 100 * float(chances[likeliest])
        text = translate(self._likeliest).format(level=likeliest, most=len(chances) - 1, percent=percent)
        if level is None:
            return text
        bits = -np.log2(max(float(chances[level]), 1e-12))
        return text + " " + _("It is {level}: {bits:.1f} bits of surprise.").format(level=level, bits=bits)
