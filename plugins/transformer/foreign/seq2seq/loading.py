"""Fills an encoder–decoder with the arrays of its folder, in the precision that fits the memory."""

import math
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Final

import psutil
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from studio.api.engine import Device
from studio.core.container.source import printable
from studio.core.container.weights.folder import in_file, label
from studio.core.container.weights.pickle_reader import walk_tensors
from studio.core.container.weights.torch_weights import open_torch
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_
from studio.nn.without_weights import without_weights

from ...translate.model.seq2seq import Seq2Seq
from ..loading import store_in_half
from ..model import size_text
from .folder import PICKLED, Seq2SeqFolder, target_shapes

N_LANES: Final = 8
N_PLACES: Final = 1024
"""Tokens of source and target that are reckoned with."""
_RESERVE_BYTES: Final = 256 << 20


def load_seq2seq(folder: Seq2SeqFolder, device: Device) -> Seq2Seq:
    """The network, ready to read, without gradients.

    Raises:
        UserError: it does not fit the memory; a file cannot be read any more, or says that numbers are none.
    """
    dtype = _fitting(folder, device)
    with without_weights():
        network = Seq2Seq(folder.config)
    if dtype != torch.float32:
        store_in_half(network, dtype)
    state = {
        name: torch.empty(one.shape, dtype=one.dtype, device=device.torch_device)
        for name, one in network.state_dict().items()
    }
    network.load_state_dict(state, assign=True)
    missing = {place.target for place in folder.plan.values()}
    with torch.no_grad():
        for name, values in _arrays(folder, folder.plan):
            pause()
            place = folder.plan[name]
            if tuple(values.shape) != place.shape or place.target not in missing:
                raise _changed()
            missing.remove(place.target)
            state[place.target].copy_(values.view(state[place.target].shape))
    if missing:
        raise _changed()
    for name, values in _arrays(folder, folder.copies):
        pause()
        if not torch.equal(values.to(state["tokens.weight"]), state["tokens.weight"]):
            raise UserError(
                N_("“{name}” differs from the table of tokens: models with several tables cannot be opened.").format(
                    name=name
                )
            )
    return network.requires_grad_(False).eval()


def _changed() -> UserError:
    return UserError(N_("The file changed while it was being read."), N_("Open it again."))


def needed_bytes(folder: Seq2SeqFolder, dtype: torch.dtype) -> int:
    """Memory for the weights, and for what eight lanes remember of long texts."""
    config = folder.config
    weights = sum(math.prod(shape) for shape in target_shapes(config).values()) * dtype.itemsize
    remembered = 4 * N_LANES * config.n_layers * config.inner(config.decoder) * N_PLACES * torch.float32.itemsize
    scores = config.encoder.n_heads * min(config.n_context, N_PLACES) ** 2 * torch.float32.itemsize
    return weights + remembered + 2 * scores + _RESERVE_BYTES


def _fitting(folder: Seq2SeqFolder, device: Device) -> torch.dtype:
    """float32 where it fits, else bfloat16; raises UserError with the figures where neither does."""
    is_card = device.kind == "cuda"
    free = int(torch.cuda.mem_get_info()[0]) if is_card else psutil.virtual_memory().available
    for dtype in (torch.float32, torch.bfloat16):
        if needed_bytes(folder, dtype) <= free:
            return dtype
    raise UserError(
        N_("This model needs about {needed} of memory.").format(needed=size_text(needed_bytes(folder, torch.bfloat16))),
        N_("{free} of memory are free. Close other models and programs, or use a smaller model.").format(
            free=size_text(free)
        ),
    )


def _arrays(folder: Seq2SeqFolder, wanted: Container[str]) -> Iterator[tuple[str, Tensor]]:
    """Arrays of the folder by their names in the files."""
    for path in folder.weights.paths:
        if path.name == PICKLED:
            yield from _pickled_arrays(folder.path / PICKLED, wanted)
            continue
        try:
            with safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118 - the file is no mapping
                    if printable(name) in wanted:
                        yield printable(name), file.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise UserError(N_("“{name}” cannot be read.").format(name=label(path))) from error


def _pickled_arrays(path: Path, wanted: Container[str]) -> Iterator[tuple[str, Tensor]]:
    with open_torch(path) as file:
        for name, tensor in walk_tensors(file.root):
            if name not in wanted:
                continue
            values = torch.from_numpy(in_file(path, lambda one=tensor: file.array(one)))  # type: ignore[misc]
            if not values.isfinite().all():
                raise UserError(
                    N_("The file contains values that are not numbers (NaN)."),
                    N_("Train the model again, or use an earlier checkpoint."),
                )
            yield name, values
