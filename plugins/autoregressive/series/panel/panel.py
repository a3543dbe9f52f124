"""The panel of series: a forecast that grows step by step, past points to be dragged, future ones to be pinned."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Signal

from studio.api.engine import EngineHandle
from studio.api.panel import PICTURE_KEY, Caption, Command, EngineTasks, Host
from studio.api.scene_panel import ScenePanel
from studio.api.table import SeriesLine, is_table
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import param_specs, saved_params
from studio.core.translation import N_, _, translate

from ..caption import describe, figure_rows, lead, term
from ..frames import SeriesViewModel, view_model_of
from ..params import MAX_BACK, SeriesParams
from ..quantile_fan import Fan
from ..scene import CODEC, SeriesScene
from ..view_model import SeriesView
from .canvas import SeriesCanvas
from .editor import SeriesEditor
from .presenter import Backtest, SeriesRuns, TablePresenter, back_tested, choose_and_save, draft_fan, open_pack
from .sections import N_LEARNT, BacktestSection, ChooseSection, ForecastFigureSection, ForecastSection

BACKTEST_KEY: Final = "past"
_HEEDED: Final = ("series", "horizon", "temperature", "seed")
"""Settings on which the figures hang; where the forecast begins and how many paths it has change none."""
HINT: Final = N_("Drag a past point · click ahead to pin one · drag the marker to start earlier · scroll to zoom")
FIRST: Final = {"series": "taylor", "n_back": 48}
"""What a model opens with: its fan beside what came."""
_SPECS: Final = param_specs(SeriesParams)


class BacktestPresenter(QObject):
    """How all ways of forecasting did on the past. Signals: failed(error)."""

    failed = Signal(object)

    def __init__(self, section: BacktestSection, tasks: EngineTasks) -> None:
        super().__init__(section)
        self._section, self._tasks = section, tasks
        self.tested: Backtest | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a test goes on."""
        return self._tasks.is_running(BACKTEST_KEY)

    def test(self, line: SeriesLine | None, params: SeriesParams) -> None:
        """See how all did on the past of a series."""
        if line is not None and not self.is_busy:
            call = partial(back_tested, line=line, params=params)
            title = _("Testing on the past")
            self._tasks.ask(BACKTEST_KEY, call, done=self._show, failed=self._on_failed, title=title)
            self._section.show_tested(self.tested, self._tasks.is_running(BACKTEST_KEY))

    def follow(self, before: SeriesScene, now: SeriesScene) -> None:
        """Forget the figures where they are not those of the scene any more."""
        if _asked(before) != _asked(now):
            self.let_go()

    def let_go(self) -> None:
        """Show no figures, and look for none any more."""
        self._tasks.cancel(BACKTEST_KEY)
        self._show(None)

    def _on_failed(self, error: BaseException) -> None:
        self._show(None)
        self.failed.emit(error)

    def _show(self, tested: Backtest | None) -> None:
        self.tested = tested
        self._section.show_tested(tested, False)


def _asked(scene: SeriesScene) -> tuple[object, ...]:
    """All that is asked of a test, to be compared."""
    return (scene.own, dict(scene.edits), *(getattr(scene.params, name) for name in _HEEDED))


class DraftQuery(QObject):
    """A fan of few paths, while a hand drags. Signals: found()."""

    found = Signal()

    def __init__(self, tasks: EngineTasks, editor: SeriesEditor) -> None:
        super().__init__(editor)
        self._tasks, self._editor = tasks, editor
        self.fan: Fan | None = None

    @property
    def is_busy(self) -> bool:
        """Whether one is being drawn."""
        return self._tasks.is_running(PICTURE_KEY)

    def want(self, line: SeriesLine, scene: SeriesScene) -> None:
        """Draw one of a series (T,) as the scene has it."""
        call = partial(draft_fan, line=line, params=scene.params, pins=scene.pins_by_step(line))
        self._tasks.ask(PICTURE_KEY, call, pauses=True, done=self._on_drafted)

    def let_go(self) -> None:
        """There is none any more."""
        self.fan = None

    def _on_drafted(self, fan: Fan) -> None:
        if self._editor.is_in_gesture:
            self.fan = fan
            self.found.emit()


@dataclass(frozen=True, eq=False)
class SeriesViews:
    """Where a forecast is shown: on the canvas and in its caption, and in sections of the inspector."""

    canvas: SeriesCanvas
    caption: Caption
    choose: ChooseSection
    making: ForecastSection
    figures: ForecastFigureSection


class SeriesPresenter(QObject):
    """Shows what is at the playhead, or under the hand; `term_text` is what the figures of the model are called."""

    def __init__(
        self,
        views: SeriesViews,
        editor: SeriesEditor,
        runs: SeriesRuns,
        draft: DraftQuery,
        table: TablePresenter,
        term_text: str,
    ) -> None:
        super().__init__(runs)
        self._views, self._editor, self._runs, self._draft, self._table = views, editor, runs, draft, table
        self._term_text = term_text
        self._shown: Frame | None = None
        self.seen: SeriesViewModel | None = None
        draft.found.connect(self.redraw)
        runs.changed.connect(self.redraw)

    @property
    def line(self) -> SeriesLine | None:
        """The series that is forecast, with the values that were moved."""
        return self._editor.scene.line(self._runs.pack)

    def show_scene(self, scene: SeriesScene) -> None:
        """Let the controls stand where the scene is."""
        line = self.line
        self._views.making.show_line(scene, line)
        if line is not None:
            own = next((n for n, one in enumerate(self._table.lines) if one is scene.own), None)
            self._views.choose.show_line(line, own)

    def show_frame(self, frame: Frame, scene: SeriesScene) -> None:
        """Show a frame in place of a draft."""
        self._draft.let_go()
        self._shown, self.seen = frame, view_model_of(frame)
        self.redraw()

    def redraw(self) -> None:
        """Show what there is."""
        scene, view, caption = self._editor.scene, self._view(), self._views.caption
        if view is not None:
            self._views.canvas.show_view(view)
            self._views.figures.show_rows(figure_rows(view), bool(scene.edits or scene.pins))
            caption.set_lead(lead(view))
            caption.set_text(describe(view), translate(self._term_text))
        elif self._shown is not None:  # a training or another model made it
            self._views.canvas.show_view(None)
            caption.set_text(_("This is not a forecast. Choose a series to return to one."))

    def _view(self) -> SeriesView | None:
        scene, line, fan = self._editor.scene, self.line, self._draft.fan
        if line is not None and (self._editor.is_in_gesture or self._runs.is_awaited):
            known, ahead = scene.n_known(line), scene.horizon(line)
            return SeriesView(line, known, ahead, fan, scene.edits, scene.pins, scene.n_shown, is_draft=True)
        seen = self.seen
        if seen is None:
            return None
        is_present = line is not None and seen.line.about == line.about
        edits, pins = (scene.edits, scene.pins) if is_present else ({}, {})
        return SeriesView(seen.line, seen.n_known, seen.fan.horizon, seen.fan, edits, pins, scene.n_shown)


class SeriesPanel(ScenePanel[SeriesScene, SeriesEditor]):
    """One forecaster: a series, its fan of paths, and what a hand does to both.

    Its scene makes its run anew by itself; while a hand drags, a draft does.
    """

    codec, hint = CODEC, HINT
    follows_controls = False
    runs: SeriesRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card, canvas = handle.source.card, SeriesCanvas()
        params = saved_params(SeriesParams, {**FIRST, **card.get("defaults", {})})
        super().__init__(handle, host, partial(SeriesEditor, SeriesScene(params)), canvas)
        self.canvas = canvas
        self.choose, self.figures, self.past = ChooseSection(), ForecastFigureSection(), BacktestSection()
        self.making = ForecastSection(params, int(card.get("n_ahead", N_LEARNT)), str(card.get("note", "")))
        self.show_sections(
            ("section_series", N_("Series"), self.choose),
            ("section_forecast", N_("Forecast"), self.making),
            ("section_figures", N_("At the last step"), self.figures),
            ("section_past", N_("Test on the past"), self.past),
        )
        self.runs = SeriesRuns(self.timeline, self)
        self.table = TablePresenter(self.tasks, self)
        self.draft = DraftQuery(self.tasks, self.editor)
        self.backtest = BacktestPresenter(self.past, self.tasks)
        views = SeriesViews(canvas, self.frame.caption, self.choose, self.making, self.figures)
        parts = self.runs, self.draft, self.table
        self.presenter = SeriesPresenter(views, self.editor, *parts, term(str(card.get("kind"))))
        self.hand_over(self.presenter, self.backtest, *parts)
        self.accept(is_table, self.table.open)
        self.take_own(self.table, self._on_table_read)
        self._connect_canvas()
        self._connect_sections()
        self._set_commands()
        self.open()

    def _connect_canvas(self) -> None:
        canvas, editor = self.canvas, self.editor
        canvas.moved.connect(editor.move)
        canvas.pinned.connect(editor.pin)
        canvas.released.connect(editor.release)
        canvas.zoomed.connect(editor.zoom)
        canvas.origin_moved.connect(self._on_origin_moved)
        canvas.gesture_started.connect(editor.begin_gesture)
        canvas.gesture_finished.connect(self._on_gesture_finished)
        canvas.painted.connect(self.on_painted)

    def _connect_sections(self) -> None:
        editor, making = self.editor, self.making
        self.choose.chosen.connect(editor.choose)
        self.choose.own_chosen.connect(lambda number: editor.take(self.table.lines[number]))
        self.choose.open_requested.connect(self.table.choose)
        self.choose.surprise_requested.connect(self.surprise)
        self.bind(making)
        making.edit_finished.connect(self._on_gesture_finished)
        making.again_requested.connect(self.grow_again)
        self.figures.release_requested.connect(editor.release_all)
        self.figures.save_requested.connect(self.save_table)
        self.past.test_requested.connect(self.test)
        self.backtest.failed.connect(self._on_work_failed)

    def _set_commands(self) -> None:
        title = "Autoregressive"
        self.own_commands = (
            Command("autoregressive.series_surprise", N_("Another series"), self.surprise, ("R",), title),
            Command("autoregressive.series_again", N_("Draw new paths"), self.grow_again, ("N",), title),
            Command("autoregressive.series_test", N_("Test on the past"), self.test, (), title),
            Command("autoregressive.series_release", N_("Undo all changes"), self.editor.release_all, (), title),
            Command("autoregressive.series_open", N_("Open a table"), self.table.choose, (), title),
            Command("autoregressive.series_save", N_("Save the forecast as a table"), self.save_table, (), title),
        )

    def begin_opening(self) -> None:
        """Ask for the series that came along; nothing can be forecast before they are there."""
        self.ask_model(open_pack)

    def opened(self, found: list[SeriesLine]) -> None:
        """Forecast the first of them, unless something is on screen already."""
        self.runs.pack = found
        self.choose.set_pack(found)
        self.show_scene()
        if self.shown is None and not self.runs.is_running:
            self.renew()

    # What a person asks for

    def follow(self, before: SeriesScene) -> None:
        """Forecast another series, or the same otherwise; a draft while a hand drags."""
        scene = self.editor.scene
        is_other = scene.own is not before.own or scene.params.series != before.params.series
        is_changed = is_other or (scene.params, scene.edits, scene.pins) != (before.params, before.edits, before.pins)
        self.backtest.follow(before, scene)
        if not is_changed:
            self.presenter.redraw()
            return
        self.timeline.pause_run()
        self.note_move()
        if not self.editor.is_in_gesture:
            self.renew(is_instant=not (is_other or scene.params.seed != before.params.seed))
        elif (line := self.presenter.line) is not None:
            self.draft.want(line, scene)
            self.presenter.redraw()

    def _on_origin_moved(self, n: int) -> None:
        line = self.presenter.line
        if line is not None:
            most = min(len(line.values) - 2, MAX_BACK)
            n_back = min(max(self.editor.scene.params.n_back + n, 0), most)
            self.editor.set_params(_SPECS["n_back"].label, n_back=n_back)

    def _on_gesture_finished(self) -> None:
        self.editor.end_gesture()
        if self.draft.fan is not None or self.draft.is_busy:
            self.renew(is_instant=True)

    def grow_again(self) -> None:
        """Let other paths grow, and keep those that are there."""
        self.runs.keep()
        self.editor.draw_again()

    def surprise(self) -> None:
        """Forecast another series."""
        self.editor.surprise(tuple(line.about.name for line in self.runs.pack))

    def test(self) -> None:
        """See how all ways of forecasting did on the past of the series."""
        self.backtest.test(self.presenter.line, self.editor.scene.params)

    def save_table(self) -> None:
        """Save the fan with its times as a table."""
        snapshot, view = self.snapshot(), self.canvas.view
        if snapshot is not None and view is not None:
            try:
                choose_and_save(self, view, snapshot)
            except UserError as error:
                self.messages.show_error(error)

    def _on_table_read(self) -> None:
        lines = self.table.lines
        self.choose.set_own([line.about.title for line in lines])
        self.editor.take(lines[0])

    @property
    def is_answer_due(self) -> bool:
        """Whether a forecast is whole, or a draft is there."""
        return not self.runs.is_running and self.presenter.seen is not None
