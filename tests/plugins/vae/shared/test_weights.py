"""Weights as files: nearly lossless when whole, one sentence when not, and nothing is ever executed."""

import json
import struct

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from plugins.vae.shared.card import Axis, read_arrays, write_card
from plugins.vae.shared.model.vae import DigitsConfig, DigitsVAE, LetterformsConfig, LetterformsVAE
from plugins.vae.shared.model.weights import load_model, save_model
from studio.core.card import Check, read_card
from studio.core.error import UserError

SMALL = LetterformsConfig(widths=(16, 16, 16, 8), encoder_widths=(8, 8, 8), seed_width=8, condition_width=16)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return LetterformsVAE(SMALL).eval()


@pytest.fixture
def path(tmp_path, model):
    save_model(tmp_path / "model.safetensors", model, {"styles": torch.ones(3, 32).half(), "labels": torch.arange(3)})
    return tmp_path / "model.safetensors"


def rewrite(path, change):
    """Change the tensors of a file, its metadata kept."""
    header = json.loads(path.read_bytes()[8 : 8 + struct.unpack("<Q", path.read_bytes()[:8])[0]])
    tensors = load_file(path)
    change(tensors, header["__metadata__"])
    save_file(tensors, path, header["__metadata__"])


def test_weights_lose_less_than_one_in_a_hundred(model, path):
    loaded = load_model(path)
    assert loaded.config == SMALL
    z, letters = torch.randn(6, 32), torch.arange(6)
    with torch.no_grad():
        expected, got = model.decode(z, letters), loaded.decode(z, letters)
    assert float((expected - got).abs().mean()) < 0.01 * float(expected.abs().mean())


def test_large_layers_take_one_byte_a_weight(path):
    tensors = load_file(path)
    assert tensors["model.decoder.start.weight"].dtype == torch.int8
    assert tensors["model.spread"].dtype == torch.float16


def test_a_loaded_model_is_ready_to_draw(path):
    loaded = load_model(path)
    assert not loaded.training
    assert all(not weight.requires_grad and weight.dtype == torch.float32 for weight in loaded.parameters())


def test_digits_come_back_as_digits(tmp_path):
    save_model(tmp_path / "digits.safetensors", DigitsVAE(DigitsConfig()), {})
    assert isinstance(load_model(tmp_path / "digits.safetensors"), DigitsVAE)


def test_arrays_are_read_without_the_network(path):
    arrays = read_arrays(path)
    assert set(arrays) == {"styles", "labels"}
    assert arrays["styles"].dtype == np.float32
    assert arrays["labels"].tolist() == [0, 1, 2]


def _nan(tensors, _):
    tensors["model.decoder.letter.weight#step"][0] = float("nan")


def _infinite_array(tensors, _):
    tensors["extra.styles"][0] = float("inf")


def _missing(tensors, _):
    del tensors["model.decoder.start.bias"]


def _reshaped(tensors, _):
    tensors["model.decoder.start.bias"] = torch.zeros(7)


def _short_step(tensors, _):
    tensors["model.decoder.start.weight#step"] = torch.ones(2)


def _other_architecture(_, metadata):
    metadata["architecture"] = "os.system"


def _huge(_, metadata):
    metadata["config"] = json.dumps({**json.loads(metadata["config"]), "condition_width": 10**12})


def _negative(_, metadata):
    metadata["config"] = json.dumps({**json.loads(metadata["config"]), "n_latent": -1})


def _list_for_number(_, metadata):
    metadata["config"] = json.dumps({**json.loads(metadata["config"]), "widths": 5})


def _no_json(_, metadata):
    metadata["config"] = "{"


def _no_object(_, metadata):
    metadata["config"] = "[1]"


BAD_CHANGES = [
    _nan,
    _missing,
    _reshaped,
    _short_step,
    _other_architecture,
    _huge,
    _negative,
    _list_for_number,
    _no_json,
    _no_object,
]


@pytest.mark.parametrize("change", BAD_CHANGES)
def test_a_changed_file_gives_a_sentence(path, change):
    rewrite(path, change)
    with pytest.raises(UserError):
        load_model(path)


def test_arrays_that_are_no_numbers_give_a_sentence(path):
    rewrite(path, _infinite_array)
    with pytest.raises(UserError, match="not all numbers"):
        read_arrays(path)


@pytest.mark.parametrize("content", [b"", b"no weights", struct.pack("<Q", 1 << 60), b"PK\x03\x04" + bytes(90)])
def test_another_file_gives_a_sentence(tmp_path, content):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    for read in (load_model, read_arrays):
        with pytest.raises(UserError):
            read(path)


def test_a_file_that_is_missing_or_a_folder_gives_a_sentence(tmp_path):
    for path in (tmp_path / "gone.safetensors", tmp_path):
        with pytest.raises(UserError):
            load_model(path)


def test_a_card_is_one_that_the_registry_reads(tmp_path):
    card = {"id": "vae/x", "title": "X", "task": "t", "licence": "MIT", "data": "d", "n_params": 3}
    axes = [Axis("shape_1", "Shape 1", "shape", 0.0123456, (-2.0, 2.0), True)]
    write_card(tmp_path / "x.json", card, [Check("Nats", 144.12345, 155.0, False)], axes)
    read = read_card(tmp_path / "x.json")
    assert read.figures == {"Nats": 144.1}
    assert read.more["axes"][0]["trained_range"] == [-2.0, 2.0]
    assert read.more["checks"][0]["floor"] == 155.0


def test_a_check_knows_on_which_side_of_its_floor_it_is():
    assert Check("a", 2.0, 1.0).is_reached
    assert not Check("a", 2.0, 1.0, False).is_reached
