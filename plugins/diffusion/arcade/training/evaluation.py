"""How much of what a network dreams goes by the rules, over long runs that are played or fed random keys."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from studio.api.recipe import Measuring
from studio.api.training import Moment, SlowPreview
from studio.core.card import Check
from studio.core.seed import generator
from studio.core.translation import N_
from studio.core.view import Image

from ...pictures.model.networks import PixelDiffusion
from ..games.drawing import Pictures
from ..games.game import Game
from ..games.judge import judged
from ..model.dream import as_pictures, as_seen, dreamt, steps_of
from ..state import N_SEEN

N_STEPS: Final = 200
N_GAMES: Final = 20
Keys: TypeAlias = npt.NDArray[np.int64]
Next: TypeAlias = Callable[[Pictures, Keys], Pictures]
"""The last pictures (B, K, H, W, 3) and keys (B,) to the next pictures (B, H, W, 3)."""


@dataclass(frozen=True)
class RunFigures:
    """Of all steps of all runs, the shares that go by the rules, and whose score is right."""

    steps: float
    scores: float


def dreams(network: PixelDiffusion, n_steps: int, seed: int) -> Next:
    """The next pictures as a network dreams them in so many steps."""
    grid, device = steps_of(network, n_steps), next(network.parameters()).device
    count = iter(range(1_000_000))

    @torch.no_grad()
    def next_pictures(last: Pictures, keys: Keys) -> Pictures:
        noise = generator(seed, "dream", next(count)).standard_normal((len(keys), *network.shape), dtype=np.float32)
        seen, pressed = as_seen(last).to(device), torch.from_numpy(keys).to(device)
        return as_pictures(dreamt(network, seen, pressed, torch.from_numpy(noise).to(device), grid))

    return next_pictures


def copies(last: Pictures, keys: Keys) -> Pictures:
    """The last pictures again: what a network must beat."""
    return last[:, -1]


def measured(game: Game, following: Next, is_played: bool, seed: int, n_games: int = N_GAMES) -> Measuring[RunFigures]:
    """The figures of runs of 200 steps from states that a game may come to, with played or with random keys."""
    random = generator(seed, "runs", int(is_played))
    start = game.run(game.random_states(n_games, random), np.zeros((N_SEEN - 1, n_games), np.int64))
    pictures = [game.draw(states) for states in start]
    keys: list[Keys] = [np.zeros(n_games, np.int64)] * (N_SEEN - 1)
    for _ in range(N_STEPS):
        keys.append(_pressed(game, pictures[-1], is_played, random))
        pictures.append(following(np.stack(pictures[-N_SEEN:], 1), keys[-1]))
        yield
    run, pressed = np.stack(pictures, 1), np.stack(keys, 1)  # (B, T + 1, H, W, 3), (B, T)
    verdicts = [judged(game, one, own) for one, own in zip(run, pressed, strict=True)]
    shares = [np.mean([getattr(one, name) for one in verdicts]) for name in ("steps", "scores")]
    return RunFigures(*map(float, shares))


@dataclass(frozen=True)
class DreamPreview:
    """A game that is dreamt on from true pictures by played keys, as a row of pictures."""

    game: Game
    seed: int
    every: int = 6
    n_pictures: int = 8

    def slow(self, average: PixelDiffusion, step: int) -> Generator[Any, None, Moment]:
        """What a training shows after a step."""
        random = generator(self.seed, "preview")
        states = self.game.run(self.game.first(random), np.zeros((N_SEEN - 1, 1), np.int64))
        pictures, following = [self.game.draw(one) for one in states], dreams(average, 1, self.seed)
        for _ in range(self.every * self.n_pictures):
            keys = _pressed(self.game, pictures[-1], True, random)
            pictures.append(following(np.stack(pictures[-N_SEEN:], 1), keys))
            yield
        row = [one[0] for one in pictures[N_SEEN - 1 :: self.every][: self.n_pictures]]
        return Moment({"picture": Image(np.concatenate(row, 1))})

    @property
    def as_slow(self) -> SlowPreview:
        """As a training takes it."""
        return SlowPreview(self.slow)


def _pressed(game: Game, pictures: Pictures, is_played: bool, random: np.random.Generator) -> Keys:
    if not is_played:
        return random.integers(0, len(game.keys), len(pictures))
    return np.array([game.player_key(seen, random) for seen in game.read(pictures)], np.int64)


def game_checks(game: Game, network: PixelDiffusion, n_steps: int, seed: int, floor: float) -> Measuring[list[Check]]:
    """The figures for a card; those of a copy of the last picture stand beside them."""
    checks = []
    for is_played, whose in ((True, N_("played")), (False, N_("random keys"))):
        found = yield from measured(game, dreams(network, n_steps, seed), is_played, seed)
        copied = yield from measured(game, copies, is_played, seed)
        by_rules = N_("Steps by the rules over 200, {whose}").format(whose=whose)
        checks += [
            Check(by_rules, found.steps, floor),
            Check(N_("Score right over 200 steps, {whose}").format(whose=whose), found.scores, floor),
            Check(N_("Steps by the rules, the last picture copied, {whose}").format(whose=whose), copied.steps),
        ]
    return checks
