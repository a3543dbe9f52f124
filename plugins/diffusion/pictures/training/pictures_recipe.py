"""The training that makes a model of own pictures, `diffusion/pictures`, their captions, and what its card says."""

import csv
import io
import re
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import Final

import torch

from studio.api.own_folder import PictureFolderRecipe, PictureFolderSettings
from studio.api.recipe import Measuring, TrainingRecipe, folder_name
from studio.api.training import FolderPictures, SlowPreview, Split, Training, Validation, read_pictures
from studio.core.card import Check
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.translation import N_

from ...shared.model.denoiser import Guidance
from ...shared.model.noise_schedule import NoiseSchedule
from ...shared.training.card import Defaults, write_card
from ...shared.vocabulary import known_words
from ...shared.weights import MAX_WORD, load_network, save_model
from ..model.networks import PixelDiffusion, PixelDiffusionConfig, device_of
from ..model.text_encoder import TextConfig
from ..model.unet import UNetConfig
from .evaluation import SamplePreview, WantedPictures
from .objective import HELD_OUT_ERROR, DiffusionBatches, DiffusionObjective, StoredExamples, held_out_error

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
FLOW: Final = replace(UNET, target="flow")
CURVED, STRAIGHT = NoiseSchedule(), NoiseSchedule("flow")
TEXT_WIDTH: Final = 64
N_PIECES: Final = 24
MAX_WORDS: Final = 2000
N_EXAMPLES: Final = 4
N_COLUMNS: Final = 8
DEFAULTS: Final = Defaults(steps=25, guidance=2.0)


TABLE: Final = "captions.csv"
MAX_BYTES: Final = 32 << 20
MAX_CAPTION: Final = 1000
_WORD: Final = re.compile(r"[^\W\d_]+")
# What cameras and programs call files says nothing about what they show.
_SILENT: Final = frozenset({"img", "dsc", "dscn", "dscf", "pxl", "image", "picture", "photo", "scan", "screenshot"})


def folder_captions(folder: Path, names: Sequence[str]) -> tuple[str, ...]:
    """A caption of each picture by its path within the folder; empty where nothing is known of it.

    The folder's `captions.csv` has a line `file,caption` for each picture; a picture that it leaves out, and every one
    where there is no such table, is called by the words in the names of its folders and its file.

    Raises:
        UserError: the table cannot be read.
    """
    known = _table(folder / TABLE)
    return tuple(known.get(_key(name)) or words_of_path(name) for name in names)


def words_of_path(name: str) -> str:
    """The words in a path: "cats/black_cat-01.png" is "cats black cat"."""
    path = PurePath(name)
    words = [word.lower() for part in (*path.parent.parts, path.stem) for word in _WORD.findall(part)]
    return " ".join(word for word in dict.fromkeys(words) if word not in _SILENT)


def _table(path: Path) -> Mapping[str, str]:
    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("too large")
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise UserError(
            N_("The captions in {name} cannot be read.").format(name=TABLE),
            N_("It must be a table of lines “file,caption” in UTF-8."),
        ) from error
    return {_key(row[0]): row[1].strip()[:MAX_CAPTION] for row in rows if len(row) >= 2}


def _key(name: str) -> str:
    """A path however it is written: with either slash, or from the folder on."""
    return name.strip().replace("\\", "/").removeprefix("./")


@dataclass(frozen=True)
class DiffusionPicturesSettings(PictureFolderSettings):
    """The same, and `captions`: whether the model shall learn what the pictures are called."""

    captions: bool = param(
        True,
        label=N_("Learn the names"),
        help=N_(
            "Learn words too: from captions.csv (lines “file,caption”) in the folder, or else from the file names."
        ),
    )


TRAINING: Final = DiffusionPicturesSettings(
    n_steps=3000, learning_rate=1e-3, n_warmup=100, n_decay=1000, keep_best=True
)


@dataclass(frozen=True, eq=False)
class CaptionedFolder:
    """The pictures of a folder, and a caption of each; none at all where they shall not be learnt, or say nothing."""

    pictures: FolderPictures
    captions: tuple[str, ...]

    def captions_of(self, split: Split) -> list[str]:
        """The captions of a part of the set."""
        of_part = self.pictures.splits == split.value
        return [caption for caption, is_in in zip(self.captions, of_part, strict=True) if is_in]

    @property
    def examples(self) -> list[str]:
        """The commonest captions of the pictures that are learnt from."""
        counts = Counter(caption for caption in self.captions_of(Split.TRAIN) if caption) if self.captions else {}
        return sorted(counts, key=lambda caption: (-counts[caption], caption))[:N_EXAMPLES] or [""]


@dataclass(frozen=True, kw_only=True)
class DiffusionPicturesRecipe(PictureFolderRecipe, TrainingRecipe[CaptionedFolder]):
    """`diffusion/pictures`: whatever a folder of pictures shows, 64 x 64 pixels in colour."""

    id: str = "diffusion/pictures"
    title: str = N_("Your pictures")
    summary: str = N_("Learns from a folder of your own pictures to make new ones, and what they are called.")
    task: str = N_("Makes pictures like your own out of noise.")
    minutes: float = 25
    needs_folder: bool = True
    settings: DiffusionPicturesSettings = TRAINING
    unet: UNetConfig = UNET
    defaults: Defaults = DEFAULTS
    n_pictures: int = 24
    seed: int = 71
    schedule: NoiseSchedule = CURVED
    most_weight: float = 5.0

    def read(self, device: torch.device) -> Generator[Frame, None, CaptionedFolder]:
        chosen = self.settings
        captions: tuple[str, ...] = ()
        pictures = yield from read_pictures(chosen.data, self.unet.size_px, chosen.framing, chosen.n_steps)
        if chosen.captions:
            captions = folder_captions(Path(chosen.data).expanduser(), pictures.names)
        return CaptionedFolder(pictures, captions if any(captions) else ())

    def network_and_objective(
        self, data: CaptionedFolder, device: torch.device
    ) -> tuple[PixelDiffusion, DiffusionObjective]:
        network = PixelDiffusion(self._config(data.captions))
        return network, DiffusionObjective(self._batches(network, data, Split.TRAIN, device), self.most_weight)

    def _config(self, captions: Sequence[str]) -> PixelDiffusionConfig:
        if not captions:
            return PixelDiffusionConfig(self.unet, schedule=self.schedule)
        text = TextConfig(common_words(captions), N_PIECES, TEXT_WIDTH)
        return PixelDiffusionConfig(replace(self.unet, context_width=TEXT_WIDTH), self.schedule, text)

    def _batches(
        self, network: PixelDiffusion, data: CaptionedFolder, split: Split, device: torch.device
    ) -> DiffusionBatches:
        x = torch.from_numpy(data.pictures.part(split)).movedim(3, 1).contiguous()  # (N, 3, H, W)
        ids = None
        if network.text is not None:
            ids = network.text.ids(data.captions_of(split))[:, None]  # (N, 1, L)
        return DiffusionBatches(StoredExamples(x, ids=ids), network.config, self.n_pictures, self.seed, device)

    def preview(self, data: CaptionedFolder, device: torch.device) -> SlowPreview:
        """Samples of fixed seeds: of the commonest captions, and of none."""
        prompts = data.examples * N_COLUMNS if data.captions else []
        wanted = WantedPictures(range(N_COLUMNS), prompts=prompts[:N_COLUMNS])
        return SamplePreview(wanted, N_COLUMNS, Guidance(self.defaults.guidance)).slow

    def validation(self, data: CaptionedFolder, device: torch.device) -> Validation:
        return Validation(partial(self._validate, data, Split.VALIDATION), HELD_OUT_ERROR)

    def _validate(self, data: CaptionedFolder, split: Split, network: PixelDiffusion) -> Measuring[Mapping[str, float]]:
        """The error on pictures of a part of the set."""
        batches = self._batches(network, data, split, device_of(network))
        return held_out_error(batches).measure(network)

    def write(self, out: Path, training: Training, data: CaptionedFolder) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(out, training.average)
        network = load_network(out)[1].to(training.device)
        assert isinstance(network, PixelDiffusion)
        found = yield from self._validate(data, Split.TEST, network)
        checks = [Check(N_("Mean squared error on test pictures"), found[HELD_OUT_ERROR], None, False)]
        name, n, text = folder_name(self.settings.data), len(data.pictures.pictures), network.config.text
        card = {
            **self.common_card(network, [training], name, n, n_pictures=self.n_pictures),
            **self.pictures_card(data.pictures),
            "examples": data.examples,
            "words": {"words": list(text.words)} if text else {},
            "classes": [],
            "n_pictures": n,
        }
        write_card(out.with_suffix(".json"), card, checks, self.defaults)


@dataclass(frozen=True, kw_only=True)
class StraightPicturesRecipe(DiffusionPicturesRecipe):
    """`diffusion/straight-pictures`: the same by flow matching: from noise to picture along straight lines."""

    id: str = "diffusion/straight-pictures"
    title: str = N_("Your pictures, along straight paths")
    summary: str = N_("Learns from a folder of your own pictures too, but along straight lines from noise to picture.")
    unet: UNetConfig = FLOW
    schedule: NoiseSchedule = STRAIGHT
    most_weight: float = 0.0  # all times count alike: the loss of flow matching
    seed: int = 72


def common_words(captions: Sequence[str]) -> tuple[str, ...]:
    """The words of most captions, at most 2,000, in alphabetical order."""
    counts = Counter(word for caption in captions for word in known_words([caption]) if len(word) <= MAX_WORD)
    return tuple(sorted(word for word, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MAX_WORDS]))
