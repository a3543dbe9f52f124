"""The training that makes a model of a person's own pictures, `diffusion/pictures`, and what its card says."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

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
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.translation import N_

from ...shared.model.denoiser import Guidance
from ...shared.training.card import Defaults, Measuring, common_card, write_card
from ...shared.vocabulary import known_words
from ...shared.weights import MAX_WORD, load_network, save_model
from ..model.networks import PixelDiffusion, PixelDiffusionConfig
from ..model.text_encoder import TextConfig
from ..model.unet import UNetConfig
from .evaluation import SamplePreview, WantedPictures
from .folder_caption import folder_captions
from .objective import DiffusionBatches, DiffusionObjective, StoredExamples, held_out_loss

SIZE_PX: Final = 64
UNET: Final = UNetConfig(
    n_channels=3,
    size_px=SIZE_PX,
    fold=4,
    widths=(80, 112),
    n_blocks=(2, 1),
    self_attention=(0, 1),
    cross_attention=(0, 1),
    embedding_width=128,
)
TEXT_WIDTH: Final = 64
N_PIECES: Final = 24
MAX_WORDS: Final = 2000
N_EXAMPLES: Final = 4
N_COLUMNS: Final = 8
N_VALIDATION_BATCHES: Final = 8
LOSS: Final = "error"
DEFAULTS: Final = Defaults(steps=25, guidance=2.0)


@dataclass(frozen=True)
class DiffusionPicturesSettings(TrainSettings):
    """What a person chooses for a model of own pictures.

    Attributes:
        data: the folder of the pictures; those within it count too.
        framing: the middle of each picture, or all of it on white.
        captions: whether the model shall learn what the pictures are called.
    """

    data: str = param("", label=N_("Folder"), help=N_("The folder with your pictures; folders within it count too."))
    framing: str = param(
        "crop",
        label=N_("Square"),
        help=N_("How a picture becomes a square: its middle (crop), or all of it on white (fit)."),
        choices=("crop", "fit"),
    )
    captions: bool = param(
        True,
        label=N_("Learn the names"),
        help=N_("Learn words too: from captions.csv (lines “file,caption”) in the folder, else from the files’ names."),
    )


TRAINING: Final = DiffusionPicturesSettings(
    n_steps=3000, learning_rate=1e-3, n_warmup=100, n_decay=1000, average_decay=0.998, keep_best=True
)


@dataclass(frozen=True)
class DiffusionPicturesRecipe:
    """`diffusion/pictures`: whatever a folder of pictures shows, 64 x 64 pixels in colour."""

    id: str = "diffusion/pictures"
    title: str = N_("Your pictures")
    summary: str = N_("Learns from a folder of your own pictures to make new ones, and what they are called.")
    minutes: float = 25
    needs_folder: bool = True
    unet: UNetConfig = UNET
    settings: DiffusionPicturesSettings = TRAINING
    defaults: Defaults = DEFAULTS
    n_pictures: int = 24
    seed: int = 71

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield frames while the folder is read, then one per micro-batch; then write weights and card."""
        settings = self.settings.chosen(options.settings, options.n_steps)
        pictures = yield from read_pictures(settings.data, self.unet.size_px, settings.framing, settings.n_steps)
        captions = self._captions(settings, pictures)
        lesson = PictureFolderTraining(self, pictures, captions, options.device.torch_device)
        training = lesson.training(settings)
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=lesson.preview.slow,
            validation=Validation(partial(lesson.validate, Split.VALIDATION), LOSS),
        )
        yield from measuring_frames(settings.n_steps, lesson.write(options.out, training, settings))

    def _captions(self, settings: DiffusionPicturesSettings, pictures: FolderPictures) -> tuple[str, ...]:
        """A caption of each picture; none at all where they shall not be learnt, or say nothing."""
        if not settings.captions:
            return ()
        captions = folder_captions(Path(settings.data).expanduser(), pictures.names)
        return captions if any(captions) else ()


class PictureFolderTraining:
    """One training on the pictures of a folder, which have captions or none."""

    def __init__(
        self, recipe: DiffusionPicturesRecipe, pictures: FolderPictures, captions: Sequence[str], device: torch.device
    ) -> None:
        self.recipe = recipe
        self.pictures = pictures
        self.captions = tuple(captions)
        self.device = device
        self.config = self._config()

    def _config(self) -> PixelDiffusionConfig:
        if not self.captions:
            return PixelDiffusionConfig(self.recipe.unet)
        text = TextConfig(common_words(self.captions), N_PIECES, TEXT_WIDTH)
        return PixelDiffusionConfig(replace(self.recipe.unet, context_width=TEXT_WIDTH), text=text)

    def training(self, settings: DiffusionPicturesSettings) -> Training:
        """The training before its first step."""
        torch.manual_seed(self.recipe.seed)
        network = PixelDiffusion(self.config)
        objective = DiffusionObjective(self._batches(network, Split.TRAIN))
        return Training(network, objective, settings, self.device)

    def _batches(self, network: PixelDiffusion, split: Split) -> DiffusionBatches:
        x = torch.from_numpy(self.pictures.part(split)).movedim(3, 1).contiguous()  # (N, 3, H, W)
        ids = None
        if network.text is not None:
            ids = network.text.ids(self._captions_of(split))[:, None]  # (N, 1, L)
        return DiffusionBatches(
            StoredExamples(x, ids=ids), self.config, self.recipe.n_pictures, self.recipe.seed, self.device
        )

    def _captions_of(self, split: Split) -> list[str]:
        of_part = self.pictures.splits == split.value
        return [caption for caption, is_in in zip(self.captions, of_part, strict=True) if is_in]

    @property
    def preview(self) -> SamplePreview:
        """Samples of fixed seeds: of the commonest captions, and of none."""
        prompts = self.examples * N_COLUMNS if self.captions else []
        wanted = WantedPictures(range(N_COLUMNS), prompts=prompts[:N_COLUMNS])
        return SamplePreview(wanted, N_COLUMNS, Guidance(self.recipe.defaults.guidance))

    @property
    def examples(self) -> list[str]:
        """The commonest captions of the pictures that are learnt from."""
        counts = Counter(caption for caption in self._captions_of(Split.TRAIN) if caption) if self.captions else {}
        return sorted(counts, key=lambda caption: (-counts[caption], caption))[:N_EXAMPLES] or [""]

    def validate(self, split: Split, network: nn.Module) -> Measuring[Mapping[str, float]]:
        """The error on pictures of a part of the set."""
        assert isinstance(network, PixelDiffusion)
        return held_out_loss(network, self._batches(network, split), N_VALIDATION_BATCHES, LOSS)

    def write(self, out: Path, training: Training, settings: DiffusionPicturesSettings) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(out, training.average)
        network = load_network(out)[1].to(training.device)
        assert isinstance(network, PixelDiffusion)
        found = yield from self.validate(Split.TEST, network)
        checks = [Check(N_("Mean squared error of v on test pictures"), found[LOSS], None, False)]
        card = {**self._texts(settings), **common_card(network, [training], self.recipe.seed, is_full=True)}
        card |= {
            "licence": N_("Your own pictures; what you may do with the model follows from what you may do with them."),
            "settings": {**_reported(settings), "n_pictures": self.recipe.n_pictures},
        }
        write_card(out.with_suffix(".json"), card, checks, self.recipe.defaults)

    def _texts(self, settings: DiffusionPicturesSettings) -> dict[str, Any]:
        n, size_px = len(self.pictures.pictures), self.recipe.unet.size_px
        doubles = N_("Files that show what another one shows: {n:,}.").format(n=self.pictures.n_doubles)
        notes = [
            N_("Five in a hundred pictures were held out to choose the best weights by, and five more for the figure."),
            skipped_sentence(self.pictures),
            doubles if self.pictures.n_doubles else "",
        ]
        return {
            "id": self.recipe.id,
            "title": self.recipe.title,
            "task": N_("Makes pictures like your own out of noise."),
            "data": N_("{n:,} pictures of your own, {size} x {size} pixels").format(n=n, size=size_px),
            "data_set": {"name": Path(settings.data).name, "n_items": n, "which": "full"},
            "notes": [note for note in notes if note],
            "examples": self.examples,
            "words": {"words": list(self.config.text.words)} if self.config.text else {},
            "classes": [],
            "n_pictures": n,
        }


def common_words(captions: Sequence[str]) -> tuple[str, ...]:
    """The words of most captions, at most 2,000, in alphabetical order."""
    counts = Counter(word for caption in captions for word in known_words([caption]) if len(word) <= MAX_WORD)
    return tuple(sorted(word for word, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MAX_WORDS]))


def _reported(settings: DiffusionPicturesSettings) -> dict[str, Any]:
    """The settings that a card tells: where a person's files lie is nobody's business."""
    return {name: value for name, value in asdict(settings).items() if name != "data"}
