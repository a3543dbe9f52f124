"""Tells a text of a server as frames, with the arrays of every other text (`text.trace`), as far as they are known.

A row is about its own token: what stood there, and what could have stood in its place. A frame's state has besides:
"spelling", "spelled" (`spelling`), and "told" int32 (1,): flags of `text.trace.Told`.

Shape letters: T tokens, K alternatives.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.recording.delta import Append, AppendRows
from studio.core.text.vocabulary import Spelling
from studio.core.translation import N_
from studio.core.view import Bars, State, Tokens, View

from ..text.model.sampler import STAGES
from ..text.trace import DRAWN_ELSEWHERE, GROWING, N_REST, UNKNOWN, FactColumns, Told, TraceRow
from .answer import N_TOP, ServedToken
from .spelling import HeardVocabulary

NOTHING_TO_SAY: Final = Told(0)
N_BARS: Final = 10
_LOG_2: Final = math.log(2)
_MOST_OTHERS: Final = 4096
_LEAST_REST: Final = 1e-6


def token_row(token: ServedToken, vocabulary: HeardVocabulary, roll: float = DRAWN_ELSEWHERE) -> TraceRow:
    """The row of a token: alternatives beyond those that the server tells are number 0, impossible."""
    pieces = [piece for piece, _ in token.top]
    values = np.full(N_TOP, -np.inf, np.float32)
    values[: len(pieces)] = [value for _, value in token.top]
    ids = np.zeros(N_TOP, np.int32)
    ids[: len(pieces)] = [vocabulary.number(piece) for piece in pieces]
    surprise = UNKNOWN if token.log_probability is None else -token.log_probability / _LOG_2
    rank = pieces.index(token.piece) if token.piece in pieces else UNKNOWN
    return _row(ids, values, surprise, rank, roll)


def silent_row(roll: float = UNKNOWN) -> TraceRow:
    """The row of a token of which the server says nothing."""
    return _row(np.zeros(N_TOP, np.int32), np.full(N_TOP, -np.inf, np.float32), UNKNOWN, UNKNOWN, roll)


def _row(ids: npt.NDArray[Any], values: npt.NDArray[Any], surprise: float, rank: float, roll: float) -> TraceRow:
    shares = np.exp(values)
    rest = np.zeros((2, N_REST), np.float32)
    rest[:, 0] = _others(shares)
    left = np.full(len(STAGES), (shares > 0).sum() + rest[0, 0], np.float32)
    itself = np.array([surprise, rank, UNKNOWN, roll], np.float32)
    facts = np.concatenate([itself, values, *rest, left], dtype=np.float32)
    after = np.tile(shares.astype(np.float16), (len(STAGES), 1))
    return TraceRow(facts, ids, after, np.float32(0))  # what a server tells are log-probabilities already


def _others(shares: npt.NDArray[Any]) -> tuple[float, float]:
    """At least how many tokens share what the likeliest leave, none likelier than those, and their logarithm."""
    known = shares[shares > 0]
    left = 1.0 - float(known.sum())
    if not len(known) or left < _LEAST_REST:
        return 0.0, 0.0
    n_others = min(math.ceil(left / float(known.min())), _MOST_OTHERS)
    return float(n_others), math.log(left / n_others)


def chosen_row(token: int, facts: npt.NDArray[Any], ids: npt.NDArray[Any]) -> TraceRow:
    """The row of a person's token, where the facts of the one that stood there are known."""
    values = facts[FactColumns(len(ids)).top]
    found = np.flatnonzero((ids == token) & np.isfinite(values))
    surprise, rank = (-float(values[found[0]]) / _LOG_2, float(found[0])) if len(found) else (UNKNOWN, UNKNOWN)
    return _row(ids.astype(np.int32), values.astype(np.float32), surprise, rank, UNKNOWN)


@dataclass(eq=False)
class ServedText:
    """A text as it grows.

    Attributes:
        ids: all tokens so far. n_prompt: how many of them are the prompt.
        rows: one for each token. n_tokens: how many there may be in the end.
        told: what the server does not tell.
    """

    vocabulary: HeardVocabulary
    ids: list[int]
    n_prompt: int
    rows: list[TraceRow]
    n_tokens: int
    told: Told = NOTHING_TO_SAY
    _seen: set[int] = field(default_factory=set)
    _n_bytes: int = 0

    def first_frame(self) -> Frame:
        """The frame of all tokens that stand there, whole."""
        self._spelling = Spelling(self.vocabulary)
        pieces = tuple(self._spelling.next(token) for token in self.ids)
        state: State = {name: np.stack([getattr(row, name) for row in self.rows]) for name in GROWING}
        self._prompt = np.array(self.ids[: self.n_prompt], np.int32)
        spelling, spelled = self._spelled(self.ids, self.rows)
        whole = {
            "ids": np.array(self.ids, np.int32),
            "prompt": self._prompt,
            **state,
            "window": np.zeros(1, np.int32),
            "spelling": spelling,
            "spelled": spelled,
            "told": np.array([self.told], np.int32),
        }
        weights = tuple(state["facts"][:, 0].astype(float).tolist())
        return self._frame(self.rows[-1], {"text": Tokens(pieces, weights)}, whole, {}, {})

    def retold(self, tokens: Sequence[ServedToken]) -> Frame:
        """The frame of the prompt once more, in the server's own tokens and with what it says of them."""
        vocabulary = self.vocabulary
        self.ids[1:] = [vocabulary.number(token.piece) for token in tokens]
        self.rows[1:] = [token_row(token, vocabulary, UNKNOWN) for token in tokens]
        self.n_tokens += len(self.ids) - self.n_prompt
        self.n_prompt = len(self.ids)
        self._seen.clear()
        self._n_bytes = 0
        return self.first_frame()

    def added(self, token: int, row: TraceRow) -> Frame:
        """The frame of one more token."""
        self.ids.append(token)
        self.rows.append(row)
        spelling, spelled = self._spelled([token], [row])
        text = Tokens((self._spelling.next(token),), (float(row.facts[0]),))
        state = {"prompt": self._prompt, "window": np.zeros(1, np.int32), "told": np.array([self.told], np.int32)}
        grown = {
            "ids": AppendRows(np.array([token], np.int32)),
            **{name: AppendRows(getattr(row, name)[None]) for name in GROWING},
            "spelling": AppendRows(spelling),
            "spelled": AppendRows(spelled),
        }
        return self._frame(row, {}, state, {"text": Append(text)}, grown)

    def _frame(self, row: TraceRow, views: dict[str, View], state: State, more: Any, grown: Any) -> Frame:
        bars = self._bars(row)
        shown = {**views, **({"instead": bars} if bars.labels else {})}
        known = {"surprise": float(row.facts[0]), "rank": float(row.facts[1])}
        scalars = {name: value for name, value in known.items() if value >= 0}
        label = N_("Token {n} of {n_all}").format(n=len(self.ids), n_all=max(self.n_tokens, len(self.ids)))
        return Frame(len(self.ids) - 1, max(self.n_tokens, len(self.ids)), label, shown, scalars, state, more, grown)

    def _bars(self, row: TraceRow) -> Bars:
        """The likeliest of what could have stood in a token's place."""
        shares = np.exp(row.facts[FactColumns(N_TOP).top])[:N_BARS]
        known = [(self.vocabulary.name(int(row.next_ids[at])), float(shares[at])) for at in np.flatnonzero(shares)]
        return Bars(tuple(name for name, _ in known), tuple(share for _, share in known), (False,) * len(known))

    def _spelled(self, ids: Sequence[int], rows: Sequence[TraceRow]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        shown = dict.fromkeys([*ids, *(int(one) for row in rows for one in row.next_ids)])
        new = [token for token in shown if token not in self._seen]
        self._seen.update(new)
        spelling, spelled = self.vocabulary.spelled(new, self._n_bytes)
        self._n_bytes += len(spelling)
        return spelling, spelled
