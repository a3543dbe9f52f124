"""The network of notes: sound there and back, harmonics in closed form, cost, what is asked, files, guidance."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.model.run import run_steps
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.weights import load_network, save_model
from plugins.diffusion.sound.model.diffwave import (
    RATE_HZ,
    DiffWaveConfig,
    NotesDiffusion,
    NotesModel,
    harmonic_comb,
    harmonics,
)
from plugins.diffusion.sound.prompt import read_prompt
from plugins.diffusion.sound.training.notes_recipe import CONFIG, EXAMPLES
from studio.core.error import UserError
from studio.core.seed import generator
from studio.core.sound.lapped import lapped
from studio.core.sound.note import frequency_hz
from studio.core.sound.wave import fade_out

TINY = DiffWaveConfig(
    ("flute", "horn"), n_bands=32, n_frames=17, width=16, dilation=(1, 2), embedding_width=8, n_harmonics=6
)


@pytest.fixture
def network():
    torch.manual_seed(1)
    made = NotesDiffusion(TINY)
    nn.init.normal_(made.out[-1].weight, std=0.1)  # type: ignore[arg-type]
    made.fit_scale(sounds(4))
    return made.eval().requires_grad_(False)


def sounds(n, config=TINY):
    return generator(1, "sounds").uniform(-0.9, 0.9, (n, config.n_samples)).astype(np.float32)


def test_sounds_come_back(network):
    before = sounds(3)
    x0 = network.encode(before)
    assert x0.shape == (3, 32, 17)
    assert x0.std() == pytest.approx(1, abs=0.1)
    assert network.decode(x0) == pytest.approx(before, abs=1e-4)


def test_a_model_encodes_and_decodes_one_sound(network):
    model, sound = NotesModel(network), sounds(1)[0]
    assert model.size == (1, TINY.n_samples)
    assert model.shape == (32, 17)
    x0 = model.encode(sound)
    assert x0.shape == (1, 32, 17)
    assert model.decode(x0) == pytest.approx(sound, abs=1e-4)
    assert np.array_equal(model.preview(torch.cat([x0, -x0])), [model.decode(x0), model.decode(-x0)])


def framed(samples, n_bands):
    """Sounds (N, T) with a block of silence before them, transformed."""
    return lapped(np.pad(samples, ((0, 0), (n_bands, 0))).astype(np.float32), n_bands)


@pytest.mark.parametrize("pitch", [48, 60.5, 69])
def test_harmonics_are_the_sum_of_all_partials_and_fade_with_the_note(pitch):
    hertz = frequency_hz(pitch)
    angles = 2 * np.pi * hertz / RATE_HZ * np.arange(2048)
    numbers = range(1, int(7600 / hertz) + 1)
    waves = np.stack([sum(np.cos(k * angles) for k in numbers), sum(np.sin(k * angles) for k in numbers)])
    wanted = framed(waves * fade_out(2048) / np.sqrt(64), 128).reshape(256, 17)
    assert harmonics(pitch, 128, 17)[:256] == pytest.approx(wanted, abs=2e-3)


def test_growing_harmonics_are_the_steady_ones_times_the_place_in_their_frame():
    numbers = range(1, int(7600 / frequency_hz(60)) + 1)
    angles = 2 * np.pi * frequency_hz(60) / RATE_HZ * np.arange(2048)
    wave = sum(np.cos(k * angles) for k in numbers) * fade_out(2048) / np.sqrt(64)
    found = harmonics(60, 128, 17)[256:384]
    for frame in (0, 7, 16):
        place = np.arange(2048) / 128 - frame  # -1..1 where the frame lies
        wanted = framed((wave * place)[None], 128)[0, :, frame]
        assert found[:, frame] == pytest.approx(wanted, abs=5e-3)


def test_the_comb_finds_the_bands_of_each_harmonic():
    comb = harmonic_comb(69, 128, 56)  # 440 Hz, bands of 62.5 Hz
    for k in (1, 3, 10):
        assert comb[k - 1].argmax() == round(k * 440 / 62.5 - 0.5)
        assert comb[k - 1].sum() == pytest.approx(2, abs=1e-5)
    assert not comb[17:].any()  # beyond 7.6 kHz


def n_macs(config):
    """Multiplications and additions of one pass, counted by hooks on the layers, and those of the combs."""
    network, count = NotesDiffusion(config), []

    def add(module, given, found):
        count.append(module.weight.numel() * math.prod(found.shape[2:]))

    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
            module.register_forward_hook(add)
    arrays = {"instrument": np.zeros((1, len(config.instruments)), np.float32)}
    arrays |= {name: np.full((1, 1), 60, np.float32) for name in ("pitch", "velocity", "is_pitched")}
    with torch.no_grad():
        network(torch.zeros(1, config.n_bands, config.n_frames), torch.zeros(1), network.asked_for(arrays))
    return sum(count) + 9 * config.n_harmonics * config.n_bands * config.n_frames


def test_a_step_costs_less_than_half_a_gmac_and_the_file_is_small():
    assert n_macs(CONFIG) < 0.2e9
    assert sum(weight.numel() for weight in NotesDiffusion(CONFIG).parameters()) <= 1.12e6


def test_a_prompt_is_completed_and_embedded(network):
    model = NotesModel(network)
    condition = model.embed("horn", "flute C5")
    assert condition.prompt == "horn C4"
    assert condition.arrays["instrument"].tolist() == [0, 1]
    assert condition.arrays["without_instrument"].tolist() == [1, 0]
    assert float(condition.arrays["without_pitch"][0]) == 72
    assert model.embed("").arrays["is_pitched"].tolist() == [0]
    with pytest.raises(UserError, match="kazoo"):
        model.embed("kazoo C4")


def test_the_examples_of_the_card_are_understood():
    for text in EXAMPLES:
        assert read_prompt(text, CONFIG.instruments, CONFIG.pitches).text == text


def test_kinds_without_pitch_are_asked_for_by_name():
    model = NotesModel(NotesDiffusion(DiffWaveConfig(("Kick", "snare"), n_pitches=0, n_bands=8, n_frames=5)))
    condition = model.embed("kick")
    assert condition.prompt == "Kick"
    assert condition.arrays["instrument"].tolist() == [1, 0]
    assert condition.arrays["is_pitched"].tolist() == [0]
    with pytest.raises(UserError, match="snare"):
        model.embed("bell")


def test_guidance_of_one_is_the_prompt_and_of_zero_is_none(network):
    model = NotesModel(network)
    x = torch.from_numpy(generator(2, "x").standard_normal((1, 32, 17), dtype=np.float32))
    asked, nothing = model.embed("horn A3"), model.embed("")
    at = [model.denoiser(asked, Guidance(scale))(x, 400.0).x0 for scale in (0.0, 1.0, 2.0)]
    assert torch.equal(at[0], model.denoiser(nothing, Guidance(1.0))(x, 400.0).x0)
    assert not torch.allclose(at[0], at[1])
    assert torch.allclose(at[2], 2 * at[1] - at[0], atol=1e-4)


def test_an_item_of_a_batch_is_what_it_is_alone(network):
    model = NotesModel(network)
    x = torch.from_numpy(generator(3, "x").standard_normal((3, 32, 17), dtype=np.float32))
    denoise = model.denoiser(model.embed("flute C4"), Guidance(1.7))
    assert torch.equal(denoise(x, 700.0).x0[1:2], denoise(x[1:2], 700.0).x0)


def test_a_run_yields_steps_of_sound(network):
    model = NotesModel(network)
    params = DiffusionParams(prompt="flute G4", steps=4, guidance=1.5)
    *_, last = run_steps(model, model.embed(params.prompt), params, {})
    assert model.decode(last.x).shape == (TINY.n_samples,)


def test_a_file_holds_the_network(network, tmp_path):
    path = tmp_path / "notes.safetensors"
    save_model(path, network)
    architecture, found = load_network(path)
    assert architecture == "NotesDiffusion"
    assert isinstance(found, NotesDiffusion)
    assert found.config == TINY
    assert found.scale == pytest.approx(network.scale, rel=1e-3)


@pytest.mark.parametrize("time", [0.0, 250.5, 600.0, 999.0])
@pytest.mark.parametrize("variance", [0.01, 1.0, 30.0])
def test_a_spectrum_alone_makes_a_wiener_filter(time, variance):
    network = NotesDiffusion(TINY)  # whose last layer says nothing yet
    with torch.no_grad():
        network.state_dict()["out.3.bias"][: TINY.n_bands] = float(np.log(variance))
    model = NotesModel(network)
    x = torch.from_numpy(generator(4, "x").standard_normal((1, 32, 17), dtype=np.float32))
    alpha, sigma = model.schedule.alpha_sigma(time)
    wanted = alpha * variance / (alpha**2 * variance + sigma**2) * x
    found = model.denoiser(model.embed("horn C4"), Guidance(1.0))(x, time).x0
    assert found.numpy() == pytest.approx(wanted.numpy(), rel=2e-3, abs=2e-3)
