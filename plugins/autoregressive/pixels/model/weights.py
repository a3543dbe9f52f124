"""The networks of pixels in safetensors files, and their weights in the order in which the kernels read them.

Shape letters as in `shared.kernel_tables`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.core.error import UserError
from studio.core.translation import N_
from studio.nn.network_file import NetworkKind, load_network, save_network

from ...shared.model.kernel_tables import (
    FloatArray,
    GatedMemory,
    GatedWeights,
    HeadWeights,
    IntArray,
    RowMemory,
    RowWeights,
)
from .config import PixelNetworkConfig
from .pixelcnn import GatedPixelCNN, MaskedConv2d, MaskedPixelCNN, PixelHead, PixelNetwork
from .row_lstm import RowLSTM

KINDS: Final[Mapping[str, NetworkKind]] = {
    kind.__name__: NetworkKind(PixelNetworkConfig, kind, frozenset({"skip_width"}))
    for kind in (GatedPixelCNN, MaskedPixelCNN, RowLSTM)
}


def save_pixels(path: Path, network: PixelNetwork) -> None:
    """Write a network of pixels with its configuration."""
    save_network(path, network)


def load_pixels(path: Path) -> PixelNetwork:
    """Read what `save_pixels` wrote: on the processor, ready to use.

    Raises:
        UserError: the file is missing, damaged, too large or of another kind.
    """
    network: nn.Module = load_network(path, KINDS)[1]
    if not isinstance(network, PixelNetwork):
        raise UserError(N_("This file does not contain a picture model."))
    return network


def gated_weights(network: GatedPixelCNN) -> GatedWeights:
    """Copies, whatever the order in memory of the network's own."""
    first, layers = network.first, _parts(network.layers)
    joints: list[Any] = [first.joint, *(layer.joint for layer in layers)]
    both: list[Any] = [first, *layers]
    n_taps, width = network.config.reach_px + 1, network.config.width
    return GatedWeights(
        first_vertical=_array(first.vertical.weight[:, 0].movedim(1, 0)),
        first_horizontal=_array(first.horizontal.weight[:, 0, 0]),
        vertical=_stacked([_row_taps(layer.vertical.weight) for layer in layers], n_taps, 2 * width, 1),
        horizontal=_stacked([_column_taps(layer.horizontal.weight) for layer in layers], n_taps, 2 * width, width),
        across=_stacked([joint.across.weight[:, :, 0, 0] for joint in joints]),
        out=_stacked([joint.out.weight[:, :, 0, 0] for joint in joints]),
        vertical_bias=_stacked([layer.vertical.bias for layer in both]),
        horizontal_bias=_stacked([layer.horizontal.bias for layer in both]),
        out_bias=_stacked([joint.out.bias for joint in joints]),
        labels=_stacked([joint.labels.weight for joint in joints]),
        skip=_skips(network),
        skip_bias=_array(sum((skip.bias for skip in _parts(network.skips)), torch.zeros(network.config.skip_width))),
        head=_head(network.head, network.config.head.n_mixtures),
    )


def _skips(network: GatedPixelCNN) -> FloatArray:
    config = network.config
    skips = [skip.weight[:, :, 0, 0] for skip in _parts(network.skips)]
    return _stacked(skips) if skips else np.zeros((config.n_layers, 0, config.width), np.float32)


def gated_memory(network: GatedPixelCNN, kinds: IntArray) -> GatedMemory:
    """Of passes of these kinds (M,), of which nothing is settled."""
    config, n = network.config, len(kinds)
    size, width, reach = config.size_px, config.width, config.reach_px
    return GatedMemory(
        _empty_pictures(n, size, config.first_reach_px),
        np.zeros((config.n_layers, reach + 1, n, (size + 2 * reach) * width), np.float32),
        np.zeros((config.n_layers, n, size, 2 * width), np.float32),
        np.zeros((config.n_layers, reach + 1, n, width), np.float32),
        *_kind_maps(network, kinds),
    )


def _kind_maps(network: GatedPixelCNN | RowLSTM, kinds: IntArray) -> tuple[FloatArray, IntArray]:
    """What each kind says about its places, once, and which of these maps is a pass's."""
    apart, map_of = np.unique(kinds, return_inverse=True)
    if network.kind_maps is None:
        return np.zeros((len(apart), 0, 0, 4 * network.config.width), np.float32), map_of
    with torch.no_grad():
        maps = network.kind_maps(torch.from_numpy(apart), network.config.size_px)
    return _array(maps.movedim(1, -1)), map_of


def row_weights(network: RowLSTM) -> RowWeights:
    """Copies, whatever the order in memory of the network's own."""
    config, layers = network.config, _parts(network.layers)
    reach, n_taps, width = config.first_reach_px, config.reach_px + 1, config.width
    seen = _seen(network.first)  # (D, 2R + 1, 2R + 1)
    return RowWeights(
        first_above=_array(seen[:, :reach].movedim(1, 0)),
        first_left=_array(seen[:, reach, :reach]),
        first_bias=_array(network.first.bias),
        inputs=_stacked([_column_taps(layer.inputs.weight) for layer in layers], n_taps, 4 * width, width),
        states=_stacked([layer.states.weight.movedim(1, 2).flatten(1) for layer in layers], 4 * width, 1),
        bias=_stacked([layer.inputs.bias for layer in layers], 4 * width),
        labels=_stacked([layer.labels.weight for layer in layers], config.n_classes, 4 * width),
        out=_stacked([layer.out.weight[:, :, 0, 0] for layer in layers], width, width),
        out_bias=_stacked([layer.out.bias for layer in layers], width),
        head=_head(network.head, config.head.n_mixtures),
    )


def row_memory(network: RowLSTM, kinds: IntArray) -> RowMemory:
    """Of passes of these kinds (M,), of which nothing is settled."""
    config, n = network.config, len(kinds)
    n_layers, size, width, reach = config.n_layers - 1, config.size_px, config.width, config.reach_px
    return RowMemory(
        _empty_pictures(n, size, config.first_reach_px),
        np.zeros((n_layers, n, (size + 2 * reach) * width), np.float32),
        np.zeros((n_layers, n, size, width), np.float32),
        np.zeros((n_layers, n, size, 4 * width), np.float32),
        np.zeros((n_layers, reach + 1, n, width), np.float32),
        *_kind_maps(network, kinds),
    )


def _parts(layers: nn.ModuleList) -> list[Any]:
    return list(layers)


def _empty_pictures(n: int, size: int, reach: int) -> FloatArray:
    return np.zeros((n, size + reach, size + 2 * reach), np.float32)


def _head(head: PixelHead, n_mixtures: int) -> HeadWeights:
    inner, last = head.inner, head.last
    return HeadWeights(
        _array(inner.weight[:, :, 0, 0]),
        _array(inner.bias),
        _array(last.weight[:, :, 0, 0]),
        _array(last.bias),
        n_mixtures,
    )


def _seen(conv: MaskedConv2d) -> Tensor:
    return (conv.weight * conv.mask)[:, 0]


def _row_taps(weight: Tensor) -> Tensor:
    """(2D, D, rows, columns) to a matrix for each row, (rows, 2D, columns D)."""
    return weight.permute(2, 0, 3, 1).flatten(2)


def _column_taps(weight: Tensor) -> Tensor:
    """(n out, D, 1, columns) to a matrix for each column, (columns, n out, D)."""
    return weight[:, :, 0].permute(2, 0, 1)


def _stacked(parts: list[Tensor], *shape: int) -> FloatArray:
    """All layers' arrays as one; `shape` is that of a part where there may be none."""
    return np.stack([_array(part) for part in parts]) if parts else np.zeros((0, *shape), np.float32)


def _array(weight: Tensor | nn.Parameter | None) -> FloatArray:
    assert weight is not None
    return np.ascontiguousarray(weight.detach().float().cpu().numpy())
