"""Chooses once where the numbers are computed, and says so in plain words.

torch is imported on first use only: the window names devices before torch is loaded.
"""

import importlib.metadata
import platform
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from studio.compute.launch import Launch, launch
from studio.compute.thread import use_threads
from studio.core.error import UserError
from studio.core.translation import N_, plural

if TYPE_CHECKING:
    import torch

DeviceKind = Literal["cpu", "cuda"]
Networks = Literal["torch", "onnxruntime"]


@dataclass(frozen=True)
class Device:
    """Where and how exactly models run; stored in every recording, since it decides the last bits."""

    kind: DeviceKind
    precision: Literal["float32"]
    n_threads: int
    networks: Networks = "torch"
    """What draws single pictures, where an engine has `exportable` parts for that."""

    @property
    def torch_device(self) -> "torch.device":
        """The device for tensors."""
        import torch

        return torch.device(self.kind)

    @property
    def title(self) -> str:
        """A few words for the status bar: "CPU · 2 threads · float32"."""
        if self.kind == "cuda":
            import torch

            return f"{torch.cuda.get_device_name(0)} · {self.precision}"
        threads = plural(N_("CPU · {n} thread"), N_("CPU · {n} threads"), self.n_threads)
        return f"{threads} · {self.precision}"

    @property
    def free_bytes(self) -> int:
        """Memory that is free for a model and what it computes with."""
        if self.kind == "cuda":
            import torch

            return int(torch.cuda.mem_get_info()[0])
        import psutil

        return psutil.virtual_memory().available

    def backend(self) -> dict[str, str | int]:
        """What a recording stores about it: everything that is known to change the last bits of a result."""
        import numpy as np
        import torch

        from studio.nn.packed_conv import can_pack

        found: dict[str, str | int] = {
            "device": self.kind,
            "precision": self.precision,
            "threads": self.n_threads,
            "torch": str(torch.__version__),
            "numpy": np.__version__,
            "numba": importlib.metadata.version("numba"),  # importing it takes a quarter of a second
            "cpu": torch.backends.cpu.get_cpu_capability(),
            "convolutions": "packed" if self.kind == "cpu" and can_pack() else "torch",
            "platform": f"{sys.platform} {platform.machine()}",
        }
        if self.kind == "cuda":
            found |= {
                "gpu": torch.cuda.get_device_name(0),
                "cuda": torch.version.cuda or "",
                "cudnn": torch.backends.cudnn.version() or 0,  # type: ignore[no-untyped-call]
            }
        return found


def choose_device(wish: str = "auto", n_threads: int = 0, networks: str = "torch") -> Device:
    """Return the device for `wish` ("auto", "cpu" or "cuda") where torch uses so many threads (0: all cores).

    With the `networks` "auto" ONNX Runtime draws single pictures where it is installed.
    """
    started = launch()
    count = use_threads(n_threads, 1 if started is None else started.n_local)
    import torch

    if wish == "cuda" and not torch.cuda.is_available():
        raise UserError(N_("No NVIDIA graphics card was found."), N_("Choose the device “cpu” or “auto”."))
    kind: DeviceKind = "cuda" if wish == "cuda" or (wish == "auto" and torch.cuda.is_available()) else "cpu"
    if started is not None:
        _take_card(kind, started)
    return Device(kind, "float32", count, _networks(kind, networks))


def _networks(kind: DeviceKind, wish: str) -> Networks:
    from studio.nn.exported import is_installed

    return "onnxruntime" if wish == "auto" and kind == "cpu" and is_installed() else "torch"


def _take_card(kind: DeviceKind, started: Launch) -> None:
    """Give each process of a launch a graphics card of its own."""
    import torch

    if kind != "cuda":
        return
    if started.local_rank >= torch.cuda.device_count():
        raise UserError(
            N_("There are more processes than graphics cards."),
            N_("Start at most {n} on this computer.").format(n=torch.cuda.device_count()),
        )
    torch.cuda.set_device(started.local_rank)


def size_text(n_bytes: int) -> str:
    """A number of bytes for people: "512 MB", "12.5 GB"."""
    if n_bytes < 1 << 30:
        return N_("{n:,} MB").format(n=round(n_bytes / (1 << 20)))
    return N_("{n:.1f} GB").format(n=n_bytes / (1 << 30))
