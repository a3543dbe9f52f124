"""The trainings of the plain GANs of faces: `gan/avatars-dcgan`, `gan/avatars-wgan`, and one that collapses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import Avatars, Preview, Split, Training, TrainSettings, load_avatars
from studio.core.seed import generator, standard_normal
from studio.core.translation import N_
from studio.core.view import View
from studio.nn.network_file import save_network

from ...shared.adversarial import (
    frozen,
    gradient_penalty,
    non_saturating_discriminator,
    non_saturating_generator,
    wasserstein_discriminator,
    wasserstein_generator,
)
from ...shared.pictures import N_COLUMNS, mosaic
from ..model.dcgan import DcganConfig, PlainGan

SETTINGS: Final = TrainSettings(n_steps=10_000, learning_rate=2e-4, n_warmup=50, n_decay=1, momentum=0.5, clip_norm=1e6)
EXACT: Final = ("discriminator.blocks.0", "discriminator.score")
"""With the large layers as whole numbers of one byte, scores move by a hundredth or two of their spread."""


@dataclass(frozen=True)
class AdversarialRules:
    """The rules by which both play.

    Attributes:
        telling, fooling: the losses of discriminator (real, fake) and generator (fake).
        n_detective, n_forger: turns of each, one after the other.
        penalty: weight of the gradient penalty.
    """

    telling: Callable[[Tensor, Tensor], Tensor] = non_saturating_discriminator
    fooling: Callable[[Tensor], Tensor] = non_saturating_generator
    n_discriminator: int = 1
    n_generator: int = 1
    penalty: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """As a card says them."""
        losses = {"telling": self.telling.__name__, "fooling": self.fooling.__name__}
        return {**losses, "n_detective": self.n_discriminator, "n_forger": self.n_generator, "penalty": self.penalty}


PLAIN_RULES: Final = AdversarialRules(
    n_generator=2
)  # one turn each and the discriminator wins for good: its networks are small
WASSERSTEIN_RULES: Final = AdversarialRules(
    wasserstein_discriminator, wasserstein_generator, n_discriminator=3, penalty=10.0
)
# The wrong settings on purpose: a generator that is hurried past its discriminator finds one face that passes.
HURRIED_RULES: Final = AdversarialRules(n_discriminator=1, n_generator=5)


@dataclass(frozen=True, eq=False)
class DcganObjective:
    """Returns the loss of whose turn it is; what a Training calls. Pictures: (N, 64, 64, 3) uint8."""

    pictures: Tensor
    game: AdversarialRules
    n_items: int
    seed: int
    device: torch.device

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, PlainGan)
        random = generator(self.seed, "plain", step, micro)
        n_z = model.config.n_z
        z = torch.from_numpy(random.standard_normal((self.n_items, n_z), np.float32)).to(self.device)
        turn = step % (self.game.n_discriminator + self.game.n_generator)
        if turn < self.game.n_discriminator:
            return self._discriminator_turn(model, z, random)
        with frozen(model.discriminator):
            loss = self.game.fooling(model.discriminator(model.generator(z)))
        return loss, {"fooling": loss}

    def _discriminator_turn(
        self, model: PlainGan, z: Tensor, random: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        chosen = torch.from_numpy(random.integers(0, len(self.pictures), self.n_items))
        real = self.pictures[chosen].to(self.device).movedim(3, 1).float() / 127.5 - 1
        with torch.no_grad():
            fake = model.generator(z)
        yes, no = model.discriminator(real), model.discriminator(fake)
        loss = self.game.telling(yes, no)
        parts = {"telling": loss, "score_real": yes.mean(), "score_fake": no.mean()}
        if self.game.penalty:
            mix = torch.from_numpy(random.random(self.n_items, np.float32)).to(self.device)
            parts["penalty"] = gradient_penalty(model.discriminator, real, fake, mix)
            loss = loss + self.game.penalty * parts["penalty"]
        return loss, parts


@dataclass(frozen=True, kw_only=True)
class GanAvatarsPlainRecipe(TrainingRecipe[Avatars]):
    """One plain GAN of faces; `lesson` is a sentence of the card on what it shows."""

    game: AdversarialRules
    config: DcganConfig
    settings: TrainSettings
    lesson: str
    minutes: float = 15
    kind: ClassVar[str] = "people"
    n_items: int = 32
    n_measured: int = 2000

    def data(self, split: Split) -> Avatars:
        return load_avatars(split)

    def network_and_objective(self, faces: Avatars, device: torch.device) -> tuple[PlainGan, DcganObjective]:
        pictures = torch.from_numpy(faces.pictures)
        return PlainGan(self.config), DcganObjective(pictures, self.game, self.n_items, self.seed, device)

    def preview(self, faces: Avatars, device: torch.device) -> Preview:
        return partial(dcgan_preview, device=device)

    def write(self, out: Path, training: Training, faces: Avatars) -> Measuring[None]:
        """Write the averaged networks, then measure what was written for the card."""
        from .card import people_card, write_measured  # with all that measures, which a training does not need

        network = training.average
        assert isinstance(network, PlainGan)
        save_network(out, network.cpu(), EXACT)
        card = {
            **people_card(self, network, training, faces, n_items=self.n_items, **self.game.to_json()),
            "notes": [self.lesson],
            "lesson": self.lesson,
        }
        yield from write_measured(card, out, self.n_measured, has_floors=False)


def dcgan_preview(average: PlainGan, device: torch.device) -> Mapping[str, View]:
    """Faces of the seeds 0 to 31."""
    z = np.stack([standard_normal((average.config.n_z,), seed, "z") for seed in range(4 * N_COLUMNS)])
    with torch.no_grad():
        return mosaic(average.generator(torch.from_numpy(z).to(device)))


DCGAN: Final = GanAvatarsPlainRecipe(
    id="gan/avatars-dcgan",
    title=N_("People, 2016"),
    task=N_("Draws the same people the way of 2016: quick to learn, with eyes and hair that often melt."),
    summary=N_(
        "Learns to draw faces of people who do not exist, with the first stable recipe for a convolutional GAN (DCGAN)."
    ),
    game=PLAIN_RULES,
    config=DcganConfig(),
    settings=SETTINGS,
    seed=602,
    lesson=N_("The first recipe that worked well for pictures; eyes and hair often melt."),
)
WGAN: Final = GanAvatarsPlainRecipe(
    id="gan/avatars-wgan",
    title=N_("People, 2017"),
    task=N_("Draws the same people the way of 2017, with a detective that measures how far off a fake is."),
    summary=N_("Learns to draw faces of people who do not exist, with a critic that measures a distance (WGAN-GP)."),
    game=WASSERSTEIN_RULES,
    config=DcganConfig(is_critic=True),
    settings=replace(SETTINGS, n_steps=10_000),
    seed=603,
    lesson=N_("Its critic measures how far fakes are from real pictures, and does not saturate."),
)
COLLAPSED: Final = GanAvatarsPlainRecipe(
    id="gan/avatars-collapsed",
    title=N_("People, gone wrong"),
    task=N_("A training that went wrong on purpose: it draws the same few people again and again."),
    summary=N_(
        "The same as “People, 2016” with wrong settings on purpose: the forger settles on a few faces that pass."
    ),
    game=HURRIED_RULES,
    config=DcganConfig(),
    settings=replace(SETTINGS, n_steps=1200, learning_rate=4e-4),
    seed=604,
    lesson=N_("Made with wrong settings on purpose, to show mode collapse."),
    minutes=4,
)
