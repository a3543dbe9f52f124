"""How each kind of view is taken apart into arrays and a description of them, and put together again."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.container.weights.tensor import ITEM_BYTES
from studio.core.recording.delta import Append, AppendRows, Patch
from studio.core.view import (
    Audio,
    Bars,
    Camera,
    Field,
    Image,
    Mesh,
    Molecule,
    Notes,
    Points,
    Series,
    Tokens,
)

AnyArray: TypeAlias = npt.NDArray[Any]
Spec: TypeAlias = Any  # nested tuples of text, whole numbers and None, the same after a trip through JSON
MAX_NAME_LENGTH = 200
MAX_TEXT_LENGTH = 100_000
MAX_ITEMS = 1 << 18  # texts or numbers of one view: each becomes a Python object
MAX_TEXTS_BYTES = 1 << 22
TEXTS_STEP_BYTES = 32
MAX_NDIM = 32
DTYPES = frozenset(name for name in ITEM_BYTES if not name.startswith(("bfloat", "float8")))


class Slot(NamedTuple):
    """The type and shape of one array."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def n_items(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def n_bytes(self) -> int:
        """Its size."""
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]


class Piece(NamedTuple):
    """An array to keep, and the object that it was made from: the same object need not be kept twice."""

    source: object
    array: AnyArray


Take: TypeAlias = Callable[[], AnyArray]  # hands out the next array


class Codec(Protocol):
    """How a value of some kind becomes arrays and a description, and comes back."""

    def pack(self, value: Any, out: list[Piece]) -> Spec:
        """Add the arrays of `value` to `out`, and return what describes them."""

    def check(self, spec: Spec) -> Iterator[Slot]:
        """Yield the slots of the arrays; raises ValueError for a description that makes no sense."""

    def unpack(self, spec: Spec, take: Take) -> Any:
        """Return the value again; `take()` hands out its arrays in order."""


@lru_cache(64)
def _name(dtype: np.dtype[Any]) -> str:
    """numpy works the name out anew each time."""
    return str(dtype.name)


def _demand(condition: object, what: str) -> None:
    if not condition:
        raise ValueError(what)


def _slot(spec: Spec) -> Slot:
    match spec:
        case (str(dtype), tuple(shape)) if dtype in DTYPES and len(shape) <= MAX_NDIM:
            _demand(all(type(size) is int and 0 <= size < 2**40 for size in shape), "impossible shape")
            return Slot(dtype, shape)
    raise ValueError(f"not an array: {spec!r:.100}")


@dataclass(frozen=True)
class _Array:
    """An array of one of `dtypes` and one of `shapes`, where None stands for any size; empty: any array."""

    dtypes: tuple[str, ...] = ()
    shapes: tuple[tuple[int | None, ...], ...] = ()

    def pack(self, value: AnyArray, out: list[Piece]) -> Spec:
        out.append(Piece(value, value))
        return (_name(value.dtype), value.shape)

    def check(self, spec: Spec) -> Iterator[Slot]:
        slot = _slot(spec)
        _demand(not self.dtypes or slot.dtype in self.dtypes, f"an array of {slot.dtype} instead of {self.dtypes}")
        _demand(not self.shapes or any(_fits(slot.shape, shape) for shape in self.shapes), f"shape {slot.shape}")
        yield slot

    def unpack(self, spec: Spec, take: Take) -> AnyArray:
        return take()


def _fits(shape: tuple[int, ...], pattern: tuple[int | None, ...]) -> bool:
    if len(shape) != len(pattern):
        return False
    return all(wanted in (None, size) for size, wanted in zip(shape, pattern, strict=True))


@dataclass(frozen=True)
class _Tuple:
    """A tuple of numbers or flags as one array of `dtype`."""

    dtype: str

    def pack(self, value: tuple[Any, ...], out: list[Piece]) -> Spec:
        out.append(Piece(value, np.array(value, self.dtype)))
        return (len(value),)

    def check(self, spec: Spec) -> Iterator[Slot]:
        slot = _slot((self.dtype, spec))
        _demand(len(slot.shape) == 1 and slot.n_items <= MAX_ITEMS, "not a list of numbers, or absurdly long")
        yield slot

    def unpack(self, spec: Spec, take: Take) -> tuple[Any, ...]:
        return tuple(take().tolist())


class _NoteRows:
    """Notes as rows of four numbers."""

    def pack(self, value: tuple[Any, ...], out: list[Piece]) -> Spec:
        out.append(Piece(value, np.array(value, np.float64).reshape(-1, 4)))
        return (len(value), 4)

    def check(self, spec: Spec) -> Iterator[Slot]:
        slot = _slot(("float64", spec))
        _demand(_fits(slot.shape, (None, 4)) and slot.n_items <= MAX_ITEMS, "not notes, or absurdly many")
        yield slot

    def unpack(self, spec: Spec, take: Take) -> tuple[Any, ...]:
        rows = take()
        _demand(np.isfinite(rows[:, 2:]).all(), "a pitch or voice that is no number")
        return tuple((start, length, int(pitch), int(voice)) for start, length, pitch, voice in rows.tolist())


class _Texts:
    """A tuple of texts, as JSON in bytes."""

    def pack(self, value: tuple[str, ...], out: list[Piece]) -> Spec:
        _demand(all(isinstance(text, str) for text in value), "a list of texts that holds other things")
        data = json.dumps(value, separators=(",", ":")).encode("ascii")
        data += b" " * (-len(data) % TEXTS_STEP_BYTES)  # JSON ignores them, and frames of other words share a layout
        out.append(Piece(value, np.frombuffer(data, np.uint8)))
        return (len(value), len(data))

    def check(self, spec: Spec) -> Iterator[Slot]:
        n_texts, n_bytes = spec
        _demand(type(n_texts) is int and type(n_bytes) is int, "not a list of texts")
        _demand(0 <= n_texts < n_bytes <= MAX_TEXTS_BYTES, "a list of texts of impossible size")
        _demand(n_texts <= MAX_ITEMS, "a list of absurdly many texts")
        yield Slot("uint8", (n_bytes,))

    def unpack(self, spec: Spec, take: Take) -> tuple[str, ...]:
        n_texts, _ = spec
        texts = json.loads(take().tobytes())
        _demand(isinstance(texts, list) and len(texts) == n_texts, "a list of texts of another length")
        _demand(all(type(text) is str for text in texts), "a list of texts that holds other things")
        return tuple(texts)


class _Curves:
    """Named curves, float32 (T,) each."""

    _curve = _Array(("float32",), ((None,),))

    def pack(self, value: Mapping[str, AnyArray], out: list[Piece]) -> Spec:
        return tuple((name, self._curve.pack(curve, out)) for name, curve in value.items())

    def check(self, spec: Spec) -> Iterator[Slot]:
        check_names(spec)
        for _, curve in spec:
            yield from self._curve.check(curve)

    def unpack(self, spec: Spec, take: Take) -> dict[str, AnyArray]:
        return {name: self._curve.unpack(curve, take) for name, curve in spec}


class _Text:
    """A text inside the layout."""

    def pack(self, value: str, out: list[Piece]) -> Spec:
        return value

    def check(self, spec: Spec) -> Iterator[Slot]:
        _demand(isinstance(spec, str) and len(spec) <= MAX_TEXT_LENGTH, "not a text, or too long")
        yield from ()

    def unpack(self, spec: Spec, take: Take) -> str:
        return str(spec)


class _Number:
    """A number inside the layout, as text: JSON has no NaN, and a tuple takes -0.0 for 0.0."""

    def pack(self, value: float, out: list[Piece]) -> Spec:
        return repr(float(value))

    def check(self, spec: Spec) -> Iterator[Slot]:
        _demand(type(spec) is str and len(spec) <= 32 and spec.isascii(), "not a number")
        float(spec)
        yield from ()

    def unpack(self, spec: Spec, take: Take) -> float:
        return float(spec)


class _Properties:
    """Named numbers inside the layout."""

    def pack(self, value: Mapping[str, float], out: list[Piece]) -> Spec:
        return tuple((name, repr(float(number))) for name, number in value.items())

    def check(self, spec: Spec) -> Iterator[Slot]:
        check_names(spec)
        for _, number in spec:
            yield from _Number().check(number)

    def unpack(self, spec: Spec, take: Take) -> dict[str, float]:
        return {name: float(number) for name, number in spec}


class _Whole:
    """A whole number inside the layout."""

    def pack(self, value: int, out: list[Piece]) -> Spec:
        return int(value)

    def check(self, spec: Spec) -> Iterator[Slot]:
        _demand(type(spec) is int and abs(spec) < 2**40, "not a whole number")
        yield from ()

    def unpack(self, spec: Spec, take: Take) -> int:
        return int(spec)


class _Value:
    """A view or a change, with its kind before it."""

    def __init__(self, *kinds: str) -> None:
        self._kinds = kinds

    def pack(self, value: Any, out: list[Piece]) -> Spec:
        packer = self._packers.get(type(value))
        if packer is None:
            raise ValueError(f"{type(value).__name__} is not one of {self._kinds}")
        name, fields = packer
        return (name, *[pack(getattr(value, field), out) for field, pack in fields])

    @cached_property
    def _packers(self) -> dict[type, tuple[str, list[tuple[str, Callable[[Any, list[Piece]], Spec]]]]]:
        """For each class its name, and how each of its fields is packed: worked out once, used for every frame."""
        kinds = {name: KINDS[name] for name in self._kinds}
        return {
            kind.make: (name, [(field, codec.pack) for field, codec in kind.fields.items()])
            for name, kind in kinds.items()
        }

    def check(self, spec: Spec) -> Iterator[Slot]:
        _demand(isinstance(spec, tuple) and spec and spec[0] in self._kinds, "not a view")
        kind = KINDS[spec[0]]
        _demand(len(spec) == 1 + len(kind.fields), "a view with missing parts")
        for codec, part in zip(kind.fields.values(), spec[1:], strict=True):
            yield from codec.check(part)
        _demand(kind.fits(*spec[1:]), f"{spec[0]}: its parts do not fit together")

    def unpack(self, spec: Spec, take: Take) -> Any:
        kind = KINDS[spec[0]]
        parts = zip(kind.fields.items(), spec[1:], strict=True)
        return kind.make(**{field: codec.unpack(part, take) for (field, codec), part in parts})


def check_names(pairs: Spec) -> None:
    """Raise ValueError where these are not pairs of a short name, each one once, and something."""
    _demand(isinstance(pairs, tuple) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs), "not pairs")
    names = [name for name, _ in pairs]
    _demand(all(isinstance(name, str) and len(name) <= MAX_NAME_LENGTH for name in names), "not a name, or too long")
    _demand(len(set(names)) == len(names), "two things of one name")


class Kind(NamedTuple):
    """A kind of view or change: how its fields are packed, and whether their sizes fit together."""

    make: type
    fields: Mapping[str, Codec]
    fits: Callable[..., bool] = lambda *parts: True


def _tokens_fit(pieces: Spec, weights: Spec) -> bool:
    return weights[0] in (0, pieces[0])


def _bars_fit(labels: Spec, values: Spec, removed: Spec) -> bool:
    return labels[0] == values[0] and removed[0] in (0, labels[0])


def _curves_fit(curves: Spec, x: Spec, x_label: Spec) -> bool:
    return all(curve[1] == x[1] for _, curve in curves)


def _points_fit(positions: Spec, labels: Spec) -> bool:
    return labels[0] in (0, positions[1][0])


def _mesh_fits(vertices: Spec, faces: Spec, colours: Spec) -> bool:
    return bool(vertices[1] == colours[1])


def _patch_fits(block: Spec, corner: Spec) -> bool:
    return bool(len(block[1]) == corner[0])


ANY_ARRAY = _Array()
_FLOATS = _Array(("float32",), ((None,),))
_PLANES = _Array(("float32",), ((None, None), (None, None, None)))
_PIXELS = _Array(("uint8",), ((None, None), (None, None, 3)))
_PLACES = _Array(("float32",), ((None, 2), (None, 3)))
_CORNERS = _Array(("float32",), ((None, 3),))
_TRIANGLES = _Array(("int32",), ((None, 3),))
_COLOURS = _Array(("uint8",), ((None, 3),))
_POSE = _Array(("float32",), ((4, 4),))
_GROWING = ("Audio", "Tokens", "Series", "Points", "Notes")
KINDS: Mapping[str, Kind] = {
    "Image": Kind(Image, {"pixels": _PIXELS}),
    "Field": Kind(Field, {"values": _PLANES, "meaning": _Text(), "low": _Number(), "high": _Number()}),
    "Audio": Kind(Audio, {"samples": _FLOATS, "rate_hz": _Whole()}),
    "Tokens": Kind(Tokens, {"pieces": _Texts(), "weights": _Tuple("float64")}, _tokens_fit),
    "Bars": Kind(Bars, {"labels": _Texts(), "values": _Tuple("float64"), "removed": _Tuple("bool")}, _bars_fit),
    "Series": Kind(Series, {"curves": _Curves(), "x": _FLOATS, "x_label": _Text()}, _curves_fit),
    "Points": Kind(Points, {"positions": _PLACES, "labels": _Texts()}, _points_fit),
    "Notes": Kind(Notes, {"notes": _NoteRows()}),
    "Camera": Kind(Camera, {"camera_to_world": _POSE, "fov_y_rad": _Number()}),
    "Molecule": Kind(Molecule, {"smiles": _Text(), "properties": _Properties()}),
    "Mesh": Kind(Mesh, {"vertices": _CORNERS, "faces": _TRIANGLES, "colours": _COLOURS}, _mesh_fits),
    "Append": Kind(Append, {"more": _Value(*_GROWING)}),
    "AppendRows": Kind(AppendRows, {"rows": ANY_ARRAY, "axis": _Whole()}),
    "Patch": Kind(Patch, {"block": ANY_ARRAY, "corner": _Tuple("int64")}, _patch_fits),
}
CHANGE = _Value("Append", "AppendRows", "Patch")
VIEW = _Value(*(name for name in KINDS if name not in ("Append", "AppendRows", "Patch")))
