"""The training that makes `gan/avatars-layers`: faces of people who do not exist, in flat layers, sharp at any size."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Final

import torch
from torch import Tensor

from studio.api.drawing import DRAWN_BY, autoencoder_of
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
from studio.nn.layered.layered_vae import LayeredVAE
from studio.nn.network_file import save_network

from ...shared.pictures import N_COLUMNS, in_rows
from ...shared.weights import load_any
from ..model.label_prior import frequencies_of
from ..model.layered_gan import LayeredGan, LayeredGanConfig, LayeredPeopleGenerator, PlaceDiscriminatorConfig
from ..model.style_gan import StyleGan
from .data import FaceBatches
from .layers_objective import LayersLoss, LayersObjective
from .style_recipe import obedience, seed_faces, settle_mean, told_frequencies

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
        start_from: the StyleGAN whose generator goes on, by id or file. drawn_by: the VAE that draws layers, by id.
    """

    id: str = "gan/avatars-layers"
    title: str = N_("People")
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
        assert isinstance(painter, StyleGan)
        network = LayeredGan(LayeredGanConfig(painter.config.generator, PlaceDiscriminatorConfig()))
        network.generator.load_state_dict(painter.generator.state_dict())
        pictures, labels = torch.from_numpy(faces.pictures), torch.from_numpy(faces.labels).long()
        batches = FaceBatches(pictures, labels, self.n_items, painter.config.generator.n_z, self.seed, device)
        return network, LayersObjective(batches, load_judge("avatars").to(device), self._autoencoder(device), self.loss)

    def _autoencoder(self, device: torch.device) -> LayeredVAE:
        return _shared(self.drawn_by, device)

    def _faces(self, faces: Avatars, device: torch.device) -> "Faces":
        return Faces(self._autoencoder(device), frequencies_of(faces.labels, AVATAR_LABELS), device)

    def preview(self, faces: Avatars, device: torch.device) -> Preview:
        return self._faces(faces, device).preview

    def validation(self, faces: Avatars, device: torch.device) -> Validation:
        return obedience(self._faces(faces, device).drawn, N_VALIDATION, device)

    def write(self, out: Path, training: Training, faces: Avatars) -> Measuring[None]:
        """Write the averaged networks, then measure what was written for the card."""
        from .card import people_card, write_measured  # with all that measures, which a training does not need

        network, frequencies = training.average.cpu(), frequencies_of(faces.labels, AVATAR_LABELS)
        assert isinstance(network, LayeredGan)
        settle_mean(network.generator, frequencies)
        save_network(out, network, exact=("discriminator",))
        card = {
            **people_card(self, network, training, faces, n_items=self.n_items, **asdict(self.loss)),
            "frequencies": told_frequencies(frequencies),
            DRAWN_BY: self.drawn_by,
            "notes": [
                N_("What words do not decide about a seed’s face is drawn as often as it occurs in the data."),
                N_("The forger paints 64 pixels; what an autoencoder of faces (vae/avatars) reads in them is drawn."),
            ],
        }
        yield from write_measured(card, out, self.n_measured, has_floors=True)


_shared = lru_cache(maxsize=1)(autoencoder_of)  # by objective, preview and validation


@dataclass(frozen=True, eq=False)
class Faces:
    """What a person sees of the averaged weights."""

    autoencoder: LayeredVAE
    frequencies: Mapping[str, list[float]]
    device: torch.device

    def _painted(self, average: LayeredGan, seeds: range) -> tuple[LayeredPeopleGenerator, Tensor, Tensor]:
        painted, labels = seed_faces(average.generator, self.frequencies, seeds, self.device)
        return LayeredPeopleGenerator(average.generator, self.autoencoder), painted, labels

    def preview(self, average: LayeredGan) -> Mapping[str, View]:
        """Faces of the seeds 0 to 15."""
        generator, painted, _ = self._painted(average, range(2 * N_COLUMNS))
        return {"picture": Image(in_rows(generator.shown(painted, PREVIEW_PX)))}

    def drawn(self, average: LayeredGan, seeds: range) -> tuple[Tensor, Tensor]:
        """What is drawn of seeds, at the size that the judge knows, and the labels asked for."""
        generator, painted, labels = self._painted(average, seeds)
        return generator.small(painted), labels
