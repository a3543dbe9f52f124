"""What every generator and discriminator of people looks like from outside, ours and other people's.

Shape letters: B batch, L rows of w, K labels or classes, H W pixels.
"""

from typing import Final, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.training import Judge, load_judge
from studio.core.seed import standard_normal
from studio.core.view import ByteArray
from studio.nn.exported import Part

from ...shared.pictures import ShownAsDrawn
from .dcgan import DcganDiscriminator, PlainGan
from .style_gan import GROUP_ROWS, START_PX, UNSAID, FaceDiscriminator, FaceGenerator

BLUR_PX: Final = 5


class PeopleGenerator(Protocol):
    """A generator.

    Attributes:
        n_z, n_w: numbers of a place, before and after the mapping.
        n_layers: rows of w. layer_px: the size at which each is used.
        size_px: width and height of a picture. shown_px: of what a person sees of it.
        n_classes: of which one can be asked for; 0 for none. has_noise: whether noise decides the fine details.
    """

    n_z: int
    n_w: int
    n_layers: int
    layer_px: tuple[int, ...]
    size_px: int
    shown_px: int
    n_classes: int
    has_noise: bool

    def mean_w(self, c: Tensor | None = None) -> Tensor:
        """The average w, (n_w,), where truncation leads to."""

    def mapping(self, z: Tensor, c: Tensor | None) -> Tensor:
        """Places z (B, n_z) under a condition to w (B, n_w), not truncated."""

    def synthesis(
        self, ws: Tensor, noise: float = 1.0, noise_seed: int | None = None, until_px: int | None = None
    ) -> Tensor:
        """Pictures (B, 3, H, W), about -1 to 1, of ws (B, L, n_w); `until_px` asks for a smaller, quicker one."""

    def shown(self, pictures: Tensor, size_px: int) -> ByteArray:
        """What a person sees of pictures (B, 3, H, W), about -1 to 1: (B, S, S, 3)."""

    def small(self, pictures: Tensor) -> Tensor:
        """The same at the size of the pictures, about -1 to 1."""

    def exportable(self) -> tuple[Part, ...]:
        """What draws one picture (`Engine.exportable`)."""


class StylePeopleGenerator(ShownAsDrawn):
    """Our small StyleGAN2; its condition is labels (B, K), each a class or UNSAID."""

    def __init__(self, generator: FaceGenerator) -> None:
        config = generator.config
        self.generator = generator
        self.n_z, self.n_w = config.n_z, config.n_w
        self.layer_px = generator.layer_px
        self.n_layers, self.size_px, self.n_classes = len(self.layer_px), self.layer_px[-1], 0
        self.shown_px = self.size_px
        self.groups, self.has_noise = GROUP_ROWS, True

    def mean_w(self, c: Tensor | None = None) -> Tensor:
        return self.generator.mean_w

    def mapping(self, z: Tensor, c: Tensor | None) -> Tensor:
        if c is None:
            c = torch.full((len(z), len(self.generator.config.n_kinds)), UNSAID, device=z.device)
        w: Tensor = self.generator.mapping(z, c)
        return w

    def synthesis(
        self, ws: Tensor, noise: float = 1.0, noise_seed: int | None = None, until_px: int | None = None
    ) -> Tensor:
        picture: Tensor = self.generator(ws, self._noises(noise, noise_seed, ws.device))
        return picture

    @torch.no_grad()
    def exportable(self) -> tuple[Part, ...]:
        ws = self.generator.rows(self.mapping(torch.from_numpy(standard_normal((1, self.n_z), 0)), None))
        return (Part(self.generator, "forward", (ws, self._noises(1.0, 0, ws.device))),)

    def seen(self, ws: Tensor, noise: float = 1.0, noise_seed: int | None = None) -> tuple[Tensor, Tensor]:
        """The same pictures, and the features (B, C, 32, 32) that they are coloured from."""
        return self.generator.seen(ws, self._noises(noise, noise_seed, ws.device))

    def _noises(self, noise: float, noise_seed: int | None, device: torch.device) -> list[Tensor]:
        noises = self.generator.fixed_noise()
        if noise_seed is not None:
            shapes = [(1, 1, START_PX << block, START_PX << block) for block in range(len(noises))]
            drawn = [standard_normal(shape, noise_seed, "noise", block) for block, shape in enumerate(shapes)]
            noises = [torch.from_numpy(one).to(device) for one in drawn]
        return noises if noise == 1 else [noise * one for one in noises]


class DcganPeopleGenerator(ShownAsDrawn):
    """A generator without a mapping: its w is z, and it has one row."""

    def __init__(self, gan: PlainGan) -> None:
        self.gan = gan
        self.n_z = self.n_w = gan.config.n_z
        self.layer_px: tuple[int, ...] = (64,)
        self.n_layers, self.size_px, self.shown_px, self.n_classes, self.has_noise = 1, 64, 64, 0, False

    def mean_w(self, c: Tensor | None = None) -> Tensor:
        return torch.zeros(self.n_w, device=next(self.gan.parameters()).device)

    def mapping(self, z: Tensor, c: Tensor | None) -> Tensor:
        return z

    def synthesis(
        self, ws: Tensor, noise: float = 1.0, noise_seed: int | None = None, until_px: int | None = None
    ) -> Tensor:
        picture: Tensor = self.gan.generator(ws[:, 0])
        return picture

    def exportable(self) -> tuple[Part, ...]:
        return (Part(self.gan.generator, "forward", (torch.from_numpy(standard_normal((1, self.n_z), 0)),)),)


class PeopleScorer(Protocol):
    """A discriminator as the panel asks it."""

    def scores(self, pictures: Tensor) -> Tensor:
        """Higher for what looks real, (B,), of pictures (B, 3, 64, 64), about -1 to 1."""


class DcganScorer:
    """The discriminator of a plain GAN."""

    def __init__(self, discriminator: DcganDiscriminator) -> None:
        self._discriminator = discriminator

    def scores(self, pictures: Tensor) -> Tensor:
        return self._discriminator(pictures)


class StyleScorer:
    """The discriminator of the StyleGAN: its score by pixels and, as heavy, its mean score through the judge's eyes.

    It is told no labels, so that it may judge any picture.
    """

    def __init__(self, discriminator: FaceDiscriminator, judge: Judge | None = None) -> None:
        self._discriminator = discriminator
        self._judge = load_judge("avatars") if judge is None else judge

    def scores(self, pictures: Tensor) -> Tensor:
        by_pixels: Tensor = self._discriminator(pictures)
        if not self._discriminator.heads:
            return by_pixels
        seen = self._discriminator.seen(self._judge.maps(pictures.clamp(-1, 1) / 2 + 0.5))
        return by_pixels + torch.stack([one.mean((1, 2, 3)) for one in seen]).mean(0)


def heat_map(verdict: PeopleScorer, picture: Tensor) -> Tensor:
    """Where the score of a picture (1, 3, H, W) comes from: its gradient's strength, blurred, (H, W) in 0..1."""
    with torch.inference_mode(False), torch.enable_grad():
        inputs = picture.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(verdict.scores(inputs).sum(), inputs)
    strength = gradient.abs().sum(1, keepdim=True)  # (1, 1, H, W)
    for _ in range(2):
        strength = F.avg_pool2d(strength, BLUR_PX, stride=1, padding=BLUR_PX // 2, count_include_pad=False)
    return (strength / strength.amax().clamp_min(1e-12))[0, 0]
