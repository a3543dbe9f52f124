"""Adds LoRA files to the weights of an opened pipeline, and takes them away again to the last bit.

What is changed is computed from the pipeline's own files each time, so that no second copy of its weights is needed.
R rows (n out), D columns (n in), K rank.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_

from ...shared.adapters import Adapter
from ..diffusers.attention import GuidedSelfAttention
from ..diffusers.described import Component
from ..diffusers.loading import stored_arrays
from .file import LoraPart, read_lora

Place: TypeAlias = tuple[str, str]
"""A network of the pipeline, and a layer of it."""
_WEIGHT: Final = ".weight"
_TEXT: Final = "text_model."
# The first authors' names of the blocks, in which kohya's scripts write about SDXL.
_FIRST_NAMES: Final = re.compile(r"(input_blocks|middle_block|output_blocks)_(\d+)_(?:(\d+)_)?(.+)")
_OF_RESIDUALS: Final = {
    "in_layers_2": "conv1",
    "emb_layers_1": "time_emb_proj",
    "out_layers_3": "conv2",
    "skip_connection": "conv_shortcut",
}


@dataclass(frozen=True, eq=False)
class LayerChange:
    """What a file adds to a layer: scale up down, with `down` (K, D) and `up` (R, K), of kernels more axes in D."""

    place: Place
    down: Tensor
    up: Tensor
    scale: float

    def product(self) -> Tensor:
        """(R, D)."""
        return self.scale * (self.up.flatten(1) @ self.down.flatten(1))


class AdaptedNetworks:
    """The networks of a pipeline whose weights can be changed."""

    def __init__(self, components: Mapping[str, Component], networks: Mapping[str, Any]) -> None:
        """`networks` are ready to compute, by the names of their components."""
        self._components = components
        self._live = {name: live_weights(network) for name, network in networks.items()}
        self._base: dict[str, dict[str, Tensor]] = {}
        self._read: dict[tuple[Path, int, int], list[LayerChange]] = {}
        self._now: tuple[Adapter, ...] | None = ()
        self._changed: set[Place] = set()

    def wear(self, adapters: tuple[Adapter, ...]) -> None:
        """Let the weights be the pipeline's with these files; raises UserError where one is broken or does not fit."""
        wanted = tuple(one for one in adapters if one.is_on and one.strength)
        if wanted == self._now:
            return
        added: dict[Place, Tensor] = {}
        for adapter in wanted:
            for change in self._changes(adapter.path):
                product = adapter.strength * change.product()
                added[change.place] = added[change.place] + product if change.place in added else product
        self._now, self._changed = None, self._changed | added.keys()
        for place in self._changed:
            pause()
            self._write(place, added.get(place))
        self._now, self._changed = wanted, set(added)

    def check(self, path: Path) -> None:
        """Raise UserError where a file is broken or does not fit; changes nothing."""
        self._changes(path)

    @torch.no_grad()
    def _write(self, place: Place, added: Tensor | None) -> None:
        network, layer = place
        if network not in self._base:
            self._base[network] = stored_arrays(self._components[network])
        base, live = self._base[network][layer + _WEIGHT], self._live[network][layer]
        whole = base if added is None else base.float() + added.reshape(base.shape).to(base.device)
        live.copy_(whole.reshape(live.shape))

    def _changes(self, path: Path) -> list[LayerChange]:
        """What a file changes here; read again only where it is another one now."""
        try:
            known = path.stat()
            key = path, known.st_mtime_ns, known.st_size
            if key not in self._read:
                parts = read_lora(path)
                with safe_open(path, framework="pt") as file:
                    self._read[key] = [self._change(part, file) for part in parts]
            return self._read[key]
        except (SafetensorError, OSError) as error:
            raise UserError(N_("“{name}” cannot be read.").format(name=printable(path.name))) from error

    def _change(self, part: LoraPart, file: Any) -> LayerChange:
        layer = self._layer_of(part)
        down, up = file.get_tensor(part.down).float(), file.get_tensor(part.up).float()
        live = self._live[part.network][layer]
        n_in = live.numel() // len(up)
        if up.numel() != len(up) * part.rank or down.numel() != n_in * part.rank or len(up) * n_in != live.numel():
            raise UserError(
                N_("“{name}” has another shape in this model.").format(name=printable(part.layer)),
                N_("The adapter belongs to another model."),
            )
        scale = float(file.get_tensor(part.alpha)) / part.rank if part.alpha else part.strength
        if not (bool(torch.isfinite(down).all() and torch.isfinite(up).all()) and math.isfinite(scale)):
            raise UserError(
                N_("“{name}” contains values that are not numbers.").format(name=printable(part.layer)),
                N_("Copy or download the file again."),
            )
        return LayerChange((part.network, layer), down, up, scale)

    def _layer_of(self, part: LoraPart) -> str:
        """The name of the layer in the network; raises UserError where it has none like that."""
        known = self._live.get(part.network, {})
        name = part.layer
        if part.is_joined:
            n_blocks = self._components[part.network].config.get("layers_per_block", 2) + 1 if known else 0
            joined = {layer.replace(".", "_"): layer for layer in known}
            name = next((joined[one] for one in _joined_spellings(name, n_blocks) if one in joined), name)
        found = next((one for one in (name, name.removeprefix(_TEXT), _TEXT + name) if one in known), None)
        if found is None:
            raise UserError(
                N_("This adapter changes “{name}”, which cannot be changed in this model.").format(
                    name=printable(f"{part.network}.{part.layer}")
                ),
                N_("The adapter belongs to another model."),
            )
        return found


def _joined_spellings(name: str, n_blocks: int) -> Iterator[str]:
    """The names that a layer may have in today's library, joined by underscores; `n_blocks` lie between resolutions."""
    text = _TEXT.replace(".", "_")
    yield from (name, name.removeprefix(text), text + name)
    found = _FIRST_NAMES.fullmatch(name)
    if found is None or not n_blocks:
        return
    side, number, inner, rest = found[1], int(found[2]), found[3], found[4]
    if side == "middle_block":
        block, inner, number = "mid_block", str(number % 2), number // 2
    else:
        at = number - 1 if side == "input_blocks" else number
        block, number = f"{side.replace('input_', 'down_').replace('output_', 'up_')}_{at // n_blocks}", at % n_blocks
    kind = "attentions" if inner == "1" else "resnets"
    yield f"{block}_{kind}_{number}_{rest if inner == '1' else _OF_RESIDUALS.get(rest, rest)}"


def live_weights(network: Any) -> dict[str, Tensor]:
    """The weights that a network computes with, in its own memory, by the library's names of their layers."""
    found: dict[str, Tensor] = {}
    for name, module in network.named_modules():
        if isinstance(module, GuidedSelfAttention):
            found |= {f"{name}.{layer}": weight for layer, weight in module.weights().items()}
        elif isinstance(getattr(module, "weight", None), Tensor) and module.weight.dim() > 1:
            found[name] = module.weight
    return found
