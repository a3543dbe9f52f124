"""All tours: one of each family and the grand one; begins them, knows how far a person came, sets experiments up."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.commands.command import HELP, Command
from studio.core.error import UserError
from studio.core.option import TOURS
from studio.core.param import first_params, params_to_json
from studio.core.setting import Settings
from studio.core.translation import N_, _, translate
from studio.registry.catalog import Catalog
from studio.registry.family import FoundFamily
from studio.registry.guide import Experiment, Guide, read_guide
from studio.registry.target import Opening, typed_params
from studio.shell.home.home import GRAND_TOUR, Home
from studio.shell.session.service import Services
from studio.shell.tabs.model_tab import ModelTab
from studio.shell.tabs.opener import ModelOpener
from studio.shell.tabs.tab_set import TabSet
from studio.shell.tour.target import press
from studio.shell.tour.tour import Route, Tour
from studio.shell.window.guide import GuidePane

_SOUGHT: Final = N_("learn how do I begin help tutorial introduction guide")
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


class TourProgress:
    """The next step of each tour that was begun and not ended, by the tour's name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def all(self) -> dict[str, int]:
        """Step by tour, the one that was taken last first."""
        entries = (entry.rpartition(" ") for entry in self._settings.get(TOURS))
        return {tour: int(step) for tour, _space, step in entries if tour and step.isdecimal()}

    def step_of(self, tour: str) -> int:
        """The step at which a tour goes on, 0 at its beginning."""
        return self.all().get(tour, 0)

    def keep(self, tour: str, step: int) -> None:
        """Remember where a tour goes on; one that is at its beginning or has ended (0) is forgotten."""
        others = {name: at for name, at in self.all().items() if name != tour}
        steps = {tour: step, **others} if step else others
        self._settings.set(TOURS, [f"{name} {at}" for name, at in steps.items()])


class TourDesk(QObject):
    """Begins the tours that Home, the guide and the palette ask for, over `area`, the middle of the window."""

    def __init__(
        self, services: Services, tabs: TabSet, opener: ModelOpener, home: Home, guide: GuidePane, area: QWidget
    ) -> None:
        super().__init__(area)
        self._home = home
        home.tour_requested.connect(self.begin)
        guide.tour_requested.connect(self._begin_own)
        guide.experiment_requested.connect(self._set_up)
        self._services, self._tabs, self._opener, self._area = services, tabs, opener, area
        self.progress = TourProgress(services.settings)
        self.tour: Tour | None = None
        self._guides: dict[str, Guide] = {}
        self.read_guides()

    def read_guides(self) -> None:
        """Learn what tours there are; after families came or went."""
        self._guides = {}
        for found in self._services.catalog.families:
            path = None if found.family is None else found.page(found.manifest.guide)
            if path is None:
                continue
            try:
                self._guides[found.id] = read_guide(path)
            except UserError:  # who opens that guide is told so
                continue
        self._home.offer_tours(self.offers())

    def routes(self) -> Sequence[Route]:
        """The grand tour, if there are several, and that of each family which has one."""
        own = [Route(one.id, one.manifest.title, self._guides[one.id].steps) for one in self._toured()]
        grand = tuple(step for route in own for step in route.steps if step.is_grand)
        return [Route(GRAND_TOUR, N_("Grand tour"), grand), *own] if len(own) > 1 and grand else own

    def _toured(self) -> list[FoundFamily]:
        families = [one for one in self._services.catalog.families if one.id in self._guides]
        return [one for one in families if self._guides[one.id].steps]

    def begin(self, tour_id: str) -> None:
        """Take a tour, from where it was left."""
        route = next(route for route in self.routes() if route.id == tour_id)
        if self.tour is not None:
            self.tour.leave()
        tour = self.tour = Tour(route, self._area, lambda: self._tabs.front_tab, self._opener.open_model)
        tour.moved.connect(self._on_moved)
        tour.ended.connect(self._on_ended)
        step = self.progress.step_of(tour_id)
        tour.go_to(step if step < len(route.steps) else 0)

    def _begin_own(self) -> None:
        tab = self._tabs.front_tab
        if tab is not None:
            self.begin(tab.found.id)

    def _set_up(self, experiment: Experiment) -> None:
        try:
            set_up(experiment, self._services.catalog, self._opener)
        except UserError as error:
            self._opener.failed.emit(error)

    def _on_moved(self, index: int) -> None:
        if self.tour is not None:
            self.progress.keep(self.tour.route.id, index)

    def _on_ended(self, is_whole: bool) -> None:
        if self.tour is not None and is_whole:
            self.progress.keep(self.tour.route.id, 0)
        self.tour = None
        self._home.offer_tours(self.offers())

    # What Home and the palette offer

    def offers(self) -> Mapping[str, str]:
        """What Home calls each tour, by its name."""
        left = self.progress.all()
        grand = N_("Continue the grand tour"), N_("Take the grand tour")
        own = N_("Continue the tour"), N_("Take the tour")
        texts = {route.id: grand if route.id == GRAND_TOUR else own for route in self.routes()}
        return {name: translate(pair[0 if name in left else 1]) for name, pair in texts.items()}

    def commands(self) -> list[Command]:
        """A command for each tour, and those that go on, skip and leave."""
        taken = [
            Command(f"tour.{route.id}", self._title(route), partial(self.begin, route.id), (), HELP, help=_SOUGHT)
            for route in self.routes()
        ]
        return [
            *taken,
            Command("tour.go_on", N_("Continue the tour"), self._go_on, (), HELP, self._can_go_on, _SOUGHT),
            Command("tour.skip", N_("Go to the next step of the tour"), self._skip, (), HELP, self._is_on),
            Command("tour.leave", N_("Leave the tour"), self._leave, (), HELP, self._is_on),
        ]

    def _title(self, route: Route) -> str:
        if route.id == GRAND_TOUR:
            return N_("Take the grand tour")
        return _("Take the tour: {family}").format(family=translate(route.title))

    def _is_on(self) -> bool:
        return self.tour is not None

    def _can_go_on(self) -> bool:
        return self.tour is None and bool(self._left())

    def _left(self) -> str:
        known = {route.id for route in self.routes()}
        return next((name for name in self.progress.all() if name in known), "")

    def _go_on(self) -> None:
        self.begin(self._left())

    def _skip(self) -> None:
        if self.tour is not None:
            self.tour.go_on()

    def _leave(self) -> None:
        if self.tour is not None:
            self.tour.leave()
