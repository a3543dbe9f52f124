"""The training that makes `gan/outline-to-icon`, pix2pix on Fluent Emoji, and what its card says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

import numpy as np
import torch

from studio.api.recipe import Measuring, TrainingRecipe, n_weights
from studio.api.training import Outlines, Preview, Split, Training, TrainSettings, Validation, load_outlines
from studio.core.card import write_card
from studio.core.translation import N_
from studio.core.view import Image, View
from studio.nn.network_file import save_network

from ...shared.weights import load_network
from ..model.pix2pix import DrawConfig, DrawNetwork
from .data import DrawBatch, DrawBatches
from .evaluation import draw_checks, real_scores
from .objective import DrawLoss, DrawObjective, likeness_error

CONFIG: Final = DrawConfig()
TRAINING: Final = TrainSettings(
    n_steps=9900,
    learning_rate=1e-3,
    n_warmup=100,
    n_decay=3094,
    momentum=0.5,
    clip_norm=1000.0,
    average_decay=0.999,
)
EXACT: Final = ("discriminator.layers.0", "discriminator.score")
"""With its other layers as whole numbers of one byte, what the discriminator says moves by a 500th of its spread."""
LIKENESS: Final = "likeness"
N_SHOWN: Final = 8
N_AT_ONCE: Final = 32


@dataclass(frozen=True, kw_only=True)
class DrawRecipe(TrainingRecipe[Outlines]):
    """`gan/outline-to-icon`: a person draws the outline, the generator paints the icon."""

    id: str = "gan/outline-to-icon"
    title: str = N_("Outline to icon")
    summary: str = N_("Learns to paint shaded icons into outlines like those a person draws.")
    task: str = N_("Paints a shaded icon into the outline you draw.")
    minutes: float = 25
    config: DrawConfig = CONFIG
    settings: TrainSettings = TRAINING
    loss: DrawLoss = field(default_factory=DrawLoss)
    n_pictures: int = 8
    seed: int = 61
    kind: ClassVar[str] = "sketch"

    def data(self, split: Split) -> Outlines:
        return load_outlines(split)

    def network_and_objective(self, outlines: Outlines, device: torch.device) -> tuple[DrawNetwork, DrawObjective]:
        objective = DrawObjective(self._batches(outlines, device), self.loss)
        return DrawNetwork(self.config), objective

    def _batches(self, outlines: Outlines, device: torch.device) -> DrawBatches:
        return DrawBatches(outlines, self.n_pictures, self.seed, device)

    def preview(self, outlines: Outlines, device: torch.device) -> Preview:
        return partial(draw_preview, self._batches(self.data(Split.VALIDATION), device).plain(slice(N_SHOWN)))

    def validation(self, outlines: Outlines, device: torch.device) -> Validation:
        return Validation(partial(_validate, self._batches(self.data(Split.VALIDATION), device)), LIKENESS)

    def write(self, out: Path, training: Training, outlines: Outlines) -> Measuring[None]:
        """Write the averaged generator with the discriminator as it is, then measure what was written for the card."""
        network = training.average
        assert isinstance(network, DrawNetwork)
        save_network(out, network, exact=EXACT)
        network = load_network(out, DrawNetwork)
        checks = yield from draw_checks(network, outlines, load_outlines(Split.TEST))
        scores = yield from real_scores(network, load_outlines(Split.TEST))
        card: dict[str, Any] = {
            **self.common_card(
                network,
                [training],
                "outlines",
                len(outlines.names),
                outlines.is_full,
                n_pictures=self.n_pictures,
                **asdict(self.loss),
            ),
            "data": N_("{n:,} icons of Fluent Emoji by Microsoft, with their outlines").format(n=len(outlines.names)),
            "n_params": n_weights(network.generator),
            "n_detective": n_weights(network.discriminator),
            "notes": [
                N_("Icons are split by their code points; test icons were never trained on."),
                N_(
                    "Nearest icon trained on: its outline has the smallest mean squared difference of averages "
                    "over 5 x 5 pixels."
                ),
                N_(
                    "This amount of blur, out of 0, 1, 3, 6 and 12 times it, finds the best icons on the "
                    "validation part."
                ),
                N_("Colour hints: the true colour, dabbed in each of three places of the test icon."),
            ],
            "real_scores": scores,
        }
        write_card(out.with_suffix(".json"), card, checks)


@torch.no_grad()
def draw_preview(shown: DrawBatch, model: DrawNetwork) -> Mapping[str, View]:
    """A row of held-out outlines, a row of what is painted into them, a row of the true icons."""
    ink = 1 - shown.drawings[:, :1].expand(-1, 3, -1, -1)
    rows = torch.stack([ink, model.generator(shown.drawings), shown.icons])  # (3, N, 3, H, W)
    pixels = rows.permute(0, 3, 1, 4, 2).flatten(2, 3).flatten(0, 1)  # (3 H, N W, 3)
    return {"picture": Image(np.ascontiguousarray((pixels * 255).round().to(torch.uint8).cpu().numpy()))}


def _validate(held_out: DrawBatches, model: DrawNetwork) -> Measuring[Mapping[str, float]]:
    errors, n = [], len(held_out.outlines.names)
    for first in range(0, n, N_AT_ONCE):
        batch = held_out.plain(slice(first, first + N_AT_ONCE))
        errors.append(likeness_error(model, batch) * len(batch.icons))
        yield
    return {LIKENESS: sum(errors) / n}
