"""Training of sounds: batches by number, a loss that falls, the recipes of notes and of own sounds end to end."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.sound.model.diffwave import DiffWaveConfig, NotesDiffusion
from plugins.diffusion.sound.training.evaluation import WantedSounds, distances, in_tune, neighbours, sampled_sounds
from plugins.diffusion.sound.training.notes_recipe import DiffusionNotesRecipe, spectrogram_sheet
from plugins.diffusion.sound.training.objective import (
    NATS_WEIGHT,
    DiffusionSoundBatches,
    SoundBatch,
    SoundObjective,
    TrainingSounds,
    gaussian_nats,
)
from plugins.diffusion.sound.training.sounds_recipe import DiffusionSoundsRecipe
from studio.api.engine import TrainOptions
from studio.api.own_folder import SoundFolderSettings
from studio.api.training import INSTRUMENTS, Notes, Split, load_notes
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError

CPU = torch.device("cpu")
TINY = DiffWaveConfig(("a", "b"), n_bands=16, n_frames=9, width=16, dilation=(1, 2), embedding_width=8, n_harmonics=4)


def finish(generator):
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


def made_sounds(n=6):
    random = np.random.default_rng(5)
    samples = random.uniform(-0.9, 0.9, (n, TINY.n_samples)).astype(np.float32)
    numbers = np.full(n, 60, np.float32)
    return TrainingSounds(samples, np.arange(n, dtype=np.int64) % 2, numbers, numbers)


def test_a_batch_depends_on_its_number_alone():
    network = NotesDiffusion(TINY)
    batches = DiffusionSoundBatches(made_sounds(), TINY, 5, 1, CPU)
    one, again, other = batches.draw(network, 3, 0), batches.draw(network, 3, 0), batches.draw(network, 4, 0)
    assert torch.equal(one.x0, again.x0)
    assert torch.equal(one.noise, again.noise)
    assert not torch.equal(one.noise, other.noise)
    assert one.times.tolist() == sorted(one.times.tolist())


def test_some_are_learnt_without_their_names():
    batches = DiffusionSoundBatches(made_sounds(), TINY, 400, 1, CPU, drop_share=0.25)
    asked = batches.draw(NotesDiffusion(TINY), 0, 0).asked
    share = float((asked.instrument.sum(1) == 0).float().mean())
    assert 0.15 < share < 0.35
    assert torch.equal(asked.instrument.sum(1, keepdim=True), asked.is_pitched)
    assert not asked.harmonics[asked.is_pitched[:, 0] == 0].any()


def test_nats_are_those_of_the_normal_distribution():
    x0, log_variance = torch.randn(2, 3, 4), torch.linspace(-6, 3, 24).reshape(2, 3, 4)
    normal = torch.distributions.Normal(0.0, (log_variance / 2).exp())
    constant = 0.5 * np.log(2 * np.pi)
    assert torch.allclose(gaussian_nats(x0, log_variance), -normal.log_prob(x0) - constant, atol=1e-4)


class Prepared(DiffusionSoundBatches):
    """Batches that are all the same."""

    def __init__(self, batch):
        self.batch = batch

    def draw(self, network, step, micro, key="batch"):
        return self.batch


@pytest.mark.parametrize("variance", [1.0, 0.03, 20.0])
def test_noise_whose_spectrum_is_known_costs_one_at_every_time_and_its_entropy(variance):
    """What a Wiener filter leaves of v has the variance s² / (alpha² s² + sigma²), which its weight makes 1."""
    torch.manual_seed(3)
    network = NotesDiffusion(TINY)  # as it begins, it corrects nothing
    with torch.no_grad():
        bias = network.out[-1].get_parameter("bias")
        bias[: TINY.n_bands] = np.log(variance)
    n, shape = 400, (TINY.n_bands, TINY.n_frames)
    arrays = {name: np.zeros((n, 1), np.float32) for name in ("pitch", "velocity", "is_pitched")}
    asked = network.asked_for({"instrument": np.zeros((n, 2), np.float32), **arrays})
    for time in (10, 300, 900):
        x0, noise = variance**0.5 * torch.randn(n, *shape), torch.randn(n, *shape)
        batch = SoundBatch(x0, noise, torch.full((n,), time), asked)
        with torch.no_grad():
            loss, parts = SoundObjective(Prepared(batch))(network, 0, 0)
        assert float(parts["nats"]) == pytest.approx(0.5 * (np.log(variance) + 1), abs=0.02)
        assert float(loss - NATS_WEIGHT * parts["nats"]) == pytest.approx(1, abs=0.02)


@pytest.mark.long("trains a network")
def test_the_loss_falls():
    torch.manual_seed(2)
    network = NotesDiffusion(TINY)
    sounds = made_sounds(2)
    network.fit_scale(sounds.samples)
    objective = SoundObjective(DiffusionSoundBatches(sounds, TINY, 16, 1, CPU, drop_share=0))
    optimiser = torch.optim.AdamW(network.parameters(), 5e-3)
    losses = []
    for step in range(120):
        loss, _ = objective(network, step, 0)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert np.mean(losses[-20:]) < 0.7 * np.mean(losses[:5])


def test_samples_of_a_batch_are_those_of_their_seeds():
    network = NotesDiffusion(TINY).eval()
    torch.nn.init.normal_(network.out[-1].weight, std=0.1)  # type: ignore[arg-type]
    wanted = WantedSounds([7, 8], [0, 1], [60, 62], [80, 80])
    both = finish(sampled_sounds(network, wanted, 3, Guidance(1.5)))
    alone = finish(sampled_sounds(network, wanted.part(1, 2), 3, Guidance(1.5)))
    assert both.shape == (2, TINY.n_samples)
    assert both[1] == pytest.approx(alone[0], abs=0.05)


def first(notes, n):
    return Notes(notes.samples[:n], notes.instruments[:n], notes.pitches[:n], notes.velocities[:n], notes.is_full)


def test_real_notes_are_near_themselves_and_velocities_apart():
    notes = load_notes(Split.TEST)
    some = first(notes, 8)
    to_real, to_neighbour = finish(distances(some.sound(), some))
    assert to_real == 0
    assert 1 < to_neighbour < 8
    assert all(abs(int(some.velocities[a]) - int(some.velocities[b])) == 16 for a, b in neighbours(some))
    assert all(finish(in_tune(some.sound(), some.pitches.tolist())))


def test_a_sheet_of_spectrograms_has_one_for_each():
    assert spectrogram_sheet(np.zeros((3, 8192), np.float32)).shape == (64, 192, 3)


@pytest.fixture
def options(tmp_path):
    return TrainOptions(tmp_path / "made.safetensors", Device("cpu", "float32", 1))


@pytest.mark.long("trains a network")
def test_the_recipe_of_notes_makes_a_model_and_its_card(options, monkeypatch):
    import plugins.diffusion.sound.training.notes_recipe as module

    def few(split: Split, folder: Path | None = None) -> Notes:
        notes = load_notes(split)
        return first(notes, 4)

    monkeypatch.setattr(module, "load_notes", few)
    config = DiffWaveConfig(tuple(INSTRUMENTS), width=8, dilation=(1,), embedding_width=8)
    recipe = DiffusionNotesRecipe(config=config, n_sounds=2, defaults=replace(DiffusionNotesRecipe().defaults, steps=2))
    frames = list(recipe.train(replace(options, n_steps=2)))
    assert any("samples" in frame.views for frame in frames)
    card = read_card(options.out.with_suffix(".json"))
    assert card.id == "diffusion/notes"
    assert card.more["kind"] == "sound"
    assert float(card.figures["Judge right on the real held-out notes, share"]) > 0.7
    assert float(card.figures["Estimator right within 50 cents on all real notes, share"]) >= 0.98


def test_own_sounds_are_learnt_by_the_kinds_in_their_names(options, tmp_path):
    folder = tmp_path / "sounds"
    folder.mkdir()
    for number in range(10):
        kind = "low" if number % 2 else "high"
        sound = 0.5 * np.sin(np.arange(3000) * (0.05 if number % 2 else 0.5) + number)
        soundfile.write(folder / f"{kind} {number}.wav", sound, 16_000)
    recipe = DiffusionSoundsRecipe(
        sizes=replace(
            DiffusionSoundsRecipe().sizes, n_bands=16, n_frames=65, width=8, dilation=(1,), embedding_width=8
        ),
        settings=SoundFolderSettings(n_steps=2, n_warmup=1, n_decay=1, data=str(folder)),
        n_sounds=2,
    )
    assert recipe.takes_folder(folder)
    assert recipe.takes_folder(folder / "low 1.wav")
    assert not recipe.takes_folder(_empty(tmp_path))
    finding = finish(recipe.look_into(folder))
    assert "high, low" in finding.sentence
    frames = list(recipe.train(options))
    assert any("samples" in frame.views for frame in frames)
    card = read_card(options.out.with_suffix(".json"))
    assert card.more["classes"] == ["high", "low"]
    assert str(folder) not in options.out.with_suffix(".json").read_text("utf-8")


def _empty(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_without_a_folder_it_is_said(options):
    with pytest.raises(UserError, match="folder"):
        list(DiffusionSoundsRecipe().train(options))
