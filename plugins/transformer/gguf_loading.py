"""Loads the decoder of a GGUF file: its blocks become numbers a piece at a time."""

from collections.abc import Iterator
from typing import BinaryIO, Final

import numpy as np
import torch
from torch import Tensor

from studio.core.container.source import open_regular, read_exactly
from studio.core.error import UserError
from studio.core.text import N_

from .gguf_blocks import BLOCKS, dequantise
from .gguf_file import GgufTensor
from .gguf_model import GgufModel
from .model import Decoder
from .weight_loading import filled_decoder

_BLOCKS_AT_ONCE: Final = 1 << 14


def load_gguf(model: GgufModel, dtype: torch.dtype, device: torch.device) -> Decoder:
    """The decoder, ready to read; raises UserError where the file is cut short or holds what is no number."""
    return filled_decoder(model.config, model.plan, _arrays(model, dtype), dtype, device)


def _arrays(model: GgufModel, dtype: torch.dtype) -> Iterator[tuple[str, Tensor]]:
    with open_regular(model.path) as file:
        for tensor in model.file.tensors:
            if tensor.name in model.plan:
                yield tensor.name, _numbers(file, tensor, dtype)


def _numbers(file: BinaryIO, tensor: GgufTensor, dtype: torch.dtype) -> Tensor:
    """An array as it is stored in our decoder; at no time are more than a few megabytes of it float32."""
    values = torch.empty(tensor.shape, dtype=dtype)
    flat, n_bytes = values.view(-1), BLOCKS[tensor.kind].n_bytes
    file.seek(tensor.begin)
    place = 0
    while place < len(flat):
        n_left = (len(flat) - place) // BLOCKS[tensor.kind].n_numbers
        data = read_exactly(file, min(n_left, _BLOCKS_AT_ONCE) * n_bytes)
        part = torch.from_numpy(dequantise(tensor.kind, np.frombuffer(data, np.uint8)).copy())
        if not torch.isfinite(part).all():
            raise UserError(
                N_("“{name}” contains values that are not numbers.").format(name=tensor.name),
                N_("Copy or download the file again."),
            )
        flat[place : place + len(part)] = part
        place += len(part)
    return values
