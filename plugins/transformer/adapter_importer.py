"""Finds the model that an adapter belongs to, and opens folders with adapters as PEFT writes them; no torch.

The card of an adapter has the keys of its base's card for the panel, and: format: ADAPTED. base: the table {id, title,
path, hash} of the model that it belongs to; the path is empty where the id says it, the hash where nobody knows it.
adapter: what its adapter_config.json says.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from studio.api.engine import ModelSource, known_file
from studio.api.importer import ReadingImporter, foreign_id
from studio.core.container.source import is_file, is_folder, open_regular, printable
from studio.core.container.weights.folder import find_weights, read_object, read_weights
from studio.core.error import UserError
from studio.core.inspection import FileReport
from studio.core.pausing import pause, result_of
from studio.core.translation import N_

from .foreign.adapter.adaptable import AdaptableBase, base_of
from .foreign.adapter.settings import WEIGHTS, read_settings
from .foreign.hf.folder import ADAPTER, CONFIG, folder_of
from .importers import FAMILY, GgufImporter, HuggingFaceImporter, opening

ADAPTED: Final = "adapter"
PEFT: Final = "peft"
_FROM_BASE: Final = (
    "kind",
    "language",
    "defaults",
    "examples",
    "empty_prompt",
    "architecture",
    "config",
    "has_chat",
    "n_context",
    "n_layers",
    "n_heads",
    "width",
    "n_vocab",
    "n_experts",
)
_AT_ONCE: Final = 1 << 22


def find_base(name: str, beside: Path | None = None) -> ModelSource:
    """The model of an id, a GGUF file or a folder; for a name that is neither, the folder so called next to `beside`.

    Raises:
        UserError: it is not on this computer, or does not open.
    """
    for path in _places_of(name, beside):
        if is_folder(path) and is_file(path / CONFIG):
            return result_of(HuggingFaceImporter().load(path))
        if is_file(path) and path.suffix.casefold() == ".gguf":
            return result_of(GgufImporter().load(path))
    try:
        path = known_file(name)
    except UserError as error:
        raise UserError(
            N_("This belongs to the model “{name}”, which is not on this computer.").format(name=printable(name)),
            N_("Bring that model here, next to the folder of the adapter, and open it again."),
        ) from error
    return ModelSource(name, path, read_object(path.with_suffix(".json")))


def _places_of(name: str, beside: Path | None) -> list[Path]:
    """Where a name may point to; never to another computer."""
    if not name or name.startswith(("\\\\", "//")) or "\0" in name:
        return []
    last = PureWindowsPath(name).name
    near = [beside.parent / last] if beside is not None and last not in ("", ".", "..") else []
    return [*near, Path(name).expanduser()] if Path(name).expanduser().is_absolute() or beside is None else near


def base_hash(source: ModelSource) -> str:
    """SHA-256 of the weights of a model and of nothing else, in hexadecimal; reads all of them."""
    found = hashlib.sha256()
    for path in find_weights(source.path, "model") if source.path.is_dir() else (source.path,):
        with open_regular(path) as file:
            while part := file.read(_AT_ONCE):
                found.update(part)
                pause()
    return found.hexdigest()


def base_from_card(card: Mapping[str, Any], adapter: Path) -> AdaptableBase:
    """The base that a card names; raises UserError where it is missing or its weights are others."""
    base = card.get("base")
    known = base if isinstance(base, Mapping) else {}
    path, title = str(known.get("path", "")), str(known.get("title", known.get("id", "")))
    try:
        source = find_base(path or str(known.get("id", "")), adapter)
    except UserError as error:
        if path or not known:
            raise _missing(title) from error
        raise
    if known.get("hash") and base_hash(source) != known["hash"]:
        raise UserError(
            N_("The weights of “{title}” are not those that this model was fine-tuned from.").format(
                title=printable(title)
            ),
            N_("Bring back the file that it was fine-tuned from, or fine-tune the model again."),
        )
    return base_of(source)


def _missing(title: str) -> UserError:
    return UserError(
        N_("This belongs to the model “{name}”, which is not on this computer.").format(name=printable(title)),
        N_("Bring that model here, then open this one again."),
    )


def panel_card(base: ModelSource) -> dict[str, Any]:
    """What of a base's card an adapter's has too, so that the panel shows it alike."""
    return {name: base.card[name] for name in _FROM_BASE if name in base.card}


class AdapterImporter(ReadingImporter[AdaptableBase]):
    """Knows folders with an adapter and no model."""

    format, family = PEFT, FAMILY
    title = N_("Adapter of a language model (LoRA)")
    suffixes = (".json", ".safetensors")

    def sniff(self, path: Path) -> float:
        """Return 0.9 for such a folder, or a file in it."""
        folder = folder_of(path)
        return 0.9 if is_file(folder / ADAPTER) and not is_file(folder / CONFIG) else 0.0

    def read(self, path: Path) -> AdaptableBase:
        folder = folder_of(path)
        settings = read_settings(read_object(folder / ADAPTER), ADAPTER)
        return base_of(find_base(settings.base, folder))

    def report(self, path: Path, found: AdaptableBase) -> FileReport:
        folder = folder_of(path)
        weights = read_weights((folder / WEIGHTS,))
        base = str(found.source.card.get("title", found.source.id))
        return replace(opening(folder, weights, "LoRA", weights.warnings, {"base": base}), format=PEFT)

    def source(self, path: Path, found: AdaptableBase) -> ModelSource:
        folder = folder_of(path)
        name, base = printable(folder.resolve().name), found.source
        card = {
            **panel_card(base),
            "id": foreign_id(FAMILY, name, "adapter", "model"),
            "title": name,
            "licence": N_("unknown"),
            "data": N_("unknown"),
            "format": ADAPTED,
            "base": {"id": base.id, "title": base.card.get("title", base.id), "path": str(base.path), "hash": ""},
            "adapter": read_object(folder / ADAPTER),
        }
        if base.card.get("format") is None:
            card["base"]["path"] = ""
        return ModelSource(card["id"], folder, card)
