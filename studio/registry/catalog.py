"""What there is to open: families, models, recipes and importers, each loaded by name on first use."""

import difflib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from studio.api.engine import Engine, EngineHandle, Importer, ModelSource, Recipe
from studio.api.server_address import ServerContact, contact_of
from studio.core.error import UserError
from studio.core.place import models_dir, plugin_dir
from studio.core.translation import N_
from studio.registry.exported_files import take_exported
from studio.registry.family import FoundFamily, find_families, forget_modules
from studio.registry.model import ModelInfo, own_models, shipped_models, without_doubles
from studio.registry.place import Place, all_places
from studio.registry.recipe_table import RecipeTable
from studio.registry.training_store import TrainingStore

if TYPE_CHECKING:
    from studio.api.panel import Panel
    from studio.compute.device import Device

log = logging.getLogger(__name__)

METRIC_RECIPES: Final = ("metrics", "studio.metrics", "recipe:RECIPES")


@dataclass(frozen=True)
class Sniffed:
    """An importer that thinks it can read a file, and how surely, 0 to 1."""

    family_id: str
    importer: Importer
    score: float


class Permission(Protocol):
    """Says which families of other people may run and which servers be reached (`consent.Consent`)."""

    def is_given(self, place: Place) -> bool:
        """Whether the code in a place may run."""

    def give(self, place: Place) -> None:
        """Allow it from now on."""

    def may_reach(self, contact: ServerContact) -> bool:
        """Whether texts may go to a server."""

    def let_reach(self, contact: ServerContact) -> None:
        """Allow it from now on."""


class Catalog:
    """The families and models of this computer. It looks when first asked, and for models after `refresh`."""

    def __init__(
        self,
        plugin_folder: Path | None = None,
        models_folder: Path | None = None,
        consent: Permission | None = None,
    ) -> None:
        """The user's own families and models lie in the usual folders unless others are given.

        Without `consent` the families of other people run as well.
        """
        self._consent = consent
        self.plugin_folder = plugin_folder or plugin_dir()
        self.models_folder = models_folder or models_dir()

    @cached_property
    def families(self) -> list[FoundFamily]:
        """Every family found: working ones in the order of Home, then broken ones."""
        return find_families(all_places(self.plugin_folder), self._is_allowed)

    def kernel_modules(self) -> list[str]:
        """The full names of the modules that compile the kernels of a kind."""
        working = [(found.package, found.family) for found in self.families]
        kinds = [(package, kind) for package, family in working if family for kind in family.kinds.values()]
        return [f"{package}.{kind.kernels}" for package, kind in kinds if kind.kernels]

    def _is_allowed(self, place: Place) -> bool:
        return self._consent is None or self._consent.is_given(place)

    @cached_property
    def _models_and_failures(self) -> tuple[list[ModelInfo], list[UserError]]:
        folders = TrainingStore().folders_of_models()
        kept, failures = without_doubles(
            model
            for found in self._working()
            for model in (*shipped_models(found), *own_models(found, self.models_folder, folders))
        )
        by_family = {found.id: place for place, found in enumerate(self._working())}
        kept.sort(key=lambda model: (by_family[model.family], self.family(model.family).manifest.place_of(model.id)))
        for failure in failures:
            log.warning("a model is not listed: %s", failure)
        return kept, failures

    def refresh(self) -> None:
        """Look for models again, after a training or a deletion."""
        self.__dict__.pop("_models_and_failures", None)

    def reload(self, family_id: str) -> None:
        """Read the files of a family anew that was mended meanwhile; panels that stand already stay as they are."""
        for found in self.families:
            if found.id == family_id:
                forget_modules(found.package)
        self.families = find_families((found.place for found in self.families), self._is_allowed)
        self.refresh()

    def allow(self, family_id: str) -> None:
        """Let a waiting family run, now and from now on."""
        for found in self.families:
            if found.id == family_id and found.is_waiting and self._consent is not None:
                self._consent.give(found.place)
        self.reload(family_id)

    def _working(self) -> list[FoundFamily]:
        return [found for found in self.families if found.error is None]

    def family(self, family_id: str) -> FoundFamily:
        """Return a working family; raises UserError where it is missing or broken."""
        found = next((one for one in self.families if one.id == family_id), None)
        if found is None:
            raise _unknown(N_("There is no family called “{name}”."), family_id, [one.id for one in self._working()])
        if found.error is not None:
            raise UserError(N_("The family “{name}” does not work.").format(name=family_id), found.error)
        return found

    def list_models(self, family_id: str = "") -> list[ModelInfo]:
        """Return all models, or those of one family; in the order of the families, best ones first."""
        models = self._models_and_failures[0]
        return [model for model in models if family_id in ("", model.family)]

    def model_failures(self) -> list[UserError]:
        """Return a sentence for each card that could not be listed."""
        return list(self._models_and_failures[1])

    def find_model(self, model_id: str) -> ModelInfo:
        """Return a model; raises UserError that names the closest ones where there is none."""
        models = {model.id: model for model in self.list_models()}
        if model_id not in models:
            raise _unknown(N_("There is no model called “{name}”."), model_id, list(models))
        return models[model_id]

    def open_engine(self, source: ModelSource, device: "Device") -> Engine:
        """Load the model of `source`; loads the engine of its kind first, and torch with it."""
        if (contact := self.unasked(source)) is not None:
            raise UserError(
                N_("You have not allowed yet that texts go to “{host}”.").format(host=contact.address.name),
                N_("Open this model from Home; you are asked there."),
            )
        engine = self._engine_class(source).open(source, device)
        if device.networks == "onnxruntime":
            take_exported(engine, source)
        return engine

    def unasked(self, source: ModelSource) -> ServerContact | None:
        """The server that a model needs and that its person has not allowed yet; None where nothing is to be asked."""
        contact = contact_of(source.card)
        is_open = contact is None or self._consent is None or self._consent.may_reach(contact)
        return None if is_open else contact

    def let_reach(self, contact: ServerContact) -> None:
        """Let texts go to a server, now and from now on."""
        if self._consent is not None:
            self._consent.let_reach(contact)

    def _engine_class(self, source: ModelSource) -> type[Engine]:
        found = self.family(_family_id(source))
        engine: type[Engine] = found.load(found.manifest.kind_of(source.card).engine)
        return engine

    def make_handle(self, source: ModelSource, choose_device: "Callable[[], Device]") -> EngineHandle:
        """Return a handle that opens the model on the Worker and calls `choose_device` there."""
        self.family(_family_id(source))
        return EngineHandle(
            source,
            lambda wanted: self.open_engine(wanted, choose_device()),
            lambda engine: {**choose_device().backend(), **engine.made_by},
            lambda: self._engine_class(source),
        )

    def panel_class(self, source: ModelSource) -> "type[Panel]":
        """Return the class of the panel for models of this kind."""
        found = self.family(_family_id(source))
        panel: type[Panel] = found.load(found.manifest.kind_of(source.card).panel)
        return panel

    def params_class(self, source: ModelSource) -> type:
        """Return the dataclass of what a model of this kind can be asked for."""
        found = self.family(_family_id(source))
        params: type = found.load(found.manifest.kind_of(source.card).params)
        return params

    def taker_of(self, path: Path) -> str:
        """Return the id of the model that goes on with files called like this one; empty where there is none."""
        tables = [found.manifest.takes for found in self._working() if found.manifest is not None]
        takers = (one for table in tables for one in table.items())
        return next((model for suffix, model in takers if path.name.lower().endswith(suffix)), "")

    def importers(self) -> list[tuple[str, Importer]]:
        """Return (family id, importer) of every family; one that cannot be loaded is logged and left out."""
        importers = []
        for found in self._working():
            for name in found.manifest.importers:
                try:
                    importers.append((found.id, found.load(name)()))
                except BaseException:  # a stranger's importer must not hide the others
                    log.warning("the importer %s of %s failed", name, found.id, exc_info=True)
        return importers

    def sniff(self, path: Path) -> list[Sniffed]:
        """Return the importers that are surest about a file: none, one, or several to choose from."""
        sniffed = [_sniffed(family_id, importer, path) for family_id, importer in self.importers()]
        best = max((one.score for one in sniffed), default=0.0)
        return [one for one in sniffed if one.score == best > 0]

    def recipes(self, family_id: str = "") -> dict[str, Recipe]:
        """Return the recipes of one family, or all, by id; what cannot be loaded is logged and left out."""
        return self.recipes_and_failures(family_id)[0]

    def recipes_and_failures(self, family_id: str = "") -> tuple[dict[str, Recipe], list[UserError]]:
        """The same, and a sentence for each that cannot be loaded."""
        recipes: dict[str, Recipe] = {}
        failures: list[UserError] = []
        for owner, table in self._recipe_tables().items():
            if family_id in ("", owner):
                found, failed = table.load()
                recipes |= found
                failures += failed
        return recipes, failures

    def find_recipe(self, recipe_id: str) -> Recipe:
        """Return a recipe, loading nothing else of its family.

        Raises:
            UserError: there is none, with the names of close ones, or it cannot be loaded.
        """
        table = self._recipe_tables().get(recipe_id.partition("/")[0])
        recipe = table.find(recipe_id) if table is not None else None
        if recipe is None:
            raise _unknown(N_("There is no recipe called “{name}”."), recipe_id, self._recipe_ids())
        return recipe

    def _recipe_ids(self) -> list[str]:
        return [recipe_id for table in self._recipe_tables().values() for recipe_id in table.ids()]

    def _recipe_tables(self) -> dict[str, RecipeTable]:
        tables = [
            RecipeTable(found.id, found.package, found.manifest.recipes)
            for found in self._working()
            if found.manifest.recipes
        ]
        return {table.owner: table for table in (*tables, RecipeTable(*METRIC_RECIPES))}


def _family_id(source: ModelSource) -> str:
    return source.id.partition("/")[0]


def _sniffed(family_id: str, importer: Importer, path: Path) -> Sniffed:
    try:
        score = float(importer.sniff(path))
    except (UserError, OSError):
        score = 0.0
    except BaseException:  # a stranger's importer must not hide the others
        log.warning("the importer “%s” failed on %s", importer.title, path.name, exc_info=True)
        score = 0.0
    return Sniffed(family_id, importer, score)


def _unknown(title: str, name: str, known: list[str]) -> UserError:
    """Say that `name` is not there, and which names come close to it."""
    tails = {one.rpartition("/")[2]: one for one in known}
    close = difflib.get_close_matches(name[:100].lower(), [*known, *tails], n=3, cutoff=0.6)
    close = list(dict.fromkeys(tails.get(one, one) for one in close))
    if close:
        what_to_do = N_("Did you mean {names}?").format(names=", ".join(close))
    elif known:
        what_to_do = N_("You can choose from: {names}.").format(names=", ".join(known[:12]))
    else:
        what_to_do = N_("None is installed.")
    return UserError(title.format(name=name[:100]), what_to_do)
