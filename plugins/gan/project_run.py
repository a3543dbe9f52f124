"""A person's picture is looked for among all that a forger can draw; every step of the search is a frame.

Shape letters: L rows of w, D numbers in each, H W pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studio.api.engine import limited_threads
from studio.api.training import Judge, load_judge
from studio.core.frame import Frame
from studio.core.picture import fit_square
from studio.core.text import N_, translate
from studio.core.view import Image

from .importers import STYLEGAN
from .people_preview import byte_pictures
from .project_likeness import Likeness
from .project_search import Projection, spread_of

if TYPE_CHECKING:
    from .people_engine import PeopleEngine

Array: TypeAlias = npt.NDArray[np.float32]
ByteArray: TypeAlias = npt.NDArray[np.uint8]
FACE_PX: Final = 64
N_CANDIDATES: Final = 256
LEAST_CANDIDATES: Final = 16
BATCH: Final = 16
WHITE: Final = (255, 255, 255)


@dataclass(frozen=True)
class Effort:
    """How long to look: steps on one w for all layers, then on a row for each."""

    n_one: int = 60
    n_rows: int = 120


def squared(rgb: ByteArray, size_px: int) -> ByteArray:
    """The middle square of a picture (H, W, 3), (size_px, size_px, 3)."""
    side = min(rgb.shape[:2])
    top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
    return fit_square(np.ascontiguousarray(rgb[top : top + side, left : left + side]), size_px, WHITE)


def project(
    engine: "PeopleEngine",
    target: ByteArray,
    seed: int = 1,
    noise: float = 1.0,
    noise_seed: int | None = None,
    effort: Effort = Effort(),
) -> Iterator[Frame]:
    """Yield the search for a picture (H, W, 3) of the model's size, step by step.

    The frames show what is drawn now; their scalars are "error", the mean difference of a colour (0 to 1), and
    "distance", which falls; their state is {"w": (L, D)}.
    """
    return _Search(engine, target, noise, noise_seed, effort).frames(seed)


class _Search:
    def __init__(
        self, engine: "PeopleEngine", target: ByteArray, noise: float, noise_seed: int | None, effort: Effort
    ) -> None:
        self._engine, self._effort = engine, effort
        self._noise, self._noise_seed = noise, noise_seed
        self._device = engine.device.torch_device
        self._likeness = Likeness(as_picture(target).to(self._device), self._judge())
        size = engine.generator.size_px
        n = round(N_CANDIDATES * min(1.0, (FACE_PX / size) ** 2))
        self._n_batches = max(n, LEAST_CANDIDATES) // BATCH
        self._n_threads = 1 if size <= FACE_PX else engine.device.n_threads
        self._n_steps = self._n_batches + effort.n_one + effort.n_rows

    def _judge(self) -> Judge | None:
        generator = self._engine.generator
        is_ours = self._engine.source.card.get("format") != STYLEGAN and generator.size_px == FACE_PX
        return load_judge("avatars").to(self._device) if is_ours else None

    def frames(self, seed: int) -> Iterator[Frame]:
        ws: list[Array] = []
        best: Array | None = None
        best_distance = float("inf")
        for batch in range(self._n_batches):
            found = [self._engine.w_of_seed(seed + 1 + batch * BATCH + k) for k in range(BATCH)]
            ws += found
            distances = self._distances(np.stack(found))
            if distances.min() < best_distance:
                best, best_distance = found[int(distances.argmin())], float(distances.min())
            assert best is not None
            rows = np.repeat(best[None], self._engine.generator.n_layers, 0)
            yield self._frame(batch, rows, best_distance, N_("Best of {n}").format(n=len(ws)))
        assert best is not None
        yield from self._descend(np.stack(ws), best)

    def _descend(self, ws: Array, best: Array) -> Iterator[Frame]:
        projection = Projection(
            self._draw, self._likeness, spread_of(ws), best, self._engine.generator.n_layers
        )
        for stage, n in enumerate((self._effort.n_one, self._effort.n_rows)):
            if stage:
                projection.widen()
            for k in range(n):
                with limited_threads(self._n_threads):
                    distance = projection.step(pace_at(k, n))
                label = N_("Each layer by itself") if stage else N_("All layers alike")
                step = self._n_batches + stage * self._effort.n_one + k
                yield self._frame(step, projection.place, distance, label)

    def _draw(self, rows: Tensor) -> Tensor:
        generator = self._engine.generator
        return generator.synthesis(rows.to(self._device), self._noise, self._noise_seed)

    def _distances(self, ws: Array) -> Array:
        rows = np.repeat(ws[:, None], self._engine.generator.n_layers, 1)
        with torch.inference_mode(), limited_threads(self._n_threads):
            pictures = self._engine.draw(rows, self._noise, self._noise_seed)
            return self._likeness.distances(pictures).float().cpu().numpy()

    def _frame(self, step: int, place: Array, distance: float, label: str) -> Frame:
        with torch.inference_mode(), limited_threads(self._n_threads):
            picture = self._engine.draw(place[None], self._noise, self._noise_seed)
            scalars = {"error": self._likeness.error(picture), "distance": distance}
            scalars |= self._engine.judged(picture)
        views = {"picture": Image(byte_pictures(picture)[0])}
        return Frame(step, self._n_steps, translate(label), views, scalars, {"w": place})


def as_picture(pixels: ByteArray) -> Tensor:
    """Pixels (H, W, 3) as a picture (1, 3, H, W), -1 to 1."""
    return torch.from_numpy(pixels).movedim(2, 0)[None].float() / 127.5 - 1


def pace_at(step: int, n_steps: int) -> float:
    """How long a step is: the whole pace at first, in the last third of a stage falling to a tenth."""
    left = (n_steps - step) / max(1, n_steps)
    return max(0.1, min(1.0, 3 * left))
