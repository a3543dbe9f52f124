"""What a panel asks of its engine, run on the Worker."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from studio.api.engine import EngineHandle, Policy
from studio.compute.worker import WorkerLike
from studio.widgets.dispatcher import Dispatcher
from studio.widgets.task_scope import Callback, TaskScope


class EngineTasks(TaskScope):
    """The tasks of a panel with the handle of its engine, for the parts of the panel that ask it for something."""

    def __init__(self, owner: QObject, worker: WorkerLike, dispatcher: Dispatcher, handle: EngineHandle) -> None:
        super().__init__(owner, worker, dispatcher)
        self.handle = handle

    def ask(
        self,
        key: str,
        method: Callable[[Any], Any],
        policy: Policy = Policy.LATEST,
        *,
        event: Callback | None = None,
        done: Callback | None = None,
        failed: Callback | None = None,
        ended: Callable[[str], None] | None = None,
        title: str = "",
        pauses: bool = False,
    ) -> int:
        """Run `method(engine)`, which opens the engine first where needed; see `run` and `EngineHandle.work`."""
        work = self.handle.work(method, pauses)
        return self.run(key, work, policy, event=event, done=done, failed=failed, ended=ended, title=title)
