"""Small classifiers that judge what models draw: which digit, letter or kind of face; their features give distances.

Shape letters: B batch, C channels, H W pixels, L labels.
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
from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.core.translation import N_
from studio.datasets.avatars import AVATAR_LABELS
from studio.datasets.emoji.styles import STYLES as ART_STYLES
from studio.datasets.music.notes import INSTRUMENTS
from studio.datasets.speech import WORDS
from studio.nn.quantised import packed, read_packed

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
    """A judge's sizes: cells of fold x fold pixels become channels, and each further width halves the sides.

    Attributes:
        n_classes: of all labels together.
        fold, widths: see above.
        n_channels: 1 for grey pictures, 3 for coloured ones.
        n_kinds: how many classes each label has where a picture has several labels; empty for one label.
        detail_gain: how much finer contrast is amplified in channels of its own, for faint lines; 0 for none of it.
    """

    n_classes: int
    fold: int
    widths: tuple[int, ...]
    n_channels: int = 1
    n_kinds: tuple[int, ...] = ()
    detail_gain: int = 0


DIGITS: Final = JudgeConfig(10, 2, (32, 64, 96))
GLYPHS: Final = JudgeConfig(62, 4, (64, 96, 128))
_AVATAR_KINDS: Final = tuple(len(kinds) for kinds in AVATAR_LABELS.values())
AVATARS: Final = JudgeConfig(
    sum(_AVATAR_KINDS), 2, (48, 64, 96, 128), n_channels=3, n_kinds=_AVATAR_KINDS, detail_gain=8
)
NOTES: Final = JudgeConfig(len(INSTRUMENTS), 2, (32, 48, 80))
SPEECH: Final = JudgeConfig(len(WORDS), 2, (32, 48, 80))
STYLES: Final = JudgeConfig(len(ART_STYLES), 2, (48, 64, 96), n_channels=3, detail_gain=8)


class Judge(nn.Module):
    """A convolutional classifier: grey pictures (B, H, W) with 1 ink, or coloured ones (B, 3, H, W), in [0, 1]."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = config
        n_channels = config.n_channels * (2 if config.detail_gain else 1)
        widths = (n_channels * config.fold**2, *config.widths)
        strides = (1, *[2] * (len(config.widths) - 1))
        pairs = zip(widths[:-1], widths[1:], strides, strict=True)
        self.blocks = nn.Sequential(*[_block(n_in, n_out, stride) for n_in, n_out, stride in pairs])
        self.mix = _block(widths[-1], widths[-1], 1)
        self.head = nn.Linear(widths[-1], config.n_classes)

    @property
    def map_widths(self) -> tuple[int, ...]:
        """The channels of each of its maps."""
        return (*self.config.widths, self.config.widths[-1])

    def maps(self, pictures: Tensor) -> list[Tensor]:
        """What each block sees, (B, C, H', W') each, the finest first; for losses that compare what is seen."""
        x = pictures if pictures.dim() == 4 else pictures[:, None]
        if self.config.detail_gain:
            around = F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)
            x = torch.cat([x, torch.tanh(self.config.detail_gain * (x - around))], 1)  # (B, 2 channels, H, W)
        x = F.pixel_unshuffle(x, self.config.fold)  # (B, channels fold², H/fold, W/fold)
        seen = []
        for block in self.blocks:
            x = block(x)
            seen.append(x)
        return [*seen, self.mix(x)]

    def features(self, pictures: Tensor) -> Tensor:
        """What the last layer sees, (B, C), of pictures; for kernel distances."""
        features: Tensor = self.maps(pictures)[-1].mean((2, 3))  # (B, C)
        return features

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits (B, n_classes)."""
        logits: Tensor = self.head(self.features(pictures))
        return logits

    def split(self, logits: Tensor) -> tuple[Tensor, ...]:
        """The logits of each label, (B, its number of classes) each."""
        return torch.split(logits, list(self.config.n_kinds) or [self.config.n_classes], dim=1)

    @torch.no_grad()
    def read(self, pictures: Tensor) -> Tensor:
        """The likeliest class of each picture, (B,), or of each of its labels, (B, L)."""
        parts = [self._likeliest(self(part)) for part in torch.split(pictures, 512)]
        return torch.cat(parts)

    def _likeliest(self, logits: Tensor) -> Tensor:
        likeliest = torch.stack([part.argmax(1) for part in self.split(logits)], 1)  # (B, L)
        return likeliest if self.config.n_kinds else likeliest[:, 0]


def _block(n_in: int, n_out: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1), nn.GroupNorm(8, n_out), nn.SiLU())


def glyph_ink(fields: Tensor) -> Tensor:
    """What the glyph judge looks at: soft ink in [0, 1] of signed distance fields in pixels, shapes alike."""
    return (fields / 2 + 0.5).clamp(0, 1)


def load_judge(name: str) -> Judge:
    """A shipped judge, "digits", "glyphs" or "avatars", in eval mode on the CPU."""
    folder = files("studio.metrics") / "models"
    try:
        config = json.loads((folder / f"{name}.json").read_text("utf-8"))["config"]
        lists = {key: tuple(value) for key, value in config.items() if isinstance(value, list)}
        judge = Judge(JudgeConfig(**{**config, **lists}))
        with as_file(folder / f"{name}.safetensors") as path, safe_open(path, "pt") as file:
            weights = {key: read_packed(file, key, tuple(value.shape)) for key, value in judge.state_dict().items()}
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise UserError(N_("The judge “{name}” is missing or damaged.").format(name=name)) from error
    judge.load_state_dict(weights)
    return judge.eval().requires_grad_(False)


def save_judge(path: Path, judge: Judge, card: dict[str, Any]) -> None:
    """Write the weights to `path`, large ones as int8, and the card with the judge's sizes beside them."""
    weights: dict[str, Tensor] = {}
    for key, value in judge.state_dict().items():
        weights |= packed(key, value)
    atomic_write(path, save(weights))
    text = json.dumps({**card, "config": asdict(judge.config)}, indent=1, ensure_ascii=False)
    atomic_write(path.with_suffix(".json"), (text + "\n").encode())
