"""What a recording stores about where it was computed."""

import json
import platform
import sys
import types

import numpy as np
import torch

from studio.compute.device import Device


def test_a_backend_names_whatever_decides_the_last_bits(monkeypatch):
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    backend = Device("cpu", "float32", 3).backend()
    assert backend == {
        "device": "cpu",
        "precision": "float32",
        "threads": 3,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "platform": f"{sys.platform} {platform.machine()}",
    }
    assert json.loads(json.dumps(backend)) == backend


def test_numba_is_named_where_it_is_in_use(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", types.SimpleNamespace(__version__="0.61.0"))
    assert Device("cpu", "float32", 1).backend()["numba"] == "0.61.0"


def test_a_graphics_card_is_named_with_its_versions(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "Card")
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.backends.cudnn, "version", lambda: 91002)
    backend = Device("cuda", "float32", 1).backend()
    assert (backend["gpu"], backend["cuda"], backend["cudnn"]) == ("Card", "12.8", 91002)
