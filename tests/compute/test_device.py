"""What a recording stores about where it was computed."""

import importlib.metadata
import json
import platform
import sys

import numpy as np
import torch

from studio.compute.device import Device


def test_a_backend_names_whatever_decides_the_last_bits():
    backend = Device("cpu", "float32", 3).backend()
    assert backend == {
        "device": "cpu",
        "precision": "float32",
        "threads": 3,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "numba": importlib.metadata.version("numba"),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "convolutions": "packed",
        "platform": f"{sys.platform} {platform.machine()}",
    }
    assert json.loads(json.dumps(backend)) == backend


def test_a_backend_is_the_same_whatever_was_loaded_before(monkeypatch):
    before = Device("cpu", "float32", 1).backend()
    monkeypatch.setitem(sys.modules, "numba", None)
    assert Device("cpu", "float32", 1).backend() == before


def test_a_backend_says_where_convolutions_cannot_pack_their_weights(monkeypatch):
    monkeypatch.setattr("studio.nn.packed_conv.can_pack", lambda: False)
    assert Device("cpu", "float32", 1).backend()["convolutions"] == "torch"


def test_a_graphics_card_is_named_with_its_versions(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "Card")
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.backends.cudnn, "version", lambda: 91002)
    backend = Device("cuda", "float32", 1).backend()
    assert (backend["gpu"], backend["cuda"], backend["cudnn"]) == ("Card", "12.8", 91002)
    assert backend["convolutions"] == "torch"
