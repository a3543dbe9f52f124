"""Makes small generators with random weights, and files of them as other programs write them."""

import io
import math
from typing import Any

import torch
from torch import nn

from plugins.gan.foreign.stylegan.layers import MappingConfig
from plugins.gan.foreign.stylegan.stylegan2 import StyleGan2, StyleGan2Config
from plugins.gan.foreign.stylegan.stylegan3 import StyleGan3, StyleGan3Config
from tests.fixtures.network_pickle import EasyDict, network_part, network_pickle

MAPPING = MappingConfig(16, (24, 24))
CLASSES = MappingConfig(16, (24, 24), n_classes=5, n_embedded=24)
TWO = StyleGan2Config(MAPPING, (16, 16, 12, 8, 8), clamp=256.0)  # 64 px
THREE = StyleGan3Config(MAPPING, 32, (12, 12, 10, 8, 8, 6, 3))
THREE_R = StyleGan3Config(MAPPING, 32, (12, 12, 10, 8, 8, 6, 3), kernel_px=1, is_radial=True)


def made(config: StyleGan2Config | StyleGan3Config, seed: int = 0) -> Any:
    """A generator whose biases, noise and mean are not zero, so that none of them can be forgotten."""
    torch.manual_seed(seed)
    network = StyleGan2(config) if isinstance(config, StyleGan2Config) else StyleGan3(config)
    return filled(network)


def filled(network: nn.Module) -> Any:
    """The same network with random weights as its authors begin with, but for biases and noise."""
    network.eval().requires_grad_(False)
    for name, value in [*network.named_parameters(), *network.named_buffers()]:
        if name.endswith(("bias", "noise_strength", "w_avg")):
            value.normal_(1.0 if "affine" in name else 0.0, 0.3)
        elif not name.endswith(("filter", "transform", "magnitude_ema")):
            value.normal_(0.0, 100.0 if "fc" in name else 1.0)  # the mapping network's pace is 0.01
    if isinstance(network, StyleGan3):
        source = network.synthesis.input
        source.freqs.mul_(source.band.cutoff / source.freqs.norm(dim=1, keepdim=True))
        source.affine.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0]))
    return network


def nvidia_pickle(network: nn.Module, **changes: Any) -> bytes:
    """A pickle as NVIDIA's programs write it: training settings, nothing for the discriminator, and the generator."""
    kwargs = {"z_dim": 16, "mapping_kwargs": EasyDict(num_layers=2), "synthesis_kwargs": EasyDict(conv_clamp=256)}
    part = network_part(network, kwargs | changes.pop("kwargs", {}), changes.pop("attributes", {}))
    root = {"training_set_kwargs": EasyDict(path="/x"), "G": None, "D": None, "augment_pipe": None, "G_ema": part}
    return network_pickle(root | changes.pop("root", {}), **changes)


def torch_bytes(root: Any, *, is_legacy: bool = False) -> bytes:
    """A file as torch.save writes it."""
    file = io.BytesIO()
    torch.save(root, file, _use_new_zipfile_serialization=not is_legacy)
    return file.getvalue()


def rosinality_state(network: Any, *, has_noises: bool = True) -> dict[str, torch.Tensor]:
    """The state of a StyleGAN2 under rosinality's names, shapes and scales."""
    state = network.state_dict()
    found = {"input.input": state["synthesis.b4.const"][None]}
    for name, value in state.items():
        part = name.split(".")
        if part[0] == "mapping" and part[1] != "w_avg":
            found[f"style.{int(part[1][2:]) + 1}.{part[2]}"] = value
        elif name.startswith("synthesis.") and len(part) > 3:
            found |= _rosinality_layer(int(part[1][1:]), part[2], ".".join(part[3:]), value, has_noises)
    return {name: value.clone() for name, value in found.items()}


def _rosinality_layer(
    size_px: int, layer: str, kind: str, value: torch.Tensor, has_noises: bool
) -> dict[str, torch.Tensor]:
    block = int(math.log2(size_px)) - 2
    if layer == "torgb":
        place = f"to_rgbs.{block - 1}" if block else "to_rgb1"
        named = {
            "weight": ("conv.weight", value[None]),
            "bias": ("bias", value.view(1, -1, 1, 1)),
            "affine.weight": ("conv.modulation.weight", value),
            "affine.bias": ("conv.modulation.bias", value),
        }
        extra = {} if block == 0 or kind != "bias" else {f"{place}.upsample.kernel": kernel()}
        return {f"{place}.{named[kind][0]}": named[kind][1], **extra}
    index = 2 * block - 1 + int(layer[-1])
    place = f"convs.{index - 1}" if block else "conv1"
    if kind == "noise_const":
        return {f"noises.noise_{index}": value[None, None]} if has_noises else {}
    if kind == "resample_filter":
        return {f"{place}.conv.blur.kernel": kernel()} if layer == "conv0" else {}
    if kind == "noise_strength":
        return {f"{place}.noise.weight": value.view(1)}
    scale = math.sqrt(math.prod(value.shape[1:])) if kind == "weight" else 1.0  # theirs is divided when it is used
    named = {
        "weight": ("conv.weight", value[None] * scale),
        "bias": ("activate.bias", value),
        "affine.weight": ("conv.modulation.weight", value),
        "affine.bias": ("conv.modulation.bias", value),
    }
    return {f"{place}.{named[kind][0]}": named[kind][1]}


def kernel() -> torch.Tensor:
    """[1, 3, 3, 1] along both axes with the sum 4."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    return torch.outer(taps, taps) / 16
