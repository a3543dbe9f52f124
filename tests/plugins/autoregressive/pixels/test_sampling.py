"""Fast sampling with kept rows gives what a whole pass for each pixel gives, and draws what was said."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from plugins.autoregressive.pixels.model.pixelcnn import GatedPixelCNN, MaskedPixelCNN
from plugins.autoregressive.pixels.model.row_lstm import RowLSTM
from plugins.autoregressive.pixels.model.sampling import NaivePixelSampler, PixelRequest, draws_of, sampler_of
from plugins.autoregressive.shared.model.head import log_probabilities, nats
from plugins.autoregressive.shared.model.kernel_maths import drawn_value
from tests.plugins.autoregressive.pixels.pixel_made import LOGISTIC, SOFTMAX, made_network

FAST = (GatedPixelCNN, RowLSTM)
FIVE = PixelRequest((0, 1, 2, 0, 1), (11, 12, 13, 14, 15))


def assert_same(network, wish):
    fast, naive = sampler_of(network, wish), NaivePixelSampler(network, wish)
    assert type(fast) is not NaivePixelSampler
    np.testing.assert_array_equal(fast.finish(), naive.finish())
    np.testing.assert_allclose(np.exp(fast.task.said), np.exp(naive.task.said), atol=1e-5)
    np.testing.assert_allclose(fast.task.said, naive.task.said, atol=1e-4)
    np.testing.assert_allclose(fast.task.law, naive.task.law, atol=2e-4 * (1 + wish.guidance))
    np.testing.assert_allclose(fast.task.surprise, naive.task.surprise, atol=2e-4)


@pytest.mark.parametrize("head", [SOFTMAX, LOGISTIC], ids=["softmax", "logistic"])
@pytest.mark.parametrize("kind", FAST)
def test_kept_rows_give_what_whole_passes_give(kind, head):
    assert_same(made_network(kind, head), FIVE)


@pytest.mark.parametrize("kind", FAST)
def test_what_a_kind_says_about_each_place_is_heard_too(kind):
    network = made_network(kind, n_kind_maps=2)
    assert_same(network, FIVE)
    labels, values = torch.tensor([0, 1]), torch.zeros(2, 8, 8, dtype=torch.long)
    unlike = (network(values, labels)[0] - network(values, labels)[1]).abs().amax(-1)
    assert unlike.std() > 0.01  # not the same at every place


@pytest.mark.parametrize("kind", FAST)
def test_at_other_reaches_too(kind):
    assert_same(made_network(kind, reach_px=2, first_reach_px=2, width=6, n_layers=4), FIVE)


@pytest.mark.parametrize("n_layers", [1, 4])
def test_the_head_is_given_what_all_layers_hand_to_it(n_layers):
    assert_same(made_network(n_layers=n_layers, skip_width=10), FIVE)


@pytest.mark.parametrize("kind", FAST)
def test_with_a_first_layer_alone(kind):
    assert_same(made_network(kind, n_layers=1), FIVE)


@pytest.mark.parametrize("kind", FAST)
def test_kept_pixels_stay_and_decide_about_those_behind_them(kind):
    network = made_network(kind, width=12, head_width=24)
    values = np.random.default_rng(1).integers(0, 6, (5, 64)).astype(np.uint8)
    kept = np.ones((5, 64), np.uint8)
    kept[:, 20:40] = 0
    wish = PixelRequest((0,) * 5, (1,) * 5, 0.7, values, kept)
    assert_same(network, wish)
    made = sampler_of(network, wish).finish().reshape(5, 64)
    np.testing.assert_array_equal(made[:, :20], values[:, :20])
    np.testing.assert_array_equal(made[:, 40:], values[:, 40:])
    assert len({row.tobytes() for row in made[:, 20:40]}) > 1  # equal draws, other pictures above


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("head", [SOFTMAX, LOGISTIC], ids=["softmax", "logistic"])
@pytest.mark.parametrize("kind", FAST)
def test_guided_rows_give_what_whole_passes_of_all_kinds_give(kind, head):
    network = made_network(kind, head, n_kind_maps=2)
    assert_same(network, replace(FIVE, guidance=1.5))
    values = np.random.default_rng(4).integers(0, 6, (5, 64)).astype(np.uint8)
    kept = (np.random.default_rng(5).random((5, 64)) < 0.6).astype(np.uint8)
    assert_same(network, replace(FIVE, temperature=0.8, values=values, kept=kept, guidance=0.75))


@pytest.mark.parametrize("kind", FAST)
def test_without_guidance_a_picture_needs_one_pass_and_is_drawn_from_what_was_said(kind):
    task = sampler_of(made_network(kind), FIVE).task
    assert task.passes.tolist() == list(FIVE.labels)
    assert np.shares_memory(task.law, task.said)


@pytest.mark.parametrize("guidance", [0.5, 2.0])
@pytest.mark.parametrize("kind", [*FAST, MaskedPixelCNN])
def test_guidance_is_the_formula_for_every_picture_there_is(kind, guidance):
    """All 81 pictures of 2 x 2 pixels and 3 levels: what is drawn from follows from their joint chances alone."""
    network = made_network(kind, size_px=2, n_levels=3, n_classes=2, width=4, n_layers=2)
    pictures = np.stack(np.meshgrid(*[np.arange(3)] * 4, indexing="ij"), -1).reshape(81, 4).astype(np.uint8)
    shape = (3, 3, 3, 3)
    joint = [_joint(network, pictures, label).reshape(shape) for label in (0, 1)]
    own = _conditionals(joint[1])
    mixed = _conditionals((joint[0] + joint[1]) / 2)  # both kinds alike at first
    wish = PixelRequest((1,) * 81, range(81), values=pictures, kept=np.ones((81, 4), np.uint8), guidance=guidance)
    sampler = sampler_of(network, wish)
    sampler.finish()
    for place in range(4):
        wanted = own[place] * (own[place] / mixed[place]) ** guidance
        wanted /= wanted.sum(place, keepdims=True)
        wanted = np.moveaxis(np.broadcast_to(wanted.reshape(wanted.shape + (1,) * (3 - place)), shape), place, -1)
        law = np.exp(sampler.task.law[place])
        law = np.moveaxis((law / law.sum(1, keepdims=True)).reshape(*shape, 3), place, 3)[..., 0, :]
        np.testing.assert_allclose(law, wanted, atol=2e-5)


def _joint(network, pictures, label):
    """The chance of each picture (N, 4) of a kind."""
    levels = torch.from_numpy(pictures).long().view(-1, 2, 2)
    each = nats(network(levels, torch.full((len(levels),), label)), levels, network.config)
    return np.exp(-each.double().flatten(1).sum(1).numpy())


def _conditionals(joint):
    """Of each place, (3,) * (place + 1): the chance of its level after those before it."""
    marginals = [joint.sum(tuple(range(place + 1, 4))) for place in range(4)]
    return [marginals[0], *(after / before[..., None] for before, after in pairwise(marginals))]


def test_guided_pictures_come_as_often_as_they_are_likely():
    """The law of whole pictures is told apart from the kind's own, which these draws would miss by far."""
    network = made_network(size_px=2, n_levels=2, n_classes=2, width=4, n_layers=2)
    n = 6000
    sampler = sampler_of(network, PixelRequest((0,) * n, range(n), guidance=2.0))
    codes = sampler.finish().reshape(n, 4) @ np.array([8, 4, 2, 1])
    law = np.exp(sampler.task.law)  # (P, B, V)
    law /= law.sum(2, keepdims=True)
    chosen = np.take_along_axis(law, sampler.task.values.T[..., None].astype(np.int64), 2)[..., 0].prod(0)
    likely = np.array([chosen[codes == code].mean() if (codes == code).any() else 0 for code in range(16)])
    np.testing.assert_allclose(np.bincount(codes, minlength=16) / n, likely, atol=0.02)
    plain = np.exp(-sampler.task.surprise.sum(1) * np.log(2))
    assert np.abs(chosen - plain).max() > 0.04


def test_guided_pictures_are_told_more_surely():
    network = made_network()
    plain, guided = (sampler_of(network, replace(FIVE, guidance=guidance)) for guidance in (1e-6, 3.0))
    for sampler in (plain, guided):
        sampler.finish()
    np.testing.assert_array_equal(plain.task.values, sampler_of(network, FIVE).finish().reshape(5, 64))
    own = [_own_chance(sampler) for sampler in (plain, guided)]
    assert own[1].mean() > own[0].mean()


def _own_chance(sampler):
    evidence = torch.from_numpy(sampler.task.evidence).softmax(1).numpy()
    return np.take_along_axis(evidence, np.array(FIVE.labels)[:, None], 1)[:, 0]


@pytest.mark.parametrize("kind", FAST)
@pytest.mark.parametrize("guidance", [0.0, 1.0])
def test_steps_of_any_size_make_the_same_bits(kind, guidance):
    network, wish = made_network(kind), replace(FIVE, guidance=guidance)
    whole, parts = sampler_of(network, wish), sampler_of(network, wish)
    whole.finish()
    for n in (1, 2, 7, 9, 30, 400):
        parts.advance(n)
    assert parts.place == 64
    np.testing.assert_array_equal(whole.task.said, parts.task.said)
    np.testing.assert_array_equal(whole.task.law, parts.task.law)


@pytest.mark.parametrize("kind", FAST)
def test_a_picture_alone_is_the_same_as_among_others(kind):
    network = made_network(kind)
    among = sampler_of(network, FIVE)
    among.finish()
    alone = sampler_of(network, PixelRequest(FIVE.labels[2:3], FIVE.seeds[2:3]))
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
