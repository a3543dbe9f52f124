"""The training that makes a model of a person's own pictures, `vae/pictures`, and what its card says."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.api.engine import TrainOptions
from studio.api.training import (
    FolderPictures,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    measuring_frames,
    read_pictures,
    skipped_sentence,
)
from studio.core.card import Check
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.place import models_dir
from studio.core.translation import N_
from studio.core.view import View

from ...shared.card import write_card
from ...shared.model.vae import device_of
from ...shared.model.weights import load_model, save_model
from ...shared.training.directions import ranking, readings_of, remaining_directions, visible_effects
from ...shared.training.evaluation import Measuring
from ...shared.training.recipe import common_card, map_plane, pictures_preview, shape_axes
from ..model.pictures_vae import PicturesConfig, PicturesVAE
from .data import VaePictureBatches, in_unit
from .evaluation import drawn, encoded
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
class VaePicturesSettings(TrainSettings):
    """What a person chooses for a model of own pictures.

    Attributes:
        data: the folder of the pictures; those within it count too.
        framing: the middle of each picture, or all of it on white.
        start_from: a model of pictures to learn on from: its file or its id; a new one where empty.
    """

    data: str = param("", label=N_("Folder"), help=N_("The folder with your pictures; folders within it count too."))
    framing: str = param(
        "crop",
        label=N_("Square"),
        help=N_("How a picture becomes a square: its middle (crop), or all of it on white (fit)."),
        choices=("crop", "fit"),
    )
    start_from: str = param(
        "",
        label=N_("Start from"),
        help=N_("A model of pictures to learn on from, by its id or file; empty: a new one."),
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


@dataclass(frozen=True)
class VaePicturesRecipe:
    """`vae/pictures`: whatever a folder of pictures shows, 64 x 64 pixels in colour."""

    id: str = "vae/pictures"
    title: str = N_("Your pictures")
    summary: str = N_("Learns from a folder of your own pictures; sliders then change what they have in common.")
    minutes: float = 3
    needs_folder: bool = True
    config: PicturesConfig = CONFIG
    settings: VaePicturesSettings = TRAINING
    loss: PicturesLoss = field(default_factory=lambda: PicturesLoss(rate=0.0001))
    n_pictures: int = 12
    seed: int = 31

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the folder is read, then one per micro-batch; then write weights and card."""
        torch.manual_seed(self.seed)
        settings = self.settings.chosen(options.settings, options.n_steps)
        pictures = yield from read_pictures(settings.data, self.config.size_px, settings.framing, settings.n_steps)
        lesson = VaeLesson(self, pictures, options.device.torch_device)
        training = lesson.training(settings)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=lesson.preview,
            validation=Validation(lesson.validate, PIXELS),
        )
        yield from measuring_frames(training.settings.n_steps, lesson.write(options.out, training, settings))


class VaeLesson:
    """One training on the pictures of a folder."""

    def __init__(self, recipe: VaePicturesRecipe, pictures: FolderPictures, device: torch.device) -> None:
        self.recipe = recipe
        self.pictures = pictures
        self.device = device

    def training(self, settings: VaePicturesSettings) -> Training:
        """The training before its first step."""
        recipe = self.recipe
        learner = PicturesLearner(recipe.config, 0)
        if settings.start_from:
            known = known_model(settings.start_from)
            learner = PicturesLearner(known.config, 0)
            learner.vae.load_state_dict(known.state_dict())
        pictures, n_latent = self.pictures.part(Split.TRAIN), learner.vae.config.n_latent
        batches = VaePictureBatches(pictures, None, n_latent, recipe.n_pictures, recipe.seed, self.device)
        return Training(learner, PicturesObjective(batches, recipe.loss), settings, self.device)

    def preview(self, learner: nn.Module) -> Mapping[str, View]:
        """Held-out pictures, what is redrawn of them, and pictures at random places."""
        assert isinstance(learner, PicturesLearner)
        shown = self._part(Split.VALIDATION)
        shown = shown[torch.arange(N_COLUMNS) % len(shown)]
        return pictures_preview(learner.vae, self.recipe.seed, in_unit(shown.to(device_of(learner))))

    def validate(self, learner: nn.Module) -> Measuring[Mapping[str, float]]:
        """The mean error of a colour in redrawn validation pictures."""
        assert isinstance(learner, PicturesLearner)
        error = yield from redrawing_error(learner.vae, self._part(Split.VALIDATION)[:N_VALIDATION])
        return {PIXELS: error}

    def write(self, out: Path, training: Training, settings: VaePicturesSettings) -> Measuring[None]:
        """Write the averaged network with its prior settled, then measure what was written for the card."""
        average = training.average.cpu()
        assert isinstance(average, PicturesLearner)
        vae, known = average.vae, self._part(Split.TRAIN)[:N_KNOWN]
        means, log_variances = yield from encoded(vae, known)
        vae.settle_prior(means, log_variances)
        places, _ = yield from encoded(vae, known)
        none = torch.zeros(0, vae.config.n_latent)
        directions = yield from remaining_directions(none, vae.decode, places[:N_EFFECT_PLACES])
        effects = yield from visible_effects(vae.decode, directions, places[:N_EFFECT_PLACES])
        order = ranking(effects)
        directions, effects = directions[order], effects[order]
        mean, basis = map_plane(places)
        arrays = {
            "directions": directions,
            "readings": readings_of(directions),
            "places": places.half(),
            "labels": torch.zeros(len(places), dtype=torch.uint8),
            "map_mean": mean,
            "map_basis": basis,
        }
        save_model(out, vae, arrays)
        model = load_model(out)
        assert isinstance(model, PicturesVAE)
        error = yield from redrawing_error(model, self._part(Split.TEST))
        checks = [Check(N_("Redrawn test pictures, mean error of a colour, 0 to 1"), error, None, False)]
        card = {**self._texts(settings), **common_card(model, training, self.recipe.seed, is_full=True)}
        card |= {
            "licence": N_("Your own pictures; what you may do with the model follows from what you may do with them."),
            "settings": {**_told(settings), "n_pictures": self.recipe.n_pictures, **asdict(self.recipe.loss)},
            "kinds": [N_("one of your pictures")],
            "map_extent": float(((places - mean) @ basis.T).abs().quantile(0.995)),
        }
        axes = shape_axes(effects, places @ readings_of(directions).T)
        write_card(out.with_suffix(".json"), card, checks, axes)

    def _texts(self, settings: VaePicturesSettings) -> dict[str, Any]:
        n, size_px = len(self.pictures.pictures), self.recipe.config.size_px
        notes = [
            N_("Five in a hundred pictures were held out to choose the best weights by, and five more for the figure."),
            skipped_sentence(self.pictures),
            N_("Files that show what another one shows: {n:,}.").format(n=self.pictures.n_doubles)
            if self.pictures.n_doubles
            else "",
        ]
        return {
            "id": self.recipe.id,
            "title": self.recipe.title,
            "task": N_("Draws pictures like your own."),
            "data": N_("{n:,} pictures of your own, {size} x {size} pixels").format(n=n, size=size_px),
            "data_set": {"name": Path(settings.data).name, "n_items": n, "which": "full"},
            "notes": [note for note in notes if note],
        }

    def _part(self, split: Split) -> Tensor:
        return torch.from_numpy(self.pictures.part(split))


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
    model = load_model(_file_of(name))
    if not isinstance(model, PicturesVAE):
        raise UserError(
            N_("“{name}” does not draw coloured pictures.").format(name=name), N_("Start from a model that does.")
        )
    return model.train().requires_grad_(True)


def _file_of(name: str) -> Path:
    family, _, model = name.partition("/")
    file = f"{model}.safetensors"
    for place in (models_dir() / family / file, Path(str(files(__package__.rsplit(".", 2)[0]) / "models" / file))):
        if family == "vae" and model and "/" not in model and place.is_file():
            return place
    return Path(name).expanduser()


def _told(settings: VaePicturesSettings) -> dict[str, Any]:
    """The settings that a card tells: where a person's files lie is nobody's business."""
    return {name: value for name, value in asdict(settings).items() if name not in ("data", "start_from")}
