"""Writes a text as frames: the prompt as it is read, then token after token as the die falls.

Shape letters: T tokens, V vocabulary.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.delta import Append, AppendRows
from studio.core.text.vocabulary import Spelling, TextVocabulary
from studio.core.translation import N_
from studio.core.view import Bars, State, Tokens, View

from .model.kernels.captured import standing
from .model.reader import DecoderReader, ReadPortion
from .model.sampler import die_roll, drawn_token, stages
from .model.token_constraints import TokenConstraints
from .trace import GROWING, UNKNOWN, Floats, Ints, TraceRow, captured_next

N_BARS: Final = 10
CUT: Final = N_("The prompt is longer than the model can look back: only its last {n} tokens are read.")


@dataclass(frozen=True, eq=False)
class TextStart:
    """What a run begins with.

    Attributes:
        ids: the tokens that the first frame has. prompt: those that are read at first; it may go on beyond `ids`.
        known: rows of the growing arrays for the first tokens of `ids`, by name; empty where none are known.
        cut: what stood before the first token of a prompt that was longer.
        rolls: of the dice that drew tokens of `ids`, by place, where no row is known.
        put: tokens of a person behind `ids`; each has a frame of its own.
    """

    ids: list[int]
    prompt: list[int]
    known: State
    cut: str = ""
    rolls: Mapping[int, float] = field(default_factory=dict)
    put: list[int] = field(default_factory=list)

    @property
    def text(self) -> list[int]:
        """All tokens that stand there before one is drawn."""
        return [*self.ids, *self.put] if len(self.ids) >= len(self.prompt) else list(self.prompt)

    @property
    def n_known(self) -> int:
        """Of how many tokens there are rows."""
        return min((len(rows) for rows in self.known.values()), default=0)


@dataclass(eq=False)
class _Row:
    """A token's row, with the first token that it sees, int32 (1,)."""

    row: TraceRow
    window: Ints


class TextGenerator:
    """One run: reads, draws, and says all in frames."""

    def __init__(self, reader: DecoderReader, vocabulary: TextVocabulary, wishes: TokenConstraints, seed: int) -> None:
        self._reader = reader
        self._name = cache(vocabulary.name)
        self._spelling = Spelling(vocabulary)
        self._wishes = wishes
        self._seed = seed
        self._last: Floats | None = None  # log-probabilities of what comes after the last row's token
        self._window = np.zeros(1, np.int32)  # the same array as long as it says the same, so that it is kept once

    def frames(self, begin: TextStart, n_tokens: int, ends: frozenset[int]) -> Iterator[Frame]:
        """Yield the frame of the last of the first tokens, then those behind it, `n_tokens` tokens in all at most."""
        text = begin.text
        first = len(begin.ids) - 1
        rows: list[_Row] = []
        for place, row in self._read_rows(begin, text, min(begin.n_known, first)):
            rows.append(row)
            if place == first:
                yield self._first_frame(begin, rows, n_tokens)
            elif place > first:
                yield self._frame(begin, text, place, row, n_tokens)
        while len(text) < n_tokens and not self._is_over(text, begin, ends):
            roll = die_roll(self._seed, len(text))
            text.append(self._drawn(text, begin, roll))
            for place, row in self._rows(text, len(begin.prompt), len(text) - 1, {len(text) - 1: roll}):
                yield self._frame(begin, text, place, row, n_tokens)

    def _is_over(self, text: list[int], begin: TextStart, ends: frozenset[int]) -> bool:
        """The first token may be an end, since texts begin with it."""
        has_ended = len(text) > max(1, len(begin.prompt)) and text[-1] in ends
        return has_ended or self._wishes.is_done(text, len(begin.prompt))

    def _read_rows(self, begin: TextStart, text: list[int], first: int) -> Iterator[tuple[int, _Row]]:
        """The rows of what was not drawn here, from `first` on; that one may be known."""
        for place, row in self._rows(text, len(begin.prompt), first, begin.rolls):
            if place < begin.n_known:
                known = {name: rows[place] for name, rows in begin.known.items()}
                row.row = TraceRow(**known)
            yield place, row

    def _rows(
        self, text: list[int], n_prompt: int, first: int, rolls: Mapping[int, float]
    ) -> Iterator[tuple[int, _Row]]:
        for reading in self._reader.readings(text, n_prompt, max(first - 1, 0) if self._last is None else first):
            for place in range(len(reading.log_probabilities)):
                position = reading.first + place
                about = self._about(text[position], rolls.get(position, UNKNOWN))
                self._last = reading.log_probabilities[place]
                if position >= first:
                    yield position, self._row(reading, place, text[: position + 1], n_prompt, about)

    def _about(self, token: int, roll: float) -> tuple[float, float, float, float]:
        """The four facts about a token, from what could have come in its place."""
        last = self._last
        if last is None:
            return (UNKNOWN, UNKNOWN, UNKNOWN, roll)
        return (*standing(last, token), roll)

    def _row(
        self,
        reading: ReadPortion,
        place: int,
        before: list[int],
        n_prompt: int,
        about: tuple[float, float, float, float],
    ) -> _Row:
        log_probabilities = reading.log_probabilities[place]
        level = float(reading.log_normalisers[place])
        found = stages(log_probabilities, before, self._wishes.at(before, n_prompt), level)
        row = captured_next(log_probabilities, found, reading.norms[place], about, level)
        self._logits = found[-1].logits
        if self._window[0] != reading.window:
            self._window = np.array([reading.window], np.int32)
        return _Row(row, self._window)

    def _drawn(self, text: list[int], begin: TextStart, roll: float) -> int:
        if not np.isfinite(self._logits.max()):
            raise UserError(N_("Every word is ruled out here."), N_("Rule out fewer words, or allow more choices."))
        return drawn_token(self._logits, roll, self._wishes.sampling.is_greedy)

    # Frames

    def _first_frame(self, begin: TextStart, rows: Sequence[_Row], n_tokens: int) -> Frame:
        """The frame that the run begins with, whole: all rows, those that were known before this run too."""
        n_old = len(begin.ids) - len(rows)
        state = {
            name: np.concatenate([*([begin.known[name][:n_old]] if n_old else []), new])
            for name, new in ((name, np.stack([getattr(row.row, name) for row in rows])) for name in GROWING)
        }
        surprise = np.maximum(state["facts"][:, 0], 0.0)
        views: dict[str, View] = {
            "text": Tokens(tuple(self._spelling.next(token) for token in begin.ids), tuple(surprise.tolist())),
            "next": self._bars(rows[-1].row),
        }
        whole = {
            "ids": np.array(begin.ids, np.int32),
            **self._standing(begin),
            **state,
            "window": rows[-1].window,
        }
        place = len(begin.ids) - 1
        label = CUT.format(n=len(begin.prompt)) if begin.cut and place == 0 else self._label(place, n_tokens)
        return Frame(place, n_tokens, label, views, self._scalars(rows[-1].row), whole)

    def _standing(self, begin: TextStart) -> State:
        """What all frames of a run have alike, each array once."""
        self._same: State = {"prompt": np.array(begin.prompt, np.int32)}
        if begin.cut:
            self._same["cut"] = np.frombuffer(begin.cut.encode(), np.uint8)
        return self._same

    def _frame(self, begin: TextStart, text: Sequence[int], place: int, row: _Row, n_tokens: int) -> Frame:
        """A later frame, told by what is new in it."""
        facts, ids, after = row.row.facts, row.row.next_ids, row.row.next_after
        piece = self._spelling.next(text[place])
        return Frame(
            place,
            n_tokens,
            self._label(place, n_tokens),
            {"next": self._bars(row.row)},
            self._scalars(row.row),
            {**self._same, "window": row.window},
            {"text": Append(Tokens((piece,), (max(float(facts[0]), 0.0),)))},
            {
                "ids": AppendRows(np.array([text[place]], np.int32)),
                "facts": AppendRows(facts[None]),
                "next_ids": AppendRows(ids[None]),
                "next_after": AppendRows(after[None]),
                "log_normalisers": AppendRows(np.array([row.row.log_normalisers])),
            },
        )

    def _bars(self, row: TraceRow) -> Bars:
        """The likeliest of what comes next, as they may be drawn."""
        after = row.next_after[-1].astype(np.float32)  # halves take long to be put in order
        order = np.argsort(-after, kind="stable")[:N_BARS]
        labels = tuple(map(self._name, row.next_ids[order].tolist()))
        shares = after[order].astype(float)
        return Bars(labels, tuple(shares.tolist()), tuple((shares == 0).tolist()))

    def _scalars(self, row: TraceRow) -> dict[str, float]:
        surprise, rank, entropy, _ = row.facts[:4].tolist()
        return {"surprise": max(surprise, 0.0), "rank": rank, "entropy": entropy}

    def _label(self, place: int, n_tokens: int) -> str:
        return N_("Token {n} of {n_all}").format(n=place + 1, n_all=n_tokens)
