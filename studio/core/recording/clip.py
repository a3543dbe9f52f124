"""A row of frames to be played or exported: handed out by range, so that nobody holds them all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo

DEFAULT_FPS = 30.0


@dataclass(frozen=True, eq=False)
class Clip:
    """What can be exported, with everything that makes it again.

    Attributes:
        n_frames: at least 1.
        frames: called as `frames(start, stop)`, 0 <= start < stop <= n_frames; yields the frames start .. stop - 1
            one after the other. It is called on the Worker and may compute what it yields.
        fps: frames per second at which it is meant to be played, above 0.
        info: the run that it comes from.
        state: the panel's state where the person moved away from what seed and parameters give; plain JSON values.
        prepare: makes all frames beforehand, a little at a time, so that others get a turn while one takes long; yields
            its progress. `frames` works without, too.
        is_ready: whether a frame is there already, by its index, so that it costs nothing.
        left_s: how long `prepare` will take by itself, in seconds; None before that is known.
        columns: where the frames lie in space instead of time, how many stand in a row; 0 elsewhere.
        is_loop: whether its end leads back to its beginning.
        title: what people call the model; its id where it is empty.
        licence: of the model, where it is known.
    """

    n_frames: int
    frames: Callable[[int, int], Iterator[Frame]]
    fps: float
    info: RunInfo
    state: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[], Iterator[Frame]] = field(default=lambda: iter(()))
    is_ready: Callable[[int], bool] = field(default=lambda index: True)
    left_s: Callable[[], float | None] = field(default=lambda: 0.0)
    columns: int = 0
    is_loop: bool = False
    title: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        if self.n_frames < 1 or not self.fps > 0:
            raise ValueError("a clip has at least one frame and plays at more than 0 frames per second")

    def frame(self, index: int) -> Frame:
        """The frame `index`, 0 .. n_frames - 1."""
        return next(self.frames(index, index + 1))

    def made_from(self) -> dict[str, Any]:
        """What an export says about itself: "model", "seed", "params", and "state" where there is one."""
        values: dict[str, Any] = {
            "model": self.info.model_id,
            "seed": self.info.seed,
            "params": dict(self.info.params),
        }
        return values | {"state": dict(self.state)} if self.state else values


def clip_of_frames(
    frames: Sequence[Frame], info: RunInfo, fps: float = DEFAULT_FPS, state: Mapping[str, Any] | None = None
) -> Clip:
    """Return the clip of frames that are all there."""
    return Clip(len(frames), lambda start, stop: iter(frames[start:stop]), fps, info, state or {})


def clip_of_recording(recording: Recording, fps: float = DEFAULT_FPS, state: Mapping[str, Any] | None = None) -> Clip:
    """Return the clip of a run as far as it has come; it may go on growing, or be closed: the clip keeps its frames."""

    def frames(start: int, stop: int) -> Iterator[Frame]:
        return (recording[index] for index in range(start, stop))

    recording.hold(frames)
    return Clip(len(recording), frames, fps, recording.info, state or {})
