"""The panel that most kinds of models have: a scene that a person edits, and what the model makes of it."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final, Generic, TypeVar, cast

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from studio.api.engine import CompileProgress, EngineHandle
from studio.api.gesture import GestureEditor
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Command, Host, KernelCompiler, ModelPicker, Panel, PanelFrame, Snapshot, Timing, UndoStack
from studio.api.scene_part import BringsOwn, Runs, SceneParts
from studio.core.frame import Frame
from studio.core.param import param_specs, params_to_json
from studio.core.scene_codec import SceneCodec, Stored
from studio.core.translation import N_, translate
from studio.widgets.controls.section import Section
from studio.widgets.controls.section_parts import put_in_a_column

log = logging.getLogger(__name__)

OPEN_KEY: Final = "open"
"""The key of the work that opens the model."""
OPENING: Final = N_("The model is opening.")
PREPARING: Final = N_(
    "The first time, the program prepares itself for this computer ({n} of {all} done). After that, it starts at once."
)
NOTHING_TO_SEE: Final = N_("The model could not be opened, so there is nothing to see.")
NOTHING_TO_HEAR: Final = N_("The model could not be opened, so there is nothing to hear.")
SceneT = TypeVar("SceneT")
EditorT = TypeVar("EditorT", bound=GestureEditor[Any])


def model_info(engine: Any) -> Any:
    """What an engine says of the model that it has open."""
    return engine.about()


def awaited_title(card: Mapping[str, Any]) -> str:
    """What a training will make is called; empty for a model, which has its own card or file."""
    return str(card["title"]) if card.get("training") else ""


class TimedPanel(Panel):
    """A panel that says in the status bar how long a hand waits for an answer, or how long a step of a run takes.

    Attributes:
        step_text: what `say_step` says of a step, with `ms`.
        shown: the frame on screen, None before the first one.
    """

    step_text: ClassVar[str] = ""

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self.shown: Frame | None = None
        self._moved_at_s: float | None = None

    @property
    def has_snapshot(self) -> bool:
        """Whether there is something on screen."""
        return self.shown is not None

    @property
    def is_answer_due(self) -> bool:
        """Whether what is painted now answers the move of a hand."""
        return True

    def note_move(self) -> None:
        """A hand has moved; the next picture that answers it is timed."""
        self._moved_at_s = time.perf_counter()

    def on_painted(self) -> None:
        """Called by a canvas that has painted: how long a hand waited is said."""
        if self._moved_at_s is not None and self.is_answer_due:
            self.say_painted(self._moved_at_s)
            self._moved_at_s = None  # what plays from now on answers no hand

    def say_step(self, ms: float) -> None:
        """Say how long a step of a run has taken."""
        self.timed.emit(Timing(ms, text=self.step_text))

    def say_run(self, key: str, ms: float) -> None:
        """Say how long a step has taken, where work with this key has made the run on the timeline."""
        track = self.timeline.track
        if track is not None and key.endswith(track.id) and len(track.recording):
            self.say_step(ms / len(track.recording))


class SavedPanel(TimedPanel, Generic[SceneT, EditorT]):
    """What its scene is saved as, and returns to.

    What it says by class attributes:
        codec: how its scene is saved. extras: what else its state holds, by key.
    """

    codec: ClassVar[SceneCodec[Any]]
    extras: ClassVar[Mapping[str, Stored]] = {}
    editor: EditorT
    runs: Runs | None = None

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        super().__init__(handle, host)
        self._kept: dict[str, tuple[Callable[[], Any], Callable[[Any], object] | None]] = {}

    def adopt(self, scene: SceneT) -> None:
        """Take over the scene of what is on screen, or is about to be: no step of undo, no run."""
        raise NotImplementedError

    def begin(self, scene: SceneT) -> None:
        """Take over a scene, and show at once what it asks for."""
        raise NotImplementedError

    def keep(self, key: str, read: Callable[[], Any], show: Callable[[Any], object] | None = None) -> None:
        """Let the state hold what `read` returns, by a key of `extras`.

        `show` takes it back before the saved scene begins; without it, it is what the run of the scene goes on from.
        """
        self._kept[key] = read, show

    def extra_state(self) -> Mapping[str, Any]:
        """The present values of `extras`."""
        return {key: read() for key, (read, _show) in self._kept.items()}

    def restore(self, scene: SceneT, **extras: Any) -> None:
        """Return to a saved scene that fits the model, with the saved values of `extras`."""
        starts = []
        for key, (_read, show) in self._kept.items():
            if show is None:
                starts.append(extras[key])
            else:
                show(extras[key])
        if starts:
            self.resume(scene, *starts)
        else:
            self.begin(scene)

    def resume(self, scene: SceneT, start: Any) -> None:
        """Take over a saved scene, and go on from what its run had come to; None where the scene alone says it."""
        self.adopt(scene)
        cast(Any, self.runs).renew(scene, True, start)

    def check_scene(self, scene: SceneT) -> None:
        """Raise UserError where a saved scene does not fit the model."""

    def state(self) -> dict[str, Any]:
        """Return the scene with what belongs to it, and whether the caption is hidden."""
        return self.state_of(self.editor.scene)

    def state_of(self, scene: SceneT) -> dict[str, Any]:
        """The state with another scene."""
        extras = self.extra_state()
        kept = {key: how.write(extras[key]) for key, how in self.extras.items()}
        return {"scene": self.codec.write(scene), **kept, "is_caption_hidden": self.frame.caption.is_hidden}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it does not fit the model, and changes nothing then."""
        if set(state) != {"scene", "is_caption_hidden", *self.extras} or type(state["is_caption_hidden"]) is not bool:
            raise self.codec.unfit()
        scene = self.codec.read(state["scene"])
        self.check_scene(scene)
        extras = {key: self.codec.read_part(how, state[key]) for key, how in self.extras.items()}
        self.frame.caption.set_hidden(state["is_caption_hidden"])
        self.restore(scene, **extras)


class ScenePanel(SavedPanel[SceneT, EditorT]):
    """A panel around one scene, a frozen dataclass; everything that all such panels do stands here.

    A kind of model makes its own in three steps, all in `__init__`:

    1. `super().__init__(handle, host, editor, canvas)`: now `editor`, `frame`, `picker`, `tasks`, `timeline` are there.
    2. Its sections, presenters, gestures and runs, each handed what it works on and never the panel. `show_sections`
       fills the inspector; `bind` lets settings edit the scene; `hand_over` names the parts that hear of scenes, frames
       and the model (see `scene_part`); `accept` says which dropped files are for it, `take_own` what becomes of what a
       person brings, `keep` what else the state holds; `own_commands` is set.
    3. `open()`.

    What it says by class attributes:
        codec, extras: see SavedPanel.
        terms: two sentences about a term of the field, by the id of the section in which it stands.
        hint: the line under the canvas. opening_text, preparing_text, failed_text: the caption while the model is
            opened, while its kernels are compiled, and where it cannot be opened.
        frame_type: lays it out. ask: opens the model and returns what is to be known of it, as `model_info` does; None
            where nothing is.
        kernels: the full name of the module that compiles what the model needs, "" for none.
        own_part: the field of its scene that settings alone do not bring back, "" where that is never the case.
        step_text, follows_controls: see TimedPanel and Panel.

    What it answers itself is `follow(before)`: the scene is another one now, undone changes too, so begin another run
    or show it otherwise. All else has an answer here that fits most.

    Its scene has `params`, `with_params(name=value)`, and `anew(params)`, what settings alone ask for; a panel whose
    scene is made otherwise overrides `params_of`, `scene_of` and `begin`.

    Attributes:
        editor: holds the scene, with undo.
        runs: where frames come from runs. tabs: where the family has kinds to choose from. picker: of its models.
        own_commands: what keys and the palette can do here.
        is_preparing: whether kernels are still being compiled, so that no run can begin.
    """

    terms: ClassVar[Mapping[str, str]] = {}
    hint: ClassVar[str] = ""
    frame_type: ClassVar[type[PanelFrame]] = PanelFrame
    opening_text: ClassVar[str] = OPENING
    preparing_text: ClassVar[str] = PREPARING
    failed_text: ClassVar[str] = NOTHING_TO_SEE
    ask: ClassVar[Callable[..., Any] | None] = model_info
    kernels: ClassVar[str] = ""
    own_part: ClassVar[str] = ""
    tabs: KindTabs | None = None
    own_commands: tuple[Command, ...] = ()

    def __init__(
        self,
        handle: EngineHandle,
        host: Host,
        editor: Callable[[UndoStack, QObject], EditorT],
        canvas: QWidget,
    ) -> None:
        """`editor` makes the one that holds the first scene, with the tab's undo and the panel as its parent."""
        super().__init__(handle, host)
        self.is_preparing = False
        self._parts = SceneParts()
        self._accepts: tuple[Callable[[Path], bool], Callable[[Path], object]] | None = None
        self.editor = editor(host.undo, self)
        self.frame = self.frame_type(canvas, self.messages, self.hint, timeline=self.timeline.bar)
        self.picker = ModelPicker(host.cards(), handle.source.id, awaited_title(handle.source.card))
        self.picker.chosen.connect(host.open_model)
        self.editor.changed.connect(self._on_scene_changed)
        put_in_a_column(self, (self.frame,))

    def show_sections(self, *parts: QWidget | Sequence[Any]) -> dict[str, Section]:
        """Fill the inspector below tabs and picker with widgets, or sections of (id, title, widget, …); those by id."""
        inspector, sections = self.frame.inspector, dict[str, Section]()
        if any(kind.tabs for kind in self.host.family.kinds.values()):
            self.tabs = KindTabs(self.host, self.handle.source)
            inspector.add(self.tabs)
        inspector.add(self.picker)
        for part in parts:
            if isinstance(part, QWidget):
                inspector.add(part)
                continue
            name, title, *widgets = part
            sections[name] = section = inspector.add_section(name, title, self.terms.get(name, ""))
            for widget in widgets:
                section.add(widget)
        return sections

    def bind(self, *sections: Any, title: str = "") -> None:
        """Let the settings in sections edit the scene: signals changed(name, value), edit_started and edit_finished.

        Each drag is one step of undo; it is called `title`, or as the setting is.
        """
        for section in sections:
            section.changed.connect(partial(self._on_setting_changed, title))
            section.edit_started.connect(lambda *_: self.editor.begin_gesture())
            section.edit_finished.connect(lambda *_: self.editor.end_gesture())

    def _on_setting_changed(self, title: str, name: str, value: object) -> None:
        params = self.params()
        if getattr(params, name) != value:
            title = title or param_specs(type(params))[name].label
            self.editor.apply(title, self.editor.scene.with_params(**{name: value}), name)

    def hand_over(self, *parts: object) -> None:
        """Let these parts hear of scenes, frames and the model, in this order."""
        self._parts.add(*parts)

    def accept(self, is_taken: Callable[[Path], bool], take: Callable[[Path], object]) -> None:
        """Let dropped files that are taken be handed to `take`."""
        self._accepts = is_taken, take

    def take_own(self, own: BringsOwn, take: Callable[..., object]) -> None:
        """Hand what a person brings to `take`, and say what went wrong with it."""
        own.read.connect(lambda *_: self.messages.dismiss("error"))
        own.read.connect(take)
        own.failed.connect(self._on_work_failed)

    def open(self) -> None:
        """Make the kernels ready, once for a machine and in processes of their own, and open the model."""
        self.frame.caption.set_text(translate(self.opening_text))
        self.show_scene()
        compiler = KernelCompiler(self.kernels, self)
        if not self.kernels or compiler.are_ready():
            self.begin_opening()
            return
        self.is_preparing = True
        compiler.progressed.connect(self.show_preparing)
        compiler.finished.connect(self._on_kernels_ready)
        compiler.failed.connect(self._on_kernels_ready)
        compiler.begin()

    def show_preparing(self, progress: CompileProgress) -> None:
        """Say how far the kernels are."""
        self.frame.caption.set_text(translate(self.preparing_text).format(n=progress.n_done, all=progress.n_steps))

    def _on_kernels_ready(self, failure: str = "") -> None:
        if failure:  # each is compiled when it is first called, and the run waits for it
            log.warning("the kernels could not be compiled apart: %s", failure)
        self.is_preparing = False
        if self.shown is None:
            self.frame.caption.set_text(translate(self.opening_text))
        self.begin_opening()

    def ask_model(self, call: Callable[..., Any] | None = None) -> None:
        """Open the model, and hand what `ask`, or another `call(engine)`, returns to `opened`."""
        if (asked := call or type(self).ask) is not None:
            self.tasks.ask(OPEN_KEY, asked, done=self.opened, failed=self._on_open_failed)

    def _on_open_failed(self, error: BaseException) -> None:
        if self.shown is None:
            self.frame.caption.set_text(translate(self.failed_text))
        self._on_work_failed(error)

    def begin_opening(self) -> None:
        """Ask for the model, and for the first run."""
        self.ask_model()
        self.renew()

    def opened(self, found: Any) -> None:
        """The model is open; the controls may offer more now."""
        self._parts.opened(found)
        self.show_scene()

    def show_scene(self) -> None:
        """Let the controls stand where the scene is."""
        self._parts.show_scene(self.editor.scene)

    def follow(self, before: SceneT) -> None:
        """The scene was another one before: begin another run, or show it otherwise."""
        raise NotImplementedError

    def renew(self, is_instant: bool = False) -> None:
        """Begin the run that the scene asks for, if that can be; shown as soon as it is whole where `is_instant`."""
        if self.runs is not None and not self.is_preparing:
            self.runs.renew(self.editor.scene, is_instant)

    def _on_scene_changed(self, before: SceneT) -> None:
        self.follow(before)
        self.show_scene()
        if self.timeline.has_positions or self.params_of(before) != self.params():
            self.params_changed.emit()

    def let_go(self) -> None:
        """Give up what hangs on the present scene: another one takes its place."""
        self._parts.let_go()

    def adopt(self, scene: SceneT) -> None:
        """Take over the scene of what is on screen, or is about to be: no step of undo, no run."""
        self.let_go()
        self.editor.adopt(scene)
        self.show_scene()
        self.params_changed.emit()

    def begin(self, scene: SceneT) -> None:
        """Take over a scene, and show at once what it asks for."""
        self.adopt(scene)
        self.renew(is_instant=True)

    # What is on screen

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run."""
        self.shown = frame
        self.draw_frame(frame)

    def draw_frame(self, frame: Frame) -> None:
        """Draw a frame of a run, or what another model made."""
        self._parts.show_frame(frame, self.editor.scene)

    @property
    def is_busy(self) -> bool:
        """Whether something still grows, is read or looked for."""
        return self._parts.are_busy

    @property
    def is_settled(self) -> bool:
        """Whether nothing is prepared, opened, played or busy."""
        is_opening = self.is_preparing or self.tasks.is_running(OPEN_KEY)
        return not (is_opening or self.timeline.playback.is_playing or self.is_busy)

    @property
    def shown_scene(self) -> SceneT:
        """The scene of what is on screen."""
        return cast(SceneT, self.editor.scene)

    def shown_params(self) -> Any:
        """The settings of what is on screen."""
        return self.params_of(self.shown_scene)

    @property
    def needs_state(self) -> bool:
        """Whether its settings alone would not bring back what is on screen."""
        own = getattr(self.shown_scene, self.own_part) if self.own_part else True
        return own is not None and own is not False

    def snapshot(self) -> Snapshot | None:
        """Return what is on screen and what made it, or None before the first frame."""
        if self.shown is None:
            return None
        params, state = self.shown_params(), self.state_of(self.shown_scene) if self.needs_state else {}
        frame = self.exported(self.shown)
        return Snapshot(frame, self.handle.source.id, params.seed, params_to_json(params), state)

    def exported(self, frame: Frame) -> Frame:
        """What is on screen, as a file shows it."""
        return frame

    # Parameters and state

    def params_of(self, scene: SceneT) -> Any:
        """The settings in a scene."""
        return cast(Any, scene).params

    def scene_of(self, params: Any) -> SceneT:
        """The scene that settings alone ask for; raises UserError where the model cannot do that."""
        return cast(SceneT, self.editor.scene.anew(params))

    def scene_of_run(self, params: Any) -> SceneT:
        """The scene with the settings of a run that is on the timeline already."""
        return cast(SceneT, replace(self.editor.scene, params=params))

    def params(self) -> Any:
        """Return the settings of the run."""
        return self.params_of(self.editor.scene)

    def set_params(self, params: Any) -> None:
        """Show what these settings ask for, without an undo step; a run that has them stays as it is."""
        if self.runs is not None and self.runs.shows(params):
            if params != self.params():
                self.adopt(self.scene_of_run(params))
        else:
            self.begin(self.scene_of(params))

    def commands(self) -> tuple[Command, ...]:
        """What keys and the palette can do here."""
        return self.own_commands

    def open_path(self, path: Path) -> bool:
        """Take a dropped file that is meant for the model."""
        if self._accepts is None or not self._accepts[0](path):
            return False
        self._accepts[1](path)
        return True


class SettlingPanel(ScenePanel[SceneT, EditorT]):
    """A panel whose runs begin once the hand rests: `follow` starts `settle`, and its end begins the run.

    Any other scene begins a run; a panel whose scene says more than what is made overrides `follow`.

    What it says by class attributes:
        settle_ms: how long a hand has to rest.
    """

    settle_ms: ClassVar[int]

    def __init__(
        self, handle: EngineHandle, host: Host, editor: Callable[[UndoStack, QObject], EditorT], canvas: QWidget
    ) -> None:
        super().__init__(handle, host, editor, canvas)
        self.settle = QTimer(self, singleShot=True, interval=self.settle_ms)
        self.settle.timeout.connect(self.renew)

    def follow(self, before: SceneT) -> None:
        """Begin another run once the hand rests."""
        if self.editor.scene != before:
            self.timeline.pause()
            self.let_go()
            self.settle.start()

    def renew(self, is_instant: bool = False) -> None:
        """Begin the run that the scene asks for."""
        self.settle.stop()
        super().renew(is_instant)

    def let_go(self) -> None:
        """Nothing that was changed is waited for any more."""
        super().let_go()
        self.settle.stop()

    @property
    def is_busy(self) -> bool:
        """Whether something grows, is read or looked for, or is about to begin."""
        return super().is_busy or self.settle.isActive()
