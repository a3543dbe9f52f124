"""Calls every compiled kernel of the family once, on tiny input, so that all of them lie in the cache."""

from collections.abc import Callable, Mapping
from typing import Final

from studio.core.translation import N_

from .model.config import DecoderConfig

_CONFIG: Final = DecoderConfig(
    n_vocab=8, n_context=8, n_layers=1, n_heads=1, n_kv_heads=1, width=8, head_width=8, mlp_width=8
)


def _read_tokens() -> None:
    from .model.cache import KeyValueCache
    from .model.decoder import Decoder
    from .model.kernels.fused_step import FusedStep

    FusedStep(Decoder(_CONFIG)).read(1, KeyValueCache(_CONFIG))


def _keep_them() -> None:
    import numpy as np

    from .model.kernels.captured import standing
    from .trace import captured_next

    said = np.log(np.full(8, 0.125, np.float32))
    captured_next(said, (), np.zeros(2, np.float32), (*standing(said, 1), 0.0))


GROUPS: Final[tuple[Mapping[str, Callable[[], None]], ...]] = (
    {N_("reading tokens"): _read_tokens, N_("remembering what may come next"): _keep_them},
)
