"""Pickles are read as data: what torch writes is understood, anything else is named and refused."""

import io
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.container.weights.pickle_reader import MAX_OPERATIONS, read_pickle, walk_tensors
from studio.core.error import UserError
from studio.core.inspection import inspect_file
from tests.core.container.hostile import pickled_tensor, torch_zip


class Foreign:
    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("executed",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_come_out_as_they_went_in(protocol: int) -> None:
    shared = [1, 2.5, None, True]
    value: dict[Any, Any] = {
        "a": shared,
        "again": shared,
        3: ("x", 10**30, -7),
        "empty": [(), {}, []],
        "long": list(range(2000)),
    }
    assert read_pickle(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_foreign_call_is_named_and_not_made(protocol: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match=r"print"):
        read_pickle(pickle.dumps({"a": [Foreign()]}, protocol))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x02cos\nsystem\n.",
        b"\x80\x02ctorch\nload\n(Vx\ntR.",
        b"\x80\x02ctorch.serialization\nFloatStorage\n.",
        b"\x80\x02(ios\nsystem\n.",
        b"\x80\x02(cos\nsystem\nVx\no.",
        b"\x80\x02\x82\x01.",
        b"\x80\x02Pkey\n.",
    ],
    ids=["global", "torch function", "wrong module", "INST", "OBJ", "EXT1", "PERSID"],
)
def test_other_ways_to_reach_a_program_are_refused(data: bytes) -> None:
    with pytest.raises(UserError, match="is not opened"):
        read_pickle(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b".",
        b"\x80\x02",
        b"\x80\x02h\x07.",
        b"\x80\x02t.",
        b"\x80\x02}]]s.",
        b"\x80\x02}(Va\nu.",
        b"\x80\x02Nb.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\nNR.",
        b"\x80\x02Va\nQ.",
        b"I" + b"9" * 5000 + b"\n.",
        b"S'\\q'\n.",
    ],
)
def test_nonsense_is_refused(data: bytes) -> None:
    with pytest.raises(UserError):
        read_pickle(data)


def test_bounds() -> None:
    with pytest.raises(UserError, match="too large"):
        read_pickle(b"\x80\x02" + b"N0" * MAX_OPERATIONS + b"N.")
    with pytest.raises(UserError, match="too large"):
        read_pickle(b"N" * (9 << 20))
    nested: Any = 1
    for _ in range(100):
        nested = [nested]
    with pytest.raises(UserError, match="too large"):
        list(walk_tensors(nested))


def checkpoint() -> dict[str, Any]:
    layers = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    adam = torch.optim.Adam(layers.parameters())
    layers(torch.ones(2, 1, 5, 5)).sum().backward()
    adam.step()
    return {
        "model": layers.state_dict(),
        "optimizer": adam.state_dict(),
        "step": 3,
        "device": torch.device("cpu"),
        "size": torch.Size([2, 3]),
        "dtype": torch.float32,
        "weight": torch.nn.Parameter(torch.zeros(2)),
        "view": torch.zeros(4, 4)[1:, ::2],
        "half": torch.zeros(3, dtype=torch.bfloat16),
        "short": torch.zeros(3, dtype=torch.uint16),
        "eighth": torch.zeros(3).to(torch.float8_e4m3fn),
    }


def tensors_in(value: Any, path: tuple[str, ...] = ()) -> dict[str, tuple[tuple[int, ...], str]]:
    if isinstance(value, torch.Tensor):
        return {".".join(path): (tuple(value.shape), str(value.dtype).removeprefix("torch."))}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {name: found for key, child in items for name, found in tensors_in(child, (*path, str(key))).items()}


def test_what_torch_saves_is_understood(tmp_path: Path) -> None:
    value = checkpoint()
    torch.save(value, tmp_path / "a.pt")
    report = inspect_file(tmp_path / "a.pt")
    assert report.format == "torch"
    assert {t.name: (t.shape, t.dtype) for t in report.tensors} == tensors_in(value)
    assert report.n_params == sum(int(np.prod(shape)) for shape, _ in tensors_in(value).values())


def test_a_whole_module_and_the_old_format_are_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2), tmp_path / "module.pt")
    assert "Linear" in inspect_file(tmp_path / "module.pt").why_not
    torch.save({"a": torch.zeros(2)}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    assert inspect_file(tmp_path / "old.pt").format == "torch-legacy"


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64])
def test_weights_that_are_no_numbers_are_found(tmp_path: Path, dtype: torch.dtype) -> None:
    weights = torch.ones(1000, dtype=dtype)
    torch.save({"w": weights}, tmp_path / "a.pt")
    assert "fine" in inspect_file(tmp_path / "a.pt").why_not
    weights[517] = float("inf")
    torch.save({"w": weights}, tmp_path / "a.pt")
    assert inspect_file(tmp_path / "a.pt").warnings == ("Some values are infinite.",)
    weights[998] = float("nan")
    torch.save({"w": weights}, tmp_path / "a.pt")
    assert "not numbers" in inspect_file(tmp_path / "a.pt").why_not


def test_our_own_torch_file_is_what_torch_reads() -> None:
    """The hostile files are built from this one: it must be sound as long as its numbers are."""
    data = torch_zip(pickled_tensor(4, 0, (2, 2), (2, 1)), np.arange(4, dtype=np.float32).tobytes())
    assert torch.load(io.BytesIO(data), weights_only=True)["w"].tolist() == [[0, 1], [2, 3]]


@pytest.mark.long("computes for long")
def test_what_is_remembered_cannot_be_handed_over_for_ever() -> None:
    many = io.BytesIO()
    many.write(
        b"\x80\x02]q\x00(" + b"X\x01\x00\x00\x00aK\x01\x86" * 20_000 + b"e0"
    )  # a list of 20,000 pairs, in memo 0
    many.write(b"(" + b"ccollections\nOrderedDict\nh\x00\x85R" * 10_000 + b"l.")
    data = many.getvalue()
    assert len(data) < 700_000
    with pytest.raises(UserError, match="too large"):
        read_pickle(data)


def test_long_texts_and_states_count_too() -> None:
    namespace = b"cargparse\nNamespace\n)\x81"
    state = (
        b"\x80\x02}q\x00("
        + b"".join(pickle.dumps(f"{n}", 2)[2:-1].split(b"q")[0] + b"K\x01" for n in range(9000))
        + b"u0"
    )
    with pytest.raises(UserError, match="too large"):
        read_pickle(state + b"(" + (namespace + b"h\x00b") * 400 + b"l.")
