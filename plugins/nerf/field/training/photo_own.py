"""What each photo has of its own while a scene is learnt from photos in different light: a code, and what is in front.

NeRF in the Wild (Martin-Brualla et al. 2021): the code of a photo tells the colour network in what light it was taken;
what was in only one photo is explained by something of that photo, and its pixels count less where nothing explains
them. There it is a second volume that the code places in the scene. Here it is a layer before the picture, on a coarse
grid: a passer-by is in one photo only, so nothing could tell how far away he was, and what he hides is a matter of that
picture alone (as in Ha-NeRF, Chen et al. 2022).
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from ..model.lights import Lights
from ..photos.photos import Photos
from .training_pass import PassOutcome, RayBatch

FloatArray: TypeAlias = npt.NDArray[np.float32]
IntArray: TypeAlias = npt.NDArray[np.int64]
Places: TypeAlias = tuple[IntArray, IntArray, IntArray]
"""Photo, column and row of pixels, (R,) each."""

CELL_PX: Final = 8
"""Pixels from one point of a layer's grid to the next."""
N_LAYER: Final = 5
"""Numbers at each of its points: opacity and colour before a sigmoid, the logarithm of the uncertainty."""
LEAST_BETA: Final = 0.05
"""Uncertainty of a pixel of which nothing is in doubt, in parts of the range of colours."""
PENALTY: Final = 3.0
"""Of opacity: a layer costs as much as errors of LEAST_BETA times the root of 2 PENALTY, in all channels together."""
FIRST_OPACITY, FIRST_BETA = 0.1, 0.15
CODE_SPREAD: Final = 0.05
LAYER_BOOST: Final = 5.0
"""A layer learns at so many times the networks' rate."""


@dataclass(frozen=True, eq=False)
class LayerPixels:
    """A layer at R pixels.

    Attributes:
        points, shares: int64 and float32 (R, 4): between which points of the grids a pixel lies, and how near to each.
        opacity: float32 (R,). colour: float32 (R, 3), 0..1. doubt: float32 (R,), what beta has above LEAST_BETA.
    """

    points: IntArray
    shares: FloatArray
    opacity: FloatArray
    colour: FloatArray
    doubt: FloatArray

    @property
    def beta(self) -> FloatArray:
        """Uncertainty (R,)."""
        return np.asarray(LEAST_BETA + self.doubt, np.float32)

    def front(self) -> FloatArray:
        """The same as the pass of learning reads it: see `RayBatch.front`."""
        weight = (LEAST_BETA / self.beta) ** 2
        return np.column_stack([self.opacity[:, None] * self.colour, 1 - self.opacity, weight]).astype(np.float32)

    def loss(self, seen: FloatArray, target: FloatArray) -> FloatArray:
        """Of each ray (R,): squared error over 2 beta^2 + log beta + PENALTY * opacity, all times LEAST_BETA^2.

        Args:
            seen: colours (R, 3) of the scene alone. target: those of the photo.
        """
        error = self._error(seen, target)
        found = (error**2).sum(-1) / (2 * self.beta**2) + np.log(self.beta) + PENALTY * self.opacity
        return np.asarray(LEAST_BETA**2 * found, np.float32)

    def gradient(self, seen: FloatArray, target: FloatArray) -> FloatArray:
        """The gradient of `loss` by the numbers of the layer at the pixels, (R, N_LAYER)."""
        error, beta = self._error(seen, target), self.beta
        weight = 1 / beta**2
        by_opacity = weight * (error * (self.colour - seen)).sum(-1) + PENALTY
        by_colour = (weight * self.opacity)[:, None] * error
        by_beta = 1 / beta - (error**2).sum(-1) / beta**3
        raw = (
            by_opacity * self.opacity * (1 - self.opacity),
            by_colour * self.colour * (1 - self.colour),
            by_beta * self.doubt,
        )
        return np.asarray(LEAST_BETA**2 * np.column_stack(raw), np.float32)

    def _error(self, seen: FloatArray, target: FloatArray) -> FloatArray:
        return np.asarray((1 - self.opacity)[:, None] * seen + self.opacity[:, None] * self.colour - target)


class PhotoOwn:
    """Codes and layers of P photos, and what they have learnt so far.

    Attributes:
        codes: float32 (P, n_code).
        layers: float32 (P, h, w, N_LAYER); a point of the grid is CELL_PX pixels from the next.
    """

    def __init__(self, photos: Photos, n_code: int, seed: int) -> None:
        random = np.random.default_rng([seed, n_code])
        n_photos, height, width = len(photos), -(-photos.height // CELL_PX), -(-photos.width // CELL_PX)
        self.codes: FloatArray = random.normal(0, CODE_SPREAD, (n_photos, n_code)).astype(np.float32)
        self.layers: FloatArray = np.zeros((n_photos, height, width, N_LAYER), np.float32)
        self.layers[..., 0] = np.log(FIRST_OPACITY / (1 - FIRST_OPACITY))
        self.layers[..., 4] = np.log(FIRST_BETA - LEAST_BETA)
        self._gradients = [np.zeros_like(self.codes), np.zeros_like(self.layers)]
        moments = (self.codes, self.codes, self.layers, self.layers)
        self._moments: list[FloatArray] = [np.zeros_like(values) for values in moments]

    def arrays(self) -> dict[str, FloatArray]:
        """All that goes on from here, by name."""
        moments = zip(("code_first", "code_second", "layer_first", "layer_second"), self._moments, strict=True)
        return {"codes": self.codes, "layers": self.layers, **dict(moments)}

    def moves(self) -> list[tuple[float, FloatArray, FloatArray, FloatArray, FloatArray]]:
        """What Adam moves: at how many times the networks' rate, numbers, their gradients and both moments."""
        one, other, layer_one, layer_other = self._moments
        codes, layers = self._gradients
        return [(1.0, self.codes, codes, one, other), (LAYER_BOOST, self.layers, layers, layer_one, layer_other)]

    def at(self, places: Places) -> LayerPixels:
        """The layers at pixels."""
        photo, columns, rows = places
        _, height, width, _ = self.layers.shape
        (left, right, along), (upper, lower, down) = _between(columns, width), _between(rows, height)
        points = np.stack([(photo * height + y) * width + x for y in (upper, lower) for x in (left, right)], axis=-1)
        shares = np.stack([v * u for v in (1 - down, down) for u in (1 - along, along)], axis=-1).astype(np.float32)
        numbers = np.einsum("rc,rcn->rn", shares, self.layers.reshape(-1, N_LAYER)[points])
        opacity, colour = _sigmoid(numbers[:, 0]), _sigmoid(numbers[:, 1:4])
        return LayerPixels(points, shares, opacity, colour, np.exp(numbers[:, 4]))

    def joined(self, batch: RayBatch, places: Places) -> RayBatch:
        """Rays with the codes and layers of the pixels that they go through; `note` is about them."""
        self._looked_at = places[0], self.at(places)
        return batch._replace(code=self.codes[places[0]], front=self._looked_at[1].front())

    def asked(self, outcome: PassOutcome, n_rays: int) -> PassOutcome:
        """An outcome that also tells what `note` needs."""
        seen, code_gradient = np.full((n_rays, 3), np.nan, np.float32), np.zeros((n_rays, self.codes.shape[1]))
        return outcome._replace(seen=seen, code_gradient=code_gradient.astype(np.float32))

    def note(self, batch: RayBatch, outcome: PassOutcome) -> None:
        """Add up the gradients of the rays of a pass; those that were not looked at have no number in `seen`."""
        photo, pixels = self._looked_at
        codes, layers = self._gradients
        np.add.at(codes, photo, outcome.code_gradient)
        is_seen = np.isfinite(outcome.seen[:, :1])
        found = np.where(is_seen, pixels.gradient(outcome.seen, batch.target), np.float32(0))
        np.add.at(layers.reshape(-1, N_LAYER), pixels.points, pixels.shares[..., None] * found[:, None])

    def left_out(self) -> npt.NDArray[np.uint8]:
        """How much less than in full the points of the layers count, (P, h, w), 255 where the scene learns nothing."""
        beta = LEAST_BETA + np.exp(self.layers[..., 4])
        counts = (1 - _sigmoid(self.layers[..., 0])) * (LEAST_BETA / beta) ** 2
        return np.rint(255 * (1 - counts)).astype(np.uint8)


def _between(pixels: IntArray, n: int) -> tuple[IntArray, IntArray, Any]:
    """The points of a grid before and behind pixels along an axis, and how far on the way each is, 0..1."""
    place = np.clip((pixels + 0.5) / CELL_PX - 0.5, 0, n - 1)
    first = place.astype(np.int64)
    return first, np.minimum(first + 1, n - 1), place - first


def _sigmoid(values: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-values)), np.float32)


def lights_of(photos: Photos, codes: FloatArray, columns: FloatArray) -> Lights:
    """The lights of photos (P,) with codes (P, n_code): of each named lighting the mean of its photos.

    Where photos name no lighting, each has its own; they are put in the order of what differs most between them.
    """
    if photos.lighting:
        names = tuple(dict.fromkeys(photos.lighting))
        which = np.array([names.index(name) for name in photos.lighting])
        return Lights(names, np.stack([codes[which == n].mean(0) for n in range(len(names))]), columns)
    effect = (codes - codes.mean(0)) @ columns.T
    order = np.argsort(effect @ np.linalg.svd(effect, full_matrices=False)[2][0], kind="stable")
    return Lights(tuple(photos.names[int(n)] for n in order), codes[order], columns)
