"""Asks the engine for cuts of texts, for what could stand in a gap, and how well each given word fits."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject

from studio.api.gapped_text.queries import GapQueries
from studio.api.panel import EngineTasks

from ..state import GapWords

_GAP: Final = "gap"
_FIT: Final = "fit"


class FillInQueries(GapQueries):
    """Signals: see GapQueries."""

    keys = (_GAP, _FIT)

    def __init__(self, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(tasks, parent)
        self._asked: dict[str, Any] = {}
        self._found: dict[str, tuple[Any, Any]] = {}

    def gap_words(self, row: tuple[int, ...], places: tuple[int, ...]) -> GapWords | None:
        """What could stand in a gap of this text; asked for, and None, where that is not known yet."""
        found = self._known(_GAP, (row, places), lambda engine, key: engine.gap_words(row, places, key))
        return found if isinstance(found, GapWords) else None

    def fit(self, row: tuple[int, ...]) -> Mapping[int, float]:
        """How many bits each token of this text costs; asked for, and empty, where that is not known yet."""
        found = self._known(_FIT, row, lambda engine, key: engine.fit(row, key))
        return found if isinstance(found, dict) else {}

    def _known(self, name: str, key: Any, call: Callable[..., Any]) -> Any:
        found = self._found.get(name)
        if found is not None and found[0] == key:
            return found[1]
        if self._asked.get(name) != key:
            self._asked[name] = key
            self._run(name, lambda engine: call(engine, key), partial(self._on_found, name))
        return None

    def _on_found(self, name: str, news: tuple[Any, Any]) -> None:
        self._found[name] = news
        self.changed.emit()
