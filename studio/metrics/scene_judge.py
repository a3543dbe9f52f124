"""A judge of scenes: which objects and accessories are there, however many, and which colour they stand on.

Shape letters: B batch, C channels, H W cells.
"""

import json
from dataclasses import asdict, dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.translation import N_
from studio.datasets.emoji.drawing import COLOURS
from studio.datasets.emoji.icons import ACCESSORIES, OBJECTS
from studio.datasets.emoji.scenes import Scenes
from studio.nn.quantised import packed, read_packed

FOLD: Final = 2
DETAIL_GAIN: Final = 4
_NAME: Final = "scenes"


@dataclass(frozen=True)
class SceneJudgeConfig:
    """Its sizes: the channels of each block, of which the second and third halve the sides."""

    widths: tuple[int, ...] = (40, 64, 96, 128)
    n_objects: int = len(OBJECTS)
    n_accessories: int = len(ACCESSORIES)
    n_colours: int = len(COLOURS)


@dataclass(frozen=True, eq=False)
class SceneReading:
    """What is seen in pictures.

    Attributes:
        objects: (B, objects) bool.
        accessories: (B, accessories) bool.
        backgrounds: (B,) the number of the colour.
    """

    objects: Tensor
    accessories: Tensor
    backgrounds: Tensor


class SceneJudge(nn.Module):
    """Looks at pictures (B, 3, 64, 64) in [0, 1]; a thing is there where some cell of 8 x 8 pixels says so."""

    def __init__(self, config: SceneJudgeConfig) -> None:
        super().__init__()
        self.config = config
        widths = (6 * FOLD**2, *config.widths)
        strides = (1, 2, 2, *[1] * (len(config.widths) - 3))
        pairs = zip(widths[:-1], widths[1:], strides, strict=True)
        self.blocks = nn.Sequential(*[_block(n_in, n_out, stride) for n_in, n_out, stride in pairs])
        self.mix = _block(widths[-1], widths[-1], 1)
        self.things = nn.Conv2d(widths[-1], config.n_objects + config.n_accessories, 1)
        nn.init.constant_(self.things.bias, -3.0)  # type: ignore[arg-type]  # few things are there at first
        self.colours = nn.Linear(widths[-1], config.n_colours)

    @property
    def map_widths(self) -> tuple[int, ...]:
        """The channels of each of its maps."""
        return (*self.config.widths, self.config.widths[-1])

    def maps(self, pictures: Tensor) -> list[Tensor]:
        """What each block sees, (B, C, H', W') each, the finest first; for losses that compare what is seen."""
        around = F.avg_pool2d(pictures, 3, stride=1, padding=1, count_include_pad=False)
        x = torch.cat([pictures, torch.tanh(DETAIL_GAIN * (pictures - around))], 1)  # (B, 6, H, W)
        x = F.pixel_unshuffle(x, FOLD)
        seen = []
        for block in self.blocks:
            x = block(x)
            seen.append(x)
        return [*seen, self.mix(x)]

    def features(self, pictures: Tensor) -> Tensor:
        """What the last layer sees, (B, C), of pictures; for kernel distances."""
        features: Tensor = self.maps(pictures)[-1].mean((2, 3))
        return features

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of each object and accessory (B, objects + accessories), and of the colours (B, colours)."""
        seen = self.maps(pictures)[-1]
        return self.things(seen).amax((2, 3)), self.colours(seen.mean((2, 3)))

    @torch.no_grad()
    def read(self, pictures: Tensor) -> SceneReading:
        """What is there in pictures (B, 3, 64, 64), by logits above zero."""
        parts = [self(part) for part in torch.split(pictures, 256)]
        things = torch.cat([part[0] for part in parts]) > 0
        colours = torch.cat([part[1] for part in parts]).argmax(1)
        return SceneReading(things[:, : self.config.n_objects], things[:, self.config.n_objects :], colours)


def _block(n_in: int, n_out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1), nn.GroupNorm(8, n_out), nn.SiLU())


@dataclass(frozen=True)
class SceneScore:
    """How right readings are: F1 over all named things (2 hits / (2 hits + missed + extra)), and the colours.

    Attributes:
        objects, accessories: F1; 1 where there is none and none is seen.
        backgrounds: share right.
    """

    objects: float
    accessories: float
    backgrounds: float


def scene_score(reading: SceneReading, labels: Tensor) -> SceneScore:
    """Compare readings with labels (B, objects + accessories + 1) as `Scenes.labels` gives them."""
    n_objects = reading.objects.shape[1]
    return SceneScore(
        f1(reading.objects, labels[:, :n_objects] > 0),
        f1(reading.accessories, labels[:, n_objects:-1] > 0),
        float((reading.backgrounds == labels[:, -1]).float().mean()),
    )


def f1(seen: Tensor, there: Tensor) -> float:
    """2 hits / (2 hits + missed + extra) over all of two bool tensors of one shape; 1 where both are empty."""
    hits, wrong = int((seen & there).sum()), int((seen ^ there).sum())
    return 1.0 if hits + wrong == 0 else 2 * hits / (2 * hits + wrong)


def read_score(pictures: Tensor, scenes: Scenes) -> SceneScore:
    """What the judge sees in drawn pictures (N, 3, 64, 64) in [0, 1], held against what was asked for."""
    return scene_score(load_scene_judge().read(pictures), torch.from_numpy(scenes.labels()))


def load_scene_judge() -> SceneJudge:
    """The shipped judge, in eval mode on the CPU.

    Raises:
        UserError: its file is missing or damaged.
    """
    folder = files("studio.metrics") / "models"
    try:
        config = json.loads((folder / f"{_NAME}.json").read_text("utf-8"))["config"]
        judge = SceneJudge(SceneJudgeConfig(**{**config, "widths": tuple(config["widths"])}))
        with as_file(folder / f"{_NAME}.safetensors") as path, safe_open(path, "pt") as file:
            state = {name: read_packed(file, name, tuple(value.shape)) for name, value in judge.state_dict().items()}
        judge.load_state_dict(state)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise UserError(N_("The judge “{name}” is missing or damaged.").format(name=_NAME)) from error
    return judge.eval().requires_grad_(False)


def random_scene_judge(seed: int = 7) -> SceneJudge:
    """An untrained judge whose weights follow from the seed: features that no training has touched."""
    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    judge = SceneJudge(SceneJudgeConfig())
    torch.random.set_rng_state(state)
    return judge.eval().requires_grad_(False)


def save_scene_judge(path: Path, judge: SceneJudge, card: dict[str, Any]) -> None:
    """Write the weights, int8 per output channel where they are many, and the card with the sizes beside them."""
    tensors: dict[str, Tensor] = {}
    for name, value in judge.state_dict().items():
        tensors |= packed(name, value)
    atomic_write(path, save(tensors))
    text = json.dumps({**card, "config": asdict(judge.config)}, indent=1, ensure_ascii=False)
    atomic_write(path.with_suffix(".json"), (text + "\n").encode())
