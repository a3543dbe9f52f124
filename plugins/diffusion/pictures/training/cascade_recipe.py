"""The training that makes `diffusion/cascade`: a picture of 16 pixels from a prompt, then one of 64 from both.

Cascades: Ho et al. 2021 (arXiv 2106.15282); as here, from words: Saharia et al. 2022 (arXiv 2205.11487).
"""

from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.engine import TrainOptions
from studio.api.recipe import Measuring, ModelRecipe
from studio.api.training import (
    Scenes,
    Split,
    Stages,
    Training,
    TrainSettings,
    caption_of,
    held_out_prompts,
    load_scene_judge,
    load_scenes,
    random_scene_judge,
    read_score,
)
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.model.denoiser import Guidance
from ...shared.training.card import Defaults, write_card
from ...shared.weights import load_network, save_model
from ..model.denoisers import AUGMENT_TIME, enlarged
from ..model.networks import Cascade, CascadeConfig, PixelDiffusion, PixelDiffusionConfig
from ..model.text_encoder import TextConfig
from ..model.unet import UNetConfig
from .evaluation import SamplePreview, WantedPictures, in_unit, likeness, likeness_checks, sampled
from .latent_recipe import CaptionedLatents
from .objective import SMALL_FACTOR, DiffusionBatches, DiffusionObjective, held_out_error
from .scene_evaluation import BACKGROUNDS_FLOOR, OBJECTS_FLOOR, scene_texts, scene_words

BASE: Final = "base"
UPSCALER: Final = "upscaler"
N_PIECES: Final = 40
PART: Final = 1000
N_VALIDATION: Final = 400
N_VALIDATION_BATCHES: Final = 6
N_SHOWN: Final = 16
N_PROMPTS: Final = 500
N_LIKENESS: Final = 2000
DEFAULTS: Final = Defaults(steps=20, guidance=3.0)


BASE_UNET: Final = UNetConfig(
    n_channels=3,
    size_px=16,
    widths=(96, 112),
    n_blocks=(1, 1),
    self_attention=(0, 1),
    cross_attention=(1, 1),
    embedding_width=96,
    context_width=80,
    knows_places=1,
)
UPSCALER_UNET: Final = UNetConfig(
    n_channels=3,
    size_px=64,
    fold=2,  # noise need not pass through fewer channels than a cell has numbers
    widths=(40, 48, 56),
    n_blocks=(2, 1, 1),
    self_attention=(0, 0, 0),
    cross_attention=(0, 1, 1),
    embedding_width=96,
    context_width=64,
    n_extra=3,
)


def cascade_config() -> CascadeConfig:
    """The sizes of the shipped one."""
    words = scene_words()
    return CascadeConfig(
        PixelDiffusionConfig(BASE_UNET, text=TextConfig(words, N_PIECES, BASE_UNET.context_width)),
        PixelDiffusionConfig(UPSCALER_UNET, text=TextConfig(words, N_PIECES, UPSCALER_UNET.context_width, n_layers=1)),
    )


BASE_SETTINGS: Final = TrainSettings(n_steps=14000, learning_rate=1.2e-3, n_warmup=100, n_decay=5000)
UPSCALER_SETTINGS: Final = replace(BASE_SETTINGS, n_steps=8500, n_decay=3700)


@dataclass(frozen=True, kw_only=True)
class CascadeRecipe(ModelRecipe):
    """`diffusion/cascade`: scenes of icons from a prompt, small ones first, then large ones."""

    id: str = "diffusion/cascade"
    title: str = N_("Emoji in two stages")
    summary: str = N_("Learns scenes of icons twice: tiny ones from a prompt, and how to enlarge them.")
    task: str = N_("Draws a scene of icons from a prompt, first tiny, then large.")
    minutes: float = 170
    config: CascadeConfig | None = None
    settings: TrainSettings = BASE_SETTINGS
    upscaler_settings: TrainSettings = UPSCALER_SETTINGS
    defaults: Defaults = DEFAULTS
    n_scenes: int = 40000
    n_large: int = 16000
    n_pictures: int = 32
    n_prompts: int = N_PROMPTS
    n_likeness: int = N_LIKENESS
    seed: int = 61

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield the frames of one stage after the other; at the end write weights and card to `options.out`."""
        config, device = self.config or cascade_config(), options.device.torch_device
        chosen = self.settings.chosen(options.settings, options.n_steps)
        settings = (chosen, self.upscaler_settings.chosen(options.settings, options.n_steps))
        stages = Stages(options, (BASE, UPSCALER), tuple(one.n_steps for one in settings))
        scenes, n_held_out = load_scenes(Split.TRAIN, self.n_scenes), min(N_VALIDATION, self.n_scenes)
        held_out = load_scenes(Split.VALIDATION, n_held_out)
        trainings = []
        for name, part, one, chosen_scenes, title in (
            (BASE, config.base, settings[0], scenes, N_("Small pictures")),
            (UPSCALER, config.upscaler, settings[1], scenes[: self.n_large], N_("Large pictures")),
        ):
            training, source = self._training(part, one, chosen_scenes, device)
            batches = DiffusionBatches(source_of(held_out, part, source), part, self.n_pictures, self.seed, device)
            yield from stages.follow(
                name,
                training,
                title,
                preview=self._preview(part, held_out).slow,
                validation=held_out_error(batches, N_VALIDATION_BATCHES),
            )
            trainings.append(training)
        yield from stages.work(UPSCALER, self.write(options.out, config, trainings), N_("Measuring what was learnt"))

    def _training(
        self, config: PixelDiffusionConfig, settings: TrainSettings, scenes: Scenes, device: torch.device
    ) -> tuple[Training, PixelDiffusion]:
        torch.manual_seed(self.seed)
        network = PixelDiffusion(config)
        batches = DiffusionBatches(source_of(scenes, config, network), config, self.n_pictures, self.seed, device)
        return Training(network, DiffusionObjective(batches), settings, device), network

    def _preview(self, config: PixelDiffusionConfig, held_out: Scenes) -> SamplePreview:
        """Samples of held-out prompts; of the second stage those that enlarge the true small pictures."""
        shown = held_out[:N_SHOWN]
        extra = None
        if config.unet.n_extra:
            small = F.avg_pool2d(torch.cat(list(pictures(shown))), SMALL_FACTOR)
            extra = enlarged(small, config)
        wanted = WantedPictures(range(len(shown)), None, held_out_prompts(shown), extra, AUGMENT_TIME)
        return SamplePreview(wanted, N_SHOWN // 2, Guidance(self.defaults.guidance))

    def write(self, out: Path, config: CascadeConfig, trainings: list[Training]) -> Measuring[None]:
        """Write both averaged networks, then measure what was written for the card."""
        network = Cascade(config)
        network.base.load_state_dict(trainings[0].average_copy())
        network.upscaler.load_state_dict(trainings[1].average_copy())
        save_model(out, network)
        written = load_network(out)[1].to(trainings[0].device)
        assert isinstance(written, Cascade)
        card = {
            **self.common_card(written, trainings, "emoji", self.n_scenes),
            **scene_texts(self.n_scenes),
            "settings": {
                name: {**asdict(one.settings), "n_pictures": self.n_pictures}
                for name, one in zip((BASE, UPSCALER), trainings, strict=True)
            },
            "notes": [
                N_("The prompts name combinations of objects, accessories and colours that were not trained on."),
                N_("One sample of each prompt, none hand-picked, seeds 0, 1, 2 …, by DDIM in both stages."),
            ],
        }
        checks = yield from self.checks(written)
        write_card(out.with_suffix(".json"), card, checks, self.defaults)

    def checks(self, network: Cascade) -> Measuring[list[Check]]:
        """The figures with what they had to reach, at the panel's defaults."""
        scenes, judge = load_scenes(Split.TEST, max(self.n_prompts, self.n_likeness)), load_scene_judge()
        drawn = yield from drawn_by(network, held_out_prompts(scenes), self.defaults)
        n, asked = self.n_likeness, scenes[: self.n_prompts]
        score = read_score(drawn[: len(asked)], asked)
        real = torch.cat(list(pictures(scenes[:n]))).add(1).div(2)
        title = N_("{what} of {n:,} held-out prompts")
        return [
            Check(title.format(what=N_("Objects, F1"), n=len(asked)), score.objects, OBJECTS_FLOOR),
            Check(
                title.format(what=N_("Backgrounds right, share"), n=len(asked)),
                score.backgrounds,
                BACKGROUNDS_FLOOR,
            ),
            Check(title.format(what=N_("Accessories, F1"), n=len(asked)), score.accessories),
            *likeness_checks(likeness(judge, real, drawn[:n]), likeness(random_scene_judge(), real, drawn[:n])),
        ]


def drawn_by(network: Cascade, prompts: list[str], defaults: Defaults) -> Measuring[Tensor]:
    """Large pictures (N, 3, 64, 64) in [0, 1], one of each prompt, of seeds from 0 on."""
    guidance, seeds = Guidance(defaults.guidance), range(len(prompts))
    small = yield from sampled(network.base, WantedPictures(seeds, None, prompts), defaults.steps, guidance)
    parts = []
    for start in range(0, len(prompts), PART):  # the enlarged ones take memory
        end = start + PART
        extra = enlarged(small[start:end], network.config.upscaler)
        wanted = WantedPictures(seeds[start:end], None, prompts[start:end], extra, AUGMENT_TIME)
        x0 = yield from sampled(network.upscaler, wanted, defaults.steps, guidance)
        parts.append(in_unit(x0))
    return torch.cat(parts)


def source_of(scenes: Scenes, config: PixelDiffusionConfig, network: PixelDiffusion) -> CaptionedLatents:
    """Scenes at the size of a stage, with captions for its reader of prompts."""
    assert network.text is not None
    factor = SMALL_FACTOR if not config.unet.n_extra else 1
    x = torch.cat([F.avg_pool2d(part, factor).half() for part in pictures(scenes)])
    return CaptionedLatents(x, partial(caption_of, scenes), network.text.ids)


def pictures(scenes: Scenes) -> Generator[Tensor, None, None]:
    """Pictures (n, 3, 64, 64) in -1..1 of the scenes, in parts."""
    for start in range(0, len(scenes), PART):
        yield torch.from_numpy(scenes[start : start + PART].draw()).movedim(3, 1).float() / 127.5 - 1
