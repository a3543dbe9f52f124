"""The training that makes `gan/avatars-layers`: faces of people who do not exist, in flat layers, sharp at any size."""

from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import torch

from studio.api.recipe import Measuring, TrainingRecipe, model_file
from studio.api.training import (
    AVATAR_LABELS,
    Avatars,
    Preview,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_avatars,
    load_judge,
)
from studio.core.translation import N_
from studio.core.view import Image, View
from studio.nn.layered.layered_vae import LayeredConfig, LayeredVAE
from studio.nn.network_file import NetworkKind, load_network, save_network

from ...shared.pictures import N_COLUMNS, in_rows
from ...shared.weights import load_any
from ..model.label_prior import frequencies_of
from ..model.layered_gan import LayeredGan, LayeredGanConfig, LayeredPeopleGenerator, PlaceDiscriminatorConfig
from ..model.style_gan import StyleGan
from .data import FaceBatches
from .layers_objective import LayersLoss, LayersObjective
from .style_recipe import WRONG, seed_faces, settle_mean

SETTINGS: Final = TrainSettings(
    n_steps=1800,
    n_micro=1,
    learning_rate=1e-3,
    n_warmup=100,
    n_decay=800,
    momentum=0.5,
    clip_norm=1e6,
    average_decay=0.997,
)
LOSS: Final = LayersLoss()
N_VALIDATION: Final = 128
PREVIEW_PX: Final = 128


@dataclass(frozen=True, kw_only=True)
class GanAvatarsLayersRecipe(TrainingRecipe[Avatars]):
    """`gan/avatars-layers`.

    Attributes:
        start_from, drawn_by: the StyleGAN whose generator goes on, and the VAE that draws layers, by id or file.
    """

    id: str = "gan/avatars-layers"
    title: str = N_("Sharp people")
    summary: str = N_("Gives the people of gan/avatars-style flat layers, so that they are sharp at any size.")
    task: str = N_("Draws people who do not exist; sliders change their smile, hair and beard.")
    minutes: float = 40
    start_from: str = "gan/avatars-style"
    drawn_by: str = "vae/avatars"
    settings: TrainSettings = SETTINGS
    loss: LayersLoss = LOSS
    n_items: int = 24
    n_measured: int = 2000
    seed: int = 602
    kind: ClassVar[str] = "people"

    def data(self, split: Split) -> Avatars:
        return load_avatars(split)

    def network_and_objective(self, faces: Avatars, device: torch.device) -> tuple[LayeredGan, LayersObjective]:
        painter = load_any(model_file(self.start_from), (StyleGan,))
        _, autoencoder = load_network(model_file(self.drawn_by), {"LayeredVAE": NetworkKind(LayeredConfig, LayeredVAE)})
        assert isinstance(painter, StyleGan)
        assert isinstance(autoencoder, LayeredVAE)
        network = LayeredGan(LayeredGanConfig(painter.config.generator, PlaceDiscriminatorConfig(), autoencoder.config))
        network.generator.load_state_dict(painter.generator.state_dict())
        network.autoencoder.load_state_dict(autoencoder.state_dict())
        pictures, labels = torch.from_numpy(faces.pictures), torch.from_numpy(faces.labels).long()
        batches = FaceBatches(pictures, labels, self.n_items, painter.config.generator.n_z, self.seed, device)
        return network, LayersObjective(batches, load_judge("avatars").to(device), self.loss)

    def preview(self, faces: Avatars, device: torch.device) -> Preview:
        return partial(layered_preview, frequencies=frequencies_of(faces.labels, AVATAR_LABELS), device=device)

    def validation(self, faces: Avatars, device: torch.device) -> Validation:
        return Validation(partial(obedience, frequencies_of(faces.labels, AVATAR_LABELS), device), WRONG)

    def write(self, out: Path, training: Training, faces: Avatars) -> Measuring[None]:
        """Write the averaged networks, then measure what was written for the card."""
        from .card import people_card, write_measured  # with all that measures, which a training does not need

        network, frequencies = training.average.cpu(), frequencies_of(faces.labels, AVATAR_LABELS)
        assert isinstance(network, LayeredGan)
        settle_mean(network.generator, frequencies)
        save_network(out, network, exact=("discriminator",))
        card = {
            **people_card(self, network, training, faces, n_items=self.n_items, **asdict(self.loss)),
            "frequencies": {name: [round(share, 4) for share in shares] for name, shares in frequencies.items()},
            "notes": [
                N_("What words do not decide about a seed’s face is drawn as often as it occurs in the data."),
                N_("The forger paints 64 pixels; what an autoencoder of faces (vae/avatars) reads in them is drawn."),
            ],
        }
        yield from write_measured(card, out, self.n_measured, has_floors=True)


def layered_preview(
    average: LayeredGan, frequencies: Mapping[str, list[float]], device: torch.device
) -> Mapping[str, View]:
    """Faces of the seeds 0 to 15."""
    painted, _ = seed_faces(average.generator, frequencies, range(2 * N_COLUMNS), device)
    return {"picture": Image(in_rows(LayeredPeopleGenerator(average).shown(painted, PREVIEW_PX)))}


def obedience(
    frequencies: Mapping[str, list[float]], device: torch.device, average: LayeredGan
) -> Generator[Any, None, Mapping[str, float]]:
    """The share of labels that the judge does not see in what was drawn for them."""
    judge, generator = load_judge("avatars").to(device), LayeredPeopleGenerator(average)
    n_wrong = 0
    for first in range(10_000, 10_000 + N_VALIDATION, 8):
        painted, labels = seed_faces(average.generator, frequencies, range(first, first + 8), device)
        seen = judge.read(generator.small(painted).to(device) / 2 + 0.5)
        n_wrong += int((seen != labels).sum())
        yield
    return {WRONG: n_wrong / (N_VALIDATION * len(AVATAR_LABELS))}
