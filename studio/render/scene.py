"""What can be drawn by OpenGL: plain objects that own no window, and the shaders beside this module."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

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
