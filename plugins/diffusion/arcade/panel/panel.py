"""The panel of a dreamt game: play with the arrow keys, scrub back, press something else."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, Final

from studio.api.engine import EngineHandle
from studio.api.panel import Command, Host
from studio.api.scene_panel import ScenePanel
from studio.core.param import saved_params
from studio.core.scene_codec import optional
from studio.core.translation import N_

from ..params import ArcadeParams
from ..scene import CODEC, ArcadeScene
from ..state import STORED_MOMENT, is_moment
from .canvas import ArcadeCanvas
from .editor import ArcadeEditor
from .presenter import ArcadePresenter
from .run import TICK_MS, ArcadeRuns
from .sections import ArcadePlaySection, ArcadeRunSection

STEP_TEXT: Final = N_("{ms:,.1f} ms per picture")
HINT: Final = N_("Arrow keys or mouse play · Space pauses · go back and press a key to branch")


class ArcadePanel(ScenePanel[ArcadeScene, ArcadeEditor]):
    """A world that is made picture by picture, as one plays."""

    codec, hint, step_text, follows_controls = CODEC, HINT, STEP_TEXT, False
    extras: ClassVar = {"moment": optional(STORED_MOMENT)}
    runs: ArcadeRuns

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        canvas = ArcadeCanvas()
        scene = ArcadeScene(saved_params(ArcadeParams, handle.source.card.get("defaults", {})))
        super().__init__(handle, host, partial(ArcadeEditor, scene), canvas)
        self.canvas, self.play, self.begin_with = canvas, ArcadePlaySection(), ArcadeRunSection(scene.params)
        self.show_sections(
            ("section_arcade_play", N_("Play"), self.play),
            ("section_arcade_run", N_("Run"), self.begin_with),
        )
        self.timeline.playback.set_fps(1000 / TICK_MS)
        self.runs = ArcadeRuns(self.timeline, self.tasks, self)
        self.presenter = ArcadePresenter(canvas, self.frame.caption, self.runs)
        self.hand_over(self.play, self.begin_with, self.presenter, self.runs)
        self.own_commands = (
            Command("diffusion.arcade_new", N_("New game"), self.editor.surprise, ("R",), N_("Diffusion")),
        )
        self._connect()
        self.open()

    def _connect(self) -> None:
        runs, editor = self.runs, self.editor
        self.bind(self.begin_with)
        for source in (self.canvas, self.play):
            source.held.connect(runs.hold)
        self.canvas.aimed.connect(runs.aim)
        self.canvas.stroke_begun.connect(self.timeline.pause)
        self.canvas.stroked.connect(runs.paint)
        self.play.tool_chosen.connect(self._take_tool)
        self.canvas.painted.connect(self.on_painted)
        self.play.true_chosen.connect(editor.show_true)
        self.begin_with.anew.clicked.connect(editor.surprise)
        self.begin_with.player.value_chosen.connect(editor.set_player)
        self.begin_with.seed.value_typed.connect(lambda value: editor.set_seed(int(value)))
        runs.failed.connect(self._on_open_failed)
        runs.timed.connect(self.say_step)
        runs.changed.connect(self._say_again)

    def _take_tool(self, name: str) -> None:
        game = self.runs.game
        self.canvas.take_brush(None if game is None else game.brushes.get(name))

    def _say_again(self) -> None:
        """Playing has begun or stopped: what is said of the picture changes."""
        self.presenter.show_scene(self.editor.scene)

    def follow(self, before: ArcadeScene) -> None:
        """Dream otherwise from the next picture on, or begin another run."""
        now = self.editor.scene
        is_same_run = replace(now.params, steps=before.params.steps) == before.params
        if now.params == before.params:
            return
        if is_same_run and self.runs.is_at_head:
            self.runs.adopt(now)
            return
        self.timeline.pause()
        self.renew()

    # State

    def extra_state(self) -> Mapping[str, Any]:
        """The picture on screen with those before it, where a person has played."""
        state = None if self.shown is None or not self.runs.is_played else self.shown.state
        return {"moment": state if is_moment(state) else None}

    def restore(self, scene: ArcadeScene, **extras: Any) -> None:
        """Return to a saved game, at rest."""
        self.adopt(scene)
        self.runs.renew(scene, True, extras["moment"])
