"""Fills what is missing of a picture: places are looked for whose drawings agree with what is known of it.

Shapes: K answers, D latent numbers, H W pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.masked_picture import FloatArray, StartPicture, mask_bytes, painted_from
from studio.core.picture import read_opacity_picture, read_picture
from studio.core.seed import standard_normal
from studio.core.translation import N_
from studio.core.view import ByteArray, Image, State, View

from .ink import fit_picture

BOLDNESS: Final = (0.0, 0.5, 0.5, 0.5)  # how far from the average each answer begins
N_ANSWERS: Final = len(BOLDNESS)
N_GUESSES: Final = 8
N_STEPS: Final = 48
DEVIATION: Final = 0.1  # of a known pixel from what is drawn of it, 0..1
RATE: Final = 0.08
DECAYS: Final = (0.9, 0.99)
LEAST_HOLE, MOST_HOLE = 0.002, 0.98  # shares of a picture
CLEAR: Final = 128
UNFIT_PICTURE: Final = N_("This saved picture belongs to another model.")


class PictureModel(Protocol):
    """What draws and reads pictures; see `VaeEngine`."""

    @property
    def size_px(self) -> int:
        """Width and height of a picture."""

    @property
    def n_latent(self) -> int:
        """How many numbers a place has."""

    @property
    def is_coloured(self) -> bool:
        """Whether pictures have three colours; grey ones hold ink."""

    @property
    def has_letters(self) -> bool:
        """Whether it draws letters that one can choose."""

    def decode(self, z: FloatArray, letters: str = "") -> FloatArray:
        """Draw N places (N, D)."""

    def posterior(self, pictures: FloatArray, letters: str = "") -> tuple[FloatArray, FloatArray]:
        """Means and logarithms of variances of N pictures, (N, D) each."""

    def slope(self, places: FloatArray, known: FloatArray, weights: FloatArray, deviation: float) -> FloatArray:
        """The gradient (N, D) of -log p(z) - log p(known | z) at places (N, D)."""

    def pixels(self, picture: FloatArray) -> ByteArray:
        """What is shown of pictures that `decode` gave."""

    def place_in(self, state: State) -> FloatArray:
        """The place (D,) in a state; raises UserError where it is none of this model."""


@dataclass(frozen=True, eq=False)
class Answers:
    """K answers after `step` of the steps: their places (K, D), and the moments of the descent (2, K, D)."""

    places: FloatArray
    moments: FloatArray
    step: int


class Hole:
    """A picture of which a part is missing, as a model sees it.

    Attributes:
        state: picture (H, W, 3) and mask (H, W), uint8, as a frame's state has them.
        known: (H, W) ink or (H, W, 3) colours in 0..1; `weights`, (H, W) or (H, W, 1), is 1 where that is so.
    """

    def __init__(self, engine: PictureModel, source: StartPicture) -> None:
        """Raises UserError where it is not of the model's size."""
        size = (engine.size_px, engine.size_px)
        picture, mask = source.picture, source.mask
        if engine.has_letters or mask is None or picture.shape != (*size, 3) or mask.shape != size:
            raise UserError(UNFIT_PICTURE)
        self.state: State = {"picture": picture, "mask": mask}
        self.known = known_of(picture, engine.is_coloured)
        self._engine, self._picture = engine, picture
        self._missing = painted_from(mask)[..., None]  # (H, W, 1)
        self._lost = self._missing if engine.is_coloured else self._missing[..., 0]
        self.weights = 1 - self._lost.astype(np.float32)

    def filled(self, pictures: FloatArray) -> ByteArray:
        """The picture with what is missing taken from (N, H, W) or (N, H, W, 3) in 0..1: (N, H, W, 3) uint8.

        What is known stays as it is, to the bit.
        """
        drawn = self._engine.pixels(pictures)
        return np.where(self._missing, drawn if drawn.ndim == 4 else drawn[..., None], self._picture)

    def mixed(self, pictures: FloatArray) -> FloatArray:
        """Pictures (N, H, W) or (N, H, W, 3) in 0..1 with what is known put in its place."""
        return np.where(self._lost, pictures, self.known)

    def surprise(self, pictures: FloatArray) -> FloatArray:
        """-log p(known | picture) of pictures in nats, (N,), up to a constant."""
        wrong = np.square(pictures - self.known) * self.weights
        return wrong.reshape(len(pictures), -1).sum(1) / np.float32(2 * DEVIATION**2)

    def errors(self, pictures: FloatArray) -> FloatArray:
        """How far the known part of pictures is from what is known, (N,): mean of the absolute difference, 0..1."""
        wrong = np.abs(pictures - self.known) * self.weights
        n = max(float(np.broadcast_to(self.weights, self.known.shape).sum()), 1.0)
        return wrong.reshape(len(pictures), -1).sum(1) / np.float32(n)


def known_of(picture: ByteArray, is_coloured: bool) -> FloatArray:
    """A picture (H, W, 3) as a model takes it: colours (H, W, 3) in 0..1, or the ink on white paper (H, W)."""
    share = picture.astype(np.float32) / np.float32(255)
    return share if is_coloured else 1 - share.mean(axis=2, dtype=np.float32)


def hole_in(path: Path, engine: PictureModel) -> StartPicture | None:
    """The picture in a file where a part of it is cut out, in the model's size; else None.

    A drawing on a transparent ground has no hole: all its corners are clear.
    """
    found = read_picture(path)
    if not found.had_alpha:
        return None
    height, width = found.rgb.shape[:2]
    clear = read_opacity_picture(path, width, height)[..., 3] < CLEAR
    corners = clear[[0, 0, -1, -1], [0, -1, 0, -1]]
    if corners.all() or not LEAST_HOLE <= clear.mean() <= MOST_HOLE:
        return None
    lost = np.repeat(mask_bytes(clear)[..., None], 3, axis=2)
    rgb = np.where(clear[..., None], np.uint8(255), found.rgb)
    picture, mask = (fit_picture(one, engine.size_px) for one in (rgb, lost))
    return StartPicture(np.rint(255 * picture).astype(np.uint8), mask_bytes(mask[..., 0] > 0))


def repaired(engine: PictureModel, seed: int, start: State) -> Iterator[Frame]:
    """Yield the frames of a repair from its beginning, or from `start`, the state of one of them.

    `start` has `picture` (H, W, 3) and `mask` (H, W), uint8; with `z` (D,) alone, the one frame of that place; as the
    state of a frame also `answers` (K, D), `moments` (2, K, D) and `step`.
    """
    hole = Hole(engine, StartPicture(start["picture"], start["mask"]))
    if "z" in start and "answers" not in start:
        z = engine.place_in(start)
        views: dict[str, View] = {"picture": Image(hole.filled(engine.decode(z[None]))[0])}
        yield Frame(0, 1, views=views, state={"z": z, **hole.state})
        return
    now = _begun(engine, seed, start)
    while True:
        pictures = engine.decode(now.places)
        yield _frame(hole, now, pictures)
        if now.step == N_STEPS - 1:
            return
        now = _guessed(engine, hole, now, pictures, seed) if now.step < N_GUESSES else _descended(engine, hole, now)


def _begun(engine: PictureModel, seed: int, start: State) -> Answers:
    shape = (N_ANSWERS, engine.n_latent)
    if "answers" not in start:
        places = np.array(BOLDNESS, np.float32)[:, None] * standard_normal(shape, seed, 0)
        return Answers(places, np.zeros((2, *shape), np.float32), 0)
    now = Answers(start["answers"], start["moments"], int(start["step"]))
    if now.places.shape != shape or now.moments.shape != (2, *shape) or not 0 <= now.step < N_STEPS:
        raise UserError(UNFIT_PICTURE)
    return now


def _guessed(engine: PictureModel, hole: Hole, now: Answers, pictures: FloatArray, seed: int) -> Answers:
    """Read what is known together with what was drawn in its place (pseudo-Gibbs; its noise cools down)."""
    means, log_variances = engine.posterior(hole.mixed(pictures))  # (K, D) each
    heat = np.float32(max(0.0, 1 - (now.step + 2) / N_GUESSES))
    noise = standard_normal(means.shape, seed, now.step + 1)
    return Answers(means + heat * np.exp(log_variances / 2) * noise, now.moments, now.step + 1)


def _descended(engine: PictureModel, hole: Hole, now: Answers) -> Answers:
    """One step of Adam downhill on -log p(known | z) - log p(z)."""
    slope = engine.slope(now.places, hole.known, hole.weights, DEVIATION)  # (K, D)
    first = DECAYS[0] * now.moments[0] + (1 - DECAYS[0]) * slope
    second = DECAYS[1] * now.moments[1] + (1 - DECAYS[1]) * slope**2
    n = now.step - N_GUESSES + 1
    way = first / (1 - DECAYS[0] ** n) / (np.sqrt(second / (1 - DECAYS[1] ** n)) + 1e-8)
    places = (now.places - RATE * way).astype(np.float32)
    return Answers(places, np.stack([first, second]).astype(np.float32), now.step + 1)


def _frame(hole: Hole, now: Answers, pictures: FloatArray) -> Frame:
    """All answers, and as the picture the first one, which is the most likely one at the end."""
    errors = hole.errors(pictures)  # (K,)
    if now.step == N_STEPS - 1:
        order = np.argsort(hole.surprise(pictures) + np.square(now.places).sum(1) / 2, kind="stable")
        now = Answers(now.places[order], now.moments[:, order], now.step)
        pictures, errors = pictures[order], errors[order]
    filled = hole.filled(pictures)
    views: dict[str, View] = {"picture": Image(filled[0])}
    views |= {f"answer {number + 1}": Image(one) for number, one in enumerate(filled)}
    state = {"answers": now.places, "moments": now.moments, "step": np.array(now.step)}
    scalars = {"error": float(errors[0])}
    return Frame(now.step, N_STEPS, views=views, scalars=scalars, state={"z": now.places[0], **hole.state, **state})
