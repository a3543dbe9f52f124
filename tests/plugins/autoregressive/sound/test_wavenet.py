"""A WaveNet sees the past alone, as far as it says, and its probabilities are probabilities."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from plugins.autoregressive.shared.model.head import log_probabilities, scaled
from plugins.autoregressive.shared.model.head_config import HeadConfig
from plugins.autoregressive.sound.model.config import WaveConfig
from plugins.autoregressive.sound.model.wavenet import WaveNet, both_forms, companded_tensor, heard, summed_waves
from plugins.autoregressive.sound.model.wavenet import expanded as expanded_tensor
from plugins.autoregressive.sound.signal import MU, companded, expanded, levels_of, samples_of
from studio.core.error import UserError
from tests.plugins.autoregressive.sound.wave_made import PREDICTING, made_wave, made_wish, tiny_config


def inputs(network, n_sounds=1, n_samples=30):
    wish = made_wish(network.config, range(n_sounds), n_samples)
    levels = np.random.default_rng(2).integers(0, network.config.n_levels, (n_sounds, n_samples))
    return torch.from_numpy(levels), torch.from_numpy(wish.told), torch.from_numpy(wish.waves)


def test_levels_go_to_samples_and_back():
    levels = np.arange(256).astype(np.uint8)
    np.testing.assert_array_equal(levels_of(samples_of(levels)), levels)
    assert samples_of(levels)[[0, 255]].tolist() == [-1.0, 1.0]
    assert (np.diff(samples_of(levels)) > 0).all()


def test_the_law_is_the_one_of_telephones():
    assert companded(np.array([0.5]))[0] == pytest.approx(np.log(1 + MU / 2) / np.log(1 + MU))
    values = np.linspace(-1, 1, 401)
    np.testing.assert_allclose(expanded(companded(values)), values, atol=1e-12)
    np.testing.assert_allclose(expanded_tensor(torch.from_numpy(companded(values))), values, atol=1e-12)
    np.testing.assert_allclose(companded_tensor(torch.from_numpy(values)), companded(values), atol=1e-12)
    assert companded(np.array([7.0]))[0] == 1


def test_rounding_is_finer_where_it_is_quiet():
    random = np.random.default_rng(1)
    for peak, most in ((1.0, 0.025), (0.01, 0.0005)):
        samples = random.uniform(-peak, peak, 5000)
        assert np.abs(samples_of(levels_of(samples)) - samples).max() < most
    assert abs(samples_of(levels_of(np.zeros(1)))[0]) < 1e-4


@pytest.mark.parametrize("changes", [{}, PREDICTING])
def test_a_sample_depends_on_those_before_it_and_no_other(changes):
    """By perturbation: another level at k changes nothing up to k, and something behind it as far as is said."""
    network = made_wave(**changes)
    levels, told, waves = inputs(network)
    before = network(levels, told, waves)
    for place in (0, 7, 20, 29):
        other = levels.clone()
        other[0, place] = (other[0, place] + 2) % network.config.n_levels
        unlike = (network(other, told, waves) - before).abs().amax(-1)[0] > 0
        assert not unlike[: place + 1].any()
        n_reached = len(torch.nonzero(unlike))
        assert n_reached == min(network.config.n_seen, 29 - place)


@pytest.mark.parametrize("dilation", [(1, 2, 4), (1,), (2, 1, 3)])
def test_gradients_reach_as_far_as_is_said(dilation):
    network = made_wave(dilation=dilation)
    levels, told, waves = inputs(network)
    samples = scaled(levels, 6).requires_grad_(True)
    place = 25
    signs = torch.randn(6, generator=torch.Generator().manual_seed(1))  # so that nothing cancels
    outputs = network.outputs(samples, told, waves)[0, place]
    (gradient,) = torch.autograd.grad((outputs * signs).sum(), samples)
    seen = torch.nonzero(gradient[0])[:, 0]
    if dilation == (2, 1, 3):  # two ways lead to some samples, none to others between
        assert seen.min() == place - network.config.n_seen
    else:
        assert seen.tolist() == list(range(place - network.config.n_seen, place))
    assert seen.max() == place - 1


def test_what_it_is_told_of_later_stretches_does_not_matter_now():
    network = made_wave()
    levels, told, waves = inputs(network)
    before = network(levels, told, waves)
    other = told.clone()
    other[:, 3:] += 1  # from sample 12 on
    after = network(levels, other, waves)
    np.testing.assert_array_equal(before[:, :12], after[:, :12])
    assert (before[:, 12] != after[:, 12]).any()


@pytest.mark.parametrize("changes", [{}, PREDICTING])
def test_all_sequences_together_have_the_probability_one(changes):
    """Brute force over every sound of 5 samples and 3 levels."""
    network = made_wave(n_levels=3, **changes)
    sounds = torch.tensor(list(itertools.product(range(3), repeat=5)))
    wish = made_wish(network.config, (1,), 5)
    told, waves = (torch.from_numpy(one).expand(len(sounds), -1, -1) for one in (wish.told, wish.waves))
    logs = log_probabilities(network(sounds, told, waves).double(), network.config)
    each = logs.gather(-1, sounds[..., None])[..., 0].sum(1).exp()
    assert float(each.sum()) == pytest.approx(1, abs=1e-6)
    assert each.std() > 1e-4


def test_the_first_sample_is_told_apart_by_what_is_asked_for():
    network = made_wave()
    levels, told, waves = inputs(network)
    assert (network(levels, told + 1, waves)[0, 0] != network(levels, told, waves)[0, 0]).any()


@pytest.mark.parametrize(
    "changes",
    [
        {"dilation": ()},
        {"dilation": (0,)},
        {"dilation": (9999,)},
        {"n_levels": 300},
        {"width": 0},
        {"hop": 0},
        {"n_taps": 0},
        {"n_taps": 65},
        {"head": HeadConfig("logistic", 0)},
        {"head": HeadConfig("softmax", 2)},
    ],
)
def test_impossible_sizes_are_refused(changes):
    with pytest.raises(UserError):
        tiny_config(**changes)


def test_what_it_sees_is_the_sum_of_what_its_layers_look_back():
    assert WaveConfig(tuple(2**k for k in range(11)), 3, 0).n_seen == 2049


def predicting(taps: list[float], strength: list[float]) -> WaveNet:
    """A network that tells only its linear prediction, whatever it is told."""
    network = WaveNet(tiny_config(n_levels=256, head=HeadConfig("logistic", 1))).requires_grad_(False)
    network.last.weight.zero_()
    network.last.bias.copy_(torch.tensor([0.0, 0.0, -6.0]))
    biases = network.tell[-1]
    assert isinstance(biases, nn.Linear)
    biases.weight.zero_()
    biases.bias[-4:] = torch.tensor([*taps, *strength])
    return network


def test_a_mixture_lies_around_waves_and_a_prediction_from_what_they_leave():
    network = predicting([0.6, -0.3], [0.3, -0.2])
    _, told, waves = inputs(network)
    guess = 0.3 * waves[..., 0] - 0.2 * waves[..., 1]  # (1, T)
    samples = torch.from_numpy(np.random.default_rng(1).uniform(-0.5, 0.5, guess.shape)).float()
    left = torch.nn.functional.pad(samples - guess, (2, 0))
    expected = companded_tensor(guess + 0.6 * left[:, 1:-1] - 0.3 * left[:, :-2])
    outputs = network.outputs(companded_tensor(samples), told, waves)
    np.testing.assert_allclose(outputs[..., 1], expected, atol=1e-4)
    said = log_probabilities(outputs, network.config).argmax(-1)
    assert (scaled(said, 256) - expected).abs().max() <= 1 / 255 + 1e-4


def test_what_is_left_of_samples_can_only_die_away():
    told = inputs(predicting([1.0, 0.0], [0.0, 0.0]))[1]
    strong, weak = (predicting(taps, [0.0, 0.0]).biases(told)[0, 0, -4:-2] for taps in ([3.0, -1.0], [0.5, 0.2]))
    np.testing.assert_allclose(strong, [0.75, -0.25])
    np.testing.assert_allclose(weak, [0.5, 0.2])


def test_waves_fade_from_what_was_told_of_one_stretch_to_the_next():
    waves = torch.stack([torch.ones(7), torch.arange(7.0)], -1)[None]
    strength = torch.tensor([[[1.0, 0.0], [3.0, 2.0]]])
    rising = np.array([1, 1, 1, 1, 1.5, 2, 2.5])
    expected = rising + (rising - 1) * np.arange(7)
    np.testing.assert_allclose(summed_waves(waves, strength, 4)[0], expected)


def test_the_newest_samples_come_first_and_silence_before_the_first():
    both = both_forms(torch.linspace(-1, 1, 6)[None])
    near = heard(both, 3)
    assert near.shape == (1, 6, 3, 2)
    np.testing.assert_allclose(near[0, 5], both[0, [4, 3, 2]])
    np.testing.assert_allclose(near[0, 1, :, 1], [-1, 0, 0])
    np.testing.assert_allclose(expanded_tensor(both[..., 0]), both[..., 1], atol=1e-6)
