"""Writes tiny BERT folders without any library, so that hostile ones cost nothing."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import save_file

from tests.plugins.transformer.foreign.bare_folder import WEIGHTS, put

WORDS: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "play", "##ing", ",", ".", "a")
CONFIG: Final[dict[str, Any]] = {
    "model_type": "bert",
    "architectures": ["BertForMaskedLM"],
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "vocab_size": len(WORDS),
    "max_position_embeddings": 32,
    "type_vocab_size": 2,
}
_LAYER: Final = {
    "attention.self.query": (8, 8),
    "attention.self.key": (8, 8),
    "attention.self.value": (8, 8),
    "attention.output.dense": (8, 8),
    "attention.output.LayerNorm": (8,),
    "intermediate.dense": (12, 8),
    "output.dense": (8, 12),
    "output.LayerNorm": (8,),
}


def bert_arrays() -> dict[str, np.ndarray[Any, Any]]:
    """All weights that CONFIG asks for, random."""
    random = np.random.default_rng(0)
    tables = {"word": (len(WORDS), 8), "position": (32, 8), "token_type": (2, 8)}
    shapes: dict[str, tuple[int, ...]] = {f"bert.embeddings.{name}_embeddings": one for name, one in tables.items()}
    both: dict[str, tuple[int, ...]] = {"bert.embeddings.LayerNorm": (8,)}
    for layer in range(2):
        both |= {f"bert.encoder.layer.{layer}.{name}": shape for name, shape in _LAYER.items()}
    both |= {"cls.predictions.transform.dense": (8, 8), "cls.predictions.transform.LayerNorm": (8,)}
    named = {f"{name}.weight": shape for name, shape in {**shapes, **both}.items()}
    named |= {f"{name}.bias": shape[:1] for name, shape in both.items()} | {"cls.predictions.bias": (len(WORDS),)}
    return {name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in named.items()}


def write_bert(folder: Path, **settings: Any) -> Path:
    """A folder that opens, unless these settings of its config.json say otherwise."""
    folder.mkdir(exist_ok=True)
    put(folder, "config.json", {**CONFIG, **settings})
    save_file(bert_arrays(), folder / WEIGHTS)
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in WORDS), encoding="utf-8")
    put(folder, "tokenizer_config.json", {"do_lower_case": True, "model_max_length": 24})
    return folder
