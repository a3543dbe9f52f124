"""Makes up frames of every kind, and says whether two are the same bit for bit."""

import dataclasses
from typing import Any

import numpy as np
from hypothesis import strategies as st

from studio.core.frame import Frame
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

STATE_DTYPES = ("float32", "float64", "float16", "int64", "uint8", "bool", "complex64", "int16")
numbers = st.floats(width=64)  # NaN, infinity and -0.0 too
names = st.text(max_size=12)


def bits(value: Any) -> Any:
    """The same nested value with arrays and numbers as bytes, so that NaN and -0.0 compare."""
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, str):
        return ("str", str(value))  # a message with its values is kept as the plain sentence
    if isinstance(value, bool | int | None):
        return (type(value).__name__, value)
    if isinstance(value, float):
        return ("nan",) if np.isnan(value) else np.float64(value).tobytes()
    if isinstance(value, tuple | list):
        return tuple(map(bits, value))
    if isinstance(value, dict):
        return tuple((name, bits(part)) for name, part in value.items())
    return (type(value).__name__, *(bits(getattr(value, one.name)) for one in dataclasses.fields(value)))


@st.composite
def arrays(draw: Any, dtype: str, shape: tuple[int, ...]) -> Any:
    """An array of any bits: NaN in floats, extremes in whole numbers."""
    seed = draw(st.integers(0, 2**32 - 1))
    kind = np.dtype(dtype)
    n_bytes = int(np.prod(shape, dtype=int)) * kind.itemsize
    if dtype == "bool":
        return np.asarray(np.random.default_rng(seed).random(shape) < 0.5)
    return np.frombuffer(np.random.default_rng(seed).bytes(n_bytes), kind).reshape(shape)


sizes = st.integers(0, 5)


@st.composite
def images(draw: Any) -> Image:
    shape = (draw(sizes), draw(sizes), *draw(st.sampled_from([(), (3,)])))
    return Image(draw(arrays("uint8", shape)))


@st.composite
def fields(draw: Any) -> Field:
    shape = (*draw(st.sampled_from([(), (2,)])), draw(sizes), draw(sizes))
    return Field(draw(arrays("float32", shape)), draw(names), draw(numbers), draw(numbers))


@st.composite
def audios(draw: Any, rate_hz: int | None = None) -> Audio:
    rate = draw(st.integers(1, 192_000)) if rate_hz is None else rate_hz
    return Audio(draw(arrays("float32", (draw(sizes),))), rate)


@st.composite
def tokens(draw: Any, is_weighted: bool | None = None) -> Tokens:
    pieces = tuple(draw(st.lists(st.text(max_size=5), max_size=5)))
    has_weights = draw(st.booleans()) if is_weighted is None else is_weighted
    weights = [draw(numbers) for _ in pieces] if has_weights else ()
    return Tokens(pieces, tuple(weights))


@st.composite
def bars(draw: Any) -> Bars:
    labels = tuple(draw(st.lists(st.text(max_size=5), max_size=5)))
    values = tuple(draw(numbers) for _ in labels)
    removed = tuple(draw(st.booleans()) for _ in labels) if draw(st.booleans()) else ()
    return Bars(labels, values, removed)


@st.composite
def series(draw: Any, curves: tuple[str, ...] | None = None) -> Series:
    n, chosen = draw(sizes), curves
    if chosen is None:
        chosen = tuple(draw(st.lists(names, unique=True, max_size=3)))
    return Series({name: draw(arrays("float32", (n,))) for name in chosen}, draw(arrays("float32", (n,))), "steps")


@st.composite
def points(draw: Any, n_axes: int | None = None, is_labelled: bool | None = None) -> Points:
    n = draw(sizes)
    axes = draw(st.sampled_from([2, 3])) if n_axes is None else n_axes
    labelled = draw(st.booleans()) if is_labelled is None else is_labelled
    labels = tuple(draw(st.text(max_size=3)) for _ in range(n)) if labelled else ()
    return Points(draw(arrays("float32", (n, axes))), labels)


@st.composite
def notes(draw: Any) -> Notes:
    note = st.tuples(numbers, numbers, st.integers(0, 127), st.integers(0, 15))
    return Notes(tuple(draw(st.lists(note, max_size=4))))


@st.composite
def cameras(draw: Any) -> Camera:
    return Camera(draw(arrays("float32", (4, 4))), draw(numbers))


@st.composite
def molecules(draw: Any) -> Molecule:
    return Molecule(draw(names), draw(st.dictionaries(names, numbers, max_size=3)))


@st.composite
def meshes(draw: Any) -> Mesh:
    n_vertices, n_faces = draw(sizes), draw(sizes)
    return Mesh(
        draw(arrays("float32", (n_vertices, 3))),
        draw(arrays("int32", (n_faces, 3))),
        draw(arrays("uint8", (n_vertices, 3))),
    )


views = st.one_of(
    images(), fields(), audios(), tokens(), bars(), series(), points(), notes(), cameras(), molecules(), meshes()
)


@st.composite
def states(draw: Any) -> dict[str, Any]:
    shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
    chosen = draw(st.lists(names, unique=True, max_size=3))
    return {name: draw(arrays(draw(st.sampled_from(STATE_DTYPES)), draw(shapes))) for name in chosen}


@st.composite
def frames(draw: Any) -> Frame:
    """A whole frame."""
    return Frame(
        draw(st.integers(-1, 2**62)),
        draw(st.integers(0, 2**62)),
        draw(st.text(max_size=20)),
        draw(st.dictionaries(names, views, max_size=3)),
        draw(st.dictionaries(names, numbers, max_size=3)),
        draw(st.none() | states()),
    )
