"""The panel that a kind gets for nothing: a picture, a control for each of its parameters, and the timeline."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
from PySide6.QtWidgets import QVBoxLayout

from studio.api.engine import EngineHandle
from studio.api.panel import Host, ImageView, ModelPicker, Panel, PanelFrame, ParamForm, Snapshot, Step, still_pixels
from studio.api.timeline.panel_runs import PanelRuns
from studio.api.timeline.run_source import GeneratedSource
from studio.core.frame import Frame
from studio.core.param import make_params, param_specs, params_to_json, saved_params
from studio.core.translation import _, translate
from studio.core.view import Image


class ParamsRuns(PanelRuns):
    """Signals: see PanelRuns."""

    branches_at_first = True

    def renew(self, source: GeneratedSource) -> str:
        """Make a run, in place of the newest one where nothing hangs on that; returns the id of what is shown."""
        return self._put(source).id


class ParamsPanel(Panel):
    """Records the run of its parameters, and makes it anew whenever one changes; at an earlier step it branches.

    A kind says what its parameters are and what the picture can be asked for; that is all. The main view of its frames
    is an image or a field. While a run is made anew, the playhead stays where it is, and the newest frame is shown
    until that of the playhead is there.

    Attributes:
        params_class: the params dataclass of the kind. hint: the line under the picture.
    """

    params_class: ClassVar[type]
    hint: ClassVar[str] = ""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self._params: Any = saved_params(self.params_class, handle.source.card.get("defaults", {}))
        self._frame: Frame | None = None
        self._shown_id = ""
        self.runs = ParamsRuns(self.timeline, self)
        self._n_frames = 0  # of the run before, as it told
        self._end_index = -1  # where the playhead stood when it stood at the end of the run before
        self.canvas = ImageView()
        self.form = ParamForm(self.params_class, f"{host.family.id}.")
        self._lay_out()
        self._connect()
        self._run()

    def _lay_out(self) -> None:
        self.frame = PanelFrame(self.canvas, self.messages, self.hint, timeline=self.timeline.bar)
        picker = ModelPicker(self.host.cards(), self.handle.source.id)
        picker.chosen.connect(self.host.open_model)
        self.frame.inspector.add(picker)
        self.frame.inspector.add(self.form)
        self.form.set_values(params_to_json(self._params))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.frame)

    def _connect(self) -> None:
        self.form.changed.connect(self._on_param_changed)
        self.form.edit_started.connect(self.host.undo.begin_gesture)
        self.form.edit_finished.connect(self.host.undo.end_gesture)
        self.timeline.source_changed.connect(self._on_source_changed)
        self.timeline.recorder.ended.connect(self._on_ended)

    # Parameters and state

    def params(self) -> Any:
        """Return the present parameters."""
        return self._params

    def set_params(self, params: Any) -> None:
        """Show `params` and what they give, without an undo step; a branch on the timeline follows by itself."""
        self._show_params(params)
        if not self.runs.is_followed:
            self._run()

    def _show_params(self, params: Any) -> None:
        self._params = params
        self.form.set_values(params_to_json(params))
        self.params_changed.emit()

    def _on_param_changed(self, name: str, value: Any) -> None:
        before, after = self._params, replace(self._params, **{name: value})
        self.timeline.pause_run()
        label = translate(param_specs(self.params_class)[name].label)
        redo, undo = partial(self.set_params, after), partial(self.set_params, before)
        title = _("Change {name}").format(name=label)
        self.host.undo.push(Step(title, undo, redo, merge_key=name))  # first: what comes of the change joins its step
        self.set_params(after)

    def state(self) -> dict[str, Any]:
        """Return the parameters as plain values."""
        return params_to_json(self._params)

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; wrong entries raise UserError and change nothing."""
        self.set_params(make_params(self.params_class, state))

    # Runs

    def _run(self) -> None:
        """Record a run of the parameters, in place of the last one where nothing hangs on that."""
        playback = self.timeline.playback
        is_at_end = playback.index >= playback.n_frames - 1
        self._end_index = playback.index if is_at_end or playback.index == self._end_index else -1
        self._shown_id = self.runs.renew(GeneratedSource(self._params, n_frames=self._n_frames))

    def _on_source_changed(self) -> None:
        """The run has grown: its newest frame is shown as long as that of the playhead is awaited."""
        recording, index = self.timeline.recording, self.timeline.shown.index
        if recording is None or not len(recording):
            return
        self._n_frames = recording.stored(len(recording) - 1).n_steps
        if self.timeline.track is not None and index >= len(recording) and not self.timeline.shown.pair:
            self._draw(recording[len(recording) - 1])

    def _on_ended(self, track_id: str) -> None:
        track = self.timeline.track
        if track is None or track.id != track_id:
            return
        source = self.timeline.recorder.source_of(track)
        if isinstance(source, GeneratedSource) and len(track.recording):  # now its length is known, also to branches
            known = replace(source, n_frames=len(track.recording))
            self.timeline.recorder.put(track, track.recording, known)
        if self.timeline.playback.index == self._end_index:
            self.timeline.playback.to_end()

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show a frame, and let the controls stand where they stood when its run began."""
        track = self.timeline.track
        if track is not None and track.id != self._shown_id and not self.timeline.shown.pair:
            self._shown_id = track.id
            if track.recording.info.model_id == self.handle.source.id:
                self._show_params(saved_params(self.params_class, track.recording.info.params))
        self._draw(frame)

    def _draw(self, frame: Frame) -> None:
        self._frame, view = frame, frame.main_view
        self.canvas.show_array(np.asarray(view.pixels) if isinstance(view, Image) else still_pixels(frame))
        self.frame.caption.set_text(frame.label)

    @property
    def is_settled(self) -> bool:
        """Whether no run grows and nothing plays."""
        return not self.timeline.is_growing and not self.timeline.playback.is_playing

    def snapshot(self) -> Snapshot | None:
        """Return the frame on screen, or None before the first one."""
        if self._frame is None:
            return None
        values = params_to_json(self._params)
        return Snapshot(self._frame, self.handle.source.id, int(values.get("seed", 0)), values)
