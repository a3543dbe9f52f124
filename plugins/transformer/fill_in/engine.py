"""An encoder ready to fill gaps: texts that appear in any order as frames, candidates, fit and attention. No Qt."""

import math
from collections.abc import Generator, Iterator, Sequence
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from studio.api.engine import Device, ModelSource, PausingEngine
from studio.api.training import unseen_passage
from studio.core.frame import Frame
from studio.core.text.gaps import UNKNOWN_ID, CutText, split_gaps
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import Bars, State, Tokens, View
from studio.nn.pausing_layers import pause_between_layers

from ..foreign.encoder.loading import open_encoder
from ..importers import HUGGING_FACE
from .model.cutter import MaskCutter
from .model.encoder import Encoder
from .model.filling import MAX_GAP, GapReader, fit_bits, gap_words, next_places, step
from .model.weights import load_encoder
from .params import FillInParams
from .passage import MAX_TOKENS, FillModelInfo, GappedText, longer_words
from .state import Filling, GapWords, read_state, spelled, started

N_PASSAGE: Final = 220
"""Characters of a passage from a play: some sixty tokens."""
FALLBACK: Final = "The cat sat on the mat, and the dog slept by the fire."
N_BARS = 10


class FillInFrames:
    """Makes the frames of one run of so many steps."""

    def __init__(self, vocabulary: TextVocabulary, n_steps: int) -> None:
        self._vocabulary = vocabulary
        self._n_steps = n_steps

    def frame(self, filling: Filling, logs: npt.NDArray[np.float64] | None, place: int) -> Frame:
        """The moment of a text; `logs` (T, V) of what may come at `place`, None where nothing does."""
        n_open = len(filling.open_places)
        bars = {} if logs is None else {"next": self._bars(logs[place])}
        filled = filling.turn == filling.n_steps if filling.n_steps else np.zeros(len(filling.turn), np.bool_)
        surprise = float(np.maximum(filling.bits[filled], 0).mean()) if filled.any() else 0.0
        return Frame(
            filling.n_steps,
            self._n_steps + 1,
            N_("Open gaps: {n}").format(n=n_open),
            self._views(filling) | bars,
            {"surprise": surprise},
            filling.state(),
        )

    def _views(self, filling: Filling) -> dict[str, View]:
        weights = [
            max(float(bits), 0.0) if turn > 0 else 0.0 for bits, turn in zip(filling.bits, filling.turn, strict=True)
        ]
        return {"text": Tokens(spelled(filling.now.tolist(), self._vocabulary), tuple(weights))}

    def _bars(self, logs: npt.NDArray[np.float64]) -> Bars:
        best = np.argsort(-logs, kind="stable")[:N_BARS]
        shares = np.exp(logs[best])
        return Bars(
            tuple(self._vocabulary.name(int(one)) for one in best), tuple(shares.tolist()), (False,) * len(best)
        )


class FillInEngine(PausingEngine):
    """One encoder, always on the processor: a text is too short for anything else.

    Every step reads the same shapes, so that a branch repeats its run bit for bit.
    """

    def __init__(self, network: Encoder, cutter: MaskCutter, examples: Sequence[str] = ()) -> None:
        self.network, self.cutter, self.vocabulary = network, cutter, cutter.vocabulary
        self.pauses = pause_between_layers(network)
        self.config = network.config
        self.examples = tuple(examples) or (FALLBACK,)
        barred = tuple(one for one in range(self.config.n_vocab) if cutter.is_barred(one))
        self.reader = GapReader(network, cutter.mask, cutter.before, cutter.after, barred)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where it is no good or has no room."""
        examples = [str(one) for one in source.card.get("examples", ())]
        is_foreign = source.card.get("format") == HUGGING_FACE
        return cls(*(open_encoder(source) if is_foreign else load_encoder(source.path)), examples)

    def close(self) -> None:
        """Free the weights."""
        del self.network, self.reader

    @property
    def n_most(self) -> int:
        """How many tokens a text may have."""
        around = len(self.cutter.before) + len(self.cutter.after)
        return min(MAX_TOKENS, self.config.n_context - around)

    def about(self) -> FillModelInfo:
        """What a panel has to know."""
        return FillModelInfo(self.vocabulary, self.n_most, self.config.n_layers)

    def cut(self, text: str) -> CutText[GappedText]:
        """A text as the model reads it: its beginning where it is too long; two underlines are a gap.

        Where no gap is written, some of the longest words are left out.
        """
        parts = split_gaps(text)
        ids = [token for part in parts for token in ([UNKNOWN_ID] if part is None else self.cutter.encode(part))]
        known = tuple(ids[: self.n_most])
        written = tuple(place for place, token in enumerate(known) if token == UNKNOWN_ID)
        gaps = written or longer_words(self.vocabulary.texts(known))
        return CutText(text, GappedText(known, tuple(gaps)), len(ids))

    # Filling

    def generate_with_pauses(self, params: FillInParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield the text with its gaps, then a frame after each step, until none is open.

        Without a state the prompt is cut, or the first example where there is none.
        """
        if start is None:
            now = started(self.cut(params.prompt if params.prompt.strip() else self.examples[0]).gapped)
        else:
            now = read_state(start, self.config.n_vocab, self.n_most)
        n_left = -(-len(now.open_places) // params.at_once)
        frames = FillInFrames(self.vocabulary, now.n_steps + n_left)
        while now.open_places:
            now, frame = self._step(params, now, frames)
            yield frame
        yield frames.frame(now, None, -1)

    def _step(self, params: FillInParams, now: Filling, frames: FillInFrames) -> tuple[Filling, Frame]:
        """The text after one more step, and the frame before it."""
        logs = self.reader.logs([now.now.tolist()])[0].numpy()
        places = next_places(now.open_places, logs, params.order, params.at_once, params.seed)
        frame = frames.frame(now, logs, places[0])
        return now.with_tokens(*step(logs, places, params.temperature, params.seed)), frame

    # Looks

    def gap_words(self, row: Sequence[int], places: tuple[int, ...], key: Any) -> Generator[None, None, Any]:
        """What could stand in a gap, with the key that it was asked for; of a long one, at its first place."""
        wanted = places if len(places) <= MAX_GAP else places[:1]
        beams = yield from gap_words(self.reader, row, wanted)
        tokens = tuple(beam[0] for beam in beams)
        words = tuple("".join(self.vocabulary.texts(one)) for one in tokens)
        return key, GapWords(wanted, tokens, words, tuple(math.exp(beam[1]) for beam in beams))

    def fit(self, row: Sequence[int], key: Any) -> Generator[None, None, Any]:
        """How many bits each token of a text costs among the others, with the key that it was asked for."""
        return key, (yield from fit_bits(self.reader, row))

    def attention(self, row: Sequence[int], key: Any) -> Any:
        """Where each token looks, (L, N, T, T), with the key that it was asked for."""
        return key, self.reader.attention(row)

    def passage(self, number: int) -> str:
        """Some lines of a work that no model of ours ever saw, by their number."""
        return unseen_passage(number, N_PASSAGE).rsplit(None, 1)[0]
