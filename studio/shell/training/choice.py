"""What can be trained: the recipes of a family, the trainings that stopped, and the models that can learn more."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from studio.api.engine import FolderRecipe, Recipe
from studio.core.error import UserError
from studio.core.translation import N_, _, at_the_start, plural, translate
from studio.registry.catalog import Catalog
from studio.registry.target import folder_recipes
from studio.registry.training_store import StoredTraining, TrainingStore, is_interrupted
from studio.widgets.controls.label import ElidedLabel, Label
from studio.widgets.gallery.delegate import covering_pixmap

JUDGES = "metrics"
PICTURE_PX = QSize(66, 44)
_STOPPED = N_("Stopped at step {step:,} of {n:,}. Continues where it stopped.")
_FURTHER = N_("Has been trained for {n:,} steps and can be trained further.")


@dataclass(frozen=True)
class Choice:
    """One line of the dialog.

    Attributes:
        recipe: what trains.
        training: what is continued, or None for a new model.
        needed_bytes: about the room that it takes on the disk.
        family: what people call its family, where there are several to choose from.
        picture: what a model that came of it makes, where one is here.
    """

    recipe: Recipe
    training: StoredTraining | None
    needed_bytes: int
    family: str = ""
    picture: Path | None = None

    @property
    def is_further(self) -> bool:
        """Whether a finished model learns more."""
        return self.training is not None and self.training.record.state == "done"

    @property
    def title(self) -> str:
        """The line's name."""
        if self.training is None:
            title = translate(self.recipe.title)
            return f"{title} · {translate(self.family)}" if self.family else title
        wish = N_("Train “{title}” further") if self.is_further else N_("Continue “{title}”")
        return translate(wish).format(title=self.training.record.title)

    @property
    def sentence(self) -> str:
        """What happens."""
        if self.training is None:
            return translate(self.recipe.summary)
        record = self.training.record
        sentence = _FURTHER if self.is_further else _STOPPED
        return translate(sentence).format(step=record.step, n=record.n_steps)

    def makes(self, model_id: str) -> bool:
        """Whether this is how a model came to be."""
        return model_id == (self.recipe.id if self.training is None else self.training.record.model_id)

    def minutes(self, n_steps: int) -> float:
        """About how long so many steps take on two cores."""
        return self.recipe.minutes * n_steps / max(int(self.recipe.settings.n_steps), 1)


def find_folder_choices(catalog: Catalog, path: Path, family_id: str = "") -> list[Choice]:
    """Return the recipes of all families that learn from a folder, or from that of a file that stands for it.

    Those that know their folders come first; then those of the family `family_id`, which is in front.
    """
    sizes, titles, pictures = _sizes(catalog, ""), _family_titles(catalog), _pictures(catalog, "")
    recipes = sorted(
        folder_recipes(path, catalog),
        key=lambda recipe: (not isinstance(recipe, FolderRecipe), _family_of(recipe) != family_id),
    )
    return [
        Choice(one, None, _needed_bytes(one.id, sizes), titles.get(_family_of(one), ""), pictures.get(one.id))
        for one in recipes
    ]


def _family_of(recipe: Recipe) -> str:
    return recipe.id.partition("/")[0]


def _family_titles(catalog: Catalog) -> dict[str, str]:
    return {found.id: found.manifest.title for found in catalog.families if found.family is not None}


def find_choices(catalog: Catalog, store: TrainingStore, family_id: str) -> list[Choice]:
    """Return everything that can be trained, of one family or, for "", of all; loads recipes, so only on the Worker."""
    recipes = {
        recipe.id: recipe
        for recipe in catalog.recipes(family_id).values()
        if not recipe.id.startswith(f"{JUDGES}/") and getattr(recipe, "makes_model", True)
    }
    sizes, pictures = _sizes(catalog, family_id), _pictures(catalog, family_id)
    own = {model.id for model in catalog.list_models(family_id) if model.is_own}
    choices = []
    for training in store.trainings()[0]:
        record = training.record
        is_further = record.state == "done" and record.model_id in own
        if record.recipe_id in recipes and training.can_go_on() and (is_interrupted(training) or is_further):
            picture = pictures.get(record.model_id) or pictures.get(record.recipe_id)
            choices.append(Choice(recipes[record.recipe_id], training, training.size_bytes, picture=picture))
    titles = {} if family_id else _family_titles(catalog)
    new = [
        Choice(one, None, _needed_bytes(one.id, sizes), titles.get(_family_of(one), ""), pictures.get(one.id))
        for one in recipes.values()
    ]
    own_first = sorted(new, key=lambda one: not one.recipe.needs_folder)
    return [*(one for one in choices if not one.is_further), *own_first, *(one for one in choices if one.is_further)]


_COPIES = 10
"""Weights in float16 on the disk become, in float32: the network, its average, two moments and the best so far."""
_PICTURES_BYTES = 30 << 20
_UNKNOWN_BYTES = 20 << 20


def _sizes(catalog: Catalog, family_id: str) -> dict[str, int]:
    return {model.id: model.size_bytes for model in catalog.list_models(family_id)}


def _pictures(catalog: Catalog, family_id: str) -> dict[str, Path]:
    return {model.id: model.picture for model in catalog.list_models(family_id) if model.picture is not None}


def _needed_bytes(recipe_id: str, sizes: dict[str, int]) -> int:
    weights = sizes.get(recipe_id) or max(sizes.values(), default=_UNKNOWN_BYTES)
    return _COPIES * weights + _PICTURES_BYTES


def minutes_text(minutes: float) -> str:
    """A rough time on a computer of two cores."""
    if minutes < 1:
        return _("less than a minute")
    if minutes < 90:
        return plural(N_("about {n} minute"), N_("about {n} minutes"), round(minutes))
    return plural(N_("about {n} hour"), N_("about {n} hours"), round(minutes / 60))


class ChoiceTile(QPushButton):
    """One choice as a line to press: name, sentence, rough time."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice
        self.setProperty("kind", "tile")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        training = choice.training
        self.setObjectName(f"choice_{training.record.id if training is not None else choice.recipe.id}")
        self.setAccessibleName(choice.title)
        self.setAccessibleDescription(choice.sentence)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._lay_out()

    def _lay_out(self) -> None:
        title, sentence = ElidedLabel(self.choice.title, "strong"), Label(self.choice.sentence)
        sentence.setProperty("role", "small")
        sentence.setWordWrap(True)
        is_new = self.choice.training is None
        time = Label(at_the_start(minutes_text(self.choice.recipe.minutes)) if is_new else "")
        time.setProperty("role", "small")
        heading = QHBoxLayout()
        heading.addWidget(title, 1)
        heading.addWidget(time)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(heading)
        words.addWidget(sentence, 1)
        picture = self._picture()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(12)
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        for label in (title, sentence, time, picture):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def _picture(self) -> Label:
        label = Label()
        if self.choice.picture is None:
            label.hide()
        else:
            ratio = self.devicePixelRatioF()
            pixmap = covering_pixmap(self.choice.picture, PICTURE_PX, ratio)
            pixmap.setDevicePixelRatio(ratio)
            label.setPixmap(pixmap)
        return label

    def fit(self, width_px: int) -> None:
        """Be as high as the sentence needs at this width."""
        layout = self.layout()
        if layout is not None:
            self.ensurePolished()
            self.setFixedHeight(layout.totalHeightForWidth(width_px))


class ChoiceList(QWidget):
    """Tiles of which one is chosen. Signals: chosen(Choice)."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._group.buttonToggled.connect(self._on_toggled)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_choices(self, choices: Sequence[Choice], preferred_id: str, width_px: int) -> None:
        """Offer these, `width_px` wide; what makes the model `preferred_id` is chosen, else the first."""
        for choice in choices:
            tile = ChoiceTile(choice)
            self._group.addButton(tile)
            self._column.addWidget(tile)
            tile.fit(width_px)
        tiles = self._tiles()
        preferred = [tile for tile in tiles if tile.choice.makes(preferred_id)]
        if tiles:
            (preferred or tiles)[0].setChecked(True)

    def choose(self, recipe_ids: Sequence[str]) -> bool:
        """Choose a new model by the first of these recipes that is offered; returns whether there is one."""
        new = {tile.choice.recipe.id: tile for tile in self._tiles() if tile.choice.training is None}
        wanted = [new[recipe_id] for recipe_id in recipe_ids if recipe_id in new]
        if wanted and not any(tile.isChecked() for tile in wanted):
            wanted[0].setChecked(True)
        return bool(wanted)

    def _tiles(self) -> list[ChoiceTile]:
        return [button for button in self._group.buttons() if isinstance(button, ChoiceTile)]

    def _on_toggled(self, tile: QPushButton, is_checked: bool) -> None:
        if is_checked and isinstance(tile, ChoiceTile):
            self.chosen.emit(tile.choice)


def no_choices(failure: UserError | None) -> str:
    """Why there is nothing to choose from."""
    if failure is not None:
        return f"{translate(failure.title)} {translate(failure.what_to_do)}".strip()
    return _("There is no training for these models.")
