"""Asks the engine for cuts of texts, for what could stand in a gap, and how well each given word fits."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import Policy
from studio.api.panel import EngineTasks
from studio.core.container.encoding import beginning_of
from studio.core.translation import N_

from ..passage import MAX_CHARS, CutText, FillModelInfo
from ..state import GapWords

if TYPE_CHECKING:
    from ..engine import FillInEngine

_TEXT: Final = "cut"
_GAP: Final = "gap"
_FIT: Final = "fit"


def model_info(engine: "FillInEngine") -> FillModelInfo:
    """What there is to know of the open model."""
    return engine.about()


def cut(engine: "FillInEngine", text: str) -> CutText:
    """A text as the model reads it."""
    return engine.cut(text)


def unseen(engine: "FillInEngine", number: int) -> CutText:
    """Some lines that no model of ours ever saw."""
    return engine.cut(engine.passage(number))


def dropped(engine: "FillInEngine", path: Path) -> CutText:
    """The beginning of a text file in any usual encoding; raises UserError where it is none or cannot be read."""
    return engine.cut(beginning_of(path, MAX_CHARS))


class FillInQueries(QObject):
    """Signals:
    text_cut(title, cut, is_new): a text is there; whether it is another one, not the one that is typed in.
    changed(): something is answered. failed(error).
    """

    text_cut = Signal(str, object, bool)
    changed = Signal()
    failed = Signal(object)

    def __init__(self, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._title, self._is_new = "", False
        self._newest: CutText | None = None
        self._asked: dict[str, Any] = {}
        self._found: dict[str, tuple[Any, Any]] = {}

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return any(map(self._tasks.is_running, (_TEXT, _GAP, _FIT)))

    @property
    def is_cutting(self) -> bool:
        """Whether a text is being cut."""
        return self._tasks.is_running(_TEXT)

    def n_tokens_of(self, text: str) -> int:
        """How many tokens the newest text has in all, 0 where it is another one."""
        return self._newest.n_tokens if self._newest is not None and self._newest.text == text else 0

    def type(self, text: str) -> None:
        """The person types: the newest text is cut."""
        self._ask_text(N_("Typing"), partial(cut, text=text), False)

    def example(self, text: str) -> None:
        """Take an example."""
        self._ask_text(N_("Another example"), partial(cut, text=text), True)

    def unseen(self, number: int) -> None:
        """Take lines that no model of ours ever saw."""
        self._ask_text(N_("A passage"), partial(unseen, number=number), True)

    def open(self, path: Path) -> None:
        """Take a dropped file."""
        self._ask_text(N_("Your own text"), partial(dropped, path=path), True)

    def gap_words(self, row: tuple[int, ...], places: tuple[int, ...]) -> GapWords | None:
        """What could stand in a gap of this text; asked for, and None, where that is not known yet."""
        found = self._known(_GAP, (row, places), lambda engine, key: engine.gap_words(row, places, key))
        return found if isinstance(found, GapWords) else None

    def fit(self, row: tuple[int, ...]) -> Mapping[int, float]:
        """How many bits each token of this text costs; asked for, and empty, where that is not known yet."""
        found = self._known(_FIT, row, lambda engine, key: engine.fit(row, key))
        return found if isinstance(found, dict) else {}

    def _known(self, name: str, key: Any, call: Any) -> Any:
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

    def _ask_text(self, title: str, call: Any, is_new: bool) -> None:
        self._title, self._is_new = title, is_new
        self._run(_TEXT, call, self._on_cut)

    def _run(self, key: str, call: Any, done: Any) -> None:
        self._tasks.ask(key, call, Policy.RESTART, done=done, failed=self._on_failed)

    def _on_cut(self, news: CutText) -> None:
        self._newest = news
        self.text_cut.emit(self._title, news, self._is_new)
        self.changed.emit()

    def _on_failed(self, error: BaseException) -> None:
        self.failed.emit(error)
        self.changed.emit()
