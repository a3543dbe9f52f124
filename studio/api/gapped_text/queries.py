"""Asks an engine for texts with gaps: what a person types, an example, lines of a play, a dropped file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

from PySide6.QtCore import QObject, Signal

from studio.api.engine import Policy
from studio.api.engine_tasks import EngineTasks
from studio.core.container.encoding import beginning_of
from studio.core.text.gaps import MAX_CHARS, CutText
from studio.core.translation import N_

TEXT: Final = "cut"


class GapEngine(Protocol):
    """What an engine of texts with gaps is asked for."""

    def cut(self, text: str) -> CutText[Any]:
        """A text as the model reads it."""

    def passage(self, number: int) -> str:
        """Some lines that no model of ours ever saw, by their number."""


def cut(engine: GapEngine, text: str) -> CutText[Any]:
    """A text as the model reads it."""
    return engine.cut(text)


def unseen(engine: GapEngine, number: int) -> CutText[Any]:
    """Some lines that no model of ours ever saw."""
    return engine.cut(engine.passage(number))


def dropped(engine: GapEngine, path: Path) -> CutText[Any]:
    """The beginning of a text file in any usual encoding; raises UserError where it is none or cannot be read."""
    return engine.cut(beginning_of(path, MAX_CHARS))


def is_text(path: Path) -> bool:
    """Whether a dropped file is a text."""
    return path.suffix.lower() == ".txt" and path.is_file()


class GapQueries(QObject):
    """Signals:
    text_cut(title, cut, is_new): a text is there; whether it is another one, not the one that is typed in.
    changed(): something is asked, or answered. failed(error).

    What a kind says by a class attribute:
        keys: under which it asks for more.
    """

    text_cut = Signal(str, object, bool)
    changed = Signal()
    failed = Signal(object)
    keys: ClassVar[tuple[str, ...]] = ()

    def __init__(self, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._title, self._is_new = "", False
        self._newest: CutText[Any] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return any(map(self._tasks.is_running, (TEXT, *self.keys)))

    @property
    def is_cutting(self) -> bool:
        """Whether a text is being cut."""
        return self._tasks.is_running(TEXT)

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

    def _ask_text(self, title: str, call: Callable[..., Any], is_new: bool) -> None:
        self._title, self._is_new = title, is_new
        self._run(TEXT, call, self._on_cut)

    def _run(self, key: str, call: Callable[..., Any], done: Callable[[Any], None]) -> None:
        self._tasks.ask(key, call, Policy.RESTART, done=done, failed=self._on_failed)

    def _on_cut(self, news: CutText[Any]) -> None:
        self._newest = news
        self.text_cut.emit(self._title, news, self._is_new)
        self.changed.emit()

    def _on_failed(self, error: BaseException) -> None:
        self.failed.emit(error)
        self.changed.emit()
