"""Weights of one byte: nearly lossless, and a file that is not what it should be is refused in one sentence."""

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from studio.core.error import UserError
from studio.nn.quantised import STEP, packed, packed_keys, read_packed


@pytest.fixture
def weight():
    torch.manual_seed(0)
    return torch.randn(48, 16, 3, 3) * torch.logspace(-4, 2, 48)[:, None, None, None]


def read_back(tensors, path, key, shape):
    save_file(tensors, path)
    with safe_open(path, "pt") as file:
        return read_packed(file, key, shape)


def test_each_channel_loses_less_than_one_in_a_hundred(tmp_path, weight):
    tensors = packed("a.weight", weight)
    assert tensors["a.weight"].dtype == torch.int8
    back = read_back(tensors, tmp_path / "w.safetensors", "a.weight", weight.shape)
    error = (back - weight).flatten(1).norm(dim=1) / weight.flatten(1).norm(dim=1)
    assert float(error.max()) < 0.01


def test_no_weight_is_off_by_more_than_half_a_step(tmp_path, weight):
    tensors = packed("a.weight", weight)
    back = read_back(tensors, tmp_path / "w.safetensors", "a.weight", weight.shape)
    half = tensors["a.weight" + STEP].float() * 0.51
    # The step is rounded to float16, so that the largest weight of a channel may be cut by a thousandth of itself.
    assert bool(((back - weight).abs().flatten(1).amax(1) <= torch.maximum(half, half * 127 / 500)).all())


@pytest.mark.parametrize("key", ["a.bias", "a.centre"])
def test_what_is_no_weight_stays_a_float(key):
    assert packed(key, torch.ones(64, 64))[key].dtype == torch.float16


def test_small_weights_stay_floats():
    assert packed("a.weight", torch.ones(7, 73))["a.weight"].dtype == torch.float16
    assert packed("a.weight", torch.ones(8, 64))["a.weight"].dtype == torch.int8


def test_a_channel_of_zeros_stays_zero(tmp_path):
    back = read_back(packed("a.weight", torch.zeros(8, 64)), tmp_path / "w.safetensors", "a.weight", (8, 64))
    assert bool((back == 0).all())


def test_keys_of_steps_belong_to_their_tensors():
    assert packed_keys({"a", "a" + STEP, "b", "c" + STEP}) == {"a", "b", "c" + STEP}


@pytest.mark.parametrize("damage", ["missing", "shape", "step shape", "no step", "nan"])
def test_a_tensor_that_does_not_fit_is_refused(tmp_path, weight, damage):
    tensors = packed("a.weight", weight)
    if damage == "missing":
        tensors = {"b.weight": torch.ones(2)}
    elif damage == "shape":
        tensors["a.weight"] = tensors["a.weight"][:, :8].contiguous()
    elif damage == "step shape":
        tensors["a.weight" + STEP] = torch.ones(3)
    elif damage == "no step":
        del tensors["a.weight" + STEP]
    else:
        tensors["a.weight" + STEP][3] = float("nan")
    with pytest.raises(UserError):
        read_back(tensors, tmp_path / "w.safetensors", "a.weight", weight.shape)
