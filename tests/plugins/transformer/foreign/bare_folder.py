"""Writes tiny LLaMA folders without any library, so that hostile ones cost nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

CONFIG: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 8,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "vocab_size": 20,
    "max_position_embeddings": 32,
    "rms_norm_eps": 1e-6,
    "tie_word_embeddings": False,
}
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"


def arrays() -> dict[str, np.ndarray[Any, Any]]:
    """All weights that CONFIG asks for, random."""
    random = np.random.default_rng(0)
    shapes = {"model.embed_tokens": (20, 8), "model.norm": (8,), "lm_head": (20, 8)}
    for layer in range(2):
        shapes |= {
            f"model.layers.{layer}.{name}": shape
            for name, shape in {
                "self_attn.q_proj": (8, 8),
                "self_attn.k_proj": (4, 8),
                "self_attn.v_proj": (4, 8),
                "self_attn.o_proj": (8, 8),
                "mlp.gate_proj": (12, 8),
                "mlp.up_proj": (12, 8),
                "mlp.down_proj": (8, 12),
                "input_layernorm": (8,),
                "post_attention_layernorm": (8,),
            }.items()
        }
    return {f"{name}.weight": random.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}


def write_bare(folder: Path, **settings: Any) -> Path:
    """A folder that opens, unless these settings of its config.json say otherwise."""
    folder.mkdir(exist_ok=True)
    put(folder, "config.json", {**CONFIG, **settings})
    save_file(arrays(), folder / WEIGHTS)
    names = [*(chr(code) for code in range(97, 113)), "\u0120", "ab", "cd", "</s>"]
    put(folder, "vocab.json", {name: number for number, name in enumerate(names)})
    (folder / "merges.txt").write_text("#version: 0.2\na b\nc d\n")
    put(folder, "tokenizer_config.json", {"eos_token": "</s>"})
    return folder


def put(folder: Path, name: str, values: Any) -> None:
    """Write JSON into a file of the folder."""
    (folder / name).write_text(json.dumps(values), encoding="utf-8")
