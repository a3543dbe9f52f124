"""Where pictures stand while they are made, as plain arrays that a file can hold, and how they look; no torch.

Keys of a state: "values" (B, H, W) uint8 levels, "kept" (H, W) uint8, 1 where a pixel is not drawn, "labels" (B,)
int64 kinds, -1 where they are still to be found, and "place" (1,) int64: all pixels before it are settled.

Shape letters: B pictures, H W pixels, P places.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import State

MOST_BITS: Final = 8.0
"""Where a map of the surprise is at its strongest."""
UNKNOWN: Final = (40, 44, 54)
"""The colour of pixels that are not there yet: no grey, so that it is none of theirs."""
Bytes = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.int64]


def grey_levels(values: npt.NDArray[np.uint8], n_levels: int) -> npt.NDArray[np.uint8]:
    """Levels as grey values of one byte; shapes alike."""
    return np.round(values.astype(np.float32) * (255 / (n_levels - 1))).astype(np.uint8)


def coloured(values: npt.NDArray[np.uint8], is_known: npt.NDArray[np.bool_], n_levels: int) -> npt.NDArray[np.uint8]:
    """Levels (B, P) as colours (B, P, 3); what is not known (P,) has a colour of its own."""
    grey = np.repeat(grey_levels(values, n_levels)[..., None], 3, -1)
    grey[:, ~is_known] = UNKNOWN
    return grey


@dataclass(frozen=True, eq=False)
class PixelState:
    """The same, checked. `values` (B, P), `kept` (P,), `labels` (B,)."""

    values: Bytes
    kept: Bytes
    labels: Labels
    place: int

    def settled(self, place: int) -> Bytes:
        """(B, P): 1 for pixels that stay from `place` on as they are: those before it, and those that are kept."""
        stays = self.kept | (np.arange(len(self.kept)) < place)
        return np.tile(stays.astype(np.uint8), (len(self.values), 1))

    def stops(self, stride: int) -> npt.NDArray[np.int64]:
        """The places at which a frame is shown: every so many pixels to be drawn, the first of them, and the end.

        Where none is to be drawn a picture is only read, and all of its pixels count.
        """
        drawn = np.flatnonzero(self.kept == 0)
        places = drawn if len(drawn) else np.arange(len(self.kept))
        return np.append(places[::stride], len(self.kept))


def started(values: Bytes, is_erased: npt.NDArray[np.bool_], n: int = 1) -> State:
    """The state from which the erased part of a picture (H, W) is finished, in `n` ways at once."""
    shown = np.where(is_erased, 0, values).astype(np.uint8)
    return {
        "values": np.tile(shown, (n, 1, 1)),
        "kept": (~is_erased).astype(np.uint8),
        "labels": np.full(n, -1, np.int64),
        "place": np.zeros(1, np.int64),
    }


def read_state(state: State, size_px: int, n_levels: int, n_classes: int) -> PixelState:
    """A state that fits a model; raises UserError where it does not."""
    try:
        values, kept = np.asarray(state["values"]), np.asarray(state["kept"])
        labels, (place,) = np.asarray(state["labels"]), np.asarray(state["place"]).tolist()
    except (KeyError, ValueError, TypeError) as error:
        raise _unfit() from error
    fits = values.shape == (len(labels), size_px, size_px) and kept.shape == (size_px, size_px) and len(labels) > 0
    if not fits or values.dtype != np.uint8 or not 0 <= place <= size_px**2:
        raise _unfit()
    if values.max() >= n_levels or labels.min() < -1 or labels.max() >= n_classes:
        raise _unfit()
    flat = values.reshape(len(labels), -1)
    return PixelState(flat, (kept != 0).astype(np.uint8).ravel(), labels.astype(np.int64), int(place))


def _unfit() -> UserError:
    return UserError(N_("This picture cannot be continued: it was made by another model."))
