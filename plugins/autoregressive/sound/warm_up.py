"""Calls every compiled kernel of the sounds once, on tiny input, so that all of them lie in the cache."""

from collections.abc import Callable, Mapping
from typing import Final

from studio.core.translation import N_


def _sound() -> None:
    import numpy as np

    from .model import kernel
    from .model.config import WaveConfig
    from .model.sampling import WaveRequest, wave_memory, wave_weights
    from .model.wavenet import WaveNet

    config = WaveConfig((1,), n_told=1, n_waves=1, width=2, skip_width=2, told_width=2, told_inner=2, hop=2)
    wish = WaveRequest(np.zeros((1, 1, 1), np.float32), np.zeros((1, 2, 1), np.float32), (1,))
    network, task = WaveNet(config), wish.task(config)
    kernel.go_on(wave_weights(network), wave_memory(network, wish), task, 0, 2)


def _draw_level() -> None:
    import numpy as np

    from .model.kernel import drawn_level

    drawn_level(np.zeros(2, np.float32), np.float32(0.5), np.float32(1))


GROUPS: Final[tuple[Mapping[str, Callable[[], None]], ...]] = (
    {N_("sound, by a WaveNet"): _sound, N_("choosing a sample"): _draw_level},
)
