"""Fills an encoder–decoder with the arrays of its folder, in the precision that fits the memory."""

import math
from typing import Final

import psutil
import torch

from studio.api.engine import Device
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_
from studio.nn.stored_arrays import arrays_of, filled
from studio.nn.without_weights import without_weights

from ...translate.model.seq2seq import Seq2Seq
from ..loading import store_in_half
from ..model import size_text
from .folder import Seq2SeqFolder, target_shapes

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
    state, plan = filled(network, device.torch_device), folder.plan
    with torch.no_grad():
        for name, values in arrays_of(folder.weights, {name: place.shape for name, place in plan.items()}):
            pause()
            place = state[plan[name].target]
            place.copy_(values.view(place.shape))
    copies = {one.name: one.shape for one in folder.weights.tensors if one.name in folder.copies}
    for name, values in arrays_of(folder.weights, copies):
        pause()
        if not torch.equal(values.to(state["tokens.weight"]), state["tokens.weight"]):
            raise UserError(
                N_("“{name}” differs from the table of tokens: models with several tables cannot be opened.").format(
                    name=name
                )
            )
    return network


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
