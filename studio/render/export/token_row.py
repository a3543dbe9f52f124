"""The tokens of a run with what else could have come in their places, for the formats that tell it."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.translation import N_
from studio.core.view import Bars, Tokens
from studio.render.export.option import ExportOptions, done

Instead: TypeAlias = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class TokenRow:
    """A token of a text.

    Attributes:
        piece: what it adds to the text.
        surprise_bits: minus the binary logarithm of its probability, None where that is not known.
        is_written: whether the model wrote it.
        instead: what could have come in its place, likeliest first: (text, probability); empty where nothing is known.
    """

    piece: str
    surprise_bits: float | None
    is_written: bool
    instead: Instead


def tokens_in(frame: Frame) -> Tokens | None:
    """What a frame shows first, where that is a text."""
    return frame.main_view if isinstance(frame.main_view, Tokens) else None


def reading_rows(clip: Clip, options: ExportOptions) -> Generator[Frame, None, tuple[TokenRow, ...]]:
    """The rows of the text at the end of the range; yields the progress after each frame.

    Where a frame has one token more than the one before it, or one that was a blank there, the bars of that one are
    what could have come.
    Raises UserError where the frames hold no text.
    """
    start, stop = options.span(clip)
    instead: dict[int, Instead] = {}
    filled: set[int] = set()
    first = before = last = text_of(clip.frame(start))
    bars: Instead = ()
    for number, frame in enumerate(clip.frames(start, stop)):
        before, last = last, text_of(frame)
        if len(last.pieces) == len(before.pieces) + 1:
            instead[len(before.pieces)] = bars
        elif len(last.pieces) == len(before.pieces):
            new = [place for place, piece in enumerate(last.pieces) if piece != before.pieces[place]]
            instead.update(dict.fromkeys(new, bars))
            filled.update(new)
        bars = _bars_of(frame)
        yield done(number + 1, stop - start)
    if filled:
        return tuple(_filled_row(last, place, filled, instead) for place in range(len(last.pieces)))
    return tuple(_row(last, place, place >= len(first.pieces), instead) for place in range(len(last.pieces)))


def text_of(frame: Frame) -> Tokens:
    """The text of a frame; raises UserError where it has none."""
    tokens = tokens_in(frame)
    if tokens is None:
        raise UserError(N_("There is no text to save."))
    return tokens


def plain_rows(rows: Sequence[TokenRow]) -> list[dict[str, Any]]:
    """The rows as plain values, for JSON."""
    return [
        {
            "text": row.piece,
            "surprise_bits": None if row.surprise_bits is None else round(row.surprise_bits, 4),
            "written_by_model": row.is_written,
            "instead": [[word, round(share, 6)] for word, share in row.instead],
        }
        for row in rows
    ]


def _row(tokens: Tokens, place: int, is_written: bool, instead: dict[int, Instead]) -> TokenRow:
    bits = tokens.weights[place] if tokens.weights and place else None
    return TokenRow(tokens.pieces[place], bits, is_written, instead.get(place, ()))


def _filled_row(tokens: Tokens, place: int, filled: set[int], instead: dict[int, Instead]) -> TokenRow:
    """A token of a text with blanks: nothing is said of what was given."""
    bits = tokens.weights[place] if tokens.weights and place in filled else None
    return TokenRow(tokens.pieces[place], bits, place in filled, instead.get(place, ()))


def _bars_of(frame: Frame) -> Instead:
    bars = next((view for view in frame.views.values() if isinstance(view, Bars)), None)
    return () if bars is None else tuple(zip(bars.labels, bars.values, strict=True))
