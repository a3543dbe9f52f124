"""Names the machine for cards and figures: its processor, cores and what speeds its matrix products up."""

import os
import platform
from collections.abc import Mapping
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
