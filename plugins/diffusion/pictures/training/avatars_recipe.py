"""The trainings that make `diffusion/avatars`, by latent diffusion (Rombach et al. 2022), and its peer of pixels."""

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import torch
from torch import Tensor

from studio.api.drawing import DRAWN_BY
from studio.api.engine import TrainOptions
from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import (
    AVATAR_LABELS,
    AVATARS,
    Avatars,
    ClassObjective,
    Judge,
    JudgeConfig,
    Labelled,
    Split,
    Stages,
    Training,
    TrainSettings,
    Validation,
    load_avatars,
    load_judge,
)
from studio.core.card import Check
from studio.core.frame import Frame
from studio.core.text.face_words import NEARBY
from studio.core.translation import N_

from ...shared.model.denoiser import Guidance
from ...shared.steer_pairs import PAIRS_KEY
from ...shared.training.card import Defaults, write_card
from ...shared.weights import load_network, save_model
from ..face_caption import EXAMPLES, caption_words, card_words, complete, compose, full_caption
from ..model.autoencoder import Autoencoder
from ..model.denoisers import FaceModel
from ..model.networks import LatentDiffusion, PixelDiffusion
from ..model.unet import UNetConfig
from .avatars_evaluation import face_checks, label_shares, redrawn_checks
from .evaluation import WantedPictures, in_unit, sampled
from .latent_recipe import (
    AutoencoderStage,
    Caption,
    DiffusionStage,
    LatentRecipe,
    drawn_pictures,
    prompts_preview,
    redrawn_validation,
)
from .objective import HELD_OUT_ERROR, DiffusionObjective, held_out_error, unit_pictures
from .steering_evaluation import FACE_PAIRS, STEERING, SteerMeasures, face_odds, measured_pairs

SETTINGS: Final = TrainSettings(n_steps=300, learning_rate=2e-3, n_warmup=30, n_decay=120, average_decay=0.99)
UNET: Final = UNetConfig(
    n_channels=8,
    size_px=16,
    widths=(80, 112),
    n_blocks=(2, 1),
    self_attention=(0, 1),
    cross_attention=(0, 1),
    embedding_width=128,
)
DIFFUSION: Final = DiffusionStage(UNET, TrainSettings(n_steps=8000, learning_rate=1.2e-3, n_warmup=200, n_decay=2600))
AUTOENCODER: Final = AutoencoderStage()
DEFAULTS: Final = Defaults(steps=25, guidance=2.0)
N_VALIDATION: Final = 256
N_PREVIEW: Final = 8
TASK: Final = N_("Draws the face that you describe.")
NOTES: Final = [
    N_("The judge metrics/avatars reads the pictures; the autoencoder was trained with another classifier."),
    N_("Finished faces are drawn large by the layers of vae/avatars; the figures are of the 64 pixels below them."),
]
PEER_CARD: Final = "avatars-pixels.json"
PEER_LEAVES_OUT: Final = ("Completed, share right", "Other test faces")
FULL_SHARE, WHOLE_SHARE, KEPT_SHARE = 0.35, 0.25, 0.7
# The same network with cells of 4 x 4 pixels in place of latents.
PIXELS: Final = replace(DIFFUSION, unet=replace(UNET, n_channels=3, size_px=64, fold=4))


def eye_training(
    avatars: Avatars, settings: TrainSettings, seed: int, device: torch.device, config: JudgeConfig = AVATARS
) -> Training:
    """The training of the classifier before its first step: as the judge, from another seed."""
    pictures = torch.from_numpy(avatars.pictures).movedim(3, 1)  # (N, 3, 64, 64)
    examples = Labelled(pictures, torch.from_numpy(avatars.labels).long(), avatars.is_full)
    torch.manual_seed(seed)
    return Training(Judge(config), ClassObjective(examples, 64, seed, device), settings, device)


@dataclass(frozen=True, kw_only=True)
class DiffusionAvatarsRecipe(LatentRecipe):
    """`diffusion/avatars`: drawn faces from a prompt.

    Attributes:
        drawn_by: the VAE whose layers draw finished faces large, by its id.
    """

    id: str = "diffusion/avatars"
    title: str = N_("Faces")
    summary: str = N_("Learns drawn faces with captions, then draws what a prompt says.")
    task: str = TASK
    minutes: float = 80
    drawn_by: str = "vae/avatars"
    eye: JudgeConfig = AVATARS
    eye_settings: TrainSettings = SETTINGS
    autoencoder: AutoencoderStage = AUTOENCODER
    diffusion: DiffusionStage = DIFFUSION
    defaults: Defaults = DEFAULTS
    n_prompts: int = 500
    n_likeness: int = 2000
    steering: SteerMeasures = STEERING
    seed: int = 203

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch of each stage; at the end write weights and card to `options.out`."""
        stage = self.last_stage(options)
        n_steps = (self.eye_settings.n_steps, self.autoencoder.settings.n_steps, stage.settings.n_steps)
        stages = Stages(options, ("eye", "autoencoder", "diffusion"), n_steps)
        avatars, device = load_avatars(Split.TRAIN), options.device.torch_device
        coder = yield from self._autoencoder(stages, avatars, device)
        pictures = torch.from_numpy(avatars.pictures)
        turning = N_("Turning the pictures into latents")
        autoencoder, latents = yield from self.settled(stages, coder, pictures, turning)
        training = stage.training(latents, captions_of(avatars), caption_words(), self.seed + 2, device)
        yield from self._diffusion(stages, stage, training, autoencoder)
        self.save(options.out, training, autoencoder, latents, pictures)
        yield from stages.work(
            "diffusion", self._write(options, [coder, training], avatars), N_("Measuring what was learnt")
        )

    def _autoencoder(self, stages: Stages, avatars: Avatars, device: torch.device) -> Generator[Frame, None, Training]:
        """The eye, then the autoencoder that it looks after; returns the training of the latter."""
        eye = eye_training(avatars, self.eye_settings, self.seed, device, self.eye)
        yield from stages.follow("eye", eye, N_("Eye"))
        assert isinstance(eye.average, Judge)
        pictures = torch.from_numpy(avatars.pictures)
        training = self.autoencoder.training(pictures, eye.average, self.seed + 1, device)
        faces = load_avatars(Split.VALIDATION)
        labels, judge = torch.from_numpy(faces.labels[:N_VALIDATION]), load_judge("avatars")
        validation = redrawn_validation(
            torch.from_numpy(faces.pictures[:N_VALIDATION]), lambda redrawn: label_shares(judge, redrawn, labels)
        )
        yield from stages.follow("autoencoder", training, N_("Autoencoder"), validation=validation)
        return training

    def _diffusion(
        self, stages: Stages, stage: DiffusionStage, training: Training, autoencoder: Autoencoder
    ) -> Iterator[Frame]:
        faces, network = load_avatars(Split.VALIDATION), training.average
        assert isinstance(network, PixelDiffusion)
        held_out = encoded(autoencoder, torch.from_numpy(faces.pictures[:N_VALIDATION]))
        batches = stage.batches(network, held_out, captions_of(faces), self.seed, training.device)
        prompts = [complete(EXAMPLES[index % len(EXAMPLES)], index) for index in range(N_PREVIEW)]
        preview = prompts_preview(autoencoder, prompts, 1, self.defaults.guidance)
        yield from stages.follow("diffusion", training, N_("Latents"), preview, held_out_error(batches))

    def _write(self, options: TrainOptions, trainings: list[Training], avatars: Avatars) -> Measuring[None]:
        """Measure what was written for the card."""
        network = load_network(options.out)[1].to(options.device.torch_device)
        assert isinstance(network, LatentDiffusion)
        kept = yield from redrawn_checks(network.autoencoder, self.n_likeness)
        paint = partial(drawn_pictures, network, n_steps=self.defaults.steps, guidance=self.defaults.guidance)
        checks = yield from face_checks(paint, self.n_prompts, self.n_likeness)
        prompts, opened = list(islice(cycle(EXAMPLES), self.steering.n_pictures)), FaceModel(network)
        guidance = self.defaults.guidance
        pairs = yield from measured_pairs(opened, FACE_PAIRS, prompts, face_odds(), guidance, self.steering)
        card = {
            **self.common_card(network, trainings, "avatars", len(avatars.labels), avatars.is_full),
            **card_texts(avatars, NOTES),
            PAIRS_KEY: pairs,
            DRAWN_BY: self.drawn_by,
            "settings": {
                "eye": asdict(self.eye_settings),
                **self.stage_settings(trainings),
            },
        }
        places = (options.out.with_name(PEER_CARD), options.out.parent.with_name(PEER_CARD))
        peer = peer_checks(next((path for path in places if path.is_file()), places[0]))
        write_card(options.out.with_suffix(".json"), card, [*checks, *kept, *peer], self.defaults)


def card_texts(avatars: Avatars, notes: list[str]) -> dict[str, Any]:
    """What a card says of a model that draws these faces."""
    n = len(avatars.labels)
    return {
        "data": N_("{n:,} drawn faces, “ToonHead” by Johan Melin (CC BY 4.0), 64 x 64 pixels").format(n=n),
        "notes": [
            N_("The prompts name combinations of hair, beard, mouth and clothes that were never trained on."),
            N_("Each prompt was worded at random, completed as the panel does, and drawn once with its own seed."),
            N_("Test pictures show few combinations, so even other test pictures are not quite like them."),
            *notes,
        ],
        "examples": list(EXAMPLES),
        "words": card_words(),
        "classes": [],
        "completion": "faces",
        "nearby": {word: list(better) for word, better in NEARBY.items()},
        "n_pictures": n,
    }


def peer_checks(path: Path) -> list[Check]:
    """The same figures of plain diffusion in pixels, from its card; nothing where none lies there."""
    if not path.is_file():
        return []
    card = json.loads(path.read_text("utf-8"))
    trained = card["trained"]
    whose = N_("Plain diffusion of pixels, {minutes:.0f} minutes on {machine}: {figure}")
    told = {"minutes": trained["minutes"], "machine": trained["machine"]}
    return [
        Check(whose.format(**told, figure=one["name"]), one["value"], None, one["is_higher_better"])
        for one in card["checks"]
        if not one["name"].startswith(PEER_LEAVES_OUT)
    ]


def captions_of(avatars: Avatars) -> Caption:
    """Captions of faces: full ones in plain words, whole ones in any words, and such that leave parts out."""
    labels: list[list[int]] = avatars.labels.tolist()

    def caption(index: int, random: np.random.Generator) -> str:
        kinds = {name: known[label] for (name, known), label in zip(AVATAR_LABELS.items(), labels[index], strict=True)}
        form = random.random()
        if form < FULL_SHARE:
            return full_caption(kinds)
        if form < FULL_SHARE + WHOLE_SHARE:
            return compose(kinds, random)
        return compose({name: kind for name, kind in kinds.items() if random.random() < KEPT_SHARE}, random)

    return caption


@torch.no_grad()
def encoded(autoencoder: Autoencoder, pictures: Tensor) -> Tensor:
    """Settled latents (N, Z, h, w) of a few pictures (N, H, W, 3) uint8, on the CPU."""
    return autoencoder.encode(unit_pictures(pictures.to(autoencoder.centre.device))).cpu()


@dataclass(frozen=True, kw_only=True)
class AvatarsPixelsRecipe(TrainingRecipe[Avatars]):
    """`diffusion/avatars-pixels`: the same faces and captions without an autoencoder."""

    id: str = "diffusion/avatars-pixels"
    title: str = N_("Faces, pixel by pixel")
    summary: str = N_("Learns drawn faces with captions, without an autoencoder, for comparison.")
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
