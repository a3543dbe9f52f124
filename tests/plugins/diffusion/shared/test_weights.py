"""Model files: nearly lossless when whole, one sentence when not, no memory for what is only claimed."""

import json
import struct
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from plugins.diffusion.pictures.model.autoencoder import AutoencoderConfig
from plugins.diffusion.pictures.model.networks import (
    Cascade,
    LatentDiffusion,
    LatentDiffusionConfig,
    PixelDiffusion,
    PixelDiffusionConfig,
    n_params,
)
from plugins.diffusion.pictures.model.text_encoder import TextConfig, TextEncoder
from plugins.diffusion.pictures.model.unet import UNetConfig
from plugins.diffusion.shared.model.noise_schedule import NoiseSchedule
from plugins.diffusion.shared.weights import KINDS, empty_network, load_network, open_model, read_config, save_model
from studio.api.engine import Device, ModelSource
from studio.core.error import UserError
from tests.plugins.diffusion.tiny_network import KINDS as MADE
from tests.plugins.diffusion.tiny_network import WORDS, made_network

CPU = Device("cpu", "float32", 1)
ROOT = Path(__file__).parents[4]


@pytest.fixture
def path(tmp_path):
    save_model(tmp_path / "model.safetensors", made_network("latent"))
    return tmp_path / "model.safetensors"


def metadata_of(path):
    content = path.read_bytes()
    return json.loads(content[8 : 8 + struct.unpack("<Q", content[:8])[0]])["__metadata__"]


def rewrite(path, change):
    """Change the tensors and the metadata of a file."""
    tensors, metadata = load_file(path), metadata_of(path)
    change(tensors, metadata)
    save_file(tensors, path, metadata)


@pytest.mark.parametrize("kind", MADE)
def test_every_kind_comes_back_as_it_was(tmp_path, kind):
    network = made_network(kind)
    save_model(tmp_path / "m.safetensors", network)
    architecture, loaded = load_network(tmp_path / "m.safetensors")
    assert architecture == type(network).__name__
    assert loaded.config == network.config
    assert not loaded.training
    for name, value in loaded.state_dict().items():
        wanted = network.state_dict()[name]
        assert value.dtype == torch.float32
        assert float((value - wanted).norm()) <= 0.01 * float(wanted.norm()) + 1e-6, name
    assert all(not weight.requires_grad for weight in loaded.parameters())
    open_model(ModelSource("diffusion/x", tmp_path / "m.safetensors"), CPU)


def test_what_is_said_is_hardly_changed(tmp_path):
    """At the sizes of shipped models: one byte a weight, and a squared error of less than a thousandth."""
    torch.manual_seed(0)
    network = PixelDiffusion(PixelDiffusionConfig(UNetConfig(context_width=32), text=TextConfig(WORDS, 8, 32, 1)))
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.02 * torch.randn_like(weight))
    save_model(tmp_path / "m.safetensors", network)
    loaded = load_network(tmp_path / "m.safetensors")[1]
    x, time, ids = (
        torch.randn(2, 3, 16, 16),
        torch.tensor([100, 900]),
        TextEncoder(TextConfig(WORDS, 8, 32, 1)).ids(["a red fox", ""]),
    )
    with torch.no_grad():
        said, again = network(x, time, ids=ids), loaded(x, time, ids=ids)
    assert float((said - again).square().mean()) < 1e-3 * float(said.square().mean())
    assert (tmp_path / "m.safetensors").stat().st_size < 1.1 * n_params(network)


def _change_config(key, value):
    def change(_, metadata):
        config = json.loads(metadata["config"])
        *way, last = key
        place = config
        for name in way:
            place = place[name]
        place[last] = value
        metadata["config"] = json.dumps(config)

    return change


UNET_KEYS = ("diffusion", "unet")
HOSTILE = {
    "no architecture": lambda _, metadata: metadata.pop("architecture"),
    "another architecture": lambda _, metadata: metadata.update(architecture="GaussianSplats"),
    "no config": lambda _, metadata: metadata.pop("config"),
    "config is no JSON": lambda _, metadata: metadata.update(config="{"),
    "config is a list": lambda _, metadata: metadata.update(config="[]"),
    "deep JSON": lambda _, metadata: metadata.update(config="[" * 100_000),
    "huge width": _change_config((*UNET_KEYS, "widths"), [1 << 40, 8]),
    "wide beyond any": _change_config((*UNET_KEYS, "widths"), [4096, 4096]),
    "negative": _change_config((*UNET_KEYS, "size_px"), -8),
    "zero fold": _change_config((*UNET_KEYS, "fold"), 0),
    "true": _change_config((*UNET_KEYS, "fold"), True),
    "a float": _change_config((*UNET_KEYS, "embedding_width"), 16.0),
    "many blocks": _change_config((*UNET_KEYS, "n_blocks"), [4000, 4000]),
    "a thousand levels": _change_config((*UNET_KEYS, "widths"), [8] * 1000),
    "target of another kind": _change_config((*UNET_KEYS, "target"), "__import__"),
    "unknown field": _change_config((*UNET_KEYS, "hook"), 1),
    "long words": _change_config(("diffusion", "text", "words"), ["x" * 1_000_000]),
    "too many words": _change_config(("diffusion", "text", "words"), ["x"] * 100_000),
    "words of another kind": _change_config(("diffusion", "text", "words"), [1]),
    "not a number of noise": _change_config(("diffusion", "schedule", "beta_end"), float("nan")),
    "no times": _change_config(("diffusion", "schedule", "n_times"), 0),
    "nothing but noise": _change_config(
        ("diffusion", "schedule"),
        {"kind": "linear", "n_times": 10, "beta_start": 0.0, "beta_end": 1.0, "table": [], "layout": None},
    ),
    "text that does not fit": _change_config(("diffusion", "text", "width"), 32),
    "autoencoder that does not fit": _change_config(("autoencoder", "n_latent"), 5),
    "tensor missing": lambda tensors, _: tensors.pop("model.diffusion.unet.enter.bias"),
    "tensor too much": lambda tensors, _: tensors.update({"model.more": torch.ones(1)}),
    "step alone": lambda tensors, _: tensors.update({"model.more#step": torch.ones(1)}),
    "another shape": lambda tensors, _: tensors.update({"model.diffusion.unet.enter.bias": torch.ones(7)}),
    "NaN": lambda tensors, _: tensors["model.diffusion.unet.enter.bias"].fill_(float("nan")),
    "infinity": lambda tensors, _: tensors["model.autoencoder.spread"].fill_(float("inf")),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(path, name):
    rewrite(path, HOSTILE[name])
    with pytest.raises(UserError):
        load_network(path)


def test_no_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing.safetensors"):
        with pytest.raises(UserError, match="missing"):
            load_network(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 3000), byte=st.integers(0, 255), length=st.integers(0, 4000))
def test_a_damaged_file_is_refused_or_read(path, tmp_path, place, byte, length):
    content = bytearray(path.read_bytes())
    content[place] = byte
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(content[: len(content) - length])
    try:
        network = load_network(damaged)[1]
    except UserError:
        return
    assert all(bool(value.isfinite().all()) for value in network.state_dict().values())


def test_claimed_sizes_take_no_memory():
    config = json.loads(
        json.dumps(asdict(LatentDiffusionConfig(PixelDiffusionConfig(UNetConfig(n_channels=8)), AutoencoderConfig())))
    )
    assert {value.device.type for value in empty_network("LatentDiffusion", config).state_dict().values()} == {"meta"}
    config["autoencoder"]["width"] = 4096
    with pytest.raises(UserError, match="larger"):
        empty_network("LatentDiffusion", config)


def test_a_configuration_survives_json():
    for kind in MADE:
        config = MADE[kind][1]
        assert read_config(type(config), json.loads(json.dumps(asdict(config)))) == config
    foreign = replace(MADE["plain"][1], schedule=NoiseSchedule("linear", 500))
    assert read_config(PixelDiffusionConfig, json.loads(json.dumps(asdict(foreign)))) == foreign


@pytest.mark.long("starts processes of its own")
def test_laying_out_a_network_loads_no_compiler():
    """800 modules of it would make opening a model take seconds."""
    unet = replace(MADE["words"][1].unet, knows_places=1)
    config = json.dumps(asdict(replace(MADE["words"][1], unet=unet)))
    code = (
        "import json, sys\n"
        "from plugins.diffusion.shared.weights import empty_network\n"
        "before = set(sys.modules)\n"
        f"empty_network('PixelDiffusion', json.loads({config!r}))\n"
        "print(len(set(sys.modules) - before))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert int(found.stdout) < 20


def test_every_network_is_one_that_files_may_name():
    assert {PixelDiffusion, LatentDiffusion, Cascade} <= {kind.network for kind in KINDS.values()}
