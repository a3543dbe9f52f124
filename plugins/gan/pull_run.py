"""A picture creeps, step by step, until its handles lie at their targets; every step is a frame.

Shape letters: L rows of w, D numbers in each, N pairs, H W pixels.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.engine import limited_threads
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text import N_, translate

from .people_generator import StyleGenerator
from .people_scene import PeopleScene
from .project_search import spread_of
from .pull_motion import PIXEL, REST, STILL, motion_loss, near_ways, sampled, still_loss, tracked
from .pull_points import HANDLES, Pulls

if TYPE_CHECKING:
    from .people_engine import PeopleEngine

Array: TypeAlias = npt.NDArray[np.float32]
N_STEPS: Final = 200
ARRIVED: Final = 0.75 * PIXEL
STEP: Final = 0.5
"""How far a step goes, in standard deviations of random places over all moved rows together."""
MOMENTUM: Final = 0.6
FURTHEST: Final = 2.5
"""No number of a place goes further from the average in standard deviations: beyond there are no faces."""
N_KNOWN: Final = 256
PATIENCE: Final = 25
"""So many steps may pass without the handles coming nearer."""


def pull(engine: "PeopleEngine", scene: PeopleScene, pulls: Pulls) -> Iterator[Frame]:
    """Yield the picture of a scene, then one frame for each step, until all handles are at their targets.

    Only the rows that decide the figure and the features move, measured in deviations of random places and no further
    out than FURTHEST of them. It also ends where no step helps any more. Scalars: "distance", of the
    handles from their targets in pixels of the picture; state: {"w": (L, D), "handles": (N, 2)}.

    Raises UserError for another kind of model.
    """
    if not isinstance(engine.generator, StyleGenerator):
        raise UserError(N_("Points can be pulled in our own style model only."))
    puller = _Puller(engine, engine.generator, scene, pulls)
    yield puller.frame(0)
    for step in range(1, N_STEPS + 1):
        if puller.is_there or puller.is_stuck:
            return
        with limited_threads(1):
            puller.step()
        yield puller.frame(step)


class _Puller:
    def __init__(self, engine: "PeopleEngine", generator: StyleGenerator, scene: PeopleScene, pulls: Pulls) -> None:
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
        self._moved = (self._moved - STEP * self._way).clamp(-self._limits, self._limits)

    def frame(self, step: int) -> Frame:
        place = torch.cat([self._spread.placed(self._moved), self._fixed]).cpu().numpy()
        drawn = self._engine.place_frame(np.ascontiguousarray(place, np.float32), self._scene)
        px = (self._targets - self._handles).norm(dim=1).mean() / PIXEL
        state = {**(drawn.state or {}), HANDLES: self._handles.cpu().numpy().astype(np.float32)}
        label = translate(N_("{px:.1f} pixels to go")).format(px=float(px))
        scalars = {**drawn.scalars, "distance": float(px)}
        return replace(drawn, step=step, n_steps=N_STEPS + 1, label=label, scalars=scalars, state=state)
