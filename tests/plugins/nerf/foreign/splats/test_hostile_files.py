"""Broken and hostile files of every format end in a sentence, before memory is asked for."""

import gzip
import io
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from plugins.nerf.foreign.splats.reader import read_splats
from studio.core.error import UserError

from .compared import DATA

Files = Iterator[tuple[str, bytes]]
MOST_BYTES = 64 << 20


def data(name: str) -> bytes:
    return (DATA / name).read_bytes()


def cut(whole: bytes, *places: float) -> Files:
    for share in places:
        yield f"cut at {share}", whole[: int(share * len(whole))]


def replaced(whole: bytes, **changes: tuple[bytes, bytes]) -> Files:
    for name, (old, new) in changes.items():
        assert old in whole, name
        yield name, whole.replace(old, new, 1)


def ply_files() -> Files:
    whole = data("inria.ply")
    count = b"element vertex 20"
    yield from cut(whole, 0.05, 0.2, 0.3, 0.5, 0.9, 0.999)
    yield from replaced(
        whole,
        more=(count, b"element vertex 21"),
        millions=(count, b"element vertex 999999999999"),
        too_many=(count, b"element vertex 99999999999999999999"),
        negative=(count, b"element vertex -1"),
        none=(count, b"element vertex 0"),
        no_number=(count, b"element vertex x"),
        strange_type=(b"property float x", b"property quad x"),
        twice=(b"property float y", b"property float x"),
        no_scale=(b"property float scale_2", b"property float scale_9"),
        a_gap=(b"property float f_rest_7\n", b"property float f_rest_99\n"),
        no_degree=(b"property float f_rest_44\n", b"property float else_44\n"),
        list_before=(count, b"element face 3\nproperty list uchar int a\n" + count),
        list_within=(b"property float x\n", b"property list uchar int a\nproperty float x\n"),
        two_tables=(count, b"element vertex 3\n" + count),
        other_version=(b" 1.0\n", b" 2.0\n"),
        other_order=(b"binary_little_endian", b"binary_middle_endian"),
        no_end=(b"end_header", b"end_reader"),
        orphan=(count + b"\n", b""),
        much_before=(count, b"element other 999999999999\nproperty double a\n" + count),
    )
    yield "a head without end", b"ply\nformat ascii 1.0\n" + b"comment a\n" * 100_000
    yield (
        "nothing but numbers that are none",
        whole[: whole.index(b"end_header") + 11] + b"\xff" * 59 * 4 * 20 + b"\xff" * 240,
    )
    text = data("text.ply")
    yield from replaced(text, text_word=(b"end_header\n", b"end_header\nabc "), text_count=(b"vertex 20", b"vertex 99"))
    yield "a text cut short", text[: len(text) // 2]
    yield "a long line", text[: text.index(b"end_header") + 11] + b"1" * 10**6


def compressed_files() -> Files:
    whole = data("splat-transform.compressed.ply")
    yield from cut(whole, 0.1, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 0.99, 0.9999)
    yield from replaced(
        whole,
        no_chunks=(b"element chunk 1", b"element chunk 0"),
        many_chunks=(b"element chunk 1", b"element chunk 999999"),
        more=(b"element vertex 20", b"element vertex 9999999"),
        fewer_harmonics=(b"element sh 20", b"element sh 19"),
        none=(b"element vertex 20", b"element vertex 0"),
        text=(b"binary_little_endian", b"ascii"),
        signed=(b"property uint packed_position", b"property int packed_position"),
        half=(b"property uint packed_scale", b"property short packed_scale"),
        no_bound=(b"property float min_x", b"property float less_x"),
        no_scale_bound=(b"property float max_scale_z", b"property float more_scale_z"),
        half_a_colour=(b"property float max_g", b"property float more_g"),
        floats=(b"property uchar f_rest_3\n", b"property float f_rest_3\n"),
        a_gap=(b"property uchar f_rest_3\n", b"property uchar f_rest_99\n"),
        no_degree=(b"property uchar f_rest_44\n", b""),
        no_chunk_table=(b"element chunk", b"element lump"),
    )
    start = whole.index(b"end_header\n") + 11
    yield "bounds that are no numbers", whole[:start] + b"\xff" * 72 + whole[start + 72 :]
    yield "endless bounds", whole[:start] + struct.pack("<18f", *[3e38] * 18) + whole[start + 72 :]


def splat_files() -> Files:
    whole = data("ply2splat.splat")
    for n in (1, 7, 16, 24, 28, 31, 33, 47, 63, 95, 127, 300, 500, 633, 639):
        yield f"{n} bytes", whole[:n]
    yield "places that are no numbers", b"".join(b"\xff" * 12 + row[12:] for row in rows_of(whole))
    yield "places that have no end", b"".join(struct.pack("<3f", *[np.inf] * 3) + row[12:] for row in rows_of(whole))
    yield "negative sizes", b"".join(row[:12] + struct.pack("<3f", -1, -1, -1) + row[24:] for row in rows_of(whole))
    yield (
        "sizes without end",
        b"".join(row[:12] + struct.pack("<3f", *[np.inf] * 3) + row[24:] for row in rows_of(whole)),
    )
    yield "places beyond all", b"".join(struct.pack("<3f", *[3e38] * 3) + row[12:] for row in rows_of(whole))


def rows_of(whole: bytes) -> list[bytes]:
    return [whole[n : n + 32] for n in range(0, len(whole), 32)]


def spz_files() -> Files:
    whole = data("splat-transform-v3.spz")
    yield from cut(whole, 0.03, 0.2, 0.5, 0.8, 0.95)
    inner = gzip.decompress(whole)
    for name, place, value in (
        ("no version", 4, 0),
        ("a newer version", 4, 5),
        ("version 4 in gzip", 4, 4),
        ("too many", 8, 20_000_000),
        ("more than there are", 8, 21),
        ("none", 8, 0),
        ("as many as a number says", 8, 0xFFFFFFFF),
        ("what would unpack to gigabytes", 8, 6_400_000),
    ):
        yield name, gzip.compress(inner[:place] + struct.pack("<I", value) + inner[place + 4 :])
    for name, place, code in (("degree 5", 12, 5), ("degree 3", 12, 3), ("40 bits", 13, 40), ("an extension", 14, 2)):
        yield name, gzip.compress(inner[:place] + bytes([code]) + inner[place + 1 :])
    yield "another mark", gzip.compress(b"NGSQ" + inner[4:])
    yield "a head alone", gzip.compress(inner[:16])
    yield "half a head", gzip.compress(inner[:9])
    yield "a wrong sum", whole[:-20] + b"x" * 12 + whole[-8:]
    frames = data("splat-transform-v4.spz")
    yield from ((f"version 4 {name}", part) for name, part in cut(frames, 0.001, 0.01, 0.03, 0.1, 0.5, 0.99))
    for name, place, value in (
        ("too many", 8, 1 << 31),
        ("a table beyond the end", 16, 1 << 30),
        ("a table in the head", 16, 3),
        ("another count of frames", 12, 3),
        ("a frame of another size", 40, 999),
        ("a frame beyond the end", 32, 1 << 30),
    ):
        yield f"version 4 {name}", frames[:place] + struct.pack("<I", value) + frames[place + 4 :]


def sog_files() -> Files:
    whole = data("splat-transform.sog")
    yield from cut(whole, 0.01, 0.3, 0.6, 0.9, 0.99)
    changes: dict[str, dict[str, Any]] = {
        "a newer version": {"version": 3},
        "no count": {"count": None},
        "a count in words": {"count": "20"},
        "too many": {"count": 10**9},
        "more than there are pixels": {"count": 200_000},
        "none": {"count": 0},
        "no places": {"means": []},
        "no sizes": {"scales": None},
        "bounds in words": {"means.mins": ["a", 1, 2]},
        "two bounds": {"means.maxs": [1, 2]},
        "bounds that are no numbers": {"means.mins": [None, None, None]},
        "a short list": {"scales.codebook": [1.0, 2.0]},
        "a list of lists": {"sh0.codebook": [[1]] * 256},
        "a file elsewhere": {"quats.files": ["../quats.webp"]},
        "a file at the root": {"quats.files": ["/etc/passwd"]},
        "a file that is missing": {"quats.files": ["other.webp"]},
        "a file that is no picture": {"quats.files": ["meta.json"]},
        "no files": {"means.files": []},
        "one file of two": {"means.files": ["means_l.webp"]},
        "another degree": {"shN.bands": 3},
        "harmonics in one picture": {"shN.files": ["shN_labels.webp", "shN_labels.webp"]},
    }
    for name, change in changes.items():
        yield name, with_meta(whole, change)
    yield "no text", zipped({"means_l.webp": b""})
    yield "a text that is none", zipped({"meta.json": b'{"means" "quats" "sh0"'})
    yield "a large picture", with_members(whole, {"means_l.webp": flat(9000, 9000)})
    yield "a huge picture", with_members(whole, {"means_l.webp": flat(16000, 16000)})
    yield "rotations without a tag", with_members(whole, {"quats.webp": flat(8, 8, "RGBA")})
    yield "a small picture", with_members(whole, {"scales.webp": flat(2, 2)})
    yield "half a picture", with_members(whole, {"sh0.webp": flat(64, 64)[:24]})


def flat(width: int, height: int, mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (width, height)).save(buffer, "WEBP", lossless=True, exact=True, quality=0, method=0)
    return buffer.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def with_members(whole: bytes, members: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()} | members)


def with_meta(whole: bytes, changes: dict[str, Any]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        meta = json.loads(archive.read("meta.json"))
    for path, value in changes.items():
        *tables, name = path.split(".")
        table = meta
        for one in tables:
            table = table[one]
        table[name] = value
    return with_members(whole, {"meta.json": json.dumps(meta).encode()})


def gltf_files() -> Files:
    whole = data("splat-transform.glb")
    yield from cut(whole, 0.002, 0.01, 0.2, 0.5, 0.9, 0.999)
    yield "version 1", whole[:4] + struct.pack("<I", 1) + whole[8:]
    yield "a text without end", whole[:12] + struct.pack("<I", 1 << 31) + whole[16:]
    extension = {"KHR_gaussian_splatting": {"kernel": "cube"}}
    packed = {"KHR_gaussian_splatting": {"extensions": {"KHR_gaussian_splatting_compression_spz_2": {"bufferView": 0}}}}
    for name, change in {
        "another shape": ("meshes.0.primitives.0.extensions", extension),
        "packed": ("meshes.0.primitives.0.extensions", packed),
        "what it needs": ("extensionsRequired", ["EXT_meshopt_compression"]),
        "what it needs is no word": ("extensionsRequired", [[1]]),
        "no splats": ("meshes.0.primitives", []),
        "primitives that are none": ("meshes.0.primitives", 3),
        "no nodes": ("nodes", []),
        "a mesh that is not there": ("nodes.0.mesh", 7),
        "a node that holds itself": ("nodes", [{"mesh": 0, "children": [1]}, {"children": [1]}]),
        "nodes without end": ("nodes", [{"children": [n + 1] * 9} for n in range(30)] + [{"mesh": 0}]),
        "a child that is a word": ("nodes", [{"children": ["a"]}]),
        "a stretched scene": ("nodes.0.scale", [1, 2, 1]),
        "a mirrored scene": ("nodes.0.scale", [-1, 1, 1]),
        "a scene of no size": ("nodes.0.scale", [0, 0, 0]),
        "a short matrix": ("nodes.0.matrix", [1, 2, 3]),
        "a turn in words": ("nodes.0.rotation", "abcd"),
        "no places": ("meshes.0.primitives.0.attributes.POSITION", None),
        "another accessor": ("meshes.0.primitives.0.attributes.KHR_gaussian_splatting:SCALE", 99),
        "a missing coefficient": ("meshes.0.primitives.0.attributes.KHR_gaussian_splatting:SH_DEGREE_1_COEF_1", None),
        "many": ("accessors.0.count", 10**9),
        "too many for the buffer": ("accessors.0.count", 2000),
        "fewer sizes than places": ("accessors.3.count", 10),
        "a negative count": ("accessors.0.count", -5),
        "a type that is a list": ("accessors.0.componentType", [5126]),
        "whole numbers of 32 bits": ("accessors.0.componentType", 5125),
        "pairs": ("accessors.0.type", "VEC2"),
        "sparse": ("accessors.0.sparse", {}),
        "a view beyond the end": ("bufferViews.0.byteOffset", 10**9),
        "a view before the start": ("bufferViews.0.byteOffset", -8),
        "rows that overlap": ("bufferViews.0.byteStride", 1),
        "another buffer": ("bufferViews.0.buffer", 3),
        "a buffer elsewhere": ("buffers.0.uri", "../secret.bin"),
        "a buffer at the root": ("buffers.0.uri", "/dev/zero"),
        "a buffer on the net": ("buffers.0.uri", "file:///dev/zero"),
        "a buffer in the text": ("buffers.0.uri", "data:;base64,AAAA"),
        "a buffer that is missing": ("buffers.0.uri", "other.bin"),
    }.items():
        yield name, with_json(whole, *change)


def with_json(whole: bytes, path: str, value: Any) -> bytes:
    n = struct.unpack_from("<I", whole, 12)[0]
    document = json.loads(whole[20 : 20 + n])
    *tables, name = path.split(".")
    table = document
    for one in tables:
        table = table[int(one)] if one.isdecimal() else table[one]
    table[name] = value
    text = json.dumps(document).encode()
    return whole[:12] + struct.pack("<I", len(text)) + whole[16:20] + text + whole[20 + n :]


FORMATS: dict[str, Callable[[], Files]] = {
    ".ply": ply_files,
    ".compressed.ply": compressed_files,
    ".splat": splat_files,
    ".spz": spz_files,
    ".sog": sog_files,
    ".glb": gltf_files,
}


@pytest.mark.long("hundreds of broken files of each kind")
@pytest.mark.parametrize("ending", FORMATS)
def test_a_broken_or_hostile_file_ends_in_a_sentence(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    told = {}
    for name, content in FORMATS[ending]():
        path.write_bytes(content)
        told[name], most = sentence_of(path)
        assert most < MOST_BYTES + len(content), (name, most)
    assert [name for name, sentence in told.items() if not sentence.endswith(".")] == []
    assert len(told) >= 20


def sentence_of(path: Path) -> tuple[str, int]:
    """What is said of a file, empty where it was read, and how much memory that took."""
    tracemalloc.start()
    try:
        read_splats(path)
    except UserError as error:
        return error.title, tracemalloc.get_traced_memory()[1]
    else:
        return "", tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_is_no_number_is_left_out_with_a_warning(tmp_path: Path) -> None:
    whole = data("inria.ply")
    start = whole.index(b"end_header\n") + 11
    path = tmp_path / "a.ply"
    path.write_bytes(whole[:start] + struct.pack("<3f", np.nan, np.inf, 1e30) + whole[start + 12 :])
    scene = read_splats(path)
    assert len(scene.splats) == 19
    assert scene.warnings == ("1 splat has no place or size and is left out.",)


def test_full_opacity_and_flat_splats_stay(tmp_path: Path) -> None:
    whole = data("splat-transform.ply")
    start = whole.index(b"end_header\n") + 11
    names = [line.split()[2].decode() for line in whole[:start].splitlines() if line.startswith(b"property")]
    rows = np.frombuffer(whole[start:], "<f4").reshape(20, -1).copy()
    rows[:, names.index("opacity")] = np.inf
    rows[:, names.index("scale_2")] = -np.inf
    path = tmp_path / "a.ply"
    path.write_bytes(whole[:start] + rows.tobytes())
    splats = read_splats(path).splats
    assert len(splats) == 20
    assert np.isfinite(splats.log_scales).all()
    assert splats.opacities.min() > 0.9999
