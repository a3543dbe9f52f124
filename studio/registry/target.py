"""Finds out which model a person means who names a model or a file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.api.engine import ModelSource
from studio.core.card import read_card
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.inspection import FileReport, inspect_file
from studio.core.text import N_
from studio.registry.catalog import Catalog
from studio.registry.model import card_values


@dataclass(frozen=True)
class Target:
    """A model to open.

    Attributes:
        params: the settings that a picture of ours says it was made with, else empty. Not checked yet.
    """

    source: ModelSource
    params: Mapping[str, Any] = field(default_factory=dict)


def find_target(catalog: Catalog, text: str) -> Target:
    """Return what `text` means: the id of a model, a model's file, or a picture that was made here.

    Raises UserError, in a sentence that helps, where it means nothing or cannot be opened.
    """
    if text in (model.id for model in catalog.list_models()):
        return Target(catalog.find_model(text).source)
    path = Path(text)
    if not _exists(path):
        if text.count("/") == 1 and not path.suffix:
            catalog.find_model(text)
        raise UserError(N_("There is no file or model “{name}”.").format(name=printable(text)))
    report = inspect_file(path, [importer for _, importer in catalog.importers()])
    if not report.opens:
        raise UserError(report.why_not)
    target = _target_of(catalog, path, report)
    catalog.family(target.source.id.partition("/")[0])
    return target


def _exists(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:  # such as a name that is too long
        return False


def _target_of(catalog: Catalog, path: Path, report: FileReport) -> Target:
    if report.format == "png":
        seed = {"seed": report.metadata["seed"]} if "seed" in report.metadata else {}
        params = report.metadata.get("params", {})
        return Target(catalog.find_model(str(report.metadata["model"])).source, {**params, **seed})
    card_path = path.with_suffix(".json")
    if card_path.is_file():
        card = read_card(card_path)
        return Target(ModelSource(card.id, path, card_values(card)))
    return Target(_imported(catalog, path))


def _imported(catalog: Catalog, path: Path) -> ModelSource:
    surest = catalog.sniff(path)[0]
    return _last(surest.importer.load(path))


def _last(steps: Iterator[Any]) -> ModelSource:
    """Run an importer to its end and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            source: ModelSource = stop.value
            return source
