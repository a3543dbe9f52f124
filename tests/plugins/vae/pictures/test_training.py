"""The loss of coloured pictures: nothing where the drawing is right, and every part does what it is for."""

import numpy as np
import pytest
import torch
from torch import nn

from plugins.vae.pictures.training.data import VaePictureBatches, in_unit
from plugins.vae.pictures.training.objective import PicturesLearner, PicturesLoss, PicturesObjective
from studio.metrics.judge import Judge, JudgeConfig
from studio.nn.layered.pictures_vae import PicturesVAE
from tests.plugins.vae.pictures.test_model import SMALL

KINDS = (2, 3)
CPU = torch.device("cpu")


def batches(seed=1, n=4, labelled=True):
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (20, 64, 64, 3), dtype=np.uint8)
    labels = np.stack([np.arange(20) % kinds for kinds in KINDS], 1).astype(np.uint8)
    return VaePictureBatches(pictures, labels if labelled else None, SMALL.n_latent, n, seed, CPU)


def judge():
    torch.manual_seed(1)
    return Judge(JudgeConfig(5, 2, (8, 8), n_channels=3, n_kinds=KINDS)).eval().requires_grad_(False)


def learner(rival=()):
    torch.manual_seed(0)
    return PicturesLearner(SMALL, sum(KINDS), rival)


def test_the_same_step_draws_the_same_batch():
    one, other, next_one = batches().draw(3, 1), batches().draw(3, 1), batches().draw(4, 1)
    for name in ("pictures", "labels", "noise", "places"):
        assert torch.equal(getattr(one, name), getattr(other, name))
        assert not torch.equal(getattr(one, name), getattr(next_one, name))
    assert not torch.equal(one.noise, one.places)
    assert one.pictures.shape == (4, 3, 64, 64)
    assert batches(labelled=False).draw(0, 0).labels.shape == (4, 0)


def test_pictures_are_laid_channels_first_in_unit_range():
    pictures = torch.zeros(1, 64, 64, 3, dtype=torch.uint8)
    pictures[0, 5, 9, 1] = 255
    laid = in_unit(pictures)
    assert laid.shape == (1, 3, 64, 64)
    assert float(laid[0, 1, 5, 9]) == float(laid.sum()) == 1


class Perfect(PicturesVAE):
    """Draws what it was shown last."""

    def encode(self, x):
        self.shown = x
        return torch.zeros(len(x), 12), torch.zeros(len(x), 12)

    def decode(self, z):
        return self.shown


def test_a_right_drawing_costs_only_what_the_labels_cost():
    model = learner()
    model.vae = Perfect(SMALL)
    nn.init.zeros_(model.reader.weight)
    nn.init.zeros_(model.reader.bias)
    loss, parts = PicturesObjective(batches(), PicturesLoss(labels=0.5), judge(), KINDS)(model, 0, 0)
    assert float(parts["pixels"]) == float(parts["seen"]) == float(parts["kl"]) == 0
    assert float(parts["labels"].detach()) == pytest.approx(np.log(2) + np.log(3), rel=1e-5)
    assert float(loss.detach()) == pytest.approx(0.5 * float(parts["labels"].detach()), rel=1e-5)


def test_the_rate_rises_over_its_steps():
    weights = PicturesLoss(pyramid=0, rate=1.0, n_rate_steps=10)
    losses = [PicturesObjective(batches(), weights)(learner(), step, 0) for step in (0, 4, 9, 9)]
    shares = [float((loss - parts["pixels"]).detach() / parts["kl"].detach()) for loss, parts in losses]
    assert shares == pytest.approx([0.1, 0.5, 1.0, 1.0], rel=1e-3)


def gradients(loss, module):
    found = torch.autograd.grad(loss, list(module.parameters()), retain_graph=True, allow_unused=True)
    return sum(float(part.abs().sum()) for part in found if part is not None)


def test_the_rival_teaches_the_decoder_and_learns_only_to_tell():
    eye = judge()
    model = learner(eye.map_widths)
    weights = PicturesLoss(rival=1.0, rival_start=5)
    objective = PicturesObjective(batches(), weights, eye, KINDS)
    assert "fooling" not in objective(model, 4, 0)[1]
    loss, parts = objective(model, 5, 0)
    assert gradients(parts["fooling"], model.rival) == 0
    assert gradients(parts["fooling"], model.vae.decoder) > 0
    assert gradients(parts["telling"], model.rival) > 0
    assert gradients(parts["telling"], model.vae.decoder) == 0
    assert torch.isfinite(loss)


def test_pictures_without_labels_or_judge_are_learnt_too():
    objective = PicturesObjective(batches(labelled=False), PicturesLoss())
    model = learner()
    optimiser = torch.optim.Adam(model.parameters(), 1e-2)
    losses = []
    for step in range(12):
        loss, parts = objective(model, step, 0)
        assert set(parts) == {"pixels", "kl"}
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < losses[0]
