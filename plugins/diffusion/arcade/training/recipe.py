"""The training that makes `diffusion/arcade`, a world model of a small game, and what its card says."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import torch

from studio.api.recipe import Measuring, TrainingRecipe
from studio.api.training import SlowPreview, Split, Training, TrainSettings, Validation
from studio.core.card import write_card
from studio.core.translation import N_

from ...pictures.model.networks import PixelDiffusion, PixelDiffusionConfig
from ...pictures.model.unet import UNetConfig
from ...shared.weights import load_network, save_model
from ..games.drawing import SIDE_PX
from ..games.game import GAMES, Game
from ..state import N_SEEN
from .evaluation import DreamPreview, game_checks
from .objective import ArcadeBatches, ArcadeObjective, held_out_error

SETTINGS: Final = TrainSettings(n_steps=7000, learning_rate=1e-3, n_warmup=100, n_decay=4800, average_decay=0.997)
UNET: Final = UNetConfig(
    n_channels=3,
    size_px=SIDE_PX,
    fold=4,
    widths=(64, 96, 96),
    n_blocks=(1, 2, 2),
    self_attention=(0, 0, 1),
    cross_attention=(0, 0, 0),
    n_classes=3,
    n_extra=3 * N_SEEN,
    target="x0",
    knows_places=1,
)


@dataclass(frozen=True, kw_only=True)
class ArcadeRecipe(TrainingRecipe[Game]):
    """`diffusion/arcade`: the next picture of a game from the last ones and the pressed key."""

    id: str = "diffusion/arcade"
    title: str = N_("Arcade")
    summary: str = N_("Learns what a small game looks like after each key; it is never told the rules.")
    task: str = N_("Dreams a game, picture by picture, while you play it.")
    minutes: float = 75
    kind: ClassVar[str] = "arcade"
    settings: TrainSettings = SETTINGS
    unet: UNetConfig = UNET
    game: str = "paddle"
    n_items: int = 24
    steps: int = 2
    floor: float = 0.95
    seed: int = 401

    def data(self, split: Split) -> Game:
        return GAMES[self.game]

    def network_and_objective(self, data: Game, device: torch.device) -> tuple[PixelDiffusion, ArcadeObjective]:
        network = PixelDiffusion(PixelDiffusionConfig(self.unet, class_names=data.keys))
        return network, ArcadeObjective(ArcadeBatches(data, self.n_items, self.seed, device))

    def validation(self, data: Game, device: torch.device) -> Validation:
        return held_out_error(ArcadeBatches(data, self.n_items, self.seed, device))

    def preview(self, data: Game, device: torch.device) -> SlowPreview:
        """Pictures of one game, which is dreamt on and on by random keys."""
        return DreamPreview(data, self.seed).as_slow

    def write(self, out: Path, training: Training, data: Game) -> Measuring[None]:
        """Write the averaged network, then measure what was written for the card."""
        save_model(out, training.average)
        network = load_network(out)[1].to(training.device)
        assert isinstance(network, PixelDiffusion)
        n = training.step * training.settings.n_micro * self.n_items
        card = {
            **self.common_card(network, [training], data.name, n, n_items=self.n_items),
            "data": N_("{n:,} moments of a game, drawn by its rules while it is learnt").format(n=n),
            "notes": [
                N_("What is read in the last three pictures, and the keys, say by the true rules what must be next."),
                N_("A step counts where everything is found within 1.5 pixels of that place."),
            ],
            "game": data.name,
            "defaults": {"steps": self.steps},
        }
        checks = yield from game_checks(data, network, self.steps, self.seed, self.floor)
        write_card(out.with_suffix(".json"), card, checks)
