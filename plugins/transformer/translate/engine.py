"""A translator ready to work: each step of its beam search is a frame. No Qt."""

from collections.abc import Generator, Iterator
from typing import Final, Self

from studio.api.engine import Device, Engine, ModelSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text.byte_tokens import END_ID
from studio.core.translation import N_
from studio.core.view import State
from studio.nn.pausing_layers import pause_between_layers

from ..text.model.tokenizer import vocabulary_of
from .frames import lanes_frame
from .model.beam import Beam, Lane
from .model.reader import TranslatorReader
from .model.weights import OpenTranslator, load_translator
from .params import MAX_EXAMPLES, TranslateParams
from .state import MAX_SOURCE, TranslationStart, TranslatorInfo, read_start

FALLBACK: Final = ("In the beginning God created the heavens and the earth.", "")
N_MORE: Final = 12
"""Tokens that a translation may have beyond twice those of its source."""


class TranslateEngine(Engine):
    """One translator.

    A search is deterministic: a branch makes its lanes again from the forced tokens on, and so repeats its run bit for
    bit, also one that was saved.
    """

    def __init__(self, model: OpenTranslator, examples: tuple[tuple[str, str], ...] = ()) -> None:
        self.network, self.tokenizer, self.words = model.network, model.tokenizer, model.words
        self.pauses = pause_between_layers(model.network)
        self.vocabulary = vocabulary_of(model.tokenizer)
        self.examples = examples[:MAX_EXAMPLES] or (FALLBACK,)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        model = load_translator(source.path)
        model.network.to(device.torch_device)
        texts, own = source.card.get("examples", ()), source.card.get("references", ())
        return cls(model, tuple((str(one), str(other)) for one, other in zip(texts, own, strict=False)))

    def close(self) -> None:
        """Free the weights."""
        del self.network

    def about(self) -> TranslatorInfo:
        """What a panel has to know."""
        return TranslatorInfo(self.vocabulary, self.words, self.examples)

    def cut(self, text: str) -> list[int]:
        """The tokens of a text to translate, with its end; of a longer one, the first that the network can read.

        Raises:
            UserError: there is no text.
        """
        ids = [one for one in self.tokenizer.encode(" ".join(text.split()), False) if one != END_ID]
        if not ids:
            raise UserError(N_("There is nothing to translate."), N_("Write an English sentence."))
        return [*ids[: MAX_SOURCE - 1], END_ID]

    def most_of(self, source: tuple[int, ...]) -> int:
        """How many tokens a translation may have."""
        return min(2 * len(source) + N_MORE, self.network.config.n_context - 1)

    def generate(self, params: TranslateParams, start: State | None = None) -> Iterator[Frame]:
        """Yield the lanes before the first token, then after each step until all have ended.

        A state is a frame's, or one that `state.started` made; its source and its forced tokens stand, and its step is
        the first one that is shown.
        """
        begin = self._begin(params, start)
        most = self.most_of(begin.source)
        for lanes in self._search(params, begin):
            frame = lanes_frame(begin, lanes, params.penalty, most, self.vocabulary)
            if frame.step >= begin.step or all(lane.is_over for lane in lanes):
                yield frame

    def translated(self, params: TranslateParams) -> Generator[None, None, str]:
        """What the best lane says in the end; yields at each step."""
        lanes: tuple[Lane, ...] = ()
        for found in self._search(params, self._begin(params, None)):
            lanes = found
            yield
        return "".join(self.vocabulary.texts(lanes[0].ids)).strip()

    def _search(self, params: TranslateParams, begin: TranslationStart) -> Iterator[tuple[Lane, ...]]:
        reader, most = TranslatorReader(self.network, begin.source), self.most_of(begin.source)
        return Beam(reader, params.lanes, params.penalty, most, END_ID).steps(begin.forced)

    def _begin(self, params: TranslateParams, start: State | None) -> TranslationStart:
        if start is not None:
            config = self.network.config
            return read_start(start, config.n_vocab, config.n_context - 1)
        text = params.prompt if params.prompt.strip() else self.examples[(params.seed - 1) % len(self.examples)][0]
        return TranslationStart(tuple(self.cut(text)))
