"""Calls every compiled kernel of the pictures once, on tiny input, so that all of them lie in the cache."""

from collections.abc import Callable, Mapping
from typing import Final

from studio.core.translation import N_

from .model.config import PixelNetworkConfig

_CONFIG: Final = PixelNetworkConfig(size_px=2, n_levels=2, n_classes=1, n_layers=2, width=4, head_width=4)


def _gated_pixels() -> None:
    from .model import kernels
    from .model.pixelcnn import GatedPixelCNN
    from .model.sampling import PixelRequest
    from .model.weights import gated_memory, gated_weights

    network, task = GatedPixelCNN(_CONFIG), PixelRequest((0,), (1,)).task(_CONFIG)
    kernels.go_on_gated(gated_weights(network), gated_memory(network, task.passes), task, 0, 1)


def _row_pixels() -> None:
    from .model import kernels
    from .model.row_lstm import RowLSTM
    from .model.sampling import PixelRequest
    from .model.weights import row_memory, row_weights

    network, task = RowLSTM(_CONFIG), PixelRequest((0,), (1,)).task(_CONFIG)
    kernels.go_on_rows(row_weights(network), row_memory(network, task.passes), task, 0, 1)


def _draw() -> None:
    import numpy as np

    from ..shared.model.kernel_maths import drawn_value

    drawn_value(np.zeros(2, np.float32), np.float32(0.5), np.float32(1))


GROUPS: Final[tuple[Mapping[str, Callable[[], None]], ...]] = (
    {N_("pixels, by a PixelCNN"): _gated_pixels},
    {N_("pixels, by a Row LSTM"): _row_pixels, N_("choosing a value"): _draw},
)
