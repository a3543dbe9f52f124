"""The training that makes the judge of scenes."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.compute.train_options import TrainOptions
from studio.compute.train_settings import TrainSettings
from studio.compute.trained_facts import trained_facts
from studio.compute.training import Training
from studio.compute.training_loop import Validation, follow_training
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.datasets.emoji.scenes import Scenes, load_scenes
from studio.datasets.split import Split
from studio.metrics.scene_judge import SceneJudge, SceneJudgeConfig, SceneScore, save_scene_judge, scene_score

FIGURE: Final = "objects, F1"
# Other scenes than those that the generators learn from, which are of seed 0.
SEED: Final = 104
N_TEST: Final = 4000
PART: Final = 64
COLOUR_NOISE: Final = 0.02
CONFIG: Final = SceneJudgeConfig()
TRAINING: Final = TrainSettings(n_steps=2600, learning_rate=2e-3, n_warmup=50, n_decay=1400, weight_decay=1e-2)


@dataclass(frozen=True)
class SceneJudgeRecipe:
    """`metrics/scenes`; its settings can be shortened by tests."""

    id: str = "metrics/scenes"
    title: str = N_("Judge of scenes")
    summary: str = N_(
        "Says what a scene of icons shows, what they wear and on what colour; used to measure other models."
    )
    minutes: float = 5
    needs_folder: bool = False
    config: SceneJudgeConfig = CONFIG
    settings: TrainSettings = TRAINING
    n_scenes: int = 40000
    n_validation: int = 512
    n_test: int = N_TEST
    n_pictures: int = 48
    seed: int = SEED

    def train(self, options: TrainOptions) -> Iterator[Frame]:
        """Yield one frame per step; at the end write weights and card to `options.out`."""
        torch.manual_seed(self.seed)
        device = options.device.torch_device
        settings = self.settings.chosen(options.settings, options.n_steps)
        scenes = load_scenes(Split.TRAIN, self.n_scenes, self.seed)
        objective = SceneObjective(scenes, self.n_pictures, device)
        training = Training(SceneJudge(self.config), objective, settings, device)
        checkpoint = options.out.with_suffix(".checkpoint")
        validation = Validation(partial(validate, self.n_validation), FIGURE, is_higher_better=True)
        yield from follow_training(training, checkpoint, options.is_resumed, validation=validation)
        judge = training.average.cpu()
        assert isinstance(judge, SceneJudge)
        save_scene_judge(options.out, judge, self._card(judge, training))

    def _card(self, judge: SceneJudge, training: Training) -> dict[str, Any]:
        figures: dict[str, float] = {}
        for part in (Split.VALIDATION, Split.TEST):
            figures |= figures_on(judge, part, self.n_test)
        return {
            "id": self.id,
            "title": self.title,
            "task": self.summary,
            "licence": "MIT",
            "data": N_("{n:,} scenes composed of Noto Emoji icons (Apache-2.0)").format(n=self.n_scenes),
            "n_params": sum(weight.numel() for weight in judge.parameters()),
            "figures": figures,
            "trained": trained_facts([training], self.seed, True),
            "settings": {**asdict(training.settings), "n_pictures": self.n_pictures},
            "n_test": self.n_test,
        }


def figures_on(judge: SceneJudge, part: Split, n_scenes: int) -> dict[str, float]:
    """How right the judge is on real scenes of a part, by the names of its card."""
    scores = read_right(judge, load_scenes(part, n_scenes, SEED))
    named = {"objects, F1": scores.objects, "accessories, F1": scores.accessories, "backgrounds": scores.backgrounds}
    return {f"Right on real {part.value} scenes, {name}": round(value, 4) for name, value in named.items()}


def read_right(judge: SceneJudge, scenes: Scenes) -> SceneScore:
    """How right the judge reads drawn scenes."""
    return scene_score(judge.read(in_unit(scenes)), torch.from_numpy(scenes.labels()))


def in_unit(scenes: Scenes) -> Tensor:
    """Scenes drawn as (N, 3, 64, 64) in [0, 1]."""
    return torch.from_numpy(scenes.draw()).movedim(3, 1).float() / 255


def validate(n_scenes: int, judge: nn.Module) -> Generator[None, None, Mapping[str, float]]:
    """How right the averaged judge is on some validation scenes."""
    assert isinstance(judge, SceneJudge)
    device = next(judge.parameters()).device
    scenes = load_scenes(Split.VALIDATION, n_scenes, SEED)
    pictures, readings = in_unit(scenes), []
    for part in torch.split(pictures, PART):
        readings.append(judge.read(part.to(device)))
        yield
    whole = type(readings[0])(
        *(
            torch.cat([getattr(one, name) for one in readings]).cpu()
            for name in ("objects", "accessories", "backgrounds")
        )
    )
    found = scene_score(whole, torch.from_numpy(scenes.labels()))
    return {FIGURE: found.objects, "accessories, F1": found.accessories, "backgrounds": found.backgrounds}


@dataclass(frozen=True)
class SceneObjective:
    """Cross entropy of scenes that are moved a little, blurred a little and noisy, so that soft drawings are read."""

    scenes: Scenes
    n_pictures: int
    device: torch.device

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        """Loss of one micro-batch, and the F1 of things in it."""
        random = np.random.default_rng([SEED, step, micro])
        scenes = self.scenes[random.integers(0, len(self.scenes), self.n_pictures)]
        pictures = spoilt(in_unit(scenes), random).to(self.device)
        labels = torch.from_numpy(scenes.labels()).to(self.device)
        things, colours = model(pictures)
        wanted = labels[:, :-1].float()
        # The few that are there weigh as much as the many that are not.
        loss = F.binary_cross_entropy_with_logits(things.float(), wanted, pos_weight=torch.tensor(4.0), reduction="sum")
        loss = loss / self.n_pictures + 0.5 * F.cross_entropy(colours.float(), labels[:, -1], label_smoothing=0.02)
        hits, wrong = ((things > 0) & (wanted > 0)).sum(), ((things > 0) ^ (wanted > 0)).sum()
        return loss, {"F1": 2 * hits / (2 * hits + wrong).clamp_min(1)}


def spoilt(pictures: Tensor, random: np.random.Generator) -> Tensor:
    """Pictures (B, 3, H, W) shifted by up to 2 pixels, every other one blurred, with noise and colours a little off."""
    n = len(pictures)
    padded = F.pad(pictures, (2, 2, 2, 2), mode="replicate")
    size = pictures.shape[-1]
    starts = random.integers(0, 5, (n, 2))
    moved = torch.stack([padded[i, :, top : top + size, left : left + size] for i, (top, left) in enumerate(starts)])
    blurred = F.avg_pool2d(moved, 3, stride=1, padding=1, count_include_pad=False)
    share = torch.from_numpy(random.uniform(0, 1, n) * (random.uniform(0, 1, n) < 0.5)).float().view(-1, 1, 1, 1)
    tint = torch.from_numpy(random.normal(0, COLOUR_NOISE, (n, 3, 1, 1))).float()
    noise = torch.from_numpy(random.standard_normal(moved.shape, np.float32)) * COLOUR_NOISE
    return (moved.lerp(blurred, share) + tint + noise).clamp(0, 1)
