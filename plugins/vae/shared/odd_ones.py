"""Scores pictures by how badly a model explains them, the oddest first, and shows where.

Shapes: N pictures, D latent numbers, H W pixels.
"""

import math
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.training import FolderPictures, read_pictures
from studio.core.frame import Frame
from studio.core.masked_picture import FloatArray
from studio.core.view import ByteArray, Image, Series, Tokens

from .ink import Array
from .odd_examples import OddExample, contradicting_faces, letters_among_digits
from .repair import DEVIATION, PictureModel, known_of

N_AT_ONCE: Final = 8  # others wait so long
MAX_FRAMES: Final = 40
N_COLUMNS, N_ROWS = 10, 6
GAP_PX: Final = 4
HEAT_PX: Final = 3  # heat is averaged over so many pixels, since one alone says little
HOT: Final = 0.5  # a mean difference that is shown in full
HEAT_COLOUR: Final = (255, 80, 0)
SURPRISE, ERROR = "surprise", "error"
MEASURES: Final = (SURPRISE, ERROR)
_ALMOST: Final = 1e-4


def odd_ones(engine: PictureModel, folder: Path | None, measure: str, seed: int) -> Iterator[Frame | None]:
    """Yield None while a folder is read and between frames, of which each has some more pictures.

    Without a folder they are those of an example. Its views are `picture`, the oddest pictures so far with heat over
    them, `scores`, a series of each measure in the order in which pictures were read, and at the end `names`. Where it
    is known which are odd, `auc` is a scalar.
    Raises UserError where the folder has too few pictures.
    """
    found = yield from (_example(engine, seed) if folder is None else _read(engine, folder))
    n, scores = len(found.names), np.zeros((2, 0), np.float32)
    heats: list[FloatArray] = []
    n_steps = -(-n // N_AT_ONCE)
    stride = -(-n_steps // MAX_FRAMES)
    n_frames = -(-(n_steps - 1) // stride) + 1
    for step in range(n_steps):
        pictures = found.pictures[step * N_AT_ONCE : (step + 1) * N_AT_ONCE]
        new, heat = scored(engine, pictures)
        scores = np.concatenate([scores, new], axis=1)
        heats.extend(heat)
        if step % stride and step < n_steps - 1:
            yield None
        else:
            yield _frame(found, scores, heats, measure, -(-step // stride), n_frames)


def _example(engine: PictureModel, seed: int) -> Generator[None, None, OddExample]:
    if engine.is_coloured:
        return contradicting_faces(seed)
    return (yield from letters_among_digits(seed))


def _read(engine: PictureModel, folder: Path) -> Generator[None, None, OddExample]:
    reading = read_pictures(str(folder), engine.size_px, "fit", 1)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            found: FolderPictures = end.value
            break
        yield None
    return OddExample(found.pictures, found.names, n_left_out=found.n_skipped)


def scored(engine: PictureModel, pictures: ByteArray) -> tuple[FloatArray, FloatArray]:
    """The negative ELBO in nats, its likelihood at the mean place, and the mean error of pictures (N, H, W, 3): (2, N).

    Also where each differs from its redrawing, (N, H, W) in 0..1.
    """
    known = np.stack([on_paper(known_of(one, engine.is_coloured)) for one in pictures])
    means, log_variances = engine.posterior(known)  # (N, D) each
    drawn = engine.decode(means)
    divergence = (np.square(means) + np.exp(log_variances) - 1 - log_variances).sum(1) / 2  # (N,)
    wrong = np.abs(known - drawn).reshape(len(known), *known.shape[1:3], -1).mean(3)  # (N, H, W)
    surprise = _negative_log_likelihood(known, drawn, engine.is_coloured) + divergence
    return np.stack([surprise, wrong.mean((1, 2))]).astype(np.float32), wrong


def on_paper(known: Array) -> Array:
    """Ink (H, W) of white on black, as MNIST itself has it, turned round; colours stay."""
    if known.ndim == 3:
        return known
    border = np.concatenate([known[0], known[-1], known[:, 0], known[:, -1]])
    return 1 - known if np.median(border) > 0.5 else known


def _negative_log_likelihood(known: Array, drawn: Array, is_coloured: bool) -> FloatArray:
    """Of a normal distribution around each colour, up to a constant, or of Bernoulli's for ink: (N,)."""
    if is_coloured:
        nats = np.square(known - drawn) / (2 * DEVIATION**2)
    else:
        drawn = np.clip(drawn, _ALMOST, 1 - _ALMOST)
        nats = -(known * np.log(drawn) + (1 - known) * np.log1p(-drawn))
    return np.asarray(nats.reshape(len(nats), -1).sum(1), np.float32)


def _frame(
    found: OddExample, scores: FloatArray, heats: list[FloatArray], measure: str, step: int, n_steps: int
) -> Frame:
    by, n = scores[MEASURES.index(measure)], scores.shape[1]
    order = np.argsort(-by, kind="stable")
    shown = order[: N_COLUMNS * N_ROWS]
    sheet = mosaic([heated(found.pictures[index], heats[index]) for index in shown])
    curves = dict(zip(MEASURES, scores, strict=True))
    views: dict[str, Any] = {"picture": Image(sheet), "scores": Series(curves, np.arange(n, dtype=np.float32))}
    scalars = {"n_pictures": float(n), "n_left_out": float(found.n_left_out)}
    if step == n_steps - 1:
        views["names"] = Tokens(found.names, tuple(map(float, by)))
        if found.is_odd is not None:
            scalars["auc"] = auc(by, found.is_odd)
    return Frame(step, n_steps, views=views, scalars=scalars)


def heated(picture: ByteArray, heat: FloatArray) -> ByteArray:
    """A picture (H, W, 3) with a colour laid over it, the stronger the more it differs there (H, W)."""
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(heat, HEAT_PX // 2, mode="edge"), (HEAT_PX, HEAT_PX))
    share = np.clip(windows.mean((2, 3)) / HOT, 0, 1)[..., None]
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
