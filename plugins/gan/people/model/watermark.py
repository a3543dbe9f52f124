"""The band at the foot of a picture that says: made by a machine; no picture with another face's expression is without.

Drawn into the pixels, so that it is in every export as well.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

ByteArray = npt.NDArray[np.uint8]
WATERMARK: Final = "made_by_a_machine"
"""What the state of a frame with the band has."""
TEXT: Final = "MADE BY A MACHINE"
INK: Final = (255, 255, 255)
BAND: Final = (17, 24, 39)
ROWS_PX: Final = 5
AIR_PX: Final = 1
SPACE_PX: Final = 3
# Rows of each letter from the top, as small as letters can be read: the band has to fit under a face of 64 pixels.
LETTERS: Final = {
    "A": (".#.", "#.#", "###", "#.#", "#.#"),
    "B": ("##.", "#.#", "##.", "#.#", "##."),
    "C": (".##", "#..", "#..", "#..", ".##"),
    "D": ("##.", "#.#", "#.#", "#.#", "##."),
    "E": ("###", "#..", "##.", "#..", "###"),
    "H": ("#.#", "#.#", "###", "#.#", "#.#"),
    "I": ("#", "#", "#", "#", "#"),
    "M": ("#.#", "###", "###", "#.#", "#.#"),
    "N": ("##.", "#.#", "#.#", "#.#", "#.#"),
    "Y": ("#.#", "#.#", ".#.", ".#.", ".#."),
}


def lettering(text: str = TEXT) -> npt.NDArray[np.bool_]:
    """Where a text of the known letters and spaces has ink, (5, W)."""
    columns = [np.zeros((ROWS_PX, 0), np.bool_)]
    for word in text.split(" "):
        if len(columns) > 1:
            columns.append(np.zeros((ROWS_PX, SPACE_PX - AIR_PX), np.bool_))
        for letter in word:
            columns.append(np.array([[dot == "#" for dot in row] for row in LETTERS[letter]]))
            columns.append(np.zeros((ROWS_PX, AIR_PX), np.bool_))
    return np.concatenate(columns, 1)[:, :-AIR_PX]


def watermarked(pixels: ByteArray) -> ByteArray:
    """A picture (H, W, 3) with the band over its last rows; the words are left out where they do not fit."""
    height, width = pixels.shape[:2]
    words = lettering()
    scale = width // (words.shape[1] + 2 * AIR_PX)
    n_rows = min(height, max(1, scale) * (ROWS_PX + 2 * AIR_PX))
    drawn = pixels.copy()
    drawn[height - n_rows :] = BAND
    if scale and n_rows == scale * (ROWS_PX + 2 * AIR_PX):
        large = words.repeat(scale, 0).repeat(scale, 1)
        left, top = (width - large.shape[1]) // 2, height - n_rows + scale * AIR_PX
        drawn[top : top + len(large), left : left + large.shape[1]][large] = INK
    return drawn
