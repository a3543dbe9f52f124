"""Fills our decoder with arrays of a foreign file, one at a time, in the precision that is wanted.

Shape letters: N heads, H numbers of a head.
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from studio.core.error import UserError
from studio.core.text import N_
from studio.nn.without_weights import without_weights

from .config import DecoderConfig
from .model import Decoder
from .weight_plan import Place, Plan
from .weight_precision import store_in_half, tie_head


def filled_decoder(
    config: DecoderConfig, plan: Plan, arrays: Iterable[tuple[str, Tensor]], dtype: torch.dtype, device: torch.device
) -> Decoder:
    """Make a decoder ready to read, without gradients.

    Args:
        dtype: of the matrices; vectors such as norms are float32 always.
        plan: checked against the file before; what is not in it is left out.
        arrays: by their names in the file; each is dropped when the next one comes.

    Raises:
        UserError: the arrays do not fill it; the file has changed since it was checked.
    """
    with without_weights():
        decoder = Decoder(config)
    if dtype != torch.float32:
        decoder = store_in_half(decoder, dtype)
    shapes = decoder.state_dict()
    state = {name: torch.empty(one.shape, dtype=one.dtype, device=device) for name, one in shapes.items()}
    decoder.load_state_dict(state, assign=True)
    n_missing = sum(tensor.numel() for tensor in state.values())
    with torch.no_grad():
        for name, values in arrays:
            if name in plan:
                n_missing -= _fill(state[plan[name].target], plan[name], values, config.head_width)
    if n_missing:
        raise UserError(N_("The file has changed while it was read."), N_("Open it again."))
    tie_head(decoder)
    return decoder.requires_grad_(False).eval()


def _fill(target: Tensor, place: Place, values: Tensor, head_width: int) -> int:
    """Copy an array to its place; returns how many numbers that were."""
    if tuple(values.shape) != place.shape:
        raise UserError(N_("The file has changed while it was read."), N_("Open it again."))
    rows = arranged(values, place, head_width)
    target[place.first : place.first + len(rows)].copy_(rows)
    return rows.numel()


def arranged(values: Tensor, place: Place, head_width: int) -> Tensor:
    """The array as our decoder has it: outputs first, all queries before all keys, halves of a head apart."""
    match place.layout:
        case "rows":
            return values
        case "columns":
            return values.t()
        case "heads":
            return values.unflatten(0, (-1, 3, head_width)).transpose(0, 1).flatten(0, 2)  # (3 N H, ...)
        case "pairs":
            return values.unflatten(0, (-1, head_width // 2, 2)).transpose(1, 2).flatten(0, 2)  # (N H, ...)
