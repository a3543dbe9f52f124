"""The trainings that make this family's models, by the id of the model."""

from typing import Any, Final

_ALL: Final[tuple[Any, ...]] = ()
RECIPES: Final = {recipe.id: recipe for recipe in _ALL}
