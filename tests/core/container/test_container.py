"""Sound containers are read, and no change of their bytes brings out anything but a report or a sentence."""

import io
import json
import math
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.container.json_settings import Settings
from studio.core.container.json_text import parse_json
from studio.core.container.png_file import read_png_text
from studio.core.container.weights.npz_file import read_npy, read_npz
from studio.core.container.weights.pickle_reader import read_pickle, walk_tensors
from studio.core.container.weights.safetensors_file import read_safetensors
from studio.core.container.weights.tensor import NumberCheck, TensorInfo
from studio.core.container.weights.torch_file import read_torch_zip
from studio.core.container.zip_file import open_zip
from studio.core.error import UserError
from studio.core.inspection import inspect_file
from studio.core.picture import encode_png, read_picture
from tests.core.container.hostile import npy, pickled_tensor, safetensors_file, torch_zip

ARRAYS: dict[str, Any] = {
    "a": np.ones((3, 4), np.float32),
    "b/c": np.arange(6, dtype=np.int64),
    "d": np.zeros((0, 2), np.float16),
}
EXPECTED = {
    TensorInfo("a", "float32", (3, 4)),
    TensorInfo("b/c", "int64", (6,)),
    TensorInfo("d", "float16", (0, 2)),
}


def npz_bytes(compress: bool) -> bytes:
    buffer = io.BytesIO()
    (np.savez_compressed if compress else np.savez)(buffer, **ARRAYS)
    return buffer.getvalue()


def read_npz_bytes(data: bytes) -> object:
    with open_zip(io.BytesIO(data)) as archive:
        return read_npz(archive)


def read_torch_bytes(data: bytes) -> object:
    with open_zip(io.BytesIO(data)) as archive:
        return read_torch_zip(archive)


def test_safetensors() -> None:
    data = safetensors.numpy.save(ARRAYS, {"made by": "a test"})
    contents = read_safetensors(io.BytesIO(data))
    assert set(contents.tensors) == EXPECTED
    assert contents.metadata == {"made by": "a test"}
    assert contents.warnings == ()


@pytest.mark.parametrize("compress", [False, True])
def test_npz(compress: bool) -> None:
    with open_zip(io.BytesIO(npz_bytes(compress))) as archive:
        assert set(read_npz(archive).tensors) == EXPECTED


@pytest.mark.parametrize(
    "array",
    [
        np.float64(3),
        np.zeros((2, 3), order="F"),
        np.array(["ab", "c"]),
        np.array([b"ab"]),
        np.array([True]),
        np.ones(1, ">f4"),
    ],
    ids=["scalar", "fortran", "text", "bytes", "bool", "big endian"],
)
def test_npy(array: np.ndarray) -> None:
    assert read_npy(io.BytesIO(npy(array))).tensors[0].shape == np.shape(array)


@pytest.mark.parametrize("shape", ["2\f 2,", "9" * 4000, "2 2"])
def test_a_shape_of_no_numbers_is_refused(shape: str) -> None:
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape})}}".encode()
    for head in (text, text[:4090]):
        with pytest.raises(UserError):
            read_npy(io.BytesIO(b"\x93NUMPY\1\0" + len(head).to_bytes(2, "little") + head))


@pytest.mark.parametrize("value", [10**400, -(10**400), math.inf, math.nan, True, "1", [1]])
def test_a_setting_that_no_number_is_as_large_as_is_refused(value: Any) -> None:
    settings = Settings({"a": value, "b": [value]})
    for ask in (settings.number, settings.integer):
        with pytest.raises(UserError, match="cannot be"):
            ask("a")
    with pytest.raises(UserError, match="cannot be"):
        settings.numbers("b")


def test_nan_is_found_in_either_byte_order() -> None:
    for order in "<>":
        array = np.array([1.0, np.nan], f"{order}f4")
        with pytest.raises(UserError, match="NaN"):
            read_npy(io.BytesIO(npy(array)))
    harmless = np.array([0x0000C07F], "<u4").view("<f4")  # NaN only where the bytes are read backwards
    assert read_npy(io.BytesIO(npy(harmless))).warnings == ()


@pytest.mark.parametrize("code", ["F8_E4M3", "F8_E5M2", "F16", "BF16", "F32", "F64"])
def test_every_number_type_knows_its_nan(code: str) -> None:
    n_bytes = {"F8_E4M3": 1, "F8_E5M2": 1, "F16": 2, "BF16": 2, "F32": 4, "F64": 8}[code]
    header = {"w": {"dtype": code, "shape": [1], "data_offsets": [0, n_bytes]}}
    largest = {"F8_E4M3": b"\x7e", "F8_E5M2": b"\x7b", "F16": b"\xff\x7b", "BF16": b"\x7f\x7f"}
    sound = largest.get(code, b"\xff" * (n_bytes - 2) + b"\x7f\x00")
    assert read_safetensors(io.BytesIO(safetensors_file(header, sound))).warnings == ()
    with pytest.raises(UserError, match="NaN"):
        read_safetensors(io.BytesIO(safetensors_file(header, b"\xff" * n_bytes)))


def test_the_check_for_numbers_has_a_budget() -> None:
    check = NumberCheck(budget_bytes=8)
    check.scan(io.BytesIO(np.ones(2, np.float32).tobytes()).read, 8, "float32")
    assert check.warnings() == ()
    check.scan(io.BytesIO(np.full(2, np.nan, np.float32).tobytes()).read, 8, "float32")
    assert check.warnings() == ("Only the first part of this large file was checked for NaN.",)


@pytest.mark.long("computes for long")
def test_a_sparse_file_of_sound_weights_takes_seconds_at_most(tmp_path: Path) -> None:
    n_numbers = 2 << 30
    header = {"w": {"dtype": "F32", "shape": [n_numbers], "data_offsets": [0, 4 * n_numbers]}}
    path = tmp_path / "sparse.safetensors"
    start = safetensors_file(header)
    path.write_bytes(start)
    with path.open("r+b") as file:
        file.truncate(len(start) + 4 * n_numbers)
    report = inspect_file(path)
    assert report.n_params == n_numbers
    assert report.warnings


def test_json_bounds() -> None:
    assert parse_json('\ufeff{"a": [1, "x,[{\\"", null]}'.encode()) == {"a": [1, 'x,[{"', None]}
    assert parse_json(b'"' + b"," * 400_000 + b'"')
    for text in (b"", b"{", b"[1,]", b'{"a":1,"a":2}', b"[NaN]", b"\xff", b'["\\', b'["\\"]'):
        with pytest.raises(UserError):
            parse_json(text)


def _picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((9, 7), 60).convert("RGB").save(buffer, kind)
    return buffer.getvalue()


@cache
def samples() -> dict[str, tuple[bytes, Callable[[bytes], object]]]:
    """For every reader a small sound file."""
    stream = Callable[[bytes], object]

    def on_stream(read: Callable[[io.BytesIO], object]) -> stream:
        return lambda data: read(io.BytesIO(data))

    note = encode_png(np.zeros((3, 3, 3), np.uint8), {"model": "vae/digits", "seed": 3, "params": {"x": 0.5}})
    tensor = pickled_tensor(4, 0, (2, 2), (2, 1))
    card = json.dumps({"id": "vae/digits", "figures": {"a": [1.5, None]}}).encode()
    pictures = {kind: (_picture(kind), read_picture) for kind in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")}
    return {
        "safetensors": (safetensors.numpy.save(ARRAYS, {"x": "y"}), on_stream(read_safetensors)),
        "npy": (npy(np.ones((2, 2))), on_stream(read_npy)),
        "npz": (npz_bytes(False), read_npz_bytes),
        "packed npz": (npz_bytes(True), read_npz_bytes),
        "pickle": (tensor, lambda data: list(walk_tensors(read_pickle(data)))),
        "torch": (torch_zip(tensor), read_torch_bytes),
        "json": (card, parse_json),
        "noted png": (note, on_stream(read_png_text)),
        **pictures,
    }


few = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.parametrize("kind", samples())
def test_sound_files_are_read(kind: str) -> None:
    data, read = samples()[kind]
    read(data)


@few
@given(
    data=st.binary(max_size=600),
    start=st.sampled_from([b"", b"PK\3\4", b"\x89PNG\r\n\x1a\n", b"\x80\x02", b"{", b"(lp0\n"]),
)
def test_random_bytes_end_in_a_report(tmp_path: Path, data: bytes, start: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(start + data)
    assert inspect_file(path).why_not


def test_zip_members_keep_to_their_place() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a..b/c..npy", b"fine")
    with open_zip(buffer) as opened:
        assert opened.namelist() == ["a..b/c..npy"]
