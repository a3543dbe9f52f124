"""The panel of tables: a grid whose gaps fill in while one watches, and how sure each of the filled cells is."""

from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import Any, ClassVar, Final

from PySide6.QtCore import QObject

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host
from studio.api.scene_panel import ScenePanel
from studio.api.table import is_table
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource
from studio.core.param import first_params
from studio.core.translation import N_

from ..params import TableParams
from ..scene import CODEC, TableScene
from .editor import TableEditor
from .grid import TableGrid
from .odd_rows import OddRowsPresenter, OddRowsSection
from .presenter import TableFiles, TablePresenter, TableViews
from .row_map import RowMapPresenter, RowMapSection
from .sections import LearnTableSection, TableErrorSection, TableSection, TrySection

FPS: Final = 8.0
HINT = N_("Click a cell, or point at it, to see how sure the model is; drop a table of yours here")
EXAMPLE_NAME = "penguins.csv"
TERMS: Final = {
    "section_rows": N_(
        "The model sums up each row in a few numbers, its latent. The map is flattened to the two directions in which "
        "these numbers differ most (PCA)."
    )
}


class TableRuns(PanelRuns):
    """The newest one gives way to the next, and is watched from its beginning."""

    branches_at_first = True

    def __init__(self, timeline: TimelineController, parent: QObject) -> None:
        super().__init__(timeline, parent)
        self._waits_for_end = False
        timeline.playback.set_fps(FPS)
        self.watch_others()

    @property
    def is_busy(self) -> bool:
        """Whether the newest run goes on."""
        return self._timeline.recorder.is_running(self._attempt)

    def renew(self, scene: TableScene, is_instant: bool = False) -> None:
        """Learn a scene's table, in place of the newest run where nothing hangs on that; watched from its beginning."""
        timeline = self._timeline
        self._put(scene.source())
        if self.has_stayed:
            return
        self._waits_for_end = is_instant and self.is_busy
        if is_instant:
            timeline.pause()
            timeline.playback.to_end()
        elif not self.is_branch_shown:
            timeline.playback.seek(0)
            timeline.playback.play()

    def _on_grown(self, track_id: str) -> None:
        if track_id == self._attempt and self._waits_for_end:
            self._timeline.playback.to_end()

    def _on_ended(self, track_id: str) -> None:
        if track_id != self._attempt:
            return
        if self._waits_for_end:
            self._waits_for_end = False
            self._timeline.playback.to_end()
        self.changed.emit()


def _opened(engine: object) -> None:
    """There is nothing to be known of a model without weights."""


class TablePanel(ScenePanel[TableScene, TableEditor]):
    """One table, learnt on the spot; another one or other settings begin another run."""

    codec, hint, own_part, terms = CODEC, HINT, "own", TERMS
    ask: ClassVar[Callable[..., Any]] = staticmethod(_opened)
    follows_controls = False
    step_text = N_("{ms:,.0f} ms per frame")
    runs: TableRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        params, grid = first_params(TableParams, handle.source.card), TableGrid()
        super().__init__(handle, host, partial(TableEditor, TableScene(params)), grid)
        self.grid = grid
        self.table, self.tried, self.errors = TableSection(), TrySection(), TableErrorSection()
        self.learning, self.map, odd = LearnTableSection(params), RowMapSection(), OddRowsSection()
        self.show_sections(
            ("section_table", N_("Table"), self.table),
            ("section_try", N_("Try it out"), self.tried),
            ("section_rows", N_("Map of the rows"), self.map),
            ("section_errors", N_("How good is it?"), self.errors),
            ("section_odd", N_("Odd rows"), odd),
            ("section_learning", N_("How it learns"), self.learning),
        )
        self.runs = TableRuns(self.timeline, self)
        self.files = TableFiles(self.tasks, self)
        self.odd = OddRowsPresenter(odd, self.editor, self.timeline, self.tasks, lambda: self.presenter.view)
        dots = RowMapPresenter(self.map, grid, self.tasks, self.editor)
        views = TableViews(grid, self.frame.caption, self.table, self.tried, self.errors, odd, dots)
        self.presenter = TablePresenter(views)
        self.hand_over(self.tried, self.learning, self.presenter, dots, self.odd, self.runs, self.files)
        self.accept(is_table, self.files.open)
        self.take_own(self.files, self.editor.take)
        self._connect()
        title = "VAE"
        self.own_commands = (
            Command("vae.table_again", N_("Learn the table again"), self.editor.learn_again, ("R",), title),
            Command("vae.table_hide", N_("Hide some cells"), self.editor.hide_some, ("H",), title),
            Command("vae.table_open", N_("Open a table…"), self.files.choose, (), title),
            Command("vae.table_example", N_("Return to the example table"), self.editor.take_example, (), title),
            Command("vae.table_odd", N_("Find the odd rows"), self.odd.find, (), title),
            Command("vae.table_save", N_("Save the filled table…"), self.save_table, (), title),
        )
        self.open()

    def _connect(self) -> None:
        editor = self.editor
        self.bind(self.tried, self.learning)
        self.table.open_requested.connect(self.files.choose)
        self.table.example_requested.connect(editor.take_example)
        self.table.save_requested.connect(self.save_table)
        self.tried.hide_requested.connect(editor.hide_some)
        self.learning.again_requested.connect(editor.learn_again)
        self.odd.failed.connect(self._on_work_failed)
        self.runs.other_shown.connect(self._on_other_shown)
        self.grid.painted.connect(self.on_painted)
        self.tasks.timed.connect(self.say_run)

    def follow(self, before: TableScene) -> None:
        """Learn another table, or the same otherwise."""
        if not before.is_same_run(self.editor.scene):
            self.timeline.pause_run()
            self.renew()

    def _on_other_shown(self, source: GeneratedSource) -> None:
        if isinstance(source.params, TableParams):
            self.adopt(self.editor.scene.of_run(source))

    def save_table(self) -> None:
        """Ask where to save the filled table, and write it."""
        if self.presenter.view is not None:
            stem = PurePath(self.editor.scene.name or EXAMPLE_NAME).stem.partition(".")[0]
            self.files.choose_and_save(self.presenter.view, f"{stem} filled.csv", self.table.has_ranges)
