"""How `gan/avatars-layers` learns: the generator of `gan/avatars-style` goes on, judged by what an autoencoder reads.

Generator and discriminator take turns. The discriminator tells the places of real pictures from those of generated
ones (Projected GAN: Sauer et al. 2021, arXiv 2111.01007) and knows what was asked for; the generator also answers to
the judge of faces for its picture as the autoencoder redraws it (AC-GAN: Odena et al. 2017, arXiv 1610.09585), and
where all labels are those of a real picture, to that one's place and pixels. Shape letters: B batch, Z numbers of a
place.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.api.training import Judge
from studio.nn.layered.layered_vae import LayeredVAE

from ...shared.adversarial import frozen, non_saturating_discriminator, non_saturating_generator, r1_penalty
from ..model.layered_gan import LayeredGan, places_of
from ..model.style_gan import UNSAID
from .data import FaceBatches
from .style_objective import FORGING, conditioned_pictures, conditioning_loss


@dataclass(frozen=True)
class LayersLoss:
    """Weights of the parts of the losses; fooling the discriminator has weight 1.

    Attributes:
        told: of the cross-entropy of what was asked for, by the judge, per label.
        near: of the mean distance from the place of the real picture.
        pixels: of the mean absolute difference of pixels from it, colours from -1 to 1.
        r1: gamma of the penalty of the discriminator's slope at real places.
    """

    told: float = 1.0
    near: float = 1.0
    pixels: float = 2.0
    r1: float = 0.5


@dataclass(frozen=True, eq=False)
class LayersObjective:
    """Returns the loss of whose turn it is; what a Training calls."""

    batches: FaceBatches
    judge: Judge
    autoencoder: LayeredVAE
    weights: LayersLoss

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, LayeredGan)
        turn, is_generator = divmod(step, 2)
        return (self._generator_turn if is_generator else self._discriminator_turn)(model, turn, micro)

    def _discriminator_turn(self, model: LayeredGan, turn: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        pictures, labels = self.batches.real(turn, micro)
        told = torch.where(self.batches.unsaid(turn, micro), UNSAID, labels)
        asked = self.batches.asked(turn, micro)
        with torch.no_grad():
            real = self._places(pictures)
            fake = self._places(conditioned_pictures(model.generator, asked))
        real.requires_grad_()
        yes, no = model.discriminator(real, told), model.discriminator(fake, asked.told)
        parts = {"telling": non_saturating_discriminator(yes, no), "r1": r1_penalty(yes, real)}
        loss = parts["telling"] + self.weights.r1 * parts["r1"]
        return loss, {**parts, "score_real": yes.mean(), "score_fake": no.mean()}

    def _generator_turn(self, model: LayeredGan, turn: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        asked, weights = self.batches.asked(turn, micro + FORGING), self.weights
        fake = conditioned_pictures(model.generator, asked)
        places = self._places(fake)
        with frozen(model.discriminator):
            fooling = non_saturating_generator(model.discriminator(places, asked.told))
        maps = self.judge.maps(self.autoencoder.decode(places))
        parts = {"fooling": fooling, "told": conditioning_loss(self.judge, maps, asked.told)}
        loss = fooling + weights.told * parts["told"]
        chosen = asked.is_paired
        if bool(chosen.any()):
            real = self.batches.real(turn, micro + FORGING)[0][chosen]
            with torch.no_grad():
                wanted = self._places(real)
            parts |= {"near": (places[chosen] - wanted).abs().mean(), "pixels": (fake[chosen] - real).abs().mean()}
            loss = loss + weights.near * parts["near"] + weights.pixels * parts["pixels"]
        return loss, parts

    def _places(self, pictures: Tensor) -> Tensor:
        return places_of(pictures, self.autoencoder)
