"""What the readers of splats have alike: bounds, which splats can be shown, and which way is up.

Captured scenes stand on their heads: as in COLMAP, y points down and z away from the first camera (RDF). Here y points
up and z to the viewer (RUB), as in glTF, so that such scenes are turned over: half a turn about x, which only changes
signs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_, plural

from ...splats.model.splats import N_COEFFICIENTS, SH_0, FloatArray, Splats, splats_of

MAX_SPLATS: Final = 6_500_000
"""At degree 3 so many take 1.5 GB; the largest scenes of the paper have six million."""
ROWS: Final = 1 << 16
"""So many splats are unpacked at a time."""
_CLEAR_PERCENT: Final = (2, 98)
_FEW: Final = 50
_SAMPLE: Final = 200_000
ORDER: Final = ("x", "y", "z")
SQRT2: Final = 2**0.5
# What can be told from nothing, and what still has a square in float32.
_LEAST_LOG_SCALE: Final = -30.0
_MOST_LOG_SCALE: Final = 20.0
_MOST_LOGIT: Final = 20.0
_MOST: Final = {"centres": 1e9, "rotations": 1e9, "harmonics": 1e6}
_LEAST_OPACITY: Final = 1e-6
# What half a turn about x does to places, to turns, and to each harmonic: minus for every y and z in it.
_OVER: Final = np.array([1, -1, -1], np.float32)
_OVER_ROTATION: Final = np.array([1, 1, -1, -1], np.float32)
_SIGNS: Final = np.array([1, -1, -1, 1, -1, 1, 1, -1, 1, -1, 1, -1, -1, 1, -1, 1], np.float32)


@dataclass(frozen=True, eq=False)
class SplatFile:
    """Splats that were read.

    Attributes:
        splats: with `up` upwards.
        format: the word of the file's format, under which `FORMATS` of reader.py has its name.
        up: "y" or "z".
        warnings: sentences about what is left out.
    """

    splats: Splats
    format: str
    up: str = "y"
    warnings: tuple[str, ...] = field(default=())


def scene_of(
    arrays: Mapping[str, FloatArray], format: str, *, is_over: bool, up: str = "y", warnings: tuple[str, ...] = ()
) -> SplatFile:
    """The scene of arrays as they stood in a file; `is_over` says that its y points down.

    Splats with a value that is no number, or too large for any picture, are left out with a warning. Raises UserError
    where none is left.
    """
    logits, log_scales = arrays["opacity_logits"], arrays["log_scales"]
    np.clip(logits, -_MOST_LOGIT, _MOST_LOGIT, out=logits)  # an opacity of 1 has an infinite logit
    np.maximum(log_scales, _LEAST_LOG_SCALE, out=log_scales)  # and one that is flat, an infinite scale
    is_sound = (log_scales.max(axis=1) <= _MOST_LOG_SCALE) & ~np.isnan(logits)  # NaN is not less either
    for name, most in _MOST.items():
        is_sound &= _within(arrays[name], most)
    n_left_out = len(is_sound) - int(is_sound.sum())
    if n_left_out == len(is_sound):
        raise UserError(N_("This file contains no splats that can be shown."), N_("Copy or download it again."))
    if n_left_out:
        arrays = {name: array[is_sound] for name, array in arrays.items()}
        sentence = plural(
            "{n} splat has no place or size and is left out.",
            "{n} splats have no place or size and are left out.",
            n_left_out,
        )
        warnings = (*warnings, sentence)
    if is_over:
        _turn_over(arrays)
    return SplatFile(splats_of(arrays), format, up, warnings)


def _within(array: FloatArray, most: float) -> npt.NDArray[np.bool_]:
    """Which rows hold nothing beyond ±most, and only numbers; without large arrays in between."""
    rows = array.reshape(len(array), -1)
    is_within: npt.NDArray[np.bool_] = (rows.max(axis=1) <= most) & (rows.min(axis=1) >= -most)
    return is_within


def turned_over(splats: Splats) -> Splats:
    """The scene after half a turn about x, harmonics and all; the same again undoes it."""
    arrays = {name: array.copy() for name, array in splats.arrays().items()}
    _turn_over(arrays)
    return Splats(**arrays)


def _turn_over(arrays: Mapping[str, FloatArray]) -> None:
    """The same in place: a large scene would not fit into memory twice."""
    for name, signs in (("centres", _OVER), ("rotations", _OVER_ROTATION), ("harmonics", _SIGNS)):
        array = arrays[name]
        array *= signs[: array.shape[1], None] if array.ndim == 3 else signs


def check_count(n: int) -> None:
    """Raise UserError where a file says that it has no splats, or too many."""
    if n > MAX_SPLATS:
        raise UserError(
            N_("This scene has {n} million splats; at most {most} million can be opened.").format(
                n=round(n / 1e6, 1), most=MAX_SPLATS / 1e6
            ),
            N_("Reduce it in the program that made it."),
        )
    if n < 1:
        raise UserError(N_("This file contains no splats."))


def empty_arrays(n: int, degree: int) -> dict[str, FloatArray]:
    """Arrays to be filled by a reader, by the names of `Splats`; raises UserError where they would be too many."""
    check_count(n)
    shapes = {"centres": (n, 3), "log_scales": (n, 3), "rotations": (n, 4), "opacity_logits": (n,)}
    return {name: np.zeros(shape, np.float32) for name, shape in shapes.items()} | {
        "harmonics": np.zeros((n, N_COEFFICIENTS[degree], 3), np.float32)
    }


def clear_box(splats: Splats) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Opposite corners (3,) of a box that holds nearly all that is solid; what strays far out does not count."""
    solid = splats.centres[splats.opacity_logits > 0]
    some = solid if len(solid) >= _FEW else splats.centres
    low, high = np.percentile(some[:: max(1, len(some) // _SAMPLE)], _CLEAR_PERCENT, axis=0)
    middle, least = (low + high) / 2, max(1e-3, float(np.exp(np.median(splats.log_scales))))
    half = np.maximum((high - low) / 2, least)  # a single splat has a size too
    return middle - half, middle + half


def degree_of(n_coefficients: int) -> int | None:
    """The degree of so many coefficients a channel, the first one included; None where no degree has so many."""
    return N_COEFFICIENTS.index(n_coefficients) if n_coefficients in N_COEFFICIENTS else None


def logits_of(opacities: npt.NDArray[np.floating]) -> FloatArray:
    """Logits of opacities 0..1, which stay finite."""
    held = np.clip(opacities.astype(np.float64), _LEAST_OPACITY, 1 - _LEAST_OPACITY)
    return np.log(held / (1 - held)).astype(np.float32)


def first_harmonics(colours: npt.NDArray[np.floating]) -> FloatArray:
    """The constant harmonics of plain colours 0..1."""
    return ((colours - 0.5) / SH_0).astype(np.float32)


def plain_colours(splats: Splats) -> FloatArray:
    """SRGB (N, 3) without what depends on the side from which a splat is seen; may exceed 0..1."""
    return np.asarray(splats.harmonics[:, 0] * SH_0 + 0.5, np.float32)


def to_bytes(values: npt.NDArray[np.floating], most: int = 255) -> npt.NDArray[np.uint32]:
    """Values 0..1 as whole numbers up to `most`, rounded; what lies outside is taken to the edge."""
    return np.clip(np.floor(values * most + 0.5), 0, most).astype(np.uint32)


def smallest_three(rotations: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Which part (N,) of each quaternion is the largest, and the others (N, 3) in order where that one is positive."""
    largest = np.abs(rotations).argmax(axis=1)
    signs = np.where(np.take_along_axis(rotations, largest[:, None], 1) < 0, -1, 1)
    return largest, np.asarray(np.take_along_axis(rotations * signs, _OTHERS[largest], 1), np.float32)


def from_smallest_three(largest: npt.NDArray[np.integer], others: FloatArray) -> FloatArray:
    """Quaternions (N, 4) again."""
    rotations = np.empty((len(others), 4), np.float32)
    rest = np.sqrt(np.maximum(1 - np.square(others).sum(1), 0))
    np.put_along_axis(rotations, _OTHERS[largest], others, 1)
    np.put_along_axis(rotations, largest[:, None].astype(np.intp), rest[:, None], 1)
    return rotations


_OTHERS: Final = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])


def damaged() -> UserError:
    """What to say where a file contradicts itself."""
    return UserError(N_("This file of Gaussian splats is damaged."), N_("Copy or download it again."))
