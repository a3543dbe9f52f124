"""The frames of one run, with everything needed to make the run again."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame

RunKind = Literal["run", "path", "training"]
Curve: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Branch:
    """Where a run left another one: it goes on from frame number `step` of the recording `parent_id`."""

    parent_id: str
    step: int


@dataclass(frozen=True)
class RunInfo:
    """What made a run, so that the same program on the same machine makes the same frames again.

    Attributes:
        model_id: "family/model"; `model_hash` is the SHA-256 of its weights file, in hexadecimal.
        backend: what decides the last bits: device, precision, threads, versions, batch shape.
        title: a few plain words; `state`: what the panel needs to show the run (positions, camera), as JSON values.
        fps: how fast it is meant to be played.
    """

    model_id: str
    params: Mapping[str, Any]
    seed: int
    backend: Mapping[str, Any] = field(default_factory=dict)
    model_hash: str = ""
    kind: RunKind = "run"
    title: str = ""
    branch: Branch | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: Mapping[str, Any] = field(default_factory=dict)
    fps: float = 30.0


class Recording:
    """A growing list of frames: one thread appends, others read any frame at once.

    A list's append and index are atomic under the interpreter lock, so readers need no lock of their own.
    """

    def __init__(self, info: RunInfo) -> None:
        self.info = info
        self._frames: list[Frame] = []
        self._is_finished = False

    def append(self, frame: Frame) -> None:
        """Add the next frame."""
        self._frames.append(frame)

    def finish(self) -> None:
        """Say that no more frames will come."""
        self._is_finished = True

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended: by itself, stopped or failed."""
        return self._is_finished

    @property
    def scalar_names(self) -> tuple[str, ...]:
        """The names of all figures so far, in the order of their first appearance."""
        return tuple(dict.fromkeys(name for frame in self._frames[:] for name in frame.scalars))

    def curve(self, name: str) -> tuple[Curve, Curve]:
        """Return the steps (N,) and the values (N,) of a figure, where it has one; empty for an unknown name."""
        found = [(frame.step, frame.scalars[name]) for frame in self._frames[:] if name in frame.scalars]
        table = np.array(found, np.float64).reshape(-1, 2)
        return table[:, 0].copy(), table[:, 1].copy()

    @property
    def n_bytes(self) -> int:
        """The size of all arrays, in memory and on disk."""
        return sum(array.nbytes for frame in self._frames[:] for array in (frame.state or {}).values())

    def close(self) -> None:
        """Free what it holds; nothing can be read afterwards."""
        self._frames = []

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> Frame:
        return self._frames[index]

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._frames)
