"""Small decoders of each kind, with random weights, and a tokenizer that was learnt from one sentence."""

from dataclasses import replace
from functools import cache
from typing import Any

import torch

from plugins.transformer.text.engine import TransformerEngine
from plugins.transformer.text.model.config import DecoderConfig, RopeScaling
from plugins.transformer.text.model.decoder import Decoder
from plugins.transformer.text.model.tokenizer import own_tokenizer
from studio.core.frame import whole_frames
from studio.core.text.byte_tokens import learnt_tokenizer

N_VOCAB = 61
LLAMA = DecoderConfig(
    n_vocab=N_VOCAB, n_context=64, n_layers=3, n_heads=4, n_kv_heads=2, width=32, head_width=8, mlp_width=40
)
GPT2 = replace(
    LLAMA,
    n_kv_heads=4,
    norm="layer",
    activation="gelu_tanh",
    is_gated=False,
    positions="learnt",
    qkv_bias=True,
    out_bias=True,
    mlp_bias=True,
)
GEMMA = replace(
    LLAMA,
    norm_offset=1.0,
    activation="gelu_tanh",
    embedding_scale=32**0.5,
    attention_cap=20.0,
    logit_cap=15.0,
    has_post_norms=True,
    sliding_window=7,
    sliding_layers=(0, 2),
)
NEOX = replace(GPT2, positions="rotary", rotary_share=0.5, is_parallel=True, is_tied=False)
QWEN = replace(LLAMA, has_qk_norm=True, is_tied=False, rope_scaling=RopeScaling("linear", 2.0))
KINDS = {"llama": LLAMA, "gpt2": GPT2, "gemma": GEMMA, "neox": NEOX, "qwen": QWEN}
SENTENCE = "To be, or not to be, that is the question: whether ’tis nobler in the mind to suffer. "


def decoder(config: DecoderConfig, seed: int = 3) -> Any:
    """A decoder whose weights are large enough that every part of it matters."""
    torch.manual_seed(seed)
    made = Decoder(config).eval().requires_grad_(False)
    for weight in made.parameters():
        weight.add_(torch.randn_like(weight), alpha=0.15)
    return made


def tokens(n_texts: int = 1, n_tokens: int = 20, seed: int = 5) -> torch.Tensor:
    """Random tokens (B, T)."""
    return torch.randint(0, N_VOCAB, (n_texts, n_tokens), generator=torch.Generator().manual_seed(seed))


@cache
def sentence_tokenizer() -> Any:
    """The library's tokenizer that was learnt from the sentence."""
    return learnt_tokenizer([SENTENCE], 300)


@cache
def small_engine(n_context: int = 32) -> Any:
    """An engine that writes nonsense with a context of a few words."""
    tokenizer = own_tokenizer(sentence_tokenizer())
    config = replace(LLAMA, n_vocab=tokenizer.n_tokens, n_context=n_context)
    return TransformerEngine(decoder(config), tokenizer)


def whole(frames: Any) -> list[Any]:
    """All frames of a run with everything whole."""
    return list(whole_frames(frames))
