"""Makes the configuration of our decoder out of a Hugging Face config.json, as the table of architectures says.

A setting that would make another model than ours is refused by name.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Final

from studio.core.container.json_settings import Settings
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

from ...text.model.config import Activation, DecoderConfig, config_from_json
from ..encoder.architectures import ENCODERS
from .architectures import ARCHITECTURES, Architecture
from .layer_kinds import given, n_layers
from .rope import rope_base, rope_scaling

_ACTIVATIONS: Final[Mapping[str, Activation]] = {
    "silu": "silu",
    "swish": "silu",
    "gelu": "gelu",
    "gelu_tanh": "gelu_tanh",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "relu": "relu",
    "relu2": "relu2",
}
_CONTEXT: Final = ("n_positions", "n_ctx", "seq_length", "max_seq_len", "max_position_embeddings")
_HEADS: Final = ("n_head", "n_heads", "num_heads", "num_attention_heads")
_WIDTH: Final = ("n_embd", "n_embed", "d_model", "hidden_size")
_INNER: Final = ("n_inner", "ffn_dim", "ffn_hidden_size", "intermediate_size")
_EPS: Final = ("layer_norm_epsilon", "layer_norm_eps", "norm_epsilon", "norm_eps", "rms_norm_eps")
_ACTIVATION: Final = ("activation_function", "hidden_activation", "activation", "hidden_act")


def model_type(values: Mapping[str, Any]) -> str:
    """What a config.json calls the architecture, empty where it does not say."""
    name = values.get("model_type")
    return name if isinstance(name, str) else ""


def decoder_config(values: Mapping[str, Any]) -> DecoderConfig:
    """The configuration of our decoder.

    Raises:
        UserError: the architecture is not known, or a setting is missing, cannot be or would make another model.
    """
    name = model_type(values)
    if name not in ARCHITECTURES:
        titles = ", ".join([kind.title for kind in ARCHITECTURES.values()] + [kind.title for kind in ENCODERS.values()])
        raise UserError(
            N_("Models of the type “{name}” cannot be opened.").format(name=printable(name) or N_("unknown")),
            N_("These can: {titles}, and all that are built like them.").format(titles=titles),
        )
    settings, kind = Settings(values), ARCHITECTURES[name]
    _refuse(settings, kind)
    try:
        return checked(DecoderConfig(**_sizes(settings, kind)))
    except (ValueError, ZeroDivisionError) as error:
        raise UserError(N_("The sizes in “config.json” do not match each other: {why}.").format(why=error)) from error


def checked(config: DecoderConfig) -> DecoderConfig:
    """The same with every number in its bounds; raises ValueError where one is not."""
    return config_from_json(json.loads(json.dumps(dataclasses.asdict(config))))


def _refuse(settings: Settings, kind: Architecture) -> None:
    """Raise UserError where a setting makes another model."""
    refused = {"quantization_config": (), "is_encoder_decoder": (False,), "add_cross_attention": (False,)}
    for name, harmless in {**refused, **kind.refused}.items():
        table, _, inner = name.rpartition(".")
        (settings.table(table) if table else settings).refuse(inner, *harmless)


def _sizes(settings: Settings, kind: Architecture) -> dict[str, Any]:
    """The fields that all read alike, then those of the architecture."""
    width, n_heads = settings.integer(given(settings, _WIDTH)), settings.integer(given(settings, _HEADS))
    usual = {name: value for name, value in kind.config.items() if not callable(value)}
    n_context = settings.integer(given(settings, _CONTEXT), usual.get("n_context"))
    head_width = settings.integer("head_dim", width // n_heads)
    if not settings.has("head_dim") and "head_width" not in kind.config and width % n_heads:
        raise settings.wrong(given(settings, _HEADS))
    inner = settings.integer(given(settings, _INNER), None if usual.get("is_gated", True) else 4 * width)
    eps = settings.number(given(settings, _EPS), usual.get("norm_eps", 1e-5 if usual.get("norm") else 1e-6))
    return {
        **usual,
        "n_vocab": settings.integer("vocab_size"),
        "n_context": n_context,
        "n_layers": n_layers(settings),
        "n_heads": n_heads,
        "n_kv_heads": settings.integer("num_key_value_heads", usual.get("n_kv_heads", n_heads)),
        "width": width,
        "head_width": head_width,
        "mlp_width": inner,
        "norm_eps": eps,
        "activation": _activation(settings, usual.get("activation", "silu")),
        "rope_base": rope_base()(settings),
        "rope_scaling": rope_scaling(settings, n_context),
        "is_tied": settings.flag("tie_word_embeddings", usual.get("is_tied", False)),
        **{name: read(settings) for name, read in kind.config.items() if callable(read)},
        **kind.layers(settings),
    }


def _activation(settings: Settings, default: str) -> Activation:
    name = given(settings, _ACTIVATION)
    value = settings.text(name, default)
    if value not in _ACTIVATIONS:
        raise settings.wrong(name)
    return _ACTIVATIONS[value]
