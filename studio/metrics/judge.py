"""Small classifiers that judge what models draw: which digit, which letter; and their features, for distances.

Shape letters: B batch, C channels, H W pixels.
"""

import json
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.nn import functional as F

from studio.core.atomic import atomic_write
from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.core.text import N_

LOOK_ALIKES: Final = ("Il1", "O0o", "Cc", "Ss", "Uu", "Vv", "Ww", "Xx", "Zz")


def look_alike_groups() -> Tensor:
    """(62,) the group of each character: its own index, or that of the first character that looks like it."""
    groups = list(range(len(CHARACTERS)))
    for alike in LOOK_ALIKES:
        for character in alike:
            groups[CHARACTERS.index(character)] = CHARACTERS.index(alike[0])
    return torch.tensor(groups)


@dataclass(frozen=True)
class JudgeConfig:
    """A judge's sizes: cells of fold x fold pixels become channels, and each further width halves the sides."""

    n_classes: int
    fold: int
    widths: tuple[int, ...]


DIGITS: Final = JudgeConfig(10, 2, (32, 64, 96))
GLYPHS: Final = JudgeConfig(62, 4, (64, 96, 128))


class Judge(nn.Module):
    """A convolutional classifier of pictures with values in [0, 1], 1 ink."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = config
        widths = (config.fold**2, *config.widths)
        strides = (1, *[2] * (len(config.widths) - 1))
        pairs = zip(widths[:-1], widths[1:], strides, strict=True)
        self.blocks = nn.Sequential(*[_block(n_in, n_out, stride) for n_in, n_out, stride in pairs])
        self.mix = _block(widths[-1], widths[-1], 1)
        self.head = nn.Linear(widths[-1], config.n_classes)

    def features(self, pictures: Tensor) -> Tensor:
        """What the last layer sees, (B, C), of pictures (B, H, W); for kernel distances."""
        x = F.pixel_unshuffle(pictures[:, None], self.config.fold)  # (B, fold², H/fold, W/fold)
        x = self.mix(self.blocks(x))  # (B, C, H', W')
        features: Tensor = x.mean((2, 3))  # (B, C)
        return features

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B, n_classes)."""
        logits: Tensor = self.head(self.features(pictures))
        return logits

    @torch.no_grad()
    def read(self, pictures: Tensor) -> Tensor:
        """The likeliest class of each picture, (B,)."""
        parts = [self(part).argmax(1) for part in torch.split(pictures, 512)]
        return torch.cat(parts)


def _block(n_in: int, n_out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1), nn.GroupNorm(8, n_out), nn.SiLU())


def glyph_ink(fields: Tensor) -> Tensor:
    """What the glyph judge looks at: soft ink in [0, 1] of signed distance fields in pixels, shapes alike."""
    return (fields / 2 + 0.5).clamp(0, 1)


def load_judge(name: str) -> Judge:
    """A shipped judge, "digits" or "glyphs", in eval mode on the CPU."""
    folder = files("studio.metrics") / "models"
    try:
        tensors = load((folder / f"{name}.safetensors").read_bytes())
        config = json.loads((folder / f"{name}.json").read_text("utf-8"))["config"]
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise UserError(N_("The judge “{name}” is missing or damaged.").format(name=name)) from error
    judge = Judge(JudgeConfig(config["n_classes"], config["fold"], tuple(config["widths"])))
    judge.load_state_dict({key: value.float() for key, value in tensors.items()})
    return judge.eval().requires_grad_(False)


def save_judge(path: Path, judge: Judge, card: dict[str, Any]) -> None:
    """Write the weights as float16 to `path`, and the card with the judge's sizes beside them."""
    weights = {key: value.detach().cpu().half().contiguous() for key, value in judge.state_dict().items()}
    atomic_write(path, save(weights))
    text = json.dumps({**card, "config": asdict(judge.config)}, indent=1, ensure_ascii=False)
    atomic_write(path.with_suffix(".json"), (text + "\n").encode())
