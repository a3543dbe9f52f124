"""Writes tiny random model folders with the `transformers` library itself, one for each architecture."""

import json
from pathlib import Path
from typing import Any

import torch

N_VOCAB = 272
N_CONTEXT = 64
_ROTARY: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": N_VOCAB,
    "max_position_embeddings": N_CONTEXT,
}
_NEOX = {name: value for name, value in _ROTARY.items() if name != "num_key_value_heads"}
_PHI = {**_ROTARY, "pad_token_id": 0}
_PARTLY = {"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 0.5}
_WORDS = {"hidden_size": 32, "vocab_size": N_VOCAB}
_FALCON = {**_NEOX, "ffn_hidden_size": 64}
_EXPERTS = {**_PHI, "num_local_experts": 5, "num_experts_per_tok": 2}
_QWEN_EXPERTS = {**_ROTARY, "num_experts": 5, "num_experts_per_tok": 3, "moe_intermediate_size": 20}
_GRANITE = {
    "embedding_multiplier": 3.0,
    "attention_multiplier": 0.2,
    "residual_multiplier": 0.4,
    "logits_scaling": 2.0,
}
_LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 5e5,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
_YARN = {"rope_type": "yarn", "rope_theta": 1e4, "factor": 4.0, "original_max_position_embeddings": 16}
_LONG = {
    "rope_type": "longrope",
    "rope_theta": 1e4,
    "partial_rotary_factor": 0.75,
    "short_factor": [1.0, 1.1, 1.2],
    "long_factor": [2.0, 3.0, 4.0],
}

MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "GPT-2": ("GPT2", {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": N_CONTEXT, "vocab_size": N_VOCAB}),
    "LLaMA 2": ("Llama", _ROTARY),
    "LLaMA 3": ("Llama", {**_ROTARY, "rope_parameters": _LLAMA3}),
    "SmolLM": ("Llama", {**_ROTARY, "tie_word_embeddings": True}),
    "LLaMA with biases": ("Llama", {**_ROTARY, "attention_bias": True, "mlp_bias": True, "head_dim": 16}),
    "LLaMA with yarn": ("Llama", {**_ROTARY, "rope_parameters": _YARN}),
    "LLaMA, linear": ("Llama", {**_ROTARY, "rope_parameters": {"rope_type": "linear", "factor": 4.0}}),
    "LLaMA, dynamic": (
        "Llama",
        {**_ROTARY, "max_position_embeddings": 8, "rope_parameters": {"rope_type": "dynamic", "factor": 4.0}},
    ),
    "Mistral": ("Mistral", {**_ROTARY, "sliding_window": 5}),
    "Phi-3": ("Phi3", {**_PHI, "sliding_window": 6}),
    "Phi-3 long": ("Phi3", {**_PHI, "original_max_position_embeddings": 8, "rope_parameters": _LONG}),
    "Qwen2": ("Qwen2", {**_ROTARY, "use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1}),
    "Qwen3": ("Qwen3", {**_ROTARY, "head_dim": 16}),
    "Gemma": ("Gemma", {**_ROTARY, "head_dim": 16}),
    "Gemma 2": ("Gemma2", {**_ROTARY, "head_dim": 16, "sliding_window": 5, "query_pre_attn_scalar": 8}),
    "Pythia": ("GPTNeoX", {**_NEOX, "rotary_pct": 0.5}),
    "GPT-Neo": (
        "GPTNeo",
        {
            **_WORDS,
            "num_layers": 4,
            "num_heads": 4,
            "attention_types": [[["global", "local"], 2]],
            "window_size": 5,
            "max_position_embeddings": N_CONTEXT,
        },
    ),
    "GPT-J": (
        "GPTJ",
        {"n_embd": 32, "n_layer": 3, "n_head": 4, "rotary_dim": 4, "n_positions": N_CONTEXT, "vocab_size": N_VOCAB},
    ),
    "OPT": ("OPT", {**_NEOX, "ffn_dim": 48, "pad_token_id": 1}),
    "BLOOM": ("Bloom", {**_WORDS, "n_layer": 3, "n_head": 4}),
    "Falcon": ("Falcon", _FALCON),
    "Falcon of 40 B": ("Falcon", {**_FALCON, "new_decoder_architecture": True, "num_kv_heads": 2, "bias": True}),
    "Falcon, one norm": (
        "Falcon",
        {**_FALCON, "new_decoder_architecture": True, "num_kv_heads": 1, "num_ln_in_parallel_attn": 1},
    ),
    "Falcon, alibi": (
        "Falcon",
        # Where it shows its attention, the library adds alibi twice.
        {
            **_FALCON,
            "alibi": True,
            "multi_query": False,
            "parallel_attn": False,
            "bias": True,
            "attn_implementation": "sdpa",
        },
    ),
    "MPT": (
        "Mpt",
        {"d_model": 36, "n_heads": 6, "n_layers": 3, "max_seq_len": N_CONTEXT, "vocab_size": N_VOCAB},
    ),
    "SmolLM3": ("SmolLM3", {**_PHI, "no_rope_layer_interval": 2}),
    "SmolLM3, windows": (
        "SmolLM3",
        {**_PHI, "no_rope_layers": [1, 0, 1], "use_sliding_window": True, "sliding_window": 5},
    ),
    "Granite": ("Granite", {**_ROTARY, **_GRANITE}),
    "StableLM": ("StableLm", {**_ROTARY, "use_qkv_bias": True}),
    "StableLM, side by side": ("StableLm", {**_ROTARY, "use_parallel_residual": True}),
    "StarCoder2": ("Starcoder2", {**_ROTARY, "sliding_window": 5}),
    "Phi-2": ("Phi", _PHI),
    "Gemma 3": (
        "Gemma3Text",
        {**_ROTARY, "head_dim": 16, "sliding_window": 5, "query_pre_attn_scalar": 8, "sliding_window_pattern": 2},
    ),
    "OLMo 2": ("Olmo2", _PHI),
    "OLMo 3": (
        "Olmo3",
        {
            **_PHI,
            "num_hidden_layers": 4,
            "sliding_window": 5,
            "rope_parameters": {
                "full_attention": _YARN,
                "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
            },
        },
    ),
    "Cohere": ("Cohere", _PHI),
    "Cohere 2": ("Cohere2", {**_PHI, "sliding_window": 5, "sliding_window_pattern": 2}),
    "GLM": ("Glm", {**_PHI, "head_dim": 8, "rope_parameters": _PARTLY}),
    "GLM-4": ("Glm4", {**_PHI, "head_dim": 8}),
    "Nemotron": ("Nemotron", _ROTARY),
    "Mixtral": ("Mixtral", {**_EXPERTS, "sliding_window": 5}),
    "Qwen2-MoE": (
        "Qwen2Moe",
        {**_QWEN_EXPERTS, "shared_expert_intermediate_size": 24, "mlp_only_layers": [1]},
    ),
    "Qwen3-MoE": ("Qwen3Moe", {**_QWEN_EXPERTS, "norm_topk_prob": True, "head_dim": 16}),
    "OLMoE": ("Olmoe", {**_PHI, "num_experts": 5, "num_experts_per_tok": 2}),
    "Granite-MoE": ("GraniteMoe", {**_EXPERTS, **_GRANITE}),
    "GPT-OSS": ("GptOss", {**_EXPERTS, "head_dim": 8, "sliding_window": 5}),
    "Ministral": (
        "Ministral",
        {**_PHI, "head_dim": 8, "sliding_window": 5, "layer_types": [*["sliding_attention"] * 2, "full_attention"]},
    ),
    "Seed-OSS": ("SeedOss", {**_PHI, "head_dim": 16, "attention_out_bias": True}),
    "Arcee": ("Arcee", _PHI),
    "Helium": ("Helium", {**_PHI, "head_dim": 8}),
    "ERNIE 4.5": ("Ernie4_5", {**_PHI, "head_dim": 8, "use_bias": True}),
    "NeoX, one after another": ("GPTNeoX", {**_NEOX, "rotary_pct": 1.0, "use_parallel_residual": False}),
}


def need_transformers() -> Any:
    """The library; skips where the optional extra is not installed."""
    import pytest  # benchmarks run without it

    pytest.importorskip("transformers", reason="the optional extra “diffusers” is not installed")
    return quiet_transformers()


def quiet_transformers() -> Any:
    """The library, which shows no progress and starts no thread for it; ModuleNotFoundError where it is missing."""
    import transformers
    from tqdm import tqdm  # type: ignore[import-untyped]  # its stubs would be one more package

    tqdm.monitor_interval = 0  # its thread would outlive the test
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    return transformers


def made_model(name: str, **settings: Any) -> Any:
    """A random model of the library whose attention can be looked at; no two of its layers are alike."""
    transformers = need_transformers()
    kind, values = MODELS[name]
    config = getattr(transformers, f"{kind}Config")(**{"attn_implementation": "eager", **values, **settings})
    torch.manual_seed(3)
    name = "GPT2LMHeadModel" if kind == "GPT2" else f"{kind.removesuffix('Text')}ForCausalLM"
    model = getattr(transformers, name)(config).eval()
    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() > 1:
                weights.normal_(0, 0.06)
            else:  # biases are zero and norms one before
                weights.add_(0.1 * torch.randn(weights.shape))
    return model.requires_grad_(False)


def made_folder(folder: Path, name: str, dtype: torch.dtype = torch.float32, **saving: Any) -> Any:
    """Write such a model with a tokenizer of bytes; returns it as the library reads it back."""
    model = made_model(name).to(dtype)
    model.save_pretrained(folder, **saving)
    put_tokenizer(folder)
    return model.float()


def put_tokenizer(folder: Path) -> None:
    """A vocabulary of bytes with a few merges and the mark of the end, as GPT-2's two files."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    merges = ["t h", "th e", "Ġ the", "i n"]
    names = [*bytes_to_unicode().values(), *(merge.replace(" ", "") for merge in merges), "<|endoftext|>"]
    vocabulary = {name: number for number, name in enumerate(names)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *merges]), encoding="utf-8")
    put(folder, "tokenizer_config.json", {"eos_token": "<|endoftext|>", "bos_token": "<|endoftext|>"})


def put(folder: Path, name: str, values: Any) -> None:
    """Write JSON into a file of the folder."""
    (folder / name).write_text(json.dumps(values), encoding="utf-8")
