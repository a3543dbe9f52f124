"""What is on screen of a run of pictures, read off a frame: levels, what is known, surprise, and the next value."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.view import ByteArray, Field, Series

from .scene import Mask, PixelSheet
from .state import Bytes, coloured


@dataclass(frozen=True, eq=False)
class PixelViewModel:
    """One moment of a run.

    Attributes:
        values: (B, H, W) levels. kept: (H, W). labels: (B,) kinds. place: all pixels before it are settled.
        surprise: (B, H, W) bits. chances: (B, V) of the next pixel, None at the end.
    """

    values: Bytes
    kept: Mask
    labels: npt.NDArray[np.int64]
    place: int
    surprise: npt.NDArray[np.float32]
    chances: npt.NDArray[np.float32] | None

    @property
    def side(self) -> int:
        """Pixels of a side."""
        return self.values.shape[1]

    @property
    def n_places(self) -> int:
        """Pixels of a picture."""
        return self.side**2

    @property
    def is_whole(self) -> bool:
        """Whether every pixel is there."""
        return self.place >= self.n_places

    @property
    def is_known(self) -> Mask:
        """(H, W): kept, or settled."""
        return self.kept | (np.arange(self.n_places).reshape(self.side, self.side) < self.place)

    def sheet(self, ending: int) -> PixelSheet:
        """One ending as far as it is there."""
        return PixelSheet(self.values[ending], ~self.is_known)

    def bits(self, ending: int) -> float | None:
        """Mean surprise of the settled pixels of an ending, None before the first one."""
        return float(self.surprise[ending].ravel()[: self.place].mean()) if self.place else None

    def picture(self, ending: int, n_levels: int) -> ByteArray:
        """(H, W, 3) colours of an ending."""
        flat, known = self.values[ending].reshape(1, -1), self.is_known.ravel()
        return coloured(flat, known, n_levels)[0].reshape(self.side, self.side, 3)


def view_model_of(frame: Frame) -> PixelViewModel | None:
    """What a frame of a run shows; None for a frame of anything else."""
    state, surprise = frame.state, frame.views.get("surprise")
    if state is None or not {"values", "kept", "labels", "place"} <= set(state) or not isinstance(surprise, Field):
        return None
    following = frame.views.get("next")
    chances = np.stack(list(following.curves.values())) if isinstance(following, Series) else None
    return PixelViewModel(
        state["values"], state["kept"] != 0, state["labels"], int(state["place"][0]), surprise.values, chances
    )
