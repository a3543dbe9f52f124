"""How `gan/avatars-style` learns: the detective's turn on even steps, the forger's on odd ones.

The detective tells real from forged by pixels and by the maps of the judge of faces (Projected GAN: Sauer et al. 2021,
arXiv 2111.01007), knows what was asked for (Miyato and Koyama 2018), and is kept smooth at real pictures now and then
(lazy R1: Karras et al. 2020). The forger also answers to the judge for what it was told (AC-GAN: Odena et al. 2017,
arXiv 1610.09585), and where all labels are those of a real picture, to that picture (feature matching: Salimans et al.
2016, arXiv 1606.03498). Shape letters: B batch, K labels, H W pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.training import Judge

from .adversarial import frozen, hinge_detective, non_saturating_detective, non_saturating_forger, r1_penalty
from .augmentation import Changes, changed, drawn_changes, next_share
from .detective import Detective, DetectiveConfig
from .face_batches import Asked, FaceBatches
from .style_model import UNSAID, Forger, StyleConfig


@dataclass(frozen=True)
class StyleLoss:
    """Weights of the parts of the losses; fooling the detective's look at pixels has weight 1.

    Attributes:
        seen: of fooling its look through the judge.
        told: of the cross-entropy of what was asked for, by the judge, per label.
        alike: of the mean difference of the judge's maps from those of the real picture.
        pixels: of the mean absolute difference of pixels from it, colours from -1 to 1.
        r1: gamma of the penalty, applied every `r1_interval`-th turn of the detective.
    """

    seen: float = 0.5
    told: float = 0.5
    alike: float = 0.5
    pixels: float = 2.0
    r1: float = 0.2
    r1_interval: int = 8


class StyleLearner(nn.Module):
    """Forger and detective with the share of augmented pictures, which the training adapts."""

    augmented: Tensor

    def __init__(self, forger: StyleConfig, detective: DetectiveConfig) -> None:
        super().__init__()
        self.forger = Forger(forger)
        self.detective = Detective(detective)
        self.register_buffer("augmented", torch.zeros(()))


@dataclass(frozen=True, eq=False)
class StyleObjective:
    """Returns the loss of whose turn it is; what a Training calls."""

    batches: FaceBatches
    judge: Judge
    weights: StyleLoss

    def __call__(self, model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(model, StyleLearner)
        turn = self._detective_turn if step % 2 == 0 else self._forger_turn
        return turn(model, step // 2, micro)

    def _detective_turn(self, model: StyleLearner, turn: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
        pictures, labels = self.batches.real(turn, micro)
        told = torch.where(self.batches.unsaid(turn, micro), UNSAID, labels)
        asked = self.batches.asked(turn, micro)
        with torch.no_grad():
            fake = asked_pictures(model.forger, asked, micro)
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
        asked, weights = self.batches.asked(turn, micro + 1000), self.weights
        fake = asked_pictures(model.forger, asked, micro)
        shown = changed(fake, self._changes(model, turn, micro + 1000)[1])
        maps = self.judge.maps(fake / 2 + 0.5)
        with frozen(model.detective):
            scores = model.detective(shown, asked.told)
            seen = model.detective.seen(maps)
        parts = {
            "fooling": non_saturating_forger(scores),
            "fooling_seen": -torch.stack([score.mean() for score in seen]).mean(),
            "told": told_loss(self.judge, maps, asked.told),
        }
        loss = parts["fooling"] + weights.seen * parts["fooling_seen"] + weights.told * parts["told"]
        if bool(asked.is_paired.any()):
            parts |= self._likeness(fake, maps, asked, turn, micro)
            loss = loss + weights.alike * parts["alike"] + weights.pixels * parts["pixels"]
        return loss, parts

    def _likeness(
        self, fake: Tensor, maps: Sequence[Tensor], asked: Asked, turn: int, micro: int
    ) -> dict[str, Tensor]:
        """How far pictures whose labels are those of a real one are from it."""
        chosen = asked.is_paired
        real = self.batches.real(turn, micro + 1000)[0][chosen]
        with torch.no_grad():
            wanted = self.judge.maps(real / 2 + 0.5)
        alike = [(one[chosen] - other).abs().mean() for one, other in zip(maps, wanted, strict=True)]
        return {"alike": torch.stack(alike).sum(), "pixels": (fake[chosen] - real).abs().mean()}


def asked_pictures(forger: Forger, asked: Asked, micro: int) -> Tensor:
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
