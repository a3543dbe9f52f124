"""Draws many faces and reads which kinds they are of; torch stays behind it, where only the Lane goes.

N faces, K labels, H W pixels.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from .diversity_modes import TRIPLE, FloatArray, IntArray, Modes, counted, expected_shares
from .grid_call import batches, faces
from .people_scene import PeopleScene

if TYPE_CHECKING:
    from .people_engine import PeopleEngine

SMALL_PX: Final = 16


@dataclass(frozen=True, eq=False)
class Sampled:
    """What was seen so far.

    Attributes:
        n_faces: drawn so far, of `n_wanted`.
        classes, sureness: (N,) each by label, of hair, beard and mouth; empty where the model draws no such faces.
        frequencies: the data's shares of each kind.
        spread: mean root-mean-square difference of two pictures, 0 to 1.
        words, truncation: what was asked for.
    """

    n_faces: int
    n_wanted: int
    classes: Mapping[str, IntArray]
    sureness: Mapping[str, npt.NDArray[np.float32]]
    frequencies: Mapping[str, Sequence[float]]
    spread: float
    words: str
    truncation: float

    def modes(self, labels: tuple[str, ...]) -> Modes:
        """The modes of some of the labels."""
        counts = counted(self.classes, self.sureness, labels)
        return Modes(labels, counts, expected_shares(self.frequencies, labels, self.words), self.n_faces)


def sample(
    engine: "PeopleEngine", scene: PeopleScene, seeds: Sequence[int], has_kinds: bool
) -> Generator[Sampled | None, None, None]:
    """Yield what is seen of the seeds drawn so far, with the scene's words, truncation and directions."""
    from .nearest_labels import LABELS, read_drawn

    frequencies = (yield from _frequencies(engine)) if has_kinds else {}
    columns = {label: LABELS.index(label) for label in TRIPLE}
    classes, sureness, small = [], [], []
    n_drawn = 0
    for batch in batches(engine, seeds):
        pictures = faces(engine, scene, batch)
        small.append(_small(pictures))
        n_drawn += len(batch)
        if has_kinds:
            reading = read_drawn(pictures)
            classes.append(reading.classes)
            sureness.append(reading.sureness)
        yield Sampled(
            n_drawn,
            len(seeds),
            {label: np.concatenate(classes)[:, k] for label, k in columns.items()} if has_kinds else {},
            {label: np.concatenate(sureness)[:, k] for label, k in columns.items()} if has_kinds else {},
            frequencies,
            mean_distance(np.concatenate(small)),
            scene.params.words,
            scene.params.truncation,
        )


def _frequencies(engine: "PeopleEngine") -> Generator[None, None, Mapping[str, Sequence[float]]]:
    """The data's shares: those in the model's card, else those of the shipped faces."""
    if engine.frequencies:
        return engine.frequencies
    return (yield from _shipped_frequencies())


_shipped: dict[str, list[float]] = {}


def _shipped_frequencies() -> Generator[None, None, Mapping[str, Sequence[float]]]:
    from studio.api.training import AVATAR_LABELS, AVATARS_NAME, reading_small

    from .face_chance import frequencies_of

    if not _shipped:
        arrays: dict[str, Any] = yield from reading_small(AVATARS_NAME)
        _shipped.update(frequencies_of(arrays["labels"][arrays["splits"] == "train"], AVATAR_LABELS))
    return _shipped


def _small(pictures: Any) -> FloatArray:
    """Pictures (N, 3, H, W), about -1 to 1, in small as numbers (N, C) in 0..1."""
    from torch.nn import functional as F

    reduced = F.adaptive_avg_pool2d(pictures.float().clamp(-1, 1), SMALL_PX) / 2 + 0.5
    return reduced.flatten(1).cpu().numpy().astype(np.float64)


def mean_distance(pictures: FloatArray) -> float:
    """The mean over all pairs of pictures (N, C) of their root-mean-square difference; 0 for fewer than two."""
    n, n_numbers = pictures.shape
    if n < 2:
        return 0.0
    centred = pictures - pictures.mean(0)
    lengths = (centred**2).sum(1)
    squares = lengths[:, None] + lengths[None] - 2 * centred @ centred.T
    distances = np.sqrt(np.maximum(squares, 0) / n_numbers)
    return float(distances[np.triu_indices(n, 1)].mean())
