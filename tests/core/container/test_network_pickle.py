"""Pickles of networks are read as data: what NVIDIA's programs write is understood, all else is named and refused."""

import io
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.container.weights.network_pickle import open_network_pickle, part_tensors, read_networks
from studio.core.error import UserError
from studio.core.inspection import inspect_file
from tests.core.container.hostile import CANARY_NAME
from tests.core.container.hostile_networks import hostile_networks, network, part, sound_network, tensor, zip_storage
from tests.fixtures.network_pickle import EasyDict, Part, network_part, network_pickle

HOSTILE = hostile_networks()
PROTOCOLS = (2, 3, 4, 5)
HUNGRY = ("more operations than any network has", "a list of lists of lists", "parts of parts of parts")


@pytest.fixture(autouse=True)
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a file calls would leave a mark in the working folder, or go through a name that is watched here."""
    monkeypatch.chdir(tmp_path)

    def watched(*arguments: Any) -> None:
        (tmp_path / CANARY_NAME).touch()

    monkeypatch.setattr(os, "system", watched)
    yield
    assert not (tmp_path / CANARY_NAME).exists()


def small_network() -> torch.nn.Module:
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 60))
    layers.register_buffer("single", torch.tensor(0.5))
    layers.register_buffer("halves", torch.ones(3, dtype=torch.float16))
    return layers.eval()


def small_root(**changes: Any) -> dict[str, Any]:
    sizes = {
        "gain": np.sqrt(2),
        "size": np.array([36, 36]),
        "rate": np.float32(0.5),
        "on": np.bool_(True),
        "big": np.array([1.5], ">f8"),
        "shape": torch.Size([2, 3]),
        "kind": torch.float16,
        "bytes": b"\xff\x00",
    }
    network = network_part(small_network(), EasyDict(z_dim=3, conv_clamp=None), {"0": sizes})
    return {
        "training_set_kwargs": EasyDict(path="/data/faces.zip", xflip=True),
        "G": network,
        "D": None,
        "G_ema": network_part(small_network(), {}),
        **changes,
    }


def read_all(path: Path, key: str = "G_ema") -> dict[str, Any]:
    with open_network_pickle(path) as weights:
        return {
            name: weights.array(tensor)
            for name, tensor in part_tensors(weights.root[key]).items()
            if tensor.dtype != "int64"
        }


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_are_what_was_written(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "network.pkl"
    path.write_bytes(network_pickle(small_root(), protocol))
    state = {name: value for name, value in small_network().state_dict().items() if value.dtype != torch.int64}
    for key in ("G", "G_ema"):
        found = read_all(path, key)
        assert set(found) == set(state)
        for name, value in state.items():
            np.testing.assert_array_equal(found[name], value.float().numpy())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_everything_else_becomes_plain_data(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "network.pkl"
    path.write_bytes(network_pickle(small_root(), protocol))
    with open_network_pickle(path) as weights:
        root = weights.root
        assert type(root["training_set_kwargs"]) is dict
        assert root["training_set_kwargs"] == {"path": "/data/faces.zip", "xflip": True}
        assert root["G"]["class_name"] == "Generator"
        assert root["G"]["state"]["_init_kwargs"] == {"z_dim": 3, "conv_clamp": None}
        layer = root["G"]["state"]["_modules"]["0"]["state"]
    assert layer["gain"] == np.sqrt(2)
    assert layer["rate"] == 0.5
    assert layer["on"] is True
    assert layer["bytes"] == b"\xff\x00"
    assert layer["shape"] == (2, 3)
    assert layer["size"].shape == (2,)
    np.testing.assert_array_equal(np.frombuffer(layer["size"].data, layer["size"].dtype.numpy()), [36, 36])
    np.testing.assert_array_equal(np.frombuffer(layer["big"].data, layer["big"].dtype.numpy()), [1.5])


def test_modules_that_moved_are_known_by_their_ends(tmp_path: Path) -> None:
    path = tmp_path / "network.pkl"
    moved = "stylegan3.torch_utils.persistence", "vendor.stylegan3.dnnlib.util"
    path.write_bytes(network_pickle(small_root(), 4, *moved))
    assert "single" in read_all(path)


def test_an_inner_file_of_todays_format_is_read(tmp_path: Path) -> None:
    path = tmp_path / "network.pkl"
    path.write_bytes(network(part(tensor(stored=zip_storage()))))
    assert read_all(path)["a"].tolist() == [[1, 2], [3, 4]]


def test_the_hand_made_file_is_sound_where_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "network.pkl"
    path.write_bytes(sound_network())
    found = read_all(path)
    assert {name: array.tolist() for name, array in found.items()} == {"a": [[1, 2], [3, 4]], "b.a": [[1, 2], [3, 4]]}
    report = inspect_file(path)
    assert report.format == "pickle"
    assert "fine" in report.why_not
    assert [info.name for info in report.tensors] == ["G_ema.a", "G_ema.b.a"]


def test_there_are_at_least_sixty_hostile_files() -> None:
    assert len({data for data, _ in HOSTILE.values()}) >= 60


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_by_name(tmp_path: Path, name: str) -> None:
    data, named = HOSTILE[name]
    with pytest.raises(UserError) as refusal:
        read_networks(io.BytesIO(data))
    assert named in str(refusal.value)
    path = tmp_path / "network.pkl"
    path.write_bytes(data)
    report = inspect_file(path)
    assert not report.opens
    assert report.why_not.endswith(".")


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("name", HUNGRY)
def test_bombs_need_little_memory(name: str) -> None:
    data, _ = HOSTILE[name]
    tracemalloc.start()
    with pytest.raises(UserError):
        read_networks(io.BytesIO(data))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20


def test_numbers_stay_in_the_file_until_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "network.pkl"
    layers = torch.nn.Sequential(*[torch.nn.Linear(1024, 1024) for _ in range(8)])  # 32 MiB
    path.write_bytes(network_pickle({"G_ema": network_part(layers, {})}))
    del layers
    tracemalloc.start()
    with open_network_pickle(path) as weights:
        names = part_tensors(weights.root["G_ema"])
        assert len(names) == 16
        _, peak = tracemalloc.get_traced_memory()
        assert peak < 2 << 20
    tracemalloc.stop()


def test_one_array_in_two_places_is_read_from_one_place(tmp_path: Path) -> None:
    shared = torch.nn.Parameter(torch.arange(4000.0))
    parts = Part("Network", {})
    parts.state["_parameters"] |= {"a": shared, "b": shared}
    path = tmp_path / "network.pkl"
    path.write_bytes(network_pickle({"G_ema": parts}))
    assert path.stat().st_size < 20_000
    found = read_all(path)
    np.testing.assert_array_equal(found["a"], found["b"])
