"""A dreamt game ready to be played: each picture is made of the last three and the key that is pressed."""

from collections.abc import Iterator
from typing import Self

import numpy as np
import torch

from studio.api.engine import Device, Engine, ModelSource, limited_threads
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.seed import generator
from studio.core.steered_walk import SteeredWalk
from studio.core.translation import N_
from studio.core.view import State

from ..pictures.model.networks import PixelDiffusion
from ..shared.weights import load_network
from .games.game import Game, game_of
from .model.dream import as_pictures, as_seen, dreamt, steps_of
from .params import ArcadeParams
from .state import GameMoment, KeyOrder, figures_of, first_moment, frame_of, moment_of


class ArcadeEngine(Engine):
    """Attributes: game: whose rules the network has learnt to imitate."""

    def __init__(self, network: PixelDiffusion, game: Game, device: Device) -> None:
        self.game = game
        self._network: PixelDiffusion | None = network.to(device.torch_device)
        self._device = device.torch_device

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good, or of no game."""
        network, game = load_network(source.path)[1], game_of(source.card)
        if not isinstance(network, PixelDiffusion) or network.config.class_names != game.keys:
            raise UserError(N_("This file does not contain a model of this kind."))
        return cls(network, game, device)

    def about(self) -> Game:
        """The game."""
        return self.game

    def close(self) -> None:
        """Free the network."""
        self._network = None

    def generate(self, params: ArcadeParams, start: State | None = None) -> Iterator[Frame]:
        """Yield the pictures of a game in which the computer presses the keys; from `start` on, a frame's state."""
        moment = first_moment(self.game, params.seed) if start is None else moment_of(self.game, start)
        n_frames, figures = max(params.pictures, moment.index + 1), figures_of(self.game, moment, moment)
        yield frame_of(moment, n_frames, figures)
        while moment.index < n_frames - 1:
            before, moment = moment, self._next(moment, self._key(params, moment), params.steps, params.seed)
            yield frame_of(moment, n_frames, figures_of(self.game, before, moment))

    def walk_on(self, walk: SteeredWalk[GameMoment], order: KeyOrder | None) -> Iterator[Frame]:
        """Yield the first frame of a played run where there is none yet, else the next one, by the key pressed."""
        before = walk.moment or moment_of(self.game, walk.start)
        walk.moment = before if order is None else self._next(before, order.key, order.steps, walk.seed)
        moment = walk.moment
        yield frame_of(moment, moment.index + 1, figures_of(self.game, before, moment))

    def _key(self, params: ArcadeParams, moment: GameMoment) -> int:
        random = generator(params.seed, "player", moment.index)
        if params.player == "computer":
            return self.game.player_key(self.game.read(moment.seen[-1:])[0], random)
        return int(random.integers(len(self.game.keys))) if params.player == "random" else 0

    @torch.no_grad()
    def _next(self, moment: GameMoment, key: int, steps: int, seed: int) -> GameMoment:
        network = self._network
        assert network is not None
        noise = generator(seed, "dream", moment.index).standard_normal((1, *network.shape), dtype=np.float32)
        seen, pressed = as_seen(moment.seen[None]).to(self._device), torch.tensor([key], device=self._device)
        with limited_threads(1):  # a second one would wait for the first more than it helps
            x0 = dreamt(network, seen, pressed, torch.from_numpy(noise).to(self._device), steps_of(network, steps))
        return moment.after(self.game, key, as_pictures(x0)[0])
