"""Brings pyqtgraph in: on a thread of its own while a panel opens, since that takes longer than a window may wait."""

import importlib
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from studio.widgets.of_program import of_program

if TYPE_CHECKING:
    from studio.widgets.plots.sheet import Sheet

_SHEET: Final = "studio.widgets.plots.sheet"
_PROPERTY: Final = "manifold_plot_loader"


class PlotLoader(QObject):
    """Signals: loaded(): plots can be drawn from now on."""

    loaded = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._thread: threading.Thread | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether a plot can be drawn at once."""
        module = sys.modules.get(_SHEET)
        return module is not None and hasattr(module, "READY")

    def begin(self) -> None:
        """See to it that `loaded` will be said, if plots cannot be drawn yet."""
        if not self.is_loaded and self._thread is None:
            self._thread = threading.Thread(target=self._load, name="plots")
            self._thread.start()

    def _load(self) -> None:
        importlib.import_module(_SHEET)
        with suppress(RuntimeError):  # the window was closed meanwhile: nobody waits any more
            self.loaded.emit()


def plot_loader() -> PlotLoader:
    """The one of this program; belongs to the QApplication."""
    return of_program(PlotLoader, _PROPERTY)


def new_sheet(parent: QWidget) -> "Sheet":
    """A sheet to draw on, once plots can be drawn."""
    from studio.widgets.plots.sheet import Sheet

    return Sheet(parent)
