"""What a pixel is told from: all before it within reach, nothing behind it, and the plain model's blind spot."""

from itertools import product
from typing import Any

import numpy as np
import pytest
import torch

from plugins.autoregressive.pixels.model.config import PixelNetworkConfig
from plugins.autoregressive.pixels.model.pixelcnn import GatedPixelCNN, MaskedConv2d, MaskedPixelCNN, n_seen_weights
from plugins.autoregressive.pixels.model.row_lstm import RowLayer, RowLSTM
from plugins.autoregressive.shared.model.head import log_probabilities
from plugins.autoregressive.shared.model.head_config import HeadConfig
from studio.core.error import UserError
from tests.plugins.autoregressive.pixels.pixel_made import LOGISTIC, NETWORKS, SOFTMAX, made_network, tiny_config


def seen_from(network, row, column):
    """Which pixels (H, W) what is said about one depends on, by the gradient."""
    side = network.config.size_px
    torch.manual_seed(1)
    pictures = (torch.rand(1, 1, side, side) * 2 - 1).requires_grad_(True)
    said = network.outputs(pictures, torch.tensor([1]))[0, row, column]
    (gradient,) = torch.autograd.grad((said * torch.randn_like(said)).sum(), pictures)
    return (gradient[0, 0] != 0).numpy()


def before(side, row, column):
    """The pixels before one in reading order."""
    return (np.arange(side * side) < row * side + column).reshape(side, side)


@pytest.mark.parametrize("head", [SOFTMAX, LOGISTIC], ids=["softmax", "logistic"])
@pytest.mark.parametrize("kind", NETWORKS)
def test_nothing_at_or_behind_a_pixel_is_seen_from_it(kind, head):
    network = made_network(kind, head, size_px=6, n_kind_maps=2, skip_width=5)
    for row, column in product(range(6), range(6)):
        assert not (seen_from(network, row, column) & ~before(6, row, column)).any()


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_changed_pixel_changes_nothing_before_it_but_what_comes_after(kind):
    network = made_network(kind)
    values, labels = torch.randint(0, 6, (1, 8, 8)), torch.tensor([2])
    other = values.clone()
    other[0, 3, 4] = (values[0, 3, 4] + 3) % 6
    change = (network(values, labels) - network(other, labels)).abs().amax(-1)[0].numpy()  # (H, W)
    assert (change[before(8, 3, 5)] == 0).all()
    assert change[3, 5] > 0
    assert change[4, 4] > 0


def test_the_gated_network_sees_all_of_the_rows_above_within_its_reach():
    """From the middle of the last row: 3 rows up at once, one more and one column more for each further layer."""
    network = made_network(GatedPixelCNN, size_px=13, n_layers=4, first_reach_px=3)
    seen = seen_from(network, 11, 6)
    reach = 3 + 3
    for row, column in product(range(11 - reach, 11), range(13)):
        assert seen[row, column] == (abs(column - 6) <= reach), (row, column)
    assert not seen[: 11 - reach].any()
    assert seen[11].tolist() == [0 <= 6 - column <= reach and column < 6 for column in range(13)]


@pytest.mark.parametrize("layer", range(4))
def test_the_head_sees_what_each_layer_hands_to_it(layer):
    """Where only one of them hands it anything, the head looks up as far as that layer does."""
    network = made_network(size_px=13, n_layers=4, first_reach_px=3, skip_width=10)
    for number, skip in enumerate(network.skips):
        skip.weight.mul_(number == layer)
    seen = seen_from(network, 11, 6)
    assert seen[11 - 3 - layer : 11].any(1).all()
    assert not seen[: 11 - 3 - layer].any()


def test_the_plain_network_has_a_blind_spot_where_the_gated_one_has_none():
    """What lies above to the right, beyond the slope that stacked masks can climb, and still within the reach."""
    sizes: dict[str, Any] = {"size_px": 13, "n_layers": 4, "first_reach_px": 1}
    plain, gated = (made_network(kind, **sizes) for kind in (MaskedPixelCNN, GatedPixelCNN))
    seen, unblinded = seen_from(plain, 9, 6), seen_from(gated, 9, 6)
    reach = 4
    for up, right in product(range(1, reach + 1), range(reach + 1)):
        assert seen[9 - up, 6 + right] == (right <= up), (up, right)
        assert unblinded[9 - up, 6 + right], (up, right)


def test_a_row_lstm_sees_up_to_the_first_row():
    seen = seen_from(made_network(RowLSTM, size_px=9, n_layers=2, first_reach_px=1), 8, 4)
    assert seen[:8].any(1).all()


def test_a_row_layer_is_its_formula():
    torch.manual_seed(4)
    config = tiny_config(width=2, n_classes=2)
    layer = RowLayer(config, 0.0).eval().requires_grad_(False).double()
    x, label = torch.randn(1, 2, 3, 3).double(), 1
    weights = {name: value.numpy() for name, value in layer.named_parameters()}
    hidden, cell = np.zeros((2, 5)), np.zeros((2, 5))  # a column of zeros on either side

    def sigmoid(values):
        return 1 / (1 + np.exp(-values))

    for row in range(3):
        new_hidden, new_cell = np.zeros((2, 5)), np.zeros((2, 5))
        for column in range(3):
            gates = weights["inputs.bias"] + weights["labels.weight"][label]
            for back in range(2):
                if column - back >= 0:
                    gates = gates + weights["inputs.weight"][:, :, 0, 1 - back] @ x[0, :, row, column - back].numpy()
            for tap in range(3):
                gates = gates + weights["states.weight"][:, :, tap] @ hidden[:, column + tap]
            keep, write, show, new = np.split(gates, 4)
            at = column + 1
            new_cell[:, at] = sigmoid(keep) * cell[:, at] + sigmoid(write) * np.tanh(new)
            new_hidden[:, at] = sigmoid(show) * np.tanh(new_cell[:, at])
        hidden, cell = new_hidden, new_cell
        expected = weights["out.weight"][:, :, 0, 0] @ hidden[:, 1:4] + weights["out.bias"][:, None]
        np.testing.assert_allclose(layer(x, torch.tensor([label]))[0, :, row].numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("kind", NETWORKS)
def test_all_pictures_together_have_the_probability_one(kind):
    """Brute force over the 81 pictures of 2 x 2 pixels with 3 levels."""
    network = made_network(kind, size_px=2, n_levels=3)
    pictures = torch.tensor(list(product(range(3), repeat=4))).view(-1, 2, 2)
    said = log_probabilities(network(pictures, torch.ones(81, dtype=torch.long)), network.config)
    each = said.gather(-1, pictures[..., None]).double().sum((1, 2, 3))
    assert float(each.exp().sum()) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_kind_of_picture_changes_what_is_said_nearly_everywhere(kind):
    """Where all of a small head's numbers are negative before its ReLU, nothing gets through."""
    network, values = made_network(kind), torch.zeros(1, 8, 8, dtype=torch.long)
    one, other = (network(values, torch.tensor([label])) for label in (0, 2))
    assert ((one - other).abs().amax(-1) > 0).float().mean() > 0.9


def test_masked_weights_are_not_counted():
    conv = MaskedConv2d(2, 5, 1, sees_pixel=True)
    assert n_seen_weights(conv) == 2 * 5 * 5 + 5


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 0},
        {"n_levels": 1},
        {"n_layers": 0},
        {"head": HeadConfig("logistic", 0)},
        {"head": HeadConfig("softmax", 2)},
        {"n_kind_maps": -1},
        {"n_kind_maps": 65},
        {"skip_width": -1},
    ],
)
def test_impossible_sizes_are_refused(changes):
    with pytest.raises(UserError):
        tiny_config(**changes)


def test_a_head_gives_three_numbers_for_each_logistic():
    config = PixelNetworkConfig(4, 256, 1, 1, 8, head=HeadConfig("logistic", 5))
    assert GatedPixelCNN(config)(torch.zeros(1, 4, 4), torch.zeros(1, dtype=torch.long)).shape == (1, 4, 4, 15)
