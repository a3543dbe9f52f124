"""Reads and writes the arrays of an adapter as PEFT has them; every name and shape is checked before one is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from studio.api.engine import Device, ModelSource
from studio.core.adapter_strength import AdapterStrength
from studio.core.atomic import atomic_write
from studio.core.container.source import is_file, printable
from studio.core.container.weights.folder import label, read_weights
from studio.core.error import UserError
from studio.core.translation import N_

from ...adapter_importer import base_from_card
from ...text.model.decoder import Decoder
from ...text.model.low_rank import Adapter, AdapterPlace, LowRankPart, adapted, can_merge, merged
from ...text.model.weights import load_decoder
from ..hf.folder import ADAPTER
from ..loading import arranged
from ..model import ForeignModel, is_foreign, open_foreign
from ..weight_plan import WeightPlace
from .adaptable import AdaptableBase
from .settings import WEIGHTS, AdapterSettings, read_settings, written_settings

_PREFIX: Final = "base_model.model."
_DOWN, _UP = ".lora_A.weight", ".lora_B.weight"
_READ: Final = ("float32", "float16", "bfloat16")


def weights_of(folder: Path) -> Path:
    """The weights in PEFT's folder; raises UserError where there are none that can be read."""
    if is_file(folder / WEIGHTS):
        return folder / WEIGHTS
    raise UserError(
        N_("There is no “{name}” in the folder of this adapter.").format(name=WEIGHTS),
        N_("Save the adapter again with safe_serialization=True."),
    )


def place_of(path: str, place: WeightPlace) -> AdapterPlace:
    """Where a part of an adapter belongs in our decoder."""
    n_out, n_in = place.shape[::-1] if place.layout == "columns" else place.shape
    return AdapterPlace(path, place.target.removesuffix(".weight"), place.first, n_out, n_in)


def read_adapter(weights: Path, settings: AdapterSettings, base: AdaptableBase, device: torch.device) -> Adapter:
    """The adapter, in float32.

    Raises:
        UserError: an array is missing, unknown, of another shape, or has values that are no numbers.
    """
    found = {one.name: (one.shape, one.dtype) for one in read_weights((weights,)).tensors}
    places = _found_places(found, base)
    strength = AdapterStrength(settings.rank, settings.alpha, settings.is_root)
    for name, (path, ending) in places.items():
        part = place_of(path, base.places[path])
        wanted = (strength.rank, part.n_in) if ending == _DOWN else (part.n_out, strength.rank)
        if found[name][0] != wanted or found[name][1] not in _READ:
            raise _misfit(name, weights, found[name][0], wanted)
    paths = sorted({path for path, _ in places.values()})
    adapter = Adapter([place_of(path, base.places[path]) for path in paths], strength, device)
    adapter.requires_grad_(False)
    _fill(adapter, weights, {place: name for name, place in places.items()}, base)
    return adapter


def _found_places(found: Mapping[str, Any], base: AdaptableBase) -> dict[str, tuple[str, str]]:
    """Path and ending of each array, by its name."""
    places: dict[str, tuple[str, str]] = {}
    for name in found:
        ending = next((one for one in (_DOWN, _UP) if name.endswith(one)), "")
        path = name.removeprefix(_PREFIX).removesuffix(ending)
        path = path if path in base.places else base.prefix + path  # of the bare model
        if not ending or path not in base.places:
            raise UserError(
                N_("This adapter changes “{name}”, which cannot be changed in this model.").format(name=printable(name))
            )
        places[name] = path, ending
    both = set(places.values())
    lonely = next((path for path, _ in both if not {(path, _DOWN), (path, _UP)} <= both), None)
    if lonely is not None or not both or len(both) != len(places):
        raise UserError(N_("The adapter is incomplete."), N_("Copy or download the file again."))
    return places


def _misfit(name: str, weights: Path, shape: tuple[int, ...], wanted: tuple[int, ...]) -> UserError:
    return UserError(
        N_("“{name}” in “{file}” has the shape {found}, but {wanted} was expected.").format(
            name=printable(name),
            file=label(weights),
            found=" x ".join(map(str, shape)) or "1",
            wanted=" x ".join(map(str, wanted)),
        ),
        N_("The adapter belongs to another model."),
    )


@torch.no_grad()
def _fill(adapter: Adapter, weights: Path, names: Mapping[tuple[str, str], str], base: AdaptableBase) -> None:
    try:
        with safe_open(weights, framework="pt") as file:
            for part in adapter.parts:
                assert isinstance(part, LowRankPart)
                path = part.place.path
                down, up = (file.get_tensor(names[path, ending]).float() for ending in (_DOWN, _UP))
                if not bool(torch.isfinite(down).all() and torch.isfinite(up).all()):
                    raise UserError(
                        N_("“{name}” contains values that are not numbers.").format(name=path),
                        N_("Copy or download the file again."),
                    )
                part.down.copy_(down)
                part.up.copy_(_rows(up, base, path))
    except (SafetensorError, OSError) as error:
        raise UserError(N_("“{name}” cannot be read.").format(name=label(weights))) from error


def _rows(up: Tensor, base: AdaptableBase, path: str) -> Tensor:
    """The rows in the order of our decoder; an adapter's lie as outputs also where the base has inputs first."""
    place = base.places[path]
    return up if place.layout == "columns" else arranged(up, place, base.config)


def _as_stored(up: Tensor, base: AdaptableBase, path: str) -> Tensor:
    """The rows in the order of the base's own files."""
    order = _rows(torch.arange(len(up))[:, None], base, path)[:, 0]
    stored = torch.empty_like(up)
    stored[order] = up
    return stored


def save_adapter(path: Path, adapter: Adapter, base: AdaptableBase) -> None:
    """Write the arrays under PEFT's names."""
    tensors: dict[str, Tensor] = {}
    for part in adapter.parts:
        assert isinstance(part, LowRankPart)
        name = _PREFIX + part.place.path
        tensors[name + _DOWN] = part.down.detach().cpu().contiguous()
        tensors[name + _UP] = _as_stored(part.up.detach().cpu(), base, part.place.path).contiguous()
    atomic_write(path, save(tensors, {"format": "pt"}))


def settings_of(adapter: Adapter, base: AdaptableBase, name: str) -> dict[str, Any]:
    """The table of the adapter's adapter_config.json; `name` is what it calls the base."""
    one = adapter.strength
    paths = [part.place.path for part in adapter.parts if isinstance(part, LowRankPart)]
    return written_settings(AdapterSettings(name, one.rank, one.alpha, one.is_root), paths, base.is_turned)


def save_folder(folder: Path, weights: bytes, settings: Mapping[str, Any]) -> None:
    """Write a folder that PEFT opens; raises UserError where the disk refuses."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(N_("The folder could not be made."), str(error)) from error
    atomic_write(folder / WEIGHTS, weights)
    atomic_write(folder / ADAPTER, json.dumps(dict(settings), ensure_ascii=False, indent=1).encode())


@dataclass(frozen=True, eq=False)
class TunedModel:
    """Attributes: base: the model without the adapter. decoder: with it; both share what the adapter leaves alone."""

    base: ForeignModel
    decoder: Decoder


def open_base(source: ModelSource, device: Device) -> ForeignModel:
    """Any decoder, our own or of other people; raises UserError where it does not open."""
    if is_foreign(source.card):
        return open_foreign(source, device)
    decoder, tokenizer = load_decoder(source.path)
    decoder = decoder.to(device.torch_device)
    return ForeignModel(decoder, tokenizer, decoder.tokens.weight.dtype, None)


def open_tuned(source: ModelSource, device: Device) -> TunedModel:
    """Open the model of a card whose format is ADAPTED.

    Raises:
        UserError: its base is missing or another one, or the adapter is broken or does not fit it.
    """
    table = source.card.get("adapter")
    if not isinstance(table, dict):
        raise UserError(N_("The card of this model does not say how it was fine-tuned."))
    settings = read_settings(table, "adapter_config.json")
    weights = weights_of(source.path) if source.path.is_dir() else source.path
    base = base_from_card(source.card, source.path)
    model = open_base(base.source, device)
    adapter = read_adapter(weights, settings, base, device.torch_device)
    decoder = (merged if can_merge(model.decoder, adapter) else adapted)(model.decoder, adapter)
    return TunedModel(model, decoder)
