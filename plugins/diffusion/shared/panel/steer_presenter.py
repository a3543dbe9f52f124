"""Keeps the sliders between two texts in step with the scene, and makes steps of undo of what a hand does there."""

from typing import Final

from PySide6.QtCore import QObject

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, SteerSliders
from studio.core.error import UserError
from studio.core.text.steer_slider import SteerSlider, checked_pair, sliders_of, step_of, with_slider, with_strength
from studio.core.translation import N_, translate

from ..scene import DiffusionScene
from ..steer_pairs import START
from .editor import DiffusionEditor

HINT: Final = N_("Compares what the network is told of both texts (activation addition)")
INVITATION: Final = N_("Name two opposites. A slider then pushes the picture from one to the other.")


class SteerPresenter(QObject):
    """Sliders are lines of a parameter, so runs, workspaces and recordings keep them."""

    def __init__(self, section: SteerSliders, editor: DiffusionEditor, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._section, self._editor, self._tasks = section, editor, tasks
        section.said.setText(translate(INVITATION))
        section.pair_given.connect(self._make)
        section.moved.connect(self._move)
        section.cleared.connect(lambda: self._set(""))
        section.edit_started.connect(editor.begin_gesture)
        section.edit_finished.connect(editor.end_gesture)

    def show_scene(self, scene: DiffusionScene) -> None:
        """Show the scene's sliders; emits nothing. What is no list of them is said where it is run."""
        try:
            self._section.show_sliders(sliders_of(scene.params.steer))
        except UserError:
            self._section.show_sliders(())

    def _make(self, toward: str, away: str) -> None:
        try:
            pair = checked_pair(toward, away)
            made = with_slider(self._editor.scene.params.steer, SteerSlider(START, *pair))
        except UserError as error:
            self._section.said.setText(str(error))
            return
        self._tasks.ask(
            "steer direction",
            lambda engine: engine.check_direction(*pair),
            Policy.RESTART,
            done=lambda _: self._made(made),
            failed=self._on_failed,
        )

    def _made(self, text: str) -> None:
        self._section.said.setText(translate(INVITATION))
        self._set(text)

    def _on_failed(self, error: BaseException) -> None:
        self._tasks.say(error, lambda refusal: self._section.said.setText(str(refusal)))

    def _move(self, number: int, strength: float) -> None:
        self._set(with_strength(self._editor.scene.params.steer, number, strength))

    def _set(self, text: str) -> None:
        self._editor.apply(N_("Steer"), self._editor.scene.with_params(steer=text), step_of(text))
