"""Weights in small files: large layers as whole numbers of one byte with a step for each output channel.

A tensor packed so is two in a safetensors file: KEY (int8) and KEY#step (float16, one for each row of the first axis).
"""

from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_

SMALLEST_INT8: Final = 512
STEP: Final = "#step"


def packed(key: str, value: Tensor) -> dict[str, Tensor]:
    """A network's tensor as a file holds it: weights of at least 512 numbers as int8, all else as float16."""
    value = value.detach().cpu().float()
    if not key.endswith(".weight") or value.dim() < 2 or value.numel() < SMALLEST_INT8:
        return {key: value.half().contiguous()}
    largest = value.flatten(1).abs().amax(1).clamp_min(1e-8)  # (C,)
    step = (largest / 127).half().clamp_min(1e-7)  # (C,) rounded before use, or the error would be its own
    rounded = (value / _along_first(step, value)).round().clamp(-127, 127)
    return {key: rounded.to(torch.int8).contiguous(), key + STEP: step}


def whole(key: str, value: Tensor) -> dict[str, Tensor]:
    """The same as float16 whatever its size, for what whole numbers of one byte are too coarse for."""
    return {key: value.detach().cpu().half().contiguous()}


def read_packed(file: Any, key: str, shape: tuple[int, ...]) -> Tensor:
    """One tensor of an open safetensors file as float32; its shape is checked before anything of it is read.

    Raises:
        UserError: it is missing, of another shape, or not all numbers.
    """
    pause()
    _check_shape(file, key, shape)
    value: Tensor = file.get_tensor(key)
    if value.dtype == torch.int8:
        _check_shape(file, key + STEP, shape[:1])
        value = value.float() * _along_first(file.get_tensor(key + STEP), value)
    value = value.float()
    if not bool(torch.isfinite(value).all()):
        raise UserError(
            N_("The model’s weights are not all numbers."), N_("Download the file again, or train the model again.")
        )
    return value


def packed_network(network: nn.Module, prefix: str) -> dict[str, Tensor]:
    """All tensors of a network as a file holds them, behind a prefix."""
    tensors: dict[str, Tensor] = {}
    for name, value in network.state_dict().items():
        tensors |= packed(prefix + name, value)
    return tensors


def fill_from_packed(network: nn.Module, file: Any, prefix: str) -> None:
    """Give a network the tensors that `packed_network` made; raises UserError where the file holds others."""
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    if packed_keys(set(file.keys())) != {prefix + name for name in wanted}:
        raise UserError(N_("The model’s file does not match the network it names."))
    tensors = {name: read_packed(file, prefix + name, shape) for name, shape in wanted.items()}
    network.load_state_dict(tensors, assign=True)


def packed_keys(keys: set[str]) -> set[str]:
    """The keys of the tensors that a file's keys stand for, those of steps left out."""
    return {key for key in keys if not (key.endswith(STEP) and key.removesuffix(STEP) in keys)}


def _along_first(step: Tensor, value: Tensor) -> Tensor:
    return step.float().view(-1, *[1] * (value.dim() - 1))


def _check_shape(file: Any, key: str, shape: tuple[int, ...]) -> None:
    if key not in file.keys() or tuple(file.get_slice(key).get_shape()) != tuple(shape):  # noqa: SIM118 - no dict
        raise UserError(N_("The model’s file does not match the network it names."))
