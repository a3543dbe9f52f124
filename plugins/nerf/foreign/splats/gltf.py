"""Splats in glTF files (KHR_gaussian_splatting), which stand upright, as here; packed ones are not read."""

import json
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from studio.core.atomic import atomic_file
from studio.core.container.json_text import parse_json
from studio.core.container.source import cut_short, file_size, open_regular, printable, read_exactly
from studio.core.error import UserError
from studio.core.translation import N_

from ...splats.model.splats import FloatArray, Splats, joined
from .scene import SplatFile, check_count, damaged, empty_arrays, logits_of, scene_of
from .turn import moved

GLTF: Final = "gltf"
EXTENSION: Final = "KHR_gaussian_splatting"
_KNOWN: Final = {EXTENSION, "KHR_mesh_quantization", "KHR_materials_unlit"}
_HEAD: Final = struct.Struct("<4sII")
_CHUNK: Final = struct.Struct("<I4s")
_MAX_JSON_BYTES: Final = 8 << 20
_MAX_NODES: Final = 10_000
_MAX_PARTS: Final = 1000
_MAX_DEPTH: Final = 32
_TYPES: Final = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5126: "<f4"}
_WIDTHS: Final = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}
_BESIDE: Final = re.compile(r"[\w][\w. -]{0,120}")
_ATTRIBUTES: Final = {
    "centres": ("POSITION", 3),
    "log_scales": ("SCALE", 3),
    "rotations": ("ROTATION", 4),
    "opacity_logits": ("OPACITY", 1),
}
Matrix = npt.NDArray[np.float64]


def looks_like_gltf(start: bytes) -> bool:
    """Whether a file begins like glTF, text or binary, with splats in it."""
    return (start[:4] == b"glTF" or start.lstrip()[:1] == b"{") and f'"{EXTENSION}"'.encode() in start


def read_gltf(file: BinaryIO, folder: Path) -> SplatFile:
    """Read all splats; raises UserError where the file is broken, too large, or needs what is not known here.

    Args:
        folder: where the file of the numbers may lie.
    """
    document = _Document(file, folder)
    found, read = list[SplatFile](), dict[int, SplatFile]()
    for primitive, matrix in document.primitives():
        if id(primitive) not in read:  # several nodes may show one mesh
            read[id(primitive)] = document.splats(primitive)
        one = read[id(primitive)]
        placed = moved(one.splats, matrix)
        if placed is None:
            raise UserError(N_("This scene is stretched or mirrored in a way that splats cannot follow."))
        found.append(SplatFile(placed, GLTF, warnings=one.warnings))
        if len(found) > _MAX_PARTS:
            raise damaged()
        check_count(sum(len(scene.splats) for scene in found))
    if not found:
        raise UserError(N_("This glTF file contains no Gaussian splats."))
    warnings = dict.fromkeys(warning for scene in found for warning in (*scene.warnings, *document.warnings))
    return SplatFile(reduce(joined, (scene.splats for scene in found)), GLTF, warnings=tuple(warnings))


class _Document:
    """The JSON of a file, whose tables are checked as they are asked for, and the numbers it points at."""

    def __init__(self, file: BinaryIO, folder: Path) -> None:
        self._file, self._folder, self.warnings = file, folder, list[str]()
        self._n_nodes = 0
        text, self._binary = _chunks(file)
        self._json = parse_json(text, _MAX_JSON_BYTES)
        if not isinstance(self._json, dict):
            raise damaged()
        _refuse(_items(self._json, "extensionsRequired"))

    def _item(self, name: str, place: Any) -> dict[str, Any]:
        items = _items(self._json, name)
        if type(place) is not int or not 0 <= place < len(items) or not isinstance(items[place], dict):
            raise damaged()
        return items[place]

    def primitives(self) -> Iterator[tuple[dict[str, Any], Matrix]]:
        """Every primitive of splats with where it is put."""
        children = {child for node in _items(self._json, "nodes") for child in _whole_numbers(node, "children")}
        roots = [n for n in range(len(_items(self._json, "nodes"))) if n not in children]
        for node, matrix in self._nodes(roots, np.eye(4), 0):
            mesh = self._item("meshes", node["mesh"]) if "mesh" in node else {}
            for primitive in _items(mesh, "primitives"):
                if EXTENSION in _table(primitive, "extensions"):
                    yield primitive, matrix

    def _nodes(self, places: Sequence[int], matrix: Matrix, depth: int) -> Iterator[tuple[dict[str, Any], Matrix]]:
        for place in places:
            self._n_nodes += 1
            if depth > _MAX_DEPTH or self._n_nodes > _MAX_NODES:  # several may share a child
                raise damaged()
            node = self._item("nodes", place)
            own = matrix @ _matrix_of(node)
            yield node, own
            yield from self._nodes(_whole_numbers(node, "children"), own, depth + 1)

    def splats(self, primitive: Mapping[str, Any]) -> SplatFile:
        """The splats of one primitive, where it stands by itself."""
        about = _table(_table(primitive, "extensions"), EXTENSION)
        if about.get("kernel", "ellipse") != "ellipse":
            raise UserError(N_("The splats in this glTF file are of another shape than can be read here."))
        if about.get("colorSpace", "srgb_rec709_display") != "srgb_rec709_display":
            self.warnings.append(N_("The colours of this scene are in another colour space and may look too dark."))
        _refuse(_table(about, "extensions"))
        return self._plain(_table(primitive, "attributes"))

    def _plain(self, attributes: Mapping[str, Any]) -> SplatFile:
        names = {key: name if name == "POSITION" else f"{EXTENSION}:{name}" for key, (name, _) in _ATTRIBUTES.items()}
        n = _size(self._item("accessors", attributes.get("POSITION")), "count")
        found = {key: self._numbers(attributes.get(names[key]), width, n) for key, (_, width) in _ATTRIBUTES.items()}
        degree = next(d for d in (3, 2, 1, 0) if d == 0 or f"{EXTENSION}:SH_DEGREE_{d}_COEF_0" in attributes)
        places = [(d, i) for d in range(degree + 1) for i in range(2 * d + 1)]
        arrays = empty_arrays(n, degree)
        arrays["centres"][:] = found["centres"]
        arrays["rotations"][:] = np.roll(found["rotations"], 1, axis=1)
        arrays["opacity_logits"][:] = logits_of(found["opacity_logits"][:, 0])
        arrays["log_scales"][:] = np.log(found["log_scales"])
        for place, (d, i) in enumerate(places):
            arrays["harmonics"][:, place] = self._numbers(attributes.get(f"{EXTENSION}:SH_DEGREE_{d}_COEF_{i}"), 3, n)
        return scene_of(arrays, GLTF, is_over=False)

    def _numbers(self, place: Any, width: int, n: int) -> FloatArray:
        """An accessor of n rows as (n, width), with whole numbers brought to -1..1 where it says so."""
        accessor = self._item("accessors", place)
        view = self._item("bufferViews", accessor.get("bufferView"))
        kind = next((kind for code, kind in _TYPES.items() if code == accessor.get("componentType")), None)
        if kind is None or accessor.get("type") != _WIDTHS[width] or "sparse" in accessor or accessor.get("count") != n:
            raise damaged()
        dtype = np.dtype(kind)
        offset = _size(accessor, "byteOffset", 0)
        stride = _size(view, "byteStride", dtype.itemsize * width)
        check_count(n)
        n_bytes = (n - 1) * stride + dtype.itemsize * width
        if stride < dtype.itemsize * width or offset + n_bytes > _size(view, "byteLength"):
            raise damaged()
        data = self._bytes(self._item("buffers", view.get("buffer")), _size(view, "byteOffset", 0) + offset, n_bytes)
        values = np.ndarray((n, width), dtype, data, 0, (stride, dtype.itemsize)).astype(np.float32)
        return np.maximum(values / np.iinfo(dtype).max, -1) if accessor.get("normalized") and kind != "<f4" else values

    def _bytes(self, buffer: Mapping[str, Any], first: int, n: int) -> bytes:
        """Some bytes of a buffer: of the binary part, or of a file beside this one."""
        if "uri" not in buffer:
            start, size = self._binary
            return _part(self._file, start + first, n, start + size)
        name = buffer["uri"]
        if not isinstance(name, str) or not _BESIDE.fullmatch(name):
            raise UserError(N_("The numbers of this glTF file lie where they cannot be read from."))
        with open_regular(self._folder / name) as file:
            return _part(file, first, n, file_size(file))


def _size(values: Mapping[str, Any], name: str, otherwise: int | None = None) -> int:
    """A whole number that is not negative."""
    found = values.get(name, otherwise)
    if type(found) is not int or found < 0:
        raise damaged()
    return found


def _refuse(names: Iterable[Any]) -> None:
    """Raise UserError where a file needs an extension that is not known here."""
    unknown = [str(name) for name in names if str(name) not in _KNOWN]
    if unknown:
        sentence = N_("This glTF file needs “{name}”, which cannot be read here.")
        raise UserError(sentence.format(name=printable(unknown[0])))


def _chunks(file: BinaryIO) -> tuple[bytes, tuple[int, int]]:
    """The JSON, and where the binary part begins with its size."""
    size = file_size(file)
    if file.read(4) != b"glTF":
        file.seek(0)
        return file.read(_MAX_JSON_BYTES + 1), (0, 0)
    file.seek(0)
    _, version, _ = _HEAD.unpack(read_exactly(file, _HEAD.size))
    n, kind = _CHUNK.unpack(read_exactly(file, _CHUNK.size))
    if version != 2 or kind != b"JSON" or n > _MAX_JSON_BYTES:
        raise damaged()
    text = read_exactly(file, n)
    head = file.read(_CHUNK.size)
    if len(head) < _CHUNK.size:
        return text, (0, 0)
    n, kind = _CHUNK.unpack(head)
    if kind != b"BIN\0" or file.tell() + n > size:
        raise cut_short()
    return text, (file.tell(), n)


def _part(file: BinaryIO, first: int, n: int, end: int) -> bytes:
    if first + n > end:
        raise cut_short()
    file.seek(first)
    return read_exactly(file, n)


def _table(values: Any, name: str) -> dict[str, Any]:
    found = values.get(name, {}) if isinstance(values, dict) else {}
    if not isinstance(found, dict):
        raise damaged()
    return found


def _items(values: Any, name: str) -> list[Any]:
    found = values.get(name, []) if isinstance(values, dict) else []
    if not isinstance(found, list):
        raise damaged()
    return found


def _whole_numbers(node: Any, name: str) -> list[int]:
    found = _items(node, name)
    if not all(type(place) is int for place in found):
        raise damaged()
    return found


def _matrix_of(node: Mapping[str, Any]) -> Matrix:
    """Where a node puts what it holds, seen from its parent."""
    try:
        if "matrix" in node:
            return np.array(node["matrix"], np.float64).reshape(4, 4).T
        x, y, z, w = np.array(node.get("rotation", (0, 0, 0, 1)), np.float64)
        turn = np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ]
        )
        matrix = np.eye(4)
        matrix[:3, :3] = turn * np.array(node.get("scale", (1, 1, 1)), np.float64).reshape(3)
        matrix[:3, 3] = np.array(node.get("translation", (0, 0, 0)), np.float64).reshape(3)
    except (TypeError, ValueError, OverflowError) as error:
        raise damaged() from error
    return matrix


def write_glb(path: Path, splats: Splats) -> None:
    """Write splats with y upwards, every number as it is; whole or not at all."""
    arrays = _attributes(splats)
    accessors: list[dict[str, Any]] = [
        {"bufferView": n, "componentType": 5126, "count": len(array), "type": _WIDTHS[array.shape[1]]}
        for n, array in enumerate(arrays.values())
    ]
    accessors[0] |= {"min": splats.centres.min(0).tolist(), "max": splats.centres.max(0).tolist()}
    about = {"kernel": "ellipse", "colorSpace": "srgb_rec709_display"}
    about |= {"sortingMethod": "cameraDistance", "projection": "perspective"}
    primitive = {"attributes": {name: n for n, name in enumerate(arrays)}, "mode": 0, "extensions": {EXTENSION: about}}
    document = {
        "extensionsUsed": [EXTENSION],
        "meshes": [{"primitives": [primitive]}],
        "accessors": accessors,
    }
    pack_glb(path, document, [array.astype("<f4") for array in arrays.values()], (34962,) * len(arrays))


def pack_glb(
    path: Path, document: Mapping[str, Any], arrays: Sequence[npt.NDArray[Any]], targets: Sequence[int]
) -> None:
    """Write a glTF file with one mesh, whose arrays of whole words lie one behind the other, a view each.

    Args:
        document: all but what says where the arrays lie and what is shown.
        targets: what each array is for: 34962 for vertices, 34963 for which of them make triangles.
    """
    views, start = [], 0
    for array, target in zip(arrays, targets, strict=True):
        views.append({"buffer": 0, "byteOffset": start, "byteLength": array.nbytes, "target": target})
        start += array.nbytes
    whole = {
        "asset": {"version": "2.0", "generator": "Manifold Studio"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        **document,
        "bufferViews": views,
        "buffers": [{"byteLength": start}],
    }
    text = json.dumps(whole, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    with atomic_file(path) as draft, draft.open("wb") as file:
        file.write(_HEAD.pack(b"glTF", 2, _HEAD.size + 2 * _CHUNK.size + len(text) + start))
        file.write(_CHUNK.pack(len(text), b"JSON") + text + _CHUNK.pack(start, b"BIN\0"))
        for array in arrays:
            file.write(array.tobytes())


def _attributes(splats: Splats) -> dict[str, FloatArray]:
    """The arrays (N, 1, 3 or 4) of a file, by their names in it."""
    found = {
        "POSITION": splats.centres,
        f"{EXTENSION}:ROTATION": np.roll(splats.rotations, -1, axis=1),
        f"{EXTENSION}:SCALE": np.exp(splats.log_scales),
        f"{EXTENSION}:OPACITY": splats.opacities[:, None],
    }
    places = [(d, n) for d in range(splats.degree + 1) for n in range(2 * d + 1)]
    harmonics = {f"{EXTENSION}:SH_DEGREE_{d}_COEF_{n}": splats.harmonics[:, i] for i, (d, n) in enumerate(places)}
    return found | harmonics
