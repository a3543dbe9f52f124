"""Fast sampling with kept rows gives what a whole pass for each pixel gives, and draws what was said."""

import numpy as np
import pytest
import torch

from plugins.autoregressive.pixel_head import log_probabilities
from plugins.autoregressive.pixel_head_kernel import drawn_value
from plugins.autoregressive.pixel_model import GatedPixelCNN, MaskedPixelCNN
from plugins.autoregressive.pixel_rnn import RowLSTM
from plugins.autoregressive.pixel_sampling import NaiveSampler, Wish, draws_of, sampler_of
from tests.plugins.autoregressive.pixel_made import LOGISTIC, SOFTMAX, made_network

FAST = (GatedPixelCNN, RowLSTM)
FIVE = Wish((0, 1, 2, 0, 1), (11, 12, 13, 14, 15))


def assert_same(network, wish):
    fast, naive = sampler_of(network, wish), NaiveSampler(network, wish)
    assert type(fast) is not NaiveSampler
    np.testing.assert_array_equal(fast.finish(), naive.finish())
    np.testing.assert_allclose(np.exp(fast.task.said), np.exp(naive.task.said), atol=1e-5)
    np.testing.assert_allclose(fast.task.said, naive.task.said, atol=1e-4)
    np.testing.assert_allclose(fast.task.surprise, naive.task.surprise, atol=2e-4)


@pytest.mark.parametrize("head", [SOFTMAX, LOGISTIC], ids=["softmax", "logistic"])
@pytest.mark.parametrize("kind", FAST)
def test_kept_rows_give_what_whole_passes_give(kind, head):
    assert_same(made_network(kind, head), FIVE)


def test_what_a_kind_says_about_each_place_is_heard_too():
    network = made_network(n_kind_maps=2)
    assert_same(network, FIVE)
    labels, values = torch.tensor([0, 1]), torch.zeros(2, 8, 8, dtype=torch.long)
    unlike = (network(values, labels)[0] - network(values, labels)[1]).abs().amax(-1)
    assert unlike.std() > 0.01  # not the same at every place


@pytest.mark.parametrize("kind", FAST)
def test_at_other_reaches_too(kind):
    assert_same(made_network(kind, reach_px=2, first_reach_px=2, width=6, n_layers=4), FIVE)


@pytest.mark.parametrize("kind", FAST)
def test_with_a_first_layer_alone(kind):
    assert_same(made_network(kind, n_layers=1), FIVE)


@pytest.mark.parametrize("kind", FAST)
def test_kept_pixels_stay_and_decide_about_those_behind_them(kind):
    network = made_network(kind, width=12, head_width=24)
    values = np.random.default_rng(1).integers(0, 6, (5, 64)).astype(np.uint8)
    kept = np.ones((5, 64), np.uint8)
    kept[:, 20:40] = 0
    wish = Wish((0,) * 5, (1,) * 5, 0.7, values, kept)
    assert_same(network, wish)
    made = sampler_of(network, wish).finish().reshape(5, 64)
    np.testing.assert_array_equal(made[:, :20], values[:, :20])
    np.testing.assert_array_equal(made[:, 40:], values[:, 40:])
    assert len({row.tobytes() for row in made[:, 20:40]}) > 1  # equal draws, other pictures above


@pytest.mark.parametrize("kind", FAST)
def test_steps_of_any_size_make_the_same_bits(kind):
    network = made_network(kind)
    whole, parts = sampler_of(network, FIVE), sampler_of(network, FIVE)
    whole.finish()
    for n in (1, 2, 7, 9, 30, 400):
        parts.advance(n)
    assert parts.place == 64
    np.testing.assert_array_equal(whole.task.said, parts.task.said)


@pytest.mark.parametrize("kind", FAST)
def test_a_picture_alone_is_the_same_as_among_others(kind):
    network = made_network(kind)
    among = sampler_of(network, FIVE)
    among.finish()
    alone = sampler_of(network, Wish(FIVE.labels[2:3], FIVE.seeds[2:3]))
    np.testing.assert_array_equal(alone.finish()[0], among.finish()[2])
    np.testing.assert_allclose(alone.task.said[:, 0], among.task.said[:, 2], atol=1e-5)


def test_weights_in_another_order_of_memory_are_read_alike():
    network = made_network()
    before = sampler_of(network, FIVE).finish()
    network.to(memory_format=torch.channels_last)
    np.testing.assert_array_equal(sampler_of(network, FIVE).finish(), before)


def test_what_was_said_is_the_likelihood_of_the_finished_picture():
    network = made_network()
    sampler = sampler_of(network, FIVE)
    values = torch.from_numpy(sampler.finish())
    said = log_probabilities(network(values, torch.tensor(FIVE.labels)), network.config)  # (B, H, W, V)
    np.testing.assert_allclose(sampler.task.said, said.flatten(1, 2).movedim(0, 1), atol=1e-4)


def test_the_plain_network_is_sampled_too():
    assert sampler_of(made_network(MaskedPixelCNN), FIVE).finish().shape == (5, 8, 8)


def test_values_come_as_often_as_they_are_likely():
    said = np.log(np.array([0.5, 0.2, 0.0001, 0.2999], np.float32))
    draws = ((np.arange(20_000) + 0.5) / 20_000).astype(np.float32)
    counts = np.bincount([drawn_value(said, draw, np.float32(1)) for draw in draws], minlength=4)
    np.testing.assert_allclose(counts / 20_000, np.exp(said), atol=1e-4)


def test_a_low_temperature_sharpens_by_the_power_of_its_inverse():
    said = np.log(np.array([0.5, 0.2, 0.3], np.float32))
    draws = ((np.arange(20_000) + 0.5) / 20_000).astype(np.float32)
    counts = np.bincount([drawn_value(said, draw, np.float32(0.5)) for draw in draws], minlength=3)
    np.testing.assert_allclose(counts / 20_000, np.array([25, 4, 9]) / 38, atol=1e-4)


def test_a_draw_of_nearly_one_is_still_a_level():
    said = np.log(np.full(7, 1 / 7, np.float32))
    assert drawn_value(said, np.float32(1 - 2**-24), np.float32(1)) == 6


def test_draws_follow_from_seed_and_place_alone():
    np.testing.assert_array_equal(draws_of(5, 100)[:40], draws_of(5, 40))
    assert (draws_of(5, 40) != draws_of(6, 40)).all()
    assert 0.4 < draws_of(5, 1000).mean() < 0.6
