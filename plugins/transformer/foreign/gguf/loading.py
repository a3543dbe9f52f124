"""Fills our decoder with the arrays of a GGUF file: as numbers, or as the file's own codes, scales and minima."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import numpy as np
import torch
from torch import Tensor

from studio.core.container.source import open_regular, read_exactly
from studio.core.error import UserError
from studio.core.translation import N_

from ...text.model.decoder import Decoder
from ...text.model.quantised_layers import GROUPS, Quantisation
from ..loading import Parts, filled_decoder
from .blocks import BLOCKS, Grid, dequantise, unpacked
from .file import GgufTensor
from .model import GgufModel

_NUMBERS_AT_ONCE: Final = 1 << 20
_Rows = dict[str, Tensor]


def quantised_matrices(model: GgufModel) -> dict[str, Quantisation]:
    """The matrices of our decoder all of whose arrays are stored in groups, by name, and how they stay so."""
    kinds: dict[str, list[int]] = {}
    for tensor in model.file.tensors:
        if tensor.name in model.plan:
            kinds.setdefault(model.plan[tensor.name].target, []).append(tensor.kind)
    blocks = {target: [BLOCKS[kind] for kind in found] for target, found in kinds.items() if target.endswith(".weight")}
    return {
        target: Quantisation(max(one.n_bits for one in found), any(one.has_minima for one in found))
        for target, found in blocks.items()
        if all(one.n_bits for one in found)
    }


def load_gguf(
    model: GgufModel, dtype: torch.dtype, device: torch.device, quantised: Mapping[str, Quantisation] = {}
) -> Decoder:
    """The decoder, ready to read, with some matrices `quantised` and the others as `dtype`.

    Raises UserError where the file is cut short or holds what is no number.
    """
    return filled_decoder(model.config, model.plan, _arrays(model, dtype, quantised), dtype, device, quantised)


def _arrays(model: GgufModel, dtype: torch.dtype, quantised: Mapping[str, Quantisation]) -> Iterator[tuple[str, Parts]]:
    with open_regular(model.path) as file:
        for tensor in model.file.tensors:
            if tensor.name in model.plan:
                yield tensor.name, _array(file, tensor, dtype, quantised.get(model.plan[tensor.name].target))


def _array(file: BinaryIO, tensor: GgufTensor, dtype: torch.dtype, how: Quantisation | None) -> Parts:
    """An array as it is stored in our decoder, read a few rows at a time, so that little of it is float32 at once."""
    block, n_columns = BLOCKS[tensor.kind], tensor.shape[-1]
    n_rows = int(np.prod(tensor.shape[:-1], dtype=np.int64))
    n_at_once = max(1, _NUMBERS_AT_ONCE // n_columns)
    found: list[_Rows] = []
    file.seek(tensor.begin)
    for first in range(0, n_rows, n_at_once):
        n_numbers = min(n_at_once, n_rows - first) * n_columns
        data = np.frombuffer(read_exactly(file, n_numbers // block.n_numbers * block.n_bytes), np.uint8)
        rows = (
            _numbers(tensor.kind, data, n_columns, dtype)
            if how is None
            else quantised_rows(tensor.kind, data, n_columns, how)
        )
        if not all(bool(torch.isfinite(part).all()) for part in rows.values()):
            raise UserError(
                N_("“{name}” contains values that are not numbers.").format(name=tensor.name),
                N_("Copy or download the file again."),
            )
        found.append(rows)
    joined = {ending: torch.cat([rows[ending] for rows in found]) for ending in found[0]}
    return {"": joined[""].view(tensor.shape)} if how is None else joined


def _numbers(kind: int, data: Any, n_columns: int, dtype: torch.dtype) -> _Rows:
    return {"": torch.from_numpy(dequantise(kind, data).copy()).view(-1, n_columns).to(dtype)}


def quantised_rows(kind: int, data: Any, n_columns: int, how: Quantisation) -> _Rows:
    """Codes, scales and minima of whole rows, in the shapes of `quantised_layers`."""
    grid = unpacked(kind, data)
    assert isinstance(grid, Grid)
    codes = grid.codes.reshape(-1, n_columns).view(np.uint8)
    n_rows, n_repeats = len(codes), grid.codes.shape[2] // GROUPS[how.bits]
    if how.bits == 4:
        halves = codes.reshape(n_rows, -1, 2, GROUPS[4] // 2)
        codes = (halves[:, :, 0] | halves[:, :, 1] << 4).reshape(n_rows, -1)
    minima = np.broadcast_to(grid.minima, grid.scales.shape) if how.has_minima else np.zeros((n_rows, 0), np.float32)
    parts = {"scales": grid.scales, "minima": minima}
    spread = {name: np.repeat(part.reshape(n_rows, -1), n_repeats, 1) for name, part in parts.items()}
    return {name: torch.from_numpy(np.ascontiguousarray(part)) for name, part in {"codes": codes, **spread}.items()}
