"""Reads a Hugging Face folder of an XLNet: what it is and whether it is whole, without loading it; no torch.

The library's network is that of Yang et al. 2019 as its authors published it: layers are normalised behind what they
read, each layer has biases of its own, and no start stands in front.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from studio.core.container.json_settings import Settings
from studio.core.container.source import printable
from studio.core.container.weights.folder import read_arrays, read_object
from studio.core.error import UserError
from studio.core.translation import N_

from ..infill.model.config import XLNetConfig
from .folder import CONFIG, MAX_LAYERS, MAX_VOCAB, MAX_WIDTH, ModelFolder, Shape, check_arrays

Activation: TypeAlias = Literal["gelu", "gelu_tanh", "relu", "silu"]
MODEL_TYPE: Final = "xlnet"
HEAD: Final = "XLNetLMHeadModel"
N_CONTEXT: Final = 512
"""Tokens that the published models learnt to read at once; there is no bound in the network."""
MAX_PARAMS: Final = 2_000_000_000
_ACTIVATIONS: Final[Mapping[str, Activation]] = {
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
}
# Which segment a word is in matters only where there are two; the head is the table of words once more.
_USELESS: Final = re.compile(r".*\.(r_s_bias|seg_embed)|lm_loss\.weight")


@dataclass(frozen=True)
class PublishedConfig(XLNetConfig):
    """Attributes:
    activation: inside each layer. norm_eps: added to variances.
    farthest: distance from which on words count as equally far away, None where none does.
    """

    activation: Activation = "gelu"
    norm_eps: float = 1e-12
    farthest: int | None = None


@dataclass(frozen=True)
class XLNetFolder(ModelFolder):
    """An XLNet that can be opened."""

    config: PublishedConfig

    @property
    def shapes(self) -> Iterable[Shape]:
        return array_shapes(self.config).values()


def read_xlnet_folder(folder: Path) -> XLNetFolder:
    """Read everything but the weights themselves.

    Raises:
        UserError: something is missing, broken, or belongs to a model that is not opened; the sentence names it.
    """
    settings = read_object(folder / CONFIG)
    _check_task(settings)
    config = published_config(settings)
    weights = read_arrays(folder)
    unused = check_arrays(array_shapes(config), weights, lambda name: _USELESS.fullmatch(name) is not None)
    return XLNetFolder(folder, config, weights, (*weights.warnings, *unused))


def published_config(values: Mapping[str, Any]) -> PublishedConfig:
    """The sizes in a config.json; raises UserError where a setting is missing, impossible or of another model."""
    settings = Settings(values)
    settings.refuse("attn_type", "bi")
    settings.refuse("bi_data", False)
    settings.refuse("tie_word_embeddings", True)
    settings.refuse("quantization_config")
    names = ("d_model", "n_layer", "n_head", "d_inner")
    width, n_layers, n_heads, mlp_width = (_integer(settings, name, MAX_WIDTH) for name in names)
    if settings.has("d_head") and settings.integer("d_head") * n_heads != width:
        raise settings.wrong("d_head")
    activation, clamp = settings.text("ff_activation", "gelu"), settings.number("clamp_len", -1)
    if activation not in _ACTIVATIONS:
        raise settings.wrong("ff_activation")
    if n_layers > MAX_LAYERS:
        raise settings.wrong("n_layer")
    try:
        config = PublishedConfig(
            _integer(settings, "vocab_size", MAX_VOCAB),
            n_layers,
            n_heads,
            width,
            mlp_width,
            N_CONTEXT,
            _ACTIVATIONS[activation],
            _epsilon(settings),
            int(clamp) if clamp > 0 else None,
        )
    except ValueError as error:
        raise UserError(N_("The sizes in “config.json” do not match each other.")) from error
    if sum(map(math.prod, array_shapes(config).values())) > MAX_PARAMS:
        raise UserError(N_("The sizes in “config.json” describe a model that is too large to open."))
    return config


def _integer(settings: Settings, name: str, most: int) -> int:
    value = settings.integer(name)
    if not 1 <= value <= most:
        raise settings.wrong(name)
    return value


def _epsilon(settings: Settings) -> float:
    value = settings.number("layer_norm_eps", 1e-12)
    if not 0 <= value < 1:
        raise settings.wrong("layer_norm_eps")
    return value


def _check_task(settings: Mapping[str, Any]) -> None:
    names = settings.get("architectures")
    if isinstance(names, list) and names and HEAD not in names:
        raise UserError(
            N_("This XLNet was made for another task ({name}) and can no longer predict words.").format(
                name=printable(str(names[0]))
            ),
            N_("Use a folder whose “architectures” says {name}.").format(name=HEAD),
        )


def array_shapes(config: PublishedConfig) -> dict[str, Shape]:
    """The arrays that are read, by their names in the file, with their shapes there."""
    shapes: dict[str, Shape] = {
        "transformer.word_embedding.weight": (config.n_vocab, config.width),
        "transformer.mask_emb": (1, 1, config.width),
        "lm_loss.bias": (config.n_vocab,),
    }
    each = _layer_shapes(config)
    for layer in range(config.n_layers):
        shapes |= {f"transformer.layer.{layer}.{name}": shape for name, shape in each.items()}
    return shapes


def _layer_shapes(config: PublishedConfig) -> dict[str, Shape]:
    width, inner, heads = config.width, config.mlp_width, (config.n_heads, config.head_width)
    shapes: dict[str, Shape] = {f"rel_attn.{name}": (width, *heads) for name in "qkvor"}
    shapes |= {f"rel_attn.{name}": heads for name in ("r_w_bias", "r_r_bias")}
    shapes |= {f"{part}.layer_norm.{kind}": (width,) for part in ("rel_attn", "ff") for kind in ("weight", "bias")}
    shapes |= {"ff.layer_1.weight": (inner, width), "ff.layer_1.bias": (inner,)}
    return shapes | {"ff.layer_2.weight": (width, inner), "ff.layer_2.bias": (width,)}
