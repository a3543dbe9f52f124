"""Finds out which model a person means who names a model, the file of one, or anything that was exported here."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from studio.api.engine import FolderRecipe, ModelSource, Recipe
from studio.core.card import read_card
from studio.core.container.source import is_file, printable
from studio.core.container.workspace_file import SUFFIX
from studio.core.error import UsageError, UserError
from studio.core.inspection import WORKSPACE, FileReport, inspect_file
from studio.core.param import check_value, param_specs, saved_params
from studio.core.pausing import result_of
from studio.core.picture import MIN_PICTURES, holds_pictures
from studio.core.translation import N_
from studio.registry.catalog import Catalog
from studio.registry.model import ModelInfo, card_values, needs_weights

_MADE_ELSEWHERE: Final = {
    "png": N_("This picture was made with {model}, which is not on this computer."),
    "gif": N_("This moving picture was made with {model}, which is not on this computer."),
    "webp": N_("This moving picture was made with {model}, which is not on this computer."),
    "mp4": N_("This video was made with {model}, which is not on this computer."),
    **dict.fromkeys(
        ("wav", "flac", "ogg", "mp3"), N_("This sound was made with {model}, which is not on this computer.")
    ),
    "midi": N_("This music was made with {model}, which is not on this computer."),
    "svg": N_("This drawing was made with {model}, which is not on this computer."),
    "html": N_("This page was made with {model}, which is not on this computer."),
    "json": N_("This text was made with {model}, which is not on this computer."),
    "text": N_("This text was made with {model}, which is not on this computer."),
    "npz": N_("These numbers were made with {model}, which is not on this computer."),
    "frames": N_("This recording was made with {model}, which is not on this computer."),
}


_LEARNT_FROM: Final = (".json", ".mp4", ".mov", ".m4v")
"""Files that may stand for a folder to learn from."""


@dataclass(frozen=True)
class Opening:
    """Something that can be opened as a model: where from, under which name, with which settings.

    Attributes:
        params, state: what an exported file says it was made with, else empty; not checked yet.
        recording: the file whose frames can be played, where it is a recording.
    """

    source: ModelSource
    title: str
    params: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] = field(default_factory=dict)
    recording: Path | None = None


@dataclass(frozen=True)
class Understood:
    """What a file was found to be; `opening` is None where no model comes out of it.

    Attributes:
        recipe_id: of the first recipe that learns from this folder, else empty.
    """

    path: Path
    report: FileReport
    opening: Opening | None
    recipe_id: str = ""


def find_opening(text: str, catalog: Catalog) -> Opening:
    """Return what a word of the command line means.

    Raises UserError, in a sentence that helps, where it means nothing or cannot be opened.
    """
    if not _exists(Path(text)) or _is_model(text, catalog):
        return _opening_of_model(_find_model(text, catalog))
    understood = result_of(understand(Path(text), catalog))
    if understood.report.format == WORKSPACE:
        raise UserError(N_("This is a workspace, which opens in the window."), N_("Start the program with it alone."))
    if understood.opening is None:
        raise UserError(understood.report.why_not)
    catalog.family(understood.opening.source.id.partition("/")[0])
    return understood.opening


def find_workspace(text: str) -> Path | None:
    """Return the workspace that a word of the command line names, None where it is something else."""
    path = Path(text)
    is_one = path.suffix.lower() == SUFFIX and is_file(path) and inspect_file(path).format == WORKSPACE
    return path if is_one else None


def understand(path: Path, catalog: Catalog) -> Generator[Any, None, Understood]:
    """Say what a file is, and make it ready to be opened; nothing in it is run.

    Yields the progress of an importer. Raises UserError where the file is missing or no good.
    """
    report = _inspected(path, catalog)
    if not report.opens:
        recipe = next(folder_recipes(path, catalog), None)
        return Understood(path, report, None, "" if recipe is None else recipe.id)
    if report.format == WORKSPACE:
        return Understood(path, report, None)
    if report.is_export:
        missing = _missing_model(report, catalog)
        if missing is not None and report.format == "frames":  # which replays without its model
            return Understood(path, replace(report, opens=False, why_not=missing.title), None)
        return Understood(path, report, _opening_of_export(path, report, catalog))
    if report.format in ("safetensors", "npz", "json") and path.with_suffix(".json").is_file():
        card = read_card(path.with_suffix(".json"))
        return Understood(path, report, Opening(ModelSource(card.id, path, card_values(card)), card.title))
    sniffed = catalog.sniff(path)
    if not sniffed:
        raise UserError(N_("No installed family opens this file."))
    source = yield from sniffed[0].importer.load(path)
    return Understood(path, report, Opening(source, report.title or path.stem))


def folder_recipes(path: Path, catalog: Catalog) -> Iterator[Recipe]:
    """Yield the recipes of all families that learn from a folder, or from the folder of a file that stands for it.

    Those that know their folders come first; the others learn from any pictures.
    """
    if not (path.is_dir() or path.suffix.lower() in _LEARNT_FROM):
        return
    recipes = [one for one in catalog.recipes().values() if one.needs_folder]
    stands_alone = path.suffix.lower() in _LEARNT_FROM[1:]  # a video is no sign of what else lies in its folder
    known = [one for one in recipes if isinstance(one, FolderRecipe) and one.takes_folder(path)]
    yield from (one for one in known if not (stands_alone and one.takes_folder(path.parent)))
    if path.is_dir() and holds_pictures(path, MIN_PICTURES):
        yield from (one for one in recipes if not isinstance(one, FolderRecipe))


def describe(path: Path, catalog: Catalog) -> FileReport:
    """Say what a file is, and whether it opens on this computer; nothing in it is run."""
    report = _inspected(path, catalog)
    missing = _missing_model(report, catalog)
    if missing is None:
        return report
    if report.format == "frames":  # which replays without its model
        return replace(report, warnings=(*report.warnings, missing.title))
    return replace(report, opens=False, why_not=missing.title)


def _inspected(path: Path, catalog: Catalog) -> FileReport:
    """What inspection says; a card opens where a model of its kind has no weights that it would stand beside."""
    report = inspect_file(path, [importer for _, importer in catalog.importers()])
    if report.format != "json" or report.opens or report.architecture is None:
        return report
    try:
        card = read_card(path)
        opens = not needs_weights(card, catalog.family(card.family))
    except UserError:
        return report
    return replace(report, title=card.title, opens=True, why_not="") if opens else report


def _opening_of_export(path: Path, report: FileReport, catalog: Catalog) -> Opening:
    """A file that was exported here: its model, seed, parameters and what the person had moved."""
    missing = _missing_model(report, catalog)
    if missing is not None:
        raise missing
    values = report.metadata
    model = catalog.find_model(values["model"])
    params = {**values.get("params", {}), "seed": values.get("seed", 0)}
    recording = path if report.format == "frames" else None
    return Opening(model.source, model.title, params, values.get("state", {}), recording)


def _missing_model(report: FileReport, catalog: Catalog) -> UserError | None:
    """What to say where an exported file's model is not here."""
    if not report.is_export or report.architecture is None or _is_model(report.architecture, catalog):
        return None
    sentence = _MADE_ELSEWHERE[report.format]
    return UserError(
        sentence.format(model=report.architecture), N_("Bring the model here or train it, then open the file again.")
    )


def _opening_of_model(model: ModelInfo) -> Opening:
    return Opening(model.source, model.title)


def _is_model(text: str, catalog: Catalog) -> bool:
    return any(model.id == text for model in catalog.list_models())


def _find_model(text: str, catalog: Catalog) -> ModelInfo:
    if text.count("/") == 1 and not Path(text).suffix:
        return catalog.find_model(text)
    raise UserError(N_("There is no file or model “{name}”.").format(name=printable(text)))


def _exists(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:  # such as a name that is too long
        return False


def typed_params(catalog: Catalog, opening: Opening, saved: Mapping[str, Any], typed: Mapping[str, str]) -> Any:
    """Build the params of a model's kind: the `saved` ones where it has them, and over them all that was `typed`.

    Raises UsageError for a typed name that the kind lacks, which lists those it has, and for a typed value that cannot
    be, which says what can; UserError where what was saved is wrong.
    """
    params_class = catalog.params_class(opening.source)
    known = param_specs(params_class)
    unknown = next((name for name in typed if name not in known), None)
    if unknown is not None:
        sentence = N_("{model} has no parameter called “{name}”; it has {known}.")
        raise UsageError(sentence.format(model=opening.source.id, name=unknown[:60], known=", ".join(known)))
    try:
        values = {name: check_value(known[name], value) for name, value in typed.items()}
    except UserError as error:
        raise UsageError(error.title, error.what_to_do) from error
    return saved_params(params_class, {**saved, **values})
