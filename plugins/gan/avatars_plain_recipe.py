"""The trainings of the plain GANs of faces: `gan/avatars-dcgan`, `gan/avatars-wgan`, and one that collapses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import torch
from torch import nn

from studio.api.engine import TrainOptions
from studio.api.training import Avatars, Split, Training, TrainSettings, follow_training, load_avatars, measuring_frames
from studio.core.frame import Frame
from studio.core.seed import standard_normal
from studio.core.text import N_
from studio.core.view import View

from .dcgan_model import DcganConfig, PlainGan
from .dcgan_training import HURRIED, PLAIN, WASSERSTEIN, Game, PlainObjective
from .measuring import Measuring
from .people_preview import N_COLUMNS, mosaic

SETTINGS: Final = TrainSettings(
    n_steps=10_000,
    learning_rate=2e-4,
    n_warmup=50,
    n_decay=1,
    momentum=0.5,
    clip_norm=1e6,
    average_decay=0.998,
)


@dataclass(frozen=True)
class AvatarsPlainRecipe:
    """One plain GAN of faces; `lesson` is a sentence of the card on what it shows."""

    id: str
    title: str
    summary: str
    game: Game
    config: DcganConfig
    settings: TrainSettings
    seed: int
    lesson: str
    minutes: float = 15
    needs_folder: bool = False
    n_items: int = 32
    n_measured: int = 2000

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per step; at the end write weights and card to `options.out`."""
        faces, device = load_avatars(Split.TRAIN), options.device.torch_device
        training = self.training(faces, options)
        checkpoint = options.out.with_suffix(".checkpoint")
        yield from follow_training(training, checkpoint, options.is_resumed, preview=partial(preview, device=device))
        yield from measuring_frames(training.settings.n_steps, self._write(options, training, faces.is_full))

    def training(self, faces: Avatars, options: TrainOptions) -> Training:
        """The training on these faces before its first step."""
        settings, device = self.settings.chosen(options.settings, options.n_steps), options.device.torch_device
        torch.manual_seed(self.seed)
        pictures = torch.from_numpy(faces.pictures)
        objective = PlainObjective(pictures, self.game, self.n_items, self.seed, device)
        return Training(PlainGan(self.config), objective, settings, device)

    def _write(self, options: TrainOptions, training: Training, is_full: bool) -> Measuring[None]:
        """Write the averaged networks, then measure what was written for the card."""
        from .people_card import write_plain_card  # with all that measures, which a training does not need

        yield from write_plain_card(self, options, training, is_full)


def preview(average: nn.Module, device: torch.device) -> Mapping[str, View]:
    """Faces of the seeds 0 to 31."""
    assert isinstance(average, PlainGan)
    z = np.stack([standard_normal((average.config.n_z,), seed, "z") for seed in range(4 * N_COLUMNS)])
    with torch.no_grad():
        return mosaic(average.forger(torch.from_numpy(z).to(device)))


DCGAN: Final = AvatarsPlainRecipe(
    "gan/avatars-dcgan",
    N_("People, 2016"),
    N_("Learns to draw faces of nobody with the first stable recipe of a convolutional GAN (DCGAN)."),
    PLAIN,
    DcganConfig(),
    SETTINGS,
    seed=602,
    lesson=N_("The first recipe that worked well for pictures; eyes and hair often melt."),
)
WGAN: Final = AvatarsPlainRecipe(
    "gan/avatars-wgan",
    N_("People, 2017"),
    N_("Learns to draw faces of nobody with a critic that measures a distance (WGAN-GP)."),
    WASSERSTEIN,
    DcganConfig(is_critic=True),
    replace(SETTINGS, n_steps=10_000),
    seed=603,
    lesson=N_("Its critic measures how far fakes are from real pictures, and does not saturate."),
)
COLLAPSED: Final = AvatarsPlainRecipe(
    "gan/avatars-collapsed",
    N_("People, collapsed"),
    N_("The same as “People, 2016” with wrong settings on purpose: the forger finds a few faces that pass."),
    HURRIED,
    DcganConfig(),
    replace(SETTINGS, n_steps=1200, learning_rate=4e-4),
    seed=604,
    lesson=N_("Made with wrong settings on purpose, to show mode collapse."),
    minutes=4,
)
