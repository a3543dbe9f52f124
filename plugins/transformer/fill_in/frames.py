"""What a frame shows of a text that is filled in. No torch."""

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import Bars, Tokens, View

from .state import Filling, spelled

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
