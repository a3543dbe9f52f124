"""Reads SentencePiece's `tokenizer.model`: a protocol buffer, of which the few fields that matter are read.

The numbers of the fields are those of `sentencepiece_model.proto`. Nothing in it is believed before it is checked.
"""

import struct
from collections.abc import Iterator
from typing import Final

from studio.core.container.git_pointer import refuse_pointer
from studio.core.text.piece_tokenizer import Piece, PieceKind, PieceSet, broken_pieces

MAX_BYTES: Final = 32 << 20
MAX_PIECES: Final = 1_000_000
_UNIGRAM: Final = 1
_MERGING: Final = 2
Value = int | float | bytes


def read_sentencepiece(data: bytes) -> PieceSet:
    """The pieces in a file of at most MAX_BYTES; raises UserError where it is none or broken."""
    refuse_pointer(data)
    pieces: list[Piece] = []
    trainer: dict[int, Value] = {}
    normalizer: dict[int, Value] = {}
    for number, value in _fields(data):
        match number, value:
            case 1, bytes():
                pieces.append(_piece(dict(_fields(value))))
            case 2, bytes():
                trainer = dict(_fields(value))
            case 3, bytes():
                normalizer = dict(_fields(value))
        if len(pieces) > MAX_PIECES:
            raise broken_pieces()
    kind = trainer.get(3, _UNIGRAM)
    if kind not in (_UNIGRAM, _MERGING):
        raise broken_pieces()
    characters = normalizer.get(2, b"")
    return PieceSet(
        tuple(pieces),
        kind == _UNIGRAM,
        adds_space=normalizer.get(3, 1) == 1,
        joins_spaces=normalizer.get(4, 1) == 1,
        characters=characters if isinstance(characters, bytes) else b"",
    )


def _piece(fields: dict[int, Value]) -> Piece:
    text, score, kind = fields.get(1, b""), fields.get(2, 0.0), fields.get(3, 1)
    is_kind = isinstance(kind, int) and kind in tuple(PieceKind)
    if not isinstance(text, bytes) or not text or not isinstance(score, float) or not is_kind:
        raise broken_pieces()
    return Piece(text.decode("utf-8", "replace"), score, PieceKind(int(kind)))


def _fields(data: bytes) -> Iterator[tuple[int, Value]]:
    """The number of each field with its value, in the order of the message."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, position = _varint(data, position)
            yield number, value
            continue
        if wire == 2:
            length, position = _varint(data, position)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise broken_pieces()
        if length > len(data) - position:
            raise broken_pieces()
        part = data[position : position + length]
        position += length
        yield number, part if wire == 2 else struct.unpack("<d" if wire == 1 else "<f", part)[0]


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise broken_pieces()
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
    raise broken_pieces()
