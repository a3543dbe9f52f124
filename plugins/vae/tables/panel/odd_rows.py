"""The inspector's part that looks for the odd rows of the table on screen, with histogram and table."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from studio.api.panel import EngineTasks, at_the_left, named_button, put_in_a_column
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import GeneratedSource
from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import State

from ...shared.panel.odd_scores import OddScores, OddScoresPresenter, OddWords
from ..caption import row_odd_words
from ..oddness import FOREST, SURPRISE
from ..state import is_moment, moment_of
from ..view_model import TableView
from .editor import TableEditor

ROWS: Final = OddWords(
    measures={
        SURPRISE: (N_("Rarity"), N_("How unlikely the model finds the known cells of a row, in nats (negative ELBO)"))
    },
    forests={FOREST: (N_("Random cuts"), N_("How easily random cuts tell a row from the others (isolation forest)"))},
    idle=N_("Rows that do not fit the others come first, with the cells that make them odd marked."),
    beyond=N_("{odd:,} of {n:,} rows are beyond the threshold; click the histogram to move it."),
    things=N_("Rows"),
    by=N_("What the rows are sorted by"),
    plot=N_("How odd the rows are"),
    table=N_("All rows with their scores and marked cells, as CSV"),
)
NOT_LEARNT: Final = N_("Let the model learn the table to its end, then press again.")


@dataclass(frozen=True, eq=False)
class OddRowsSource(GeneratedSource):
    """A run that scores the rows of a table. Attributes: learnt: the state of a frame that has learnt it."""

    learnt: State = field(default_factory=dict)

    def frames(self, engine: Any) -> Iterator[Frame | None]:
        """Yield the oddest rows so far."""
        found: Iterator[Frame | None] = engine.odd_rows(self.params, self.learnt)
        return found

    def branched(self, index: int, frame: Frame) -> "OddRowsSource":
        """The same run: there is nothing to go on from."""
        return self


class OddRowsSection(OddScores):
    """The same for the rows of a table. Attributes: look: the button."""

    def __init__(self) -> None:
        super().__init__(ROWS)
        hint = N_("Sort the rows by how badly the model explains them, now that it has learnt the table")
        self.look = named_button("odd_find", N_("Find the odd rows"), hint)
        if len(self.measures) == 1:
            self.measure.hide()
        put_in_a_column(self, (self.look, self.measure, self.words, self.plot, at_the_left(self.table)))
        self.show_nothing()

    def show_waiting(self) -> None:
        """Say that there is no model yet that could explain a row."""
        self.words.setText(translate(NOT_LEARNT))


class OddRowsPresenter(OddScoresPresenter):
    """Scores the rows by the model as far as the run on the timeline has learnt; `view` is the table on screen."""

    titles = ("row", "marked cells")
    _section: OddRowsSection

    def __init__(
        self,
        section: OddRowsSection,
        editor: TableEditor,
        timeline: TimelineController,
        tasks: EngineTasks,
        view: Callable[[], TableView | None],
    ) -> None:
        super().__init__(section, timeline, tasks)
        self._editor, self._view = editor, view
        self._scene = editor.scene
        section.look.clicked.connect(self.find)

    @property
    def is_busy(self) -> bool:
        """Whether rows are being scored."""
        return self._timeline.recorder.is_running(self._track_id)

    def find(self) -> None:
        """Score the rows, the oddest first."""
        learnt = self._learnt()
        if learnt is None:
            self._section.show_waiting()
            return
        before, self._scene = self._scene, self._editor.scene
        if not self._scene.is_same_run(before):
            self._track_id = ""  # what was found in another table stays, for undo
        run = self._scene.source()
        self._record(OddRowsSource(run.params, run.start, learnt=learnt), _("Odd rows"))

    def _learnt(self) -> State | None:
        """The state at the end of the run on the timeline; None while that goes on."""
        timeline, recording = self._timeline, self._timeline.recording
        is_there = timeline.track is not None and not timeline.is_growing and recording is not None and len(recording)
        if not is_there or recording is None:
            return None
        state = recording[-1].state
        return state if is_moment(state) and state is not None and moment_of(state).n_steps else None

    def show_frame(self, frame: Frame, scene: object = None) -> None:
        """Show a frame of such a run; others leave nothing here."""
        had_some, self._frame = self._frame is not None, None
        super().show_frame(frame)
        if had_some and self._frame is None:
            self._section.show_nothing()

    def _more(self, index: int) -> tuple[str, ...]:
        view = self._view()
        if view is None:
            return ("",)
        marked = (f"{view.names[column]} ({nats:.1f})" for column, nats in view.marked(index))
        return ("; ".join(filter(None, (*marked, row_odd_words(view, index)))),)
