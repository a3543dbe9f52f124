"""The autoencoder's loss: its parts against their definitions, and that it learns a picture by heart."""

from dataclasses import dataclass, replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from plugins.diffusion.pictures.model.autoencoder import Autoencoder
from plugins.diffusion.pictures.training.objective import (
    AutoencoderLoss,
    AutoencoderObjective,
    seen_difference,
    unit_pictures,
)
from studio.api.training import Training, TrainSettings
from studio.core.seed import generator
from studio.nn.pyramid import pyramid_errors
from tests.plugins.diffusion.tiny_network import AUTOENCODER

CPU = torch.device("cpu")


@dataclass
class Halves:
    """An eye that sees a picture, and its mean."""

    def maps(self, pictures: Tensor) -> list[Tensor]:
        return [pictures, pictures.mean((1, 2, 3))]


def pictures(n: int) -> Tensor:
    return torch.randint(0, 256, (n, 16, 16, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(n))


def objective(loss: AutoencoderLoss, eye: Halves | None = None, n: int = 3) -> AutoencoderObjective:
    return AutoencoderObjective(pictures(n), loss, n_pictures=4, seed=5, device=CPU, eye=eye)


def test_an_eye_sees_differences_layer_by_layer() -> None:
    plain, lighter = torch.zeros(2, 3, 4, 4), torch.full((2, 3, 4, 4), 0.25)
    assert float(seen_difference(Halves(), lighter, plain)) == pytest.approx(0.5)
    assert float(seen_difference(Halves(), plain, plain)) == 0


def test_the_loss_is_the_weighted_sum_of_its_parts() -> None:
    model, weights = Autoencoder(AUTOENCODER), AutoencoderLoss(pyramid=0.0, seen=0.5, rate=1e-3)
    loss, parts = objective(weights, Halves())(model, 2, 0)
    assert set(parts) == {"pixels", "nats", "seen"}
    wanted = parts["pixels"] + 0.5 * parts["seen"] + 1e-3 * parts["nats"]
    torch.testing.assert_close(loss, wanted)
    with_pyramid, _ = objective(replace(weights, pyramid=1.0), Halves())(model, 2, 0)
    assert float(with_pyramid.detach()) > float(loss.detach())


def test_nats_are_the_divergence_from_the_standard_normal() -> None:
    model = Autoencoder(AUTOENCODER)
    _, parts = objective(AutoencoderLoss())(model, 0, 0)
    again = objective(AutoencoderLoss(), n=3)
    random = torch.distributions.Normal(0.0, 1.0)
    chosen = again.pictures[_chosen(again)]
    mean, log_variance = model.posterior(unit_pictures(chosen))
    wanted = torch.distributions.kl_divergence(torch.distributions.Normal(mean, (0.5 * log_variance).exp()), random)
    torch.testing.assert_close(parts["nats"], wanted.sum((1, 2, 3)).mean())


def _chosen(which: AutoencoderObjective) -> Tensor:
    random = generator(which.seed, "autoencoder", 0, 0)
    return torch.from_numpy(random.integers(0, len(which.pictures), which.n_pictures))


def test_a_batch_follows_from_its_step_alone() -> None:
    model, draw = Autoencoder(AUTOENCODER), objective(AutoencoderLoss())
    first, other, again = (float(draw(model, step, 0)[0].detach()) for step in (0, 1, 0))
    assert first == again != other


@pytest.mark.long("trains a network")
def test_a_picture_is_learnt_by_heart() -> None:
    torch.manual_seed(0)
    smooth = F.interpolate(torch.rand(1, 3, 2, 2), (16, 16), mode="bilinear")
    picture = (255 * smooth).round().byte().movedim(1, 3)
    learning = AutoencoderObjective(picture, AutoencoderLoss(), 2, 1, CPU)
    settings = TrainSettings(n_steps=60, learning_rate=1e-2, n_warmup=5, n_decay=20)
    training = Training(Autoencoder(AUTOENCODER), learning, settings, CPU)
    losses = [step.scalars["pixels"] for step in training.run()]
    assert losses[-1] < 0.25 * losses[0]
    unit = unit_pictures(picture)
    model = training.average
    assert isinstance(model, Autoencoder)
    with torch.no_grad():
        assert float(pyramid_errors(model.draw(model.posterior(unit)[0]), unit)) < 0.3
