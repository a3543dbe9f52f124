"""The training that gives `vae/avatars` a decoder of layers, on the latent space that it has already."""

import json
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from studio.api.recipe import Measuring, TrainingRecipe, model_file, told_settings
from studio.api.training import (
    AvatarLayers,
    Preview,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_avatar_layers,
    part_colours,
    trained_facts,
)
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.nn.layered.layered_vae import LayeredConfig, LayeredVAE, LayersDecoder, begun_from
from studio.nn.layered.pictures_vae import PicturesVAE

from ...shared.card import read_arrays
from ...shared.model.vae import device_of
from ...shared.model.weights import load_model, save_model
from ...shared.training.recipe import mosaic, random_places
from .data import PART, encoded
from .layers_checks import layer_checks, write_layered_card
from .layers_data import LayersBatches
from .layers_evaluation import sharp_pictures
from .layers_objective import LayersLoss, LayersObjective, parts_wrong
from .pictures_recipe import known_model

TRAINING: Final = TrainSettings(n_steps=2200, learning_rate=1.5e-3, n_warmup=100, n_decay=1100, average_decay=0.997)
LOSS: Final = LayersLoss()
SIZES: Final = (24, 8)
N_VALIDATION: Final = 32
PREVIEW_SIDE: Final = 4
PREVIEW_PX: Final = 128
WRONG: Final = "parts wrong"


@dataclass(frozen=True, eq=False)
class KnownFaces:
    """Faces, the model that reads them, and where they lie: means and log-variances, (N, Z) each."""

    faces: AvatarLayers
    vae: PicturesVAE
    means: Tensor
    log_variances: Tensor


@dataclass(frozen=True, kw_only=True)
class VaeLayersRecipe(TrainingRecipe[KnownFaces]):
    """`vae/avatars-layers`: the faces of `vae/avatars`, drawn sharply at any size.

    Attributes:
        start_from: the model that draws them already, by its id or file.
    """

    id: str = "vae/avatars-layers"
    title: str = N_("Sharp faces")
    summary: str = N_("Gives the faces of vae/avatars flat layers, so that they are sharp at any size.")
    task: str = N_("Draws faces; sliders change their hair, beard, smile or colour.")
    minutes: float = 40
    start_from: str = "vae/avatars"
    settings: TrainSettings = TRAINING
    loss: LayersLoss = LOSS
    sizes: tuple[int, int] = SIZES
    seed: int = 33

    def read(self, device: torch.device) -> Generator[Frame, None, KnownFaces]:
        vae, faces = known_model(self.start_from).eval().requires_grad_(False), load_avatar_layers(Split.TRAIN)
        reading, n_read, total = encoded(vae, torch.from_numpy(faces.pictures)), 0, len(faces.pictures)
        while True:
            try:
                next(reading)
            except StopIteration as end:
                return KnownFaces(faces, vae.to(device), *end.value)
            n_read = min(n_read + PART, total)
            label = N_("Reading the pictures: {n:,} of {total:,}").format(n=n_read, total=total)
            yield Frame(0, self.settings.n_steps, label=label)

    def network_and_objective(self, known: KnownFaces, device: torch.device) -> tuple[LayersDecoder, LayersObjective]:
        fixed, tint = (torch.from_numpy(one) for one in part_colours())
        config = self._config(known.vae)
        batches = LayersBatches(known.faces.maps(), config.n_latent, self.sizes, self.seed, device)
        deviations = (known.log_variances / 2).exp()
        objective = LayersObjective(batches, self.loss, known.vae, known.means, deviations)
        return begun_from(known.vae, config, fixed, tint), objective

    def _config(self, vae: PicturesVAE) -> LayeredConfig:
        names = {name: value for name, value in asdict(vae.config).items() if name not in ("n_layers", "n_paints")}
        fixed, tint = part_colours()
        return LayeredConfig(**names | {"n_layers": len(fixed), "n_paints": tint.shape[1]})

    def preview(self, known: KnownFaces, device: torch.device) -> Preview:
        """What the averaged weights draw at sixteen places that stay the same."""
        places = random_places(PREVIEW_SIDE**2, known.vae.config.n_latent, self.seed, device)
        ink = torch.from_numpy(known.faces.ink)

        def draw(decoder: LayersDecoder) -> Mapping[str, Any]:
            drawn = sharp_pictures(joined(known.vae, decoder, ink), places, PREVIEW_PX)
            return {
                "picture": mosaic(torch.stack([torch.from_numpy(one).movedim(2, 0) for one in drawn]), PREVIEW_SIDE)
            }

        return draw

    def validation(self, known: KnownFaces, device: torch.device) -> Validation:
        return Validation(partial(self.validate, known.vae), WRONG)

    def validate(self, vae: PicturesVAE, decoder: LayersDecoder) -> Measuring[Mapping[str, float]]:
        """On which share of the points of validation pictures another part is seen than should be."""
        faces = load_avatar_layers(Split.VALIDATION)
        few = np.arange(min(N_VALIDATION, len(faces.packed)))
        means, _ = yield from encoded(vae, torch.from_numpy(faces.pictures[few]).to(device_of(vae)))
        return {WRONG: (yield from parts_wrong(vae, decoder, means, faces.maps().only(few)))}

    def write(self, out: Path, training: Training, known: KnownFaces) -> Measuring[None]:
        """Write the model with its second decoder, then measure what was written for the card."""
        decoder = training.average.cpu()
        assert isinstance(decoder, LayersDecoder)
        source = model_file(self.start_from)
        arrays = {name: torch.from_numpy(value) for name, value in read_arrays(source).items()}
        arrays["places"] = arrays["places"].half()
        model = joined(known.vae.cpu(), decoder, torch.from_numpy(known.faces.ink))
        save_model(out, model, arrays)
        written = load_model(out)
        assert isinstance(written, LayeredVAE)
        checks = yield from layer_checks(written, self.seed)
        card = json.loads(source.with_suffix(".json").read_text("utf-8"))
        write_layered_card(out.with_suffix(".json"), card, written, self._told(training, known), checks)

    def _told(self, training: Training, known: KnownFaces) -> dict[str, Any]:
        """What the card says of this training beside that of the model that it began with."""
        n, is_full = len(known.faces.packed), known.faces.is_full
        return {
            **trained_facts([training], self.seed, is_full),
            "n_faces": n,
            "settings": {**told_settings(training.settings), "sizes": self.sizes, **asdict(self.loss)},
        }


def joined(vae: PicturesVAE, decoder: LayersDecoder, ink: Tensor) -> LayeredVAE:
    """A model with both decoders."""
    model = LayeredVAE(decoder.config)
    model.load_state_dict(vae.state_dict(), strict=False)
    model.sharp.load_state_dict(decoder.state_dict())
    model.ink = ink
    return model.eval()
