"""What is heard may be another sound than the true one, which is to be told."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from plugins.autoregressive.shared.model.head_config import HeadConfig
from plugins.autoregressive.sound.model.notes import NotesWaveNet
from plugins.autoregressive.sound.signal import levels_of, samples_of
from plugins.autoregressive.sound.training.objective import (
    FIRST_OWN,
    MIXED_SHARE,
    OWN_SHARE,
    SOURCE_WEIGHT,
    NextSampleObjective,
    bits,
    left_of,
    mixed,
    own_sound,
    some_disturbed,
)
from studio.core.seed import generator
from tests.plugins.autoregressive.sound.sound_made import made_notes, notes_config

N = 48_000


def tone(n_samples: int = N) -> np.ndarray:
    return levels_of(0.2 * np.sin(2 * np.pi * np.arange(n_samples) / 50))


def strangeness(seed: int) -> np.ndarray:
    """How far a tone is from what is heard of it, period by period."""
    found = mixed(tone(), 256, np.random.default_rng(seed))
    away = samples_of(found).astype(float) - samples_of(tone())
    return np.sqrt((away.reshape(-1, 50) ** 2).mean(1))


@pytest.mark.parametrize("seed", range(6))
def test_another_sound_comes_and_goes(seed):
    found = strangeness(seed)
    assert found.max() > 5 * found.min()
    assert 0.002 < found.max() < 0.4
    assert found.min() < 0.004  # a tenth of a tone's level steps


def test_some_are_hardly_disturbed_and_some_hardly_known_again():
    most = np.array([strangeness(seed).max() for seed in range(40)]) / (0.2 / np.sqrt(2))
    assert most.min() < 0.1
    assert most.max() > 0.9


def test_silence_hears_no_more_than_hiss():
    silent = np.full(N, 128, np.uint8)
    found = samples_of(mixed(silent, 256, np.random.default_rng(2)))
    assert np.abs(found).max() < 6 * 2e-2


def test_the_same_numbers_disturb_alike():
    np.testing.assert_array_equal(strangeness(1), strangeness(1))
    assert (strangeness(1) != strangeness(2)).any()


class OneTone:
    def draw(self, step, micro):
        config = made_notes().wave.config
        levels = torch.from_numpy(tone(2048)).long()[None]
        told = torch.zeros(1, 2048 // config.hop, config.n_told)
        return levels, told, torch.zeros(1, 2048, config.n_waves)

    def each(self):
        return [self.draw(0, 0)]


def drawn(share: float) -> list[torch.Tensor]:
    """What is heard by each of 24 seeds; so many of them are to be the network's own."""
    network, inputs = made_notes(), OneTone().draw(0, 0)
    return [some_disturbed(network, inputs, (share, 0.5), np.random.default_rng(seed)) for seed in range(24)]


def test_what_a_network_makes_is_heard():
    network, inputs, random = made_notes(), OneTone().draw(0, 0), np.random.default_rng(4)
    heard = some_disturbed(network, inputs, (1.0, 0.5), np.random.default_rng(4))
    assert random.random() > MIXED_SHARE
    made = own_sound(network, inputs[1][0].numpy(), inputs[2][0].numpy(), int(random.integers(2**31)), 0.5)
    np.testing.assert_array_equal(heard[0], made)


def test_surprise_is_that_of_what_is_wanted_behind_what_is_heard():
    network, (levels, told, waves) = made_notes(), OneTone().draw(0, 0)
    wanted = torch.full_like(levels, 128)
    found = bits(network, levels, told, waves, wanted)
    chances = torch.softmax(network(levels, told, waves), -1)  # (1, T, 256)
    torch.testing.assert_close(found, -chances[..., 128].log2(), atol=1e-4, rtol=1e-4)


def test_the_true_sound_is_wanted_whatever_is_heard():
    network, inputs = made_notes(), OneTone().draw(0, 0)
    plain = float(bits(network, *inputs).mean())
    assert float(NextSampleObjective(OneTone())(network, 0, 0)[0]) == pytest.approx(plain)
    for step in range(12):
        heard = some_disturbed(network, inputs, (0.0, 1.0), generator(5, "disturbed", step, 0))
        expected = float(bits(network, heard, inputs[1], inputs[2], inputs[0]).mean())
        assert float(NextSampleObjective(OneTone(), 5)(network, step, 0)[0]) == pytest.approx(expected)


def test_from_some_step_on_some_are_the_networks_own():
    objective, network, inputs = NextSampleObjective(OneTone(), 5), made_notes(), OneTone().draw(0, 0)
    plain = float(bits(network, *inputs).mean())
    losses = [float(objective(network, FIRST_OWN + step, 0)[0]) for step in range(24)]
    assert 6 <= np.isclose(losses, plain).sum() <= 20
    chances = np.array([np.random.default_rng(seed).random() for seed in range(24)])
    is_true = np.array([torch.equal(heard, inputs[0]) for heard in drawn(OWN_SHARE)])
    np.testing.assert_array_equal(is_true, chances >= MIXED_SHARE + OWN_SHARE)
    is_true = np.array([torch.equal(heard, inputs[0]) for heard in drawn(0.0)])
    np.testing.assert_array_equal(is_true, chances >= MIXED_SHARE)


def guessing() -> NotesWaveNet:
    """A network of notes for which waves are a first guess."""
    torch.manual_seed(1)
    wave = replace(notes_config().wave, n_taps=3, head=HeadConfig("logistic", 3))
    return NotesWaveNet(notes_config(wave=wave)).requires_grad_(False)


def test_what_waves_leave_of_a_sound_is_measured_against_its_energy():
    network = guessing()
    levels, told, waves = OneTone().draw(0, 0)
    waves[..., 0] = torch.sin(2 * torch.pi * torch.arange(2048) / 50)
    biases = network.wave.tell[-1]
    assert isinstance(biases, nn.Linear)
    biases.weight.zero_()
    for strength, expected in ((0.0, 1.0), (0.2, 0.0), (0.1, 0.25), (-0.2, 4.0)):
        biases.bias[-2:] = torch.tensor([strength, 0.0])
        assert float(left_of(network, (levels, told, waves))) == pytest.approx(expected, rel=5e-3, abs=2e-3)


def test_waves_learn_beside_the_bits():
    network, inputs = guessing(), OneTone().draw(0, 0)
    expected = float(bits(network, *inputs).mean() + SOURCE_WEIGHT * left_of(network, inputs))
    assert float(NextSampleObjective(OneTone())(network, 0, 0)[0]) == pytest.approx(expected)
