"""What a panel asks of its engine, run on the Worker."""

from collections.abc import Callable
from typing import Any, Unpack

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle, Policy
from studio.compute.worker import WorkerLike
from studio.core.error import UserError
from studio.widgets.dispatcher import Dispatcher
from studio.widgets.task_scope import Answers, TaskScope


class EngineTasks(TaskScope):
    """The tasks of a panel with the handle of its engine, for the parts of the panel that ask it for something.

    Signals: begun() where work with a title begins, which a person has asked for.
    """

    begun = Signal()

    def __init__(self, owner: QObject, worker: WorkerLike, dispatcher: Dispatcher, handle: EngineHandle) -> None:
        super().__init__(owner, worker, dispatcher)
        self.handle = handle

    def say(self, error: BaseException, show: Callable[[UserError], object]) -> None:
        """Let a part show what a person can mend; all else is a failure."""
        if isinstance(error, UserError):
            show(error)
        else:
            self.failed.emit(error)

    def ask(
        self,
        key: str,
        method: Callable[[Any], Any],
        policy: Policy = Policy.LATEST,
        *,
        title: str = "",
        pauses: bool = False,
        **answers: Unpack[Answers],
    ) -> int:
        """Run `method(engine)`, which opens the engine first where needed; see `run` and `EngineHandle.work`."""
        if title:
            self.begun.emit()
        return self.run(key, self.handle.work(method, pauses), policy, title=title, **answers)
