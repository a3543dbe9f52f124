"""What is added to a decoder's residual stream while it reads.

Activation addition: Turner et al. 2023 (arXiv 2308.10248), Rimsky et al. 2023 (arXiv 2312.06681).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Steering:
    """Attributes:
    key: the sliders that made it; the same ones make the same vectors in the same model.
    vectors: by layer, counted from 0: what is added to the stream after it, float32 (D,).
    """

    key: str = ""
    vectors: Mapping[int, Vector] = field(default_factory=dict, compare=False)
