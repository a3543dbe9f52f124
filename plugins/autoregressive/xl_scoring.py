"""How surprising a text is with more or less memory: read in whole segments, which is sooner done than by tokens.

Shape letters: T tokens, V vocabulary.
"""

import math
from collections.abc import Generator, Sequence

import numpy as np
import torch
from torch import Tensor

from studio.api.engine import limited_threads

from .next_tokens import N_NEXT, UNKNOWN
from .text_choosing import likeliest
from .text_reread import Reread, looked_at
from .xl_model import TransformerXL, remembered
from .xl_reader import Floats, Memory, XLReader


def surprises(network: TransformerXL, ids: Sequence[int], memory: Memory) -> Generator[None, None, Floats]:
    """The surprise of each token in bits, (T,), -1 for the first one; yields between segments."""
    n_segment = network.config.n_segment
    found, kept = np.full(len(ids), UNKNOWN, np.float32), None
    for first in range(0, len(ids), n_segment):
        if memory.cut and first == memory.cut:
            kept = None
        row = torch.tensor(ids[first : first + n_segment + 1], device=network.u.device)
        bits, kept = _segment(network, row, kept, memory.n_tokens)
        found[first + 1 : first + 1 + len(bits)] = bits.cpu().numpy()
        yield
    return found


@torch.inference_mode()
def _segment(network: TransformerXL, row: Tensor, kept: Tensor | None, n_memory: int) -> tuple[Tensor, Tensor]:
    """Bits of the tokens behind each of a segment's, and what is remembered after it."""
    read_now = row[: network.config.n_segment]
    with limited_threads(1):
        logits, read = network(read_now[None], kept)
    following = row[1 : 1 + len(read_now)]
    said = logits[0, : len(following)].float().log_softmax(-1)
    bits = -said.gather(1, following[:, None])[:, 0] / math.log(2)
    return bits, remembered(kept, read, n_memory)


def reread(network: TransformerXL, ids: Sequence[int], memory: Memory) -> Generator[None, None, Reread]:
    """The same token by token, with where each one looks; yields after each."""
    n_segment, n_back = network.config.n_segment, network.config.n_back
    reader = XLReader(network, memory)
    surprise, looked = np.full(len(ids), UNKNOWN, np.float32), np.zeros((len(ids), n_back), np.float32)
    n_next = min(N_NEXT, network.config.n_vocab)
    next_ids, next_raw = np.zeros((len(ids), n_next), np.int32), np.zeros((len(ids), n_next), np.float32)
    for place, token in enumerate(ids):
        with limited_threads(1):
            reading = reader.read(token)
        said = reading.log_probabilities
        if place + 1 < len(ids):
            surprise[place + 1] = -said[ids[place + 1]] / math.log(2)
        next_ids[place] = likeliest(said)[:n_next]
        next_raw[place] = np.exp(said[next_ids[place]])
        looked[place] = looked_at(reading.attention, reading.first, n_segment, n_back)
        yield
    return Reread(surprise, looked, next_ids, next_raw)
