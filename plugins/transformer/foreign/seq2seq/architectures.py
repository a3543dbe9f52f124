"""The table of encoder–decoders: of which parts each is built, and what its files call them; no torch.

A field of `config` is one of `Seq2SeqConfig`: a value, or a reader that finds it in config.json. `names` has the parts
of a layer by what files call them: of both sides, of the encoder and of the decoder alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from studio.core.container.json_settings import Settings

from ...translate.model.seq2seq_config import Activation, Seq2SeqConfig, SideConfig

Reader: TypeAlias = Callable[[Settings], Any]
_ACTIVATIONS: Final[Mapping[str, Activation]] = {
    "relu": "relu",
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "silu": "silu",
    "swish": "silu",
}


@dataclass(frozen=True)
class Seq2SeqArchitecture:
    """One kind of encoder–decoder.

    Attributes:
        title: what people call it.
        config: what it has. sizes: reads the sizes of encoder and decoder.
        encoder, decoder: the parts of a layer. sides: what each side has once. layer: where its layers lie.
        prefix: of all but the head. refused: settings that would make another model, with the values that do not.
        start: the token that a target begins with, by the setting that names it.
        has_begin: whether a source begins with the mark of the beginning, too.
    """

    title: str
    config: Mapping[str, Any]
    sizes: Callable[[Settings], tuple[SideConfig, SideConfig]]
    encoder: Mapping[str, str]
    decoder: Mapping[str, str]
    sides: Mapping[str, str]
    layer: str
    prefix: str = ""
    refused: Mapping[str, tuple[object, ...]] | None = None
    start: str = "pad_token_id"
    has_begin: bool = False

    def read(self, settings: Settings) -> Seq2SeqConfig:
        """The configuration; raises UserError, or ValueError where sizes do not match each other."""
        encoder, decoder = self.sizes(settings)
        fields = {name: read(settings) if callable(read) else read for name, read in self.config.items()}
        n_vocab, width = settings.integer("vocab_size"), settings.integer("d_model")
        return Seq2SeqConfig(n_vocab=n_vocab, width=width, encoder=encoder, decoder=decoder, **fields)


def _bart_sizes(settings: Settings) -> tuple[SideConfig, SideConfig]:
    encoder, decoder = (
        SideConfig(
            settings.integer(f"{side}_layers"),
            settings.integer(f"{side}_attention_heads"),
            settings.integer(f"{side}_ffn_dim"),
        )
        for side in ("encoder", "decoder")
    )
    return encoder, decoder


def _t5_sizes(settings: Settings) -> tuple[SideConfig, SideConfig]:
    n_layers, n_heads, inner = settings.integer("num_layers"), settings.integer("num_heads"), settings.integer("d_ff")
    n_decoder = settings.integer("num_decoder_layers", n_layers)
    return SideConfig(n_layers, n_heads, inner), SideConfig(n_decoder, n_heads, inner)


def activation_of(settings: Settings, name: str, default: str) -> Activation:
    """The activation that a setting names, which may begin with "gated-"; raises UserError where it is unknown."""
    value = settings.text(name, default).removeprefix("gated-")
    if value not in _ACTIVATIONS:
        raise settings.wrong(name)
    # The library takes “gated-gelu” for the approximation that T5 learnt with.
    return "gelu_tanh" if settings.text(name, default) == "gated-gelu" else _ACTIVATIONS[value]


def is_gated(settings: Settings) -> bool:
    """Whether a T5 has gates."""
    return settings.text("feed_forward_proj", "relu").startswith("gated-")


def is_scaled(settings: Settings) -> bool:
    """Whether a T5 scales what its head reads: the first ones do, whose head is the table of tokens."""
    return settings.flag("scale_decoder_outputs", settings.flag("tie_word_embeddings", True))


def _root_of_width(settings: Settings) -> float:
    return settings.integer("d_model") ** 0.5 if settings.flag("scale_embedding", False) else 1.0


def _attention(file: str, ours: str, out: str) -> dict[str, str]:
    parts = {"q": "query", "k": "key", "v": "value"}
    form = "{}_proj" if out.endswith("_proj") else "{}"
    return {f"{file}.{form.format(one)}": f"{ours}.{part}" for one, part in parts.items()} | {
        f"{file}.{out}": f"{ours}.out"
    }


_BART_ENCODER: Final = {
    **_attention("self_attn", "attention", "out_proj"),
    "self_attn_layer_norm": "attention_norm",
    "fc1": "mlp.up",
    "fc2": "mlp.down",
    "final_layer_norm": "mlp_norm",
}
_BART_DECODER: Final = {
    **_BART_ENCODER,
    **_attention("encoder_attn", "cross", "out_proj"),
    "encoder_attn_layer_norm": "cross_norm",
}
_BART_SIDES: Final = {"embed_positions": "positions", "layernorm_embedding": "embedding_norm", "layer_norm": "norm"}
_BART: Final[dict[str, Any]] = {
    "sizes": _bart_sizes,
    "encoder": _BART_ENCODER,
    "decoder": _BART_DECODER,
    "sides": _BART_SIDES,
    "layer": "layers",
    "prefix": "model.",
    "refused": {"tie_word_embeddings": (True,), "share_encoder_decoder_embeddings": (True,)},
}
_BART_FIELDS: Final[Mapping[str, Any]] = {
    "n_context": lambda settings: settings.integer("max_position_embeddings", 1024),
    "activation": lambda settings: activation_of(settings, "activation_function", "gelu"),
    "embedding_scale": _root_of_width,
}


def _t5_layer(is_encoder: bool) -> dict[str, str]:
    last = 1 if is_encoder else 2
    names = {
        **_attention("layer.0.SelfAttention", "attention", "o"),
        "layer.0.layer_norm": "attention_norm",
        **{f"layer.{last}.DenseReluDense.{name}": part for name, part in _T5_MLP.items()},
        f"layer.{last}.layer_norm": "mlp_norm",
    }
    cross = {**_attention("layer.1.EncDecAttention", "cross", "o"), "layer.1.layer_norm": "cross_norm"}
    return names if is_encoder else names | cross


_T5_MLP: Final = {"wi": "mlp.up", "wi_0": "mlp.gate", "wi_1": "mlp.up", "wo": "mlp.down"}
_T5: Final[dict[str, Any]] = {
    "sizes": _t5_sizes,
    "encoder": _t5_layer(True),
    "decoder": _t5_layer(False),
    "sides": {"block.0.layer.0.SelfAttention.relative_attention_bias": "distances", "final_layer_norm": "norm"},
    "layer": "block",
}
_T5_FIELDS: Final[Mapping[str, Any]] = {
    "n_context": lambda settings: settings.integer("n_positions", 512),
    "head_width": lambda settings: settings.integer("d_kv", 64),
    "is_rms": True,
    "norm_eps": lambda settings: settings.number("layer_norm_epsilon", 1e-6),
    "has_pre_norms": True,
    "has_final_norm": True,
    "positions": "distances",
    "n_buckets": lambda settings: settings.integer("relative_attention_num_buckets", 32),
    "farthest": lambda settings: settings.integer("relative_attention_max_distance", 128),
    "is_scaled": False,
    "activation": lambda settings: activation_of(settings, "feed_forward_proj", "relu"),
    "is_gated": is_gated,
    "has_biases": False,
}

SEQ2SEQ: Final[Mapping[str, Seq2SeqArchitecture]] = {
    "t5": Seq2SeqArchitecture(
        "T5",
        {
            **_T5_FIELDS,
            "logit_scale": lambda settings: settings.integer("d_model") ** -0.5 if is_scaled(settings) else 1.0,
        },
        **_T5,
    ),
    "mt5": Seq2SeqArchitecture("mT5", {**_T5_FIELDS, "is_gated": is_gated}, **_T5),
    "bart": Seq2SeqArchitecture(
        "BART", {**_BART_FIELDS, "has_embedding_norm": True}, **_BART, start="eos_token_id", has_begin=True
    ),
    "mbart": Seq2SeqArchitecture(
        "mBART",
        {**_BART_FIELDS, "has_embedding_norm": True, "has_pre_norms": True, "has_final_norm": True},
        **_BART,
        start="eos_token_id",
    ),
    "marian": Seq2SeqArchitecture("Marian (OPUS-MT)", {**_BART_FIELDS, "positions": "sines"}, **_BART),
    "pegasus": Seq2SeqArchitecture(
        "Pegasus",
        {**_BART_FIELDS, "positions": "sines", "has_pre_norms": True, "has_final_norm": True},
        **_BART,
    ),
}
