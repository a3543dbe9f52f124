"""What can be drawn by OpenGL: plain objects that own no window, and the shaders beside this module."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    import moderngl


def shader(name: str) -> str:
    """The text of shaders/`name`.glsl."""
    return (Path(__file__).with_name("shaders") / f"{name}.glsl").read_text("utf-8")


class Scene(Protocol):
    """Draws itself in the context that it was made in, which is current whenever one of its methods is called."""

    @property
    def is_ready(self) -> bool:
        """Whether there is something to draw by now."""

    @property
    def is_complete(self) -> bool:
        """Whether all is on the card that is to be drawn."""

    def send(self) -> None:
        """Send the next piece of what is to be drawn, small enough for the time of one picture."""

    def render(self, target: "moderngl.Framebuffer", camera: Any) -> None:
        """Draw into `target`, whose viewport is set; `camera` is what this kind of scene takes."""

    def release(self) -> None:
        """Free what it holds of the graphics card."""


SceneMaker: TypeAlias = Callable[["moderngl.Context"], Scene]


class Releasable(Protocol):
    """What lies on the graphics card."""

    def release(self) -> None:
        """Free it."""


LoadedT = TypeVar("LoadedT", bound=Releasable)
_END: Final = object()


class SentScene(Generic[LoadedT]):
    """What is sent to the card piece by piece, one at each `send`; what was complete before is drawn meanwhile."""

    def __init__(self) -> None:
        self._shown: LoadedT | None = None
        self._coming: LoadedT | None = None
        self._sending: Iterator[object] = iter(())

    @property
    def is_ready(self) -> bool:
        """Whether anything is complete."""
        return self._shown is not None

    @property
    def is_complete(self) -> bool:
        """Whether what was set last is what is drawn."""
        return self._coming is None

    def send(self) -> None:
        """Send the next piece."""
        if self._coming is not None and next(self._sending, _END) is _END:
            if self._shown is not None:
                self._shown.release()
            self._shown, self._coming = self._coming, None

    def release(self) -> None:
        """Free what is drawn and what is being sent."""
        for loaded in (self._shown, self._coming):
            if loaded is not None:
                loaded.release()
        self._shown = self._coming = None

    def _begin(self, loaded: LoadedT, sending: Iterator[object]) -> None:
        """Send this from now on, in place of what is on its way."""
        if self._coming is not None:
            self._coming.release()
        self._coming, self._sending = loaded, sending
