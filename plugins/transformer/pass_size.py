"""How much work a pass of a decoder is, and what follows from it: how many tokens it may have, how many threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

from studio.api.engine import limited_threads

from .config import DecoderConfig

LONG_FLOPS: Final = 8e9
"""Of a pass of about a tenth of a second: others may want to compute too."""
SHORT_FLOPS: Final = 2e9
"""Below this one thread is sooner done: two wait for each other in every layer, for long where others compute too."""
MIN_TOKENS, MAX_TOKENS = 16, 256


@cache
def token_flops(config: DecoderConfig) -> float:
    """Additions and multiplications for one token in all layers, but for attention and the head."""
    n_heads = 2 * config.n_heads + 2 * config.n_kv_heads
    n_mlp = (3 if config.is_gated else 2) * config.mlp_width
    return 2.0 * config.n_layers * config.width * (n_heads * config.head_width + n_mlp)


def pass_tokens(config: DecoderConfig) -> int:
    """How many tokens a pass may have that gives way to others soon."""
    return int(min(MAX_TOKENS, max(MIN_TOKENS, LONG_FLOPS / token_flops(config))))


@contextmanager
def fitting_threads(config: DecoderConfig, n_tokens: int) -> Iterator[None]:
    """Let torch read so many tokens with one thread where they are few; not to be held across a yield."""
    if n_tokens * token_flops(config) < SHORT_FLOPS:
        with limited_threads(1):
            yield
    else:
        yield
