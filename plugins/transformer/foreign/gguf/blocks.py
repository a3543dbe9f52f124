"""The ways in which GGUF files store numbers, and the numbers that come out of them.

A block of numbers shares scales; the layouts are those of `ggml-common.h` of the ggml project. Of the mixtures called
Q4_K_M and the like, a few arrays are Q5_K or Q6_K. Shape letters: B blocks, G groups of a block.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Grid:
    """Whole numbers -128 to 127 (B, G, n); of each group the scale (B, G), and what is added to it (B, G) or (1, 1)."""

    codes: NDArray[np.int8]
    scales: Floats
    minima: Floats

    def numbers(self) -> Floats:
        """What they stand for, (B, G n)."""
        numbers = self.scales[:, :, None] * self.codes + self.minima[:, :, None]
        return numbers.reshape(len(numbers), -1)


@dataclass(frozen=True)
class GgufBlock:
    """One kind of block.

    Attributes:
        title: what the format calls it.
        n_numbers, n_bytes: how many numbers a block holds, and in how many bytes.
        unpack: (B, n_bytes) bytes to a grid, or to (B, n_numbers) float32 where `n_bits` is 0.
        n_bits: 4 where all codes lie between 0 and 15.
        has_minima: whether anything is added.
    """

    title: str
    n_numbers: int
    n_bytes: int
    unpack: Callable[[Bytes], Grid | Floats]
    n_bits: int = 8
    has_minima: bool = False


def unpacked(kind: int, data: Bytes) -> Grid | Floats:
    """The blocks of flat bytes, which are whole ones, of a kind in BLOCKS."""
    block = BLOCKS[kind]
    return block.unpack(data.reshape(-1, block.n_bytes))


def dequantise(kind: int, data: Bytes) -> Floats:
    """The numbers that the bytes of whole blocks stand for: flat, float32."""
    found = unpacked(kind, data)
    return (found.numbers() if isinstance(found, Grid) else found).reshape(-1)


def _grid(codes: NDArray[np.generic], scales: Floats, minima: Floats | None = None) -> Grid:
    """Codes of any shape whose last axis is within a group."""
    nothing = np.zeros((1, 1), np.float32)
    return Grid(codes.reshape(*scales.shape, -1).astype(np.int8), scales, nothing if minima is None else minima)


def _half(data: Bytes) -> Floats:
    """(B, 2n) bytes as n float16 each, (B, n)."""
    return np.ascontiguousarray(data).view("<f2").astype(np.float32)


def _f32(data: Bytes) -> Floats:
    return np.ascontiguousarray(data).view("<f4")


def _bf16(data: Bytes) -> Floats:
    return (np.ascontiguousarray(data).view("<u2").astype(np.uint32) << 16).view(np.float32)


def _signed(data: Bytes) -> NDArray[np.int8]:
    return np.ascontiguousarray(data).view(np.int8)


def _nibbles(data: Bytes) -> Bytes:
    """(B, ..., n) bytes to (B, ..., 2n) numbers 0 to 15: all low halves, then all high ones."""
    return np.concatenate((data & 15, data >> 4), axis=-1)


def _q8_0(data: Bytes) -> Grid:
    return _grid(_signed(data[:, 2:]), _half(data[:, :2]))


def _q4_0(data: Bytes) -> Grid:
    return _grid(_nibbles(data[:, 2:]), _half(data[:, :2]), -8 * _half(data[:, :2]))


def _q4_1(data: Bytes) -> Grid:
    return _grid(_nibbles(data[:, 4:]), _half(data[:, :2]), _half(data[:, 2:4]))


def _fifth_bits(data: Bytes) -> Bytes:
    """(B, 4) bytes of 32 bits to (B, 32) numbers 0 or 16."""
    return np.unpackbits(data, axis=1, bitorder="little") << np.uint8(4)


def _q5_0(data: Bytes) -> Grid:
    return _grid(_signed(_nibbles(data[:, 6:]) | _fifth_bits(data[:, 2:6])) - 16, _half(data[:, :2]))


def _q5_1(data: Bytes) -> Grid:
    return _grid(_nibbles(data[:, 8:]) | _fifth_bits(data[:, 4:8]), _half(data[:, :2]), _half(data[:, 2:4]))


def _iq4_nl(data: Bytes) -> Grid:
    return _grid(_UNEVEN[_nibbles(data[:, 2:])], _half(data[:, :2]))


def _mxfp4(data: Bytes) -> Grid:
    return _grid(_TINY_FLOATS[_nibbles(data[:, 1:])], np.exp2(data[:, :1].astype(np.float32) - 128))


def _scales_and_minima(data: Bytes) -> tuple[Floats, Floats]:
    """Eight scales and eight minima of 6 bits each from (B, 12) bytes: (B, 8) twice."""
    first, second, rest = data[:, :4], data[:, 4:8], data[:, 8:]
    scales = np.concatenate((first & 63, (rest & 15) | (first >> 6 << 4)), axis=1)
    minima = np.concatenate((second & 63, (rest >> 4) | (second >> 6 << 4)), axis=1)
    return scales.astype(np.float32), minima.astype(np.float32)


def _scaled(data: Bytes, numbers: Bytes) -> Grid:
    """(B, 8, 32) whole numbers with the scales and minima at the start of a K block."""
    scales, minima = _scales_and_minima(data[:, 4:16])
    return _grid(numbers, _half(data[:, :2]) * scales, -_half(data[:, 2:4]) * minima)


def _q4_k(data: Bytes) -> Grid:
    return _scaled(data, _nibbles(data[:, 16:].reshape(-1, 4, 32)).reshape(-1, 8, 32))


def _q5_k(data: Bytes) -> Grid:
    low = _nibbles(data[:, 48:].reshape(-1, 4, 32)).reshape(-1, 8, 32)
    high = data[:, None, 16:48] >> np.arange(8, dtype=np.uint8)[:, None] & np.uint8(1)  # (B, 8, 32)
    return _scaled(data, low | high << np.uint8(4))


def _q6_k(data: Bytes) -> Grid:
    low = data[:, :128].reshape(-1, 2, 1, 64) >> np.array([0, 4], np.uint8)[:, None] & 15  # (B, 2, 2, 64)
    high = data[:, 128:192].reshape(-1, 2, 1, 32) >> np.array([0, 2, 4, 6], np.uint8)[:, None] & 3  # (B, 2, 4, 32)
    numbers = _signed(low.reshape(-1, 16, 16) | high.reshape(-1, 16, 16) << 4) - 32
    return _grid(numbers, _half(data[:, 208:]) * _signed(data[:, 192:208]))


def _pairs_of_bits(data: Bytes) -> Bytes:
    """(B, 64) bytes to (B, 8, 32) numbers 0 to 3: the lowest pairs of 32 bytes, then the next ones."""
    return (data.reshape(-1, 2, 1, 32) >> np.array([0, 2, 4, 6], np.uint8)[:, None] & np.uint8(3)).reshape(-1, 8, 32)


def _q2_k(data: Bytes) -> Grid:
    scales = _half(data[:, 80:82]) * (data[:, :16] & 15)  # (B, 16)
    return _grid(_pairs_of_bits(data[:, 16:80]), scales, -_half(data[:, 82:]) * (data[:, :16] >> 4))


def _q3_k(data: Bytes) -> Grid:
    high = data[:, None, :32] >> np.arange(8, dtype=np.uint8)[:, None] & np.uint8(1)  # (B, 8, 32)
    numbers = _signed(_pairs_of_bits(data[:, 32:96]) | high << np.uint8(2)) - 4
    low, rest = _nibbles(data[:, 96:104]), data[:, None, 104:108] >> np.array([0, 2, 4, 6], np.uint8)[:, None] & 3
    return _grid(numbers, _half(data[:, 108:]) * ((low | rest.reshape(-1, 16) << 4).astype(np.float32) - 32))


def _iq4_xs(data: Bytes) -> Grid:
    low = (data[:, 4:8, None] >> np.array([0, 4], np.uint8) & 15).reshape(-1, 8)
    high = (data[:, 2:4, None] >> np.array([0, 2, 4, 6], np.uint8) & 3).reshape(-1, 8)
    scales = _half(data[:, :2]) * ((low | high << 4).astype(np.float32) - 32)  # (B, 8)
    return _grid(_UNEVEN[_nibbles(data[:, 8:].reshape(-1, 8, 16))], scales)


def _tq2_0(data: Bytes) -> Grid:
    return _grid(_pairs_of_bits(data[:, :64]), _half(data[:, 64:]), -_half(data[:, 64:]))


_UNEVEN: Final = np.array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], np.int8)
"""What the sixteen numbers of IQ4 stand for: close together where weights are frequent."""
_TINY_FLOATS: Final = np.array([0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12], np.int8)
"""Twice what the floats of four bits stand for (OCP Microscaling, E2M1)."""
BLOCKS: Final = {
    0: GgufBlock("F32", 1, 4, _f32, 0),
    1: GgufBlock("F16", 1, 2, _half, 0),
    2: GgufBlock("Q4_0", 32, 18, _q4_0, 4, True),
    3: GgufBlock("Q4_1", 32, 20, _q4_1, 4, True),
    6: GgufBlock("Q5_0", 32, 22, _q5_0),
    7: GgufBlock("Q5_1", 32, 24, _q5_1, 8, True),
    8: GgufBlock("Q8_0", 32, 34, _q8_0),
    10: GgufBlock("Q2_K", 256, 84, _q2_k, 8, True),
    11: GgufBlock("Q3_K", 256, 110, _q3_k),
    12: GgufBlock("Q4_K", 256, 144, _q4_k, 4, True),
    13: GgufBlock("Q5_K", 256, 176, _q5_k, 8, True),
    14: GgufBlock("Q6_K", 256, 210, _q6_k),
    20: GgufBlock("IQ4_NL", 32, 18, _iq4_nl),
    23: GgufBlock("IQ4_XS", 256, 136, _iq4_xs),
    30: GgufBlock("BF16", 1, 2, _bf16, 0),
    35: GgufBlock("TQ2_0", 256, 66, _tq2_0, 4, True),
    39: GgufBlock("MXFP4", 32, 17, _mxfp4),
}
"""By the number that a file gives to a kind."""
UNREAD: Final = {
    9: "Q8_1",
    15: "Q8_K",
    16: "IQ2_XXS",
    17: "IQ2_XS",
    18: "IQ3_XXS",
    19: "IQ1_S",
    21: "IQ3_S",
    22: "IQ2_S",
    24: "I8",
    25: "I16",
    26: "I32",
    27: "I64",
    28: "F64",
    29: "IQ1_M",
    34: "TQ1_0",
}
"""What the format calls the other kinds."""
