"""A panel as its timeline moves it: what it does then is no change by the person."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from studio.core.frame import Frame
from studio.core.path.position import Position
from studio.core.recording.recording import Recording
from studio.widgets.message_bar import MessageBar
from studio.widgets.panel_frame import PanelFrame


class TimelinePanel(Protocol):
    """What a panel does for its timeline."""

    @property
    def frame(self) -> PanelFrame:
        """Where the picture stands, in whose place two compared runs are shown."""

    @property
    def messages(self) -> MessageBar:
        """Where it is said what is still needed."""

    def show_frame(self, frame: Frame) -> None:
        """Draw a recorded frame, and let the controls stand where it was made."""

    def position(self) -> Position:
        """The present place, by the names of the family's rules; empty where the family has none."""

    def go_to(self, position: Position) -> None:
        """Move to a place and draw it, without an undo step."""

    def params(self) -> Any:
        """The present parameters."""

    def set_params(self, params: Any) -> None:
        """Show and apply parameters, without an undo step."""


@dataclass(frozen=True)
class Place:
    """Where on the timeline the panel stands.

    Attributes:
        recording: the one whose frame it shows, None where it drew a place of the path by itself.
        index: the frame's.
        is_on_path: whether it moves with the path: since the playhead was moved there no hand has led it away.
    """

    recording: Recording | None = None
    index: int = 0
    is_on_path: bool = False


class DrivenPanel:
    """Moves one panel, and remembers where it stands.

    Attributes:
        at: the place that it was moved to last; while two runs are compared it stays there.
        is_driven: whether what changes in the panel just now is the timeline's doing.
    """

    def __init__(self, panel: TimelinePanel, model_id: str) -> None:
        self._panel = panel
        self._model_id = model_id
        self.at = Place()
        self.is_driven = False

    @property
    def params(self) -> Any:
        """The panel's parameters."""
        return self._panel.params()

    @property
    def position(self) -> Position:
        """The panel's place."""
        return self._panel.position()

    def show_frame(self, frame: Frame, place: Place) -> None:
        """Show the frame at a place of the timeline, with the controls where it was made."""
        self.at = place
        self._drive(partial(self._panel.show_frame, _seen_by(self._model_id, place.recording, frame)))

    def go_to(self, position: Position, index: int) -> None:
        """Draw what lies at a frame of the path, which is not there yet."""
        self.at = Place(None, index, is_on_path=True)
        self._drive(partial(self._panel.go_to, position))

    def set_params(self, params: Any) -> None:
        """Let the controls take the values of a run."""
        self._drive(partial(self._panel.set_params, params))

    def show_instead(self, view: QWidget | None) -> None:
        """Show a view in the place of the picture, or the picture again."""
        self._panel.frame.show_instead(view)

    def leave_path(self) -> None:
        """The panel no longer moves with the path."""
        self.at = replace(self.at, is_on_path=False)

    def _drive(self, call: Callable[[], None]) -> None:
        self.is_driven = True
        try:
            call()
        finally:
            self.is_driven = False


def _seen_by(model_id: str, recording: Recording | None, frame: Frame) -> Frame:
    """The frame as a model's panel may take it: of another model's only the picture, nothing that moves a control."""
    if recording is None or recording.info.model_id == model_id:
        return frame
    family_id = model_id.partition("/")[0]
    if recording.info.kind == "training" and recording.info.model_id.startswith(f"{family_id}/"):
        return frame  # a recipe shows what the panels of its family know
    return replace(frame, views=dict(list(frame.views.items())[:1]), state=None)
