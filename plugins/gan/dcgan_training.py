"""How the plain GANs of faces learn: whose turn it is follows from the number of the step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.core.seed import generator

from .adversarial import (
    frozen,
    gradient_penalty,
    non_saturating_detective,
    non_saturating_forger,
    wasserstein_detective,
    wasserstein_forger,
)
from .dcgan_model import PlainGan


@dataclass(frozen=True)
class Game:
    """The rules by which both play.

    Attributes:
        telling, fooling: the losses of detective (real, fake) and forger (fake).
        n_detective, n_forger: turns of each, one after the other.
        penalty: weight of the gradient penalty.
    """

    telling: Callable[[Tensor, Tensor], Tensor] = non_saturating_detective
    fooling: Callable[[Tensor], Tensor] = non_saturating_forger
    n_detective: int = 1
    n_forger: int = 1
    penalty: float = 0.0


PLAIN: Final = Game(n_forger=2)  # one turn each and the detective wins for good: its networks are small
WASSERSTEIN: Final = Game(wasserstein_detective, wasserstein_forger, n_detective=3, penalty=10.0)
# The wrong settings on purpose: a forger that is hurried past its detective finds one face that passes.
HURRIED: Final = Game(n_detective=1, n_forger=5)


@dataclass(frozen=True, eq=False)
class PlainObjective:
    """Returns the loss of whose turn it is; what a Training calls. Pictures: (N, 64, 64, 3) uint8."""

    pictures: Tensor
    game: Game
    n_items: int
    seed: int
    device: torch.device

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, PlainGan)
        random = generator(self.seed, "plain", step, micro)
        n_z = model.config.n_z
        z = torch.from_numpy(random.standard_normal((self.n_items, n_z), np.float32)).to(self.device)
        turn = step % (self.game.n_detective + self.game.n_forger)
        if turn < self.game.n_detective:
            return self._detective_turn(model, z, random)
        with frozen(model.detective):
            loss = self.game.fooling(model.detective(model.forger(z)))
        return loss, {"fooling": loss}

    def _detective_turn(
        self, model: PlainGan, z: Tensor, random: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        chosen = torch.from_numpy(random.integers(0, len(self.pictures), self.n_items))
        real = self.pictures[chosen].to(self.device).movedim(3, 1).float() / 127.5 - 1
        with torch.no_grad():
            fake = model.forger(z)
        yes, no = model.detective(real), model.detective(fake)
        loss = self.game.telling(yes, no)
        parts = {"telling": loss, "score_real": yes.mean(), "score_fake": no.mean()}
        if self.game.penalty:
            mix = torch.from_numpy(random.random(self.n_items, np.float32)).to(self.device)
            parts["penalty"] = gradient_penalty(model.detective, real, fake, mix)
            loss = loss + self.game.penalty * parts["penalty"]
        return loss, parts
