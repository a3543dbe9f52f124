"""Names the machine for cards and figures: its processor, cores and what speeds its matrix products up."""

import os
import platform
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch


def machine_name() -> str:
    """A few words: "AMD EPYC, 2 cores, avx512_bf16"; the graphics card's name where torch sees one."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name(0)
    features = processor_features()
    best = next((name for name in ("amx_bf16", "avx512_bf16", "avx512_f", "avx2") if features.get(name)), "")
    return ", ".join(part for part in (_processor(), f"{os.cpu_count()} cores", best) if part)


def processor_features() -> Mapping[str, Any]:
    """What the processor can do, by torch's names ("avx2"); empty where torch is too old to say (2.6 is)."""
    features: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return features


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


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
