"""The panel of the styles: an emoji or an own picture, redrawn in another art style, and what a person changes."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any, Final

from PySide6.QtCore import QObject

from studio.api.engine import EngineHandle
from studio.api.gesture import GestureEditor
from studio.api.own_picture import OwnPicture
from studio.api.panel import Command, Host, PictureIntake, UndoStack
from studio.api.picture_panel import PicturePanel
from studio.core.frame import Frame
from studio.core.param import saved_params
from studio.core.picture import is_picture
from studio.core.translation import N_
from studio.core.view import ByteArray

from ..scene import CODEC, PICTURE_STATE, TURN, StylesExamples, StylesParams, StylesScene, no_turns
from .sections import StylesControls
from .stage import StylesPresenter, StylesStage

HINT: Final = N_("Click an example, or drop a picture of your own here")


class StylesEditor(GestureEditor[StylesScene]):
    """Holds the scene and the undo steps that lead to it."""

    def __init__(self, scene: StylesScene, undo: UndoStack, parent: QObject) -> None:
        super().__init__(scene, undo, parent)
        self._n_examples = 0

    def opened(self, examples: StylesExamples) -> None:
        """The model is open: now it is known how many examples there are."""
        self._n_examples = len(examples.names)

    def set_seed(self, seed: int, title: str = N_("Example")) -> None:
        """Go to an example."""
        self.apply(title, replace(self.scene, seed=seed, own=None))

    def surprise(self) -> None:
        """Go to another example, by chance."""
        n = self._n_examples
        if n > 1:
            present = (self.scene.seed - 1) % n
            self.set_seed(1 + (present + random.randrange(1, n)) % n, N_("Surprise"))

    def set_way(self, is_back: bool) -> None:
        """Translate the other way."""
        if is_back != self.scene.is_back:
            self.apply(N_("Direction"), replace(self.scene, is_back=is_back))

    def set_own(self, picture: ByteArray) -> None:
        """Translate an own picture (64, 64, 3)."""
        self.apply(N_("My picture"), replace(self.scene, own=picture))

    def set_shown(self, shown: str) -> None:
        """Look at it another way."""
        if shown != self.scene.shown:
            self.apply(N_("View"), replace(self.scene, shown=shown))


class StylesPanel(PicturePanel[StylesScene, StylesEditor]):
    """One CycleGAN: choose a picture and a direction; the cycle, a wipe or the changes are on the canvas."""

    codec, hint, ask = CODEC, HINT, attrgetter("examples")
    own_part = "own"

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        stage = StylesStage()
        first = saved_params(StylesParams, handle.source.card.get("defaults", {}))
        super().__init__(handle, host, partial(StylesEditor, StylesScene(first.seed, first.is_back)), stage)
        self.stage, self.controls = stage, StylesControls()
        self.picker.hide()  # the tabs lead to the only model of this kind
        self.show_sections(*self.controls.sections())
        presenter = StylesPresenter(stage, self.frame.caption, self.controls.verdict, self.timeline)
        intake = PictureIntake(self, self)
        self.own = OwnPicture(self.tasks, intake, lambda engine, source: engine.own_picture(source))
        self.hand_over(self.editor, self.controls, presenter)
        self.accept(is_picture, self.own.open)
        self.take_own(self.own, self.editor.set_own)
        self.own_commands = (
            Command("gan.surprise", N_("Surprise me"), self.editor.surprise, ("R",), "GAN"),
            Command("gan.paste", N_("Translate the picture on the clipboard"), self.own.paste, ("Ctrl+V",), "GAN"),
            Command("gan.back_and_forth", N_("Translate back and forth"), self.go_back_and_forth, (), "GAN"),
        )
        self._connect()
        self.open()

    def _connect(self) -> None:
        controls, editor, own = self.controls, self.editor, self.own
        controls.way.value_chosen.connect(lambda value: editor.set_way(value == "back"))
        controls.shown.value_chosen.connect(editor.set_shown)
        controls.gallery.picked.connect(lambda index: editor.set_seed(index + 1))
        controls.seed.value_typed.connect(lambda value: editor.set_seed(int(value)))
        controls.surprise.clicked.connect(editor.surprise)
        controls.open.clicked.connect(own.choose)
        controls.paste.clicked.connect(own.paste)
        controls.turns.clicked.connect(self.go_back_and_forth)
        editor.steered.connect(self.timeline.pause_run)
        self.stage.cycle.painted.connect(self.on_painted)

    def draws(self, scene: StylesScene) -> Callable[[Any], Any]:
        """Translate its picture, there and back."""
        return lambda engine: engine.generate(scene.params, scene.start() or None)

    def go_back_and_forth(self) -> None:
        """Record twelve translations in a row, every second one back."""
        scene = self.editor.scene
        self.timeline.record_run(scene.params, {TURN: no_turns(), **scene.start()})

    def draw_frame(self, frame: Frame) -> None:
        """Show a frame of a run, with the picture that it began with."""
        scene, state = self.editor.scene, frame.state or {}
        if PICTURE_STATE in state and self._is_no_example(state[PICTURE_STATE]):
            scene = replace(scene, own=state[PICTURE_STATE])
        self.stand_at(scene)
        super().draw_frame(frame)

    def _is_no_example(self, picture: ByteArray) -> bool:
        scene, examples = self.editor.scene, self.controls.examples
        if examples is None or scene.own is not None:
            return False
        return bool((examples.of_way(scene.is_back)[examples.index(scene.seed)] != picture).any())
