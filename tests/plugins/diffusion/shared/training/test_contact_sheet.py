"""Sheets of samples: in order, the very pictures of the panel, and small enough for the guide."""

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from plugins.diffusion.shared.engine import DiffusionEngine
from plugins.diffusion.shared.params import DiffusionParams
from plugins.diffusion.shared.training import contact_sheet as module
from plugins.diffusion.shared.training.contact_sheet import MAX_BYTES, contact_sheet, encoded, main, prompts_of, tile_of
from plugins.diffusion.shared.weights import save_model
from plugins.diffusion.sound.prompt import read_prompt
from studio.api.engine import Device, ModelSource
from studio.api.training import INSTRUMENTS, Split, load_notes
from studio.core.frame import Frame
from studio.core.sound.mel import band_edges_hz
from studio.core.view import Audio
from studio.core.view import Image as View
from tests.plugins.diffusion.tiny_network import made_network

EXAMPLES = ["a red fox", "a blue cat", "a fox"]
CARD: dict[str, Any] = {
    "id": "diffusion/made",
    "examples": EXAMPLES,
    "defaults": {"steps": 2, "guidance": 2.0, "sampler": "ddim"},
}


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "made.safetensors"
    save_model(path, made_network("latent"))
    path.with_suffix(".json").write_text(json.dumps(CARD))
    return ModelSource(CARD["id"], path, CARD)


def test_a_sample_is_the_picture_that_the_panel_makes(source):
    sheet = contact_sheet(source, EXAMPLES, n_samples=8)
    assert sheet.shape == (16, 8 * 16, 3)
    engine = DiffusionEngine.open(source, Device("cpu", "float32", 1))
    params = DiffusionParams(prompt="a blue cat", seed=4, steps=2, guidance=2.0)
    *_, last = engine.generate(params)
    finished = last.views["noisy"]
    assert isinstance(finished, View)
    np.testing.assert_array_equal(sheet[:, 4 * 16 : 5 * 16], finished.pixels)


def test_prompts_are_held_out_ones_of_scenes_or_those_of_the_card():
    scenes = prompts_of({"data_set": {"name": "emoji"}, "examples": ["one"]})
    assert len(scenes) == len(set(scenes)) == 64
    assert prompts_of({"classes": ["0", "1"], "examples": ["1"]}) == ["0", "1"]
    assert prompts_of({"classes": [], "examples": ["a fox"]}) == ["a fox"]
    assert prompts_of({}) == [""]


def test_notes_are_held_out_ones_that_the_model_understands():
    prompts = prompts_of({"data_set": {"name": "notes"}, "examples": ["piano C4"]})
    assert len(prompts) == 64
    learnt = load_notes(Split.TRAIN)
    pairs = {(int(one), int(pitch)) for one, pitch in zip(learnt.instruments, learnt.pitches, strict=True)}
    names = tuple(INSTRUMENTS)
    for prompt in prompts:
        asked = read_prompt(prompt, names, range(48, 73))
        assert asked.text == prompt
        assert (names.index(asked.instrument), asked.pitch) not in pairs
    assert len(set(prompts)) > 20  # of the few notes that lie beside the program


def test_a_sound_is_shown_as_its_spectrogram():
    tone = np.sin(2 * np.pi * 1000 * np.arange(8192) / 16000).astype(np.float32)
    tile = tile_of(Frame(0, 1, views={"waveform": Audio(tone, 16000)}))
    assert tile.shape == (64, 64, 3)
    brightest = tile.sum((1, 2)).argmax()
    assert 63 - brightest == np.abs(band_edges_hz()[1:-1] - 1000).argmin()  # low bands lie below


@pytest.mark.long("computes for long")
def test_a_sheet_is_made_as_coarse_as_it_has_to_be():
    noise = np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8)
    calm = np.full((512, 512, 3), 90, np.uint8)
    assert len(encoded(calm)) < 2_000
    assert len(encoded(noise[:300, :300])) <= MAX_BYTES
    assert Image.open(io.BytesIO(encoded(noise))).size == (512, 512)


def test_the_command_writes_a_sheet(source, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "N_SAMPLES", 8)
    main(source.path, tmp_path / "sheet.webp")
    with Image.open(tmp_path / "sheet.webp") as picture:
        assert picture.format == "WEBP"
        assert picture.width == 8 * 16
