"""The table of encoders: what their files call each part, and how their settings differ from BERT's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from studio.core.container.json_settings import Settings

from ...fill_in.model.config import EncoderActivation

Reader: TypeAlias = Callable[[Settings], Any]
_ACTIVATIONS: Final[Mapping[str, EncoderActivation]] = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "relu": "relu",
}


def _qkv(form: str, out: str, names: tuple[str, ...] = ("query", "key", "value")) -> dict[str, str]:
    parts = dict(zip(map(form.format, names), ("query", "key", "value"), strict=True))
    return {**parts, out: "attention.out"}


_TABLES: Final = {
    "embeddings.word_embeddings": "tokens",
    "embeddings.position_embeddings": "positions",
    "embeddings.LayerNorm": "embedding_norm",
}
_TOP: Final[Mapping[str, str]] = {**_TABLES, "embeddings.token_type_embeddings": "segments"}
_LAYER: Final[Mapping[str, str]] = {
    **_qkv("attention.self.{}", "attention.output.dense"),
    "attention.output.LayerNorm": "attention_norm",
    "intermediate.dense": "up",
    "output.dense": "down",
    "output.LayerNorm": "mlp_norm",
}


@dataclass(frozen=True)
class EncoderKind:
    """One kind of encoder.

    Attributes:
        title: what people call it.
        prefix: before all names but those of the head. layer: before those of a layer, with its number for {}.
        names, top, head: of the arrays of a layer, of those that are there once, and of the head, as (theirs, ours).
        words: of the head's last matrix, a copy of the table of tokens where both are tied.
        config: readers of fields of `EncoderConfig`, in place of BERT's.
        first_position: the row of the first place in the table of places, None for the one behind the padding token.
        refused: settings that would make another network, with the values that do not.
    """

    title: str
    prefix: str
    head: Mapping[str, str]
    words: str
    names: Mapping[str, str] = field(default_factory=lambda: _LAYER)
    top: Mapping[str, str] = field(default_factory=lambda: _TOP)
    layer: str = "encoder.layer.{}."
    config: Mapping[str, Reader] = field(default_factory=dict)
    first_position: int | None = 0
    refused: Mapping[str, tuple[object, ...]] = field(default_factory=dict)


def activation(name: str) -> Reader:
    """Reads an activation; GELU where the file does not say."""

    def read(settings: Settings) -> EncoderActivation:
        value = settings.text(name, "gelu")
        if value not in _ACTIVATIONS:
            raise settings.wrong(name)
        return _ACTIVATIONS[value]

    return read


def integer(name: str, default: int | None = None) -> Reader:
    """Reads a whole number."""
    return lambda settings: settings.integer(name, default)


def _electra_width(settings: Settings) -> int:
    """How wide tokens begin, 0 where as wide as the rest."""
    width = settings.integer("embedding_size", 128)
    return 0 if width == settings.integer("hidden_size") else width


_BERT_HEAD: Final = {
    "cls.predictions.transform.dense": "head.dense",
    "cls.predictions.transform.LayerNorm": "head.norm",
    "cls.predictions": "head",
}
_ROBERTA_HEAD: Final = {"lm_head.dense": "head.dense", "lm_head.layer_norm": "head.norm", "lm_head": "head"}
_PLAIN_GELU: Final[Mapping[str, Reader]] = {"head_activation": lambda _: "gelu"}


def _bert(title: str, prefix: str, **refused: tuple[object, ...]) -> EncoderKind:
    return EncoderKind(title, prefix, _BERT_HEAD, "cls.predictions.decoder", refused=refused)


def _roberta(title: str, prefix: str = "roberta.") -> EncoderKind:
    return EncoderKind(title, prefix, _ROBERTA_HEAD, "lm_head.decoder", config=_PLAIN_GELU, first_position=None)


ENCODERS: Final[Mapping[str, EncoderKind]] = {
    "bert": _bert("BERT", "bert."),
    "ernie": _bert("ERNIE", "ernie.", use_task_id=(False,)),
    "roberta": _roberta("RoBERTa"),
    "xlm-roberta": _roberta("XLM-RoBERTa"),
    "camembert": _roberta("CamemBERT"),
    "data2vec-text": _roberta("data2vec", "data2vec_text."),
    "distilbert": EncoderKind(
        "DistilBERT",
        "distilbert.",
        {"vocab_transform": "head.dense", "vocab_layer_norm": "head.norm", "vocab_projector": "head"},
        "vocab_projector",
        {
            **_qkv("attention.{}_lin", "attention.out_lin", ("q", "k", "v")),
            "sa_layer_norm": "attention_norm",
            "ffn.lin1": "up",
            "ffn.lin2": "down",
            "output_layer_norm": "mlp_norm",
        },
        _TABLES,
        "transformer.layer.{}.",
        {
            "width": integer("dim"),
            "n_layers": integer("n_layers"),
            "n_heads": integer("n_heads"),
            "mlp_width": integer("hidden_dim"),
            "n_segments": lambda _: 0,
            "norm_eps": lambda _: 1e-12,
            "activation": activation("activation"),
            "head_activation": activation("activation"),
        },
    ),
    "electra": EncoderKind(
        "ELECTRA",
        "electra.",
        {
            "generator_predictions.dense": "head.dense",
            "generator_predictions.LayerNorm": "head.norm",
            "generator_lm_head": "head",
        },
        "generator_lm_head",
        top={**_TOP, "embeddings_project": "widening"},
        config={"token_width": _electra_width, **_PLAIN_GELU},
    ),
    "albert": EncoderKind(
        "ALBERT",
        "albert.",
        {"predictions.dense": "head.dense", "predictions.LayerNorm": "head.norm", "predictions": "head"},
        "predictions.decoder",
        {
            **_qkv("attention.{}", "attention.dense"),
            "attention.LayerNorm": "attention_norm",
            "ffn": "up",
            "ffn_output": "down",
            "full_layer_layer_norm": "mlp_norm",
        },
        {**_TOP, "encoder.embedding_hidden_mapping_in": "widening"},
        "encoder.albert_layer_groups.{}.albert_layers.0.",
        {
            "token_width": integer("embedding_size", 128),
            "n_own_layers": integer("num_hidden_groups", 1),
            "activation": activation("hidden_act"),
        },
        refused={"inner_group_num": (1,)},
    ),
}
"""The encoders that open, by what config.json calls them."""
