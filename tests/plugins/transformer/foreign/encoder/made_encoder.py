"""Writes tiny random folders of encoders with the `transformers` library itself, one for each line of our table."""

import json
from pathlib import Path
from typing import Any, Final

import torch

from tests.plugins.transformer.foreign.made_folder import need_transformers, put, put_tokenizer

N_CONTEXT: Final = 48
_WORDS: Final = """the a cat dog sat on mat is was not ##ing ##ed ##s play walk un ##want hello world do ##n t ’ ' . , !
? - ( ) " e ##a ##b ##c cafe naive 世 界 ##界 über uber straße 3 5 ##5 3.5 à ı"""
WORDS: Final = ("[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_WORDS.split())
_SIZES: Final[dict[str, Any]] = {
    "hidden_size": 24,
    "intermediate_size": 40,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": N_CONTEXT,
    "vocab_size": len(WORDS),
}
_BYTES: Final = {**_SIZES, "vocab_size": 265, "type_vocab_size": 1, "bos_token_id": 261, "eos_token_id": 262}
_DISTIL: Final = {
    "dim": 24,
    "hidden_dim": 40,
    "n_layers": 2,
    "n_heads": 3,
    "max_position_embeddings": N_CONTEXT,
    "vocab_size": len(WORDS),
}
BYTES: Final = ("Roberta", "XLMRoberta", "Camembert", "Data2VecText")

ENCODERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "BERT": ("Bert", _SIZES),
    "BERT of one text, tanh": ("Bert", {**_SIZES, "type_vocab_size": 1, "hidden_act": "gelu_new"}),
    "BERT, head of its own": ("Bert", {**_SIZES, "tie_word_embeddings": False, "hidden_act": "relu"}),
    "BERT, coarse norms": ("Bert", {**_SIZES, "layer_norm_eps": 0.1}),
    "ERNIE": ("Ernie", _SIZES),
    "RoBERTa": ("Roberta", {**_BYTES, "layer_norm_eps": 1e-5}),
    "RoBERTa, padding elsewhere": ("Roberta", {**_BYTES, "pad_token_id": 4, "hidden_act": "relu"}),
    "XLM-RoBERTa": ("XLMRoberta", {**_BYTES, "type_vocab_size": 2}),
    "CamemBERT": ("Camembert", _BYTES),
    "data2vec": ("Data2VecText", _BYTES),
    "DistilBERT": ("DistilBert", _DISTIL),
    "DistilBERT, waves": ("DistilBert", {**_DISTIL, "sinusoidal_pos_embds": True, "activation": "relu"}),
    "DistilBERT, head of its own": ("DistilBert", {**_DISTIL, "tie_word_embeddings": False}),
    "ELECTRA": ("Electra", {**_SIZES, "embedding_size": 12}),
    "ELECTRA, as wide": ("Electra", {**_SIZES, "embedding_size": 24, "hidden_act": "relu"}),
    "ALBERT": ("Albert", {**_SIZES, "embedding_size": 12, "num_hidden_layers": 4}),
    "ALBERT, two groups": ("Albert", {**_SIZES, "embedding_size": 24, "num_hidden_layers": 4, "num_hidden_groups": 2}),
}


def made_encoder(name: str, task: str = "MaskedLM") -> Any:
    """A random model of the library whose attention can be looked at; no two of its layers are alike."""
    transformers = need_transformers()
    kind, values = ENCODERS[name]
    config = getattr(transformers, f"{kind}Config")(**{"attn_implementation": "eager", **values})
    torch.manual_seed(5)
    model = getattr(transformers, f"{kind}For{task}" if task else f"{kind}Model")(config).eval()
    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() > 1:
                weights.normal_(0, 0.15)
            else:  # biases are zero and norms one before
                weights.add_(0.1 * torch.randn(weights.shape))
    return model.requires_grad_(False)


def made_folder(folder: Path, name: str, task: str = "MaskedLM") -> Any:
    """Write such a model with a tokenizer of its kind; returns it."""
    model = made_encoder(name, task)
    model.save_pretrained(folder)
    if ENCODERS[name][0] in BYTES:
        put_bytes(folder)
    else:
        put_words(folder)
    return model


def put_words(folder: Path, **settings: Any) -> None:
    """WordPiece's list of words."""
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in WORDS), encoding="utf-8")
    put(folder, "tokenizer_config.json", settings)


def put_bytes(folder: Path) -> None:
    """RoBERTa's tokenizer of bytes."""
    put_tokenizer(folder)
    names = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    names = {name: number for name, number in names.items() if number < 260}
    marks = ("<pad>", "<s>", "</s>", "<unk>", "<mask>")
    put(folder, "vocab.json", {**names, **{name: 260 + at for at, name in enumerate(marks)}})
    put(folder, "tokenizer_config.json", {"mask_token": "<mask>"})
