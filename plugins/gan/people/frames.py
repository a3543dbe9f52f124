"""Runs that lead a face somewhere, a frame for every step: towards one's own picture, or by points that are dragged.

Shape letters: L rows of w, D numbers in each, N pairs, H W pixels.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.engine import Device, ModelSource, limited_threads
from studio.api.training import Judge, load_judge
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.picture import fit_square
from studio.core.translation import N_, _, translate
from studio.core.view import Image

from ..importers import STYLEGAN
from .model.drag_gan import PIXEL, REST, STILL, motion_loss, near_ways, sampled, still_loss, tracked
from .model.interface import PeopleGenerator, StylePeopleGenerator
from .model.projection import LatentProjection, ProjectionDistance, spread_of
from .scene import PeopleScene
from .state import FACE_PX, HANDLES, DragGoals

Array: TypeAlias = npt.NDArray[np.float32]
ByteArray: TypeAlias = npt.NDArray[np.uint8]
N_CANDIDATES: Final = 256
LEAST_CANDIDATES: Final = 16
PROJECTION_BATCH: Final = 16
WHITE: Final = (255, 255, 255)
N_DRAG_STEPS: Final = 200
ARRIVED: Final = 0.75 * PIXEL
DRAG_STEP: Final = 0.5
"""How far a step goes, in standard deviations of random places over all moved rows together."""
MOMENTUM: Final = 0.6
FURTHEST: Final = 2.5
"""No number of a place goes further from the average in standard deviations: beyond there are no faces."""
N_KNOWN: Final = 256
PATIENCE: Final = 25
"""So many steps may pass without the handles coming nearer."""


class LatentModel(Protocol):
    """What such a run asks of the engine."""

    source: ModelSource
    device: Device
    generator: PeopleGenerator
    rows: dict[str, list[int]]

    def w_of_seed(self, seed: int) -> Array:
        """The w (D,) of a seed."""

    def place(self, scene: PeopleScene) -> Array:
        """The place (L, D) of a scene."""

    def place_frame(self, w: Array, scene: PeopleScene, is_draft: bool = False) -> Frame:
        """The frame of a place (L, D) with the noise of a scene."""

    def draw(self, ws: Array, noise: float, noise_seed: int | None) -> Tensor:
        """Pictures (B, 3, H, W), about -1 to 1, of places (B, L, D)."""

    def shown(self, pictures: Tensor) -> ByteArray:
        """What a person sees of pictures while they change, (B, S, S, 3)."""

    def judged(self, picture: Tensor) -> dict[str, float]:
        """The discriminator's scores of a picture (1, 3, H, W)."""


@dataclass(frozen=True)
class ProjectionEffort:
    """How long to look: steps on one w for all layers, then on a row for each."""

    n_one: int = 60
    n_rows: int = 120


def squared(rgb: ByteArray, size_px: int) -> ByteArray:
    """The middle square of a picture (H, W, 3), (size_px, size_px, 3)."""
    side = min(rgb.shape[:2])
    top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
    return fit_square(np.ascontiguousarray(rgb[top : top + side, left : left + side]), size_px, WHITE)


def project(
    engine: LatentModel,
    target: ByteArray,
    seed: int = 1,
    noise: float = 1.0,
    noise_seed: int | None = None,
    effort: ProjectionEffort = ProjectionEffort(),
) -> Iterator[Frame | None]:
    """Yield the search for a picture (H, W, 3) of the model's size, step by step, and None in the midst of each.

    The frames show what is drawn now; their scalars are "error", the mean difference of a colour (0 to 1), and
    "distance", which falls; their state is {"w": (L, D)}.
    """
    return _Search(engine, target, noise, noise_seed, effort).frames(seed)


class _Search:
    def __init__(
        self, engine: LatentModel, target: ByteArray, noise: float, noise_seed: int | None, effort: ProjectionEffort
    ) -> None:
        self._engine, self._effort = engine, effort
        self._noise, self._noise_seed = noise, noise_seed
        self._device = engine.device.torch_device
        self._likeness = ProjectionDistance(as_picture(target).to(self._device), self._judge())
        size = engine.generator.size_px
        n = round(N_CANDIDATES * min(1.0, (FACE_PX / size) ** 2))
        self._n_batches = max(n, LEAST_CANDIDATES) // PROJECTION_BATCH
        self._n_threads = 1 if size <= FACE_PX else engine.device.n_threads
        self._n_steps = self._n_batches + effort.n_one + effort.n_rows

    def _judge(self) -> Judge | None:
        generator = self._engine.generator
        is_ours = self._engine.source.card.get("format") != STYLEGAN and generator.size_px == FACE_PX
        return load_judge("avatars").to(self._device) if is_ours else None

    def frames(self, seed: int) -> Iterator[Frame | None]:
        ws: list[Array] = []
        best: Array | None = None
        best_distance = float("inf")
        for batch in range(self._n_batches):
            found = [self._engine.w_of_seed(seed + 1 + batch * PROJECTION_BATCH + k) for k in range(PROJECTION_BATCH)]
            ws += found
            yield None
            distances = yield from self._distances(np.stack(found))
            if distances.min() < best_distance:
                best, best_distance = found[int(distances.argmin())], float(distances.min())
            assert best is not None
            rows = np.repeat(best[None], self._engine.generator.n_layers, 0)
            yield self._frame(batch, rows, best_distance, N_("Best of {n}").format(n=len(ws)))
        assert best is not None
        yield from self._descend(np.stack(ws), best)

    def _descend(self, ws: Array, best: Array) -> Iterator[Frame | None]:
        projection = LatentProjection(self._draw, self._likeness, spread_of(ws), best, self._engine.generator.n_layers)
        for stage, n in enumerate((self._effort.n_one, self._effort.n_rows)):
            if stage:
                projection.widen()
            for k in range(n):
                with limited_threads(self._n_threads):
                    distance = projection.step(pace_at(k, n))
                yield None
                label = N_("Each layer by itself") if stage else N_("All layers alike")
                step = self._n_batches + stage * self._effort.n_one + k
                yield self._frame(step, projection.place, distance, label)

    def _draw(self, rows: Tensor) -> Tensor:
        generator = self._engine.generator
        return generator.synthesis(rows.to(self._device), self._noise, self._noise_seed)

    def _distances(self, ws: Array) -> Generator[None, None, Array]:
        rows = np.repeat(ws[:, None], self._engine.generator.n_layers, 1)
        with torch.inference_mode(), limited_threads(self._n_threads):
            pictures = self._engine.draw(rows, self._noise, self._noise_seed)
        yield None
        with torch.inference_mode(), limited_threads(self._n_threads):
            distances: Array = self._likeness.distances(pictures).float().cpu().numpy()
        yield None
        return distances

    def _frame(self, step: int, place: Array, distance: float, label: str) -> Frame:
        with torch.inference_mode(), limited_threads(self._n_threads):
            picture = self._engine.draw(place[None], self._noise, self._noise_seed)
            scalars = {"error": self._likeness.error(picture), "distance": distance}
            scalars |= self._engine.judged(picture)
        views = {"picture": Image(self._engine.shown(picture)[0])}
        return Frame(step, self._n_steps, translate(label), views, scalars, {"w": place})


def as_picture(pixels: ByteArray) -> Tensor:
    """Pixels (H, W, 3) as a picture (1, 3, H, W), -1 to 1."""
    return torch.from_numpy(pixels).movedim(2, 0)[None].float() / 127.5 - 1


def pace_at(step: int, n_steps: int) -> float:
    """How long a step is: the whole pace at first, in the last third of a stage falling to a tenth."""
    left = (n_steps - step) / max(1, n_steps)
    return max(0.1, min(1.0, 3 * left))


def drag(engine: LatentModel, scene: PeopleScene, pulls: DragGoals) -> Iterator[Frame]:
    """Yield the picture of a scene, then one frame for each step, until all handles are at their targets.

    Only the rows that decide the figure and the features move, measured in deviations of random places and no further
    out than FURTHEST of them. It also ends where no step helps any more. Scalars: "distance", of the
    handles from their targets in pixels of the picture; state: {"w": (L, D), "handles": (N, 2)}.

    Raises UserError for another kind of model.
    """
    if not isinstance(engine.generator, StylePeopleGenerator):
        raise UserError(N_("Only our own style model lets you pull points."))
    puller = _Dragger(engine, engine.generator, scene, pulls)
    yield puller.frame(0)
    for step in range(1, N_DRAG_STEPS + 1):
        if puller.is_there or puller.is_stuck:
            return
        with limited_threads(1):
            puller.step()
        yield puller.frame(step)


class _Dragger:
    def __init__(
        self, engine: LatentModel, generator: StylePeopleGenerator, scene: PeopleScene, pulls: DragGoals
    ) -> None:
        self._engine, self._generator, self._scene = engine, generator, scene
        self._device = engine.device.torch_device
        start = torch.from_numpy(engine.place(scene)).to(self._device)  # (L, D)
        n_moved = len(engine.rows["figure"]) + len(engine.rows["features"])
        self._spread = spread_of(np.stack([engine.w_of_seed(seed) for seed in range(N_KNOWN)])).to(self._device)
        self._moved, self._fixed = self._spread.whitened(start[:n_moved]), start[n_moved:]
        self._way = torch.zeros_like(self._moved)
        self._limits = self._moved.abs().clamp_min(FURTHEST)
        self._nearest, self._n_since = float("inf"), 0
        self._handles = torch.tensor([pair.handle for pair in pulls.pairs], device=self._device)  # (N, 2)
        self._targets = torch.tensor([pair.target for pair in pulls.pairs], device=self._device)
        with torch.no_grad():
            self._before = self._features(self._moved)
        self._looks = sampled(self._before, self._handles)  # (N, C)
        self._still, self._movable = REST, self._near_ways()
        if pulls.movable is not None:
            self._still, self._movable = STILL, self._fitted(torch.from_numpy(pulls.movable))

    def _near_ways(self) -> Tensor:
        height, width = self._before.shape[-2:]
        return near_ways(self._handles, self._targets, (height, width))

    def _fitted(self, movable: Tensor) -> Tensor:
        """The mask at the size of the features, (H, W): what the brush has touched may move."""
        size = self._before.shape[-2:]
        return F.adaptive_max_pool2d(movable.float()[None, None].to(self._device), size)[0, 0]

    def _features(self, moved: Tensor) -> Tensor:
        rows = torch.cat([self._spread.placed(moved), self._fixed])[None]
        params = self._scene.params
        return self._generator.seen(rows, params.noise, self._scene.noise_seed)[1]

    @property
    def is_there(self) -> bool:
        return bool(((self._targets - self._handles).norm(dim=1) <= ARRIVED).all())

    @property
    def is_stuck(self) -> bool:
        return self._n_since >= PATIENCE

    def step(self) -> None:
        with torch.inference_mode(False), torch.enable_grad():
            moved = self._moved.detach().clone().requires_grad_()
            features = self._features(moved)
            loss = motion_loss(features, self._handles, self._targets)
            loss = loss + self._still * still_loss(features, self._before, self._movable)
            (gradient,) = torch.autograd.grad(loss, moved)
        self._go(gradient)
        with torch.no_grad():
            self._handles = tracked(self._features(self._moved), self._handles, self._looks)
        distance = float((self._targets - self._handles).norm(dim=1).mean())
        self._n_since = 0 if distance < self._nearest else self._n_since + 1
        self._nearest = min(self._nearest, distance)

    def _go(self, gradient: Tensor) -> None:
        """Go a step of one length down the slope, each row by itself (w+).

        Adam would move all numbers as far as each other, most of which ask for nothing.
        """
        direction = gradient / gradient.norm().clamp_min(1e-12)
        self._way = MOMENTUM * self._way + (1 - MOMENTUM) * direction
        self._moved = (self._moved - DRAG_STEP * self._way).clamp(-self._limits, self._limits)

    def frame(self, step: int) -> Frame:
        place = torch.cat([self._spread.placed(self._moved), self._fixed]).cpu().numpy()
        drawn = self._engine.place_frame(np.ascontiguousarray(place, np.float32), self._scene, is_draft=True)
        px = (self._targets - self._handles).norm(dim=1).mean() / PIXEL
        state = {**(drawn.state or {}), HANDLES: self._handles.cpu().numpy().astype(np.float32)}
        label = _("{px:.1f} pixels to go").format(px=float(px))
        scalars = {**drawn.scalars, "distance": float(px)}
        return replace(drawn, step=step, n_steps=N_DRAG_STEPS + 1, label=label, scalars=scalars, state=state)
