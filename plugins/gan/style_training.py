"""How `gan/avatars-style` learns: first the forger copies, then it takes turns with the detective.

At first it learns from pictures alone what the words mean, which is several times as quick, and gives the detective
something to look at from its first turn on (as SRGAN begins with SRResNet: Ledig et al. 2017, arXiv 1609.04802).

The detective tells real from forged by pixels and by the maps of the judge of faces (Projected GAN: Sauer et al. 2021,
arXiv 2111.01007), knows what was asked for (Miyato and Koyama 2018), and is kept smooth at real pictures now and then
(lazy R1: Karras et al. 2020). The forger also answers to the judge for what it was told (AC-GAN: Odena et al. 2017,
arXiv 1610.09585), and where all labels are those of a real picture, to that picture (feature matching: Salimans et al.
2016, arXiv 1606.03498). Shape letters: B batch, K labels, H W pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.training import Judge

from .adversarial import frozen, hinge_detective, non_saturating_detective, non_saturating_forger, r1_penalty
from .augmentation import Changes, changed, drawn_changes, next_share
from .detective import Detective
from .face_batches import Asked, FaceBatches
from .style_gan import StyleGan, StyleGanConfig
from .style_model import UNSAID, Forger

FORGING: Final = 1000
COPYING: Final = 2000
"""Added to the numbers of micro-batches, so that each kind of turn draws its own."""


@dataclass(frozen=True)
class StyleLoss:
    """Weights of the parts of the losses; fooling the detective's look at pixels has weight 1.

    Attributes:
        seen: of fooling its look through the judge.
        told: of the cross-entropy of what was asked for, by the judge, per label.
        alike: of the mean difference of the judge's maps from those of the real picture.
        pixels: of the mean absolute difference of pixels from it, colours from -1 to 1.
        n_copying: steps before the detective joins.
        r1: gamma of the penalty, applied every `r1_interval`-th turn of the detective.
    """

    seen: float = 0.5
    told: float = 0.5
    alike: float = 0.5
    pixels: float = 4.0
    n_copying: int = 3000
    r1: float = 0.2
    r1_interval: int = 8


class StyleLearner(StyleGan):
    """Forger and detective with the share of augmented pictures, which the training adapts."""

    augmented: Tensor

    def __init__(self, config: StyleGanConfig) -> None:
        super().__init__(config)
        self.register_buffer("augmented", torch.zeros(()))


@dataclass(frozen=True, eq=False)
class StyleObjective:
    """Returns the loss of whose turn it is; what a Training calls."""

    batches: FaceBatches
    judge: Judge
    weights: StyleLoss

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, StyleLearner)
        turn, is_forger = divmod(step - self.weights.n_copying, 2)
        if turn < 0:
            return self._copying(model, step, micro)
        return (self._forger_turn if is_forger else self._detective_turn)(model, turn, micro)

    def _copying(self, model: StyleLearner, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        asked = self.batches.asked(step, micro + COPYING)
        fake = asked_pictures(model.forger, asked)
        real = self.batches.real(step, micro + COPYING)[0]
        return self._faithfulness(fake, self.judge.maps(fake / 2 + 0.5), asked, real)

    def _detective_turn(self, model: StyleLearner, turn: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        pictures, labels = self.batches.real(turn, micro)
        told = torch.where(self.batches.unsaid(turn, micro), UNSAID, labels)
        asked = self.batches.asked(turn, micro)
        with torch.no_grad():
            fake = asked_pictures(model.forger, asked)
        changes = self._changes(model, turn, micro)
        real, fake = changed(pictures, changes[0]), changed(fake, changes[1])
        with torch.no_grad():
            maps = self.judge.maps(torch.cat([real, fake]) / 2 + 0.5)
        yes, no = model.detective(real, told), model.detective(fake, asked.told)
        seen = [hinge_detective(*score.chunk(2)) for score in model.detective.seen(maps)]
        parts = {"telling": non_saturating_detective(yes, no), "telling_seen": torch.stack(seen).mean()}
        loss = parts["telling"] + parts["telling_seen"]
        if turn % self.weights.r1_interval == 0:
            parts["r1"] = self._r1(model.detective, real, told)
            loss = loss + self.weights.r1 * self.weights.r1_interval * parts["r1"]
        if micro == 0:
            model.augmented.fill_(next_share(float(model.augmented), yes.detach()))
        return loss, {**parts, "score_real": yes.mean(), "score_fake": no.mean(), "augmented": model.augmented.clone()}

    def _r1(self, detective: Detective, real: Tensor, told: Tensor) -> Tensor:
        with torch.autocast(real.device.type, enabled=False):
            inputs = real.detach().requires_grad_()
            return r1_penalty(detective(inputs, told), inputs)

    def _changes(self, model: StyleLearner, turn: int, micro: int) -> tuple[Changes, Changes]:
        n, seed, share = self.batches.n_items, self.batches.seed, float(model.augmented)
        real, fake = (drawn_changes(n, share, seed, whose, turn, micro) for whose in ("real", "fake"))
        return real, fake

    def _forger_turn(self, model: StyleLearner, turn: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        asked, weights = self.batches.asked(turn, micro + FORGING), self.weights
        fake = asked_pictures(model.forger, asked)
        shown = changed(fake, self._changes(model, turn, micro + FORGING)[1])
        maps = self.judge.maps(fake / 2 + 0.5)
        with frozen(model.detective):
            scores = model.detective(shown, asked.told)
            seen = model.detective.seen(maps)
        fooling, fooling_seen = non_saturating_forger(scores), -torch.stack([one.mean() for one in seen]).mean()
        real = self.batches.real(turn, micro + FORGING)[0]
        faithful, parts = self._faithfulness(fake, maps, asked, real)
        loss = fooling + weights.seen * fooling_seen + faithful
        return loss, {"fooling": fooling, "fooling_seen": fooling_seen, **parts}

    def _faithfulness(
        self, fake: Tensor, maps: Sequence[Tensor], asked: Asked, real: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """What is paid for not showing what was said, and for not resembling the real picture of the same labels."""
        parts, chosen = {"told": told_loss(self.judge, maps, asked.told)}, asked.is_paired
        loss = self.weights.told * parts["told"]
        if bool(chosen.any()):
            with torch.no_grad():
                wanted = self.judge.maps(real[chosen] / 2 + 0.5)
            alike = [(one[chosen] - other).abs().mean() for one, other in zip(maps, wanted, strict=True)]
            parts |= {"alike": torch.stack(alike).sum(), "pixels": (fake[chosen] - real[chosen]).abs().mean()}
            loss = loss + self.weights.alike * parts["alike"] + self.weights.pixels * parts["pixels"]
        return loss, parts


def asked_pictures(forger: Forger, asked: Asked) -> Tensor:
    """Pictures (B, 3, 64, 64) of what is asked for, each row of w from its face, with noise of their own."""
    n = len(asked.told)
    w = forger.mapping(asked.z.flatten(0, 1), asked.labels.flatten(0, 1)).unflatten(0, (2, n))  # (2, B, n_w)
    rows = torch.where(asked.rows[:, :, None] == 1, w[1][:, None], w[0][:, None])  # (B, 8, n_w)
    noises = [torch.randn(n, 1, px, px, device=w.device) for px in (4, 8, 16, 32)]
    picture: Tensor = forger(rows, noises)
    return picture


def told_loss(judge: Judge, maps: Sequence[Tensor], told: Tensor) -> Tensor:
    """The mean cross-entropy of the labels (B, K) that were said, as the judge reads them off its maps."""
    logits = judge.split(judge.head(maps[-1].mean((2, 3))).float())
    losses = [
        F.cross_entropy(part, wanted, ignore_index=UNSAID, reduction="sum")
        for part, wanted in zip(logits, told.T, strict=True)
    ]
    return torch.stack(losses).sum() / (told != UNSAID).sum().clamp_min(1)
