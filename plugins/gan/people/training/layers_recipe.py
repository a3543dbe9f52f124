"""The training that makes `gan/avatars-layers`: faces of people who do not exist, in flat layers, sharp at any size.

Generator and discriminator take turns. The discriminator tells the places of real pictures from those of generated
ones (Projected GAN: Sauer et al. 2021, arXiv 2111.01007) and knows what was asked for; the generator also answers to
the judge of faces for its picture as the autoencoder redraws it (AC-GAN: Odena et al. 2017, arXiv 1610.09585), and
where all labels are those of a real picture, to that one's place and pixels. Shape letters: B batch, Z numbers of a
place.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Final

import torch
from torch import Tensor, nn

from studio.api.drawing import DRAWN_BY, autoencoder_of
from studio.api.recipe import Measuring, TrainingRecipe, model_file
from studio.api.training import (
    AVATAR_LABELS,
    Avatars,
    Judge,
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

from ...shared.adversarial import frozen, non_saturating_discriminator, non_saturating_generator, r1_penalty
from ...shared.pictures import N_COLUMNS, in_rows
from ...shared.weights import load_any
from ..model.label_prior import frequencies_of
from ..model.layered_gan import (
    LayeredGan,
    LayeredGanConfig,
    LayeredPeopleGenerator,
    PlaceDiscriminatorConfig,
    places_of,
)
from ..model.style_gan import UNSAID, StyleGan
from .data import FaceBatches
from .style_objective import FORGING, conditioned_pictures, conditioning_loss
from .style_recipe import obedience, seed_faces, settle_mean, told_frequencies


@dataclass(frozen=True)
class LayersLoss:
    """Weights of the parts of the losses; fooling the discriminator has weight 1.

    Attributes:
        told: of the cross-entropy of what was asked for, by the judge, per label.
        near: of the mean distance from the place of the real picture.
        pixels: of the mean absolute difference of pixels from it, colours from -1 to 1.
        r1: gamma of the penalty of the discriminator's slope at real places.
    """

    told: float = 1.0
    near: float = 1.0
    pixels: float = 2.0
    r1: float = 0.5


@dataclass(frozen=True, eq=False)
class LayersObjective:
    """Returns the loss of whose turn it is; what a Training calls."""

    batches: FaceBatches
    judge: Judge
    autoencoder: LayeredVAE
    weights: LayersLoss

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, LayeredGan)
        turn, is_generator = divmod(step, 2)
        return (self._generator_turn if is_generator else self._discriminator_turn)(model, turn, micro)

    def _discriminator_turn(self, model: LayeredGan, turn: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        pictures, labels = self.batches.real(turn, micro)
        told = torch.where(self.batches.unsaid(turn, micro), UNSAID, labels)
        asked = self.batches.asked(turn, micro)
        with torch.no_grad():
            real = self._places(pictures)
            fake = self._places(conditioned_pictures(model.generator, asked))
        real.requires_grad_()
        yes, no = model.discriminator(real, told), model.discriminator(fake, asked.told)
        parts = {"telling": non_saturating_discriminator(yes, no), "r1": r1_penalty(yes, real)}
        loss = parts["telling"] + self.weights.r1 * parts["r1"]
        return loss, {**parts, "score_real": yes.mean(), "score_fake": no.mean()}

    def _generator_turn(self, model: LayeredGan, turn: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        asked, weights = self.batches.asked(turn, micro + FORGING), self.weights
        fake = conditioned_pictures(model.generator, asked)
        places = self._places(fake)
        with frozen(model.discriminator):
            fooling = non_saturating_generator(model.discriminator(places, asked.told))
        maps = self.judge.maps(self.autoencoder.decode(places))
        parts = {"fooling": fooling, "told": conditioning_loss(self.judge, maps, asked.told)}
        loss = fooling + weights.told * parts["told"]
        chosen = asked.is_paired
        if bool(chosen.any()):
            real = self.batches.real(turn, micro + FORGING)[0][chosen]
            with torch.no_grad():
                wanted = self._places(real)
            parts |= {"near": (places[chosen] - wanted).abs().mean(), "pixels": (fake[chosen] - real).abs().mean()}
            loss = loss + weights.near * parts["near"] + weights.pixels * parts["pixels"]
        return loss, parts

    def _places(self, pictures: Tensor) -> Tensor:
        return places_of(pictures, self.autoencoder)


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
