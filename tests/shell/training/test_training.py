"""Training in the window, as a person meets it: dialog, card, timeline, messages, own models, and a restart."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QPushButton, QWidget

from studio.core.recording.file import load_recording
from studio.registry.training_store import TrainingStore
from studio.shell.home.family_card import FamilyCard
from studio.shell.home.own_models import OwnModelRow
from studio.shell.training.desk import TrainPlan
from studio.shell.training.dialog import TrainDialog
from studio.shell.window.window import MainWindow
from studio.widgets.controls.label import Label
from studio.widgets.controls.model_picker import ModelPicker
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from studio.widgets.message_bar import MessageBar
from studio.widgets.plots.learning_card import LearningCard
from tests.shell.answering import answer
from tests.shell.conftest import MODEL
from tests.sync_worker import SteppedWorker

PLAN = TrainPlan("good/learnt", "My waves", {"rate": "0.2"})
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(make_window, stepped_worker) -> MainWindow:
    return make_window(stepped_worker)


@pytest.fixture
def worker(stepped_worker) -> SteppedWorker:
    return stepped_worker


@pytest.fixture
def store(studio_home: Path) -> TrainingStore:
    return TrainingStore()


def settle() -> None:
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


def press(window: QWidget, name: str) -> None:
    button = window.findChild(QPushButton, name)
    assert button is not None, name
    assert button.isVisible(), name
    assert button.isEnabled(), name
    QTest.mouseClick(button, LEFT)
    settle()


def steps(worker: SteppedWorker, n: int) -> None:
    for _ in range(n):
        worker.step()
    settle()


def card_of(window: MainWindow) -> LearningCard:
    settle()
    tab = window.tabs.front_tab
    assert tab is not None
    assert tab.panel is not None
    (card,) = tab.panel.findChildren(LearningCard)
    return card


def open_tab(window: MainWindow, worker: SteppedWorker) -> None:
    window.opener.open_model(MODEL)
    worker.run_all()
    settle()


def message_keys(bar: MessageBar) -> list[str]:
    keys = bar.keys()
    return [key.partition(" ")[0] for key in keys]


# The dialog


def open_dialog(window: MainWindow, worker: SteppedWorker) -> TrainDialog:
    window.trainings.train()
    worker.run_all()
    settle()
    dialog = window.findChild(TrainDialog)
    assert dialog is not None
    return dialog


def line_of(dialog: TrainDialog, name: str) -> QLineEdit:
    line = dialog.findChild(QLineEdit, name)
    assert line is not None, name
    return line


def write(line: QLineEdit, text: str) -> None:
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, text) if text else QTest.keyClick(line, Qt.Key.Key_Delete)


def test_a_person_names_a_model_chooses_settings_and_starts(window, worker, store):
    open_tab(window, worker)
    dialog = open_dialog(window, worker)
    assert [button.text() for button in (dialog.start_button, dialog.cancel_button)] == ["Start", "Cancel"]
    press(dialog, "choice_good/learnt")
    write(dialog.name, "Stormy")
    write(line_of(dialog, "train.n_steps"), "20")
    write(line_of(dialog, "train.rate"), "0.5")
    press(dialog, "train_start")
    steps(worker, 3)
    (training,) = store.trainings()[0]
    record = training.record
    assert (record.title, record.recipe_id, dict(record.settings)) == ("Stormy", "good/learnt", {"rate": "0.5"})
    assert record.wanted_steps == 20
    worker.run_all()
    settle()
    assert [model.title for model in window.trainings._services.catalog.list_models() if model.is_own] == ["Stormy"]


def test_what_is_wrong_is_said_and_start_waits(window, worker):
    open_tab(window, worker)
    dialog = open_dialog(window, worker)
    press(dialog, "choice_good/learnt")
    assert dialog.start_button.isEnabled()
    for name, wrong, right in [
        ("train.n_steps", "0", "40"),
        ("train.rate", "fast", "0.1"),
        ("train_name", "", "Mine"),
        ("train_name", "waves", "Mine"),
    ]:
        line = line_of(dialog, name)
        write(line, wrong)
        assert not dialog.start_button.isEnabled(), name
        assert dialog.start_button.toolTip(), name
        write(line, right)
        assert dialog.start_button.isEnabled(), name
        assert dialog.start_button.toolTip() == ""
    press(dialog, "train_cancel")


def test_no_room_on_the_disk_is_said_before_the_start(window, worker, monkeypatch):
    import shutil

    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=1000))
    dialog = open_dialog(window, worker)
    assert not dialog.start_button.isEnabled()
    assert "room" in dialog.start_button.toolTip()
    press(dialog, "train_cancel")


def test_the_name_follows_the_recipe_until_a_person_types_one(window, worker):
    dialog = open_dialog(window, worker)
    press(dialog, "choice_good/learnt")
    assert dialog.name.text() == "My learnt waves"
    write(dialog.name, "Mine")
    press(dialog, "choice_good/waves")
    assert dialog.name.text() == "Mine"
    press(dialog, "train_cancel")


def test_a_recipe_that_does_not_work_is_named_and_the_others_are_offered(window, worker, monkeypatch, caplog):
    entry = {"good/odd": "recipes:NO_SUCH_RECIPE"}
    found = window._services.catalog.family("good")
    table = found.load(found.manifest.recipes)
    monkeypatch.setattr(f"{found.package}.recipes.RECIPES", table | entry)
    dialog = open_dialog(window, worker)
    said = [label.text() for label in dialog.findChildren(Label) if label.isVisible()]
    assert any("The training “good/odd” does not work." in text and "NO_SUCH_RECIPE" in text for text in said)
    press(dialog, "choice_good/learnt")
    press(dialog, "train_cancel")


def test_closing_the_dialog_ends_what_it_looks_up(window, worker):
    window.trainings.train()
    dialog = window.findChild(TrainDialog)
    press(dialog, "train_cancel")
    worker.run_all()
    settle()
    assert window.findChild(TrainDialog) is None


# While it learns


def test_the_card_follows_the_training_and_the_pictures_are_on_the_timeline(window, worker, qtbot):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    steps(worker, 12)
    card, timeline = card_of(window), window.tabs.front_tab.panel.timeline
    qtbot.waitUntil(lambda: "Step 12 of 40" in card._where.text())
    assert window.trainings.desk.live[0].phase == "running"
    assert "Loss" in card._figures.text()
    assert card.plot.accessibleDescription().startswith("Loss:")
    assert timeline.track is not None
    assert timeline.track.recording.info.kind == "training"
    assert [frame.step for frame in timeline.track.recording] == [0, 1, 3, 7]
    assert timeline.playback.index == 3
    card.plot.x_chosen.emit(4.0)
    settle()
    assert timeline.playback.index == 2
    assert card.plot._marker == 3
    worker.run_all()


def test_a_slider_of_another_tab_is_answered_between_two_steps(window, worker):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    steps(worker, 5)
    before = window.trainings.desk.live[0].learning.step
    panel = window.tabs.front_tab.panel
    panel.set_params(type(panel.params())(seed=7))
    while panel.tasks.is_running("picture"):
        worker.step()
    assert window.trainings.desk.live[0].learning.step == before
    assert panel.snapshot().seed == 7
    worker.run_all()


def test_it_waits_while_a_hand_drags_a_slider_and_goes_on_once_the_hand_rests(window, worker, qtbot):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    steps(worker, 5)
    live, card, panel = window.trainings.desk.live[0], card_of(window), window.tabs.front_tab.panel
    track = panel.findChild(SliderRow, "good.strength").findChild(SliderTrack)
    before, middle = live.learning.step, track.rect().center()
    QTest.mousePress(track, LEFT, pos=middle)
    for x_px in range(0, 40, 4):
        QTest.mouseMove(track, middle - QPoint(x_px, 0))
        worker.run_all()
    assert live.learning.step == before
    assert not panel.tasks.is_running("picture")
    qtbot.waitUntil(lambda: card._where.text() == "Waits while you move something")
    QTest.mouseRelease(track, LEFT, pos=middle)
    qtbot.waitUntil(lambda: worker.step() and live.learning.step > before)
    qtbot.waitUntil(lambda: card._where.text().startswith("Step"))
    worker.run_all()


def test_paused_and_continued(window, worker, qtbot):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    steps(worker, 8)
    press(card_of(window), "learning_pause")
    worker.run_all()
    settle()
    live, card = window.trainings.desk.live[0], card_of(window)
    assert live.phase == "paused"
    card.show_state(live.state())
    assert "Paused at step" in card._where.text()
    timeline = window.tabs.front_tab.panel.timeline
    track_id = timeline.track.id
    qtbot.waitUntil(lambda: not timeline.recorder.is_running(track_id))  # nothing is left to stop
    press(card, "learning_continue")
    steps(worker, 2)
    settle()
    qtbot.waitUntil(lambda: timeline.recorder.is_running(track_id))
    worker.run_all()
    settle()
    assert window.trainings.desk.live == []
    panel = window.tabs.front_tab.panel
    assert [frame.step for frame in panel.timeline.track.recording] == [0, 1, 3, 7, 15, 31]
    assert panel.timeline.track.recording.is_finished
    assert message_keys(panel.messages) == ["ready"]


def test_the_stop_of_the_status_bar_pauses_it(window, worker):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    steps(worker, 8)
    (row,) = window.status.jobs._rows.values()
    row._on_stop_clicked()
    worker.run_all()
    settle()
    assert window.trainings.desk.live[0].phase == "paused"
    assert window.trainings.desk.live[0].run.training.record.state == "stopped"


def test_stopped_it_can_be_continued_from_the_message(window, worker):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    steps(worker, 8)
    press(card_of(window), "learning_stop")
    worker.run_all()
    settle()
    panel = window.tabs.front_tab.panel
    assert panel.findChildren(LearningCard) == []
    assert message_keys(panel.messages) == ["training"]
    assert message_keys(window.home.messages) == ["training"]
    bar = panel.messages
    bar.action_requested.emit(bar.keys()[0])
    worker.run_all()
    settle()
    assert message_keys(panel.messages) == ["ready"]
    assert message_keys(window.home.messages) == []


def test_stopped_before_it_began_it_leaves_nothing(window, worker, store):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    press(card_of(window), "learning_stop")
    worker.run_all()
    settle()
    assert store.trainings() == ([], [])
    assert message_keys(window.home.messages) == []


def test_the_best_is_kept_early(window, worker, store):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    steps(worker, 10)
    press(card_of(window), "learning_finish")
    worker.run_all()
    settle()
    (training,) = store.trainings()[0]
    assert training.record.state == "done"
    assert training.record.step == training.record.n_steps == 10


def test_a_failure_is_said_on_the_card_and_can_be_discarded(window, worker, store, qtbot):
    open_tab(window, worker)
    window.trainings.start(TrainPlan("good/learnt", "Wild", {"rate": "9"}))
    worker.run_all()
    settle()
    card = card_of(window)
    qtbot.waitUntil(lambda: "diverged" in card._problem.text())
    press(card, "learning_discard")
    answer(window, "ask_discard", "Keep")
    worker.run_all()
    assert store.trainings() != ([], [])
    press(card, "learning_discard")
    answer(window, "ask_discard", "Discard")
    worker.run_all()
    settle()
    assert (store.trainings(), window.tabs.front_tab.panel.findChildren(LearningCard)) == (([], []), [])


def test_a_closed_tab_does_not_end_the_training(window, worker):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    steps(worker, 8)
    window.tabs.close_page(window.tabs.front_tab)
    worker.run_all()
    settle()
    assert message_keys(window.home.messages) == ["ready"]


# After a restart


def test_a_new_start_offers_to_continue_and_shows_the_earlier_pictures(make_window, dispatcher, store):
    first = SteppedWorker(dispatcher.deliver)
    window = make_window(first)
    open_tab(window, first)
    window.trainings.start(PLAN)
    steps(first, 12)
    first.cancel(lambda job: True)  # what closing the worker does
    first.run_all()
    (training,) = store.trainings()[0]
    assert (training.record.state, training.record.step) == ("stopped", 12)
    assert [frame.step for frame in load_recording(training.learning_path)] == [0, 1, 3, 7]
    for tab in window.tabs.model_tabs():
        window.tabs.close_page(tab)
    window.close()

    worker = SteppedWorker(dispatcher.deliver)
    again = make_window(worker)
    settle()
    bar = again.home.messages
    (key,) = bar.keys()
    text = bar.findChild(QWidget, f"message_{key}").accessibleName()
    assert "The training “My waves” stopped at step 12 of 40." in text
    bar.action_requested.emit(key)
    steps(worker, 6)
    panel = again.tabs.front_tab.panel
    assert [frame.step for frame in panel.timeline.track.recording] == [0, 1, 3, 7]
    worker.run_all()
    settle()
    assert [frame.step for frame in panel.timeline.track.recording] == [0, 1, 3, 7, 15, 31]
    assert message_keys(bar) == []


def test_a_message_that_was_put_away_stays_away_until_the_next_start(make_window, dispatcher, store):
    store.planned("good/learnt", "Old", {}).changed(state="stopped", step=3, n_steps=9)
    worker = SteppedWorker(dispatcher.deliver)
    window = make_window(worker)
    bar = window.home.messages
    (key,) = bar.keys()
    bar._on_message_dismissed(key)
    window.trainings.desk.changed.emit()
    assert bar.keys() == []
    assert len(store.interrupted()) == 1


# Own models


def train_one(window: MainWindow, worker: SteppedWorker) -> None:
    window.trainings.start(PLAN)
    worker.run_all()
    settle()


def test_the_new_model_is_offered_opened_and_listed_with_its_room(window, worker):
    open_tab(window, worker)
    train_one(window, worker)
    bar = window.tabs.front_tab.panel.messages
    bar.action_requested.emit(bar.keys()[0])
    worker.run_all()
    settle()
    assert window.tabs.front_tab.source.id == "good/my-waves"
    (row,) = window.home.own_models.findChildren(OwnModelRow)
    assert row.objectName() == "own_good/my-waves"
    (family,) = window.home.findChildren(FamilyCard)
    assert family.models_button.text() == "2 models"
    picker = window.tabs.front_tab.panel.findChild(ModelPicker)
    if picker is not None:
        assert "good/my-waves" in picker._own_bytes


def test_a_model_is_deleted_after_one_question_and_its_tab_shows_another(window, worker, store, tmp_path):
    open_tab(window, worker)
    train_one(window, worker)
    window.opener.open_model("good/my-waves")
    worker.run_all()
    window.trainings.ask_to_delete("good/my-waves")
    assert "open in 1 tab" in window.findChild(QMessageBox, "ask_delete").informativeText()
    answer(window, "ask_delete", "Keep")
    worker.run_all()
    assert (tmp_path / "models" / "good" / "my-waves.json").exists()
    window.trainings.ask_to_delete("good/my-waves")
    answer(window, "ask_delete", "Delete")
    worker.run_all()
    settle()
    assert list((tmp_path / "models" / "good").iterdir()) == []
    assert store.trainings() == ([], [])
    assert {tab.source.id for tab in window.tabs.model_tabs()} == {MODEL}
    assert window.home.own_models.isHidden()


def test_an_own_model_learns_further(window, worker, store):
    open_tab(window, worker)
    train_one(window, worker)
    dialog = open_dialog(window, worker)
    (training,) = store.trainings()[0]
    press(dialog, f"choice_{training.record.id}")
    write(line_of(dialog, "train.n_steps"), "5")
    press(dialog, "train_start")
    worker.run_all()
    settle()
    model = window.trainings._services.catalog.find_model("good/my-waves")
    assert model.card.trained["n_steps"] == 45


def test_every_control_of_the_dialog_can_be_reached_and_has_a_name(window, worker):
    dialog = open_dialog(window, worker)
    press(dialog, "choice_good/learnt")
    for button in dialog.findChildren(QPushButton):
        if button.isVisible():
            assert button.accessibleName() or button.text()
    reached: set[str] = set()
    for _ in range(40):
        QTest.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Tab)
        reached.add((QApplication.focusWidget() or dialog).objectName())
    assert {"train_name", "train.n_steps", "train.rate", "train_start", "train_cancel"} <= reached
    press(dialog, "train_cancel")


def test_a_picture_of_a_frame_is_what_the_recipe_drew(window, worker):
    open_tab(window, worker)
    window.trainings.start(PLAN)
    steps(worker, 6)
    recording = window.tabs.front_tab.panel.timeline.track.recording
    assert isinstance(recording[0].views["sample"].pixels, np.ndarray)
    worker.run_all()
