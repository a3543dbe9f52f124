"""Sets an experiment of a guide up: its model in a tab of its own, with its settings, and what has to be pressed."""

from typing import Any, Final

from PySide6.QtCore import QObject, QTimer

from studio.core.param import first_params, params_to_json
from studio.registry.catalog import Catalog
from studio.registry.guide import Experiment
from studio.registry.target import Opening
from studio.registry.typed_params import typed_params
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.opener import ModelOpener
from studio.shell.tour.target import press

LOOK_MS: Final = 100


def opening_of(experiment: Experiment, catalog: Catalog) -> Opening:
    """The model with the settings; raises UserError where the model is not there or has no such settings."""
    model = catalog.find_model(experiment.model)
    opening = Opening(model.source, model.title)
    usual: Any = first_params(catalog.params_class(model.source), model.source.card)
    params = typed_params(catalog, opening, params_to_json(usual), experiment.settings)
    return Opening(model.source, model.title, params_to_json(params))


def set_up(experiment: Experiment, catalog: Catalog, opener: ModelOpener) -> ModelTab:
    """Open it in a new tab; raises UserError where that cannot be."""
    tab = opener.open_opening(opening_of(experiment, catalog))
    if experiment.presses:
        Presses(tab, tab, experiment.presses).begin()
    return tab


class Presses(QTimer):
    """Presses one button after the other, each once it can be pressed; ends with the panel.

    Attributes:
        names: those that are left.
    """

    def __init__(self, parent: QObject, tab: ModelTab, names: tuple[str, ...]) -> None:
        super().__init__(parent, interval=LOOK_MS)
        self._tab, self._panel = tab, tab.panel
        self.names = list(names)
        self.timeout.connect(self._press_next)

    def begin(self) -> None:
        """Press what can be pressed at once, and the rest when it can."""
        self.start()
        self._press_next()

    def _press_next(self) -> None:
        panel = self._panel
        while self.names and panel is not None and panel is self._tab.panel:
            if not (panel.has_snapshot and panel.is_settled and press(panel, self.names[0])):
                return
            self.names.pop(0)
        self.stop()
        self.deleteLater()
