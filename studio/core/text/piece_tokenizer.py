"""Makes tokenizers from pieces with scores, as SentencePiece and the LLaMA line of GGUF files have them.

Kudo and Richardson 2018 (arXiv 1808.06226). Spaces are written as "▁"; a byte that no piece holds is a piece "<0x0A>".
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import guarded, is_character_table
from studio.core.translation import N_

MAX_PIECE: Final = 256
_SPACE: Final = "\u2581"
_BYTE: Final = re.compile("<0x([0-9A-F]{2})>")


class PieceKind(IntEnum):
    """What a piece is; the numbers are the same in SentencePiece and in GGUF."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    OWN = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True)
class Piece:
    """A token: its text, its score (higher is merged earlier) and what it is."""

    text: str
    score: float
    kind: PieceKind


@dataclass(frozen=True)
class PieceSet:
    """What a tokenizer of pieces is made from.

    Attributes:
        pieces: in the order of their numbers.
        is_unigram: whether the likeliest cut is looked for; otherwise pairs are merged.
        adds_space: whether a text begins as if a space stood before it.
        joins_spaces: whether several spaces count as one, and those at the ends as none.
        characters: SentencePiece's table of characters that count as others; may be empty.
    """

    pieces: tuple[Piece, ...]
    is_unigram: bool = False
    adds_space: bool = True
    joins_spaces: bool = False
    characters: bytes = b""


def piece_tokenizer(found: PieceSet) -> Tokenizer:
    """Make a tokenizer of pieces; raises UserError where they make none."""
    _check(found.pieces)
    if found.characters and not is_character_table(found.characters):
        raise broken_pieces()
    with guarded(broken_pieces()):
        return _made(found)


def broken_pieces() -> UserError:
    """What to say of pieces that make no tokenizer."""
    return UserError(N_("The tokenizer of this model is damaged."), N_("Copy or download the model again."))


def _made(found: PieceSet) -> Tokenizer:
    tokenizer = Tokenizer(_unigram(found) if found.is_unigram else _merging(found))
    tokenizer.normalizer = normalizers.Sequence(_normalizers(found))
    own = sorted((one.text for one in found.pieces if one.kind is PieceKind.OWN), key=len, reverse=True)
    if own:
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("|".join(re.escape(text) for text in own)), "isolated")
    steps = [decoders.Replace(_SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence([*steps, decoders.Strip(" ", 1, 0)] if found.adds_space else steps)
    specials = [one.text for one in found.pieces if one.kind is PieceKind.CONTROL]
    tokenizer.add_special_tokens([AddedToken(text, normalized=False) for text in specials])
    return tokenizer


def piece_bytes(name: str) -> bytes:
    """What a piece adds to a text."""
    match = _BYTE.fullmatch(name)
    return bytes([int(match[1], 16)]) if match else name.replace(_SPACE, " ").encode()


def _check(pieces: Sequence[Piece]) -> None:
    texts = {one.text for one in pieces}
    is_sound = all(one.text and len(one.text) <= MAX_PIECE and math.isfinite(one.score) for one in pieces)
    if not pieces or len(texts) != len(pieces) or not is_sound:
        raise broken_pieces()


def _unknown(pieces: Sequence[Piece]) -> int:
    return next((place for place, one in enumerate(pieces) if one.kind is PieceKind.UNKNOWN), 0)


def _has_bytes(pieces: Sequence[Piece]) -> bool:
    return any(one.kind is PieceKind.BYTE for one in pieces)


def _unigram(found: PieceSet) -> models.Unigram:
    vocabulary = [(one.text, one.score) for one in found.pieces]
    return models.Unigram(vocabulary, _unknown(found.pieces), _has_bytes(found.pieces))


def _merging(found: PieceSet) -> models.BPE:
    """Pairs in the order of the scores of what they make; own pieces are left whole."""
    vocabulary = {one.text: place for place, one in enumerate(found.pieces)}
    return models.BPE(
        vocabulary,
        _pairs(found.pieces),
        unk_token=found.pieces[_unknown(found.pieces)].text,
        fuse_unk=True,
        byte_fallback=_has_bytes(found.pieces),
        ignore_merges=any(one.kind is PieceKind.OWN for one in found.pieces),
    )


def _pairs(pieces: Sequence[Piece]) -> list[tuple[str, str]]:
    normal = {one.text: (-one.score, place) for place, one in enumerate(pieces) if one.kind is PieceKind.NORMAL}
    ranked = [
        (*rank, text[:cut], text[cut:])
        for text, rank in normal.items()
        for cut in range(1, len(text))
        if text[:cut] in normal and text[cut:] in normal
    ]
    return [(left, right) for _, _, left, right in sorted(ranked)]


def _normalizers(found: PieceSet) -> list[normalizers.Normalizer]:
    steps: list[normalizers.Normalizer] = []
    if found.characters:
        steps.append(normalizers.Precompiled(found.characters))
    if found.joins_spaces:
        steps += [normalizers.Replace(Regex(r"\A +| +\z"), ""), normalizers.Replace(Regex(" {2,}"), " ")]
    steps.append(normalizers.Replace(" ", _SPACE))
    return [*steps, normalizers.Prepend(_SPACE)] if found.adds_space else steps
