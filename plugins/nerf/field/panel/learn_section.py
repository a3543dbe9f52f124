"""The inspector's part for learning a scene: begin with photos, divide the machine, see what was kept."""

from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.api.panel import SliderRow, ValueRange, at_the_left, named_button, put_in_a_column
from studio.api.timeline.controller import TimelineController
from studio.core.frame import Frame
from studio.core.translation import N_
from studio.core.view import State

from ...shared.panel.view_loop import ViewLoop
from ...shared.state import TRAINING
from ..caption import FieldCaption, LearningProgress, learning_words

VIEWING: Final = ValueRange(10.0, 90.0, step=5.0, default=50.0, unit="%", is_whole=True)
RECIPE: Final = "nerf/glossy"
GRID: Final = "grid"
"""Among the arrays of a frame that keeps a whole field."""


class LearnSection(QWidget):
    """Begins a learning, which the window's own card then follows.

    Signals:
        learn_requested(): learn our scene from the photos that came with it.
        photos_requested(): choose a folder of one's own photos.
        share_changed(share): of the machine that is kept for viewing, 0..1.
    """

    learn_requested = Signal()
    photos_requested = Signal()
    share_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.learn = named_button(
            "learn_learn",
            N_("Learn our scene"),
            N_("Start from nothing with the photos that come with it, and watch"),
            pressed=self.learn_requested,
        )
        self.photos = named_button(
            "learn_photos",
            N_("Learn my photos…"),
            N_("A folder with photos of a thing or a place from all sides"),
            pressed=self.photos_requested,
        )
        share_help = N_("How much of the computer draws the scene while it is learnt; the rest does the learning.")
        self.share = SliderRow("viewing_share", N_("For viewing"), VIEWING, share_help)
        self.share.value_changed.connect(lambda percent: self.share_changed.emit(percent / 100))
        self.share.set_value(VIEWING.default)
        self.share.hide()
        buttons = at_the_left(self.learn, self.photos, spacing=6)
        put_in_a_column(self, (buttons, self.share), 6)


class LearnPresenter(QObject):
    """Attributes:
    training_id: what learns just now and is on the canvas, else empty.
    learnt: the state of the frame on the canvas whose field can be walked around, else None.
    """

    def __init__(
        self,
        section: LearnSection,
        timeline: TimelineController,
        loop: ViewLoop,
        is_own_tab: bool,
        parent: QObject,
    ) -> None:
        """In its own tab, what a training has learnt by now is shown at the newest picture also while it rests."""
        super().__init__(parent)
        self._is_own_tab = is_own_tab
        self._section, self._timeline, self._loop = section, timeline, loop
        self.training_id = ""
        self.learnt: State | None = None
        self._running: set[str] = set()
        self._share = section.share.value() / 100
        section.share_changed.connect(self._on_share_changed)
        timeline.source_changed.connect(self.follow)
        timeline.playback.moved.connect(self.follow)

    def _on_share_changed(self, share: float) -> None:
        self._share = share
        self._loop.follow_learning(share if self.training_id else None)

    def note(self, training_id: str, is_learning: bool) -> None:
        """A training makes steps from now on, or rests."""
        if is_learning != (training_id in self._running):
            self._running ^= {training_id}
            self.follow()
            self._loop.refresh()

    @property
    def is_training_shown(self) -> bool:
        """Whether the timeline has a training on it."""
        track = self._timeline.track
        return track is not None and track.recording.info.kind == TRAINING

    def follow(self, _: object = None) -> None:
        """Draw what learns now while the playhead is at the newest picture; else what the model holds."""
        timeline = self._timeline
        track = timeline.track
        is_live = self.is_training_shown and timeline.is_growing and timeline.playback.index >= timeline.n_frames - 1
        training_id = str(track.recording.info.state.get(TRAINING, "")) if is_live and track is not None else ""
        training_id = training_id if training_id in self._running else ""
        if not self.is_training_shown:
            self.learnt = None
        if training_id != self.training_id:
            self.training_id = training_id
            self._section.share.setVisible(bool(training_id))
            self._loop.follow_learning(self._share if training_id else None)
            if training_id:
                self._loop.refresh()

    def words(self) -> FieldCaption:
        """What to say while it learns, by the newest kept picture's figures."""
        recording = self._timeline.recording
        if recording is None or not len(recording):
            return learning_words(LearningProgress(0, 0))
        frame = recording[len(recording) - 1]
        held_out = [value for name, value in frame.scalars.items() if "PSNR" in name]
        n_rays = int(frame.scalars.get("rays", 0))
        return learning_words(LearningProgress(frame.step + 1, n_rays, held_out[0] if held_out else None))

    def take_frame(self, frame: Frame) -> bool:
        """A frame of the timeline is to be shown; returns whether the view shows it by itself, since it follows."""
        before, self.learnt = self.learnt, None
        if not self.is_training_shown:
            return False
        self.follow()
        if self.training_id:
            return True
        if self._is_own_tab and self._timeline.playback.index >= self._timeline.n_frames - 1:
            if before is not None:
                self._loop.refresh()
            return True
        self.learnt = frame.state if frame.state is not None and GRID in frame.state else None
        return False
