"""The training that makes `gan/emoji-styles`, a CycleGAN between two art styles, and what its card says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import torch
from torch import Tensor

from studio.api.recipe import Measuring, TrainingRecipe, n_weights
from studio.api.training import (
    EmojiStyles,
    Preview,
    Split,
    Training,
    TrainSettings,
    Validation,
    load_emoji_styles,
    load_judge,
)
from studio.core.card import write_card
from studio.core.translation import N_
from studio.core.view import View
from studio.nn.network_file import save_network

from ...shared.pictures import mosaic
from ...shared.weights import load_network
from ..model.cyclegan import StylesConfig, StylesNetwork
from .evaluation import JUDGE, accepted_share, laid, real_scores, styles_checks, translated
from .objective import CycleWeights, StylesBatches, StylesObjective, cycle_loss

CONFIG: Final = StylesConfig()
TRAINING: Final = TrainSettings(
    n_steps=2400, learning_rate=5e-4, n_warmup=50, n_decay=1200, momentum=0.5, clip_norm=1000.0
)
EXACT: Final = tuple(f"detective.{style}.{layer}" for style in ("flat", "glossy") for layer in ("enter", "leave"))
"""With their other layers as whole numbers of one byte, what the discriminators say moves by a 200th of its spread."""
CYCLE: Final = "cycle"
ACCEPTED: Final = "accepted, share"
N_SHOWN: Final = 8
N_VALIDATION: Final = 64


@dataclass(frozen=True, kw_only=True)
class StylesRecipe(TrainingRecipe[EmojiStyles]):
    """`gan/emoji-styles`: two translators that learn from each other without a single pair."""

    id: str = "gan/emoji-styles"
    title: str = N_("Emoji styles")
    summary: str = N_("Learns to redraw emoji in another art style, from two piles of pictures that are not paired.")
    task: str = N_("Redraws a picture in another art style, and back again.")
    minutes: float = 15
    config: StylesConfig = CONFIG
    settings: TrainSettings = TRAINING
    weights: CycleWeights = field(default_factory=CycleWeights)
    n_pictures: int = 8
    seed: int = 71
    kind: ClassVar[str] = "styles"

    def data(self, split: Split) -> EmojiStyles:
        return load_emoji_styles(split)

    def network_and_objective(self, emoji: EmojiStyles, device: torch.device) -> tuple[StylesNetwork, StylesObjective]:
        batches = StylesBatches(emoji.flat, emoji.glossy, self.n_pictures, self.seed, device)
        return StylesNetwork(self.config), StylesObjective(batches, self.weights)

    def preview(self, emoji: EmojiStyles, device: torch.device) -> Preview:
        return partial(styles_preview, laid(self.data(Split.VALIDATION)))

    def validation(self, emoji: EmojiStyles, device: torch.device) -> Validation:
        return Validation(partial(_validate, laid(self.data(Split.VALIDATION))), CYCLE)

    def write(self, out: Path, training: Training, emoji: EmojiStyles) -> Measuring[None]:
        """Write the averaged networks, then measure what was written for the card."""
        average = training.average
        assert isinstance(average, StylesNetwork)
        save_network(out, average, exact=EXACT)
        network, test = load_network(out, StylesNetwork), self.data(Split.TEST)
        checks = yield from styles_checks(network, test)
        scores = yield from real_scores(network, test)
        card: dict[str, Any] = {
            **self.common_card(
                network,
                [training],
                "emoji-styles",
                len(emoji.codes),
                emoji.is_full,
                n_pictures=self.n_pictures,
                **asdict(self.weights),
            ),
            "data": N_("{n:,} emoji from Google’s Noto and as many from Microsoft’s Fluent, never in pairs").format(
                n=len(emoji.codes)
            ),
            "n_params": n_weights(network.to_glossy, network.to_flat),
            "n_detective": n_weights(network.discriminator),
            "notes": [
                N_("Split by code point: the {n} test emoji were not trained on, in either style.").format(
                    n=len(test.codes)
                ),
                N_("Each style is drawn on its own; the model is never told which emoji belong together."),
                N_("The judge looks at each picture and its mirror image, each at four positions one pixel apart."),
                N_("Nearest: the mean pixel difference between a translation and the originals of test emoji."),
            ],
            "real_scores": scores,
        }
        write_card(out.with_suffix(".json"), card, checks)


@torch.no_grad()
def styles_preview(held_out: tuple[Tensor, Tensor], model: StylesNetwork) -> Mapping[str, View]:
    """Held-out flat emoji, these as glossy ones, then glossy ones, and these as flat ones; a row each."""
    device = next(model.parameters()).device
    flat, glossy = (part[torch.arange(N_SHOWN) % len(part)].to(device) for part in held_out)
    return mosaic(torch.cat([flat, model.translated(flat, False), glossy, model.translated(glossy, True)]), N_SHOWN)


def _validate(held_out: tuple[Tensor, Tensor], model: StylesNetwork) -> Measuring[Mapping[str, float]]:
    """How far off held-out emoji come back, both ways, mean difference of a colour from 0 to 2; and who is fooled."""
    judge, errors, shares = load_judge(JUDGE), [], []
    for is_back, part in enumerate(held_out):
        made = yield from translated(model, part[:N_VALIDATION], bool(is_back))
        again = yield from translated(model, made, not is_back)
        errors.append(float(cycle_loss(part[:N_VALIDATION], again)))
        shares.append(accepted_share(judge, made, not is_back))
        yield
    return {CYCLE: sum(errors), ACCEPTED: sum(shares) / len(shares)}
