"""A network of words ready to write: texts as frames that keep everything, and how much memory matters. No Qt.

Shape letters: T tokens, V vocabulary, K segments seen.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from studio.api.engine import Device, ModelSource, PausingEngine, limited_threads
from studio.api.training import unseen_passage
from studio.core.frame import Frame
from studio.core.recording.delta import Append, AppendRows
from studio.core.text.byte_tokens import END_ID
from studio.core.text.vocabulary import Spelling, TextVocabulary
from studio.core.translation import N_
from studio.core.view import State, Tokens, View

from ..shared.next_token import UNKNOWN, Chances, Choosing, NextTokens, die_roll, facts_of, next_bars, next_tokens
from ..shared.params import MAX_TOKENS
from ..shared.tokenizer import TextCutter
from .model.reader import Floats, TokenReading, XLMemory, XLReader, reread, surprises
from .model.transformer_xl import TransformerXL, load_xl
from .params import TextParams
from .state import GROWING, Reread, XLTextBeginning, XLTextModelInfo, looked_at, read_state

N_PASSAGE: Final = 900
"""Characters of a passage: some four or five segments."""


@dataclass(frozen=True, eq=False)
class ReadToken:
    """One token: facts about it (4,), what may come after it, and its looks (K,)."""

    token: int
    facts: npt.NDArray[np.float32]
    next: NextTokens
    looked: npt.NDArray[np.float32]

    @property
    def growing(self) -> dict[str, npt.NDArray[Any]]:
        """Named as `state.GROWING`."""
        columns = (self.facts, self.next.ids, self.next.raw, self.next.after, self.looked.astype(np.float16))
        return dict(zip(GROWING, columns, strict=True))


class XLTextFrames:
    """Makes the frames of one run.

    Attributes:
        n_tokens: how many there will be. prompt: those of them that a person gave.
        settings: by which dice are read, as `state.SETTINGS`.
    """

    def __init__(
        self, vocabulary: TextVocabulary, n_tokens: int, prompt: Sequence[int], settings: Sequence[float]
    ) -> None:
        self._vocabulary = vocabulary
        self._spelling = Spelling(vocabulary)
        self._n_tokens = n_tokens
        self._constant: State = {"prompt": np.array(prompt, np.int32), "settings": np.array(settings, np.float64)}

    def first(self, rows: Sequence[ReadToken]) -> Frame:
        """The frame that the run begins with, whole."""
        ids = [row.token for row in rows]
        surprise = tuple(max(float(row.facts[0]), 0.0) for row in rows)
        views: dict[str, View] = {
            "text": Tokens(tuple(map(self._spelling.next, ids)), surprise),
            "next": next_bars(rows[-1].next, self._vocabulary),
        }
        all_growing = [row.growing for row in rows]
        growing = {name: np.stack([one[name] for one in all_growing]) for name in GROWING}
        state: State = {"ids": np.array(ids, np.int32), **growing, **self._constant}
        place = len(rows) - 1
        return Frame(place, self._n_tokens, self._label(place), views, _scalars(rows[-1]), state)

    def later(self, row: ReadToken, place: int) -> Frame:
        """The frame of the token at a place."""
        piece = self._spelling.next(row.token)
        growing = {name: AppendRows(rows[None]) for name, rows in row.growing.items()}
        return Frame(
            place,
            self._n_tokens,
            self._label(place),
            {"next": next_bars(row.next, self._vocabulary)},
            _scalars(row),
            self._constant,
            {"text": Append(Tokens((piece,), (max(float(row.facts[0]), 0.0),)))},
            {"ids": AppendRows(np.array([row.token], np.int32)), **growing},
        )

    def _label(self, place: int) -> str:
        return N_("Token {n} of {n_all}").format(n=place + 1, n_all=self._n_tokens)


def _scalars(row: ReadToken) -> dict[str, float]:
    surprise, rank, entropy, _ = row.facts.tolist()
    return {"surprise": max(surprise, 0.0), "rank": rank, "entropy": entropy}


class XLTextEngine(PausingEngine):
    """One Transformer-XL.

    A text is always read token by token from its beginning, so that a branch repeats its run bit for bit, also one
    that was saved: what the layers remember is made anew from the tokens in the state.
    """

    def __init__(self, network: TransformerXL, cutter: TextCutter) -> None:
        self.network = network
        self.config = network.config
        self.cutter = cutter
        self.vocabulary = cutter.vocabulary

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        network, cutter = load_xl(source.path)
        return cls(network.to(device.torch_device), cutter)

    def close(self) -> None:
        """Free the weights."""
        del self.network

    def about(self) -> XLTextModelInfo:
        """What a panel has to know."""
        config = self.config
        return XLTextModelInfo(self.vocabulary, config.n_segment, config.n_memory, config.n_layers, config.n_heads)

    def memory(self, n_tokens: int, cut: int) -> XLMemory:
        """How far back the network looks: as much as it can at most, and cut only between segments."""
        return XLMemory(min(n_tokens, self.config.n_memory), cut // self.config.n_segment * self.config.n_segment)

    # Texts

    def generate_with_pauses(self, params: TextParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield a frame for each token: those of the prompt, then `params.length` more than it has.

        Of a prompt longer than `MAX_TOKENS` the end is read.
        A state is a frame's, or one that `state` made; its text stands, whatever the prompt is, and its frame is
        the first one. What is known of its tokens is found anew, with the memory that the settings give.
        """
        if start is None:
            ids = (END_ID, *self.cutter.encode(params.prompt)[-MAX_TOKENS:])
            begin = XLTextBeginning(ids, 1, len(ids), (UNKNOWN,) * len(ids))
        else:
            begin = read_state(start, self.config.n_vocab)
        yield from self._written(params, begin)

    def _written(self, params: TextParams, begin: XLTextBeginning) -> Iterator[Frame | None]:
        memory = self.memory(params.memory, params.cut)
        settings = (params.temperature, params.top_p, float(memory.n_tokens), float(memory.cut))
        text, rolls, rows = list(begin.text), begin.rolls_by(settings), list[ReadToken]()
        first = begin.n_first - 1
        n_tokens = max(len(text), begin.n_prompt + params.length)
        frames = XLTextFrames(self.vocabulary, n_tokens, text[: begin.n_prompt], settings)
        reader = XLReader(self.network, memory)
        choosing = Choosing(params.temperature, params.top_p)
        said: Floats | None = None
        chances: Chances | None = None
        for place in range(n_tokens):
            if place == len(text):
                if chances is None or (text[-1] == END_ID and place > max(1, begin.n_prompt)):
                    return
                rolls.append(die_roll(params.seed, place))
                text.append(chances.drawn(rolls[-1]))
            facts = facts_of(text[place], said, rolls[place])
            reading = self._read(reader, text[place])
            said, chances = reading.log_probabilities, choosing.chances(reading.log_probabilities)
            row = self._row(text[place], facts, reading, chances)
            if place <= first:
                rows.append(row)
                yield frames.first(rows) if place == first else None
            else:
                yield frames.later(row, place)

    def _row(self, token: int, facts: Floats, reading: TokenReading, chances: Chances) -> ReadToken:
        looked = looked_at(reading.attention, reading.first, self.config.n_segment, self.config.n_back)
        return ReadToken(token, facts, next_tokens(reading.log_probabilities, chances), looked)

    @staticmethod
    def _read(reader: XLReader, token: int) -> TokenReading:
        with limited_threads(1):
            return reader.read(token)

    # Looks

    def surprises(self, ids: Sequence[int], n_memory: int, cut: int) -> Generator[None, None, Floats]:
        """The surprise of each token of a text in bits, (T,), with so much memory; yields often."""
        return (yield from surprises(self.network, ids, self.memory(n_memory, cut)))

    def reread(self, ids: Sequence[int], n_memory: int, cut: int) -> Generator[None, None, Reread]:
        """A text with so much memory: what each token costs and where it looks; yields often."""
        return (yield from reread(self.network, ids, self.memory(n_memory, cut)))

    def passage(self, number: int) -> str:
        """Some lines of a work that the model never saw, by their number."""
        return unseen_passage(number, N_PASSAGE)
