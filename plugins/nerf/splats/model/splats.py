"""Gaussian splats as arrays: where each is, how it is stretched and turned, how solid, and its colour from each side.

Kerbl et al. 2023, "3D Gaussian Splatting for Real-Time Radiance Field Rendering". N splats, K coefficients a channel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

MAX_DEGREE: Final = 3
N_COEFFICIENTS: Final = (1, 4, 9, 16)
"""Coefficients a channel of spherical harmonics up to each degree."""
SH_0: Final = 0.28209479177387814
"""The constant harmonic: what a first coefficient of 1 adds to a colour."""


@dataclass(frozen=True, eq=False)
class Splats:
    """N splats; what is drawn of one at a point x is opacity * exp(-|R S^-1 (x - centre)|^2 / 2).

    Attributes:
        centres: float32 (N, 3), in world units.
        log_scales: float32 (N, 3), natural logarithm of the standard deviations along the splat's own axes.
        rotations: float32 (N, 4), unit quaternions w, x, y, z from the splat's axes to the world's.
        opacity_logits: float32 (N,); the opacity is their logistic function.
        harmonics: float32 (N, K, 3), K 1, 4, 9 or 16; the colour seen along d is 0.5 + Y(d) @ harmonics, sRGB, in the
            order and with the signs of the paper's program.
    """

    centres: FloatArray
    log_scales: FloatArray
    rotations: FloatArray
    opacity_logits: FloatArray
    harmonics: FloatArray

    def __len__(self) -> int:
        return len(self.centres)

    @property
    def degree(self) -> int:
        """The degree of the spherical harmonics, 0 to 3."""
        return N_COEFFICIENTS.index(self.harmonics.shape[1])

    @property
    def opacities(self) -> FloatArray:
        """float32 (N,), 0..1."""
        return np.asarray(1 / (1 + np.exp(-self.opacity_logits)), np.float32)

    def arrays(self) -> dict[str, FloatArray]:
        """The arrays by their names, as `splats_of` takes them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def where(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Self:
        """Some of them, by a mask or by numbers, in that order."""
        return replace(self, **{name: np.ascontiguousarray(array[chosen]) for name, array in self.arrays().items()})


def splats_of(arrays: Mapping[str, npt.ArrayLike]) -> Splats:
    """The splats of named arrays; quaternions are brought to length 1, those of length 0 turn nothing.

    Raises ValueError where shapes do not belong together.
    """
    named = {field.name: np.ascontiguousarray(arrays[field.name], np.float32) for field in fields(Splats)}
    n, harmonics = len(named["centres"]), named["harmonics"]
    shapes = {"centres": (n, 3), "log_scales": (n, 3), "rotations": (n, 4), "opacity_logits": (n,)}
    is_sound = harmonics.ndim == 3 and harmonics.shape[1] in N_COEFFICIENTS and harmonics.shape[::2] == (n, 3)
    if not is_sound or any(named[name].shape != shape for name, shape in shapes.items()):
        raise ValueError({name: array.shape for name, array in named.items()})
    return Splats(**(named | {"rotations": _unit(named["rotations"])}))


def no_splats() -> Splats:
    """A scene with nothing in it."""
    shapes = {"centres": (0, 3), "log_scales": (0, 3), "rotations": (0, 4), "opacity_logits": (0,)}
    return Splats(**{name: np.zeros(shape, np.float32) for name, shape in (shapes | {"harmonics": (0, 1, 3)}).items()})


def joined(first: Splats, second: Splats) -> Splats:
    """Both together; the lower degree gets zeros for what it lacks."""
    n = max(first.harmonics.shape[1], second.harmonics.shape[1])
    both = [_padded(one, n).arrays() for one in (first, second)]
    return Splats(**{name: np.concatenate([arrays[name] for arrays in both]) for name in both[0]})


def _padded(splats: Splats, n_coefficients: int) -> Splats:
    missing = n_coefficients - splats.harmonics.shape[1]
    return replace(splats, harmonics=np.pad(splats.harmonics, ((0, 0), (0, missing), (0, 0))))


def _unit(rotations: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(rotations, axis=1, keepdims=True)
    still = np.array([1, 0, 0, 0], np.float32)
    return np.asarray(np.where(lengths > 1e-8, rotations / np.maximum(lengths, 1e-8), still), np.float32)
