"""What the recipes of latent diffusion share.

The autoencoder learns first; then all pictures are turned into latents once, and text encoder and U-Net learn on those
(Rombach et al. 2022, arXiv 2112.10752). Shape letters as in autoencoder.py; N pictures of the training.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.engine import TrainOptions
from studio.api.recipe import Measuring, ModelRecipe
from studio.api.training import SlowPreview, Stages, Training, TrainSettings, Validation
from studio.core.frame import Frame

from ...shared.model.denoiser import Guidance
from ...shared.weights import save_model
from ..model.autoencoder import Autoencoder, AutoencoderConfig, LatentPreview
from ..model.networks import LatentDiffusion, LatentDiffusionConfig, PixelDiffusion, PixelDiffusionConfig
from ..model.text_encoder import TextConfig
from ..model.unet import UNetConfig
from .evaluation import SamplePreview, WantedPictures, sampled
from .objective import (
    AutoencoderLoss,
    AutoencoderObjective,
    CleanExamples,
    DiffusionBatches,
    DiffusionObjective,
    Eye,
    unit_pictures,
)

PART: Final = 16
N_FIT: Final = 512
Caption: TypeAlias = Callable[[int, np.random.Generator], str]
"""Number of a picture and random numbers to a caption of it, worded anew each time."""
Reader: TypeAlias = Callable[[Tensor], Mapping[str, float]]
"""Pictures (N, 3, H, W) in [0, 1], redrawn validation ones in their order, to figures by name."""


SETTINGS: Final = TrainSettings(n_steps=2200, learning_rate=1.5e-3, n_warmup=100, n_decay=770, average_decay=0.995)
SIZES: Final = AutoencoderConfig(encoder_width=64, width=96)
LOSS: Final = AutoencoderLoss()


@dataclass(frozen=True)
class AutoencoderStage:
    """How the autoencoder is trained."""

    config: AutoencoderConfig = SIZES
    settings: TrainSettings = SETTINGS
    loss: AutoencoderLoss = LOSS
    n_pictures: int = 16

    def training(self, pictures: Tensor, eye: Eye | None, seed: int, device: torch.device) -> Training:
        """The training on pictures (N, H, W, 3) uint8 before its first step."""
        torch.manual_seed(seed)
        objective = AutoencoderObjective(pictures, self.loss, self.n_pictures, seed, device, eye)
        return Training(Autoencoder(self.config), objective, self.settings, device)


def redrawn_validation(pictures: Tensor, read: Reader) -> Validation:
    """The mean error of redrawn validation pictures (N, H, W, 3) uint8, and what is read of them."""

    def measure(average: nn.Module) -> Generator[Any, None, Mapping[str, float]]:
        assert isinstance(average, Autoencoder)
        redrawn = yield from redraw(average, pictures)
        error = float((redrawn - unit_pictures(pictures)).abs().mean())
        return {"pixels": error, **read(redrawn)}

    return Validation(measure, "pixels")


@torch.no_grad()
def redraw(autoencoder: Autoencoder, pictures: Tensor) -> Generator[None, None, Tensor]:
    """Pictures (N, H, W, 3) uint8 through the autoencoder and back, (N, 3, H, W) in [0, 1] on the CPU."""
    device, parts = autoencoder.centre.device, []
    for part in torch.split(pictures, PART):
        parts.append(autoencoder.decode(autoencoder.encode(unit_pictures(part.to(device)))).cpu())
        yield
    return torch.cat(parts)


@torch.no_grad()
def settled_latents(autoencoder: Autoencoder, pictures: Tensor) -> Generator[None, None, Tensor]:
    """Latents (N, Z, h, w) float16 of pictures (N, H, W, 3) uint8; the autoencoder is settled on them."""
    device, parts = autoencoder.centre.device, []
    for part in torch.split(pictures, PART):
        parts.append(autoencoder.posterior(unit_pictures(part.to(device)))[0].cpu())
        yield
    means = torch.cat(parts)
    autoencoder.settle(means.to(device))
    return ((means - autoencoder.centre.cpu()) / autoencoder.spread.cpu()).half()


def fitted_preview(config: AutoencoderConfig, latents: Tensor, pictures: Tensor) -> LatentPreview:
    """The linear look at latents (N, Z, h, w) of these pictures (N, H, W, 3) uint8."""
    step = max(1, len(latents) // N_FIT)
    preview = LatentPreview(config)
    preview.fit(latents[::step].float(), unit_pictures(pictures[::step]))
    return preview


@dataclass(frozen=True, eq=False)
class CaptionedLatents:
    """A Source of examples, each with a caption worded anew each time that it is drawn.

    Attributes:
        latents: (N, Z, h, w), or pictures (N, C, H, W) uint8.
        ids: captions to the numbers of their pieces (B, L), as TextEncoder.ids gives them.
    """

    latents: Tensor
    caption: Caption
    ids: Callable[[Sequence[str]], Tensor]

    def draw(self, n: int, random: np.random.Generator) -> CleanExamples:
        """See Source: each of them as often as any."""
        chosen = random.integers(0, len(self.latents), n)
        ids = self.ids([self.caption(int(index), random) for index in chosen])
        n_used = int((ids >= 0).sum(1).max())
        x0 = self.latents[torch.from_numpy(chosen)]
        x0 = x0.float() / 127.5 - 1 if x0.dtype == torch.uint8 else x0.float()
        return CleanExamples(x0, ids=ids[:, :n_used])


@dataclass(frozen=True)
class DiffusionStage:
    """How text encoder and U-Net are trained on latents.

    Attributes:
        n_pieces, text_width, n_text_layers: of the text encoder; its words come with the data.
        n_items: of a micro-batch.
        drop_share: of captions that are left out.
    """

    unet: UNetConfig
    settings: TrainSettings
    n_pieces: int = 48
    text_width: int = 96
    n_text_layers: int = 2
    n_items: int = 32
    drop_share: float = 0.1

    def config(self, words: tuple[str, ...]) -> PixelDiffusionConfig:
        """The network that knows these words."""
        text = TextConfig(words, self.n_pieces, self.text_width, self.n_text_layers)
        return PixelDiffusionConfig(replace(self.unet, context_width=self.text_width), text=text)

    def training(
        self, latents: Tensor, caption: Caption, words: tuple[str, ...], seed: int, device: torch.device
    ) -> Training:
        """The training on latents (N, Z, h, w) before its first step."""
        torch.manual_seed(seed)
        network, objective = self.network_and_objective(latents, caption, words, seed, device)
        return Training(network, objective, self.settings, device)

    def network_and_objective(
        self, latents: Tensor, caption: Caption, words: tuple[str, ...], seed: int, device: torch.device
    ) -> tuple[PixelDiffusion, DiffusionObjective]:
        """What learns, and the loss of a micro-batch."""
        network = PixelDiffusion(self.config(words))
        return network, DiffusionObjective(self.batches(network, latents, caption, seed, device))

    def batches(
        self, network: PixelDiffusion, latents: Tensor, caption: Caption, seed: int, device: torch.device
    ) -> DiffusionBatches:
        """Batches of latents with their captions; of held-out ones for `held_out_error`."""
        assert network.text is not None
        source = CaptionedLatents(latents, caption, network.text.ids)
        return DiffusionBatches(source, network.config, self.n_items, seed, device, self.drop_share)


@dataclass(frozen=True, kw_only=True)
class LatentRecipe(ModelRecipe):
    """A training of an autoencoder, then of diffusion on its latents."""

    autoencoder: AutoencoderStage
    diffusion: DiffusionStage

    @property
    def settings(self) -> TrainSettings:
        """Those of the last stage, which a person may choose."""
        return self.diffusion.settings

    def last_stage(self, options: TrainOptions) -> DiffusionStage:
        """The last stage with the settings that a person chose."""
        return replace(self.diffusion, settings=self.settings.chosen(options.settings, options.n_steps))

    def settled(
        self, stages: Stages, coder: Training, pictures: Tensor, sentence: str
    ) -> Generator[Frame, None, tuple[Autoencoder, Tensor]]:
        """The autoencoder after its training, and the latents (N, Z, h, w) of pictures (N, H, W, 3) uint8."""
        autoencoder = coder.average
        assert isinstance(autoencoder, Autoencoder)
        latents = yield from stages.work("autoencoder", settled_latents(autoencoder, pictures), sentence)
        return autoencoder, latents

    def save(self, out: Path, training: Training, autoencoder: Autoencoder, latents: Tensor, pictures: Tensor) -> None:
        """Write all parts as one network, with the look at these latents of pictures."""
        diffusion = training.average
        assert isinstance(diffusion, PixelDiffusion)
        look = fitted_preview(autoencoder.config, latents, pictures)
        save_model(out, joined_network(diffusion, autoencoder, look))

    def stage_settings(self, trainings: Sequence[Training]) -> dict[str, Any]:
        """What a card tells of the settings of both stages, whose trainings these are."""
        loss, coder = asdict(self.autoencoder.loss), {"n_pictures": self.autoencoder.n_pictures}
        drawn = {"n_items": self.diffusion.n_items, "drop_share": self.diffusion.drop_share}
        return {
            "autoencoder": {**asdict(trainings[0].settings), **loss, **coder},
            "diffusion": {**asdict(trainings[1].settings), **drawn},
        }


def prompts_preview(autoencoder: Autoencoder, prompts: Sequence[str], seed: int, guidance: float) -> SlowPreview:
    """What the averaged weights draw of some prompts, with seeds that stay the same."""

    @torch.no_grad()
    def pictures(latents: Tensor) -> Tensor:
        return autoencoder.decode(latents.to(autoencoder.centre.device)).cpu()

    wanted = WantedPictures(range(seed, seed + len(prompts)), prompts=prompts)
    return SamplePreview(wanted, len(prompts), Guidance(guidance), pictures, is_pixels=False).slow


def joined_network(diffusion: PixelDiffusion, autoencoder: Autoencoder, preview: LatentPreview) -> LatentDiffusion:
    """All parts as the one network that is written, on the CPU."""
    network = LatentDiffusion(LatentDiffusionConfig(diffusion.config, autoencoder.config))
    network.diffusion.load_state_dict(diffusion.state_dict())
    network.autoencoder.load_state_dict(autoencoder.state_dict())
    network.preview.load_state_dict(preview.state_dict())
    return network.eval().requires_grad_(False)


@torch.no_grad()
def drawn_pictures(
    network: LatentDiffusion, prompts: Sequence[str], seeds: Sequence[int], n_steps: int, guidance: float
) -> Measuring[Tensor]:
    """Pictures (N, 3, H, W) in [0, 1] of prompts, each that of its seed."""
    wanted = WantedPictures(seeds, prompts=prompts)
    latents = yield from sampled(network.diffusion, wanted, n_steps, Guidance(guidance), is_pixels=False)
    parts = []
    for part in torch.split(latents, PART):
        parts.append(network.autoencoder.decode(part.to(network.autoencoder.centre.device)).cpu())
        yield
    return torch.cat(parts)
