"""A translator ready to work: each step of its beam search is a frame. No Qt."""

from collections.abc import Generator, Iterator, Sequence
from typing import Final, Protocol, Self

import numpy as np
from torch import nn

from studio.api.engine import Device, Engine, ModelSource
from studio.core.frame import Frame
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import Bars, Field, State, Tokens, View
from studio.nn.pausing_layers import pause_between_layers

from ..foreign.seq2seq.model import is_foreign_seq2seq, open_seq2seq
from .model.beam import Lane, Search
from .model.weights import load_translator
from .params import MAX_EXAMPLES, TranslateParams
from .state import NO_TOKEN, Limits, TranslationStart, TranslatorInfo, read_start, started

FALLBACK: Final = ("In the beginning God created the heavens and the earth.", "")


def lanes_frame(
    start: TranslationStart, step: int, lanes: Sequence[Lane], penalty: float, most: int, vocabulary: TextVocabulary
) -> Frame:
    """The lanes of one step of a search."""
    best, scores = lanes[0], [lane.score(penalty) for lane in lanes]
    n_tokens = max(len(lane.ids) for lane in lanes)
    looks = np.stack([one.look for one in best.nexts])
    state = started(start.source, start.forced) | {
        "step": np.array([step], np.int32),
        "lanes": np.array([[*lane.ids, *[NO_TOKEN] * (n_tokens - len(lane.ids))] for lane in lanes], np.int32).reshape(
            len(lanes), n_tokens
        ),
        "scores": np.array(scores, np.float32),
        "over": np.array([lane.is_over for lane in lanes], np.uint8),
        "parents": np.array([lane.parent for lane in lanes], np.int32),
        "logs": np.array(best.logs, np.float32),
        "looks": np.round(255 * looks).astype(np.uint8),
        "next_ids": np.stack([one.ids for one in best.nexts]),
        "next_shares": np.stack([one.shares for one in best.nexts]).astype(np.float16),
    }
    texts = ["".join(vocabulary.texts(lane.ids)).strip() for lane in lanes]
    views: dict[str, View] = {
        "text": Tokens(tuple(vocabulary.texts(best.ids)), tuple(-log / float(np.log(2)) for log in best.logs)),
        "lanes": Bars(tuple(texts), tuple(float(np.exp(score)) for score in scores)),
        "looks": Field(looks.astype(np.float32), "attention", 0.0, 1.0),
    }
    figures = {"score": scores[0], "ended": float(sum(lane.is_over for lane in lanes))}
    label = N_("{n} tokens in {lanes} lanes").format(n=step, lanes=len(lanes))
    return Frame(step, most + 1, label, views, figures, state)


class TranslatingModel(Protocol):
    """One that turns a text into another: our own, or one of other people."""

    @property
    def network(self) -> nn.Module:
        """What computes."""

    @property
    def words(self) -> frozenset[str]:
        """See `OpenTranslator`."""

    @property
    def vocabulary(self) -> TextVocabulary:
        """Its tokens."""

    @property
    def limits(self) -> Limits:
        """What it can read and write."""

    def cut(self, text: str, task: str = "") -> list[int]:
        """The tokens of a text as it reads them; raises UserError where there is none, or it has no such task."""

    def most_of(self, source: Sequence[int], params: TranslateParams) -> int:
        """How many tokens the other text may have."""

    def search(self, source: Sequence[int], params: TranslateParams) -> Search:
        """The search for it."""


class TranslateEngine(Engine):
    """One translator.

    A search is deterministic: a branch makes its lanes again from the forced tokens on, and so repeats its run bit for
    bit, also one that was saved.
    """

    def __init__(self, model: TranslatingModel, examples: tuple[tuple[str, str], ...] = ()) -> None:
        self.model, self.vocabulary = model, model.vocabulary
        self.pauses = pause_between_layers(model.network)
        self.examples = examples[:MAX_EXAMPLES] or (FALLBACK,)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        texts, own = source.card.get("examples", ()), source.card.get("references", ())
        if is_foreign_seq2seq(source.card):
            return cls(open_seq2seq(source, device), tuple((str(one), "") for one in texts))
        model = load_translator(source.path)
        model.network.to(device.torch_device)
        return cls(model, tuple((str(one), str(other)) for one, other in zip(texts, own, strict=False)))

    def close(self) -> None:
        """Free the weights."""
        del self.model

    def about(self) -> TranslatorInfo:
        """What a panel has to know."""
        return TranslatorInfo(self.vocabulary, self.model.words, self.examples, getattr(self.model, "source_cut", None))

    def cut(self, text: str) -> list[int]:
        """The tokens of a text, as the model reads them without a task; see `TranslatingModel.cut`."""
        return self.model.cut(text)

    def generate(self, params: TranslateParams, start: State | None = None) -> Iterator[Frame]:
        """Yield the lanes before the first token, then after each step until all have ended.

        A state is a frame's, or one that `state.started` made; its source and its forced tokens stand, and its step is
        the first one that is shown.
        """
        begin = self._begin(params, start)
        most = self.model.most_of(begin.source, params)
        for step, lanes in enumerate(self._search(params, begin), len(begin.forced)):
            frame = lanes_frame(begin, step, lanes, params.penalty, most, self.vocabulary)
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
        return self.model.search(begin.source, params).steps(begin.forced)

    def _begin(self, params: TranslateParams, start: State | None) -> TranslationStart:
        if start is not None:
            return read_start(start, self.model.limits)
        text = params.prompt if params.prompt.strip() else self.examples[(params.seed - 1) % len(self.examples)][0]
        return TranslationStart(tuple(self.model.cut(text, params.task)))
