"""What a graphics card holds of a scene, so that it draws it from any camera at once, without the Worker."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QObject

from studio.api.panel import EngineTasks, SceneView

from ..state import ViewRequest

HeldT = TypeVar("HeldT")
KEY: Final = "card"


class CardView(QObject, Generic[HeldT]):
    """Fetches what is to be drawn from the engine whenever it has become another one, and sends it to the card.

    A kind says by class attributes what draws it there (`scene_type`, of a moderngl context) and how it is given to
    that (`put`).

    Attributes:
        held: by what name that was asked for which lies on the card; None before anything does.
    """

    scene_type: Callable[[Any], Any]
    put: Callable[[Any, Any], None]

    def __init__(self, canvas: SceneView, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self.held: Any = None
        self._canvas, self._tasks = canvas, tasks
        self._thing: HeldT | None = None
        self._wanted: tuple[Any, Callable[[Any], HeldT | None]] | None = None
        canvas.drawing_changed.connect(self._fetch)

    def hold(self, name: Any, fetch: Callable[[Any], HeldT | None]) -> None:
        """Have on the card what `fetch` gets of the engine, which has it under this name."""
        if self._wanted is None or name != self._wanted[0]:
            self._wanted = name, fetch
            self._fetch()

    def draw(self, camera: Any) -> bool:
        """Draw what is held; False where nothing is."""
        if self._thing is None or not self._canvas.draws_scenes:
            return False
        self._canvas.show_scene(camera)
        return True

    def _fetch(self) -> None:
        if self._wanted is not None and self._canvas.draws_scenes:
            name, fetch = self._wanted
            self._tasks.ask(KEY, fetch, done=partial(self._take, name))

    def _take(self, name: Any, thing: HeldT | None) -> None:
        if thing is None:
            return
        is_first, self._thing, self.held = self._thing is None, thing, name
        if is_first:
            self._canvas.set_scene(self._make)
        else:
            put = type(self).put
            self._canvas.change_scene(lambda scene: put(scene, thing))

    def _make(self, ctx: Any) -> Any:
        scene = type(self).scene_type(ctx)
        if self._thing is not None:
            type(self).put(scene, self._thing)
        return scene


def is_plain(request: ViewRequest) -> bool:
    """Whether colours of a scene are wanted that is whole and does not learn: cards draw nothing else."""
    return request.look.view == "colour" and not (request.is_learning or request.is_slow)
