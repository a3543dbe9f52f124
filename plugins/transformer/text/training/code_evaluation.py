"""How well a decoder writes Python: completions of held-out heads are parsed and searched for copies, never run."""

import ast
import warnings
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from studio.api.training import n_statements
from studio.core.seed import generator

from ..model.cache import KeyValueCache
from ..model.decoder import Decoder
from ..model.tokenizer import TextTokenizer

N_HEADS: Final = 200
N_TOKENS: Final = 128
TEMPERATURE: Final = 0.8
MIN_STATEMENTS: Final = 2
N_COPIED: Final = 40
INDENT: Final = "    "


@dataclass(frozen=True)
class CodeVerdict:
    """How many of some bodies are good.

    Attributes:
        n_parsed: are Python together with their heads. n_long: of these, have two statements or more.
        n_good: of these, hold no run of 40 characters that was learnt from.
        n: how many there are.
    """

    n_parsed: int
    n_long: int
    n_good: int
    n: int

    @property
    def percent(self) -> float:
        """Of all, are good."""
        return 100 * self.n_good / self.n

    @property
    def parsed_percent(self) -> float:
        """Of all, are Python."""
        return 100 * self.n_parsed / self.n

    @property
    def copied_percent(self) -> float:
        """Of those with enough statements, hold a copied run."""
        return 100 * (self.n_long - self.n_good) / max(1, self.n_long)


def chosen_heads(functions: Sequence[str], n_heads: int, seed: int) -> list[tuple[str, str]]:
    """Heads up to the first character of the body, and the rest of the function: another order for another seed."""
    places = generator(seed, "heads").permutation(len(functions))[:n_heads]
    halves = [functions[place].partition("\n" + INDENT) for place in places]
    return [(head + gap, rest) for head, gap, rest in halves]


@torch.inference_mode()
def completions(
    decoder: Decoder,
    tokenizer: TextTokenizer,
    heads: Sequence[str],
    seed: int,
    n_tokens: int = N_TOKENS,
    temperature: float = TEMPERATURE,
) -> Generator[None, None, list[str]]:
    """What a decoder writes after each head, up to the first dedent; yields after each head."""
    written = []
    for number, head in enumerate(heads):
        dice = generator(seed, "completion", number).random(n_tokens).tolist()
        written.append(_completion(decoder, tokenizer, head, dice, temperature))
        yield
    return written


def _completion(
    decoder: Decoder, tokenizer: TextTokenizer, head: str, dice: Sequence[float], temperature: float
) -> str:
    """One completion; each number in [0, 1) chooses a token, after cumulative probability."""
    device = decoder.tokens.weight.device
    cache = KeyValueCache(decoder.config, device=device)
    new, ids = tokenizer.encode(head), list[int]()
    for die in dice[: decoder.config.n_context - len(new)]:
        logits = decoder(torch.tensor([new], device=device), cache)[0, -1].double()
        sums = (logits / temperature).softmax(-1).cumsum(-1)
        token = min(int((sums <= die * sums[-1]).sum()), len(sums) - 1)
        ids.append(token)
        if tokenizer.is_special(token) or len(to_dedent(text := tokenizer.decode(ids))) < len(text):
            break
        new = [token]
    return to_dedent(tokenizer.decode(ids))


def to_dedent(text: str) -> str:
    """A body, without its first indent, up to where a line that is not empty begins at column 0."""
    lines = text.split("\n")
    end = next((place for place, line in enumerate(lines) if place and line and line[0] != " "), len(lines))
    return "\n".join(lines[:end])


def cut_alike(tokenizer: TextTokenizer, bodies: Sequence[str], n_tokens: int = N_TOKENS) -> list[str]:
    """Real bodies after as many tokens as a completion may have."""
    return [to_dedent(tokenizer.decode(tokenizer.encode(body, False)[:n_tokens])) for body in bodies]


def judged(
    heads: Sequence[str], bodies: Sequence[str], learnt: Sequence[str], n_copied: int = N_COPIED
) -> Generator[None, None, CodeVerdict]:
    """Hold bodies to the floor of this model; `learnt` are the texts that were learnt from. Yields now and then."""
    counts = [_n_statements(head + body) for head, body in zip(heads, bodies, strict=True)]
    copied = yield from copies(bodies, learnt, n_copied)
    are_long = np.array([count is not None and count >= MIN_STATEMENTS for count in counts])
    n_parsed = sum(count is not None for count in counts)
    return CodeVerdict(n_parsed, int(are_long.sum()), int((are_long & ~copied).sum()), len(bodies))


def _n_statements(text: str) -> int | None:
    """In the body of a function that does something; None where the text is not Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return n_statements(tree) - 1  # the function itself is one


def copies(bodies: Sequence[str], learnt: Sequence[str], n_copied: int) -> Generator[None, None, npt.NDArray[np.bool_]]:
    """Which bodies hold a run of `n_copied` characters that is in a text; bool, one for each. Yields now and then."""
    holders: dict[str, list[int]] = {}
    for number, body in enumerate(bodies):
        for run in runs_of(body, n_copied):
            holders.setdefault(run, []).append(number)
    found = np.zeros(len(bodies), np.bool_)
    for place, text in enumerate(learnt):
        for run in holders.keys() & runs_of(text, n_copied):
            found[holders[run]] = True
        if place % 256 == 0:
            yield
    return found


def runs_of(text: str, n_characters: int) -> set[str]:
    """All passages of so many characters."""
    return {text[first : first + n_characters] for first in range(len(text) - n_characters + 1)}
