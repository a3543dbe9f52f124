"""Joins the table of the past to the engine: how the model and others did on the series that is shown."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from studio.core.text import N_, translate

from .series_call import Tested, tested_past
from .series_scene import Scene

if TYPE_CHECKING:
    from .series_panel import SeriesPanel

PAST_KEY: Final = "past"
_HEEDED: Final = ("series", "horizon", "temperature", "seed")
"""Settings on which the figures hang; where the forecast begins and how many paths it has change none."""


class PastDesk(QObject):
    """Signals: failed(error)."""

    failed = Signal(object)

    def __init__(self, panel: "SeriesPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self.tested: Tested | None = None

    def test(self) -> None:
        """See how all did on the past of the series."""
        panel, line = self._panel, self._panel.line
        if line is not None and not panel.tasks.is_running(PAST_KEY):
            call = partial(tested_past, line=line, params=panel.editor.scene.params)
            work, title = panel.handle.work(call), translate(N_("Testing on the past"))
            panel.tasks.run(PAST_KEY, work, done=self._on_tested, failed=self._on_failed, title=title)
            if panel.tasks.is_running(PAST_KEY):
                panel.past.show_tested(self.tested, True)

    def follow(self, before: Scene, now: Scene) -> None:
        """Forget the figures where they are not those of the scene any more."""
        if _asked(before) != _asked(now):
            self.forget()

    def forget(self) -> None:
        """Show no figures, and look for none any more."""
        self._panel.tasks.cancel(PAST_KEY)
        self._show(None)

    def _on_tested(self, tested: Tested) -> None:
        self._show(tested)

    def _on_failed(self, error: BaseException) -> None:
        self._show(None)
        self.failed.emit(error)

    def _show(self, tested: Tested | None) -> None:
        self.tested = tested
        self._panel.past.show_tested(tested, False)


def _asked(scene: Scene) -> tuple[object, ...]:
    """All that is asked of a test, to be compared."""
    return (scene.own, dict(scene.edits), *(getattr(scene.params, name) for name in _HEEDED))
