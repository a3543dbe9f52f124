"""Which tokens of a text mattered for the next one: each is left out once, and the gradient is asked.

To leave a token out means that no later one looks at it. So only the later ones are read again, over the one memory
of the text, many tokens in a pass. Shape letters: T tokens of the text, S tokens in the memory.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..model.attention_mask import TreeAttention
from ..model.cache import KeyValueCache
from ..model.config import pass_tokens
from ..model.decoder import Decoder
from .ablation import TokenAttribution

Floats: TypeAlias = npt.NDArray[np.float32]
Stretch: TypeAlias = tuple[int, int, int]
"""A token that is left out, and from where to where the text is read again without it."""


def token_attribution(decoder: Decoder, ids: Sequence[int], token: int) -> Generator[None, None, TokenAttribution]:
    """How much each token mattered for `token` to come next; yields between passes.

    Only the last tokens are seen where a text is longer than the context.
    """
    first = max(0, len(ids) - decoder.config.n_context)
    seen = list(ids[first:])
    left_out, gradient = np.zeros(len(ids), np.float32), np.zeros(len(ids), np.float32)
    gradient[first:] = yield from _gradient_times_input(decoder, seen, token)
    left_out[first:] = yield from _left_out(decoder, seen, token)
    return TokenAttribution(left_out, gradient)


def stretches(n_tokens: int, n_pass: int) -> Iterator[list[Stretch]]:
    """What is read in each pass of at most `n_pass` tokens: several stretches to the end of the text, or one of many.

    Without the last token nothing is different, since it alone looks at itself.
    """
    gathered: list[Stretch] = []
    for word in range(n_tokens - 1):
        firsts = range(word + 1, n_tokens, n_pass)
        whole = [(word, begin, min(begin + n_pass, n_tokens)) for begin in firsts]
        n_gathered = sum(end - begin for _, begin, end in (*gathered, *whole))
        if gathered and n_gathered > n_pass:
            yield gathered
            gathered = []
        if len(whole) > 1:
            yield from ([one] for one in whole)
        else:
            gathered += whole
    if gathered:
        yield gathered


@torch.inference_mode()
def _left_out(decoder: Decoder, ids: list[int], token: int) -> Generator[None, None, Floats]:
    """Bits by which the token gets less likely without each of the others, (T,)."""
    device, n_tokens, n_pass = decoder.tokens.weight.device, len(ids), pass_tokens(decoder.config)
    cache, stream = KeyValueCache(decoder.config, 1, device), torch.empty(0)
    for begin in range(0, n_tokens, n_pass):
        part = torch.tensor([ids[begin : begin + n_pass]], device=device)
        stream = decoder.hidden(decoder.embedded(part, cache), cache)[0]
        yield
    bits = np.repeat(_bits(decoder, stream[-1:], token), n_tokens)
    for pieces in stretches(n_tokens, n_pass):
        if pieces[0][1] == pieces[0][0] + 1:  # a stretch begins, the one before is over
            cache.crop(n_tokens)
        part = torch.tensor([[number for _, begin, end in pieces for number in ids[begin:end]]], device=device)
        ways = _standing(n_tokens, cache.n_tokens, pieces).to(device)
        stream = decoder.hidden(decoder.embedded(part, cache, ways), cache, ways=ways)[0]
        if pieces[-1][2] == n_tokens:
            ends = np.cumsum([end - begin for _, begin, end in pieces]) - 1
            bits[[word for word, *_ in pieces]] = _bits(decoder, stream[ends], token)
        yield
    return bits[-1] - bits


def _standing(n_text: int, n_old: int, pieces: Sequence[Stretch]) -> TreeAttention:
    """Each token sees those of the text before the left-out one, and those of its own stretch up to itself.

    What lies in the memory behind the text is the beginning of the stretch that goes on here.
    """
    n_new = sum(end - begin for _, begin, end in pieces)
    positions = torch.cat([torch.arange(begin, end) for _, begin, end in pieces])
    begun = torch.arange(pieces[0][1] - (n_old - n_text), pieces[0][1])
    visible = torch.zeros(n_new, n_old + n_new, dtype=torch.bool)
    first = 0
    for word, begin, end in pieces:
        last = first + end - begin
        visible[first:last, :word] = True
        visible[first:last, n_text:n_old] = True
        visible[first:last, n_old + first : n_old + last] = torch.ones(end - begin, end - begin).tril().bool()
        first = last
    return TreeAttention(torch.cat([torch.arange(n_text), begun, positions]), visible)


def _bits(decoder: Decoder, stream: Tensor, token: int) -> Floats:
    """Logarithms to base 2 of the token's probability after each row of a stream (B, D)."""
    found: Floats = decoder.logits(stream).float().log_softmax(-1)[:, token].cpu().numpy()
    return found / np.float32(math.log(2))


@torch.enable_grad()
def _gradient_times_input(decoder: Decoder, ids: list[int], token: int) -> Generator[None, None, Floats]:
    """Of the token's log-probability by each token's vector, as a share of all magnitudes (T,).

    Layer by layer, forward and back again, so that there is never more than one layer's way back in memory.
    """
    text = torch.tensor([ids], device=decoder.tokens.weight.device)
    streams = [decoder.embedded(text).detach()]
    for layer in range(decoder.config.n_layers):
        with torch.no_grad():
            streams.append(decoder.layer(layer, streams[-1]))
        yield
    x = streams.pop().requires_grad_()
    (slope,) = torch.autograd.grad(decoder.logits(x[0, -1]).float().log_softmax(-1)[token], x)
    for layer in reversed(range(decoder.config.n_layers)):
        x = streams.pop().requires_grad_()
        (slope,) = torch.autograd.grad(decoder.layer(layer, x), x, slope)
        yield
    product = (slope[0] * x.detach()[0]).sum(-1)  # (T,)
    found: Floats = (product / product.abs().sum().clamp_min(1e-30)).cpu().numpy()
    return found
