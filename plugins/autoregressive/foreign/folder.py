"""Reads what folders of other people's models have in common: settings, and arrays with their sizes; no torch.

Nothing in a folder is run: its JSON is read within bounds, and of `pytorch_model.bin`, where that is all there is, only
the numbers are read.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import psutil

from studio.api.importer import foreign_id
from studio.core.container.json_text import parse_json
from studio.core.container.source import is_file, is_folder, open_regular, printable
from studio.core.container.weights.folder import (
    MAX_CONFIG_BYTES,
    WeightFiles,
    label,
)
from studio.core.container.weights.tensor import TensorInfo
from studio.core.error import UserError
from studio.core.translation import N_

Shape: TypeAlias = tuple[int, ...]
CONFIG: Final = "config.json"
HUGGING_FACE: Final = "hugging-face"
FAMILY: Final = "autoregressive"
MAX_LAYERS: Final = 64
MAX_WIDTH: Final = 16_384
MAX_VOCAB: Final = 1_000_000
_READ: Final = ("float64", "float32", "float16", "bfloat16")
_ENDINGS: Final = (".json", ".safetensors", ".bin")
_RESERVE_BYTES: Final = 256 << 20


@dataclass(frozen=True)
class ModelFolder(ABC):
    """A folder whose model can be opened. Attributes: warnings: what is odd but does no harm."""

    path: Path
    config: Any
    weights: WeightFiles
    warnings: tuple[str, ...] = ()

    @property
    @abstractmethod
    def shapes(self) -> Iterable[Shape]:
        """Those of the arrays that the network needs."""

    @property
    def n_params(self) -> int:
        """How many numbers the network has."""
        return sum(map(math.prod, self.shapes))


def folder_of(path: Path) -> Path:
    """The folder that a path stands for: itself, or the one that a file of it lies in."""
    return path if is_folder(path) else path.parent


def settings_of(path: Path) -> Mapping[str, Any]:
    """The config.json of a folder or of a file in it; empty where there is none or it cannot be read; quick."""
    folder = folder_of(path)
    if (path != folder and path.suffix not in _ENDINGS) or not is_file(folder / CONFIG):
        return {}
    try:
        with open_regular(folder / CONFIG) as file:
            values = parse_json(file.read(MAX_CONFIG_BYTES + 1), MAX_CONFIG_BYTES)
    except UserError:
        return {}
    return values if isinstance(values, dict) else {}


def title_of(folder: Path) -> str:
    """The name of a folder, fit to be shown."""
    return printable(folder.resolve().name) or N_("Model")


def model_id(folder: Path) -> str:
    """An id of this family for a folder: its name in plain letters with an ending that no listed model has."""
    return foreign_id(FAMILY, title_of(folder), "folder", "model")


def check_arrays(
    wanted: Mapping[str, Shape], weights: WeightFiles, is_useless: Callable[[str], bool]
) -> tuple[str, ...]:
    """Hold what a folder has against what its network needs; returns sentences about what is left out.

    Raises:
        UserError: an array is missing, or has another shape or kind of number; the sentence names it.
    """
    found = {one.name: one for one in weights.tensors}
    for name, shape in wanted.items():
        if name not in found:
            raise UserError(
                N_("The weights are missing “{name}”.").format(name=name),
                N_("The folder is incomplete, or its settings belong to another model."),
            )
        _check_array(found[name], shape, label(weights.owners[name]))
    others = [name for name in found if name not in wanted and not is_useless(name)]
    return tuple(N_("“{name}” is not used.").format(name=name) for name in others[:8])


def _check_array(one: TensorInfo, shape: Shape, file: str) -> None:
    if one.shape != shape:
        raise UserError(
            N_("“{name}” in “{file}” has the shape {found}, but {wanted} was expected.").format(
                name=one.name, file=file, found=_shown(one.shape), wanted=_shown(shape)
            ),
            N_("The settings and the weights belong to different models."),
        )
    if one.dtype not in _READ:
        raise UserError(
            N_("“{name}” in “{file}” is stored as {dtype}, which cannot be read here.").format(
                name=one.name, file=file, dtype=one.dtype
            ),
            N_("Use the model in float32, float16 or bfloat16."),
        )


def check_memory(n_params: int) -> None:
    """Raise UserError, with figures, where so many numbers of four bytes have no room."""
    needed, free = 4 * n_params + _RESERVE_BYTES, psutil.virtual_memory().available
    if needed > free:
        raise UserError(
            N_("This model needs about {needed:,} MB of memory.").format(needed=needed >> 20),
            N_("{free:,} MB are free. Close other models and programs, or use a smaller model.").format(
                free=free >> 20
            ),
        )


def _shown(shape: Shape) -> str:
    return " x ".join(map(str, shape)) or "1"
