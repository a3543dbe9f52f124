"""The panel of series: a forecast that grows step by step, past points to be dragged, future ones to be pinned."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.kind_tabs import KindTabs
from studio.api.panel import PICTURE_KEY, Command, Host, ModelPicker, Panel, PanelFrame, Snapshot
from studio.api.table import SeriesLine
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.param import param_specs, params_to_json, saved_params
from studio.core.translation import N_, translate

from ...shared.paced_source import PacedSource
from ..caption import describe, figure_rows, lead, term
from ..frames import SeriesViewModel, view_model_of
from ..params import MAX_BACK, SeriesParams
from ..quantile_fan import Fan
from ..scene import SeriesScene, scene_from_json, scene_to_json
from ..view_model import SeriesView
from .canvas import SeriesCanvas
from .editor import SeriesEditor
from .presenter import Backtest, SeriesRuns, TablePresenter, back_tested, choose_and_save, draft_fan, open_pack
from .sections import N_LEARNT, BacktestSection, ChooseSection, ForecastFigureSection, ForecastSection

BACKTEST_KEY: Final = "past"
_HEEDED: Final = ("series", "horizon", "temperature", "seed")
"""Settings on which the figures hang; where the forecast begins and how many paths it has change none."""
HINT: Final = N_("Drag a past point · click ahead to pin one · drag the marker to begin earlier · the wheel shows more")
FIRST: Final = {"series": "taylor", "n_back": 48}
"""What a model opens with: its fan beside what came."""
_SPECS: Final = param_specs(SeriesParams)


class BacktestPresenter(QObject):
    """Signals: failed(error)."""

    failed = Signal(object)

    def __init__(self, panel: "SeriesPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self.tested: Backtest | None = None

    def test(self) -> None:
        """See how all did on the past of the series."""
        panel, line = self._panel, self._panel.line
        if line is not None and not panel.tasks.is_running(BACKTEST_KEY):
            call = partial(back_tested, line=line, params=panel.editor.scene.params)
            work, title = panel.handle.work(call), translate(N_("Testing on the past"))
            panel.tasks.run(BACKTEST_KEY, work, done=self._on_tested, failed=self._on_failed, title=title)
            if panel.tasks.is_running(BACKTEST_KEY):
                panel.past.show_tested(self.tested, True)

    def follow(self, before: SeriesScene, now: SeriesScene) -> None:
        """Forget the figures where they are not those of the scene any more."""
        if _asked(before) != _asked(now):
            self.forget()

    def forget(self) -> None:
        """Show no figures, and look for none any more."""
        self._panel.tasks.cancel(BACKTEST_KEY)
        self._show(None)

    def _on_tested(self, tested: Backtest) -> None:
        self._show(tested)

    def _on_failed(self, error: BaseException) -> None:
        self._show(None)
        self.failed.emit(error)

    def _show(self, tested: Backtest | None) -> None:
        self.tested = tested
        self._panel.past.show_tested(tested, False)


def _asked(scene: SeriesScene) -> tuple[object, ...]:
    """All that is asked of a test, to be compared."""
    return (scene.own, dict(scene.edits), *(getattr(scene.params, name) for name in _HEEDED))


class SeriesPresenter(QObject):
    """One panel's view of what is at the playhead, or under the hand."""

    def __init__(self, panel: "SeriesPanel") -> None:
        super().__init__(panel)
        self._panel = panel

    def redraw(self) -> None:
        """Show what there is."""
        panel, scene, view = self._panel, self._panel.editor.scene, self._view()
        if view is None:
            self._show_foreign()
            return
        panel.canvas.show_view(view)
        panel.figures.show_rows(figure_rows(view), bool(scene.edits or scene.pins))
        panel.frame.caption.set_lead(lead(view))
        panel.frame.caption.set_text(describe(view), translate(term(str(panel.handle.source.card.get("kind")))))

    def _view(self) -> SeriesView | None:
        panel, scene, line = self._panel, self._panel.editor.scene, self._panel.line
        if line is not None and (panel.editor.is_in_gesture or panel.runs.is_awaited):
            known, ahead = scene.n_known(line), scene.horizon(line)
            return SeriesView(line, known, ahead, panel.draft, scene.edits, scene.pins, scene.n_shown, is_draft=True)
        seen = panel.seen
        if seen is None:
            return None
        is_present = line is not None and seen.line.about == line.about
        edits, pins = (scene.edits, scene.pins) if is_present else ({}, {})
        return SeriesView(seen.line, seen.n_known, seen.fan.horizon, seen.fan, edits, pins, scene.n_shown)

    def _show_foreign(self) -> None:
        """A training or another model made what is at the playhead."""
        if self._panel.shown is not None:
            self._panel.canvas.show_view(None)
            words = N_("This is no forecast. Choose a series to come back to one.")
            self._panel.frame.caption.set_text(translate(words))


class SeriesPanel(Panel):
    """One forecaster: a series, its fan of paths, and what a hand does to both."""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        # The scene makes its run anew by itself; while a hand drags, a draft does.
        self.params_changed.disconnect(self.deck.on_panel_changed)
        card = handle.source.card
        self.pack: list[SeriesLine] = []
        self.shown: Frame | None = None
        self.seen: SeriesViewModel | None = None
        self.draft: Fan | None = None
        self._moved_at_s: float | None = None
        params = saved_params(SeriesParams, {**FIRST, **card.get("defaults", {})})
        self.editor = SeriesEditor(SeriesScene(params), host.undo, self)
        self.canvas = SeriesCanvas()
        self.frame = PanelFrame(self.canvas, self.messages, HINT, timeline=self.deck.timeline)
        self.tabs, self.picker = KindTabs(host, handle.source), ModelPicker(host.cards(), handle.source.id)
        self.choose = ChooseSection()
        self.making = ForecastSection(params, int(card.get("n_ahead", N_LEARNT)), str(card.get("note", "")))
        self.figures, self.past = ForecastFigureSection(), BacktestSection()
        self.runs = SeriesRuns(self.deck, self)
        self.table = TablePresenter(self.tasks, handle, self)
        self.shown_desk, self.past_desk = SeriesPresenter(self), BacktestPresenter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)
        self._fill_inspector()
        self._connect_canvas()
        self._connect_sections()
        self._open()

    # Wiring

    def _fill_inspector(self) -> None:
        inspector = self.frame.inspector
        inspector.add(self.tabs)
        inspector.add(self.picker)
        inspector.add_section("section_series", N_("Series")).add(self.choose)
        inspector.add_section("section_forecast", N_("Forecast")).add(self.making)
        inspector.add_section("section_figures", N_("Where it ends")).add(self.figures)
        inspector.add_section("section_past", N_("On the past")).add(self.past)

    def _connect_canvas(self) -> None:
        canvas, editor = self.canvas, self.editor
        canvas.moved.connect(editor.move)
        canvas.pinned.connect(editor.pin)
        canvas.released.connect(editor.release)
        canvas.zoomed.connect(editor.zoom)
        canvas.origin_moved.connect(self._on_origin_moved)
        canvas.gesture_started.connect(editor.begin_gesture)
        canvas.gesture_finished.connect(self._on_gesture_finished)
        canvas.painted.connect(self._on_painted)

    def _connect_sections(self) -> None:
        editor, making = self.editor, self.making
        self.picker.chosen.connect(self.host.open_model)
        editor.changed.connect(self._on_scene_changed)
        self.choose.chosen.connect(editor.choose)
        self.choose.own_chosen.connect(lambda number: editor.take(self.table.lines[number]))
        self.choose.open_requested.connect(self.table.choose)
        self.choose.surprise_requested.connect(self.surprise)
        making.changed.connect(lambda name, value: editor.set_params(_SPECS[name].label, **{name: value}))
        making.edit_started.connect(editor.begin_gesture)
        making.edit_finished.connect(self._on_gesture_finished)
        making.again_requested.connect(self.grow_again)
        self.figures.release_requested.connect(editor.release_all)
        self.figures.save_requested.connect(self.save_table)
        self.past.test_requested.connect(self.past_desk.test)
        self.table.read.connect(self._on_table_read)
        self.table.failed.connect(self._on_work_failed)
        self.past_desk.failed.connect(self._on_work_failed)
        self.runs.changed.connect(self.shown_desk.redraw)

    def _open(self) -> None:
        self.frame.caption.set_text(translate(N_("The model is being opened.")))
        self.making.show_scene(self.editor.scene, None)
        self.tasks.run("open", self.handle.work(open_pack), done=self._on_opened, failed=self._on_open_failed)

    def _on_opened(self, pack: list[SeriesLine]) -> None:
        self.pack = pack
        self.choose.set_pack(pack)
        self._show_controls()
        if self.shown is None and not self.runs.is_running:
            self.renew(is_growing=True)

    def _on_open_failed(self, error: BaseException) -> None:
        if self.shown is None:
            self.frame.caption.set_text(translate(N_("The model could not be opened, so there is nothing to see.")))
        self._on_work_failed(error)

    # What a person asks for

    @property
    def line(self) -> SeriesLine | None:
        """The series that is forecast, with the values that were moved."""
        return self.editor.scene.line(self.pack)

    def _on_scene_changed(self, before: SeriesScene) -> None:
        scene = self.editor.scene
        is_other = scene.own is not before.own or scene.params.series != before.params.series
        is_changed = is_other or (scene.params, scene.edits, scene.pins) != (before.params, before.edits, before.pins)
        self.past_desk.follow(before, scene)
        self._show_controls()
        if not is_changed:
            self.shown_desk.redraw()
            return
        self.deck.pause_run()
        self._moved_at_s = time.perf_counter()
        if self.editor.is_in_gesture:
            self._ask_draft()
        else:
            self.renew(is_growing=is_other or scene.params.seed != before.params.seed)
        if scene.params != before.params:
            self.params_changed.emit()

    def _on_origin_moved(self, n: int) -> None:
        line = self.line
        if line is not None:
            most = min(len(line.values) - 2, MAX_BACK)
            n_back = min(max(self.editor.scene.params.n_back + n, 0), most)
            self.editor.set_params(_SPECS["n_back"].label, n_back=n_back)

    def _on_gesture_finished(self) -> None:
        self.editor.end_gesture()
        if self.draft is not None or self.tasks.is_running(PICTURE_KEY):
            self.renew(is_growing=False)

    def renew(self, is_growing: bool) -> None:
        """Forecast what is asked for now."""
        scene = self.editor.scene
        line = self.line
        length = 0 if line is None else scene.horizon(line) + 1
        self.runs.renew(PacedSource(scene.params, scene.start(self.pack), length), is_growing)

    def _ask_draft(self) -> None:
        scene, line = self.editor.scene, self.line
        if line is not None:
            call = partial(draft_fan, line=line, params=scene.params, pins=scene.pins_by_step(line))
            self.tasks.run(PICTURE_KEY, self.handle.work(call), done=self._on_drafted)
            self.shown_desk.redraw()

    def _on_drafted(self, fan: Fan) -> None:
        if self.editor.is_in_gesture:
            self.draft = fan
            self.shown_desk.redraw()

    def grow_again(self) -> None:
        """Let other paths grow, and keep those that are there."""
        self.runs.keep()
        self.editor.draw_again()

    def surprise(self) -> None:
        """Forecast another series."""
        self.editor.surprise(tuple(line.about.name for line in self.pack))

    def save_table(self) -> None:
        """Save the fan with its times as a table."""
        snapshot, view = self.snapshot(), self.canvas.view
        if snapshot is not None and view is not None:
            try:
                choose_and_save(self, view, snapshot)
            except UserError as error:
                self.messages.show_error(error)

    def _on_table_read(self) -> None:
        self.messages.dismiss("error")
        lines = self.table.lines
        self.choose.set_own([line.about.title for line in lines])
        self.editor.take(lines[0])

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run."""
        self.shown, self.seen, self.draft = frame, view_model_of(frame), None
        self.shown_desk.redraw()

    def _show_controls(self) -> None:
        scene, line = self.editor.scene, self.line
        self.making.show_scene(scene, line)
        if line is not None:
            own = next((n for n, one in enumerate(self.table.lines) if one is scene.own), None)
            self.choose.show_line(line, own)

    def _on_painted(self) -> None:
        if self._moved_at_s is not None and not self.runs.is_running and self.seen is not None:
            self.say_painted(self._moved_at_s)
            self._moved_at_s = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing grows, plays, or is read or tested."""
        is_waiting = (
            any(self.tasks.is_running(key) for key in ("open", BACKTEST_KEY, PICTURE_KEY)) or self.table.is_reading
        )
        return not (is_waiting or self.runs.is_running or self.deck.playback.is_playing)

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first frame."""
        if self.shown is None:
            return None
        params = self.editor.scene.params
        return Snapshot(self.shown, self.handle.source.id, params.seed, params_to_json(params), self.state())

    # Parameters and state

    def params(self) -> SeriesParams:
        """Return the settings of the run."""
        return self.editor.scene.params

    def set_params(self, params: SeriesParams) -> None:
        """Forecast what these settings ask for, whole, without an undo step; a run that has them stays as it is."""
        if self.runs.shows(params):
            self._adopt(replace(self.editor.scene, params=params))
        else:
            self._begin(SeriesScene(params, n_shown=self.editor.scene.n_shown))

    def _begin(self, scene: SeriesScene) -> None:
        self._adopt(scene)
        self.renew(is_growing=False)

    def _adopt(self, scene: SeriesScene) -> None:
        self.editor.adopt(scene)
        self.draft = None
        self.past_desk.forget()
        self._show_controls()
        self.params_changed.emit()

    def state(self) -> dict[str, Any]:
        """Return the scene, and whether the caption is hidden."""
        return {"scene": scene_to_json(self.editor.scene), "is_caption_hidden": self.frame.caption.is_hidden}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it is unsound."""
        if set(state) != set(self.state()):
            raise UserError(N_("This saved state does not fit the model."))
        scene = scene_from_json(state["scene"])
        self.frame.caption.set_hidden(bool(state["is_caption_hidden"]))
        self._begin(scene)

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        title = "Autoregressive"
        return (
            Command("autoregressive.series_surprise", N_("Another series"), self.surprise, ("R",), title),
            Command("autoregressive.series_again", N_("Let other paths grow"), self.grow_again, ("N",), title),
            Command("autoregressive.series_test", N_("Test on the past"), self.past_desk.test, (), title),
            Command("autoregressive.series_release", N_("Take all values back"), self.editor.release_all, (), title),
            Command("autoregressive.series_open", N_("Open a table"), self.table.choose, (), title),
            Command("autoregressive.series_save", N_("Save the forecast as a table"), self.save_table, (), title),
        )

    def open_path(self, path: Path) -> bool:
        """Forecast a dropped table."""
        return self.table.open(path)
