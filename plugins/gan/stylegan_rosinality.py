"""Gives the arrays of rosinality's StyleGAN2 for PyTorch the names that NVIDIA's files use."""

import math
import re
from collections.abc import Mapping
from typing import Final

from studio.core.container.pickle_reader import PickledTensor
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.text import N_

Tensors = dict[str, PickledTensor]
_PARTS: Final = {
    "conv.weight": "weight", "conv.modulation.weight": "affine.weight", "conv.modulation.bias": "affine.bias",
    "noise.weight": "noise_strength", "activate.bias": "bias", "bias": "bias", "conv.blur.kernel": "resample_filter",
}  # fmt: skip
_LAYER: Final = re.compile(r"(conv1|to_rgb1|convs\.\d{1,2}|to_rgbs\.\d{1,2})\.(.+)")
_MAPPING: Final = re.compile(r"style\.(\d{1,2})\.(weight|bias)")
_NOISE: Final = re.compile(r"noises\.noise_(\d{1,2})")


def is_rosinality(state: Mapping[str, PickledTensor]) -> bool:
    """Whether the names are those of rosinality's generator."""
    return {"input.input", "conv1.conv.weight", "style.1.weight"} <= set(state)


def named_as_nvidia(state: Tensors, mean_w: PickledTensor | None) -> tuple[Tensors, dict[str, float]]:
    """The arrays by NVIDIA's names, and what some have to be multiplied by.

    Weights of 3x3 pixels are scaled when they are used, filters have the sum 4 and not 1, and all have a first axis of
    one. Raises UserError for a name that is not known.
    """
    tensors: Tensors = {} if mean_w is None else {"mapping.w_avg": _flat(mean_w)}
    scales: dict[str, float] = {}
    for name, tensor in state.items():
        if name.endswith(".upsample.kernel"):  # the same filter that the block's first layer has
            continue
        ours = _renamed(name)
        tensors[ours] = shaped = _reshaped(ours, tensor)
        if ours.endswith(".weight") and ".conv" in ours and len(shaped.shape) == 4:
            scales[ours] = 1 / math.sqrt(math.prod(shaped.shape[1:]))
        elif ours.endswith(".resample_filter"):
            scales[ours] = 0.25
    return tensors, scales


def _renamed(name: str) -> str:
    if name == "input.input":
        return "synthesis.b4.const"
    if match := _MAPPING.fullmatch(name):
        return f"mapping.fc{int(match[1]) - 1}.{match[2]}"
    if match := _NOISE.fullmatch(name):
        return f"synthesis.{_conv(int(match[1]))}.noise_const"
    match = _LAYER.fullmatch(name)
    if match and match[2] in _PARTS:
        return f"synthesis.{_place(match[1])}.{_PARTS[match[2]]}"
    raise UserError(N_("This generator has a part “{name}” that is not read here.").format(name=printable(name)))


def _place(layer: str) -> str:
    """The block and the layer in it: conv1 is that of 4 px, convs.0 the first of 8 px."""
    kind, _, number = layer.partition(".")
    if kind == "conv1":
        return _conv(0)
    if kind == "convs":
        return _conv(int(number) + 1)
    return f"b{4 << (int(number) + 1 if number else 0)}.torgb"


def _conv(index: int) -> str:
    """The layer by its number among all convolutions with 3x3 pixels."""
    return f"b{4 << (index + 1) // 2}.conv{(index + 1) % 2}"


def _reshaped(name: str, tensor: PickledTensor) -> PickledTensor:
    """Without axes of one that NVIDIA's arrays do not have."""
    n_axes = {"weight": 4, "const": 3, "noise_const": 2, "noise_strength": 0, "bias": 1, "resample_filter": 2}
    part = name.rpartition(".")[2]
    wanted = 2 if "affine" in name or "mapping" in name else n_axes[part]
    return _without_ones(tensor, 1 if part == "bias" else wanted)


def _flat(tensor: PickledTensor) -> PickledTensor:
    return _without_ones(tensor, 1)


def _without_ones(tensor: PickledTensor, n_axes: int) -> PickledTensor:
    """Axes of one are dropped, the first ones first, then the last ones, until so many are left."""
    shape, stride = list(tensor.shape), list(tensor.stride)
    for end in (0, -1):
        while len(shape) > n_axes and len(shape) == len(stride) and shape[end] == 1:
            del shape[end], stride[end]
    return PickledTensor(tensor.storage, tensor.dtype, tensor.offset, tuple(shape), tuple(stride))
