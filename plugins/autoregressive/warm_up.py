"""Calls every compiled kernel of the family once, on tiny input, so that all of them lie in the cache."""

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


def _sound() -> None:
    import numpy as np

    from . import wave_kernel
    from .wave_config import WaveConfig
    from .wave_network import WaveNet
    from .wave_sampling import WaveWish, wave_memory, wave_weights

    config = WaveConfig((1,), n_told=1, n_waves=1, width=2, skip_width=2, told_width=2, told_inner=2, hop=2)
    wish = WaveWish(np.zeros((1, 1, 1), np.float32), np.zeros((1, 2, 1), np.float32), (1,))
    network, task = WaveNet(config), wish.task(config)
    wave_kernel.go_on(wave_weights(network), wave_memory(network, wish), task, 0, 2)


def _draw_level() -> None:
    import numpy as np

    from .wave_kernel import drawn_level

    drawn_level(np.zeros(2, np.float32), np.float32(0.5), np.float32(1))


def _draw() -> None:
    import numpy as np

    from .pixel_head_kernel import drawn_value

    drawn_value(np.zeros(2, np.float32), np.float32(0.5), np.float32(1))


GROUPS: Final[tuple[Mapping[str, Callable[[], None]], ...]] = (
    {N_("pixels by a PixelCNN"): _gated_pixels, N_("pixels by a Row LSTM"): _row_pixels, N_("drawing a value"): _draw},
    {N_("sound by a WaveNet"): _sound, N_("drawing a sample"): _draw_level},
)
