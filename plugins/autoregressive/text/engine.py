"""A network of words ready to write: texts as frames that keep everything, and how much memory matters. No Qt.

Shape letters: T tokens, V vocabulary.
"""

from collections.abc import Generator, Iterator, Sequence
from typing import Final, Self

from studio.api.engine import Device, ModelSource, PausingEngine, limited_threads
from studio.api.training import unseen_passage
from studio.core.frame import Frame
from studio.core.text.byte_tokens import END_ID
from studio.core.view import State

from ..shared.next_token import UNKNOWN, Chances, Choosing, die_roll, facts_of, next_tokens
from ..shared.params import MAX_TOKENS
from ..shared.tokenizer import TextCutter
from .frames import ReadToken, XLTextFrames
from .model.reader import Floats, TokenReading, XLMemory, XLReader, reread, surprises
from .model.transformer_xl import TransformerXL, load_xl
from .params import TextParams
from .state import Reread, XLTextBeginning, XLTextModelInfo, looked_at, read_state

N_PASSAGE: Final = 900
"""Characters of a passage: some four or five segments."""


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
