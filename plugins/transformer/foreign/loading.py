"""Fills our decoder with arrays of foreign files, a piece at a time, in the precision that is wanted.

In half precision the residual stream, norms, attention and cache are float32 as ever; only products with a stored
matrix are rounded. Shape letters: N heads, H numbers of a head.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from studio.core.container.source import printable
from studio.core.container.weights.folder import label
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_
from studio.nn.without_weights import without_weights

from ..text.model.config import DecoderConfig
from ..text.model.decoder import Decoder
from ..text.model.quantised_layers import Quantisation, quantise, share_table
from .hf.folder import HfFolder
from .weight_plan import Plan, WeightPlace

Network = TypeVar("Network", bound=nn.Module)
Parts = Mapping[str, Tensor]
"""An array by the ending of its target's name: itself under "", or codes, scales and minima."""


class HalfLinear(nn.Linear):
    """A projection that multiplies in the type of its weights and answers in the type of its input."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., n in) to (..., n out)."""
        said = F.linear(x.to(self.weight.dtype), self.weight).to(x.dtype)
        return said if self.bias is None else said + self.bias


class HalfEmbedding(nn.Embedding):
    """A table whose rows come out as float32."""

    def forward(self, numbers: Tensor) -> Tensor:
        """(...) int64 to (..., width)."""
        return F.embedding(numbers, self.weight).float()


def store_in_half(network: Network, dtype: torch.dtype) -> Network:
    """Change a network so that its matrices are stored as `dtype`; its vectors stay as they are.

    `tie_head` is to follow once its memory is its own.
    """
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if type(child) is nn.Linear:
                setattr(parent, name, _linear(child.weight.to(dtype), child.bias))
            elif type(child) is nn.Embedding:
                setattr(parent, name, _embedding(child.weight.to(dtype)))
    return network


def tie_head(decoder: Decoder) -> None:
    """Where the head is the table of tokens, let it be a projection with the memory of that table."""
    if decoder.head is None and isinstance(decoder.tokens, HalfEmbedding):
        head = _linear(decoder.tokens.weight, None)
        head.weight = decoder.tokens.weight
        decoder.head = head


def _linear(weight: Tensor, bias: Tensor | None) -> HalfLinear:
    linear = HalfLinear(weight.shape[1], weight.shape[0], bias is not None, device="meta")
    linear.weight = nn.Parameter(weight, requires_grad=False)
    if bias is not None:
        linear.bias = nn.Parameter(bias, requires_grad=False)
    return linear


def _embedding(weight: Tensor) -> HalfEmbedding:
    table = HalfEmbedding(weight.shape[0], weight.shape[1], _weight=weight)
    return table.requires_grad_(False)


def filled_decoder(
    config: DecoderConfig,
    plan: Plan,
    arrays: Iterable[tuple[str, Parts]],
    dtype: torch.dtype,
    device: torch.device,
    quantised: Mapping[str, Quantisation] = {},
) -> Decoder:
    """Make a decoder ready to read, without gradients.

    Args:
        dtype: of the matrices; vectors such as norms are float32 always.
        plan: checked against the file before; what is not in it is left out.
        arrays: by their names in the file; each is dropped when the next one comes.
        quantised: the matrices, by the names in our decoder, that come as codes and stay so.

    Raises:
        UserError: the arrays do not fill it; the file has changed since it was checked.
    """
    with without_weights():
        decoder = Decoder(config)
    if dtype != torch.float32:
        decoder = store_in_half(decoder, dtype)
    quantise(decoder, quantised)
    shapes = decoder.state_dict()
    state = {name: torch.empty(one.shape, dtype=one.dtype, device=device) for name, one in shapes.items()}
    decoder.load_state_dict(state, assign=True)
    n_missing = sum(tensor.numel() for tensor in state.values())
    with torch.no_grad():
        for name, values in arrays:
            pause()
            if name in plan:
                n_missing -= _fill(state, plan[name], values, config)
    if n_missing:
        raise UserError(N_("The file changed while it was being read."), N_("Open it again."))
    tie_head(decoder)
    share_table(decoder)
    return decoder.requires_grad_(False).eval()


def _fill(state: Mapping[str, Tensor], place: WeightPlace, parts: Parts, config: DecoderConfig) -> int:
    """Copy an array to its place; returns how many numbers that were."""
    shapes = {ending: tuple(part.shape) for ending, part in parts.items()}
    if shapes.get("", place.shape) != place.shape or any(shape[0] != place.shape[0] for shape in shapes.values()):
        raise UserError(N_("The file changed while it was being read."), N_("Open it again."))
    n_filled = 0
    for ending, part in parts.items():
        for number, values in enumerate(part if "*" in place.target else part[None]):
            rows = arranged(values, place, config)
            for name in filter(None, (place.target.replace("*", str(number)), place.also)):
                target = state[name.removesuffix("weight") + ending if ending else name]
                target[place.first : place.first + len(rows)].copy_(rows)
                n_filled += rows.numel()
    return n_filled


def arranged(values: Tensor, place: WeightPlace, config: DecoderConfig) -> Tensor:
    """The array as our decoder has it: outputs first, all queries before all keys, halves of a head apart."""
    match place.layout:
        case "rows":
            return values
        case "columns":
            return values.t()
        case "alternating":
            return torch.cat((values.t()[::2], values.t()[1::2]))
        case "groups":
            groups = values.unflatten(0, (config.n_kv_heads, -1, config.head_width))  # (G, N / G + 2, H, ...)
            return torch.cat([part.flatten(0, 2) for part in (groups[:, :-2], groups[:, -2:-1], groups[:, -1:])])
        case "pairs":
            heads = values.unflatten(0, (-1, config.head_width))  # (N, H, ...)
            turned = heads[:, : config.rotary_width].unflatten(1, (-1, 2)).transpose(1, 2).flatten(1, 2)
            return torch.cat((turned, heads[:, config.rotary_width :]), 1).flatten(0, 1)
        case "past two":
            return values[2:]


def load_folder(folder: HfFolder, dtype: torch.dtype, device: torch.device) -> Decoder:
    """The decoder, ready to read; raises UserError where a file cannot be read any more."""
    return filled_decoder(folder.config, folder.plan, _folder_arrays(folder), dtype, device)


def _folder_arrays(folder: HfFolder) -> Iterator[tuple[str, Parts]]:
    for path in folder.weights.paths:
        try:
            with safe_open(path, framework="pt") as file:
                names = file.keys()
                for name in names:
                    if printable(name) in folder.plan:
                        yield printable(name), {"": file.get_tensor(name)}
        except (SafetensorError, OSError) as error:
            raise UserError(N_("“{name}” cannot be read.").format(name=label(path))) from error
