"""The two losses: pixels alone for the faithful network; pixels, features and a discriminator for the vivid one."""

from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F

from ...shared.adversarial import frozen, non_saturating_discriminator, non_saturating_generator, r1_penalty
from ..model.discriminator import EnlargeDiscriminator, EnlargeDiscriminatorConfig, feature_distance
from ..model.enlarger import EnlargeConfig, Enlarger
from ..state import SCALE
from .data import Crops


class FaithfulObjective:
    """Mean absolute error of pixels."""

    def __init__(self, crops: Crops) -> None:
        self.crops = crops

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of a micro-batch."""
        assert isinstance(model, Enlarger)
        small, large = (part.to(model.head.weight.device) for part in self.crops.batch(step, micro))
        return (model(small) - large).abs().mean(), {}


class VividLearner(nn.Module):
    """The vivid network, begun as the faithful one, and its discriminator."""

    def __init__(self, config: EnlargeConfig, discriminator: EnlargeDiscriminatorConfig) -> None:
        super().__init__()
        self.generator = Enlarger(config)
        self.discriminator = EnlargeDiscriminator(discriminator)


@dataclass(frozen=True)
class VividLoss:
    """How much each part counts.

    Attributes:
        pixels: the mean absolute error of pixels.
        reduced: that of the picture reduced again to the small one's size, so that nothing but details is invented.
        features: the distance in the discriminator's features.
        verdict: the generator's non-saturating loss.
        slope: R1 of the discriminator, taken every `slope_interval` steps of it.
    """

    pixels: float = 0.3
    reduced: float = 1.0
    features: float = 0.1
    verdict: float = 0.03
    slope: float = 0.03
    slope_interval: int = 8


class VividObjective:
    """The discriminator learns on even steps, the generator on odd ones."""

    def __init__(self, crops: Crops, loss: VividLoss) -> None:
        self.crops = crops
        self.loss = loss

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of a micro-batch."""
        assert isinstance(model, VividLearner)
        small, large = (part.to(model.generator.head.weight.device) for part in self.crops.batch(step, micro))
        shift = self.crops.shift(step, micro)
        if step % 2 == 0:
            return self._discriminator_loss(model, small, large, shift, step // 2)
        return self._generator_loss(model, small, large, shift)

    def _discriminator_loss(
        self, model: VividLearner, small: Tensor, large: Tensor, shift: tuple[int, int], turn: int
    ) -> tuple[Tensor, dict[str, Tensor]]:
        with frozen(model.generator):
            drawn = model.generator(small)
        has_slope = turn % self.loss.slope_interval == 0
        real, _ = model.discriminator(large.requires_grad_(has_slope), small, shift)
        fake, _ = model.discriminator(drawn, small, shift)
        loss = non_saturating_discriminator(real, fake)
        parts = {"detective": loss, "gap": real.float().mean() - fake.float().mean()}
        if has_slope:
            penalty = r1_penalty(real.float().mean((1, 2, 3)), large)
            loss = loss + self.loss.slope * self.loss.slope_interval * penalty
        return loss, parts

    def _generator_loss(
        self, model: VividLearner, small: Tensor, large: Tensor, shift: tuple[int, int]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        weights = self.loss
        drawn = model.generator(small)
        with frozen(model.discriminator):
            fake, seen = model.discriminator(drawn, small, shift)
            _, wanted = model.discriminator(large, small, shift)
        pixels = (drawn - large).abs().mean()
        again = (reduced(drawn) - small).abs().mean()
        features = feature_distance(seen, wanted)
        verdict = non_saturating_generator(fake)
        loss = weights.pixels * pixels + weights.reduced * again
        loss = loss + weights.features * features + weights.verdict * verdict
        return loss, {"pixels": pixels, "reduced": again, "features": features, "forger": verdict}


def reduced(pictures: Tensor) -> Tensor:
    """Pictures (B, C, 4 H, 4 W) at a quarter of their size, as Pillow's bicubic reduces them."""
    size = (pictures.shape[-2] // SCALE, pictures.shape[-1] // SCALE)
    return F.interpolate(pictures.float(), size, mode="bicubic", align_corners=False, antialias=True)
