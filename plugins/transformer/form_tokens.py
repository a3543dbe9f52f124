"""Which tokens may come so that a text keeps to its form: the machine of the form over the tree of the vocabulary.

Shape letters: V vocabulary.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.text_vocabulary import TextVocabulary

from .form_automaton import DEAD, START, Automaton
from .form_shape import Shape
from .form_trie import FormTrie, code_range, read_piece

Mask: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.integer[Any]]
Place: TypeAlias = tuple[int, bytes]
"""A state of the machine, and the first bytes of a character that is not finished."""
_BEGIN: Final[Place] = (START, b"")
_BROKEN: Final[Place] = (DEAD, b"")
MAX_MASKS: Final = 64


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
