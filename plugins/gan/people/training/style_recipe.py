"""The training that makes `gan/avatars-style`, a small StyleGAN2 of faces that follow words, and what its card says."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
import torch

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import (
    AVATAR_LABELS,
    AVATARS,
    Avatars,
    Preview,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_avatars,
    load_judge,
)
from studio.core.seed import standard_normal
from studio.core.translation import N_
from studio.core.view import View
from studio.nn.network_file import save_network

from ...shared.pictures import N_COLUMNS, mosaic
from ..model.label_prior import chance_labels, frequencies_of
from ..model.style_gan import FaceDiscriminatorConfig, FaceGenerator, FaceGeneratorConfig, StyleGan, StyleGanConfig
from .data import FaceBatches
from .style_objective import StyleLearner, StyleLoss, StyleObjective

SETTINGS: Final = TrainSettings(
    n_steps=13_000,
    n_micro=4,
    learning_rate=3e-3,
    n_warmup=100,
    n_decay=3000,
    momentum=0.5,
    clip_norm=1e6,
    average_decay=0.999,
)
CONFIG: Final = StyleGanConfig(FaceGeneratorConfig(), FaceDiscriminatorConfig())
LOSS: Final = StyleLoss()
EXACT: Final = ("discriminator.convs.0", "discriminator.heads", "discriminator.classes")
"""With the large layers as whole numbers of one byte, scores move by a hundredth or two of their spread."""
N_MEAN: Final = 8192
N_VALIDATION: Final = 256
N_AT_ONCE: Final = 8
WRONG: Final = "asked for and not seen, share"
Painted: TypeAlias = Callable[[Any, range], tuple[torch.Tensor, torch.Tensor]]
"""Pictures (N, 3, 64, 64), about -1 to 1, that averaged weights draw of seeds, and the labels (N, K) asked for."""


@dataclass(frozen=True, kw_only=True)
class GanAvatarsStyleRecipe(TrainingRecipe[Avatars]):
    """`gan/avatars-style`."""

    id: str = "gan/avatars-style"
    title: str = N_("People, 64 pixels")
    summary: str = N_("Learns to draw faces of people who do not exist, with labels that words can name (StyleGAN2).")
    task: str = N_("Draws people who do not exist, 64 pixels wide, as the forger itself paints them.")
    minutes: float = 120
    config: StyleGanConfig = CONFIG
    settings: TrainSettings = SETTINGS
    loss: StyleLoss = LOSS
    n_items: int = 8
    n_measured: int = 2000
    seed: int = 601
    kind: ClassVar[str] = "people"

    def data(self, split: Split) -> Avatars:
        return load_avatars(split)

    def network_and_objective(self, faces: Avatars, device: torch.device) -> tuple[StyleLearner, StyleObjective]:
        learner, n_z = StyleLearner(self.config), self.config.generator.n_z
        pictures, labels = torch.from_numpy(faces.pictures), torch.from_numpy(faces.labels).long()
        batches = FaceBatches(pictures, labels, self.n_items, n_z, self.seed, device)
        return learner, StyleObjective(batches, load_judge("avatars").to(device), self.loss)

    def preview(self, faces: Avatars, device: torch.device) -> Preview:
        return partial(style_preview, frequencies=frequencies_of(faces.labels, AVATAR_LABELS), device=device)

    def validation(self, faces: Avatars, device: torch.device) -> Validation:
        frequencies = frequencies_of(faces.labels, AVATAR_LABELS)

        def painted(average: StyleLearner, seeds: range) -> tuple[torch.Tensor, torch.Tensor]:
            return seed_faces(average.generator, frequencies, seeds, device)

        return obedience(painted, N_VALIDATION, device)

    def write(self, out: Path, training: Training, faces: Avatars) -> Measuring[None]:
        """Write the averaged networks, then measure what was written for the card."""
        from .card import people_card, write_measured  # with all that measures, which a training does not need

        learner = training.average
        assert isinstance(learner, StyleLearner)
        network, frequencies = StyleGan(self.config), frequencies_of(faces.labels, AVATAR_LABELS)
        weights = {name: value.cpu() for name, value in learner.state_dict().items() if name != "augmented"}
        network.load_state_dict(weights)
        settle_mean(network.generator, frequencies)
        save_network(out, network, EXACT)
        card = {
            **people_card(self, network, training, faces, n_items=self.n_items, **asdict(self.loss)),
            "frequencies": told_frequencies(frequencies),
            "notes": [
                N_("What words do not decide about a seed’s face is drawn as often as it occurs in the data."),
                N_(
                    "The detective also looks through the judge of faces, and half of the forger’s tasks are "
                    "labels of a real picture that it should then resemble; so look at the figures by random "
                    "features too."
                ),
            ],
        }
        yield from write_measured(card, out, self.n_measured, has_floors=True)


def told_frequencies(frequencies: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """The shares of each class as a card says them."""
    return {name: [round(share, 4) for share in shares] for name, shares in frequencies.items()}


def style_preview(
    average: StyleLearner, frequencies: Mapping[str, list[float]], device: torch.device
) -> Mapping[str, View]:
    """Faces of the seeds 0 to 31."""
    return mosaic(seed_faces(average.generator, frequencies, range(4 * N_COLUMNS), device)[0])


@torch.no_grad()
def seed_faces(
    generator: FaceGenerator, frequencies: Mapping[str, list[float]], seeds: range, device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (N, 3, 64, 64), about -1 to 1, of seeds with the labels (N, K) that chance gives them."""
    z, labels = (part.to(device) for part in seed_places(generator.config.n_z, frequencies, seeds))
    return generator.draw(z, labels), labels


def seed_places(n_z: int, frequencies: Mapping[str, list[float]], seeds: range) -> tuple[torch.Tensor, torch.Tensor]:
    """Places (N, n_z) of seeds, and the labels (N, K) that chance gives them."""
    z = np.stack([standard_normal((n_z,), seed, "z") for seed in seeds])
    labels = np.stack([chance_labels(frequencies, seed) for seed in seeds])
    return torch.from_numpy(z), torch.from_numpy(labels)


@torch.no_grad()
def settle_mean(generator: FaceGenerator, frequencies: Mapping[str, list[float]]) -> None:
    """Let the network know the average w of the faces that chance asks for."""
    z, labels = seed_places(generator.config.n_z, frequencies, range(N_MEAN))
    generator.mean_w.copy_(generator.mapping(z, labels).mean(0))


def obedience(painted: Painted, n_faces: int, device: torch.device) -> Validation:
    """The share of labels that the judge does not see in faces that the averaged weights drew for them."""
    judge = load_judge("avatars").to(device)
    assert judge.config == AVATARS

    def measure(average: Any) -> Generator[Any, None, Mapping[str, float]]:
        n_wrong = 0
        for first in range(10_000, 10_000 + n_faces, N_AT_ONCE):
            pictures, labels = painted(average, range(first, first + N_AT_ONCE))
            seen = judge.read((pictures.to(device) / 2 + 0.5).clamp(0, 1))
            n_wrong += int((seen != labels).sum())
            yield
        return {WRONG: n_wrong / (n_faces * len(AVATAR_LABELS))}

    return Validation(measure, WRONG)
