"""Reads generators of StyleGAN2 and StyleGAN3 from other people's files, by the names and shapes of their arrays.

NVIDIA's pickles (StyleGAN2-ADA, StyleGAN3), their state dictionaries as torch files, and rosinality's torch files,
whose arrays get the names that NVIDIA uses. Where a file also says how the generator was made, what its shapes cannot
tell is taken from there.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.core.container.signature import START_BYTES, sniff_format
from studio.core.container.source import open_regular, printable
from studio.core.container.weights.network_pickle import is_part, open_network_pickle, part_tensors, walk_parts
from studio.core.container.weights.pickle_reader import PickledTensor
from studio.core.container.weights.torch_weights import TorchWeights, open_torch
from studio.core.error import UserError
from studio.core.pausing import pause
from studio.core.translation import N_

from .layers import MEAN_SAMPLES, mean_place
from .shapes import StyleGanFacts, config_of, missing_buffers
from .stylegan2 import StyleGan2, StyleGan2Config
from .stylegan3 import StyleGan3, StyleGan3Config

Tensors = dict[str, PickledTensor]
_PARTS: Final = {
    "conv.weight": "weight",
    "conv.modulation.weight": "affine.weight",
    "conv.modulation.bias": "affine.bias",
    "noise.weight": "noise_strength",
    "activate.bias": "bias",
    "bias": "bias",
    "conv.blur.kernel": "resample_filter",
}
_LAYER: Final = re.compile(r"(conv1|to_rgb1|convs\.\d{1,2}|to_rgbs\.\d{1,2})\.(.+)")
_MAPPING: Final = re.compile(r"style\.(\d{1,2})\.(weight|bias)")
_NOISE: Final = re.compile(r"noises\.noise_(\d{1,2})")
Network = StyleGan2 | StyleGan3
_GENERATORS: Final = ("G_ema", "g_ema", "Gs", "G", "g", "generator", "state_dict")
_PREFIXES: Final = ("module.", "G_ema.", "generator.", "g_ema.")


def is_rosinality(state: Mapping[str, PickledTensor]) -> bool:
    """Whether the names are those of rosinality's generator."""
    return {"input.input", "conv1.conv.weight", "style.1.weight"} <= set(state)


def named_as_nvidia(state: Tensors, mean_w: PickledTensor | None) -> tuple[Tensors, dict[str, float]]:
    """The arrays by NVIDIA's names, and what some have to be multiplied by.

    Weights of 3x3 pixels are scaled when they are used, filters have the sum 4 and not 1, and all have a first axis of
    one. Raises UserError for a name that is not known.
    """
    tensors: Tensors = {} if mean_w is None else {"mapping.w_avg": _flat(mean_w)}
    scales: dict[str, float] = {}
    for name, tensor in state.items():
        if name.endswith(".upsample.kernel"):  # the same filter that the block's first layer has
            continue
        ours = _renamed(name)
        tensors[ours] = shaped = _reshaped(ours, tensor)
        if ours.endswith(".weight") and ".conv" in ours and len(shaped.shape) == 4:
            scales[ours] = 1 / math.sqrt(math.prod(shaped.shape[1:]))
        elif ours.endswith(".resample_filter"):
            scales[ours] = 0.25
    return tensors, scales


def _renamed(name: str) -> str:
    if name == "input.input":
        return "synthesis.b4.const"
    if match := _MAPPING.fullmatch(name):
        return f"mapping.fc{int(match[1]) - 1}.{match[2]}"
    if match := _NOISE.fullmatch(name):
        return f"synthesis.{_conv(int(match[1]))}.noise_const"
    match = _LAYER.fullmatch(name)
    if match and match[2] in _PARTS:
        return f"synthesis.{_place(match[1])}.{_PARTS[match[2]]}"
    raise UserError(N_("This generator has a part “{name}” that cannot be read here.").format(name=printable(name)))


def _place(layer: str) -> str:
    """The block and the layer in it: conv1 is that of 4 px, convs.0 the first of 8 px."""
    kind, _, number = layer.partition(".")
    if kind == "conv1":
        return _conv(0)
    if kind == "convs":
        return _conv(int(number) + 1)
    return f"b{4 << (int(number) + 1 if number else 0)}.torgb"


def _conv(index: int) -> str:
    """The layer by its number among all convolutions with 3x3 pixels."""
    return f"b{4 << (index + 1) // 2}.conv{(index + 1) % 2}"


def _reshaped(name: str, tensor: PickledTensor) -> PickledTensor:
    """Without axes of one that NVIDIA's arrays do not have."""
    n_axes = {"weight": 4, "const": 3, "noise_const": 2, "noise_strength": 0, "bias": 1, "resample_filter": 2}
    part = name.rpartition(".")[2]
    wanted = 2 if "affine" in name or "mapping" in name else n_axes[part]
    return _without_ones(tensor, 1 if part == "bias" else wanted)


def _flat(tensor: PickledTensor) -> PickledTensor:
    return _without_ones(tensor, 1)


def _without_ones(tensor: PickledTensor, n_axes: int) -> PickledTensor:
    """Axes of one are dropped, the first ones first, then the last ones, until so many are left."""
    shape, stride = list(tensor.shape), list(tensor.stride)
    for end in (0, -1):
        while len(shape) > n_axes and len(shape) == len(stride) and shape[end] == 1:
            del shape[end], stride[end]
    return PickledTensor(tensor.storage, tensor.dtype, tensor.offset, tuple(shape), tuple(stride))


@dataclass(frozen=True)
class FoundGenerator:
    """A generator in a file.

    Attributes:
        author: "NVIDIA" or "rosinality".
        tensors: its arrays by NVIDIA's names; `scales` is what some of them are multiplied by.
        facts: what the file says of it besides.
    """

    author: str
    tensors: dict[str, PickledTensor]
    facts: StyleGanFacts = field(default_factory=StyleGanFacts)
    scales: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class StyleGanFile:
    """What a file holds: a generator's sizes, and the names, shapes and types of its arrays."""

    author: str
    config: StyleGan2Config | StyleGan3Config
    shapes: dict[str, tuple[int, ...]]
    n_params: int

    @property
    def architecture(self) -> str:
        """Which StyleGAN it is: "StyleGAN2", "StyleGAN3-T" or "StyleGAN3-R"."""
        if isinstance(self.config, StyleGan2Config):
            return "StyleGAN2"
        return "StyleGAN3-R" if self.config.is_radial else "StyleGAN3-T"

    @property
    def size_px(self) -> int:
        """The side of its pictures."""
        return self.config.sizes_px[-1] if isinstance(self.config, StyleGan2Config) else self.config.size_px


def describe_stylegan(path: Path) -> StyleGanFile:
    """Say what a file holds, without its numbers; raises UserError where it holds no generator that is read here."""
    with _opened(path) as weights:
        return _described(_find(weights.root))


def read_stylegan(path: Path, check: Callable[[StyleGanFile], None] = lambda about: None) -> Network:
    """The generator in a file: float32, on the processor, in eval mode, without gradients.

    `check` sees what the file holds before any numbers are read, and may raise UserError.

    Raises UserError where the file is broken, holds no generator that is read here, or values that are not numbers.
    """
    with _opened(path) as weights:
        found = _find(weights.root)
        about = _described(found)
        check(about)
        network, shapes = _unfilled(about.config), about.shapes
        state = missing_buffers(network, set(shapes))
        for name, tensor in found.tensors.items():
            pause()
            state[name] = _numbers(weights, tensor) * found.scales.get(name, 1.0)
    network.load_state_dict(state, strict=True, assign=True)
    network.eval().requires_grad_(False)
    if "mapping.w_avg" not in shapes:
        network.mapping.w_avg = mean_place(network.mapping, MEAN_SAMPLES)
    return network


def _described(found: FoundGenerator) -> StyleGanFile:
    shapes = {name: tensor.shape for name, tensor in found.tensors.items()}
    config = config_of(shapes, found.facts)
    _check(_unfilled(config), shapes)
    return StyleGanFile(found.author, config, shapes, sum(map(math.prod, shapes.values())))


@contextmanager
def _opened(path: Path) -> Iterator[TorchWeights]:
    with open_regular(path) as file:
        is_pickle = sniff_format(file.read(START_BYTES)) == "pickle"
    with (open_network_pickle if is_pickle else open_torch)(path) as weights:
        yield weights


def _find(root: Any) -> FoundGenerator:
    """The generator below the root, whose arrays promise no more numbers than there are."""
    found = _generator(root)
    stored = {tensor.storage.key: tensor.storage.n_elements for tensor in found.tensors.values()}
    if sum(math.prod(tensor.shape) for tensor in found.tensors.values()) > sum(stored.values()):
        raise UserError(N_("This file describes arrays that are larger than their data."))
    return found


def _generator(root: Any) -> FoundGenerator:
    """That with averaged weights, where there are several."""
    if isinstance(root, dict):
        for value in [*(root[key] for key in _GENERATORS if key in root), root]:
            if is_part(value):
                return FoundGenerator("NVIDIA", part_tensors(value), _facts(value))
            state = _plain_names(value)
            if is_rosinality(state):
                mean = root.get("latent_avg")
                tensors, scales = named_as_nvidia(state, mean if isinstance(mean, PickledTensor) else None)
                return FoundGenerator("rosinality", tensors, scales=scales)
            if any(name.startswith("synthesis.") for name in state):
                return FoundGenerator("NVIDIA", state)
    raise UserError(
        N_("This file does not contain a StyleGAN2 or StyleGAN3 generator."),
        N_("Pickles of NVIDIA’s StyleGAN2-ADA and StyleGAN3, and torch files of rosinality’s StyleGAN2, can be read."),
    )


def _plain_names(state: Any) -> dict[str, PickledTensor]:
    """A state dict's arrays without what wrappers put before all names; empty where it is no state dict."""
    if not isinstance(state, dict) or not all(isinstance(value, PickledTensor) for value in state.values()):
        return {}
    named = {str(name): tensor for name, tensor in state.items()}
    for prefix in _PREFIXES:
        if named and all(name.startswith(prefix) for name in named):
            named = {name.removeprefix(prefix): tensor for name, tensor in named.items()}
    return named


def _facts(part: Any) -> StyleGanFacts:
    """What the generator was made with, and the attributes of its layers."""
    said = part["state"].get("_init_kwargs")
    layers = {name: state for name, state in walk_parts(part) if name.count(".") <= 2}
    return StyleGanFacts(said if isinstance(said, dict) else {}, layers)


def _unfilled(config: StyleGan2Config | StyleGan3Config) -> Network:
    """The network without its numbers; memory that nobody wrote to costs nothing."""
    return StyleGan2(config) if isinstance(config, StyleGan2Config) else StyleGan3(config)


def _check(network: nn.Module, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Every array of the file must have its place, and every place its array, or the picture would be wrong."""
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    spare = missing_buffers(network, set(shapes))
    for name in sorted(set(wanted) | set(shapes)):
        if name in spare or wanted.get(name) == shapes.get(name):
            continue
        sentence = N_("This generator differs from StyleGAN2 and StyleGAN3 in “{name}”, so it cannot be read.")
        raise UserError(sentence.format(name=printable(name)))


def _numbers(weights: TorchWeights, tensor: PickledTensor) -> Tensor:
    numbers = torch.from_numpy(weights.array(tensor))
    if not bool(torch.isfinite(numbers).all()):
        raise UserError(
            N_("Some weights in this file are not numbers (NaN)."), N_("Copy it again, or use an earlier one.")
        )
    return numbers
