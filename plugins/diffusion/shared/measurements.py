"""What can be measured of a moment of a run: how much noise is left, and what of the belief is settled; plain numbers.

H W pixels.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.view import Image

from .state import NOISE_LEFT, NOISY, PREDICTED, X0_CHANGE

ByteArray: TypeAlias = npt.NDArray[np.uint8]
FloatArray: TypeAlias = npt.NDArray[np.float32]
MeasuredKind: TypeAlias = Literal["denoising", "forward"]
COLOUR_CELLS, SHAPE_CELLS = 4, 16
"""Into how many cells along a side a picture is averaged to see its colours, and its shapes."""
MOST_MEASURED_PX: Final = 128
"""Of a larger picture not every pixel is measured, since this is done while a hand scrubs."""
_DB_LIMIT: Final = 99.0


@dataclass(frozen=True)
class FrameMotion:
    """How far two pictures are apart, as root mean squares in 0..255: of the means of 4 x 4 cells, of what 16 x 16
    cells show beyond those, and of the rest."""

    colour: float
    shape: float
    detail: float


@dataclass(frozen=True)
class FrameMeasurements:
    """One frame of a run.

    Attributes:
        kind: whether noise becomes a picture, or a picture noise.
        step, n_steps: 0 is the start, n_steps the end.
        noise_left: the share of the variance that is noise, 0..1.
        noise_first: the same at the start of the run.
        to_end: between the belief now and the finished picture; None where the run is not finished.
        since_before: between the belief now and one step earlier; None where it is not known.
        belief_change: of a sound, RMS of the change since the step before, in its own units; None where not known.
        likeness: of the noisy picture to the first one, -1..1; None where nobody asks.
        is_grey: whether the belief has no colours.
    """

    kind: MeasuredKind
    step: int
    n_steps: int
    noise_left: float
    noise_first: float = 1.0
    to_end: FrameMotion | None = None
    since_before: FrameMotion | None = None
    belief_change: float | None = None
    likeness: float | None = None
    is_grey: bool = False

    @property
    def is_first(self) -> bool:
        """Whether as much noise is left as the run began with."""
        return self.noise_left >= self.noise_first

    @property
    def is_finished(self) -> bool:
        """Whether nothing comes after it."""
        return self.step == self.n_steps

    @property
    def share_gone(self) -> float:
        """How much of the noise that the run began with is gone, 0..1."""
        return 1.0 - min(self.noise_left / max(self.noise_first, 1e-9), 1.0)

    @property
    def snr_db(self) -> float:
        """Signal to noise, in decibels."""
        signal = max(1.0 - self.noise_left, 0.0)
        if self.noise_left <= 0 or signal <= 0:
            return _DB_LIMIT if self.noise_left <= 0 else -_DB_LIMIT
        return float(10 * np.log10(signal / self.noise_left))


def measure_frame(
    frame: Frame,
    first: Frame | None = None,
    before: Frame | None = None,
    end: Frame | None = None,
    n_columns: int = 1,
) -> FrameMeasurements:
    """Measure a frame of a run that makes something of noise.

    Args:
        first: the frame that the run began with.
        before: the one before this.
        end: the finished one; None where there is none yet.
        n_columns: how many pictures of a batch lie side by side.
    """
    now = picture_in(frame, PREDICTED)
    return FrameMeasurements(
        "denoising",
        frame.step,
        frame.n_steps - 1,
        _noise_in(frame),
        1.0 if first is None else max(_noise_in(first), _noise_in(frame)),
        None if end is None or now is None else _motion(now, picture_in(end, PREDICTED), n_columns),
        None if before is None or now is None else _motion(picture_in(before, PREDICTED), now, n_columns),
        frame.scalars.get(X0_CHANGE),
        is_grey=now is not None and is_grey(now),
    )


def measure_forward_frame(frame: Frame, first: Frame) -> FrameMeasurements:
    """Measure a frame of a run in which a picture, the first frame, turns into noise."""
    now, clean = picture_in(frame, NOISY), picture_in(first, NOISY)
    alike = None if now is None or clean is None or now.shape != clean.shape else likeness(now, clean)
    return FrameMeasurements("forward", frame.step, frame.n_steps - 1, _noise_in(frame), likeness=alike)


def picture_in(frame: Frame, name: str) -> ByteArray | None:
    """The pixels of a view, (H, W, 3) or (H, W); None where there is no such picture."""
    view = frame.views.get(name)
    return view.pixels if isinstance(view, Image) else None


def is_grey(pixels: ByteArray) -> bool:
    """Whether all channels of a picture (H, W, C) or (H, W) are the same."""
    return pixels.ndim == 2 or bool((pixels == pixels[..., :1]).all())


def motion_between(before: ByteArray, after: ByteArray, n_columns: int = 1) -> FrameMotion:
    """How far two pictures, or sheets of as many columns as rows, of one shape are apart."""
    most_px = max(MOST_MEASURED_PX, 2 * SHAPE_CELLS * n_columns)
    stride = max(min(before.shape[:2]) // most_px, 1)
    difference = _deep(after[::stride, ::stride]) - _deep(before[::stride, ::stride])
    coarse, middle = (_averaged(difference, n_columns * n_cells) for n_cells in (COLOUR_CELLS, SHAPE_CELLS))
    return FrameMotion(_rms(coarse), _rms(middle - coarse), _rms(difference - middle))


def likeness(one: ByteArray, other: ByteArray) -> float:
    """The correlation of what 16 x 16 cells show of two pictures, -1..1; 0 where one of them is plain."""
    cells = [_averaged(_deep(pixels), SHAPE_CELLS) for pixels in (one, other)]
    first, second = (cell - cell.mean((0, 1)) for cell in cells)
    spread = float(np.sqrt((first**2).mean() * (second**2).mean()))
    return float((first * second).mean() / spread) if spread > 1e-6 else 0.0


def _motion(before: ByteArray | None, after: ByteArray | None, n_columns: int) -> FrameMotion | None:
    if before is None or after is None or before.shape != after.shape:
        return None
    return motion_between(before, after, n_columns)


def _noise_in(frame: Frame) -> float:
    return float(frame.scalars.get(NOISE_LEFT, 0.0))


def _deep(pixels: ByteArray) -> FloatArray:
    values = pixels.astype(np.float32)
    return values if values.ndim == 3 else values[..., None]


def _averaged(values: FloatArray, n_cells: int) -> FloatArray:
    """Values (H, W, C) of which every cell is its mean; a small picture has as many cells as pixels."""
    rows, columns = (_cells(length, n_cells) for length in values.shape[:2])
    means = np.add.reduceat(np.add.reduceat(values, rows, 0), columns, 1)
    heights, widths = (np.diff([*ends, n]) for ends, n in ((rows, values.shape[0]), (columns, values.shape[1])))
    means /= (heights[:, None] * widths)[..., None]
    return np.asarray(np.repeat(np.repeat(means, heights, 0), widths, 1), np.float32)


def _cells(length: int, n_cells: int) -> npt.NDArray[np.intp]:
    """Where each of at most `n_cells` begins."""
    return np.unique(np.arange(n_cells) * length // n_cells)


def _rms(values: FloatArray) -> float:
    return float(np.sqrt((values**2).mean()))
