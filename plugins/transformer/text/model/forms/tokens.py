"""Which tokens may come so that a text keeps to its form: the machine of the form over the tree of the vocabulary.

Shape letters: N nodes, V vocabulary.
"""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.text.vocabulary import TextVocabulary

from .automaton import DEAD, START, Automaton
from .shape import Shape

Ints: TypeAlias = npt.NDArray[np.integer[Any]]
_UNFINISHED: Final = 0x110000
"""From here on a symbol is not a character but the first bytes of one."""
Mask: TypeAlias = npt.NDArray[np.bool_]
Place: TypeAlias = tuple[int, bytes]
"""A state of the machine, and the first bytes of a character that is not finished."""
_BEGIN: Final[Place] = (START, b"")
_BROKEN: Final[Place] = (DEAD, b"")
MAX_MASKS: Final = 64


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


class TextForm:
    """A form for what is written after a prompt; what it says depends on the tokens alone.

    Raises:
        UserError: the form is too large, or becomes so while a text is read.
    """

    def __init__(self, shape: Shape, trie: FormTrie, vocabulary: TextVocabulary) -> None:
        self._automaton = automaton = Automaton(shape)
        self._trie = trie
        self._vocabulary = vocabulary
        is_head = trie.codes >= 0x110000
        columns = np.empty(len(trie.codes), np.int64)
        columns[~is_head] = automaton.kinds_of(trie.codes[~is_head])
        columns[is_head] = [automaton.column_of(automaton.kinds_between(*code_range(head))) for head in trie.heads]
        self._columns = columns[trie.symbols]
        first = trie.codes[trie.symbols[: trie.levels[min(1, len(trie.levels) - 1)] - 1]]
        self._space = 1 + first.tolist().index(ord(" ")) if ord(" ") in first else 0
        self._masks: dict[tuple[Place, bool], Mask] = {}
        self._read: tuple[tuple[int, ...], bool, Place] = ((), False, _BEGIN)

    def mask(self, ids: Sequence[int], n_prompt: int) -> Mask | None:
        """The tokens (V,) that may come after these, the first `n_prompt` of which are free; None for any.

        Any may come within the prompt, and after a text that has left the form.
        """
        if len(ids) < n_prompt or self.is_broken(ids, n_prompt):
            return None
        place, is_opening = self._place(ids, n_prompt)
        found = self._masks.pop((place, is_opening), None)
        if found is None:
            found = self._masked(place, is_opening)
        self._masks[place, is_opening] = found
        if len(self._masks) > MAX_MASKS:
            del self._masks[next(iter(self._masks))]
        return found

    def is_complete(self, ids: Sequence[int], n_prompt: int) -> bool:
        """Whether the form is filled and nothing may follow."""
        (state, rest), _ = self._place(ids, n_prompt)
        return state != DEAD and not rest and self._automaton.is_final(state)

    def is_broken(self, ids: Sequence[int], n_prompt: int) -> bool:
        """Whether no text that goes on from these tokens has the form."""
        return self._place(ids, n_prompt)[0] == _BROKEN

    # Reading what is written

    def _place(self, ids: Sequence[int], n_prompt: int) -> tuple[Place, bool]:
        """Where the written tokens lead, and whether no text stands before the next one."""
        self._automaton.begin_answer()
        is_bare = self._vocabulary.drops_first_space and not any(map(self._vocabulary.piece, ids[:n_prompt]))
        written = tuple(ids[n_prompt:])
        known, was_bare, place = self._read
        if was_bare != is_bare or written[: len(known)] != known:
            known, place = (), _BEGIN
        for number in range(len(known), len(written)):
            is_first = is_bare and not any(map(self._vocabulary.piece, written[:number]))
            place = self._after(place, written[number], is_first)
        self._read = (written, is_bare, place)
        return place, is_bare and not any(map(self._vocabulary.piece, written))

    def _after(self, place: Place, token: int, is_first: bool) -> Place:
        piece = self._vocabulary.piece(token)
        found = read_piece(piece.removeprefix(b" ") if is_first else piece, place[1])
        return _BROKEN if found is None else self._stepped(place[0], *found)

    def _stepped(self, state: int, text: str, rest: bytes) -> Place:
        for char in text:
            state = self._automaton.after(state, ord(char))
        if rest and state != DEAD:
            column = self._automaton.column_of(self._automaton.kinds_between(*code_range(rest)))
            is_alive = self._automaton.advanced(np.array([state]), np.array([column]))[0] != DEAD
            return (state, rest) if is_alive else _BROKEN
        return (state, rest) if state != DEAD else _BROKEN

    # What may come

    def _masked(self, place: Place, is_opening: bool) -> Mask:
        state, rest = place
        found = np.zeros(self._trie.n_tokens, bool)
        if rest:
            for token, piece in self._trie.tails:
                read = read_piece(piece, rest)
                found[token] = read is not None and self._stepped(state, *read) != _BROKEN
            return found
        found[self._trie.tokens] = self._reached(state, is_opening)[self._trie.ends] != DEAD
        if self._automaton.is_match(state):
            found[list(self._vocabulary.ends)] = True
        return found

    def _reached(self, state: int, is_opening: bool) -> Ints:
        """The state at every node of the tree, when it is read from this state on."""
        trie = self._trie
        reached = np.full(trie.levels[-1], DEAD, np.int32)
        reached[0] = state
        for begin, end in zip(trie.levels, trie.levels[1:], strict=False):
            before = reached[trie.parents[begin - 1 : end - 1]]
            reached[begin:end] = self._automaton.advanced(before, self._columns[begin - 1 : end - 1])
            if begin == 1 and is_opening and self._space:
                reached[self._space] = state  # a text does not begin with the space of its first token
        return reached
