"""A U-Net that says what is noise in a picture: residual blocks steered by time, attention to itself and to words.

U-Net of DDPM: Ho et al. 2020 (arXiv 2006.11239); blocks and attention: Dhariwal and Nichol 2021 (arXiv 2105.05233);
cross-attention: Rombach et al. 2022 (arXiv 2112.10752); FiLM: Perez et al. 2018 (arXiv 1709.07871); noise conditioning
augmentation: Ho et al. 2021 (arXiv 2106.15282). Shape letters: B batch, C channels, H W cells, E embedding, L pieces of
a prompt, N heads, D numbers of a head.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.model.denoiser import Target

Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)
N_GROUPS = 8
LONGEST_WAVE = 10_000.0
PLACE_SPREAD = 0.3


@dataclass(frozen=True)
class UNetConfig:
    """Sizes. Cost lies where pictures are small: cells of fold x fold pixels become channels first.

    Attributes:
        n_channels: of what is denoised.
        size_px: its height and width; a multiple of fold times 2 for each further level.
        fold: pixels of a cell, along a side.
        widths: channels at each level, finest first; multiples of 8.
        n_blocks: residual blocks at each level on the way down, and again on the way up.
        self_attention, cross_attention: 1 for each level whose blocks have it, else 0; one of the middle always has
            the first, and the second where there is a context.
        head_width: about how many numbers a head of the attention compares.
        embedding_width: of time, class and the whole of a prompt.
        context_width: of each piece of a prompt; 0 for a network without words.
        n_classes: 0 for a network without classes.
        n_extra: channels of a smaller picture, enlarged, that is looked at too; 0 for none.
        target: what the network answers.
        knows_places: 1 for a table of what each cell of each level adds to what is there, so that "on the left" means
            some cells and not others; 0 for a network that is alike everywhere.
    """

    n_channels: int = 3
    size_px: int = 16
    fold: int = 1
    widths: tuple[int, ...] = (80, 128)
    n_blocks: tuple[int, ...] = (2, 1)
    self_attention: tuple[int, ...] = (0, 1)
    cross_attention: tuple[int, ...] = (1, 1)
    head_width: int = 32
    embedding_width: int = 128
    context_width: int = 0
    n_classes: int = 0
    n_extra: int = 0
    target: Target = "v"
    knows_places: int = 0


@dataclass(frozen=True, eq=False)
class Conditioning:
    """What a run asks for, in the form that the layers use; the same for all its steps.

    Attributes:
        vector: (B, E), added to the embedding of time; None for nothing.
        memory: keys and values, (B, N, L, D) each, of every cross-attention in order.
        bias: (B, 1, L, 1) log of how much each piece counts.
        extra: (B, n_extra, H, W) a smaller picture, enlarged, as noisy as `extra_time` (B,) says.
    """

    vector: Tensor | None = None
    memory: tuple[tuple[Tensor, Tensor], ...] = ()
    bias: Tensor | None = None
    extra: Tensor | None = None
    extra_time: Tensor | None = None


@dataclass(eq=False)
class _Pass:
    """One pass through the network: what every block looks at, and the maps that it leaves."""

    embedding: Tensor  # (B, E)
    memory: Iterator[tuple[Tensor, Tensor]]
    bias: Tensor | None
    wants_maps: bool
    maps: list[Tensor] = field(default_factory=list)  # (B, L, H, W) each


def wave_embedding(time: Tensor, width: int) -> Tensor:
    """Sines and cosines of times (B,), from fast to slow waves, (B, width); Vaswani et al. 2017."""
    rates = torch.exp(torch.arange(width // 2, device=time.device) * (-math.log(LONGEST_WAVE) / (width // 2)))
    angles = time.float()[:, None] * rates  # (B, width / 2)
    return torch.cat([angles.sin(), angles.cos()], 1)


class TimeEmbedding(nn.Module):
    """Times (B,) of the training to vectors (B, E)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.first = nn.Linear(width, width)
        self.second = nn.Linear(width, width)

    def forward(self, time: Tensor) -> Tensor:
        embedded: Tensor = self.second(F.silu(self.first(wave_embedding(time, self.width))))
        return embedded


class UNetResidualBlock(nn.Module):
    """Two 3 x 3 convolutions, the second one steered channel by channel; begins as if it were not there."""

    def __init__(self, width: int, embedding_width: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(N_GROUPS, width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.film = nn.Linear(embedding_width, 2 * width)
        self.norm2 = nn.GroupNorm(N_GROUPS, width)
        self.conv2 = zeroed(nn.Conv2d(width, width, 3, padding=1))

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        inner = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.film(F.silu(embedding))[:, :, None, None].chunk(2, dim=1)  # (B, C, 1, 1) each
        inner = torch.addcmul(shift, self.norm2(inner), 1 + scale)
        out: Tensor = x + self.conv2(F.silu(inner))
        return out


class PixelSelfAttention(nn.Module):
    """Every cell looks at every cell."""

    def __init__(self, width: int, head_width: int) -> None:
        super().__init__()
        self.n_heads = _n_heads(width, head_width)
        self.norm = nn.GroupNorm(N_GROUPS, width)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.out = zeroed(nn.Linear(width, width))

    def forward(self, x: Tensor) -> Tensor:
        cells = self.norm(x).flatten(2).transpose(1, 2)  # (B, HW, C)
        parts = self.query_key_value(cells).unflatten(2, (3, self.n_heads, -1))  # (B, HW, 3, N, D)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # (B, N, HW, D) each
        if torch.is_grad_enabled():
            scores = query @ key.transpose(2, 3) / math.sqrt(query.shape[3])  # quicker than torch's own, backwards
            found = scores.softmax(3) @ value  # (B, N, HW, D)
        else:
            found = F.scaled_dot_product_attention(query, key, value)
        return x + _as_picture(self.out(found.transpose(1, 2).flatten(2)), x)


class CrossAttention(nn.Module):
    """Every cell looks at the pieces of the prompt."""

    def __init__(self, width: int, head_width: int, context_width: int) -> None:
        super().__init__()
        self.n_heads = _n_heads(width, head_width)
        self.norm = nn.GroupNorm(N_GROUPS, width)
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(context_width, 2 * width, bias=False)
        self.out = zeroed(nn.Linear(width, width))

    def memory(self, context: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values, (B, N, L, D) each, of pieces (B, L, context width)."""
        key, value = self.key_value(context).unflatten(2, (2, self.n_heads, -1)).permute(2, 0, 3, 1, 4)
        return key.contiguous(), value.contiguous()

    def forward(self, x: Tensor, now: _Pass) -> Tensor:
        key, value = next(now.memory)
        cells = self.norm(x).flatten(2).transpose(1, 2)  # (B, HW, C)
        query = self.query(cells).unflatten(2, (self.n_heads, -1)).transpose(1, 2)  # (B, N, HW, D)
        assert now.bias is not None  # as there are words
        shares = self._shares(query, key, now.bias)
        if now.wants_maps:
            now.maps.append(shares.float().mean(1).unflatten(2, x.shape[2:]))
        found = shares.transpose(2, 3) @ value  # (B, N, HW, D)
        return x + _as_picture(self.out(found.transpose(1, 2).flatten(2)), x)

    def _shares(self, query: Tensor, key: Tensor, bias: Tensor) -> Tensor:
        """(B, N, L, HW) how much each cell looks at each piece: so laid out, the softmax is several times as quick."""
        n, length = key.shape[0] * self.n_heads, key.shape[2]
        bias = bias.expand(-1, self.n_heads, -1, -1).reshape(n, length, 1)
        pairs = key.reshape(n, length, -1), query.reshape(n, query.shape[2], -1).transpose(1, 2)
        scores = torch.baddbmm(bias, *pairs, alpha=1 / math.sqrt(query.shape[3]))
        return scores.softmax(1).unflatten(0, (-1, self.n_heads))


class UNetStage(nn.Module):
    """A residual block with the attention that follows it; first what comes from the way down is taken in."""

    def __init__(self, config: UNetConfig, level: int, has_skip: bool = False, is_middle: bool = False) -> None:
        super().__init__()
        width, head_width = config.widths[level], config.head_width
        has_self = is_middle or bool(config.self_attention[level])
        has_cross = bool(config.context_width) and (is_middle or bool(config.cross_attention[level]))
        self.merge = nn.Conv2d(2 * width, width, 1) if has_skip else None
        self.block = UNetResidualBlock(width, config.embedding_width)
        self.look = PixelSelfAttention(width, head_width) if has_self else None
        self.read = CrossAttention(width, head_width, config.context_width) if has_cross else None

    def forward(self, x: Tensor, now: _Pass, skip: Tensor | None = None) -> Tensor:
        if self.merge is not None and skip is not None:
            x = self.merge(torch.cat([x, skip], 1))  # (B, C, H, W)
        x = self.block(x, now.embedding)
        x = x if self.look is None else self.look(x)
        return x if self.read is None else self.read(x, now)


class UNet(nn.Module):
    """Says of noisy pictures what the target of its configuration asks for."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        _check(config)
        widths, embedding = config.widths, config.embedding_width
        levels = range(len(widths))
        self.time = TimeEmbedding(embedding)
        self.extra_time = TimeEmbedding(embedding) if config.n_extra else None
        self.whole = nn.Linear(config.context_width, embedding) if config.context_width else None
        self.classes = embedding_table(config.n_classes + 1, embedding, 1.0) if config.n_classes else None
        self.enter = nn.Conv2d((config.n_channels + config.n_extra) * config.fold**2, widths[0], 3, padding=1)
        self.places = nn.ParameterList([_place_table(config, level) for level in levels] if config.knows_places else [])
        self.down = nn.ModuleList([self._stages(level, has_skip=False) for level in levels])
        self.shrink = nn.ModuleList([nn.Conv2d(4 * widths[level], widths[level + 1], 1) for level in levels[:-1]])
        self.middle = UNetStage(config, levels[-1], is_middle=True)
        self.up = nn.ModuleList([self._stages(level, has_skip=True) for level in levels])
        self.grow = nn.ModuleList([nn.Conv2d(widths[level + 1], 4 * widths[level], 1) for level in levels[:-1]])
        self.norm = nn.GroupNorm(N_GROUPS, widths[0])
        self.leave = zeroed(nn.Conv2d(widths[0], config.n_channels * config.fold**2, 3, padding=1))

    def _stages(self, level: int, has_skip: bool) -> nn.ModuleList:
        return nn.ModuleList([UNetStage(self.config, level, has_skip) for _ in range(self.config.n_blocks[level])])

    def class_vector(self, classes: Tensor) -> Tensor:
        """(B, E) of classes (B,), 0 to n_classes - 1; n_classes itself stands for none asked for."""
        assert self.classes is not None
        vector: Tensor = self.classes(classes)
        return vector

    def words(self, context: Tensor, counts: Tensor) -> Conditioning:
        """Of pieces (B, L, context width) that count (B, L) 0..1 each; what counts 0 is not looked at."""
        assert self.whole is not None
        share = counts / counts.sum(1, keepdim=True).clamp_min(1e-6)
        vector = self.whole((context * share[:, :, None]).sum(1))  # (B, E)
        bias = counts.clamp_min(1e-9).log()[:, None, :, None]  # a piece of 1e-9 is below what float32 adds to 1
        readers = (stage.read for stage in self._in_order() if stage.read is not None)
        return Conditioning(vector, tuple(reader.memory(context) for reader in readers), bias)

    def _in_order(self) -> Iterator[UNetStage]:
        """The stages in the order in which `forward` runs them."""
        for stages in self.down:
            yield from stages  # type: ignore[misc]  # a ModuleList of Stages
        yield self.middle
        for stages in reversed(self.up):
            yield from stages  # type: ignore[misc]

    def forward(self, x: Tensor, time: Tensor, asked: Conditioning, maps: list[Tensor] | None = None) -> Tensor:
        """What the target asks for, shaped as x (B, C, H, W) at times (B,).

        Args:
            x, time: see above.
            asked: class, words or a smaller picture.
            maps: where given, one (B, L, H', W') of each cross-attention is appended, summing to 1 over L.
        """
        now = _Pass(self._embedding(time, asked), iter(asked.memory), asked.bias, maps is not None)
        if asked.extra is not None:
            x = torch.cat([x, asked.extra], 1)
        x = self.enter(F.pixel_unshuffle(x, self.config.fold))  # (B, C, H, W) of cells
        x = self._across(x, now)
        x = self.leave(F.silu(self.norm(x)))
        if maps is not None:
            maps.extend(now.maps)
        return F.pixel_shuffle(x, self.config.fold).float()

    def _across(self, x: Tensor, now: _Pass) -> Tensor:
        """Down to the smallest picture and up again, every block on the way up seeing its partner's result."""
        skips: list[Tensor] = []
        for level, stages in enumerate(self.down):
            if level:
                x = self.shrink[level - 1](F.pixel_unshuffle(x, 2))
            if len(self.places):
                x = x + self.places[level].to(x.dtype)
            for stage in stages:  # type: ignore[attr-defined]  # a ModuleList
                x = stage(x, now)
                skips.append(x)
        x = self.middle(x, now)
        for level in reversed(range(len(self.up))):
            for stage in self.up[level]:  # type: ignore[attr-defined]
                x = stage(x, now, skips.pop())
            if level:
                x = F.pixel_shuffle(self.grow[level - 1](x), 2)
        return x

    def _embedding(self, time: Tensor, asked: Conditioning) -> Tensor:
        embedding = self.time(time)
        if self.extra_time is not None and asked.extra_time is not None:
            embedding = embedding + self.extra_time(asked.extra_time)
        return embedding if asked.vector is None else embedding + asked.vector


def _place_table(config: UNetConfig, level: int) -> nn.Parameter:
    """(C, H, W) what each cell of a level adds."""
    side = (config.size_px // config.fold) >> level
    return nn.Parameter(_spread(PLACE_SPREAD, config.widths[level], side, side))


def merged_maps(maps: list[Tensor]) -> Tensor:
    """The mean of maps (B, L, H', W') of several sizes at the largest of them; sums to 1 over L where they do."""
    sums: dict[torch.Size, Tensor] = {}
    for one in maps:
        size = one.shape[2:]
        sums[size] = sums[size] + one if size in sums else one
    largest = max(sums, key=math.prod)
    same = [one if size == largest else F.interpolate(one, largest, mode="bilinear") for size, one in sums.items()]
    return torch.stack(same).sum(0) / len(maps)


def _check(config: UNetConfig) -> None:
    n_levels = len(config.widths)
    per_level = (config.n_blocks, config.self_attention, config.cross_attention)
    if any(len(one) != n_levels for one in per_level) or config.size_px % (config.fold << (n_levels - 1)):
        raise ValueError("sizes of a U-Net that do not fit together")


def _n_heads(width: int, head_width: int) -> int:
    """How many heads of about head_width share a width evenly."""
    return next(n for n in range(max(1, width // head_width), 0, -1) if width % n == 0)


def _as_picture(cells: Tensor, like: Tensor) -> Tensor:
    """Cells (B, HW, C) laid out as `like` (B, C, H, W)."""
    return cells.transpose(1, 2).reshape(like.shape)


def embedding_table(n: int, width: int, deviation: float) -> nn.Embedding:
    """A vector for each of n numbers, all unlike."""
    return nn.Embedding.from_pretrained(_spread(deviation, n, width), freeze=False)


def _spread(deviation: float, *shape: int) -> Tensor:
    """Even numbers about 0; normal ones load 800 modules of torch's compiler where they are only laid out (meta)."""
    limit = deviation * math.sqrt(3)
    return torch.empty(*shape).uniform_(-limit, limit)


def zeroed(layer: Layer) -> Layer:
    """The same layer, which now answers 0 to everything."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
