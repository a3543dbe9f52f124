"""The trainings that a family names, each loaded when it is asked for: one that is broken hides no other."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from studio.api.engine import Recipe
from studio.core.error import UserError
from studio.core.translation import N_
from studio.registry.family import failure_text, load_from

log = logging.getLogger(__name__)


@dataclass
class RecipeTable:
    """Attributes: the package that names are relative to, and "module:NAME" of the table itself.

    The table says by ids of models where their recipes stand, as "module:Name" of one or of its class; it may also
    hold the recipes themselves.
    """

    owner: str
    package: str
    name: str

    @cached_property
    def _entries(self) -> Mapping[str, Any]:
        entries: Mapping[str, Any] = load_from(self.package, self.name)
        return entries

    def ids(self) -> list[str]:
        """The ids in the table, none where it cannot be read; loads no recipe."""
        try:
            return list(self._entries)
        except (Exception, SystemExit):
            return []

    def find(self, recipe_id: str) -> Recipe | None:
        """Return a recipe, None where it is not in the table; raises UserError where it cannot be loaded."""
        try:
            entry = self._entries.get(recipe_id)
            found = load_from(self.package, entry) if isinstance(entry, str) else entry
            recipe: Recipe | None = found() if isinstance(found, type) else found
        except (Exception, SystemExit) as error:
            raise self._failure(recipe_id, error) from error
        return recipe

    def load(self) -> tuple[dict[str, Recipe], list[UserError]]:
        """Return all that can be loaded, by id, and a sentence for each other one, which is logged too."""
        recipes: dict[str, Recipe] = {}
        failures: list[UserError] = []
        try:
            ids = list(self._entries)
        except (Exception, SystemExit) as error:
            return {}, [self._failure(self.owner, error)]
        for recipe_id in ids:
            try:
                recipe = self.find(recipe_id)
            except UserError as failure:
                failures.append(failure)
                continue
            if recipe is not None:
                recipes[recipe_id] = recipe
        return recipes, failures

    def _failure(self, name: str, error: BaseException) -> UserError:
        log.warning("the training %s failed", name, exc_info=error)
        return UserError(
            N_("The training “{name}” does not work.").format(name=name), failure_text(error, self.package)
        )
