"""What the panel of texts in any order asks of its model beside the runs: texts cut, orders found and held together."""

from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy
from studio.api.panel import TaskScope
from studio.core.text import N_

from .order_about import CutText
from .order_call import compare, cut, dropped, surest, unseen
from .order_comparison import Compared
from .order_passage import Passage

_TEXT: Final = "cut"
_ORDER: Final = "surest"
_COMPARE: Final = "compare"


class OrderAsking(QObject):
    """Signals:
        text_cut(title, cut, is_new): a text is there; whether it is another one, not the one that is typed in.
        order_found(passage, order): the surest order of its blanks.
        compared(): the words on screen were held together in several orders.
        changed(): something is asked, or answered. failed(error).
    """

    text_cut = Signal(str, object, bool)
    order_found = Signal(object, object)
    compared = Signal()
    changed = Signal()
    failed = Signal(object)

    def __init__(self, tasks: TaskScope, handle: EngineHandle, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks, self._handle = tasks, handle
        self._title, self._is_new = "", False
        self._found: Compared | None = None

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return any(map(self._tasks.is_running, (_TEXT, _ORDER, _COMPARE)))

    @property
    def is_cutting(self) -> bool:
        """Whether a text is being cut."""
        return self._tasks.is_running(_TEXT)

    @property
    def is_comparing(self) -> bool:
        """Whether orders are being held together."""
        return self._tasks.is_running(_COMPARE)

    def compared_of(self, key: Any) -> Compared | None:
        """What was found for these very words in this order."""
        return self._found if self._found is not None and self._found.key == key else None

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
        self._ask_text(N_("A text of your own"), partial(dropped, path=path), True)

    def surest(self, passage: Passage) -> None:
        """Ask in which order the model is surest."""
        work = self._handle.work(partial(surest, passage=passage))
        self._run(_ORDER, work, self._on_surest)

    def compare(self, passage: Passage, told: tuple[int, ...], key: Any) -> None:
        """Hold the words together in several orders."""
        work = self._handle.work(partial(compare, passage=passage, told=told, key=key))
        self._run(_COMPARE, work, self._on_compared)
        self.changed.emit()

    def _ask_text(self, title: str, call: Any, is_new: bool) -> None:
        self._title, self._is_new = title, is_new
        self._run(_TEXT, self._handle.work(call), self._on_cut)

    def _run(self, key: str, work: Any, done: Any) -> None:
        self._tasks.run(key, work, Policy.RESTART, done=done, failed=self._on_failed)

    def _on_cut(self, news: CutText) -> None:
        self.text_cut.emit(self._title, news, self._is_new)
        self.changed.emit()

    def _on_surest(self, news: tuple[Passage, tuple[int, ...]]) -> None:
        self.order_found.emit(*news)
        self.changed.emit()

    def _on_compared(self, news: Compared) -> None:
        self._found = news
        self.compared.emit()
        self.changed.emit()

    def _on_failed(self, error: BaseException) -> None:
        self.failed.emit(error)
        self.changed.emit()
