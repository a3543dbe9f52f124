"""Scores pictures by how badly a model explains them, the oddest first, and shows where.

Shapes: N pictures, D latent numbers, H W pixels.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol, Self

import numpy as np
import numpy.typing as npt

from studio.api.engine import limited_threads
from studio.api.training import read_pictures, skipped_sentence
from studio.core.frame import Frame
from studio.core.masked_picture import FloatArray
from studio.core.pausing import silently
from studio.core.view import ByteArray, Image, Series, Tokens

from .forest import has_forest, isolation
from .ink import Array
from .odd_examples import OddExample, contradicting_faces, letters_among_digits, mirrored_letters, scratched_faces
from .repair import DEVIATION, PictureModel, known_of

N_OF_A_THREAD: Final = 8
N_AT_ONCE: Final = 2 * N_OF_A_THREAD  # others wait so long
MAX_FRAMES: Final = 40
N_COLUMNS, N_ROWS = 10, 6
GAP_PX: Final = 4
SPOT: Final = np.array([1, 6, 15, 20, 15, 6, 1], np.float32) / 64  # weights of a spot; one pixel alone says little
HOT: Final = 0.5  # a mean difference that is shown in full
HEAT_COLOUR: Final = (255, 80, 0)
SURPRISE, ERROR, FOREST, PLACES = "surprise", "error", "forest", "places"
MEASURES: Final = (SURPRISE, ERROR, FOREST, PLACES)
_ALMOST: Final = 1e-4


class ScoringModel(PictureModel, Protocol):
    """What scores pictures; see `VaeEngine`."""

    def ink(self, pictures: FloatArray) -> FloatArray:
        """How much ink lies on each pixel of letters; pictures stay as they are."""

    def on_one_thread(self) -> Self:
        """The same model for a caller that has threads of its own."""


@dataclass(eq=False)
class Scored:
    """What is known of the pictures so far: themselves (N, H, W, 3), scores (N,) by measure, heat and places (N, D)."""

    pictures: list[ByteArray] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    scores: dict[str, FloatArray] = field(default_factory=dict)
    heats: list[FloatArray] = field(default_factory=list)
    places: list[FloatArray] = field(default_factory=list)

    def add(self, pictures: ByteArray, names: Sequence[str], found: tuple[FloatArray, FloatArray, FloatArray]) -> None:
        """Take in some more pictures with what `scored` has found of them."""
        scores, heats, places = found
        for name, new in zip((SURPRISE, ERROR), scores, strict=True):
            self.scores[name] = np.append(self.scores.get(name, np.zeros(0, np.float32)), new)
        self.pictures.extend(pictures)
        self.names.extend(names)
        self.heats.extend(heats)
        self.places.extend(places)

    def grow_forests(self, seed: int) -> Generator[None, None, None]:
        """Add what isolation forests say of pixels and of places, where scikit-learn is there."""
        if not has_forest():
            return
        pixels = np.stack(self.pictures).reshape(len(self.places), -1).astype(np.float32)
        for name, rows in ((FOREST, pixels), (PLACES, np.stack(self.places))):
            self.scores[name] = yield from isolation(rows, seed)

    def frame(self, measure: str, step: int, n_steps: int) -> Frame:
        """A sheet of the oddest pictures so far by a measure, with heat over them, and the scores of all."""
        by = self.by(measure)
        shown = np.argsort(-by, kind="stable")[: N_COLUMNS * N_ROWS]
        sheet = mosaic([heated(self.pictures[index], self.heats[index]) for index in shown])
        scores = Series(dict(self.scores), np.arange(len(by), dtype=np.float32))
        views: dict[str, Any] = {"picture": Image(sheet), "scores": scores}
        return Frame(step, n_steps, views=views, scalars={"n_pictures": float(len(by))})

    def last_frame(self, measure: str, step: int, about: OddExample) -> Frame:
        """The same with the names and what is known about the pictures as a whole."""
        frame, by = self.frame(measure, step, step + 1), self.by(measure)
        views = {"names": Tokens(tuple(self.names), tuple(map(float, by))), "left_out": Tokens(about.left_out)}
        scalars = {"n_enlarged": float(about.n_enlarged)} if about.n_enlarged else {}
        if about.is_odd is not None:
            scalars |= {f"auc {name}": auc(one, about.is_odd) for name, one in self.scores.items()}
        return replace(frame, label=about.why, views={**frame.views, **views}, scalars={**frame.scalars, **scalars})

    def by(self, measure: str) -> FloatArray:
        """The scores (N,) by a measure, or by the first one where that is not there yet."""
        return self.scores.get(measure, self.scores[SURPRISE])


def odd_ones(
    engine: ScoringModel, folder: Path | None, measure: str, seed: int, is_scratched: bool = False
) -> Iterator[Frame | None]:
    """Yield None while a folder is read and between frames, of which each but the last has some more pictures.

    Without a folder they are those of an example; of faces, mixed ones or scratched ones. Its views are `picture`, the
    oddest pictures so far with heat over them, `scores`, a series of each measure in the order in which pictures were
    read, and at the end `names`, and `left_out`, names of files that cannot be read. Where it is known which are odd,
    `auc MEASURE` are scalars.
    Where scikit-learn is there, two isolation forests are measures too, at the end.
    Raises UserError where the folder has too few pictures.
    """
    found = yield from (_example(engine, seed, is_scratched) if folder is None else _read(engine, folder))
    so_far, n_steps = Scored(), -(-len(found.names) // N_AT_ONCE)
    stride = -(-n_steps // MAX_FRAMES)
    n_frames = -(-(n_steps - 1) // stride) + 2
    for step in range(n_steps):
        part = slice(step * N_AT_ONCE, (step + 1) * N_AT_ONCE)
        pictures, letters = found.pictures[part], found.letters[part]
        known = seen(engine, pictures) if found.fields is None else found.fields[part]
        so_far.add(pictures, found.names[part], scored(engine, known, letters))
        is_shown = step % stride == 0 or step == n_steps - 1
        yield so_far.frame(measure, -(-step // stride), n_frames) if is_shown else None
    yield from so_far.grow_forests(seed)
    yield so_far.last_frame(measure, n_frames - 1, found)


def _example(engine: ScoringModel, seed: int, is_scratched: bool) -> Generator[None, None, OddExample]:
    if engine.has_letters:
        return mirrored_letters(seed)
    if engine.is_coloured:
        return scratched_faces(seed) if is_scratched else contradicting_faces(seed)
    return (yield from letters_among_digits(seed))


def _read(engine: ScoringModel, folder: Path) -> Generator[None, None, OddExample]:
    found = yield from silently(read_pictures(str(folder), engine.size_px, "fit", 1, enlarges=True))
    left_out, why = tuple(one.name for one in found.skipped), skipped_sentence(found)
    return OddExample(found.pictures, found.names, left_out=left_out, why=why, n_enlarged=found.n_enlarged)


def seen(engine: ScoringModel, pictures: ByteArray) -> FloatArray:
    """Pictures (N, H, W, 3) as a model of pictures encodes them, ink on paper."""
    return np.stack([on_paper(known_of(one, engine.is_coloured)) for one in pictures])


def scored(engine: ScoringModel, known: FloatArray, letters: str = "") -> tuple[FloatArray, FloatArray, FloatArray]:
    """Scores (2, N) of pictures as a model encodes them, where each differs from its redrawing (N, H, W), and their
    places (N, D).

    The first score is the negative ELBO in nats, its likelihood at the mean place, without what the best redrawing
    costs. The other one is how far the redrawing is off, 0..1, in spots of a few pixels; the worst ones count most.

    A few pictures are scored by each of two threads: two that share a picture wait for each other at every layer.
    """
    single = engine.on_one_thread()
    parts = [slice(first, first + N_OF_A_THREAD) for first in range(0, len(known), N_OF_A_THREAD)]
    with limited_threads(1), ThreadPoolExecutor(2) as threads:
        found = threads.map(lambda part: _scored(single, known[part], letters[part]), parts)
        scores, wrong, means = zip(*found, strict=True)
    return np.concatenate(scores, 1), np.concatenate(wrong), np.concatenate(means)


def _scored(engine: ScoringModel, known: FloatArray, letters: str) -> tuple[FloatArray, FloatArray, FloatArray]:
    means, log_variances = engine.posterior(known, letters)  # (N, D) each
    known, drawn = engine.ink(known), engine.ink(engine.decode(means, letters))
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
