"""Pictures side by side."""

import numpy as np
import pytest

from plugins.diffusion.pictures.frames import tiled


@pytest.mark.parametrize("empty", [0, 255])
def test_pictures_go_row_by_row_and_leave_what_is_over(empty):
    pictures = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 4, 3), np.uint8)
    sheet = tiled(pictures, 3, empty)
    assert sheet.shape == (4, 12, 3)
    np.testing.assert_array_equal(sheet[::2, ::4, 0], [[0, 1, 2], [3, 4, empty]])
    assert (sheet[:2, 4:8] == 1).all()
    np.testing.assert_array_equal(tiled(pictures[:1], 1), pictures[0])
