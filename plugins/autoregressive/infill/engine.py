"""An XLNet ready to fill texts in any order: fillings as frames that keep everything, orders held together. No Qt."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any, Final, Protocol, Self, cast

from torch import nn

from studio.api.engine import Device, ModelSource, PausingEngine
from studio.api.training import unseen_passage
from studio.core.frame import Frame
from studio.core.text.gaps import UNKNOWN_ID, CutText, split_gaps
from studio.core.text.vocabulary import TextVocabulary
from studio.core.view import State
from studio.nn.pausing_layers import pause_between_layers

from ..foreign.folder import HUGGING_FACE
from ..foreign.xlnet_folder import read_xlnet_folder
from ..foreign.xlnet_tokenizer import read_cutter
from ..shared.next_token import Choosing, NextTokens, die_roll, facts_of, next_tokens
from .frames import InfillFrames
from .model.infill_decoding import AnyOrder, next_log_probabilities, order_bits, surest_order
from .model.published_xlnet import load_published
from .model.xlnet import load_xlnet
from .passage import MAX_BLANKS, InfillModelInfo, Passage, middle_words
from .scene import InfillParams
from .state import Compared, Filling, read_state, same_blanks

N_PASSAGE: Final = 260
"""Characters of a passage: some hundred tokens."""
FALLBACK: Final = "To be, or not to be, that is the question."


class Cutter(Protocol):
    """Cuts texts for a network: `TextCutter`, or `PieceCutter` of other people's models."""

    vocabulary: TextVocabulary

    def encode(self, text: str) -> list[int]:
        """The tokens of a text."""


class InfillEngine(PausingEngine):
    """One XLNet, always on the processor: a passage is too short for anything else.

    Every blank is told in a pass of its own over the same shapes, so that a branch repeats its run bit for bit.
    """

    def __init__(self, network: AnyOrder, cutter: Cutter, examples: Sequence[str] = ()) -> None:
        self.network = network
        self.pauses = pause_between_layers(cast("nn.Module", network))
        self.config = network.config
        self.cutter = cutter
        self.vocabulary = cutter.vocabulary
        self.examples = tuple(examples) or (FALLBACK,)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model, or a folder of other people; raises UserError where it is no good or has no room."""
        examples = [str(one) for one in source.card.get("examples", ())]
        if source.card.get("format") != HUGGING_FACE:
            return cls(*load_xlnet(source.path), examples)
        folder = read_xlnet_folder(source.path)
        cutter = read_cutter(folder.path, folder.config.n_vocab)  # what is small comes first
        return cls(load_published(folder), cutter, examples)

    def close(self) -> None:
        """Free the weights."""
        del self.network

    def about(self) -> InfillModelInfo:
        """What a panel has to know."""
        return InfillModelInfo(self.vocabulary, self.config.n_context)

    def cut(self, text: str) -> CutText[Passage]:
        """A text as the model reads it: its beginning where it is too long; two underlines are a blank.

        Where no blank is written, five words in its middle are left out.
        """
        parts = split_gaps(text)
        ids = [token for part in parts for token in ([UNKNOWN_ID] if part is None else self.cutter.encode(part))]
        known = tuple(ids[: self.config.n_context])
        written = tuple(place for place, token in enumerate(known) if token == UNKNOWN_ID)
        if len(written) > MAX_BLANKS:
            known, written = known[: written[MAX_BLANKS]], written[:MAX_BLANKS]
        gap = written or middle_words(self.vocabulary.texts(known))[:MAX_BLANKS]
        return CutText(text, Passage(known, gap), len(ids))

    # Filling

    def generate_with_pauses(self, params: InfillParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield the text with its blanks, then a frame for each that is filled, in the order of the state.

        Without a state the prompt is cut, or the first example where there is none. The first frame of a state is its
        own; what is known of its tokens is found anew.
        """
        if start is None:
            passage = self.cut(params.prompt if params.prompt.strip() else self.examples[0]).gapped
            begin = Filling(passage, (), ())
        else:
            begin = read_state(start, self.config.n_vocab, self.config.n_context)
        yield from self._filled(params, begin)

    def _filled(self, params: InfillParams, begin: Filling) -> Iterator[Frame | None]:
        passage, told, rolls = begin.passage, list(begin.told), list(begin.rolls)
        frames, choosing = InfillFrames(self.vocabulary, passage), Choosing(params.temperature, params.top_p)
        facts, turns = list[Any](), list[NextTokens]()
        for turn, place in enumerate(passage.order):
            said = next_log_probabilities(self.network, passage, told[:turn])
            chances = choosing.chances(said)
            turns.append(next_tokens(said, chances))
            yield frames.frame(told[:turn], facts, turns) if turn >= len(begin.told) else None
            if turn == len(told):
                rolls.append(die_roll(params.seed, place))
                told.append(chances.drawn(rolls[-1]))
            facts.append(facts_of(told[turn], said, rolls[turn]))
        yield frames.frame(told, facts, turns)

    # Looks

    def surest(self, passage: Passage) -> Generator[None, None, tuple[int, ...]]:
        """The order in which the network is surest of each next blank; yields often."""
        return (yield from surest_order(self.network, passage.ids, passage.order))

    def compare(self, passage: Passage, told: Sequence[int], key: Any = None) -> Generator[None, None, Compared]:
        """What the words that stood in the blanks, and those that were filled in, cost in several orders."""
        order, true, filled = passage.order, None, None
        if passage.is_known:
            true = yield from order_bits(self.network, passage.ids, order)
        if len(told) == len(order):
            ids = list(passage.ids)
            for place, token in zip(order, told, strict=True):
                ids[place] = token
            is_same = true is not None and same_blanks(passage.ids, order, told)
            filled = true if is_same else (yield from order_bits(self.network, ids, order))
        return Compared(key, true, filled)

    def passage(self, number: int) -> str:
        """Some lines of a work that no model of ours ever saw, by their number."""
        return unseen_passage(number, N_PASSAGE).rsplit(None, 1)[0]
