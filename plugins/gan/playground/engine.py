"""The playground ready to learn: runs from an untrained pair, from the shipped one, or on from any frame."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Self

from studio.api.engine import Device, Engine, ModelSource
from studio.core.frame import Frame
from studio.core.steered_walk import SteeredWalk
from studio.core.view import State

from ..shared.weights import load_network
from .frames import PlaygroundMoment, advanced, frame_of, moment_of
from .model.pair import PlaygroundPair
from .model.weights import PlaygroundNetwork, pair_in
from .params import PlaygroundParams
from .state import WatchedOrder

N_FRAMES: Final = 49
"""Of a run that nobody steers: 1,200 steps."""
PICTURE_PX: Final = 256
STRIP_PX: Final = 128
"""A picture of a run that a person watches: the canvas draws better ones from the state."""


class PlaygroundEngine(Engine):
    """Holds the shipped pair; everything else is in the states."""

    def __init__(self, source: ModelSource, learnt: PlaygroundPair) -> None:
        self.source = source
        self.learnt = learnt

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the shipped pair; raises UserError where the file is no good."""
        pair = pair_in(load_network(source.path, PlaygroundNetwork))
        n_steps = int(source.card.get("trained", {}).get("n_steps", 0))
        return cls(source, replace(pair, n_generator=n_steps, n_discriminator=n_steps))

    def close(self) -> None:
        """There is nothing to free that is worth it."""

    def generate(self, params: PlaygroundParams, start: State | None = None) -> Iterator[Frame]:
        """Yield the frames of 1,200 steps on the ring; or from `start` on, what `playground_run` makes of it."""
        moment = moment_of(start or {}, params.seed, self.learnt)
        n_frames = max(N_FRAMES, moment.index + 1)
        yield frame_of(moment, params.seed, n_frames, PICTURE_PX)
        while moment.index < n_frames - 1:
            moment = advanced(moment, params.seed)
            yield frame_of(moment, params.seed, n_frames, PICTURE_PX)

    def walk_on(self, walk: SteeredWalk[PlaygroundMoment], order: WatchedOrder | None) -> Iterator[Frame]:
        """Yield the first frame of a watched run where there is none yet, else the next one, by its order."""
        if walk.moment is None:
            walk.moment = moment_of(walk.start, walk.seed, self.learnt)
        elif order is not None:
            asked = replace(walk.moment, settings=order.settings, target=order.target, stride=order.stride)
            walk.moment = advanced(asked, walk.seed)
        yield frame_of(walk.moment, walk.seed, walk.moment.index + 1, STRIP_PX)
