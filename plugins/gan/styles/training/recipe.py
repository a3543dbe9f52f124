"""The training that makes `gan/emoji-styles`, a CycleGAN between two art styles, and what its card says."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.api.engine import TrainOptions
from studio.api.training import (
    EmojiStyles,
    Split,
    Training,
    TrainSettings,
    Validation,
    follow_training,
    load_emoji_styles,
    load_judge,
    measuring_frames,
    trained_facts,
    which_set,
)
from studio.core.card import write_card
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import View
from studio.nn.network_file import save_network

from ...shared.card import Measuring, card_head
from ...shared.pictures import mosaic
from ...shared.weights import load_network
from ..model.cyclegan import StylesConfig, StylesNetwork
from .evaluation import JUDGE, accepted_share, laid, real_scores, styles_checks, translated
from .objective import CycleWeights, StylesBatches, StylesObjective, cycle_loss

CONFIG: Final = StylesConfig()
TRAINING: Final = TrainSettings(
    n_steps=2400,
    learning_rate=5e-4,
    n_warmup=50,
    n_decay=1200,
    momentum=0.5,
    clip_norm=1000.0,
    average_decay=0.998,
)
EXACT: Final = tuple(f"detective.{style}.{layer}" for style in ("flat", "glossy") for layer in ("enter", "leave"))
"""With their other layers as whole numbers of one byte, what the discriminators say moves by a 200th of its spread."""
CYCLE: Final = "cycle"
ACCEPTED: Final = "accepted, share"
N_SHOWN: Final = 8
N_VALIDATION: Final = 64


@dataclass(frozen=True)
class StylesRecipe:
    """`gan/emoji-styles`: two translators that learn from each other without a single pair."""

    id: str = "gan/emoji-styles"
    title: str = N_("Emoji styles")
    summary: str = N_("Learns to redraw emoji in another art style, from two heaps of pictures that are not paired.")
    minutes: float = 15
    needs_folder: bool = False
    task: str = N_("Redraws a picture in another art style, and back again.")
    config: StylesConfig = CONFIG
    settings: TrainSettings = TRAINING
    weights: CycleWeights = field(default_factory=CycleWeights)
    n_pictures: int = 8
    seed: int = 71

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per step; at the end write weights and card to `options.out`."""
        emoji = load_emoji_styles(Split.TRAIN)
        training = self.training(emoji, options)
        held_out = laid(load_emoji_styles(Split.VALIDATION))
        yield from follow_training(
            training,
            options.out.with_suffix(".checkpoint"),
            options.is_resumed,
            preview=partial(styles_preview, held_out),
            validation=Validation(partial(_validate, held_out), CYCLE),
        )
        yield from measuring_frames(training.settings.n_steps, self.write(options.out, training, emoji))

    def training(self, emoji: EmojiStyles, options: TrainOptions) -> Training:
        """The training before its first step."""
        torch.manual_seed(self.seed)
        device = options.device.torch_device
        settings = self.settings.chosen(options.settings, options.n_steps)
        batches = StylesBatches(emoji.flat, emoji.glossy, self.n_pictures, self.seed, device)
        return Training(StylesNetwork(self.config), StylesObjective(batches, self.weights), settings, device)

    def write(self, out: Path, training: Training, emoji: EmojiStyles) -> Measuring[None]:
        """Write the averaged networks, then measure what was written for the card."""
        average = training.average
        assert isinstance(average, StylesNetwork)
        save_network(out, average, exact=EXACT)
        network, test = load_network(out, StylesNetwork), load_emoji_styles(Split.TEST)
        checks = yield from styles_checks(network, test)
        scores = yield from real_scores(network, test)
        card: dict[str, Any] = {
            **card_head(self, "styles"),
            "data": N_("{n:,} emoji of Google’s Noto and as many of Microsoft’s Fluent, never in pairs").format(
                n=len(emoji.codes)
            ),
            "n_params": _n_weights(network.to_glossy, network.to_flat),
            "n_detective": _n_weights(network.detective),
            "architecture": type(network).__name__,
            "config": asdict(network.config),
            "trained": trained_facts([training], self.seed, emoji.is_full),
            "settings": {**asdict(training.settings), "n_pictures": self.n_pictures, **asdict(self.weights)},
            "data_set": {"name": "emoji-styles", "n_items": len(emoji.codes), "which": which_set(emoji.is_full)},
            "notes": [
                N_("Split by code point: the {n} test emoji were never learnt from, in neither style.").format(
                    n=len(test.codes)
                ),
                N_("Each style is drawn on its own; which emoji belong together is told to nobody."),
                N_("The judge looks at each picture and its mirror image, each at four places one pixel apart."),
                N_("Nearest: the mean difference of the pixels between a translation and the originals of test emoji."),
            ],
            "real_scores": scores,
        }
        write_card(out.with_suffix(".json"), card, checks)


def _n_weights(*networks: nn.Module) -> int:
    return sum(weight.numel() for network in networks for weight in network.parameters())


@torch.no_grad()
def styles_preview(held_out: tuple[Tensor, Tensor], model: nn.Module) -> Mapping[str, View]:
    """Held-out flat emoji, these as glossy ones, then glossy ones, and these as flat ones; a row each."""
    assert isinstance(model, StylesNetwork)
    device = next(model.parameters()).device
    flat, glossy = (part[torch.arange(N_SHOWN) % len(part)].to(device) for part in held_out)
    return mosaic(torch.cat([flat, model.translated(flat, False), glossy, model.translated(glossy, True)]), N_SHOWN)


def _validate(held_out: tuple[Tensor, Tensor], model: nn.Module) -> Measuring[Mapping[str, float]]:
    """How far off held-out emoji come back, both ways, mean difference of a colour from 0 to 2; and who is fooled."""
    assert isinstance(model, StylesNetwork)
    judge, errors, shares = load_judge(JUDGE), [], []
    for is_back, part in enumerate(held_out):
        made = yield from translated(model, part[:N_VALIDATION], bool(is_back))
        again = yield from translated(model, made, not is_back)
        errors.append(float(cycle_loss(part[:N_VALIDATION], again)))
        shares.append(accepted_share(judge, made, not is_back))
        yield
    return {CYCLE: sum(errors), ACCEPTED: sum(shares) / len(shares)}
