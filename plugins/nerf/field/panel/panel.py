"""The panel of a field: what is baked and asked of the network, its photos, one ray, and what learns."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.api.engine import CompileProgress, EngineHandle
from studio.api.panel import Command, Host
from studio.core.frame import Frame
from studio.core.path.position import Position, Rule
from studio.core.translation import N_, _

from ...shared.camera.viewpoint import TIME
from ...shared.panel.awaited import AwaitedScene
from ...shared.panel.commands import MENU, scene_commands
from ...shared.panel.stats_card import Measure
from ...shared.panel.view_panel import ViewPanel
from ...shared.shading import PictureLook
from ...shared.state import TRAINING, SceneFacts, View, ViewRequest, provisional_facts
from ..caption import awaited_words
from ..params import first_params, is_moving, lights_of, within
from ..scene import CODEC, FieldScene
from ..state import LIGHT, QUALITIES, BakeProgress, FieldRequest, Quality
from .baking import Baking
from .box_section import PHOTOS_RECIPE, BoxPresenter
from .card_view import FieldCard
from .controls import FieldControls, baking_text
from .learn_section import RECIPE, LearnPresenter
from .map_dialog import MapPresenter
from .photo_presenter import PhotoPresenter
from .ray_section import RayPresenter
from .take_presenter import TakePresenter
from .time_section import TimePresenter

if TYPE_CHECKING:
    from ..engine import FieldEngine


def facts_of(engine: "FieldEngine") -> SceneFacts:
    """What there is to know of the open scene."""
    return engine.facts


class FieldPanel(ViewPanel[FieldScene]):
    """One scene that a network holds."""

    codec, ask, kernels = CODEC, facts_of, f"{__package__.rpartition('.')[0]}.warm_up"
    measure = Measure()

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card = handle.source.card
        facts = provisional_facts(card)
        super().__init__(handle, host, facts, FieldScene(facts.home, first_params(card), up=facts.up))
        self._baked_stage = 0
        self.training_id = str(card.get(TRAINING, ""))
        canvas, editor, tasks = self.canvas, self.editor, self.tasks
        self.awaited = AwaitedScene(canvas, str(card.get("title", "")), bool(self.training_id))
        self.baking = Baking(tasks, self)
        self.lights = lights_of(card)
        self.controls = controls = FieldControls(self.lights)
        self._sections = self.show_sections(
            ("section_light", N_("Light"), controls.light),
            ("section_time", N_("Time"), controls.time),
            ("section_camera", N_("Camera"), self.camera_section),
            ("section_quality", N_("Quality"), controls.quality),
            ("section_learn", N_("Learn a scene"), controls.learn),
            ("section_photos", N_("Training photos"), controls.photos),
            ("section_ray", N_("One ray"), controls.ray),
            ("section_box", N_("Part of the scene"), controls.box),
            ("section_marks", N_("Measure and note"), self.marks_section),
            ("section_take", N_("Save"), self.picture_size, self.take, controls.taking, self.path_buttons),
        )
        self.photo_desk = PhotoPresenter(controls.photos, canvas, editor, self.hand, tasks, self)
        self.box_desk = BoxPresenter(controls.box, canvas, editor, self.hand, tasks)
        self.ray_desk = RayPresenter(controls.ray, self.frame.inspector, canvas, editor, self.request_now, tasks, self)
        self.learn_desk = LearnPresenter(controls.learn, self.timeline, self.loop, bool(self.training_id), self)
        self.take_desk = TakePresenter(controls.taking, self.request_now, editor, tasks, self)
        self.bind(controls.light)
        self._sections["section_light"].setVisible(bool(self.lights))
        self.time_desk = TimePresenter(controls.time, editor, self)
        self.bind(controls.time)
        self._sections["section_time"].setVisible(self.is_moving)
        self.map_desk = MapPresenter(editor, tasks, self)
        more = (*photo_commands(self.photo_desk), *self.path_desk.commands(), *self.map_desk.commands())
        if self.is_moving:
            more += self.time_desk.commands()
        self.own_commands = (*scene_commands(editor, self.steering, self.timeline), *more)
        self.card = FieldCard(canvas, tasks, self)
        self.hand_over(controls.quality, controls.light, controls.time, self.photo_desk, self.box_desk)
        self._connect()
        self._connect_controls()
        self.show_mode("orbit")
        self.open()

    def _connect(self) -> None:
        self.unseen.connect(self.time_desk.pause)
        self.hand.ray_wanted.connect(self.ray_desk.ask)
        self.loop.set_shortcut(self._shown_by_card)
        self.baking.progressed.connect(self.card.follow)
        self.baking.progressed.connect(self._on_baking)
        self.baking.finished.connect(self.loop.refresh)
        self.photo_desk.photos_read.connect(self.camera_section.set_has_photos)
        self.photo_desk.photos_read.connect(self._sections["section_photos"].setVisible)
        self.photo_desk.comparing_ended.connect(self.loop.refresh)
        self.photo_desk.gone_to.connect(self._on_photo_chosen)

    def _shown_by_card(self, request: ViewRequest) -> bool:
        """Whether the graphics card has shown it at once, which draws the scene whole."""
        return self.is_shown_here and not self.editor.scene.box and self.card.show(request)

    def _connect_controls(self) -> None:
        quality, learn = self.controls.quality, self.controls.learn
        quality.target_changed.connect(self.loop.set_target_fps)
        quality.quality_changed.connect(self._on_quality_changed)
        self.box_desk.learn_asked.connect(
            lambda chosen: self.training_requested.emit(PHOTOS_RECIPE, _("My scene"), chosen)
        )
        learn.learn_requested.connect(lambda: self.training_requested.emit(RECIPE, _("My scene"), {}))
        learn.photos_requested.connect(lambda: self.host.run_command("studio.train"))

    def _on_quality_changed(self, chosen: str) -> None:
        quality: Quality = next(one for one in QUALITIES if one == chosen)
        scene = self.editor.scene
        params = replace(scene.params, quality="baked" if quality == "baked" else "network")
        self.editor.apply(N_("Quality"), replace(scene, quality=quality, params=params))

    # Light and time

    @property
    def is_moving(self) -> bool:
        """Whether the scene is another one at another time."""
        return is_moving(self.handle.source.card)

    @property
    def _more(self) -> tuple[str, ...]:
        """What a place of the scene names beside the camera."""
        card = self.handle.source.card
        return (*((LIGHT,) if lights_of(card) else ()), *((TIME,) if is_moving(card) else ()))

    def rules(self) -> Mapping[str, Rule]:
        """A place of a scene in several lights has a light, that of one that moves a time."""
        return {**super().rules(), **dict.fromkeys(self._more, "linear")}

    def position(self) -> Position:
        """The present camera and, where there are several, light, and time."""
        params = self.editor.scene.params
        return {**super().position(), **{name: np.array([getattr(params, name)], np.float32) for name in self._more}}

    def placed(self, place: Mapping[str, Any]) -> FieldScene:
        """The present scene from another place, in its light and at its time where it has one."""
        scene, given = super().placed(place), {name: float(place[name][0]) for name in self._more if name in place}
        return scene.with_params(**{name: within(name, value) for name, value in given.items()})

    def draw_anew(self) -> None:
        """What was asked for is outdated: ask again, and bake the scene in its light once that stays."""
        super().draw_anew()
        if self.lights and not self.is_preparing:
            self.baking.follow(self.editor.scene.params.light)

    def _on_photo_chosen(self, index: int) -> None:
        views = self.photo_desk.views
        if views is not None and views.times is not None and self.is_moving:
            self.time_desk.go_to(float(views.times[index]))

    # Opening

    def open(self) -> None:
        """Open the scene at once: until kernels may be called a slower way draws it."""
        super().open()
        self.ask_model(facts_of)
        self.loop.refresh()

    def show_preparing(self, progress: CompileProgress) -> None:
        """Say how far the kernels are over the picture."""
        self.overlays.show_compiling(progress.n_done / max(progress.n_steps, 1))

    def begin_opening(self) -> None:
        """Kernels may be called from now on."""
        if not self.training_id:  # what learns is another scene a moment later
            self.baking.begin(self.editor.scene.params.light)
        self.loop.restart()
        self.draw_run_due()

    def opened(self, found: SceneFacts) -> None:
        """The scene is open."""
        self.messages.dismiss("error")
        if not self.training_id:
            self.settle_in(found)

    def settle_in(self, found: SceneFacts) -> None:
        """It is known where the scene is, and with it where its photos were taken."""
        super().settle_in(found)
        self.photo_desk.read()

    def note_training(self, training_id: str, is_learning: bool, doing: str) -> None:
        """Follow what learns, and say in its own tab what is done until it does."""
        if training_id == self.training_id:
            self.awaited.show_doing(doing)
            self.describe()
        self.learn_desk.note(training_id, is_learning)

    # The hand and the picture

    @property
    def is_watching(self) -> bool:
        """Whether a training is followed."""
        return bool(self.learn_desk.training_id)

    def show_mode(self, mode: str) -> None:
        """The camera moves in another way now."""
        super().show_mode(mode)
        self.photo_desk.set_active(mode == "photos")

    def request_of(self, scene: FieldScene, size: tuple[int, int], look: PictureLook) -> FieldRequest:
        """What the engine is asked for, of the scene as it is now."""
        return FieldRequest(
            scene.camera,
            *size,
            look=look,
            near=scene.params.near,
            number=self.number,
            is_slow=self.is_preparing,
            quality=scene.quality,
            training_id=self.learn_desk.training_id,
            learnt=self.learn_desk.learnt,
            box=scene.box,
            is_hurried=self.is_hurried,
            light=scene.params.light,
            time=scene.params.time,
        )

    def note_view(self, view: View) -> None:
        """In the tab of a training, the first picture says where the scene is."""
        if self.training_id and view.facts is not None and view.facts is not self.editor.facts:
            self.settle_in(view.facts)
        if view.facts is not None and view.stage != "slow":
            self.awaited.end()

    @property
    def is_shown_here(self) -> bool:
        """Whether the canvas shows the scene alone."""
        return not self.photo_desk.is_comparing

    def words_of(self, view: View) -> tuple[str, str]:
        """The caption of a picture."""
        words = self.photo_desk.words(view) if view.stage != "learning" else self.learn_desk.words()
        if self.awaited.is_due:
            words = awaited_words(self.awaited.doing)
        return words.text, words.term

    def _on_baking(self, news: BakeProgress) -> None:
        self.controls.quality.set_status(baking_text(news.fraction, news.n_bytes))
        if news.stage != self._baked_stage:
            self._baked_stage = news.stage
            self.loop.restart()

    @property
    def can_draw_run(self) -> bool:
        """Whether the scene is the model's own, and kernels are there."""
        return super().can_draw_run and not self.training_id

    @property
    def is_settled(self) -> bool:
        """Whether the scene is as fine as it gets, and baked."""
        return super().is_settled and not self.is_hurried and not self.time_desk.is_playing

    @property
    def is_hurried(self) -> bool:
        """Whether what is baked is waited for: all of it, or the first moment where there are many."""
        return self.baking.is_on and not (self.is_moving and self._baked_stage)

    @property
    def is_in_motion(self) -> bool:
        """Whether the scene or the camera moves."""
        return super().is_in_motion or self.time_desk.is_playing

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of a path or of a training, with the camera where it was drawn."""
        if not self.learn_desk.take_frame(frame):
            super().show_frame(frame)


def photo_commands(photos: PhotoPresenter) -> tuple[Command, ...]:
    """From photo to photo."""
    return (
        Command("nerf.photo_on", N_("To the next photo"), partial(photos.step, 1), ("]",), MENU),
        Command("nerf.photo_back", N_("To the previous photo"), partial(photos.step, -1), ("[",), MENU),
    )
