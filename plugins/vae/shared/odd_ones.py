"""Scores pictures by how badly a model explains them, the oddest first, and shows where.

Shapes: N pictures, D latent numbers, H W pixels.
"""

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.training import read_pictures, skipped_sentence
from studio.core.frame import Frame
from studio.core.masked_picture import FloatArray
from studio.core.pausing import silently
from studio.core.view import ByteArray, Image, Series, Tokens

from .forest import has_forest, isolation
from .ink import Array
from .odd_examples import OddExample, contradicting_faces, letters_among_digits
from .repair import DEVIATION, PictureModel, known_of

N_AT_ONCE: Final = 8  # others wait so long
MAX_FRAMES: Final = 40
N_COLUMNS, N_ROWS = 10, 6
GAP_PX: Final = 4
SPOT: Final = np.array([1, 6, 15, 20, 15, 6, 1], np.float32) / 64  # weights of a spot; one pixel alone says little
HOT: Final = 0.5  # a mean difference that is shown in full
HEAT_COLOUR: Final = (255, 80, 0)
SURPRISE, ERROR, FOREST, PLACES = "surprise", "error", "forest", "places"
MEASURES: Final = (SURPRISE, ERROR, FOREST, PLACES)
_ALMOST: Final = 1e-4


@dataclass(eq=False)
class _Scored:
    """What is known of the pictures so far: scores (N,) by measure, heat (N, H, W) and places (N, D)."""

    found: OddExample
    scores: dict[str, FloatArray] = field(default_factory=dict)
    heats: list[FloatArray] = field(default_factory=list)
    places: list[FloatArray] = field(default_factory=list)

    def add(self, scores: FloatArray, heats: FloatArray, places: FloatArray) -> None:
        """Take in some more pictures."""
        for name, new in zip((SURPRISE, ERROR), scores, strict=True):
            self.scores[name] = np.append(self.scores.get(name, np.zeros(0, np.float32)), new)
        self.heats.extend(heats)
        self.places.extend(places)

    def grow_forests(self, seed: int) -> Generator[None, None, None]:
        """Add what isolation forests say of pixels and of places."""
        pixels = self.found.pictures.reshape(len(self.places), -1).astype(np.float32)
        for name, rows in ((FOREST, pixels), (PLACES, np.stack(self.places))):
            self.scores[name] = yield from isolation(rows, seed)


def odd_ones(engine: PictureModel, folder: Path | None, measure: str, seed: int) -> Iterator[Frame | None]:
    """Yield None while a folder is read and between frames, of which each has some more pictures.

    Without a folder they are those of an example. Its views are `picture`, the oddest pictures so far with heat over
    them, `scores`, a series of each measure in the order in which pictures were read, and at the end `names`, and
    `left_out`, names of files that cannot be read. Where it is known which are odd, `auc MEASURE` are scalars.
    Where scikit-learn is there, two isolation forests are measures too, at the end.
    Raises UserError where the folder has too few pictures.
    """
    found = yield from (_example(engine, seed) if folder is None else _read(engine, folder))
    so_far, n_steps = _Scored(found), -(-len(found.names) // N_AT_ONCE)
    stride = -(-n_steps // MAX_FRAMES)
    n_frames = -(-(n_steps - 1) // stride) + 1
    for step in range(n_steps):
        so_far.add(*scored(engine, found.pictures[step * N_AT_ONCE : (step + 1) * N_AT_ONCE]))
        is_last = step == n_steps - 1
        if step % stride and not is_last:
            yield None
            continue
        if is_last and has_forest():
            yield from so_far.grow_forests(seed)
        yield _frame(so_far, measure, -(-step // stride), n_frames)


def _example(engine: PictureModel, seed: int) -> Generator[None, None, OddExample]:
    if engine.is_coloured:
        return contradicting_faces(seed)
    return (yield from letters_among_digits(seed))


def _read(engine: PictureModel, folder: Path) -> Generator[None, None, OddExample]:
    found = yield from silently(read_pictures(str(folder), engine.size_px, "fit", 1))
    left_out = tuple(one.name for one in found.skipped)
    return OddExample(found.pictures, found.names, left_out=left_out, why=skipped_sentence(found))


def scored(engine: PictureModel, pictures: ByteArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Scores (2, N) of pictures (N, H, W, 3), where each differs from its redrawing (N, H, W), and their places (N, D).

    The first score is the negative ELBO in nats, its likelihood at the mean place, without what the best redrawing
    costs. The other one is how far the redrawing is off, 0..1, in spots of a few pixels; the worst ones count most.
    """
    known = np.stack([on_paper(known_of(one, engine.is_coloured)) for one in pictures])
    means, log_variances = engine.posterior(known)  # (N, D) each
    drawn = engine.decode(means)
    divergence = (np.square(means) + np.exp(log_variances) - 1 - log_variances).sum(1) / 2  # (N,)
    wrong = np.abs(_in_spots(known - drawn)).reshape(len(known), *known.shape[1:3], -1).mean(3)  # (N, H, W)
    surprise = _negative_log_likelihood(known, drawn, engine.is_coloured) + divergence
    error = np.power(wrong, 4).mean((1, 2)) ** 0.25
    return np.stack([surprise, error]).astype(np.float32), wrong, means


def _in_spots(values: FloatArray) -> FloatArray:
    """Averages of (N, H, W, ...) over spots: too much ink beside too little is a line that lies elsewhere."""
    reach = len(SPOT) // 2
    for axis in (1, 2):
        padded = np.pad(values, [(reach, reach) if at == axis else (0, 0) for at in range(values.ndim)])
        wide = np.moveaxis(padded, axis, 0)
        total = np.zeros_like(np.moveaxis(values, axis, 0))
        for start, weight in enumerate(SPOT):
            total += weight * wide[start : start + len(total)]
        values = np.moveaxis(total, 0, axis)
    return values


def on_paper(known: Array) -> Array:
    """Ink (H, W) of white on black, as MNIST itself has it, turned round; colours stay."""
    if known.ndim == 3:
        return known
    border = np.concatenate([known[0], known[-1], known[:, 0], known[:, -1]])
    return 1 - known if np.median(border) > 0.5 else known


def _negative_log_likelihood(known: Array, drawn: Array, is_coloured: bool) -> FloatArray:
    """Of a normal distribution around each colour, or of Bernoulli's for ink, less that of the picture itself: (N,)."""
    if is_coloured:
        nats = np.square(known - drawn) / (2 * DEVIATION**2)
    else:
        known, drawn = (np.clip(ink, _ALMOST, 1 - _ALMOST) for ink in (known, drawn))
        nats = known * np.log(known / drawn) + (1 - known) * np.log((1 - known) / (1 - drawn))
    return np.asarray(nats.reshape(len(nats), -1).sum(1), np.float32)


def _frame(so_far: _Scored, measure: str, step: int, n_steps: int) -> Frame:
    found, scores, n = so_far.found, so_far.scores, len(so_far.places)
    by = scores.get(measure, scores[SURPRISE])
    shown = np.argsort(-by, kind="stable")[: N_COLUMNS * N_ROWS]
    sheet = mosaic([heated(found.pictures[index], so_far.heats[index]) for index in shown])
    views: dict[str, Any] = {"picture": Image(sheet), "scores": Series(dict(scores), np.arange(n, dtype=np.float32))}
    scalars, label = {"n_pictures": float(n)}, ""
    if step == n_steps - 1:
        views["names"] = Tokens(found.names, tuple(map(float, by)))
        views["left_out"] = Tokens(found.left_out)
        label = found.why
        if found.is_odd is not None:
            scalars |= {f"auc {name}": auc(one, found.is_odd) for name, one in scores.items()}
    return Frame(step, n_steps, label, views=views, scalars=scalars)


def heated(picture: ByteArray, heat: FloatArray) -> ByteArray:
    """A picture (H, W, 3) with a colour laid over it, the stronger the more it differs there (H, W)."""
    share = np.clip(heat / HOT, 0, 1)[..., None]
    return np.rint(picture * (1 - share) + np.array(HEAT_COLOUR) * share).astype(np.uint8)


def mosaic(pictures: list[ByteArray]) -> ByteArray:
    """Pictures (H, W, 3) row by row on grey, as many in a row as make it wide."""
    side = pictures[0].shape[0] + GAP_PX
    columns = min(N_COLUMNS, max(1, math.ceil(math.sqrt(1.5 * len(pictures)))))
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * side + GAP_PX, columns * side + GAP_PX, 3), 128, np.uint8)
    for index, picture in enumerate(pictures):
        top, left = (GAP_PX + place * side for place in divmod(index, columns))
        sheet[top : top + len(picture), left : left + len(picture)] = picture
    return sheet


def auc(scores: FloatArray, is_odd: npt.NDArray[np.bool_]) -> float:
    """The share of pairs of an odd and a usual picture of which the odd one has the higher score (ties are halves)."""
    odd, usual = scores[is_odd, None], scores[None, ~is_odd]
    return float(((odd > usual) + (odd == usual) / 2).mean())
