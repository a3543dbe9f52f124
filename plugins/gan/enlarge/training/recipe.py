"""The training that makes the model which enlarges pictures, `gan/enlarge`, and what its card says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Final

import numpy as np
import torch
from torch import nn

from studio.api.engine import TrainOptions
from studio.api.recipe import Measuring, ModelRecipe
from studio.api.training import Split, Stages, Training, TrainSettings, Validation, load_photos, psnr_db
from studio.core.card import write_card
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import Image, View
from studio.nn.network_file import save_network

from ...shared.weights import load_network
from ..model.discriminator import EnlargeDiscriminatorConfig
from ..model.enlarger import EnlargeConfig, EnlargePair, Enlarger
from ..state import SCALE, Pixels, plainly_enlarged
from .data import Crops, EnlargeSample, samples_of
from .evaluation import NETWORKS, PhotoFigures, checks_of, mean_db, mixing_figures, photo_figures, whole
from .objective import FaithfulObjective, VividLearner, VividLoss, VividObjective

CONFIG: Final = EnlargeConfig(width=48, n_blocks=8)
FAITHFUL: Final = TrainSettings(n_steps=2000, learning_rate=1e-3, n_warmup=100, n_decay=1200, clip_norm=0.3)
VIVID: Final = TrainSettings(
    n_steps=2000, learning_rate=3e-4, n_warmup=20, n_decay=500, average_decay=0.995, clip_norm=10.0, momentum=0.5
)
SIDE_PX: Final = 32
PREVIEW_PX: Final = 48
N_VALIDATION: Final = 8
VALIDATION_PX: Final = 64
DECIBELS: Final = "PSNR"


@dataclass(frozen=True, kw_only=True)
class EnlargeRecipe(ModelRecipe):
    """`gan/enlarge`: photos four times as wide and high, first faithfully, then vividly."""

    id: str = "gan/enlarge"
    title: str = N_("Enlarge")
    summary: str = N_("Learns from photos and from copies shrunk to a quarter of their size.")
    task: str = N_("Makes a picture four times as wide and high.")
    minutes: float = 40
    config: EnlargeConfig = CONFIG
    settings: TrainSettings = FAITHFUL
    discriminator: EnlargeDiscriminatorConfig = field(default_factory=EnlargeDiscriminatorConfig)
    vivid: TrainSettings = VIVID
    loss: VividLoss = field(default_factory=VividLoss)
    n_crops: int = 16
    seed: int = 61
    kind: ClassVar[str] = "enlarge"

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per micro-batch of both stages, then write weights and card."""
        faithful = self.settings.chosen(options.settings, options.n_steps)
        lesson = EnlargeLesson(self, options, faithful, self.vivid.shortened(_even(self.vivid.n_steps, faithful, self)))
        yield from lesson.run()


def _even(n_steps: int, chosen: TrainSettings, recipe: EnlargeRecipe) -> int:
    """How long the second stage is where the first was made longer or shorter: discriminator and generator in turn."""
    return max(2, 2 * round(n_steps * chosen.n_steps / recipe.settings.n_steps / 2))


class EnlargeLesson:
    """One training: the faithful stage, then the vivid one, each with a checkpoint of its own."""

    def __init__(self, recipe: EnlargeRecipe, options: TrainOptions, first: TrainSettings, second: TrainSettings):
        self.recipe = recipe
        self.out = options.out
        self.device = options.device.torch_device
        photos = load_photos(Split.TRAIN)
        self.is_full, self.n_photos = photos.is_full, len(photos.names)
        self.crops = Crops(samples_of(photos.pictures), recipe.n_crops, SIDE_PX, recipe.seed)
        self.held_out = middles(samples_of(load_photos(Split.VALIDATION).pictures))
        self.settings = (first, second)
        self.stages = Stages(options, ("faithful", "vivid"), (first.n_steps, second.n_steps))

    def run(self) -> Iterator[Frame]:
        """Both stages as frames of one run, then the measuring."""
        validation = Validation(self.validate, DECIBELS, is_higher_better=True)
        first = self.faithful_training()
        yield from self.stages.follow("faithful", first, N_("Faithful"), self.preview, validation)
        second = self.vivid_training(first.average)
        # The best of the vivid stage is no matter of decibels: its last weights are taken.
        yield from self.stages.follow("vivid", second, N_("Vivid"), self.preview, validation)
        yield from self.stages.work("vivid", self.write(first, second), N_("Measuring what was learnt"))

    def faithful_training(self) -> Training:
        """The first stage before its first step."""
        torch.manual_seed(self.recipe.seed)
        return Training(Enlarger(self.recipe.config), FaithfulObjective(self.crops), self.settings[0], self.device)

    def vivid_training(self, faithful: nn.Module) -> Training:
        """The second stage before its first step."""
        torch.manual_seed(self.recipe.seed + 1)
        rivals = VividLearner(self.recipe.config, self.recipe.discriminator)
        rivals.generator.load_state_dict(faithful.state_dict())
        return Training(rivals, VividObjective(self.crops, self.recipe.loss), self.settings[1], self.device)

    @torch.no_grad()
    def preview(self, average: nn.Module) -> Mapping[str, View]:
        """A held-out crop enlarged plainly, by the network, and as it is."""
        pair = middles(self.held_out, PREVIEW_PX)[0]
        drawn = _finished(whole(network_of(average), pair.small))
        return {"picture": Image(np.concatenate([plainly_enlarged(pair.small, "bicubic"), drawn, pair.large], 1))}

    def validate(self, average: nn.Module) -> Measuring[Mapping[str, float]]:
        """The mean likeness of held-out crops, in decibels."""
        decibels = []
        for pair in self.held_out:
            drawn = yield from whole(network_of(average), pair.small)
            decibels.append(psnr_db(pair.large, drawn))
        return {DECIBELS: float(np.mean(decibels))}

    def write(self, first: Training, second: Training) -> Measuring[None]:
        """Write both averaged networks, then measure what was written on the test photos for the card."""
        networks = EnlargePair(self.recipe.config)
        networks.faithful.load_state_dict(first.average.state_dict())
        networks.vivid.load_state_dict(network_of(second.average).state_dict())
        networks = networks.eval().requires_grad_(False).cpu()
        save_network(self.out, networks)
        test = load_photos(Split.TEST)
        pairs = samples_of(test.pictures)
        packed = load_network(self.out, EnlargePair)
        figures = yield from all_figures(packed, pairs)
        exact_db = yield from mean_db(networks, self.held_out)
        packed_db = yield from mean_db(packed, self.held_out)
        mixing = yield from mixing_figures(packed, self.held_out)
        card = {
            **self.recipe.common_card(networks, [first, second], "photos", self.n_photos, self.is_full),
            **self.texts(),
            "settings": {
                "faithful": asdict(self.settings[0]),
                "vivid": asdict(self.settings[1]),
                "loss": asdict(self.recipe.loss),
                "n_crops": self.recipe.n_crops,
            },
            "photos": {name: asdict(one) for name, one in zip(test.names, figures, strict=True)},
            "packing_loss_db": {name: exact_db[name] - packed_db[name] for name in NETWORKS},
            "half_mixed": mixing,
        }
        write_card(self.out.with_suffix(".json"), card, checks_of(figures))

    def texts(self) -> dict[str, Any]:
        """What the card says in words."""
        n, full = self.n_photos, N_("{n} photos from budgie-backgrounds and scikit-image (CC0, public domain)")
        crops = N_("{n} squares of photos from budgie-backgrounds and scikit-image (CC0, public domain)")
        return {
            "data": (full if self.is_full else crops).format(n=n),
            "notes": [
                N_(
                    "The held-out photos are whole ones that were never trained on, shrunk to a quarter by "
                    "Pillow’s antialiased bicubic; PSNR and SSIM are averages over them, and over all three "
                    "colours."
                ),
                N_("The vivid network invents details: they look plausible, but nobody has ever seen them."),
                N_(
                    "The slider mixes what the two networks draw, not their weights, so that it responds at once: "
                    "“half_mixed” shows how little that changes on held-out crops."
                ),
                N_("In pictures saved with heavy JPEG compression, its marks are enlarged too."),
            ],
        }


def network_of(average: nn.Module) -> Enlarger:
    """The network that draws, of either stage."""
    network = average.generator if isinstance(average, VividLearner) else average
    assert isinstance(network, Enlarger)
    return network


def middles(pairs: Sequence[EnlargeSample], side_px: int = VALIDATION_PX) -> list[EnlargeSample]:
    """The middle of each of the first pairs, at most so many small pixels high and wide."""
    return [_middle(pair, side_px) for pair in pairs[:N_VALIDATION]]


def _middle(pair: EnlargeSample, side_px: int) -> EnlargeSample:
    tops = [max(0, (side - side_px) // 2) for side in pair.small.shape[:2]]
    small = pair.small[tops[0] : tops[0] + side_px, tops[1] : tops[1] + side_px]
    first, last = [SCALE * top for top in tops], [SCALE * (top + side_px) for top in tops]
    return EnlargeSample(pair.large[first[0] : last[0], first[1] : last[1]], small)


def all_figures(networks: EnlargePair, pairs: Sequence[EnlargeSample]) -> Measuring[list[PhotoFigures]]:
    """The figures of each photo."""
    figures = []
    for pair in pairs:
        one = yield from photo_figures(networks, pair)
        figures.append(one)
    return figures


def _finished(measuring: Measuring[Pixels]) -> Pixels:
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            result: Pixels = end.value
            return result


ENLARGE: Final = EnlargeRecipe()
