"""Finds the sizes of a StyleGAN by the names and shapes of its arrays, and the rest in what its file says of it."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor, nn

from studio.core.error import UserError
from studio.core.translation import N_

from .layers import MappingConfig
from .stylegan2 import START_PX, StyleGan2Config, resample_filter
from .stylegan3 import StyleGan3Config

MAX_PX: Final = 4096
MAX_WIDTH: Final = 8192
MAX_LAYERS: Final = 64
_BLOCK: Final = re.compile(r"synthesis\.b(\d{1,5})\.conv1\.weight")
_LAYER: Final = re.compile(r"synthesis\.L(\d{1,2})_(\d{1,5})_(\d{1,5})\.weight")
_FULLY: Final = re.compile(r"mapping\.fc(\d{1,2})\.weight")
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class StyleGanFacts:
    """What a file says besides its arrays: arguments of the generator, and attributes of its parts by their names."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def number(self, name: str, default: float, part: str = "") -> float:
        """A number among the attributes of a part, else among the arguments or those for the synthesis."""
        held = self.arguments.get("synthesis_kwargs")
        places = (self.parts.get(part, {}) if part else {}, held if isinstance(held, Mapping) else {}, self.arguments)
        value = next((place[name] for place in places if name in place), default)
        if value is None or value == math.inf:  # no clamp
            return math.inf
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
            raise _odd(name)
        return value


def config_of(shapes: Shapes, facts: StyleGanFacts) -> StyleGan2Config | StyleGan3Config:
    """The sizes of a generator; raises UserError where it is of no kind that is read here."""
    mapping = _mapping(shapes, facts)
    _check_activations(facts)
    if "synthesis.b4.const" in shapes:
        return _two(mapping, shapes, facts)
    if "synthesis.input.freqs" in shapes:
        return _three(mapping, shapes, facts)
    raise UserError(N_("This generator starts in a way that neither StyleGAN2 nor StyleGAN3 does."))


def missing_buffers(network: nn.Module, names: Collection[str]) -> dict[str, Tensor]:
    """What some files of StyleGAN2 leave out: filters that are always the same, fixed noise, and the mean w."""
    missing = {name: value.shape for name, value in network.state_dict().items() if name not in names}
    generator = torch.Generator().manual_seed(0)
    found: dict[str, Tensor] = {}
    for name, shape in missing.items():
        if name.endswith(".resample_filter"):
            found[name] = resample_filter()
        elif name.endswith(".noise_const"):
            found[name] = torch.randn(shape, generator=generator)
        elif name == "mapping.w_avg":
            found[name] = torch.zeros(shape)
    return found


def _check_activations(facts: StyleGanFacts) -> None:
    """Hidden layers are leaky; only colours and what prepares a style or a class are linear."""
    for name, attributes in facts.parts.items():
        if name.rpartition(".")[2].startswith(("fc", "conv")) and attributes.get("activation", "lrelu") != "lrelu":
            raise _odd("activation")


def _mapping(shapes: Shapes, facts: StyleGanFacts) -> MappingConfig:
    n_layers = sum(bool(_FULLY.fullmatch(name)) for name in shapes)
    widths = tuple(_size(shapes, f"mapping.fc{i}.weight", 0) for i in range(n_layers))
    n_embedded, n_classes = 0, 0
    if "mapping.embed.weight" in shapes:
        n_embedded, n_classes = (_size(shapes, "mapping.embed.weight", axis) for axis in (0, 1))
    n_z = (_size(shapes, "mapping.fc0.weight", 1) if n_layers else 0) - n_embedded
    if not 1 <= n_layers <= MAX_LAYERS or n_z < 1:
        raise UserError(N_("The mapping network in this file is not a StyleGAN’s."))
    pace = facts.number("bias_gain", 0.01, "mapping.fc0") if "mapping.fc0" in facts.parts else 0.01
    return MappingConfig(n_z, widths, n_classes, n_embedded, pace)


def _two(mapping: MappingConfig, shapes: Shapes, facts: StyleGanFacts) -> StyleGan2Config:
    n_blocks = sum(bool(_BLOCK.fullmatch(name)) for name in shapes)
    sizes = [START_PX << i for i in range(n_blocks)]
    if n_blocks < 1 or sizes[-1] > MAX_PX:
        raise _odd("img_resolution")
    widths = tuple(_size(shapes, f"synthesis.b{px}.conv1.weight", 0) for px in sizes)
    last = f"synthesis.b{sizes[-1]}"
    if any(name.endswith(".skip.weight") for name in shapes):
        architecture = "resnet"
    else:
        architecture = "skip" if "synthesis.b4.torgb.weight" in shapes else "orig"
    return StyleGan2Config(
        mapping,
        widths,
        _colours(_size(shapes, f"{last}.torgb.weight", 0)),
        architecture,
        clamp=facts.number("conv_clamp", math.inf, "synthesis.b4.conv1"),
        has_noise="synthesis.b4.conv1.noise_strength" in shapes,
    )


def _three(mapping: MappingConfig, shapes: Shapes, facts: StyleGanFacts) -> StyleGan3Config:
    found = sorted(tuple(map(int, match.groups())) for match in map(_LAYER.fullmatch, shapes) if match)
    if len(found) < 4 or [index for index, _, _ in found] != list(range(len(found))):
        raise _odd("num_layers")
    (_, size_px, n_colours), n_layers = found[-1], len(found) - 1
    n_critical = facts.number("num_critical", 2)
    if not 1 <= size_px <= MAX_PX or not 0 <= n_critical < n_layers or n_critical != int(n_critical):
        raise _odd("num_critical")
    first = "synthesis.L{}_{}_{}".format(*found[0])
    return StyleGan3Config(
        mapping,
        size_px,
        (*(n for _, _, n in found[:-1]), _colours(n_colours)),
        int(n_critical),
        first_cutoff=_positive(facts, "first_cutoff", 2.0),
        first_stopband=_positive(facts, "first_stopband", 2**2.1),
        last_stopband_rel=_positive(facts, "last_stopband_rel", 2**0.3),
        margin_px=int(_positive(facts, "margin_size", 10)),
        output_scale=facts.number("output_scale", 0.25),
        kernel_px=_size(shapes, f"{first}.weight", 3),
        is_radial=len(shapes.get(f"{first}.down_filter", ())) == 2,
        n_taps=int(_positive(facts, "filter_size", 6)),
        oversampling=int(_positive(facts, "lrelu_upsampling", 2)),
        clamp=facts.number("conv_clamp", 256.0),
    )


def _positive(facts: StyleGanFacts, name: str, default: float) -> float:
    value = facts.number(name, default)
    if not 0 < value <= MAX_PX:
        raise _odd(name)
    return value


def _size(shapes: Shapes, name: str, axis: int) -> int:
    shape = shapes.get(name, ())
    if axis >= len(shape) or not 1 <= shape[axis] <= MAX_WIDTH:
        raise _odd(name)
    return shape[axis]


def _colours(n_colours: int) -> int:
    if n_colours not in (1, 3):
        sentence = N_("The pictures of this generator have {n} channels: only 1 or 3 can be shown.")
        raise UserError(sentence.format(n=n_colours))
    return n_colours


def _odd(name: str) -> UserError:
    return UserError(N_("This generator has a “{name}” that cannot be read here.").format(name=name))
