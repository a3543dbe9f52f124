"""Generators in files of other programs draw what they drew before, and what does not fit is named."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from plugins.gan.foreign.stylegan.layers import MEAN_SAMPLES, mean_place
from plugins.gan.foreign.stylegan.reader import describe_stylegan, read_stylegan
from plugins.gan.foreign.stylegan.stylegan2 import StyleGan2Config, StyleGan2Noise
from plugins.gan.foreign.stylegan.stylegan3 import StyleGan3, StyleGan3Config
from studio.core.error import UserError

from .stylegan_made import CLASSES, THREE, THREE_R, TWO, made, nvidia_pickle, rosinality_state, torch_bytes

CONFIGS: dict[str, StyleGan2Config | StyleGan3Config] = {
    "skip": TWO,
    "orig": replace(TWO, architecture="orig"),
    "resnet": replace(TWO, architecture="resnet"),
    "classes": replace(TWO, mapping=CLASSES),
    "no noise": replace(TWO, has_noise=False),
    "grey": replace(TWO, n_colours=1),
    "4 px": replace(TWO, widths=(8,)),
    "T": THREE,
    "R": THREE_R,
    "T with classes": replace(THREE, mapping=CLASSES),
}


def picture(network: Any) -> torch.Tensor:
    ws = torch.randn(2, len(network.layer_px), 24, generator=torch.Generator().manual_seed(5))
    found: torch.Tensor = network.draw(ws) if isinstance(network, StyleGan3) else network.draw(ws, StyleGan2Noise(), 64)
    return found


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", CONFIGS)
def test_a_pickle_of_nvidias_draws_the_same(tmp_path: Path, name: str) -> None:
    network = made(CONFIGS[name])
    path = written(tmp_path / "network.pkl", nvidia_pickle(network))
    found = read_stylegan(path)
    assert found.config == network.config
    assert torch.equal(picture(found), picture(network))
    z = torch.randn(2, 16)
    assert torch.equal(found.mapping(z), network.mapping(z))
    assert not any(value.requires_grad for value in found.state_dict().values())
    about = describe_stylegan(path)
    assert about.author == "NVIDIA"
    assert about.size_px == network.size_px
    assert about.architecture == {"T": "StyleGAN3-T", "R": "StyleGAN3-R"}.get(name[0], "StyleGAN2")
    assert about.n_params == sum(value.numel() for value in network.state_dict().values())


def test_averaged_weights_are_taken_and_moved_modules_do_not_matter(tmp_path: Path) -> None:
    from tests.fixtures.network_pickle import network_part

    raw, averaged = made(TWO, 1), made(TWO, 2)
    data = nvidia_pickle(
        averaged,
        root={"G": network_part(raw, {}), "D": network_part(raw, {})},
        persistence="legacy.torch_utils.persistence",
        dnnlib="legacy.dnnlib.util",
    )
    found = read_stylegan(written(tmp_path / "network.pkl", data))
    assert torch.equal(picture(found), picture(averaged))


@pytest.mark.parametrize("is_legacy", [True, False], ids=["before 2020", "today"])
@pytest.mark.parametrize("wrap", ["", "G_ema", "module."])
def test_state_dictionaries_of_nvidias_are_known_by_their_names(tmp_path: Path, is_legacy: bool, wrap: str) -> None:
    network = made(replace(TWO, clamp=float("inf")))
    state: Any = network.state_dict()
    if wrap == "module.":
        state = {f"module.{name}": value for name, value in state.items()}
    root = {"G_ema": state, "fid": 3.5} if wrap == "G_ema" else state
    found = read_stylegan(written(tmp_path / "a.pt", torch_bytes(root, is_legacy=is_legacy)))
    assert torch.equal(picture(found), picture(network))


@pytest.mark.parametrize("is_legacy", [True, False], ids=["before 2020", "today"])
def test_a_file_of_rosinalitys_draws_the_same(tmp_path: Path, is_legacy: bool) -> None:
    network = made(replace(TWO, clamp=float("inf")))
    other = rosinality_state(made(TWO, 4))
    root = {"g": other, "d": {}, "g_ema": rosinality_state(network), "latent_avg": network.mapping.w_avg.clone()}
    found = read_stylegan(path := written(tmp_path / "a.pt", torch_bytes(root, is_legacy=is_legacy)))
    torch.testing.assert_close(picture(found), picture(network), atol=1e-4, rtol=1e-4)
    assert torch.equal(found.mapping.w_avg, network.mapping.w_avg)
    assert describe_stylegan(path).author == "rosinality"


def test_what_rosinalitys_checkpoints_leave_out_is_made(tmp_path: Path) -> None:
    """Older ones have no noise of their own, those of a training no mean, but its arguments."""
    from argparse import Namespace

    network = made(replace(TWO, clamp=float("inf")))
    state = rosinality_state(network, has_noises=False)
    root = {"g_ema": state, "args": Namespace(size=64, mixing=0.9), "ada_aug_p": 0}
    path = written(tmp_path / "a.pt", torch_bytes(root))
    found: Any = read_stylegan(path)
    again: Any = read_stylegan(path)
    assert torch.equal(picture(found), picture(again))
    torch.testing.assert_close(found.mapping.w_avg, mean_place(found.mapping, MEAN_SAMPLES))
    quiet = [net.draw(torch.ones(1, 10, 24), StyleGan2Noise(0.0), 64) for net in (found, network)]
    torch.testing.assert_close(*quiet, atol=1e-4, rtol=1e-4)


def test_what_shapes_cannot_tell_is_read_from_the_arguments(tmp_path: Path) -> None:
    config = replace(
        THREE,
        n_critical=1,
        first_cutoff=2.5,
        first_stopband=5.0,
        last_stopband_rel=1.5,
        output_scale=0.5,
        n_taps=4,
        clamp=9.0,
    )
    kwargs = {
        "num_critical": 1,
        "first_cutoff": 2.5,
        "first_stopband": 5.0,
        "last_stopband_rel": 1.5,
        "output_scale": 0.5,
        "synthesis_kwargs": {"conv_clamp": 9, "filter_size": 4},
    }
    network = made(config)
    path = tmp_path / "network.pkl"
    found = read_stylegan(written(path, nvidia_pickle(network, kwargs=kwargs)))
    assert found.config == config
    assert torch.equal(picture(found), picture(network))
    paced = replace(TWO, mapping=replace(TWO.mapping, pace=0.02), clamp=float("inf"))
    attributes = {"mapping.fc0": {"bias_gain": 0.02}, "synthesis.b4.conv1": {"conv_clamp": None, "activation": "lrelu"}}
    data = nvidia_pickle(made(paced), attributes=attributes)
    assert read_stylegan(written(path, data)).config == paced


def changed(config: StyleGan2Config | StyleGan3Config, **arrays: Any) -> bytes:
    """A state dictionary with some arrays replaced, or left out where they are None; dots are double underscores."""
    state = dict(made(config).state_dict())
    for name, value in arrays.items():
        key = name.replace("__", ".")
        state = {k: v for k, v in state.items() if k != key} | ({} if value is None else {key: value})
    return torch_bytes(state)


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (torch_bytes({}), "not contain"),
    "another network": (torch_bytes({"layer.weight": torch.ones(2, 2)}), "not contain"),
    "a list": (torch_bytes([torch.ones(2)]), "not contain"),
    "no mapping": (changed(TWO, mapping__fc0__weight=None), "mapping"),
    "a layer too many": (changed(TWO, mapping__fc2__weight=torch.ones(24, 24)), "fc2"),
    "no const": (changed(TWO, synthesis__b4__const=None), "StyleGAN2"),
    "a missing array": (changed(TWO, synthesis__b8__conv0__bias=None), "b8.conv0.bias"),
    "an array too many": (changed(TWO, synthesis__b8__conv2__bias=torch.ones(3)), "b8.conv2.bias"),
    "another shape": (changed(TWO, synthesis__b8__conv0__bias=torch.ones(3)), "b8.conv0.bias"),
    "another kernel": (changed(TWO, synthesis__b8__conv1__weight=torch.ones(16, 16, 5, 5)), "b8.conv1.weight"),
    "a gap in the sizes": (changed(TWO, synthesis__b16__conv1__weight=None), "b16"),
    "four colours": (changed(replace(TWO, n_colours=4)), "4 channels"),
    "not a number": (changed(TWO, synthesis__b8__conv0__bias=torch.full((16,), float("nan"))), "NaN"),
    "whole numbers": (changed(TWO, synthesis__b8__conv0__bias=torch.ones(16, dtype=torch.int64)), "int64"),
    "one number many times": (
        changed(TWO, mapping__fc1__weight=torch.ones(1, 1).expand(24, 4096)),
        "larger than their data",
    ),
    "a layer without its filter": (changed(THREE, synthesis__L2_52_10__up_filter=None), "up_filter"),
    "too few layers": (changed(replace(THREE, widths=(8, 8, 3), n_critical=1)), "num_layers"),
    "activations of another kind": (
        nvidia_pickle(made(TWO), attributes={"synthesis.b8.conv0": {"activation": "relu"}}),
        "activation",
    ),
    "a clamp that is a text": (
        nvidia_pickle(made(THREE), kwargs={"synthesis_kwargs": {"conv_clamp": "x"}}),
        "conv_clamp",
    ),
    "a cutoff beyond reason": (nvidia_pickle(made(THREE), kwargs={"first_cutoff": -1.0}), "first_cutoff"),
    "other filters than were said": (nvidia_pickle(made(THREE), kwargs={"margin_size": 12}), "synthesis.L0"),
    "a part of rosinality's that is new": (
        torch_bytes({"g_ema": rosinality_state(made(TWO)) | {"extra.weight": torch.ones(2)}}),
        "extra.weight",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_by_name(tmp_path: Path, name: str) -> None:
    data, named = REFUSED[name]
    with pytest.raises(UserError) as refusal:
        read_stylegan(written(tmp_path / "a.pkl", data))
    assert named in str(refusal.value)
