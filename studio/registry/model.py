"""The models on this computer: those that families bring along, and those that were trained here or downloaded."""

import dataclasses
import itertools
import json
import re
import shutil
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from studio.api.engine import ModelSource
from studio.core.atomic import atomic_write
from studio.core.card import Card, read_card
from studio.core.error import UserError
from studio.core.translation import N_
from studio.registry.family import FoundFamily
from studio.registry.training_store import folder_bytes

WEIGHT_SUFFIXES: Final = (".safetensors", ".npz")
DOWNLOADED: Final = "downloaded"
"""The key of a card that says from where a model was brought."""
FILE: Final = "file"
"""The key of a card that names what lies beside it under any other name: a file or folder as other people wrote it."""
MAX_MODELS: Final = 1_000
MAX_NAME: Final = 48
# No file may be called so on Windows, whatever its suffix.
_DEVICE_NAMES: Final = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


@dataclass(frozen=True)
class ModelInfo:
    """A model that can be opened: weights on the disk with a card beside them, or a card alone.

    Attributes:
        card: its id is the id of the model ("vae/digits"), also where the file was renamed.
        path: the weights file or folder, or the card where its kind needs no weights.
        size_bytes: of that file or folder.
        is_own: whether it was trained here or downloaded, and may be deleted.
        learnt_from: a person's own folder, as long as the training that knows it is kept; no file of the model tells.
    """

    card: Card
    path: Path
    size_bytes: int
    is_own: bool
    learnt_from: str = ""

    @property
    def id(self) -> str:
        """The family's id and the model's name, such as "vae/digits"."""
        return self.card.id

    @property
    def family(self) -> str:
        """The id of its family."""
        return self.card.family

    @property
    def title(self) -> str:
        """What people call it."""
        return self.card.title

    @property
    def is_downloaded(self) -> bool:
        """Whether it came under its name from elsewhere, and could be had again."""
        return DOWNLOADED in self.card.more

    @property
    def picture(self) -> Path | None:
        """The still picture beside it of what it makes, None where there is none."""
        path = self.path.with_suffix(".webp")
        return path if path.is_file() else None

    @property
    def source(self) -> ModelSource:
        """What an engine opens; its card holds every key of the file, and where it was learnt from."""
        values = card_values(self.card)
        if self.learnt_from:
            values = {**values, "settings": {**values.get("settings", {}), "data": self.learnt_from}}
        return ModelSource(self.id, self.path, values)

    def to_json(self) -> dict[str, str | int]:
        """Return the line of `list --json`."""
        card = self.card
        return {
            "id": self.id,
            "family": self.family,
            "title": card.title,
            "task": card.task,
            "licence": card.licence,
            "data": card.data,
            "n_params": card.n_params,
            "size_bytes": self.size_bytes,
        }


def card_values(card: Card) -> dict[str, Any]:
    """Return all keys of a card in one table, as they stand in its file."""
    names = [field.name for field in dataclasses.fields(card) if field.name != "more"]
    return {**card.more, **{name: getattr(card, name) for name in names}}


def shipped_models(found: FoundFamily) -> Iterator[ModelInfo | UserError]:
    """Yield the models in the family's own folder, sorted by name; a UserError for each bad one."""
    if found.folder is not None:
        yield from _models_in(found.folder / "models", found, is_own=False)


def own_models(
    found: FoundFamily, models_folder: Path, learnt_from: Mapping[str, str] | None = None
) -> Iterator[ModelInfo | UserError]:
    """Yield the models of the family that are the person's own, sorted by name; a UserError for each bad one.

    `learnt_from` has folders by the ids of models.
    """
    known = learnt_from or {}
    for model in _models_in(models_folder / found.id, found, is_own=True):
        yield model if isinstance(model, UserError) else replace(model, learnt_from=known.get(model.id, ""))


def delete_own_model(model: ModelInfo) -> None:
    """Delete a model that is the person's own; raises UserError where the disk refuses."""
    if not model.is_own:
        raise ValueError(f"{model.id} came with the program")
    try:
        model.path.with_suffix(".json").unlink()
        if model.path.is_dir():
            shutil.rmtree(model.path)
        else:
            model.path.unlink(missing_ok=model.path.suffix == ".json")
    except OSError as error:
        raise UserError(N_("“{title}” could not be deleted.").format(title=model.title), str(error)) from error


def adopt_model(weights: Path, models_folder: Path, family_id: str, title: str, name: str) -> ModelInfo:
    """Make a trained model the person's own: move weights and card to their place, under `title` and `name`.

    A model that is there under the same name is replaced; the card comes last, so that none is ever listed without
    its weights. Raises UserError where the card is no good or the disk refuses.
    """
    card = read_card(weights.with_suffix(".json"))
    values = {**card_values(card), "id": f"{family_id}/{name}", "title": title}
    target = models_folder / family_id / f"{name}{weights.suffix}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{name}.part")
        shutil.move(weights, draft)  # perhaps from another disk
        draft.replace(target)
    except OSError as error:
        raise UserError(
            N_("The trained model could not be moved to your models."),
            N_("Is the disk full, or the folder {folder} read-only?").format(folder=target.parent),
        ) from error
    atomic_write(target.with_suffix(".json"), json.dumps(values, ensure_ascii=False, indent=1).encode())
    weights.with_suffix(".json").unlink(missing_ok=True)
    return _model_of(target.with_suffix(".json"), target, family_id, is_own=True)


def adopt_files(
    path: Path, model_id: str, card: Mapping[str, Any], models_folder: Path, taken: Collection[str]
) -> ModelInfo:
    """Make a file or folder of other people the person's own: move it to their models, with a card beside it.

    `model_id` says the family; its name is made of the card's title and is none of `taken`. The card comes last.
    Raises UserError where the disk refuses.
    """
    family_id = model_id.partition("/")[0]
    name = free_name(card["title"], taken)
    target = models_folder / family_id / (name if path.is_dir() else f"{name}{path.suffix.lower()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    except OSError as error:
        raise UserError(
            N_("The model could not be moved to your models."),
            N_("Is the disk full, or the folder {folder} read-only?").format(folder=target.parent),
        ) from error
    values = {**card, "id": f"{family_id}/{name}", FILE: target.name}
    atomic_write(target.with_suffix(".json"), json.dumps(values, ensure_ascii=False, indent=1).encode())
    return _model_of(target.with_suffix(".json"), target, family_id, is_own=True)


def free_name(title: str, taken: Collection[str]) -> str:
    """Return a short name for the file of a model called `title` that is safe everywhere and not in `taken`.

    "My faces!" becomes "my-faces", the next one "my-faces-2".
    """
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_NAME].strip("-") or "model"
    numbers = (f"{name}-{n}" for n in itertools.count(2))
    return next(one for one in itertools.chain([name], numbers) if one not in taken and one not in _DEVICE_NAMES)


def _models_in(folder: Path, found: FoundFamily, is_own: bool) -> Iterator[ModelInfo | UserError]:
    for path in sorted(folder.glob("*.json"), key=lambda path: path.stem)[:MAX_MODELS]:
        try:
            yield _model_of(path, _model_file(path, found), found.id, is_own)
        except UserError as error:
            yield UserError(f"{path.name}: {error.title}", error.what_to_do)


def _model_file(card_path: Path, found: FoundFamily) -> Path:
    """The weights beside a card, or the card itself where its kind needs none."""
    paths = [card_path.with_suffix(suffix) for suffix in WEIGHT_SUFFIXES]
    weights = next((path for path in paths if path.is_file()), None)
    if weights is not None:
        return weights
    card = read_card(card_path)
    named = _named_file(card, card_path)
    if named is not None:
        return named
    if needs_weights(card, found):
        raise UserError(N_("The weights that belong to this card are missing."))
    return card_path


def _named_file(card: Card, card_path: Path) -> Path | None:
    """The file or folder that a card names, which is called like the card; None where there is none."""
    name = card.more.get(FILE)
    if not isinstance(name, str) or Path(name).name != name or Path(name).stem != card_path.stem:
        return None
    path = card_path.with_name(name)
    return path if path != card_path and path.exists() else None


def needs_weights(card: Card, found: FoundFamily) -> bool:
    """Whether a model of this card has weights; raises UserError where the family knows no such kind."""
    return found.manifest.kind_of(card_values(card)).needs_weights


def _model_of(card_path: Path, path: Path, family_id: str, is_own: bool) -> ModelInfo:
    card = read_card(card_path)
    model_id = f"{family_id}/{card_path.stem}"
    if not is_own and card.id != model_id:
        raise UserError(N_("The id inside this card is “{id}”.").format(id=card.id[:60]))
    size_bytes = folder_bytes(path) if path.is_dir() else path.stat().st_size
    return ModelInfo(dataclasses.replace(card, id=model_id), path, size_bytes, is_own)


def without_doubles(models: Iterable[ModelInfo | UserError]) -> tuple[list[ModelInfo], list[UserError]]:
    """Part the models from the failures; of two models with one id the first is kept."""
    kept: dict[str, ModelInfo] = {}
    failures: list[UserError] = []
    for model in models:
        if isinstance(model, UserError):
            failures.append(model)
        elif model.id in kept:
            title = N_("{path}: there is already a model called “{id}”.").format(path=model.path.name, id=model.id)
            failures.append(UserError(title, N_("Rename the file and its card.")))
        else:
            kept[model.id] = model
    return list(kept.values()), failures
