"""An XLNet ready to fill texts in any order: fillings as frames that keep everything, orders held together. No Qt."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any, Final, Protocol, Self, TypeAlias, cast

import numpy as np
import numpy.typing as npt
from torch import nn

from studio.api.engine import Device, ModelSource, PausingEngine
from studio.api.training import unseen_passage
from studio.core.frame import Frame
from studio.core.text.gaps import UNKNOWN_ID, CutText, split_gaps
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import State, Tokens, View
from studio.nn.pausing_layers import pause_between_layers

from ..foreign.folder import HUGGING_FACE
from ..foreign.xlnet_folder import read_xlnet_folder
from ..foreign.xlnet_tokenizer import read_cutter
from ..shared.next_token import N_NEXT, Choosing, NextTokens, die_roll, facts_of, next_bars, next_tokens
from .model.infill_decoding import AnyOrder, next_log_probabilities, order_bits, surest_order
from .model.published_xlnet import load_published
from .model.xlnet import load_xlnet
from .passage import MAX_BLANKS, InfillModelInfo, Passage, middle_words
from .scene import InfillParams
from .state import Compared, Filling, read_state, same_blanks, spelled, started

N_PASSAGE: Final = 260
"""Characters of a passage: some hundred tokens."""
FALLBACK: Final = "To be, or not to be, that is the question."
Facts: TypeAlias = Sequence[npt.NDArray[np.float32]]
"""Of each turn, `shared.next_token.FACTS` (4,)."""


class InfillFrames:
    """Makes the frames of one run."""

    def __init__(self, vocabulary: TextVocabulary, passage: Passage) -> None:
        self._vocabulary = vocabulary
        self._passage = passage

    def frame(self, told: Sequence[int], facts: Facts, turns: Sequence[NextTokens]) -> Frame:
        """The moment when so many blanks are filled; `turns` has the next one too, where there is one."""
        n_told, n_blanks = len(told), len(self._passage.order)
        state = started(self._passage, tuple(told), tuple(float(one[3]) for one in facts))
        if facts:
            state["facts"][:n_told] = np.stack(facts)
        state["next_ids"] = _filled([one.ids for one in turns], n_blanks, np.int32)
        state["next_raw"] = _filled([one.raw for one in turns], n_blanks, np.float16)
        state["next_after"] = _filled([one.after for one in turns], n_blanks, np.float16)
        return Frame(n_told, n_blanks + 1, self._label(n_told), self._views(told, facts, turns), _scalars(facts), state)

    def _views(self, told: Sequence[int], facts: Facts, turns: Sequence[NextTokens]) -> Any:
        order, ids = self._passage.order, list(self._passage.ids)
        weights = [0.0] * len(ids)
        for turn, place in enumerate(order):
            ids[place] = told[turn] if turn < len(told) else -1
            weights[place] = max(float(facts[turn][0]), 0.0) if turn < len(told) else 0.0
        views: dict[str, View] = {"text": Tokens(spelled(ids, self._passage, self._vocabulary), tuple(weights))}
        return views | ({"next": next_bars(turns[-1], self._vocabulary)} if turns else {})

    def _label(self, n_told: int) -> str:
        return N_("{n} of {n_all} blanks filled").format(n=n_told, n_all=len(self._passage.order))


def _filled(rows: Sequence[npt.NDArray[Any]], n_blanks: int, kind: type[np.generic]) -> npt.NDArray[Any]:
    """(K, 50): rows of the turns so far, and zeros."""
    filled = np.zeros((n_blanks, N_NEXT), kind)
    for turn, row in enumerate(rows):
        filled[turn, : len(row)] = row
    return filled


def _scalars(facts: Facts) -> dict[str, float]:
    """Of the blank that was filled last; nothing surprises before the first one."""
    surprise, rank, entropy = facts[-1].tolist()[:3] if facts else (0.0, 0.0, 0.0)
    return {"surprise": max(surprise, 0.0), "rank": rank, "entropy": entropy}


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
