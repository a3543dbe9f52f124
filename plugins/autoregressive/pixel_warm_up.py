"""Calls every compiled kernel of the pictures once, on tiny input, so that all of them lie in the cache."""

from collections.abc import Callable, Mapping
from typing import Final

from studio.core.text import N_

from .pixel_config import PixelConfig

_CONFIG: Final = PixelConfig(size_px=2, n_levels=2, n_classes=1, n_layers=2, width=4, head_width=4)


def _gated_pixels() -> None:
    from . import pixel_gated_kernel
    from .pixel_model import GatedPixelCNN
    from .pixel_sampling import Wish
    from .pixel_unpacking import gated_memory, gated_weights

    network, task = GatedPixelCNN(_CONFIG), Wish((0,), (1,)).task(_CONFIG)
    pixel_gated_kernel.go_on(gated_weights(network), gated_memory(network, task.passes), task, 0, 1)


def _row_pixels() -> None:
    from . import pixel_rnn_kernel
    from .pixel_rnn import RowLSTM
    from .pixel_sampling import Wish
    from .pixel_unpacking import row_memory, row_weights

    network, task = RowLSTM(_CONFIG), Wish((0,), (1,)).task(_CONFIG)
    pixel_rnn_kernel.go_on(row_weights(network), row_memory(network, task.passes), task, 0, 1)


def _draw() -> None:
    import numpy as np

    from .pixel_head_kernel import drawn_value

    drawn_value(np.zeros(2, np.float32), np.float32(0.5), np.float32(1))


GROUPS: Final[tuple[Mapping[str, Callable[[], None]], ...]] = (
    {N_("pixels by a PixelCNN"): _gated_pixels},
    {N_("pixels by a Row LSTM"): _row_pixels, N_("drawing a value"): _draw},
)
