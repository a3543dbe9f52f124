"""Writes broken and hostile files of every kind, for all tests that open files."""

import contextlib
import io
import json
import os
import pickle
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.core.container.exported import FOREIGN, box, chunk, riff, with_text

CANARY_NAME = "canary"
VAE_CARD = {
    "id": "vae/letterforms",
    "title": "Letterforms",
    "task": "letters",
    "licence": "MIT",
    "data": "fonts",
    "n_params": 9,
}
VAE_SHAPES = {
    "encoder.0.weight": (16, 1, 4, 4),
    "encoder.0.bias": (16,),
    "decoder.0.weight": (32, 16),
    "decoder.0.bias": (32,),
}


def write_hostile_files(folder: Path) -> list[Path]:
    """Write at least forty files and folders into `folder`, none of which may open, and return their paths.

    Some of them would create the file `canary` in `folder` if anything in them were executed.
    """
    paths = []
    for name, data in _file_contents(folder):
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
        if name.startswith("vae_"):
            path.with_suffix(".json").write_text(json.dumps(VAE_CARD), encoding="utf-8")
    return [*paths, *_odd_names(folder), *_special_files(folder), *_folders(folder)]


def _file_contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    call = _Call(f"touch '{folder / CANARY_NAME}'")
    for group in (
        _pickles(call),
        _torch_files(call),
        _safetensors(),
        _zips(),
        _numpy_files(),
        _pictures(),
        _exports(),
        _texts(),
    ):
        yield from group.items()
    yield "empty.safetensors", b""
    yield "random.bin", random.Random(7).randbytes(10_000_000)
    yield "zeros.pt", bytes(5000)


class _Call:
    """Unpickling it runs a command."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


def _pickles(call: _Call) -> dict[str, bytes]:
    command = call.command.encode()
    deep_key = b"\x80\x04" + b"(" * 100_000 + b"t" * 100_000 + b"N\x86\x85\x81."
    return {
        "call.pkl": pickle.dumps(call),
        "call_as_text.pkl": pickle.dumps(call, protocol=0),
        "call_by_inst.pt": b"(S'" + command.replace(b"'", b'"') + b"'\nios\nsystem\n.",
        "eval.ckpt": b"\x80\x04cbuiltins\neval\n(Vopen('canary','w')\ntR.",
        "deep.pkl": deep_key,
        "cut.pkl": pickle.dumps({"a": list(range(100))})[:50],
        "harmless.pkl": pickle.dumps({"a": 1}),
        "legacy.pt": pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(call, 2),
    }


def _zip(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return buffer.getvalue()


def torch_zip(pickled: bytes, weights: bytes = bytes(16), key: str = "0") -> bytes:
    """A file as torch.save writes it, around any pickle."""
    return _zip({"a/data.pkl": pickled, f"a/data/{key}": weights, "a/version": b"3\n"})


def pickled_tensor(
    n_stored: int, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], key: str = "0"
) -> bytes:
    """The pickle of {"w": a float32 tensor} as torch.save writes it; the numbers may be impossible."""

    def plain(value: object) -> bytes:
        return pickle.dumps(value, 2)[2:-1]  # without PROTO and STOP

    storage = b"(" + plain("storage") + b"ctorch\nFloatStorage\n" + plain(key) + plain("cpu") + plain(n_stored) + b"tQ"
    view = plain(offset) + plain(shape) + plain(stride)
    tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + view + b"\x89}tR"
    return b"\x80\x02}" + plain("w") + tensor + b"s."


def _torch_files(call: _Call) -> dict[str, bytes]:
    nest = (
        b"\x80\x02]q\x00"
        + b"".join(b"](" + (b"h" + bytes([i])) * 9 + b"eq" + bytes([i + 1]) for i in range(200))
        + b"."
    )
    return {
        "call.pt": torch_zip(pickle.dumps({"w": call}, 2)),
        "call_new.pt": torch_zip(b"\x80\x02csubprocess\nPopen\n)\x81."),
        "call_build.pt": torch_zip(b"\x80\x02cos\nenviron\n}b."),
        "call_hidden.pt": torch_zip(b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R."),
        "sound_call_beside.pt": _zip({"a/data.pkl": b"\x80\x02}.", "b/data.pkl": pickle.dumps(call)}),
        "huge_shape.pt": torch_zip(pickled_tensor(4, 0, (10**6, 10**6), (10**6, 1))),
        "huge_storage.pt": torch_zip(pickled_tensor(10**12, 0, (4,), (1,))),
        "negative.pt": torch_zip(pickled_tensor(4, -4, (4,), (1,))),
        "far_view.pt": torch_zip(pickled_tensor(4, 0, (2, 2), (9, 1))),
        "outside.pt": torch_zip(pickled_tensor(4, 0, (4,), (1,), key="../../../etc/passwd")),
        "nan.pt": torch_zip(pickled_tensor(4, 0, (4,), (1,)), np.full(4, np.nan, np.float32).tobytes()),
        "laughs.pt": torch_zip(nest),
        "no_weights.pt": torch_zip(b"\x80\x02}."),
        "script.pt": _zip({"a/data.pkl": b"\x80\x02}.", "a/code/__torch__.py": b"import os", "a/constants.pkl": b"N."}),
        "cut.pt": torch_zip(pickled_tensor(4, 0, (4,), (1,)))[:-30],
    }


def safetensors_file(header: Any, data: bytes = b"") -> bytes:
    """A safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def vae_weights(value: float, scale: int = 1) -> bytes:
    """A sound safetensors file in the shape of a small VAE, but for its values; `scale` makes shapes lie."""
    header, position, data = {}, 0, b""
    for name, shape in VAE_SHAPES.items():
        weights = np.full(shape, value, np.float32).tobytes()
        end = position + len(weights) * scale
        sizes = [shape[0] * scale, *shape[1:]]
        header[name] = {"dtype": "F32", "shape": sizes, "data_offsets": [position, end]}
        position, data = end, data + weights
    return safetensors_file(header, data)


def _safetensors() -> dict[str, bytes]:
    def one(begin: int, end: int, shape: Any, dtype: str = "F32") -> dict[str, Any]:
        return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}

    sound = vae_weights(0.5)
    bad_half = np.array([0x7FC0, 0], np.uint16).tobytes()
    return {
        "vae_nan.safetensors": vae_weights(float("nan")),
        "vae_huge.safetensors": vae_weights(0.5, scale=10**9),
        "vae_cut.safetensors": sound[: len(sound) // 2],
        "vae_cut_header.safetensors": sound[:60],
        "claim_1e12.safetensors": struct.pack("<Q", 10**12) + b'{"a":{"dtype"',
        "claim_64bit.safetensors": b"\xff" * 8 + b'{"a":{"dtype"',
        "overlap.safetensors": safetensors_file({"a": one(0, 8, [2]), "b": one(4, 12, [2])}, bytes(12)),
        "gap.safetensors": safetensors_file({"a": one(0, 8, [2]), "b": one(12, 20, [2])}, bytes(20)),
        "negative.safetensors": safetensors_file({"a": one(-8, 0, [2])}, bytes(8)),
        "backwards.safetensors": safetensors_file({"a": one(8, 0, [2])}, bytes(8)),
        "negative_shape.safetensors": safetensors_file({"a": one(0, 8, [-1, -2])}, bytes(8)),
        "huge_shape.safetensors": safetensors_file({"a": one(0, 8, [10**9, 10**9])}, bytes(8)),
        "wrapping_shape.safetensors": safetensors_file({"a": one(0, 8, [2**63, 2**63, 2])}, bytes(8)),
        "text_shape.safetensors": safetensors_file({"a": one(0, 8, ["2"])}, bytes(8)),
        "unknown_type.safetensors": safetensors_file({"a": one(0, 8, [2], "Q99")}, bytes(8)),
        "rest.safetensors": safetensors_file({"a": one(0, 8, [2])}, bytes(9)),
        "list.safetensors": safetensors_file(b"{}[]"),
        "metadata.safetensors": safetensors_file({"__metadata__": {"a": 1}}),
        "deep.safetensors": safetensors_file(b'{"a":' * 50_000 + b"1" + b"}" * 50_000),
        "twice.safetensors": safetensors_file(b'{"a":1,"a":2}'),
        "quotes.safetensors": safetensors_file(b'{"' + b'\\"' * 200_000),
        "million.safetensors": safetensors_file(b"{" + b",".join(b'"%d":{}' % i for i in range(350_000)) + b"}"),
        "nan_bfloat16.safetensors": safetensors_file({"a": one(0, 4, [2], "BF16")}, bad_half),
    }


def _packed_zeros(n_bytes: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(n_bytes >> 20)) + packer.flush()


def _raw_zip(name: str, packed: bytes, n_unpacked: int, method: int = 8, flags: int = 0, n_entries: int = 1) -> bytes:
    """A zip file that may lie: one member, listed `n_entries` times under different names."""
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, flags, method, 0, 0, 0, len(packed), n_unpacked, len(name), 0)
    directory = b""
    for index in range(n_entries):
        entry = name if index == 0 else f"{index}{name}"
        sizes = (0, len(packed), n_unpacked, len(entry), 0, 0, 0, 0, 0, 0)
        directory += struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, flags, method, 0, 0, *sizes) + entry.encode()
    body = local + name.encode() + packed
    return (
        body + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, n_entries, n_entries, len(directory), len(body), 0)
    )


def _zips() -> dict[str, bytes]:
    zeros = _packed_zeros(320 << 20)
    inner = _zip({"a.zip": _zip({"a.zip": b"PK\3\4"}, zipfile.ZIP_DEFLATED)}, zipfile.ZIP_DEFLATED)
    absurd_directory = bytearray(_zip({"a.npy": npy(np.zeros(2))}) + bytes(1 << 20))
    absurd_directory += struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 9, 9, 0xF0000000, 0, 0)
    long_directory = _zip({f"{i:0200}.npy": b"" for i in range(12_000)})
    return {
        "bomb.npz": _raw_zip("a.npy", zeros, 320 << 20),
        "lying_bomb.npz": _raw_zip("a.npy", zeros[:1000], 0xF0000000),
        "overlapping_bomb.npz": _raw_zip("a.npy", zeros[:5000], 1 << 20, n_entries=200),
        "nested.zip": inner,
        "outside.npz": _zip({"../../evil.npy": npy(np.zeros(2))}),
        "windows_outside.npz": _zip({"..\\..\\evil.npy": npy(np.zeros(2))}),
        "absolute.npz": _zip({"/etc/evil.npy": npy(np.zeros(2))}),
        "drive.npz": _zip({"C:\\evil.npy": npy(np.zeros(2))}),
        "encrypted.npz": _raw_zip("a.npy", b"secret", 6, method=0, flags=1),
        "lzma.npz": _zip({"a.npy": npy(np.zeros(2))}, zipfile.ZIP_LZMA),
        "absurd_directory.npz": bytes(absurd_directory),
        "long_directory.npz": long_directory,
        "cut.npz": _zip({"a.npy": npy(np.zeros(2))})[:-9],
        "crc.npz": _zip({"a.npy": npy(np.ones(2))}).replace(npy(np.ones(2)), npy(np.zeros(2))),
        "document.docx": _zip({"word/document.xml": b"<x/>"}),
    }


def _recordings() -> dict[str, bytes]:
    run = {
        "model_id": "vae/digits",
        "params": {},
        "seed": 1,
        "backend": {},
        "model_hash": "",
        "kind": "run",
        "title": "",
        "branch": None,
        "id": "1f",
        "state": {},
        "fps": 30.0,
    }

    def told(version: Any = 1, n_frames: Any = 1, **changes: Any) -> bytes:
        text = {"format": "manifold-studio frames", "version": version, "n_frames": n_frames, "info": run | changes}
        return _zip({"manifest.json": json.dumps(text).encode(), "frames/00000.json": b"{}"})

    return {
        "path.frames": told(model_id="../../etc/passwd"),
        "absolute.frames": told(model_id="/home/someone/evil.pt"),
        "newer.frames": told(version=99),
        "older.frames": told(version=0),
        "odd_version.frames": told(version="1; import os"),
        "many_frames.frames": told(n_frames=10**15),
        "negative.frames": told(n_frames=-1),
        "parent.frames": told(branch={"parent_id": "../../x", "step": 0}),
        "title.frames": told(title="x" * 1_000_000),
        "never.frames": told(fps=-1.0),
        "not_a_number.frames": told(fps=float("nan")),
        "params.frames": told(params=[1]),
        "deep.frames": _zip({"manifest.json": b"[" * 100_000}),
        "manifest_bomb.frames": _raw_zip("manifest.json", _packed_zeros(64 << 20), 64 << 20),
        "outside.frames": _zip({"manifest.json": b"{}", "../../frames/00000.json": b"{}"}),
        "cut.frames": told()[:-30],
    }


def npy(array: Any) -> bytes:
    """The bytes of a .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def _npy_header(text: bytes, data: bytes = b"") -> bytes:
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + data


def _numpy_files() -> dict[str, bytes]:
    huge = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }\n"
    code = b"{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os').system('touch canary'),), }\n"
    structured = np.zeros(2, [("a", "f4"), ("b", "i4")])
    return {
        "objects.npz": _zip({"a.npy": npy(np.array([{"a": 1}], object))}),
        "objects.npy": npy(np.array([{"a": 1}], object)),
        "huge.npz": _zip({"a.npy": _npy_header(huge)}),
        "code.npy": _npy_header(code),
        "long_header.npy": _npy_header(b"{'descr': " + b" " * 60_000),
        "parentheses.npy": _npy_header(b"(" * 4000),
        "structured.npy": npy(structured),
        "nan.npz": _zip({"a.npy": npy(np.array([1, np.nan]))}),
        "cut.npy": npy(np.zeros(100))[:-50],
        "text.npz": _zip({"a.npy": b"hello"}),
    }


def png_file(chunks: list[tuple[bytes, bytes]], width_px: int = 1, height_px: int = 1) -> bytes:
    """A grey PNG with the given chunks between header and end."""
    header = (b"IHDR", struct.pack(">2I5B", width_px, height_px, 8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n"
    for kind, body in (header, *chunks, (b"IEND", b"")):
        data += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return data


def _pictures() -> dict[str, bytes]:
    pixels = (b"IDAT", zlib.compress(b"\0\x80"))

    def noted(text: str) -> bytes:
        return png_file([(b"tEXt", b"manifold_studio\0" + text.encode()), pixels])

    bomb = zlib.compress(b'"' + b" " * (30 << 20) + b'"', 9)
    return {
        "path.png": noted('{"model": "../../etc/passwd", "seed": 1}'),
        "absolute.png": noted('{"model": "/home/someone/evil.pt"}'),
        "dots.png": noted('{"model": "vae/..", "seed": 1}'),
        "newline.png": noted('{"model": "vae/digits\\n", "seed": 1}'),
        "seed.png": noted('{"model": "vae/digits", "seed": "__import__(1)"}'),
        "params.png": noted('{"model": "vae/digits", "params": [1]}'),
        "deep.png": noted("[" * 30_000),
        "text_bomb.png": png_file([(b"zTXt", b"manifold_studio\0\0" + bomb), pixels]),
        "international_bomb.png": png_file([(b"iTXt", b"manifold_studio\0\1\0\0\0" + bomb), pixels]),
        "long_text.png": png_file([(b"tEXt", b"manifold_studio\0" + b" " * (2 << 20)), pixels]),
        "pixel_bomb.png": png_file([pixels], 60_000, 60_000),
        "flat_bomb.png": png_file([pixels], 2_000_000, 1),
        "corrupt_pixel.png": png_file([(b"IDAT", b"\x78\x9c\xff\xff")]),
        "cut.png": png_file([pixels])[:40],
        "cut.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
        "phone.heic": b"\0\0\0\x18ftypheic" + bytes(50),
        "laughs.svg": b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "&b;&b;">]><svg>&a;</svg>',
    }


def _exports() -> dict[str, bytes]:
    """Videos, sounds and moving pictures that lie about what made them."""
    kinds = ("gif", "mp4", "wav", "webp", "svg", "npz")
    lies = {f"lie_{n}.{kind}": with_text(kind, text) for kind in kinds for n, text in enumerate(FOREIGN[:4])}
    return lies | {
        "huge_box.mp4": box(b"ftyp", b"isom") + struct.pack(">I4sQ", 1, b"moov", (1 << 64) - 1),
        "boxes.mp4": box(b"ftyp", b"isom") + box(b"free", b"") * 200_000,
        "chunks.webp": riff(b"WEBP", chunk(b"ABCD", b"") * 300_000),
        "huge_list.wav": riff(b"WAVE", chunk(b"LIST", b"INFO", 1 << 31)),
        "long_comment.gif": with_text("gif", "x" * (3 << 20)),
        "cut.mp4": with_text("mp4", '{"model": "vae/digits"}')[:-5],
        "holiday.mp4": box(b"ftyp", b"isom") + box(b"moov", b""),
    }


def _texts() -> dict[str, bytes]:
    return {
        "deep.json": b"[" * 100_000,
        "deep_object.json": b'{"a":' * 100_000,
        "large.json": b'["' + b"x" * (5 << 20) + b'"]',
        "many.json": b"[" + b"1," * 400_000 + b"1]",
        "number.json": b"[" + b"9" * 100_000 + b"]",
        "not_a_number.json": b'{"a": NaN}',
        "cut.json": b'{"id": "vae/digits", ',
        "path_card.json": json.dumps(VAE_CARD | {"id": "../../evil"}).encode(),
        "half_character.json": b'{"id": "\\ud800"}',
        "utf16.json": '{"id": "vae/digits"}'.encode("utf-16"),
        "script.sh": b"#!/bin/sh\ntouch canary\n",
        "program.safetensors": b"\x7fELF" + bytes(100),
        "bomb.gz": b"\x1f\x8b" + bytes(100),
    }


def _odd_names(folder: Path) -> list[Path]:
    names = [
        "zeile\numbruch.pt",
        "schrägstrich\\windows.npz",
        "ünïcödé 字.png",
        "x" * 240 + ".json",
        "-rf",
        "%s{name}.pt",
    ]
    paths = [folder / name for name in names]
    if os.name == "posix":
        paths.append(Path(os.fsdecode(os.fsencode(folder / "half") + b"\xff.pt")))
    written = []
    for path in paths:
        with contextlib.suppress(OSError):  # not every file system takes every name
            path.write_bytes(b"nothing that anybody knows\n")
            written.append(path)
    return written


def _special_files(folder: Path) -> list[Path]:
    sparse = folder / "sparse.safetensors"
    with sparse.open("wb") as file:
        file.truncate(10 << 30)
    if os.name != "posix":
        return [sparse]
    links: dict[str, str | Path] = {
        "zero.pt": "/dev/zero",
        "loop.json": folder / "loop.json",
        "nowhere.npz": folder / "not there",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.safetensors")
    return [sparse, folder / "pipe.safetensors", *(folder / name for name in links)]


def _folders(folder: Path) -> list[Path]:
    unknown, empty, circle, broken = (folder / name for name in ("unknown", "empty", "circle", "broken"))
    for path in (unknown, empty, circle, broken):
        path.mkdir()
    (unknown / "notes.txt").write_text("nothing", encoding="utf-8")
    (broken / "config.json").write_bytes(b"[" * 100_000)
    if os.name == "posix":
        (circle / "again").symlink_to(circle)
    return [unknown, empty, circle, broken]
