"""What the parts of a panel may hear of: its scene, frames, the open model; and what they say of themselves."""

from typing import Any, Protocol, runtime_checkable

from studio.core.frame import Frame


class Runs(Protocol):
    """What makes the frames on the timeline."""

    def shows(self, params: Any) -> bool:
        """Whether the run on the timeline has these settings."""

    def renew(self, scene: Any, is_instant: bool) -> object:
        """Begin the run that a scene asks for; shown as soon as it is whole where that is `is_instant`."""


@runtime_checkable
class ShowsScenes(Protocol):
    """A section or another part whose controls stand where the scene is."""

    def show_scene(self, scene: Any) -> object:
        """Let the controls stand there."""


@runtime_checkable
class ShowsFrames(Protocol):
    """A presenter, which draws what is at the playhead."""

    def show_frame(self, frame: Frame, scene: Any) -> object:
        """Draw a frame of a run, or what another model made."""


@runtime_checkable
class LooksCloser(Protocol):
    """A part that looks closer at a picture that has stayed for a moment."""

    def rest_on(self, scene: Any, frame: Frame) -> object:
        """Look at it."""


@runtime_checkable
class KnowsModel(Protocol):
    """A part that needs to know what the open model is."""

    def opened(self, found: Any) -> object:
        """The model is open."""


@runtime_checkable
class IsBusy(Protocol):
    """A part that works by itself."""

    @property
    def is_busy(self) -> bool:
        """Whether something still grows, is read or looked for."""


@runtime_checkable
class LetsGo(Protocol):
    """A part that holds something of the present scene."""

    def let_go(self) -> object:
        """Give it up: another scene takes its place."""


class BringsOwn(Protocol):
    """A part that reads what a person brings. Signals: read(what it found), failed(error)."""

    read: Any
    failed: Any


class SceneParts:
    """The parts of one panel, in the order in which they hear of things; each of what it has a method for."""

    def __init__(self) -> None:
        # Sorted once: to ask a part what it has a method for takes longer than to tell it.
        self._scenes: list[ShowsScenes] = []
        self._frames: list[ShowsFrames] = []
        self._looking: list[LooksCloser] = []
        self._models: list[KnowsModel] = []
        self._busy: list[IsBusy] = []
        self._holding: list[LetsGo] = []

    def add(self, *parts: object) -> None:
        """Let these hear too."""
        self._scenes += [part for part in parts if isinstance(part, ShowsScenes)]
        self._frames += [part for part in parts if isinstance(part, ShowsFrames)]
        self._looking += [part for part in parts if isinstance(part, LooksCloser)]
        self._models += [part for part in parts if isinstance(part, KnowsModel)]
        self._busy += [part for part in parts if isinstance(part, IsBusy)]
        self._holding += [part for part in parts if isinstance(part, LetsGo)]

    def show_scene(self, scene: Any) -> None:
        """Let all controls stand where the scene is."""
        for part in self._scenes:
            part.show_scene(scene)

    def show_frame(self, frame: Frame, scene: Any) -> None:
        """Draw a frame."""
        for part in self._frames:
            part.show_frame(frame, scene)

    def rest_on(self, scene: Any, frame: Frame) -> None:
        """Look closer at a picture that stays."""
        for part in self._looking:
            part.rest_on(scene, frame)

    def opened(self, found: Any) -> None:
        """The model is open."""
        for part in self._models:
            part.opened(found)

    def let_go(self) -> None:
        """Another scene takes the place of the present one."""
        for part in self._holding:
            part.let_go()

    @property
    def are_busy(self) -> bool:
        """Whether one of them still works."""
        return any(part.is_busy for part in self._busy)
