"""Large networks that let others have a turn between their layers."""

from typing import Final

from torch import Tensor, nn

from studio.core.pausing import pause

LARGE: Final = 6_000_000
"""Networks with so many numbers pause; the shipped ones are smaller, and soon done."""


def pause_between_layers(*networks: nn.Module, large: int = LARGE) -> bool:
    """Let networks that are large together pause after each layer, on the way back to gradients too.

    `large` is how many numbers they have then. Returns whether they are; what they compute stays the same.
    """
    tensors = [tensor for one in networks for tensor in (*one.parameters(), *one.buffers())]
    is_large = sum(tensor.numel() for tensor in tensors) >= large
    for layer in {layer for one in networks for layer in one.modules() if is_large}:
        layer.register_forward_hook(_after_layer)
    return is_large


def _after_layer(_layer: object, _inputs: object, said: object) -> None:
    pause()
    if isinstance(said, Tensor) and said.requires_grad:
        said.register_hook(_after_gradient)  # type: ignore[no-untyped-call]  # of torch


def _after_gradient(_gradient: object) -> None:
    pause()
