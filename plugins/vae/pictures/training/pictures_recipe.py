"""The training that makes a model of a person's own pictures, `vae/pictures`, and what its card says."""

from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from studio.api.own_folder import PictureFolderRecipe, PictureFolderSettings
from studio.api.recipe import Measuring, TrainingRecipe, folder_name, model_file
from studio.api.training import FolderPictures, Preview, Split, Training, Validation, read_pictures
from studio.core.card import Check
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import text_param
from studio.core.translation import N_
from studio.nn.layered.pictures_vae import PicturesConfig, PicturesVAE

from ...shared.card import write_card
from ...shared.model.vae import device_of
from ...shared.model.weights import load_model, save_model
from ...shared.training.directions import ranking, readings_of, remaining_directions, visible_effects
from ...shared.training.recipe import map_arrays, map_extent, pictures_preview, shape_axes, vae_card
from .data import VaePictureBatches, drawn, encoded, in_unit
from .objective import PicturesLearner, PicturesLoss, PicturesObjective

CONFIG: Final = PicturesConfig(
    n_latent=32, condition_width=128, seed_width=48, widths=(96, 96, 64, 24), encoder_widths=(24, 48, 96, 96)
)
N_COLUMNS: Final = 8
N_VALIDATION: Final = 64
N_KNOWN: Final = 1000
N_EFFECT_PLACES: Final = 8
PIXELS: Final = "pixels"


@dataclass(frozen=True)
class VaePicturesSettings(PictureFolderSettings):
    """The same, and `start_from`: a model of pictures to learn on from, its file or its id; a new one where empty."""

    start_from: str = text_param(
        N_("Start from"), N_("A picture model to continue training from, by its id or file; empty: a new one.")
    )


TRAINING: Final = VaePicturesSettings(
    n_steps=1500,
    n_micro=2,
    learning_rate=2e-3,
    n_warmup=50,
    n_decay=700,
    average_decay=0.995,
    keep_best=True,
)


@dataclass(frozen=True, kw_only=True)
class OwnPicturesRecipe(PictureFolderRecipe, TrainingRecipe[FolderPictures]):
    """What recipes of a person's own pictures have alike."""

    task: str = N_("Draws pictures like your own.")
    needs_folder: bool = True
    config: PicturesConfig = CONFIG
    settings: PictureFolderSettings
    loss: PicturesLoss = field(default_factory=lambda: PicturesLoss(rate=0.0001))
    n_pictures: int = 12
    seed: int = 31

    def vae_of(self, network: nn.Module) -> PicturesVAE:
        """The model within what learns."""
        assert isinstance(network, PicturesVAE)
        return network

    def write(self, out: Path, training: Training, pictures: FolderPictures) -> Measuring[None]:
        """Write the averaged network with its prior settled, then measure what was written for the card."""
        vae, known = self.vae_of(training.average.cpu()), part_of(pictures, Split.TRAIN)[:N_KNOWN]
        means, log_variances = yield from encoded(vae, known)
        vae.settle_prior(means, log_variances)
        places, _ = yield from encoded(vae, known)
        none = torch.zeros(0, vae.config.n_latent)
        directions = yield from remaining_directions(none, vae.decode, places[:N_EFFECT_PLACES])
        effects = yield from visible_effects(vae.decode, directions, places[:N_EFFECT_PLACES])
        order = ranking(effects)
        directions, effects = directions[order], effects[order]
        arrays = map_arrays(places, directions, torch.zeros(len(places), dtype=torch.uint8))
        save_model(out, vae, arrays)
        model = load_model(out)
        assert isinstance(model, PicturesVAE)
        checks = yield from self.checks(model, pictures)
        name, n = folder_name(self.settings.data), len(pictures.pictures)
        card = {
            **vae_card(self, model, training, name, n, n_pictures=self.n_pictures, **asdict(self.loss)),
            **self.pictures_card(pictures),
            "kinds": [N_("one of your pictures")],
            "map_extent": map_extent(places, arrays),
        }
        axes = shape_axes(effects, places @ readings_of(directions).T)
        write_card(out.with_suffix(".json"), card, checks, axes)

    def checks(self, model: PicturesVAE, pictures: FolderPictures) -> Measuring[list[Check]]:
        """The held-out figures."""
        error = yield from redrawing_error(model, part_of(pictures, Split.TEST))
        return [Check(N_("Redrawn test pictures, mean error of a colour, 0 to 1"), error, None, False)]


@dataclass(frozen=True, kw_only=True)
class VaePicturesRecipe(OwnPicturesRecipe):
    """`vae/pictures`: whatever a folder of pictures shows, 64 x 64 pixels in colour."""

    id: str = "vae/pictures"
    title: str = N_("Your pictures")
    summary: str = N_("Learns from a folder of your own pictures; sliders then change what they have in common.")
    minutes: float = 3
    settings: VaePicturesSettings = TRAINING

    def vae_of(self, network: nn.Module) -> PicturesVAE:
        assert isinstance(network, PicturesLearner)
        return network.vae

    def read(self, device: torch.device) -> Generator[Frame, None, FolderPictures]:
        chosen = self.settings
        return (yield from read_pictures(chosen.data, self.config.size_px, chosen.framing, chosen.n_steps))

    def network_and_objective(
        self, pictures: FolderPictures, device: torch.device
    ) -> tuple[PicturesLearner, PicturesObjective]:
        learner = PicturesLearner(self.config, 0)
        if self.settings.start_from:
            known = known_model(self.settings.start_from)
            learner = PicturesLearner(known.config, 0)
            learner.vae.load_state_dict(known.state_dict())
        learnt, n_latent = pictures.part(Split.TRAIN), learner.vae.config.n_latent
        batches = VaePictureBatches(learnt, None, n_latent, self.n_pictures, self.seed, device)
        return learner, PicturesObjective(batches, self.loss)

    def preview(self, pictures: FolderPictures, device: torch.device) -> Preview:
        """Held-out pictures, what is redrawn of them, and pictures at random places."""
        shown = part_of(pictures, Split.VALIDATION)
        shown = in_unit(shown[torch.arange(N_COLUMNS) % len(shown)].to(device))
        return lambda learner: pictures_preview(learner.vae, self.seed, shown)

    def validation(self, pictures: FolderPictures, device: torch.device) -> Validation:
        return Validation(partial(_validate, part_of(pictures, Split.VALIDATION)[:N_VALIDATION]), PIXELS)


def part_of(pictures: FolderPictures, split: Split) -> Tensor:
    """The pictures of a part, (N, H, W, 3) uint8."""
    return torch.from_numpy(pictures.part(split))


def _validate(pictures: Tensor, learner: PicturesLearner) -> Measuring[Mapping[str, float]]:
    """The mean error of a colour in redrawn validation pictures."""
    return {PIXELS: (yield from redrawing_error(learner.vae, pictures))}


def redrawing_error(vae: PicturesVAE, pictures: Tensor) -> Measuring[float]:
    """The mean absolute error of a colour (0 to 1) in redrawn pictures (N, H, W, 3) uint8."""
    pictures = pictures.to(device_of(vae))
    means, _ = yield from encoded(vae, pictures)
    redrawn = yield from drawn(vae, means)
    return float((redrawn - in_unit(pictures)).abs().mean())


def known_model(name: str) -> PicturesVAE:
    """A model of pictures by its id ("vae/avatars", "vae/NAME" of an own one) or its file.

    Raises:
        UserError: there is none, or it is of another kind.
    """
    model = load_model(model_file(name))
    if not isinstance(model, PicturesVAE):
        raise UserError(
            N_("“{name}” does not draw coloured pictures.").format(name=name), N_("Start from a model that does.")
        )
    return model.train().requires_grad_(True)
