"""All tokens of a vocabulary as one tree of characters, so that many are read at once.

Shape letters: N nodes, V vocabulary.
"""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.integer[Any]]
_UNFINISHED: Final = 0x110000
"""From here on a symbol is not a character but the first bytes of one."""


@dataclass(frozen=True, eq=False)
class FormTrie:
    """Attributes:
        parents: of each node but the root, which has number 0, the node before it, (N - 1,); nodes that are equally
            deep stand together. symbols: by their place in `codes`, what leads there, (N - 1,).
        levels: how many nodes have a depth of at most 0, 1, 2 …
        codes: code points of all symbols, and from 0x110000 on the numbers of `heads`.
        heads: the bytes of unfinished characters with which tokens end.
        tokens, ends: tokens that begin with a character, and their nodes.
        tails: those that begin within one, with their bytes.
        n_tokens: V.
    """

    parents: Ints
    symbols: Ints
    levels: tuple[int, ...]
    codes: Ints
    heads: tuple[bytes, ...]
    tokens: Ints
    ends: Ints
    tails: tuple[tuple[int, bytes], ...]
    n_tokens: int


def form_trie(pieces: Sequence[bytes]) -> FormTrie:
    """The tree of these tokens; those without bytes and those that no text can have are left out."""
    heads: dict[bytes, int] = {}
    tails: list[tuple[int, bytes]] = []
    tokens: list[int] = []
    texts: list[str] = []
    last: list[int] = []  # the unfinished character at the end, -1 for none
    for token, piece in enumerate(pieces):
        found = read_piece(piece)
        if found is None:
            if piece[:1] and 0x80 <= piece[0] < 0xC0:
                tails.append((token, piece))
            continue
        text, head = found
        if text or head:
            tokens.append(token)
            texts.append(text)
            last.append(heads.setdefault(head, len(heads)) if head else -1)
    lengths = np.array([len(text) for text in texts], np.int64)
    joined = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.int64)
    matrix = _Rows(joined, lengths, np.array(last, np.int64))
    codes, symbols = np.unique(matrix.values(), return_inverse=True)
    parents, kinds, levels, ends = _grown(symbols, matrix.begins, matrix.sizes)
    return FormTrie(
        parents, kinds, levels, codes, tuple(heads), np.array(tokens, np.int64), ends, tuple(tails), len(pieces)
    )


def read_piece(piece: bytes, before: bytes = b"") -> tuple[str, bytes] | None:
    """The characters of some bytes and the first bytes of one that they do not finish; None where they are no text.

    `before` are the bytes of the unfinished character in front of them.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        return decoder.decode(before + piece), decoder.getstate()[0]
    except UnicodeDecodeError:
        return None


def code_range(head: bytes) -> tuple[int, int]:
    """The code points of all characters that begin with these bytes."""
    n_bytes = 2 if head[0] < 0xE0 else 3 if head[0] < 0xF0 else 4
    code = head[0] & (0xFF >> (n_bytes + 1))
    for byte in head[1:]:
        code = code << 6 | byte & 0x3F
    n_missing = 6 * (n_bytes - len(head))
    least = {2: 0x80, 3: 0x800, 4: 0x10000}[n_bytes]
    return max(code << n_missing, least), min((code + 1 << n_missing) - 1, 0x10FFFF)


class _Rows:
    """The characters of all tokens, one behind another, each with its unfinished one at the end."""

    def __init__(self, joined: Ints, lengths: Ints, last: Ints) -> None:
        self._joined, self._lengths, self._last = joined, lengths, last
        self.sizes = lengths + (last >= 0)
        self.begins = np.cumsum(self.sizes) - self.sizes

    def values(self) -> Ints:
        """Code points, and numbers of heads from `_UNFINISHED` on."""
        found = np.empty(int(self.sizes.sum()), np.int64)
        with_head = np.flatnonzero(self._last >= 0)
        places = self.begins[with_head] + self._lengths[with_head]
        is_head = np.zeros(len(found), bool)
        is_head[places] = True
        found[places] = _UNFINISHED + self._last[with_head]
        found[~is_head] = self._joined
        return found


def _grown(symbols: Ints, begins: Ints, sizes: Ints) -> tuple[Ints, Ints, tuple[int, ...], Ints]:
    """Parents, symbols, levels and each token's end, found level by level."""
    ends = np.zeros(len(sizes), np.int64)
    parents: list[Ints] = []
    kinds: list[Ints] = []
    levels = [1]
    n_symbols = int(symbols.max(initial=0)) + 1
    for depth in range(int(sizes.max(initial=0))):
        longer = np.flatnonzero(sizes > depth)
        keys = ends[longer] * n_symbols + symbols[begins[longer] + depth]
        nodes, numbers = np.unique(keys, return_inverse=True)
        parents.append(nodes // n_symbols)
        kinds.append(nodes % n_symbols)
        ends[longer] = levels[-1] + numbers
        levels.append(levels[-1] + len(nodes))
    empty = np.zeros(0, np.int64)
    return np.concatenate([empty, *parents]), np.concatenate([empty, *kinds]), tuple(levels), ends
