"""Says on what a figure was measured."""

import os
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

import psutil

from studio.compute.thread import n_cores

# What decides the speed of a network on a processor.
_FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "neon", "asimd")


def machine() -> str:
    """One line: processor, cores, its vector instructions, memory, system, versions."""
    memory_gb = psutil.virtual_memory().total / 1e9
    flags = " ".join(flag for flag in _FLAGS if flag in _cpu_flags()) or "no known vector instructions"
    return f"{short()}; {flags}; {memory_gb:.1f} GB, {platform.system()} {platform.machine()}, load {_load()}"


def short() -> str:
    """Processor, cores, Python and torch."""
    versions = f"Python {platform.python_version()}, torch {version('torch')}"
    return f"{_cpu_name()}, {n_cores()} cores, {versions}"


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _cpu_name() -> str:
    match = re.search(r"^model name\s*:\s*(.+)$", _cpu_info(), re.MULTILINE)
    return match[1] if match else platform.processor() or platform.machine()


def _cpu_flags() -> set[str]:
    match = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", _cpu_info(), re.MULTILINE)
    return set(match[1].split()) if match else set()


def _cpu_info() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text() if sys.platform == "linux" and path.exists() else ""
