"""The training of the faces' peer: plain diffusion of the pixels themselves, to see what latents are good for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

import torch

from studio.api.engine import TrainOptions
from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import Avatars, Split, Training, TrainSettings, Validation, load_avatars
from studio.core.translation import N_

from ...shared.model.denoiser import Guidance
from ...shared.training.card import Defaults, write_card
from ...shared.weights import load_network, save_model
from ..face_caption import caption_words
from ..model.networks import PixelDiffusion
from .avatars_evaluation import face_checks
from .avatars_recipe import DEFAULTS, DIFFUSION, TASK, UNET, captions_of, card_texts
from .evaluation import WantedPictures, in_unit, sampled
from .latent_recipe import DiffusionStage
from .objective import HELD_OUT_ERROR, DiffusionObjective, held_out_error

# The same network with cells of 4 x 4 pixels in place of latents.
PIXELS: Final = replace(DIFFUSION, unet=replace(UNET, n_channels=3, size_px=64, fold=4))


@dataclass(frozen=True, kw_only=True)
class AvatarsPixelsRecipe(TrainingRecipe[Avatars]):
    """`diffusion/avatars-pixels`: the same faces and captions without an autoencoder."""

    id: str = "diffusion/avatars-pixels"
    title: str = N_("Faces, pixel by pixel")
    summary: str = N_("Learns drawn faces with captions, without an autoencoder; for comparison.")
    task: str = TASK
    minutes: float = 80
    stage: DiffusionStage = PIXELS
    defaults: Defaults = DEFAULTS
    n_prompts: int = 500
    n_likeness: int = 2000
    seed: int = 205

    @property
    def settings(self) -> TrainSettings:
        """What a person may choose."""
        return self.stage.settings

    def chosen(self, options: TrainOptions) -> Self:
        settings = self.settings.chosen(options.settings, options.n_steps)
        return replace(self, stage=replace(self.stage, settings=settings))

    def data(self, split: Split) -> Avatars:
        return load_avatars(split)

    def network_and_objective(self, data: Avatars, device: torch.device) -> tuple[PixelDiffusion, DiffusionObjective]:
        return self.stage.network_and_objective(_pixels(data), captions_of(data), caption_words(), self.seed, device)

    def validation(self, data: Avatars, device: torch.device) -> Validation:
        faces = self.data(Split.VALIDATION)
        pixels, captions = _pixels(faces), captions_of(faces)

        def measure(network: PixelDiffusion) -> Measuring[Mapping[str, float]]:
            return held_out_error(self.stage.batches(network, pixels, captions, self.seed, device)).measure(network)

        return Validation(measure, HELD_OUT_ERROR)

    def write(self, out: Path, training: Training, data: Avatars) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(out, training.average)
        network = load_network(out)[1].to(training.device)
        assert isinstance(network, PixelDiffusion)

        def paint(prompts: Sequence[str], seeds: Sequence[int]) -> Measuring[torch.Tensor]:
            wanted = WantedPictures(seeds, prompts=prompts)
            x0 = yield from sampled(network, wanted, self.defaults.steps, Guidance(self.defaults.guidance))
            return in_unit(x0)

        checks = yield from face_checks(paint, self.n_prompts, self.n_likeness)
        card = {
            **self.common_card(
                network, [training], "avatars", len(data.labels), data.is_full, n_items=self.stage.n_items
            ),
            **card_texts(data, []),
        }
        write_card(out.with_suffix(".json"), card, checks, self.defaults)


def _pixels(avatars: Avatars) -> torch.Tensor:
    """(N, 3, 64, 64) uint8."""
    return torch.from_numpy(avatars.pictures).movedim(3, 1)
