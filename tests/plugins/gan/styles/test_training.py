"""The losses of a CycleGAN in closed form, and batches that hold no pairs."""

import numpy as np
import pytest
import torch
from torch import nn

from plugins.gan.styles.model.cyclegan import StylesConfig, StylesNetwork
from plugins.gan.styles.training.objective import (
    CycleWeights,
    StylesBatches,
    StylesObjective,
    cycle_loss,
    in_range,
    moved,
)

CPU = torch.device("cpu")
TINY = StylesConfig(fine_width=4, width=8, n_blocks=1, discriminator_widths=(4, 4, 4))


class Added(nn.Module):
    """A translator that makes pictures brighter by a number."""

    def __init__(self, step):
        super().__init__()
        self.step = nn.Parameter(torch.tensor(float(step)))

    def forward(self, pictures):
        return pictures + self.step


class Mean(nn.Module):
    """A discriminator whose score is the mean of the pixels, times a number."""

    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.tensor(1.0))

    def forward(self, pictures):
        return self.gain * pictures.mean((1, 2, 3), keepdim=True)


def by_hand(there, back):
    network = StylesNetwork(TINY)
    network.register_module("to_glossy", Added(there))
    network.register_module("to_flat", Added(back))
    network.discriminator = nn.ModuleDict({"flat": Mean(), "glossy": Mean()})
    return network


def batches(n=4):
    """Batches out of six pictures of noise in either style."""
    flat, glossy = np.random.default_rng(0).integers(0, 256, (2, 6, 8, 8, 3), np.uint8)
    return StylesBatches(flat, glossy, n, 1, CPU)


class PlainBatches:
    """The same number in every pixel, one for either style."""

    def __init__(self, flat, glossy):
        self.values = flat, glossy

    def draw(self, step, micro, n_more=0):
        return tuple(torch.full((n_more or 4, 3, 8, 8), value) for value in self.values)


def test_identity_networks_lose_nothing_by_cycle_and_identity():
    _, parts = StylesObjective(batches(), CycleWeights())(by_hand(0, 0), 0, 0)
    assert float(parts["cycle"].detach()) == 0
    assert float(parts["identity"].detach()) == 0


def test_networks_that_undo_each_other_come_back_but_change_what_is_there_already():
    _, parts = StylesObjective(batches(), CycleWeights())(by_hand(0.25, -0.25), 0, 0)
    assert float(parts["cycle"].detach()) == pytest.approx(0, abs=1e-6)
    assert float(parts["identity"].detach()) == pytest.approx(0.5, abs=1e-6)  # 0.25 in either style


def test_the_cycle_is_the_mean_of_the_absolute_differences():
    pictures = torch.rand(2, 3, 4, 4)
    assert float(cycle_loss(pictures, pictures - 0.3)) == pytest.approx(0.3, abs=1e-6)
    assert float(cycle_loss(pictures, pictures)) == 0


def test_the_loss_is_the_sum_of_its_parts_by_closed_form():
    flat, glossy, step = -0.2, 0.6, 0.5
    objective = StylesObjective(PlainBatches(flat, glossy), CycleWeights(cycle=3.0, identity=0.5))
    loss, parts = objective(by_hand(step, 0), 0, 0)
    loss, parts = loss.detach(), {name: part.detach() for name, part in parts.items()}
    as_glossy, as_flat = flat + step, glossy
    fooling = 0.5 * ((as_flat - 1) ** 2 + (as_glossy - 1) ** 2)
    telling = 0.5 * ((flat - 1) ** 2 + as_flat**2 + (glossy - 1) ** 2 + as_glossy**2)
    assert float(parts["fooling"]) == pytest.approx(fooling, abs=1e-5)
    assert float(parts["telling"]) == pytest.approx(telling, abs=1e-5)
    assert float(parts["cycle"]) == pytest.approx(2 * step, abs=1e-5)
    assert float(parts["identity"]) == pytest.approx(step, abs=1e-5)
    assert float(loss) == pytest.approx(fooling + telling + 3 * 2 * step + 0.5 * step, abs=1e-4)


def test_later_a_translator_is_held_less_and_the_discriminators_see_more():
    class Brighter(PlainBatches):
        def draw(self, step, micro, n_more=0):
            first, second = super().draw(step, micro, n_more)
            return (first + 0.1, second) if n_more else (first, second)

    weights = CycleWeights(cycle=2.0, identity=0.5, free_step=10, freed=0.25, n_more=12)
    objective = StylesObjective(Brighter(-0.2, 0.6), weights)
    parts = [objective(by_hand(0.5, 0), step, 0)[1] for step in (9, 10)]
    loss = float(objective(by_hand(0.5, 0), 10, 0)[0].detach())
    early, late = ({name: float(part.detach()) for name, part in of_step.items()} for of_step in parts)
    assert {name: early[name] for name in ("fooling", "cycle", "identity")} == {
        name: late[name] for name in ("fooling", "cycle", "identity")
    }
    # Of 16 flat ones 12 are brighter by 0.1, and what becomes of them; glossy ones stay as they are.
    flat = [(-0.2, 4 / 16), (-0.1, 12 / 16)]
    real_flat, fake_glossy = (
        sum(share * of(value) for value, share in flat) for of in (lambda v: (v - 1) ** 2, lambda v: (v + 0.5) ** 2)
    )
    telling = 0.5 * (real_flat + 0.6**2 + (0.6 - 1) ** 2 + fake_glossy)
    assert late["telling"] == pytest.approx(telling, abs=1e-5)
    assert late["telling"] != pytest.approx(early["telling"], abs=1e-3)
    held = 0.25 * (2.0 * late["cycle"] + 0.5 * late["identity"])
    assert loss == pytest.approx(late["fooling"] + late["telling"] + held, abs=1e-5)


def test_each_side_learns_from_its_own_part_alone():
    network = by_hand(0.25, -0.25)
    StylesObjective(PlainBatches(-0.2, 0.6), CycleWeights(cycle=0, identity=0))(network, 0, 0)[0].backward()
    # The discriminator by its own loss: d/dg of 0.5 ((g real - 1)² + (g fake)²) at g = 1.
    real, fake = 0.6, -0.2 + 0.25
    assert float(network.discriminator["glossy"].gain.grad) == pytest.approx((real - 1) * real + fake**2, abs=1e-4)
    # The generator by its own: d/ds of 0.5 (mean fake - 1)².
    assert float(network.to_glossy.step.grad) == pytest.approx(fake - 1, abs=1e-4)


def test_styles_are_drawn_independently():
    drawn = batches(n=64)
    first, second = (drawn.chosen(number, 3, 0) for number in range(2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, drawn.chosen(0, 3, 0))
    assert not np.array_equal(first, drawn.chosen(0, 4, 0))
    assert not np.array_equal(first, drawn.chosen(0, 3, 0, 64))
    assert drawn.draw(3, 0, 5)[0].shape == (5, 3, 8, 8)
    assert set(first) == set(range(6))


def test_a_batch_is_moved_on_white_and_stays_in_range():
    pictures = in_range(torch.zeros(16, 3, 64, 64, dtype=torch.uint8))
    pictures[:, :, 20:40, 8:20] = 0.25
    out = moved(pictures, np.random.default_rng(0))
    assert out.shape == pictures.shape
    counts = (out == 0.25).sum((1, 2, 3))
    assert (counts == 3 * 20 * 12).all()
    lefts = [int((one[0] == 0.25).any(0).nonzero()[0, 0]) for one in out]
    assert min(lefts) < 14 < 40 < max(lefts)  # mirrored ones lie at the right


def test_a_short_training_makes_the_translator_reach_what_the_discriminator_calls_real():
    torch.manual_seed(0)
    network = by_hand(0, 0)
    for discriminator in network.discriminator.values():
        discriminator.requires_grad_(False)
    objective = StylesObjective(PlainBatches(-0.2, 0.9), CycleWeights(cycle=0, identity=0))
    optimiser = torch.optim.Adam([network.to_glossy.step], 0.05)
    for step in range(60):
        optimiser.zero_grad()
        objective(network, step, 0)[0].backward()
        optimiser.step()
    assert float(network.to_glossy.step.detach()) - 0.2 == pytest.approx(1, abs=0.05)  # where its score is 1
