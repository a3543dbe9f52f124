"""Shows the trainings of a family in each of its tabs: a card each in the inspector, their pictures on the timeline."""

import uuid
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.commands.track import Track
from studio.core.recording.recording import Recording
from studio.core.translation import N_
from studio.registry.model import ModelInfo
from studio.shell.training.desk import LiveTraining, TrainingDesk, TrainPlan
from studio.widgets.controls.model_picker import ModelPicker
from studio.widgets.controls.section import Section
from studio.widgets.inspector import Inspector
from studio.widgets.plots.learning_card import LearningCard, where_text
from studio.widgets.throttle import Throttle

if TYPE_CHECKING:
    from studio.api.panel import Panel

CARD_INTERVAL_MS = 120  # numbers that change faster cannot be read


class TrainingTrack(QObject):
    """Signals: step_shown(step) while one of its pictures is on the canvas, and None when another run is."""

    step_shown = Signal(object)

    def __init__(self, live: LiveTraining, panel: "Panel", parent: QObject) -> None:
        super().__init__(parent)
        self._live = live
        self._timeline = panel.timeline
        self._recording: Recording | None = None
        self._source: Recording | None = None
        self._n_taken = 0
        self._steps: list[int] = []
        self._timeline.playback.moved.connect(self._on_moved)
        self._timeline.source_changed.connect(self._on_moved)

    def show(self) -> None:
        """Put the pictures on the timeline, and stay at the newest."""
        if self._track is None:
            self._recording = Recording(replace(self._live.learning.recording.info, id=uuid.uuid4().hex))
            self._source, self._n_taken, self._steps = None, 0, []
            self._take()
            self._timeline.recorder.follow(self._recording, self._live.title, self._live.pause)
        self._put_on()
        self._timeline.playback.to_end()

    def follow(self) -> None:
        """Take in the pictures that are new."""
        if self._recording is None or self._recording.is_finished:
            return
        if self._track is None:  # the person deleted it, or the panel goes: no more is added
            self._recording = None
        else:
            if self._take():
                self._timeline.recorder.grow(self._recording.info.id)
            self._tell(self._recording.info.id)

    def _tell(self, track_id: str) -> None:
        """Let the timeline offer to stop what goes on, and only that."""
        recorder = self._timeline.recorder
        if self._live.is_running:
            recorder.resume(track_id, self._live.pause)
        else:
            recorder.end(track_id)

    def finish(self) -> None:
        """Take in the last pictures: no more will come."""
        self.follow()
        if self._recording is not None and not self._recording.is_finished:
            self._recording.finish()
            self._timeline.recorder.end(self._recording.info.id)

    def seek(self, step: int) -> None:
        """Go to the picture that was made last before this step."""
        if self._track is None:
            self.show()
        if self._steps:
            self._put_on()
            self._timeline.playback.seek(max(bisect_right(self._steps, step) - 1, 0))

    @property
    def _track(self) -> Track | None:
        """The pictures among the tracks of the panel; None where they are not, or not any more."""
        return None if self._recording is None else self._timeline.tracks.find(self._recording.info.id)

    def _put_on(self) -> None:
        track = self._track
        if track is not None and self._timeline.track is not track:
            self._timeline.show_track(track)

    def _take(self) -> bool:
        """Append what is new; returns whether there was something."""
        source, recording = self._live.learning.recording, self._recording
        if recording is None:
            return False
        if source is not self._source:  # it was continued: the pictures of before come again
            self._source, self._n_taken = source, 0
        n_before = len(recording)
        for index in range(self._n_taken, len(source)):
            frame = source[index]
            if not self._steps or frame.step > self._steps[-1]:
                recording.append(frame)
                self._steps.append(frame.step)
        self._n_taken = len(source)
        return len(recording) > n_before

    def _on_moved(self) -> None:
        index, track = self._timeline.playback.index, self._track
        is_known = track is not None and self._timeline.track is track and 0 <= index < len(self._steps)
        self.step_shown.emit(self._steps[index] if is_known else None)


class TabTraining(QObject):
    """What one panel shows of trainings; made anew with the panel, and gone with it.

    Families do nothing for it: the picker of their models and their inspector are found in the panel.

    Signals: train_requested(); start_requested(TrainPlan) of what the panel itself wants; delete_requested(model_id).
    """

    train_requested = Signal()
    start_requested = Signal(object)
    delete_requested = Signal(str)

    def __init__(self, panel: "Panel", family_id: str, desk: TrainingDesk, has_recipes: bool) -> None:
        super().__init__(panel)
        self._panel = panel
        self._family_id = family_id
        self._desk = desk
        self._views: dict[str, TrainingView] = {}
        self._picker = panel.findChild(ModelPicker)
        if self._picker is not None:
            self._picker.train_requested.connect(self.train_requested)
            self._picker.delete_requested.connect(self.delete_requested)
            if has_recipes:
                self._picker.offer_training()
        panel.training_requested.connect(self._on_training_requested)
        desk.changed.connect(self._show_trainings)
        self._show_trainings()

    def _on_training_requested(self, recipe_id: str, title: str, settings: Mapping[str, str]) -> None:
        self.start_requested.emit(TrainPlan(recipe_id, title, settings))

    def show_models(self, models: Sequence[ModelInfo], own_bytes: Mapping[str, int]) -> None:
        """Offer the models that there are now."""
        if self._picker is not None:
            self._picker.set_cards([model.card for model in models])
            self._picker.set_pictures({model.id: model.picture for model in models if model.picture is not None})
            self._picker.set_own_models(own_bytes)

    def show_on_timeline(self, live: LiveTraining) -> None:
        """Put the pictures of a training on the timeline of this panel."""
        view = self._views.get(live.id)
        if view is not None:
            view.show_on_timeline()

    def _show_trainings(self) -> None:
        live = {one.id: one for one in self._desk.of_family(self._family_id)}
        for training_id in [one for one in self._views if one not in live]:
            self._views.pop(training_id).close()
        for training_id, one in live.items():
            if training_id not in self._views:
                self._views[training_id] = TrainingView(one, self._desk, self._panel)


class TrainingView(QObject):
    """One training in one panel: its card, and its track on the timeline once that is wanted."""

    def __init__(self, live: LiveTraining, desk: TrainingDesk, panel: "Panel") -> None:
        super().__init__(panel)
        self._live = live
        self._desk = desk
        self._panel = panel
        self._track = TrainingTrack(live, panel, self)
        self._card = LearningCard()
        self._section = Section("section_learning", N_("Learning"))
        self._section.add(self._card)
        self._place(panel)
        self._follows = Throttle(CARD_INTERVAL_MS, self._show, self)
        self._connect()
        self._show()

    def _place(self, panel: "Panel") -> None:
        """Into the inspector; a panel without one has the card at its foot."""
        inspector, layout = panel.findChild(Inspector), panel.layout()
        if inspector is not None:
            inspector.add_high(self._section)
        elif layout is not None:
            layout.addWidget(self._section)

    def _connect(self) -> None:
        card, live = self._card, self._live
        live.changed.connect(self._on_changed)
        card.pause_requested.connect(live.pause)
        card.continue_requested.connect(self._on_continue_requested)
        card.stop_requested.connect(live.stop)
        card.finish_requested.connect(live.finish)
        card.discard_requested.connect(self._on_discard_requested)
        card.timeline_requested.connect(self.show_on_timeline)
        card.step_chosen.connect(self._track.seek)
        self._track.step_shown.connect(card.show_playhead)

    def show_on_timeline(self) -> None:
        """Put the pictures on the timeline, and stay at the newest."""
        self._track.show()

    def close(self) -> None:
        """Take the card away; the pictures stay on the timeline."""
        self._live.changed.disconnect(self._on_changed)
        self._track.finish()
        self._panel.note_training(self._live.id, False, "")
        self._section.hide()
        self._section.deleteLater()
        self.deleteLater()

    def _on_changed(self) -> None:
        self._follows.request()

    def _show(self) -> None:
        self._track.follow()
        state = self._live.state()
        self._card.show_state(state)
        is_at_end = bool(state.label) and state.step >= state.n_steps  # measured, written
        is_learning = state.phase == "running" and state.step > 0 and not is_at_end
        self._panel.note_training(self._live.id, is_learning, where_text(state))
        if self._card.isVisible():
            self._card.show_curves(self._live.curves(), state.n_steps)

    def _on_continue_requested(self) -> None:
        self._desk.go_on(self._live.run.training)

    def _on_discard_requested(self) -> None:
        self._desk.ask_to_discard(self._live.run.training, self._section.window())
