"""A tab that replays a recording whose model is not on this computer."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from studio.api.timeline.command import playback_commands
from studio.commands.command import Command
from studio.compute.job import Policy
from studio.core.error import UserError
from studio.core.recording.file import loading
from studio.core.recording.recording import Recording
from studio.core.translation import N_, _, translate
from studio.render.still import still_pixels
from studio.shell.session.service import Services
from studio.widgets.controls.label import Label
from studio.widgets.message_bar import MessageBar
from studio.widgets.task_scope import TaskScope
from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.timeline import Timeline
from studio.widgets.views.image import ImageView

MARGIN_PX = 24
SIDE_PX = 720


class RecordingPage(QWidget):
    """The frames can be played and scrubbed; nothing is computed.

    Attributes:
        above: room for more above the picture.
    """

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services
        self._recording: Recording | None = None
        self.messages = MessageBar(self)
        self.canvas = ImageView()
        self.playback = Playback(self)
        self.timeline = Timeline(self.playback)
        self.timeline.set_keyframable(False)
        self._about = Label()
        self._about.setProperty("role", "muted")
        self._about.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._lay_out()
        self.playback.moved.connect(self._show_frame)
        self._tasks = TaskScope(self, services.worker, services.dispatcher)

    def load(self, path: Path, name: str = "") -> None:
        """Read a recording on the Worker, and show it."""
        title = _("Reading {name}").format(name=name or path.name)
        self._tasks.run(
            "load", lambda: loading(path), Policy.RESTART, done=self._on_loaded, failed=self._on_failed, title=title
        )

    def _lay_out(self) -> None:
        stage = QFrame()
        stage.setProperty("role", "canvas")
        column = QVBoxLayout(stage)
        column.setContentsMargins(MARGIN_PX, MARGIN_PX, MARGIN_PX, MARGIN_PX)
        column.addWidget(self.messages)
        self.above = QVBoxLayout()
        column.addLayout(self.above)
        column.addWidget(self.canvas, 1)
        column.addWidget(self._about)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(stage, 1)
        rows.addWidget(self.timeline)

    def all_commands(self) -> tuple[Command, ...]:
        """What moves the playhead, while this page is in front."""
        return playback_commands(lambda: self.playback)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays unseen."""
        super().hideEvent(event)
        self.playback.pause()

    def _on_loaded(self, recording: Recording) -> None:
        self._recording = recording
        info = recording.info
        text = N_("Made with {model}, seed {seed}. It plays without that model, which is not on this computer.")
        self._about.setText(translate(text).format(model=info.model_id, seed=info.seed))
        self.playback.set_fps(info.fps)
        self.playback.set_length(len(recording))
        self.timeline.show_recording(recording, info.title or _("Recording"), info.model_id)
        self._show_frame(self.playback.index)
        self.canvas.setFocus()  # the field with the frame's number would keep Space for itself

    def _show_frame(self, index: int) -> None:
        if self._recording is None or index >= len(self._recording):
            return
        try:
            self.canvas.show_array(still_pixels(self._recording[index], SIDE_PX))
        except UserError as error:
            self.messages.show_error(error)

    def _on_failed(self, error: BaseException) -> None:
        if isinstance(error, UserError):
            self.messages.show_error(error)
        else:
            self._services.report(error)
