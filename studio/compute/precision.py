"""Which precision a device trains in."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from studio.compute.machine import processor_features


def has_fast_bfloat16(device: torch.device) -> bool:
    """True where bfloat16 matrix products are quicker than float32 ones, in hardware."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    features = processor_features()
    return bool(features.get("avx512_bf16") or features.get("amx_bf16") or features.get("bf16"))


def training_autocast(device: torch.device) -> AbstractContextManager[Any]:
    """bfloat16 autocast where the device has it, float32 elsewhere."""
    if has_fast_bfloat16(device):
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()
