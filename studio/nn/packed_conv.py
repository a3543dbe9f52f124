"""Convolutions that keep their weights as the processor wants them, for networks that draw one picture at a time.

At one small picture torch sends most of them through a slow path, and lays out the weights of the others at each call.
"""

from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_ONEDNN: Final = torch.ops.mkldnn


class PackedWeight:
    """The weights of one convolution as oneDNN wants them for one picture, laid out when the first one comes.

    Only for weights that change no more, and for pictures of one size: torch itself takes others.
    """

    def __init__(self) -> None:
        self._laid_out: Tensor | None = None
        self._shape = torch.Size()

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy lays them out itself: torch cannot copy what oneDNN made."""
        return PackedWeight, ()

    def conv2d(self, x: Tensor, weight: Tensor, bias: Tensor | None, stride: int, padding: int) -> Tensor:
        """What torch's `conv2d` makes of x (B, C, H, W).

        Of one picture, where nobody asks for a gradient, it is that to 1e-6 of its largest number.
        """
        if len(x) > 1 or torch.is_grad_enabled() or x.dtype != torch.float32 or not x.is_cpu:
            return F.conv2d(x, weight, bias, stride, padding)
        way = (padding, padding), (stride, stride), (1, 1), 1
        if self._laid_out is None and can_pack():
            self._shape = x.shape
            self._laid_out = _ONEDNN._reorder_convolution_weight(weight, *way, x.shape)
        if x.shape != self._shape:
            return F.conv2d(x, weight, bias, stride, padding)
        y: Tensor = _ONEDNN._convolution_pointwise(x, self._laid_out, bias, *way, "none", [], "")
        return y


def can_pack() -> bool:
    """Whether this torch has the operations for it, which it does not promise to keep; a recording says so."""
    is_known = all(hasattr(_ONEDNN, name) for name in ("_reorder_convolution_weight", "_convolution_pointwise"))
    return is_known and bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]


class PackedConv2d(nn.Conv2d):
    """A convolution that has its weights twice: as they are saved and learnt from, and packed."""

    packed: PackedWeight

    def forward(self, x: Tensor) -> Tensor:
        """The same as before."""
        return self.packed.conv2d(x, self.weight, self.bias, self.stride[0], int(self.padding[0]))


def pack_convolutions(network: nn.Module) -> None:
    """Let the plain convolutions of a network pack their weights; `PackedWeight` says which networks may."""
    for layer in network.modules():
        if type(layer) is nn.Conv2d and _is_plain(layer):
            layer.__class__ = PackedConv2d
            layer.packed = PackedWeight()  # type: ignore[assignment]  # mypy goes by the class that it had


def _is_plain(layer: nn.Conv2d) -> bool:
    """Whether it is square, padded with zeros and nothing else."""
    plain = (layer.groups, layer.dilation, layer.padding_mode) == (1, (1, 1), "zeros")
    return plain and isinstance(layer.padding, tuple) and len({*layer.stride}) == len({*layer.padding}) == 1
