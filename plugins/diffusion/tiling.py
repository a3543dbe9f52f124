"""Pictures side by side as one."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

ByteArray: TypeAlias = npt.NDArray[np.uint8]


def tiled(pictures: ByteArray, n_columns: int, empty: int = 0) -> ByteArray:
    """Pictures (N, H, W, 3) in rows of n_columns, (rows H, columns W, 3); places left over are grey of `empty`."""
    n, height, width, _ = pictures.shape
    if n == 1:
        return np.ascontiguousarray(pictures[0])
    n_rows = -(-n // n_columns)
    if n < n_rows * n_columns:
        gaps = np.full((n_rows * n_columns - n, height, width, 3), empty, np.uint8)
        pictures = np.concatenate([pictures, gaps])
    rows = pictures.reshape(n_rows, n_columns, height, width, 3).swapaxes(1, 2)
    return np.ascontiguousarray(rows.reshape(n_rows * height, n_columns * width, 3))
