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
from .place_descent import Descent
from .pull_motion import PIXEL, STILL, motion_loss, sampled, still_loss, tracked
from .pull_points import HANDLES, Pulls

if TYPE_CHECKING:
    from .people_engine import PeopleEngine

Array: TypeAlias = npt.NDArray[np.float32]
N_STEPS: Final = 200
ARRIVED: Final = 0.75 * PIXEL
RATE: Final = 0.02


def pull(engine: "PeopleEngine", scene: PeopleScene, pulls: Pulls) -> Iterator[Frame]:
    """Yield the picture of a scene, then one frame for each step, until all handles are at their targets.

    Only the rows that decide the figure and the features move. Scalars: "distance", of the handles from their targets
    in pixels of the picture; state: {"w": (L, D), "handles": (N, 2)}. Raises UserError for another kind of model.
    """
    if not isinstance(engine.generator, StyleGenerator):
        raise UserError(N_("Points can be pulled in our own style model only."))
    puller = _Puller(engine, engine.generator, scene, pulls)
    yield puller.frame(0)
    for step in range(1, N_STEPS + 1):
        if puller.is_there:
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
        self._descent, self._fixed = Descent(start[:n_moved]), start[n_moved:]
        self._handles = torch.tensor([pair.handle for pair in pulls.pairs], device=self._device)  # (N, 2)
        self._targets = torch.tensor([pair.target for pair in pulls.pairs], device=self._device)
        with torch.no_grad():
            self._before = self._features(self._descent.value)
        self._looks = sampled(self._before, self._handles)  # (N, C)
        self._movable = None if pulls.movable is None else self._fitted(torch.from_numpy(pulls.movable))

    def _fitted(self, movable: Tensor) -> Tensor:
        """The mask at the size of the features, (H, W): what the brush has touched may move."""
        size = self._before.shape[-2:]
        return F.adaptive_max_pool2d(movable.float()[None, None].to(self._device), size)[0, 0]

    def _features(self, moved: Tensor) -> Tensor:
        rows = torch.cat([moved, self._fixed])[None]
        params = self._scene.params
        return self._generator.seen(rows, params.noise, self._scene.noise_seed)[1]

    @property
    def is_there(self) -> bool:
        return bool(((self._targets - self._handles).norm(dim=1) <= ARRIVED).all())

    def step(self) -> None:
        with torch.inference_mode(False), torch.enable_grad():
            moved = self._descent.value.detach().clone().requires_grad_()
            features = self._features(moved)
            loss = motion_loss(features, self._handles, self._targets)
            if self._movable is not None:
                loss = loss + STILL * still_loss(features, self._before, self._movable)
            (gradient,) = torch.autograd.grad(loss, moved)
        self._descent.follow(gradient, RATE)
        with torch.no_grad():
            self._handles = tracked(self._features(self._descent.value), self._handles, self._looks)

    def frame(self, step: int) -> Frame:
        place = np.ascontiguousarray(torch.cat([self._descent.value, self._fixed]).cpu().numpy(), np.float32)
        drawn = self._engine.place_frame(place, self._scene)
        px = (self._targets - self._handles).norm(dim=1).mean() / PIXEL
        state = {**(drawn.state or {}), HANDLES: self._handles.cpu().numpy().astype(np.float32)}
        label = translate(N_("{px:.1f} pixels to go")).format(px=float(px))
        scalars = {**drawn.scalars, "distance": float(px)}
        return replace(drawn, step=step, n_steps=N_STEPS + 1, label=label, scalars=scalars, state=state)
