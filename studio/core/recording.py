"""The frames of one run, with everything needed to make the run again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.core.frame import Frame


@dataclass(frozen=True)
class RunInfo:
    """What made a run: model id, parameters, seed and the backend (device, precision, threads, batch shape)."""

    model_id: str
    params: Mapping[str, Any]
    seed: int
    backend: Mapping[str, Any] = field(default_factory=dict)


class Recording:
    """A growing list of frames: one thread appends, others read any frame at once.

    A list's append and index are atomic under the interpreter lock, so readers need no lock of their own.
    """

    def __init__(self, info: RunInfo) -> None:
        self.info = info
        self._frames: list[Frame] = []

    def append(self, frame: Frame) -> None:
        """Add the next frame."""
        self._frames.append(frame)

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Frame:
        return self._frames[index]

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._frames)
