"""The training that makes `diffusion/emoji`: prompt to scenes of icons, by latent diffusion (Rombach et al. 2022)."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.engine import TrainOptions
from studio.api.recipe import Measuring
from studio.api.training import (
    SCENE_EXAMPLES,
    SCENE_NOTES,
    Scenes,
    Split,
    Stages,
    Training,
    TrainSettings,
    Validation,
    caption_of,
    held_out_prompts,
    load_scenes,
    read_score,
)
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.steer_pairs import PAIRS_KEY
from ...shared.training.card import Defaults, write_card
from ...shared.weights import load_network
from ..model.autoencoder import Autoencoder, AutoencoderConfig
from ..model.denoisers import LatentModel
from ..model.networks import LatentDiffusion, PixelDiffusion
from ..model.unet import UNetConfig
from .latent_recipe import (
    AutoencoderStage,
    Caption,
    DiffusionStage,
    LatentRecipe,
    drawn_pictures,
    fitted_preview,
    joined_network,
    prompts_preview,
    redrawn_validation,
)
from .objective import HELD_OUT_ERROR, AutoencoderLoss, held_out_error
from .scene_evaluation import (
    SceneMeasures,
    chosen_strength,
    scene_checks,
    scene_texts,
    scene_words,
)
from .steering_evaluation import SCENE_PAIRS, STEERING, SteerMeasures, measured_pairs, scene_odds

AUTOENCODER: Final = AutoencoderStage(
    AutoencoderConfig(n_latent=6, encoder_width=64, width=80, n_encoder_blocks=1, n_blocks=2),
    TrainSettings(n_steps=3200, learning_rate=2e-3, n_warmup=100, n_decay=1200, average_decay=0.995),
    AutoencoderLoss(rate=5e-6),
)
DIFFUSION: Final = DiffusionStage(
    UNetConfig(
        n_channels=6,
        size_px=16,
        widths=(128, 192),
        n_blocks=(1, 1),
        self_attention=(0, 1),
        cross_attention=(1, 1),
        embedding_width=192,
        knows_places=1,
    ),
    TrainSettings(n_steps=15000, learning_rate=1e-3, n_warmup=200, n_decay=4800, average_decay=0.999),
    n_pieces=40,
    text_width=128,
)
MEASURES: Final = SceneMeasures()


@dataclass(frozen=True, kw_only=True)
class EmojiRecipe(LatentRecipe):
    """`diffusion/emoji`: scenes of one to three icons from a prompt."""

    id: str = "diffusion/emoji"
    title: str = N_("Emoji")
    summary: str = N_("Learns scenes of emoji with their captions, then draws what you ask for.")
    task: str = N_("Draws scenes of one to three emoji named in a prompt, with accessories, places and colours.")
    minutes: float = 90
    autoencoder: AutoencoderStage = AUTOENCODER
    diffusion: DiffusionStage = DIFFUSION
    n_scenes: int = 40000
    n_validation: int = 256
    n_read: int = 32
    n_steps: int = 25
    measures: SceneMeasures = MEASURES
    steering: SteerMeasures = STEERING
    seed: int = 31

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch of each stage; at the end write weights and card to `options.out`."""
        stage = self.last_stage(options)
        stages = Stages(options, ("autoencoder", "latent"), (self.autoencoder.settings.n_steps, stage.settings.n_steps))
        scenes, device = load_scenes(Split.TRAIN, self.n_scenes), options.device.torch_device
        pictures = torch.from_numpy(scenes.draw())
        coder = self.autoencoder.training(pictures, None, self.seed, device)
        yield from stages.follow(
            "autoencoder", coder, N_("Autoencoder"), validation=coder_validation(self.n_validation)
        )
        turning = N_("Turning the scenes into latents")
        autoencoder, latents = yield from self.settled(stages, coder, pictures, turning)
        training = stage.training(latents, captions_of(scenes), scene_words(), self.seed + 1, device)
        preview = prompts_preview(autoencoder, SCENE_EXAMPLES, 1, Defaults().guidance)
        validation = Validation(self._validation(stage, training, autoencoder), HELD_OUT_ERROR)
        yield from stages.follow("latent", training, N_("Diffusion"), preview, validation)
        self.save(options.out, training, autoencoder, latents, pictures)
        yield from stages.work("latent", self.write(options, [coder, training]), N_("Measuring what was learnt"))

    def _validation(self, stage: DiffusionStage, training: Training, autoencoder: Autoencoder) -> Any:
        """The error on validation scenes, and what is read of samples for some of their prompts."""
        scenes, device = load_scenes(Split.VALIDATION, self.n_validation), training.device
        with torch.no_grad():
            pictures = torch.from_numpy(scenes.draw()).movedim(3, 1).float() / 255
            latents = torch.cat([autoencoder.encode(part.to(device)).cpu() for part in torch.split(pictures, 16)])
        few = scenes[: self.n_read]
        look = fitted_preview(autoencoder.config, latents, torch.from_numpy(scenes.draw()))

        def measure(average: nn.Module) -> Generator[Any, None, Mapping[str, float]]:
            assert isinstance(average, PixelDiffusion)
            batches = stage.batches(average, latents, captions_of(scenes), self.seed, device)
            found = yield from held_out_error(batches).measure(average)
            network = joined_network(average, autoencoder, look).to(device)
            prompts = held_out_prompts(few)
            drawn = yield from drawn_pictures(network, prompts, range(len(prompts)), self.n_steps, Defaults().guidance)
            score = read_score(drawn, few)
            return {**found, "objects, F1": score.objects, "backgrounds": score.backgrounds}

        return measure

    def write(self, options: TrainOptions, trainings: list[Training]) -> Measuring[None]:
        """Choose the guidance for what was written, and measure it for the card."""
        network = load_network(options.out)[1].to(options.device.torch_device)
        assert isinstance(network, LatentDiffusion)
        strength = yield from chosen_strength(network, self.n_steps, self.measures)
        checks = yield from scene_checks(network, self.n_steps, strength, self.measures)
        prompts = held_out_prompts(load_scenes(Split.VALIDATION, self.steering.n_pictures))
        opened = LatentModel(network)
        pairs = yield from measured_pairs(opened, SCENE_PAIRS, prompts, scene_odds(), strength, self.steering)
        card = {
            **self.common_card(network, trainings, "emoji", self.n_scenes),
            **scene_texts(self.n_scenes),
            PAIRS_KEY: pairs,
            "notes": self._notes(),
            "settings": self.stage_settings(trainings),
        }
        write_card(options.out.with_suffix(".json"), card, checks, Defaults(self.n_steps, strength))

    def _notes(self) -> list[str]:
        return [
            N_("Held out: 16 % of the combinations of objects, what they wear and background; 12 % are the test."),
            *SCENE_NOTES,
            N_("Test scenes contain other combinations; compare with the figures for training scenes instead."),
        ]


def captions_of(scenes: Scenes) -> Caption:
    """Captions of scenes by their rows."""

    def caption(row: int, random: np.random.Generator) -> str:
        return caption_of(scenes, row, random)

    return caption


def coder_validation(n_scenes: int) -> Validation:
    """The mean error of redrawn validation scenes, and what the judge reads of them."""
    scenes = load_scenes(Split.VALIDATION, n_scenes)

    def read(pictures: Tensor) -> Mapping[str, float]:
        found = read_score(pictures, scenes)
        return {"objects, F1": found.objects, "accessories, F1": found.accessories, "backgrounds": found.backgrounds}

    return redrawn_validation(torch.from_numpy(scenes.draw()), read)
