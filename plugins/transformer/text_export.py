"""A text with everything that is known of its tokens, as plain text or JSON; text_html and text_svg draw it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .capture import Trace
from .text_moment import tokens_of
from .text_token import TextToken
from .text_vocabulary import TextVocabulary

N_CANDIDATES: Final = 8


@dataclass(frozen=True)
class ExportedText:
    """Attributes:
        model_id, params: what made it; never a path.
        tokens: the text. ids: their numbers.
        candidates: of each token what else could have stood there, likeliest first: (text, probability).
    """

    model_id: str
    params: Mapping[str, Any]
    tokens: tuple[TextToken, ...]
    ids: tuple[int, ...]
    candidates: tuple[tuple[tuple[str, float], ...], ...]

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(token.piece for token in self.tokens)


def exported(model_id: str, params: Mapping[str, Any], trace: Trace, vocabulary: TextVocabulary) -> ExportedText:
    """What is known of the text of a trace."""
    ids = tuple(trace.ids.tolist())
    candidates = tuple(_candidates(trace, place, vocabulary) for place in range(len(ids)))
    return ExportedText(model_id, params, tokens_of(trace, vocabulary), ids, candidates)


def as_json(text: ExportedText) -> str:
    """The text as JSON: the model, its settings, and each token with its probability and what else could have come."""
    return json.dumps(about(text) | {"tokens": token_rows(text)}, ensure_ascii=False, indent=1)


def about(text: ExportedText) -> dict[str, Any]:
    """What made it, as plain values."""
    return {"model": text.model_id, "params": dict(text.params), "ids": list(text.ids), "text": text.text}


def token_rows(text: ExportedText) -> list[dict[str, Any]]:
    """Each token as plain values."""
    return [_row(token, others) for token, others in zip(text.tokens, text.candidates, strict=True)]


def _row(token: TextToken, others: Sequence[tuple[str, float]]) -> dict[str, Any]:
    return {
        "text": token.piece,
        "surprise_bits": None if token.surprise_bits is None else round(token.surprise_bits, 4),
        "rank": token.rank,
        "written_by_model": token.is_written,
        "instead": [[other, round(share, 6)] for other, share in others],
    }


def _candidates(trace: Trace, place: int, vocabulary: TextVocabulary) -> tuple[tuple[str, float], ...]:
    found = trace.instead_of(place)
    if found is None:
        return ()
    pairs = zip(found.ids[:N_CANDIDATES].tolist(), found.raw[:N_CANDIDATES].tolist(), strict=True)
    return tuple((vocabulary.name(token), share) for token, share in pairs)
