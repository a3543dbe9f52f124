"""The door for a family's window side: what a panel is, what the host hands it, what it builds with."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, Protocol

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from studio.api.engine import EngineHandle
from studio.api.engine_tasks import EngineTasks
from studio.api.family import Family, Kind
from studio.api.preview import Preview
from studio.api.timeline.command import timeline_commands
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.state import set_timeline_state, timeline_clip, timeline_state
from studio.commands.command import Command
from studio.commands.track import Track
from studio.commands.undo import Step, UndoStack
from studio.compute.worker import WorkerLike
from studio.core.card import Card
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.path.position import Position, Rule
from studio.core.recording.clip import Clip
from studio.core.translation import N_
from studio.render.brick_scene import BrickScene, BrickView
from studio.render.colour_map import AMOUNT_COLOURS, coloured_amount
from studio.render.difference import colour_difference
from studio.render.pixel import enlarge_smooth
from studio.render.splat_scene import SplatScene, SplatView
from studio.render.still import still_pixels
from studio.widgets.caption import Caption
from studio.widgets.compare.canvas import CompareCanvas
from studio.widgets.compare.side import Side
from studio.widgets.controls.button import Button
from studio.widgets.controls.chip import Chip, ChipFlow, Choice, GroupButton
from studio.widgets.controls.drawn_items import DrawnItems
from studio.widgets.controls.flow import FlowLayout
from studio.widgets.controls.icon import icon_pixmap
from studio.widgets.controls.keyboard import KeyboardView
from studio.widgets.controls.label import ElidedLabel, Label, NameLabel, set_tip, show_tip
from studio.widgets.controls.line_marks import underline
from studio.widgets.controls.model_picker import ModelPicker
from studio.widgets.controls.number_field import NumberField
from studio.widgets.controls.param_form import ParamForm, param_field, param_slider
from studio.widgets.controls.section import Section, paint_title, title_font
from studio.widgets.controls.section_parts import (
    SettingsSection,
    at_the_left,
    in_a_row,
    named_button,
    put_in_a_column,
    put_in_pairs,
    show_playing,
    side_by_side,
    small_label,
)
from studio.widgets.controls.segmented import Segmented
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.steady_label import SteadyLabel
from studio.widgets.controls.steer_sliders import SteerSliders
from studio.widgets.controls.value_range import ValueRange
from studio.widgets.dispatcher import Dispatcher
from studio.widgets.inspector import Inspector
from studio.widgets.kernel_compiler import KernelCompiler
from studio.widgets.message_bar import MessageBar
from studio.widgets.motion import motion
from studio.widgets.panel_frame import FilledFrame, PanelFrame
from studio.widgets.part_by_part import PartByPart
from studio.widgets.plots.learning_card import time_text
from studio.widgets.plots.level_meter import LevelMeter
from studio.widgets.plots.scale import number_text, round_ticks, tick_texts
from studio.widgets.plots.spec import Axis, Band, Bars, Curve, Image, Marker, PlotSpec, Region, Scatter
from studio.widgets.plots.spectrogram import SpectrogramView
from studio.widgets.plots.view import PlotView
from studio.widgets.plots.waveform import WaveformView
from studio.widgets.sound_player import Player
from studio.widgets.spoken_role import CHART, CHOICES, PICTURE, SLIDER, TEXT, TREE
from studio.widgets.text.bars_die import BarsDie
from studio.widgets.text.bars_view import BARS_LEGEND, BarsView
from studio.widgets.text.branch_tree import BranchRun
from studio.widgets.text.branch_view import BranchView
from studio.widgets.text.canvas import TextCanvas, TextPage
from studio.widgets.text.cut import TextCut
from studio.widgets.text.look_boxes import TextLookBoxes
from studio.widgets.text.own_text_field import OwnTextField
from studio.widgets.text.sheet import STORED_LOOK, Arc, TextLook
from studio.widgets.text.surprises import SURPRISE_TERM, TextSurprises
from studio.widgets.theme import hue_of, set_hue, theme, theme_source
from studio.widgets.throttle import Throttle
from studio.widgets.timeline.keyframe_line import EASING_TEXTS
from studio.widgets.timeline.playback import Playback
from studio.widgets.views.canvas import ARROWS, ENTER, WHEEL_STEP, BrushCanvas, InteractiveCanvas, steps_along
from studio.widgets.views.field import FieldView
from studio.widgets.views.history_strip import HistoryStrip, Place
from studio.widgets.views.image import ImageView
from studio.widgets.views.mask_painter import MaskPainter, PictureOverlay
from studio.widgets.views.near_row import NearRow
from studio.widgets.views.picture import array_from_image, frame_thumbnail, image_from_array, image_from_coverage
from studio.widgets.views.picture_intake import PictureIntake
from studio.widgets.views.rounded import clipped, rounded
from studio.widgets.views.scene import Overlay, SceneView
from studio.widgets.views.sized import Sized
from studio.widgets.when_seen import WhenSeen

TIMELINE_KEY = "timeline"
"""Where the state of the timeline stands in a panel's memory."""

PICTURE_KEY = "picture"
"""The key of the work that makes what the canvas shows; its compute time stands in the status bar."""


class Host(Protocol):
    """The small part of the program that a panel may use; one object per tab.

    Attributes:
        undo: this tab's undo stack; every change that a person makes is a step on it.
        hue: token of the family’s colour in the theme.
        family: what the tab's family says of itself.
    """

    worker: WorkerLike
    dispatcher: Dispatcher
    undo: UndoStack
    hue: str
    family: Family

    def remember(self, key: str, value: Any) -> None:
        """Keep a plain JSON value for this family until the next start."""

    def recall(self, key: str, default: Any) -> Any:
        """Return what was kept under `key`."""

    def cards(self) -> Sequence[Card]:
        """The cards of all models of this family."""

    def open_model(self, model_id: str) -> None:
        """Open a model in this tab instead of the present one."""

    def handle_of(self, model_id: str) -> EngineHandle:
        """Another model of this family, to work with beside the present one; freed with this tab's."""

    def show_guide(self) -> None:
        """Open the family's guide in the side pane."""

    def run_command(self, command_id: str) -> None:
        """Do what a key or a menu of the window does, such as "studio.export"."""

    def report(self, error: BaseException) -> None:
        """Show an unexpected failure, with details to copy."""


@dataclass(frozen=True)
class Timing:
    """How long the last picture took to compute, and how long after the person's move it was on the screen.

    `text` says so in the status bar, with `ms` for the first of them.
    """

    picture_ms: float
    screen_ms: float | None = None
    text: str = N_("Picture {ms:,.1f} ms")


@dataclass(frozen=True)
class Snapshot:
    """What is on screen, ready to be exported: the frame and what makes it again.

    `state` is the panel's state where the person moved away from what seed and parameters give; empty otherwise.
    """

    frame: Frame
    model_id: str
    seed: int
    params: Mapping[str, Any]
    state: Mapping[str, Any] = field(default_factory=dict)


class Panel(QWidget):
    """The base of every family's panel. It stands within 100 ms; the model opens on the Worker meanwhile.

    Signals: params_changed(); unseen() where nobody looks any more; timed(Timing) after each picture that was computed
    under PICTURE_KEY, and again once it has been painted; training_requested(recipe_id, title, settings) to start a
    training: what its model shall be called, and settings as text by name.

    Attributes:
        frame: lays it out; every panel makes its own, with the timeline under it.
        follows_controls: whether a branch on the timeline is made anew as settings change; a panel that makes its
            runs anew by itself, or whose branches stay as they are, says no.
        works_unopened: whether a hand can work on the canvas before the model is open, as one draws on paper; the first
            press takes the preview away then.
    """

    frame: PanelFrame
    follows_controls: ClassVar[bool] = True
    works_unopened: ClassVar[bool] = False
    params_changed = Signal()
    timed = Signal(object)
    training_requested = Signal(str, str, object)
    unseen = Signal()

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__()
        self.handle = handle
        self.host = host
        self._picture_ms = 0.0
        self.messages = MessageBar(self)
        self.tasks = EngineTasks(self, host.worker, host.dispatcher, handle)
        self.tasks.failed.connect(self._on_work_failed)
        self.tasks.begun.connect(partial(self.messages.dismiss, "error"))  # what went wrong before is over
        self.tasks.timed.connect(self._on_timed)
        self.timeline = TimelineController(
            self, self, handle, host.undo, self.tasks, self.rules(), self.kind.first_number
        )
        if self.follows_controls:
            self.params_changed.connect(self.timeline.on_panel_changed)

    @cached_property
    def preview(self) -> Preview:
        """The recording that came with the model, over the canvas until there is something else to see."""
        return Preview(self.frame, self.handle.source.path, lambda: self.has_snapshot, self.works_unopened)

    def rules(self) -> Mapping[str, Rule]:
        """How this panel's places are interpolated; none where models of its kind have no places."""
        return self.kind.positions

    @property
    def kind(self) -> Kind:
        """What its family tells of models like this."""
        return self.host.family.kind_of(self.handle.source.card)

    def params(self) -> Any:
        """Return the present parameters, a frozen dataclass of the model's kind."""
        raise NotImplementedError

    def set_params(self, params: Any) -> None:
        """Show and apply `params`, without an undo step."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """Return positions and view settings as plain JSON values."""
        raise NotImplementedError

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; unknown or wrong entries raise UserError and change nothing."""
        raise NotImplementedError

    def show_frame(self, frame: Frame) -> None:
        """Draw a recorded frame, and let the controls stand where it was made; no undo step, nothing computed."""
        raise NotImplementedError

    def position(self) -> Position:
        """The present place, by the names of the family's rules; empty where the family has none."""
        return {}

    def go_to(self, position: Position) -> None:
        """Move to a place and draw it, without an undo step."""
        raise NotImplementedError

    def memory(self) -> dict[str, Any]:
        """The state with the path and the playhead, as plain JSON values."""
        return {**self.state(), TIMELINE_KEY: timeline_state(self.timeline)}

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Return to what `memory` gave; wrong entries raise UserError."""
        state = dict(memory)
        timeline = state.pop(TIMELINE_KEY, None)
        if state:
            self.set_state(state)
        if timeline is not None:
            set_timeline_state(self.timeline, timeline)

    def clip(self) -> Clip | None:
        """All frames on the timeline, to be exported; None where nothing can be played."""
        return timeline_clip(self.timeline, self.memory())

    def around(self) -> Clip | None:
        """The pictures around the present one in rows (`Clip.columns`), for a page where one drags through them."""
        return None

    def commands(self) -> tuple[Command, ...]:
        """What else than the timeline's commands holds while this tab is in front."""
        return ()

    def all_commands(self) -> tuple[Command, ...]:
        """The panel's own commands and those of its timeline, or of the preview in the timeline's place."""
        return (*self.commands(), *timeline_commands(self.timeline, self._played))

    def _played(self) -> Playback:
        return self.preview.playback if self.preview.is_shown else self.timeline.playback

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing plays unseen."""
        super().hideEvent(event)
        self.unseen.emit()
        self.timeline.pause()
        self.tasks.attention.is_seen = False

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks at what it computes."""
        super().showEvent(event)
        self.tasks.attention.is_seen = True

    @property
    def is_settled(self) -> bool:
        """Whether what is on screen will not change by itself any more, once the Worker has nothing to do."""
        return True

    def snapshot(self) -> Snapshot | None:
        """What is on screen now, or None before the first picture."""
        return None

    @property
    def has_snapshot(self) -> bool:
        """Whether there is something on screen; a panel whose snapshot takes long says so without making it."""
        return self.snapshot() is not None

    def open_path(self, path: Path) -> bool:
        """Take a dropped file that is meant for the open model (a picture); returns whether it was taken."""
        return False

    def open_pictures(self, paths: Sequence[Path]) -> bool:
        """Take several pictures that were dropped at once, to melt them into each other; returns whether it does."""
        return False

    def note_training(self, training_id: str, is_learning: bool, doing: str) -> None:
        """A training of the family goes on, makes steps or not, and does what a sentence says; most need not know."""

    def _on_timed(self, key: str, ms: float) -> None:
        if key == PICTURE_KEY:
            self._picture_ms = ms
            self.timed.emit(Timing(ms))

    def say_painted(self, moved_at_s: float) -> None:
        """Tell that the answer to a move made at `moved_at_s` (perf_counter) has just been painted."""
        self.timed.emit(Timing(self._picture_ms, (time.perf_counter() - moved_at_s) * 1000))

    def _on_work_failed(self, error: BaseException) -> None:
        self.preview.end()
        if isinstance(error, UserError):
            self.messages.show_error(error)
        else:
            self.host.report(error)
