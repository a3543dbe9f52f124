"""Plain callables that want to hear of a change; the same small list for settings, commands and undo."""

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Listeners(Generic[P]):
    """Calls everyone who asked, in the order of asking. For one thread only."""

    def __init__(self) -> None:
        self._calls: list[Callable[P, None]] = []

    def add(self, call: Callable[P, None]) -> Callable[[], None]:
        """Call `call` at every change from now on; returns a function that ends this."""
        self._calls.append(call)

        def remove() -> None:
            if call in self._calls:
                self._calls.remove(call)

        return remove

    def notify(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Tell everyone; a listener may add or remove listeners meanwhile."""
        for call in tuple(self._calls):
            call(*args, **kwargs)

    def clear(self) -> None:
        """Forget everyone."""
        self._calls.clear()
