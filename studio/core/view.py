"""What one frame can show: plain arrays with a meaning, drawn by widgets that know no model."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float32]
ByteArray: TypeAlias = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Image:
    """An sRGB picture: uint8, (H, W, 3) or grey (H, W)."""

    pixels: ByteArray


@dataclass(frozen=True, eq=False)
class Field:
    """Numbers over a plane: float32 (H, W), or (N, H, W) for N planes side by side.

    `meaning` names the quantity ("distance", "depth", "attention"), `low` and `high` its usual range. A
    "distance" is signed, in pixels of the grid and positive inside, so that its edge can be drawn sharp at any size.
    """

    values: FloatArray
    meaning: str
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Audio:
    """Sound: float32 (T,) in [-1, 1] at `rate_hz`."""

    samples: FloatArray
    rate_hz: int


@dataclass(frozen=True)
class Tokens:
    """Text in pieces, with one number each (surprise in bits) where known."""

    pieces: tuple[str, ...]
    weights: tuple[float, ...] = ()


@dataclass(frozen=True)
class Bars:
    """Labelled values, highest first; `removed` marks those that a sampler stage ruled out."""

    labels: tuple[str, ...]
    values: tuple[float, ...]
    removed: tuple[bool, ...] = ()


@dataclass(frozen=True, eq=False)
class Series:
    """Named curves over a common axis: float32 (T,) each."""

    curves: dict[str, FloatArray]
    x: FloatArray
    x_label: str = ""


@dataclass(frozen=True, eq=False)
class Points:
    """A cloud of points: float32 (N, 2 or 3), with a label each where known."""

    positions: FloatArray
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Notes:
    """Music: (start in beats, length in beats, MIDI pitch, voice) per note."""

    notes: tuple[tuple[float, float, int, int], ...]


@dataclass(frozen=True, eq=False)
class Camera:
    """A viewpoint: camera-to-world (4, 4) in OpenGL axes and the vertical opening angle."""

    camera_to_world: FloatArray
    fov_y_rad: float


@dataclass(frozen=True)
class Molecule:
    """A molecule as its SMILES text, with properties by name."""

    smiles: str
    properties: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles: float32 vertices (V, 3), int32 faces (F, 3), sRGB uint8 colours (V, 3)."""

    vertices: FloatArray
    faces: npt.NDArray[np.int32]
    colours: ByteArray


View: TypeAlias = Image | Field | Audio | Tokens | Bars | Series | Points | Notes | Camera | Molecule | Mesh
State: TypeAlias = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class NearPicture:
    """A training picture.

    Attributes:
        pixels: uint8 (H, W, 3).
        distance: from what was made, 0 for the same.
        caption: what it was said to show; may be empty.
    """

    pixels: ByteArray
    distance: float
    caption: str = ""


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest training pictures, the nearest first, of `n_pictures` that were looked through."""

    pictures: tuple[NearPicture, ...]
    n_pictures: int
    measure: str
