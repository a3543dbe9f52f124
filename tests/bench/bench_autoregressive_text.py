"""How fast a Transformer-XL writes: what was read is kept, against reading what it sees again for each token."""

from functools import cache
from typing import Any, Final

import torch

from tests.bench.statistic import times_as_fast
from tests.bench.suite import Figure, bench

N_BEFORE: Final = 600
N_NEW: Final = 8
"""So many tokens are read behind as many as the memory and a segment hold."""


@bench("autoregressive.xl_tokens", "x", at_least=5)
def xl_tokens() -> Figure:
    """Tokens with a memory of 512, one by one, against a pass over all that each of them sees."""
    from plugins.autoregressive.text.model.reader import XLMemory, XLReader
    from studio.api.engine import limited_threads

    network, ids = _network(), torch.arange(N_BEFORE + N_NEW) % 2048
    reader = XLReader(network, XLMemory(network.config.n_memory))
    for token in ids[:N_BEFORE].tolist():
        reader.read(token)

    def ours() -> None:
        reader.place = N_BEFORE
        with limited_threads(1):
            for token in ids[N_BEFORE:].tolist():
                reader.read(token)

    def whole() -> None:
        with torch.inference_mode(), limited_threads(1):
            for place in range(N_BEFORE, N_BEFORE + N_NEW):
                _read_again(network, ids[: place + 1][None])

    return times_as_fast(ours, whole, "the prefix read again for each token, in segments")


def _read_again(network: Any, tokens: torch.Tensor) -> None:
    """What the last token sees: the memory made anew from as many tokens as it holds, then its own segment."""
    from plugins.autoregressive.text.training.objective import segments

    own = (tokens.shape[1] - 1) // network.config.n_segment * network.config.n_segment
    seen = torch.cat([tokens[:, own - network.config.n_memory :], tokens[:, :1]], 1)
    for _ in segments(network, seen, network.config.n_memory):
        pass


@cache
def _network() -> Any:
    """A random network of the shipped sizes: what it has learnt does not change how long it takes."""
    from plugins.autoregressive.text.model.transformer_xl import TransformerXL
    from plugins.autoregressive.text.training.recipe import CONFIG

    torch.manual_seed(1)
    return TransformerXL(CONFIG).eval().requires_grad_(False)
