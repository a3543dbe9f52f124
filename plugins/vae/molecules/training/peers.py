"""What plain n-grams write, of the signs of SMILES and of the symbols of SELFIES: the peers of a model of molecules.

SELFIES can say nothing that is not a molecule (Krenn et al. 2020, arXiv 1905.13741): all of it is valid, and only how
far it lies from real molecules tells something.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from typing import Final

import numpy as np

from studio.api.recipe import Measuring

N_GRAM: Final = 7
_AT_ONCE: Final = 1000
_MOST: Final = 200
_END: Final = "\n"


def ngram_texts(smiles: Sequence[str], n: int, seed: int) -> Measuring[list[str]]:
    """What an n-gram of signs writes after counting all of `smiles`."""
    rows = yield from _ngram_rows(smiles, n, seed)
    return ["".join(row) for row in rows]


def has_selfies() -> bool:
    """Whether the package selfies is installed."""
    return find_spec("selfies") is not None


def selfies_texts(smiles: Sequence[str], n: int, seed: int) -> Measuring[list[str]]:
    """What an n-gram of SELFIES symbols writes, as SMILES, after counting all of `smiles` that SELFIES can say."""
    import selfies

    known = list[list[str]]()
    for number, text in enumerate(smiles):
        try:
            known.append(list(selfies.split_selfies(selfies.encoder(text))))
        except selfies.EncoderError:
            continue
        if number % _AT_ONCE == 0:
            yield
    rows = yield from _ngram_rows(known, n, seed)
    return [selfies.decoder("".join(row)) for row in rows]


def _ngram_rows(known: Iterable[Sequence[str]], n: int, seed: int) -> Measuring[list[list[str]]]:
    """`n` rows of signs, each drawn as often as it follows the N_GRAM - 1 before it in what is known."""
    counts: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for number, signs in enumerate(known):
        row = (*signs, _END)
        for place, sign in enumerate(row):
            counts[row[max(0, place - N_GRAM + 1) : place]][sign] += 1
        if number % _AT_ONCE == 0:
            yield
    random = np.random.default_rng(seed)
    rows = list[list[str]]()
    for _ in range(n):
        written = list[str]()
        while written[-1:] != [_END] and len(written) < _MOST:
            written.append(_drawn(counts[tuple(written[-(N_GRAM - 1) :])], random.random))
        rows.append([sign for sign in written if sign != _END])
        yield
    return rows


def _drawn(counts: Counter[str], random: Callable[[], float]) -> str:
    left = random() * counts.total()
    for sign, count in counts.items():
        left -= count
        if left < 0:
            return sign
    return _END
