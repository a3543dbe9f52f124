"""Which word mattered: shows the maps where the views ask for them, and runs the check without each word."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from studio.api.engine import Policy
from studio.core.text import N_

from .study_call import run_study
from .study_news import StudyNews, StudyRequest
from .view_name import ATTENTION

if TYPE_CHECKING:
    from .panel import DiffusionPanel

KEY: Final = "leave out"


class WordDesk(QObject):
    """Joins the section of the words, the views that are shown, and the engine."""

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._view, self._show = panel.controls.attention, panel.controls.show
        self._prompt = ""
        self._view.word_chosen.connect(self._on_word_chosen)
        self._view.leave_out_requested.connect(self._begin)
        self._view.cancel_requested.connect(self._stop)
        self._show.views_changed.connect(self._on_views_changed)
        panel.editor.changed.connect(self._on_scene_changed)
        panel.tasks.ended.connect(self._on_ended)

    def _on_views_changed(self, views: tuple[str, ...]) -> None:
        self._view.set_map_shown(ATTENTION in views)

    def _on_word_chosen(self, index: int) -> None:
        """The views say that a map is shown."""
        views = [name for name in self._show.views() if name != ATTENTION]
        self._show.set_views([*views[:2], ATTENTION] if index >= 0 else views)

    def _begin(self) -> None:
        panel, scene = self._panel, self._panel.editor.scene
        self._prompt = scene.params.prompt
        self._view.set_progress((0, self._view.n_words))
        work = panel.handle.work(
            partial(run_study, request=StudyRequest("words"), params=scene.params, start=scene.start())
        )
        title = N_("Leaving each word out")
        panel.tasks.cancel(KEY)
        panel.tasks.run(KEY, work, Policy.QUEUE, event=self._on_news, title=title)

    def _on_news(self, news: StudyNews) -> None:
        self._view.set_leave_out(news.effects)
        self._view.set_progress((len(news.effects), len(news.pictures) - 1))

    def _stop(self) -> None:
        self._panel.tasks.cancel(KEY)
        self._view.set_progress(None)

    def _on_ended(self, key: str) -> None:
        if key == KEY:
            self._view.set_progress(None)

    def _on_scene_changed(self) -> None:
        """What becomes of other words is of no use."""
        if self._prompt and self._panel.editor.scene.params.prompt != self._prompt:
            self._prompt = ""
            self._stop()
            self._view.set_leave_out({})
