"""The people's panel: a carpet of faces under the hand, directions, mixes, and a discriminator who looks on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.api.engine import EngineHandle
from studio.api.melting import Melting
from studio.api.own_picture import OwnPicture
from studio.api.panel import PICTURE_KEY, Command, Host, PictureIntake
from studio.api.picture_panel import PicturePanel, PlaceHistory
from studio.core.frame import Frame
from studio.core.param import saved_params
from studio.core.path.position import Position
from studio.core.picture import is_picture
from studio.core.translation import N_, translate

from ..caption import SCORE_TERM, describe_people, latent_plane_hint
from ..model.watermark import WATERMARK
from ..params import PeopleParams
from ..scene import CODEC, PeopleScene, is_same_scene
from ..state import PeopleFacts, is_of_faces
from .canvas import PeopleStage
from .editor import PeopleEditor
from .score import ScoreCardPresenter, awaits_score
from .sections import PeopleControls
from .seed_grid import SeedGridPresenter

DRAFT_FROM_PX: Final = 256
N_AROUND: Final = 13  # pictures in a row of the carpet that is taken home
FOREIGN_FRAME: Final = N_("Not a face of this model as it is now: it comes from training, or from another model.")
HINT: Final = N_("Drag on the picture to wander through an endless carpet of faces")

TERMS: Final = {
    "section_realism": N_(
        "Truncation pulls every face towards the average one. That looks safer, and everybody looks more alike."
    )
}


class PeoplePanel(PicturePanel[PeopleScene, PeopleEditor]):
    """One generator of people."""

    codec, hint, ask = CODEC, HINT, attrgetter("about")
    own_part, terms = "is_moved", TERMS

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        stage = PeopleStage()
        defaults = saved_params(PeopleParams, handle.source.card.get("defaults", {}))
        super().__init__(handle, host, partial(PeopleEditor, PeopleScene(defaults)), stage)
        self.stage, self.picture = stage, stage.picture
        self._about: PeopleFacts | None = None
        self.picker.set_cards([one for one in host.cards() if one.more.get("kind", "people") == "people"])
        self.history = PlaceHistory(is_same_scene, self)
        self.controls = PeopleControls(host, self.tasks, self.timeline, self.editor, stage)
        self.controls.show_boxes(self.show_sections(*self.controls.sections(self.history.strip)))
        self.verdict = ScoreCardPresenter(stage, self.editor, self.tasks, self.renew, self)
        self.grid = SeedGridPresenter(self.editor, self.timeline, self.tasks, host, self)
        self._intake = PictureIntake(self, self)
        self.own = OwnPicture(self.tasks, self._intake, lambda engine, source: engine.own_picture(source))
        self.melting = Melting(self.timeline, self.own.open)
        self.hand_over(stage, *self.controls.parts(), self.verdict, self.grid)
        self.accept(is_picture, self._open_own)
        self.own_commands = (
            Command("gan.surprise", N_("Surprise me"), self.editor.surprise, ("R",), "GAN"),
            Command("gan.reset", N_("Return to the seed’s face"), self.editor.reset, ("0",), "GAN"),
            Command("gan.verdict", N_("Show the detective’s map"), self.verdict.toggle, ("V",), "GAN"),
            Command("gan.paste", N_("Find the picture on the clipboard"), self.own.paste, ("Ctrl+V",), "GAN"),
            *self.grid.commands(),
        )
        self.steer_by(self.picture)
        stage.wipe.painted.connect(self.on_painted)
        self._connect_controls()
        self.open()

    def _connect_controls(self) -> None:
        controls, own, editor = self.controls, self.own, self.editor
        editor.steered.connect(self.timeline.pause)
        self.history.place_requested.connect(lambda scene: editor.apply(N_("Return to a place"), scene))
        controls.face.grid.clicked.connect(self.grid.set_shown)
        self.grid.shown_changed.connect(self._on_grid_shown)
        controls.walk.add.clicked.connect(self._add_keyframe)
        controls.project.open.clicked.connect(own.choose)
        controls.project.paste.clicked.connect(own.paste)
        for given in (self._intake.path_given, self._intake.pixels_given):
            given.connect(self.timeline.pause)  # a path that plays would draw all the while
            given.connect(self.melting.stop)
        self.take_own(own, controls.project.look_for)
        own.failed.connect(self.melting.stop)
        controls.project.found.connect(lambda w: self.melting.note({"w": w}))

    def _on_grid_shown(self, is_shown: bool) -> None:
        self.controls.face.grid.setChecked(is_shown)
        self.frame.show_instead(self.grid.view if is_shown else None)
        if not is_shown:
            self.picture.setFocus()

    def _add_keyframe(self) -> None:
        if self.position():
            self.timeline.add_keyframe()

    def _open_own(self, path: Path) -> None:
        self.melting.stop()
        self.timeline.pause()
        self.own.open(path)

    def open_pictures(self, paths: Sequence[Path]) -> bool:
        """Look for them all and put a path through their places on the timeline."""
        self.melting.start(paths)
        return True

    def opened(self, found: PeopleFacts) -> None:
        """Show what the model can do."""
        self._about = found
        super().opened(found)

    # The picture

    @property
    def _is_large(self) -> bool:
        """Whether its pictures take so long that a hand gets drafts."""
        return self._about is not None and self._about.shown_px >= DRAFT_FROM_PX

    def draws(self, scene: PeopleScene) -> Callable[[Any], Any]:
        """Draw a face, and judge it where that is due."""
        is_draft, is_judged = self.editor.is_in_gesture and self._is_large, self.verdict.is_due
        return lambda engine: engine.scene_frames(scene, is_draft, is_judged)

    def scenes_around(self) -> tuple[list[PeopleScene], int]:
        """The carpet around the present place, a third of a seed from picture to picture."""
        ways = [(n - N_AROUND // 2) / 3 for n in range(N_AROUND)]
        return [self.editor.scene.moved_by(dx, dy) for dy in ways for dx in ways], N_AROUND

    def take_picture(self, scene: PeopleScene, frame: Frame) -> None:
        """Show a face; one that a hand has left meanwhile is seen, but is not where the panel stands."""
        if scene is not self.editor.scene:
            self._parts.show_frame(frame, scene)
            return
        super().take_picture(scene, frame)
        self._describe(scene, frame)

    def _describe(self, scene: PeopleScene, frame: Frame) -> None:
        if (self._about is None or self._about.has_verdict) and awaits_score(frame):
            frame = replace(frame, scalars=self.verdict.last)  # it stays until there is a new one, as on the card
        caption = describe_people(scene, frame, is_of_faces(self.handle.source.card))
        self.frame.caption.set_text(caption, translate(SCORE_TERM))
        self.frame.hint.set_text(latent_plane_hint(scene))

    def show_controls(self) -> None:
        """Let the controls stand where the scene is, and say where on the carpet that is."""
        super().show_controls()
        self.frame.hint.set_text(translate(HINT) if self.shown is None else latent_plane_hint(self.editor.scene))

    def rest_on(self, scene: PeopleScene, frame: Frame) -> None:
        """Keep the place, look closer at the face, and draw a large one in full."""
        self.history.add(scene, latent_plane_hint(scene), frame)
        super().rest_on(scene, frame)
        if self._is_large:
            self._request_full()

    def _request_full(self) -> None:
        scene = self.editor.scene
        self.tasks.ask(
            PICTURE_KEY,
            lambda engine: engine.scene_frames(scene, False, True),
            event=lambda frame: self._parts.show_frame(frame, scene),
        )

    # What the host asks

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a run, with the controls at its place; one of another model leaves them where they are."""
        if frame.state is not None and "w" in frame.state:
            super().show_frame(frame)
        else:
            self._parts.show_frame(frame, self.editor.scene)
            self.frame.caption.set_text(translate(FOREIGN_FRAME))

    def draw_frame(self, frame: Frame) -> None:
        """Draw a place of a run."""
        state = frame.state or {}
        scene = replace(self.editor.scene.at_w(np.asarray(state["w"])), is_swapped=WATERMARK in state)
        super().draw_frame(frame)
        self.stand_at(scene)
        self._describe(scene, frame)

    def position(self) -> Position:
        """The place that is on the canvas."""
        state = None if self.shown is None else self.shown.state
        return {} if state is None else {"w": np.asarray(state["w"])}

    def go_to(self, position: Position) -> None:
        """Go to a place of the walk."""
        self.move_to(self.editor.scene.at_w(np.asarray(position["w"])))

    @property
    def is_settled(self) -> bool:
        """Always: the walk that begins by itself never ends."""
        return True
