"""The training of the faces' peer: plain diffusion of the pixels themselves, to see what latents are good for."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

import torch

from studio.api.engine import TrainOptions
from studio.api.training import Avatars, Split, Training, TrainSettings, follow_training, load_avatars, measuring_frames
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.model.denoiser import Guidance
from ...shared.training.card import Defaults, Measuring, common_card, write_card
from ...shared.weights import load_network, save_model
from ..face_caption import caption_words
from ..model.networks import PixelDiffusion
from .avatars_evaluation import face_checks
from .avatars_recipe import DEFAULTS, DIFFUSION, UNET, captions_of, card_texts
from .evaluation import WantedPictures, in_unit, sampled
from .latent_recipe import DiffusionStage, held_out_error

# The same network with cells of 4 x 4 pixels in place of latents.
PIXELS: Final = replace(DIFFUSION, unet=replace(UNET, n_channels=3, size_px=64, fold=4))


@dataclass(frozen=True)
class AvatarsPixelsRecipe:
    """`diffusion/avatars-pixels`: the same faces and captions without an autoencoder."""

    id: str = "diffusion/avatars-pixels"
    title: str = N_("Faces, pixel by pixel")
    summary: str = N_("Learns drawn faces with captions, without an autoencoder; for comparison.")
    minutes: float = 80
    needs_folder: bool = False
    stage: DiffusionStage = PIXELS
    defaults: Defaults = DEFAULTS
    n_prompts: int = 500
    n_likeness: int = 2000
    seed: int = 205

    @property
    def settings(self) -> TrainSettings:
        """What a person may choose."""
        return self.stage.settings

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch; at the end write weights and card to `options.out`."""
        stage = replace(self.stage, settings=self.settings.chosen(options.settings, options.n_steps))
        avatars, device = load_avatars(Split.TRAIN), options.device.torch_device
        training = stage.training(_pixels(avatars), captions_of(avatars), caption_words(), self.seed, device)
        faces, network = load_avatars(Split.VALIDATION), training.average
        assert isinstance(network, PixelDiffusion)
        validation = held_out_error(stage.batches(network, _pixels(faces), captions_of(faces), self.seed, device))
        checkpoint = options.out.with_suffix(".checkpoint")
        yield from follow_training(training, checkpoint, options.is_resumed, validation=validation)
        yield from measuring_frames(stage.settings.n_steps, self._write(options, training, avatars))

    def _write(self, options: TrainOptions, training: Training, avatars: Avatars) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(options.out, training.average)
        network = load_network(options.out)[1].to(training.device)
        assert isinstance(network, PixelDiffusion)

        def paint(prompts: Sequence[str], seeds: Sequence[int]) -> Measuring[torch.Tensor]:
            wanted = WantedPictures(seeds, prompts=prompts)
            x0 = yield from sampled(network, wanted, self.defaults.steps, Guidance(self.defaults.guidance))
            return in_unit(x0)

        checks = yield from face_checks(paint, self.n_prompts, self.n_likeness)
        card = {
            **card_texts(self, avatars, []),
            **common_card(network, [training], self.seed, avatars.is_full),
            "settings": {**asdict(training.settings), "n_items": self.stage.n_items},
        }
        write_card(options.out.with_suffix(".json"), card, checks, self.defaults)


def _pixels(avatars: Avatars) -> torch.Tensor:
    """(N, 3, 64, 64) uint8."""
    return torch.from_numpy(avatars.pictures).movedim(3, 1)
