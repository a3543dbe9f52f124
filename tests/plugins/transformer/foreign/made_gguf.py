"""Writes tiny GGUF files with the `gguf` library itself, as llama.cpp's conversion lays their arrays out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

N_VOCAB = 20
PREFIX = "tokenizer.ggml."


def need_gguf() -> Any:
    """The library; skips where it is not installed."""
    return pytest.importorskip("gguf", reason="the library “gguf” is not installed")


def neighbours(values: np.ndarray[Any, Any], n_heads: int) -> np.ndarray[Any, Any]:
    """Rows of a head in llama.cpp's order: the two that are turned together are next to each other."""
    halves = values.reshape(n_heads, 2, values.shape[0] // n_heads // 2, *values.shape[1:])
    return halves.swapaxes(1, 2).reshape(values.shape)


def write_gguf(path: Path, model: Any, architecture: str = "llama", kind: Any = None, **more: Any) -> None:
    """Write a model of the `transformers` library; matrices as `kind`, float32 where None.

    `more` are settings and arrays to be added: arrays are added as they are, numbers and texts under their names with
    "_" for ".".
    """
    gguf = need_gguf()
    config = model.config
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(model.model.layers[0].self_attn.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    rope = config.rope_parameters
    writer.add_rope_freq_base(rope.get("full_attention", rope)["rope_theta"])
    add_pieces(writer)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[architecture.upper()], config.num_hidden_layers)
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        values = tensor.numpy()
        if architecture.startswith("gemma") and name.endswith("norm.weight"):
            values = values + 1
        if architecture in ("llama", "granite", "smollm3") and ("q_proj" in name or "k_proj" in name):
            n_heads = config.num_attention_heads if "q_proj" in name else config.num_key_value_heads
            values = neighbours(values, n_heads)
        put(writer, names.get_name(name, try_suffixes=(".weight", ".bias")), values, kind)
    for name, value in more.items():
        if isinstance(value, np.ndarray):
            writer.add_tensor(name.replace("__", "."), value)
        elif isinstance(value, float):
            writer.add_float32(name.replace("__", "."), value)
        elif isinstance(value, int):
            writer.add_uint32(name.replace("__", "."), value)
        else:
            writer.add_string(name.replace("__", "."), value)
    finish(writer)


def put(writer: Any, name: str, values: np.ndarray[Any, Any], kind: Any) -> None:
    """Add an array; vectors are float32 always."""
    if kind is None or values.ndim == 1:
        writer.add_tensor(name, values)
    else:
        writer.add_tensor(name, need_gguf().quantize(values, kind), raw_dtype=kind)


def add_pieces(writer: Any) -> None:
    """A tokenizer of pieces with scores, as LLaMA's."""
    letters = [chr(code) for code in range(97, 97 + N_VOCAB - 6)]
    pieces = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3), ("▁", -9.0, 1), ("ab", -1.0, 1), ("▁ab", -0.5, 1)]
    pieces += [(letter, -5.0, 1) for letter in letters]
    writer.add_tokenizer_model("llama")
    writer.add_token_list([one[0] for one in pieces])
    writer.add_token_scores([one[1] for one in pieces])
    writer.add_token_types([one[2] for one in pieces])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def finish(writer: Any) -> None:
    """Write everything that was added."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
