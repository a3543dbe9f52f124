"""What the panel asks the engine besides texts; these run on the Lane."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .text_about import TextAbout

if TYPE_CHECKING:
    from .engine import TransformerEngine


def about(engine: "TransformerEngine") -> TextAbout:
    """The tokens of the open model and its size."""
    return engine.about()


def attention_of(engine: "TransformerEngine", ids: Sequence[int], muted: str) -> npt.NDArray[np.float16]:
    """Attention (L, N, T, T) of all heads over these tokens."""
    return engine.attention(ids, muted)
