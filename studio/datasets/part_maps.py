"""Maps of the flat parts that pictures consist of, packed, and the colours of these parts."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PartMaps:
    """The maps of N pictures with K parts.

    Attributes:
        packed: of each its map, as `packed_map` makes it.
        size_px: width and height of a map.
        colours: (N, K, 3) in 0..1, also of parts that are not seen in a picture.
    """

    packed: Sequence[bytes]
    size_px: int
    colours: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.packed)

    def parts(self, index: int) -> NDArray[np.uint8]:
        """The map of a picture, (size_px, size_px): which part is seen there."""
        return unpacked_map(self.packed[index], self.size_px)

    def only(self, chosen: NDArray[np.int64]) -> "PartMaps":
        """The maps with these indices."""
        return PartMaps([self.packed[index] for index in chosen.tolist()], self.size_px, self.colours[chosen])


def packed_map(parts: NDArray[np.uint8]) -> bytes:
    """A map (S, S), packed."""
    return zlib.compress(parts.tobytes())


def unpacked_map(packed: bytes, size_px: int) -> NDArray[np.uint8]:
    """The map (size_px, size_px) that was packed; raises ValueError where it has another size."""
    unpacked = zlib.decompressobj().decompress(packed, size_px**2)
    return np.frombuffer(unpacked, np.uint8).reshape(size_px, size_px)
