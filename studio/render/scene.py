"""What can be drawn by OpenGL: plain objects that own no window."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import moderngl


class Scene(Protocol):
    """Draws itself in the context that it was made in, which is current whenever one of its methods is called."""

    @property
    def is_complete(self) -> bool:
        """Whether another `render` would show nothing new."""

    def render(self, target: "moderngl.Framebuffer", camera: Any) -> None:
        """Draw into `target`, whose viewport is set; `camera` is what this kind of scene takes."""

    def release(self) -> None:
        """Free what it holds of the graphics card."""


SceneMaker: TypeAlias = Callable[["moderngl.Context"], Scene]
