"""The panel of series with real drags, keys and drops: what grows, what a hand changes, and what is taken back."""

import json
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from plugins.autoregressive.family import FAMILY
from plugins.autoregressive.importers import ChronosImporter
from plugins.autoregressive.series.baselines import BacktestScore, ForecastScore
from plugins.autoregressive.series.caption import changes_words, describe, figure_rows, series_words
from plugins.autoregressive.series.engine import BoltEngine, FanEngine, ForecastEngine
from plugins.autoregressive.series.panel.painter import date_ticks
from plugins.autoregressive.series.panel.panel import SeriesPanel
from plugins.autoregressive.series.panel.presenter import save_table
from plugins.autoregressive.series.params import SeriesParams
from plugins.autoregressive.series.quantile_fan import fan_of
from plugins.autoregressive.series.scene import CODEC
from plugins.autoregressive.series.view_model import SeriesView
from studio.api.engine import Device, EngineHandle, ModelSource
from studio.core.card import Card
from studio.core.error import UserError
from studio.core.inspection import inspect_file
from studio.core.pausing import result_of
from studio.datasets.table.line import Clock
from studio.datasets.table.reader import reading_table
from tests.datasets.table.made import table_text
from tests.panel_host import PanelHost
from tests.plugins.autoregressive.branched import branch_at
from tests.plugins.autoregressive.series.bolt_made import write_bolt
from tests.plugins.autoregressive.series.series_made import made_engine, made_line
from tests.widgets.hand import part

CARD = Card("autoregressive/forecast", "Forecast", "", "MIT", "", 1, more={"kind": "series"})
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def make(qtbot, dispatcher, tmp_path, monkeypatch):
    """Makes a panel on a worker with a small network and two series."""
    hosts = []
    lines = [made_line(80, "taylor"), made_line(70, "co2")]
    monkeypatch.setattr(ForecastEngine, "pack", lambda self: lines)
    monkeypatch.setattr("plugins.autoregressive.series.engine.pack", lambda: lines)
    monkeypatch.setattr(
        "plugins.autoregressive.series.panel.panel.FIRST", {"series": "taylor", "n_back": 4, "n_paths": 20}
    )
    weights = tmp_path / "made.safetensors"
    weights.write_bytes(b"the engine is made, not read")

    def make_panel(worker):
        hosts.append(PanelHost(FAMILY, worker, dispatcher, [CARD]))
        source = ModelSource(CARD.id, weights, CARD.more)
        panel = SeriesPanel(EngineHandle(source, lambda _: made_engine()), hosts[-1])
        qtbot.addWidget(panel)
        panel.resize(1200, 800)
        with qtbot.waitExposed(panel):
            panel.show()
        return panel

    yield make_panel
    for host in hosts:
        host.close()


@pytest.fixture
def panel(make, sync_worker):
    """A panel whose work is done at once, at the end of its first run."""
    panel = make(sync_worker)
    panel.timeline.pause()
    panel.timeline.playback.to_end()
    return panel


def at(panel, place, value):
    """The point of the canvas where a value lies."""
    return panel.canvas.places().point(place, value).toPoint()


def drag(qtbot, panel, start, *ways):
    canvas = panel.canvas
    qtbot.mousePress(canvas, LEFT, pos=start)
    for way in ways:
        qtbot.mouseMove(canvas, start + way)
    qtbot.mouseRelease(canvas, LEFT, pos=start + ways[-1])


def values_of(panel):
    return panel.shown.state["values"]


def test_it_opens_with_a_fan_that_grows_beside_what_came(make, stepped_worker):
    panel: Any = make(stepped_worker)
    assert panel.snapshot() is None
    stepped_worker.run_all()
    assert panel.timeline.playback.is_playing
    panel.timeline.pause()
    panel.timeline.playback.seek(2)
    assert panel.canvas.view.fan.n_steps == 2
    assert "Step 2 of 6" in panel.frame.caption.accessibleName()
    panel.timeline.playback.to_end()
    assert panel.canvas.view.fan.n_steps == 6
    assert "Of the 4 values that actually came" in panel.frame.caption.text()
    assert len(panel.canvas.view.truth) == 4


def test_a_past_point_is_dragged_and_the_fan_follows(qtbot, panel):
    before, place = panel.shown, 74
    value = float(values_of(panel)[place])
    drag(qtbot, panel, at(panel, place, value), QPoint(0, 30), QPoint(0, 60))
    assert set(panel.editor.scene.edits) == {place}
    assert values_of(panel)[place] == pytest.approx(panel.editor.scene.edits[place])
    assert values_of(panel)[place] < value
    assert panel.shown.step == 6
    assert not panel.canvas.view.is_draft
    undo = panel.host.undo
    assert undo.undo_title == "Move a past value"
    undo.undo()
    assert not panel.editor.scene.edits
    assert (panel.shown.state["paths"] == before.state["paths"]).all()


def test_while_a_hand_drags_a_draft_is_shown(qtbot, panel):
    place = 74
    start = at(panel, place, float(values_of(panel)[place]))
    qtbot.mousePress(panel.canvas, LEFT, pos=start)
    qtbot.mouseMove(panel.canvas, start + QPoint(0, 40))
    assert panel.canvas.view.is_draft
    assert panel.canvas.view.fan.n_steps == 6
    bounds = panel.canvas.places().low, panel.canvas.places().high
    qtbot.mouseMove(panel.canvas, start + QPoint(0, 90))
    assert (panel.canvas.places().low, panel.canvas.places().high) == bounds
    qtbot.mouseRelease(panel.canvas, LEFT, pos=start + QPoint(0, 90))
    assert not panel.canvas.view.is_draft


def test_a_future_point_is_pinned_and_all_paths_go_through_it(qtbot, panel):
    place = 79
    value = float(panel.canvas.view.fan.quantiles[3, 3])
    qtbot.mouseClick(panel.canvas, LEFT, pos=at(panel, place, value))
    pinned = panel.editor.scene.pins[place]
    assert pinned == pytest.approx(value, abs=1.0)
    assert panel.canvas.view.fan.quantiles[:, 3] == pytest.approx(pinned, rel=1e-3)
    qtbot.mouseClick(panel.canvas, Qt.MouseButton.RightButton, pos=at(panel, place, pinned))
    assert not panel.editor.scene.pins
    assert np.ptp(panel.canvas.view.fan.quantiles[:, 3]) > 0


def test_the_origin_is_dragged(qtbot, panel):
    places, view = panel.canvas.places(), panel.canvas.view
    start = QPointF(places.x_px(view.n_known - 1), places.area.top() - 8).toPoint()
    way = QPoint(round(places.x_px(view.first) - places.x_px(view.first + 3)), 0)
    drag(qtbot, panel, start, way)
    assert panel.params().n_back == 7
    assert panel.canvas.view.n_known == 73
    assert panel.making.back.value() == 7
    assert len(panel.canvas.view.truth) == 6


def test_the_keys_do_what_the_hand_does(qtbot, panel):
    canvas = panel.canvas
    canvas.setFocus()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(canvas, key)
    assert set(panel.editor.scene.edits) == {74}
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(canvas, key)
    assert set(panel.editor.scene.pins) == {76}
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert not panel.editor.scene.pins
    qtbot.keyClick(canvas, Qt.Key.Key_PageUp)
    assert panel.params().n_back == 5
    n_shown = panel.editor.scene.n_shown
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert panel.editor.scene.n_shown < n_shown
    assert "nine in ten paths between" in canvas.accessibleDescription() or canvas.read_out()


def test_the_wheel_shows_more_of_the_past(panel):
    centre = QPointF(panel.canvas.rect().center())
    turned = QWheelEvent(
        centre,
        centre,
        QPoint(),
        QPoint(0, 120),
        LEFT,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    before, steps = panel.editor.scene.n_shown, panel.host.undo.undo_title
    QApplication.sendEvent(panel.canvas, turned)
    assert panel.editor.scene.n_shown < before
    assert panel.host.undo.undo_title == steps
    panel.editor.set_params("Temperature", temperature=0.7)
    panel.editor.end_gesture()
    QApplication.sendEvent(panel.canvas, turned)
    nearest = panel.editor.scene.n_shown
    panel.host.undo.undo()
    assert (panel.editor.scene.n_shown, panel.params().temperature) == (nearest, 1.0)
    panel.host.undo.redo()
    assert panel.editor.scene.n_shown == nearest


def test_another_series_is_chosen_and_taken_back(qtbot, panel):
    panel.choose.chosen.emit("co2")
    assert panel.params().series == "co2"
    panel.timeline.playback.to_end()
    assert panel.shown.state["n_known"][0] == 70
    panel.host.undo.undo()
    panel.timeline.playback.to_end()
    assert panel.shown.state["n_known"][0] == 76


def test_all_values_are_taken_back_by_a_button(qtbot, panel):
    assert not panel.figures.release.isEnabled()
    panel.editor.pin(78, 50.0)
    panel.editor.move(70, 50.0)
    assert panel.figures.release.isEnabled()
    qtbot.mouseClick(panel.figures.release, LEFT)
    assert not panel.editor.scene.pins
    assert not panel.editor.scene.edits


def test_a_dropped_table_is_forecast(qtbot, panel, tmp_path):
    path = tmp_path / "Umsatz.csv"
    path.write_text(table_text(60, ";", ",", ("Tag", "Euro")), encoding="utf-8")
    assert panel.open_path(path)
    panel.timeline.playback.to_end()
    assert panel.editor.scene.own.about.title == "Euro"
    assert len(values_of(panel)) == 60
    assert "Commas were read as decimal points" in panel.choose.words.text()
    assert panel.choose.own.isVisibleTo(panel)
    assert panel.snapshot().state["scene"]["own"]["about"]["title"] == "Euro"
    panel.host.undo.undo()
    assert panel.editor.scene.own is None


def test_one_of_many_series_is_found_by_its_name(qtbot, panel, tmp_path):
    path = tmp_path / "many.csv"
    rows = [f"2024-01-{day:02},town {n},{day + n}" for n in range(40) for day in range(1, 20)]
    path.write_text("\n".join(["day,place,v", *rows]), encoding="utf-8")
    panel.open_path(path)
    search = part(panel, QLineEdit, "series_search")
    assert search.isVisibleTo(panel)
    assert "24 of 40" in panel.choose.found.text()
    search.setFocus()
    qtbot.keyClicks(search, "town 37")

    def chips():
        return [one for one in panel.choose.own.findChildren(QAbstractButton) if one.isVisibleTo(panel)]

    qtbot.waitUntil(lambda: len(chips()) == 1)
    qtbot.mouseClick(chips()[0], LEFT)
    assert panel.editor.scene.own.about.title.endswith("town 37")
    search.clear()
    qtbot.waitUntil(lambda: len(chips()) == 24)


def test_a_table_that_is_none_gives_a_sentence_and_leaves_the_rest(panel, tmp_path):
    path = tmp_path / "broken.csv"
    path.write_bytes(b"word\nword\n")
    before = panel.shown
    assert panel.open_path(path)
    assert panel.shown is before
    assert panel.messages.isVisibleTo(panel)
    (tmp_path / "picture.png").touch()
    assert not panel.open_path(tmp_path / "picture.png")


def test_the_past_is_tested_in_a_table(qtbot, panel, monkeypatch):
    rows = [BacktestScore("Forecast", ForecastScore(0.5, 0.4)), BacktestScore("Last season", ForecastScore(1.0, 0.8))]

    def tested(self, line, params, n_origins):
        yield
        return rows

    monkeypatch.setattr(ForecastEngine, "back_test", tested)
    qtbot.mouseClick(panel.past.test, LEFT)
    shown = [cell.text() for cell in panel.past._cells][3:]
    assert shown == ["Forecast", "0.50", "0.40", "Last season", "1.00", "0.80"]
    panel.choose.chosen.emit("co2")
    assert panel.past._cells == []


@pytest.mark.parametrize("change", [{"horizon": 3}, {"temperature": 0.7}, {"seed": 9}, {"n_back": 7}, {"n_paths": 30}])
def test_figures_of_the_past_go_where_they_would_be_others_now(panel, monkeypatch, change):
    def tested(self, line, params, n_origins):
        yield
        return [BacktestScore("Forecast", ForecastScore(0.5, 0.4))]

    monkeypatch.setattr(ForecastEngine, "back_test", tested)
    panel.test()
    panel.editor.set_params("A setting", **change)
    is_kept = bool({"n_back", "n_paths"} & set(change))
    assert bool(panel.past._cells) == is_kept
    panel.test()
    panel.editor.move(70, 12.0)
    assert panel.past._cells == []


def test_other_paths_grow_and_those_before_stay(qtbot, panel):
    n, seed = len(panel.timeline.tracks), panel.params().seed
    qtbot.mouseClick(panel.making.again, LEFT)
    assert panel.params().seed != seed
    assert len(panel.timeline.tracks) == n + 1


def test_surprise_me_is_another_series_and_one_step(qtbot, panel):
    qtbot.mouseClick(panel.choose.surprise, LEFT)
    assert panel.params().series == "co2"
    assert panel.host.undo.undo_title == "Surprise me"
    panel.host.undo.undo()
    assert panel.params().series == "taylor"


@pytest.mark.long("opens a panel and draws with its model")
def test_sliders_are_steps_of_undo(qtbot, panel):
    making = panel.making
    for row, name in ((making.back, "n_back"), (making.horizon, "horizon"), (making.temperature, "temperature")):
        before = getattr(panel.params(), name)
        qtbot.keyClick(row._track, Qt.Key.Key_Right)
        assert getattr(panel.params(), name) != before
        panel.editor.end_gesture()
        panel.host.undo.undo()
        assert getattr(panel.params(), name) == before


@pytest.mark.long("opens a panel and draws with its model")
def test_the_state_survives_json_with_a_series_of_ones_own(panel, make, sync_worker, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(table_text(), encoding="utf-8")
    panel.open_path(path)
    panel.editor.pin(42, 50.0)
    panel.editor.move(30, 51.0)
    state = json.loads(json.dumps(panel.state(), allow_nan=False))
    other = make(sync_worker)
    other.set_state(state)
    assert other.state() == panel.state()
    assert (other.shown.state["paths"] == panel.shown.state["paths"]).all()


@pytest.mark.parametrize(
    "wrong",
    [
        {"pins": [[1.5, 2]]},
        {"pins": [[-1, 2]]},
        {"pins": 3},
        {"edits": [[1, 1e300]]},
        {"n_shown": 3},
        {"own": {"values": [1]}},
        {"params": {"seed": "many"}},
        {"nonsense": 1},
    ],
)
def test_an_unsound_scene_gives_a_sentence(panel, wrong):
    values = CODEC.write(panel.editor.scene)
    assert CODEC.write(CODEC.read(values)) == values
    with pytest.raises(UserError):
        CODEC.read({**values, **wrong})


def test_the_picture_of_settings_is_the_one_of_the_command_line(panel):
    params = SeriesParams(series="co2", seed=9, n_paths=10)
    panel.set_params(params)
    frame = list(made_engine().generate(params))[-1]
    assert (panel.shown.state["paths"] == frame.state["paths"]).all()
    assert dict(panel.snapshot().params)["series"] == "co2"


def test_the_forecast_is_saved_as_a_table_that_can_be_read_again(qtbot, panel, tmp_path, monkeypatch):
    path = tmp_path / "fan.csv"
    monkeypatch.setattr(
        "plugins.autoregressive.series.panel.presenter.QFileDialog.getSaveFileName", lambda *_: (str(path), "")
    )
    qtbot.mouseClick(panel.figures.save, LEFT)
    rows = path.read_text(encoding="utf-8").splitlines()
    assert rows[0] == "time,5 %,25 %,50 %,75 %,95 %,actual"
    assert len(rows) == 7
    assert rows[1].startswith("2024-03-17,")
    assert float(rows[1].split(",")[-1]) == pytest.approx(values_of(panel)[76])
    assert rows[6].endswith(",")
    assert '"seed":1' in (tmp_path / "fan.csv.json").read_text(encoding="utf-8").replace(" ", "")
    lines = result_of(reading_table(path))
    assert lines[2].about.title == "50 %"
    assert lines[2].values == pytest.approx(panel.canvas.view.fan.median, rel=1e-6)


@pytest.mark.long("opens a panel and draws with its model")
def test_a_saved_forecast_brings_back_what_made_it(panel, make, sync_worker, tmp_path):
    """The series of one's own, the moved and the pinned value: all paths are the same again."""
    own = tmp_path / "own.csv"
    own.write_text(table_text(60), encoding="utf-8")
    panel.open_path(own)
    panel.editor.pin(58, 50.0)
    panel.editor.move(30, 51.0)
    save_table(tmp_path / "fan.csv", panel.canvas.view, panel.snapshot())
    report = inspect_file(tmp_path / "fan.csv")
    assert (report.is_export, report.opens, report.architecture) == (True, True, CARD.id)
    other = make(sync_worker)
    other.set_state(report.metadata["state"])
    assert other.params() == panel.params()
    np.testing.assert_array_equal(other.shown.state["paths"], panel.shown.state["paths"])


def test_a_saved_forecast_without_what_stands_beside_it_is_a_table(panel, tmp_path):
    save_table(tmp_path / "fan.csv", panel.canvas.view, panel.snapshot())
    (tmp_path / "fan.csv.json").unlink()
    assert not inspect_file(tmp_path / "fan.csv").opens
    assert panel.open_path(tmp_path / "fan.csv")
    assert [line.about.title for line in panel.table.lines][:2] == ["5 %", "25 %"]


def test_a_folder_that_cannot_be_written_gives_a_sentence(qtbot, panel, tmp_path, monkeypatch):
    path = tmp_path / "gone" / "fan.csv"
    monkeypatch.setattr(
        "plugins.autoregressive.series.panel.presenter.QFileDialog.getSaveFileName", lambda *_: (str(path), "")
    )
    qtbot.mouseClick(panel.figures.save, LEFT)
    assert panel.messages.isVisibleTo(panel)


# Words and places


def test_ticks_stand_where_a_season_begins():
    view = SeriesView(made_line(200), 200, 20, n_shown=100)
    ticks = date_ticks(view, 8)
    assert 2 <= len(ticks) <= 8
    assert all(place % 7 == 0 for place, _ in ticks)


def test_words_on_what_a_hand_has_set():
    view = SeriesView(made_line(), 80, 6, edits={3: 1.0}, pins={82: 1.0})
    assert changes_words(view) == "One past value has been moved and all paths go through the pinned value."
    more = SeriesView(made_line(), 80, 6, edits={3: 1.0, 4: 1.0}, pins={82: 1.0, 83: 1.0, 90: 1.0})
    assert changes_words(more) == "2 past values have been moved and all paths go through the 2 pinned values."


@pytest.mark.parametrize(
    ("unit", "begins"), [("weekday", "On 24 Apr 2024, half"), ("month", "In Nov 2030, half"), ("number", "At 83, half")]
)
def test_words_on_a_fan_name_its_end_as_people_do(unit, begins):
    fan = fan_of(np.arange(12.0).reshape(4, 3), 3)
    view = SeriesView(made_line(clock=Clock("2024-01-01", 1, unit)), 80, 3, fan)
    assert describe(view).startswith(begins)


def test_words_on_a_series():
    assert series_words(made_line(80, period=1)) == "80 days, no season found."
    assert series_words(made_line(80, long_period=14)).startswith("80 days, repeats after 7 and 14.")
    assert figure_rows(SeriesView(made_line(), 80, 6)) == []


def test_a_model_of_quantiles_says_what_its_paths_are(qtbot, dispatcher, sync_worker, tmp_path, monkeypatch):
    """The note has all its lines, the horizon its own bound, and a pinned value is kept."""
    folder = write_bolt(tmp_path / "chronos-bolt-made", scale=0.15)
    source = result_of(ChronosImporter().load(folder))
    monkeypatch.setattr(FanEngine, "pack", lambda self: [made_line(80, "taylor")])
    monkeypatch.setattr("plugins.autoregressive.series.engine.pack", lambda: [made_line(80, "taylor")])
    monkeypatch.setattr(
        "plugins.autoregressive.series.panel.panel.FIRST", {"series": "taylor", "n_back": 4, "n_paths": 20}
    )
    host = PanelHost(FAMILY, sync_worker, dispatcher, [CARD])
    panel: Any = SeriesPanel(EngineHandle(source, lambda one: BoltEngine.open(one, Device("cpu", "float32", 1))), host)
    qtbot.addWidget(panel)
    panel.resize(1200, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.timeline.pause()
    panel.timeline.playback.to_end()
    note = panel.making.note
    qtbot.waitUntil(lambda: note.height() >= note.heightForWidth(note.width()) > 0)
    assert "measured on the past" in note.text()
    assert "at most 16" in panel.making.horizon.toolTip() + panel.making.horizon.accessibleDescription()
    assert panel.tabs.tabs.value() == "Series"
    assert "Chronos-Bolt" in panel.frame.caption.accessibleDescription()
    panel.editor.pin(panel.canvas.view.n_known + 3, 12.5)
    qtbot.waitUntil(lambda: panel.is_settled)
    assert panel.shown.state["pins"].tolist() == [[3, 12.5]]
    host.close()


def test_a_branch_leaves_its_run_and_the_series_as_they_are(panel):
    branch_at(panel, 2)
