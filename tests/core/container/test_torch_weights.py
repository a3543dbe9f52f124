"""Numbers of torch.save files of both formats come out as torch reads them, and nothing in a file is run."""

import io
import os
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.container.weights.pickle_reader import PickledTensor, Storage, walk_tensors
from studio.core.container.weights.torch_file import LEGACY_MAGIC
from studio.core.container.weights.torch_weights import open_torch
from studio.core.error import UserError
from tests.core.container.hostile import CANARY_NAME


def saved(root: Any, is_legacy: bool) -> bytes:
    file = io.BytesIO()
    torch.save(root, file, _use_new_zipfile_serialization=not is_legacy)
    return file.getvalue()


def tensors() -> dict[str, Any]:
    base = torch.arange(24.0).view(4, 6)
    return {
        "whole": base,
        "turned": base.T,
        "part": base[1:3, 2:5],
        "double": torch.arange(3, dtype=torch.float64) / 3,
        "half": torch.tensor([1.5, -2.0], dtype=torch.float16),
        "single": torch.tensor(7.0),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.ones(2)),
    }


def read_all(path: Path) -> dict[str, Any]:
    with open_torch(path) as file:
        return {name: file.array(tensor) for name, tensor in walk_tensors(file.root)}


@pytest.mark.parametrize("is_legacy", [True, False], ids=["before 2020", "today"])
def test_arrays_are_what_torch_says(tmp_path: Path, is_legacy: bool) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(saved({"state": OrderedDict(tensors()), "step": 3, "name": "x"}, is_legacy))
    found = read_all(path)
    assert set(found) == {f"state.{name}" for name in tensors()}
    for name, tensor in tensors().items():
        np.testing.assert_array_equal(found[f"state.{name}"], tensor.detach().float().numpy())
        assert found[f"state.{name}"].dtype == np.float32
    with open_torch(path) as file:
        assert file.root["step"] == 3


class Call:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


@pytest.mark.parametrize("is_legacy", [True, False], ids=["before 2020", "today"])
def test_a_call_is_named_and_not_made(tmp_path: Path, is_legacy: bool) -> None:
    path = tmp_path / "evil.pt"
    path.write_bytes(saved({"a": torch.ones(3), "b": Call(f"touch '{tmp_path / CANARY_NAME}'")}, is_legacy))
    with pytest.raises(UserError, match="system"):
        read_all(path)
    assert not (tmp_path / CANARY_NAME).exists()


@pytest.mark.parametrize("is_legacy", [True, False], ids=["before 2020", "today"])
def test_other_types_of_number_are_refused(tmp_path: Path, is_legacy: bool) -> None:
    path = tmp_path / "weights.pt"
    for dtype in (torch.int64, torch.bfloat16):
        path.write_bytes(saved({"a": torch.ones(3, dtype=dtype)}, is_legacy))
        with pytest.raises(UserError, match="cannot be read"):
            read_all(path)


def legacy(root: bytes, keys: Any, data: bytes, system: Any = None, protocol: Any = 1001) -> bytes:
    """A file of the old format out of its parts; `root` is a pickle."""
    about = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}} if system is None else system
    parts = [pickle.dumps(part, 2) for part in (protocol, about)]
    return b"".join([LEGACY_MAGIC, *parts, root, pickle.dumps(keys, 2), data])


def pickled(key: str = "0", n_stored: int = 4, offset: int = 0, shape: Any = (2, 2), stride: Any = (2, 1)) -> bytes:
    """A pickle of a dict with one tensor "a", as torch writes it."""

    class Writer(pickle.Pickler):
        def persistent_id(self, thing: Any) -> Any:
            return thing.pid if isinstance(thing, Stand) else None

    class Stand:
        pid = ("storage", torch.FloatStorage, key, "cpu", n_stored, None)

    class Rebuilt:
        def __reduce__(self) -> tuple[Any, ...]:
            return torch._utils._rebuild_tensor_v2, (Stand(), offset, shape, stride, False, OrderedDict())

    file = io.BytesIO()
    Writer(file, 2).dump({"a": Rebuilt()})
    return file.getvalue()


NUMBERS = struct.pack("<q4f", 4, 1, 2, 3, 4)
HOSTILE: dict[str, bytes] = {
    "no pickle": LEGACY_MAGIC,
    "the wrong protocol": legacy(pickled(), ["0"], NUMBERS, protocol=7),
    "another byte order": legacy(pickled(), ["0"], NUMBERS, system={"little_endian": False}),
    "no word of the byte order": legacy(pickled(), ["0"], NUMBERS, system={}),
    "a system that is a list": legacy(pickled(), ["0"], NUMBERS, system=[1]),
    "no storages": legacy(pickled(), [], NUMBERS),
    "another storage": legacy(pickled(), ["1"], NUMBERS),
    "the same storage twice": legacy(pickled(), ["0", "0"], NUMBERS),
    "a storage called by a number": legacy(pickled(), [0], NUMBERS),
    "a storage called by a list": legacy(pickled(), [["0"]], NUMBERS),
    "storages that are a text": legacy(pickled(), "0", NUMBERS),
    "no numbers": legacy(pickled(), ["0"], b""),
    "too few numbers": legacy(pickled(), ["0"], NUMBERS[:-1]),
    "another count": legacy(pickled(), ["0"], struct.pack("<q4f", 5, 1, 2, 3, 4)),
    "a negative count": legacy(pickled(n_stored=-4), ["0"], struct.pack("<q4f", -4, 1, 2, 3, 4)),
    "a huge count": legacy(pickled(n_stored=1 << 60), ["0"], struct.pack("<q", 1 << 60)),
    "a view beyond the end": legacy(pickled(shape=(3, 3)), ["0"], NUMBERS),
    "a view that begins beyond the end": legacy(pickled(offset=9), ["0"], NUMBERS),
    "a negative offset": legacy(pickled(offset=-1), ["0"], NUMBERS),
    "a negative stride": legacy(pickled(stride=(-2, 1)), ["0"], NUMBERS),
    "a negative size": legacy(pickled(shape=(-2, 2)), ["0"], NUMBERS),
    "one number shown a billion times": legacy(pickled(shape=(1 << 30, 2), stride=(0, 1)), ["0"], NUMBERS),
    "strides that do not fit": legacy(pickled(stride=(1,)), ["0"], NUMBERS),
    "a pickle without an end": LEGACY_MAGIC + pickle.dumps(1001, 2) + b"\x80\x02(((((",
    "nested without end": legacy(b"\x80\x02" + b"]" * 300_000 + b".", [], b""),
    "no torch file": b"PK\x03\x04" + bytes(100),
    "nothing": b"",
}


def test_the_hand_made_file_is_sound_where_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(legacy(pickled(), ["0"], NUMBERS))
    assert read_all(path)["a"].tolist() == [[1, 2], [3, 4]]
    assert torch.load(path, weights_only=True)["a"].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    with pytest.raises(UserError):
        read_all(path)


def test_a_tensor_must_be_of_its_storage(tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    path.write_bytes(legacy(pickled(), ["0"], NUMBERS))
    with open_torch(path) as file, pytest.raises(UserError):
        file.array(PickledTensor(Storage("0", "float32", 4), "float64", 0, (2,), (1,)))
