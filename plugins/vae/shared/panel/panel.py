"""The VAE panel: one scene, drawn on the Worker, shown on canvas, map, sliders and caption."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.api.engine import EngineHandle
from studio.api.melting import Melting
from studio.api.panel import PICTURE_KEY, Command, FieldView, Host, ImageView, Section
from studio.api.picture_panel import PicturePanel, PlaceHistory
from studio.core.frame import Frame
from studio.core.masked_picture import StartPicture
from studio.core.path.position import Position
from studio.core.picture import is_picture
from studio.core.translation import N_, _, translate
from studio.core.view import Field, Image, Tokens

from ...letters.panel.typeface_presenter import TypefacePresenter
from ...letters.panel.typeface_section import TypefaceSection
from ...letters.typeface.own_font import is_font
from ..atlas import Atlas, directions_of, n_named
from ..caption import PREVIEW_TEXT, Unlike, beyond_caption, describe, foreign_caption, hand_caption
from ..params import EXAMPLE_TEXT, LetterParams, PictureParams, letters_to_draw, text_of
from ..scene import CODEC, VaeScene, check_scene, is_same_place, seed_params
from ..sharpness import is_sketch
from .editor import VaeSceneEditor
from .own_picture import VaeOwnPicture, VaeReadingSection
from .path_control import PathControl
from .picture_extras import PictureExtras
from .representation.kept_map import MAP, STORED
from .representation.presenter import EverythingPresenter
from .sections import VaeControls, VaeWordSection

MAP_TILES: Final = 15
HINT = N_("Drag on the picture to move through latent space")

TERMS: Final = {
    "section_map": N_(
        "The latent is the short list of numbers that a picture is drawn from. Each list is a place, "
        "and neighbouring places give similar pictures."
    )
}


class VaePanel(PicturePanel[VaeScene, VaeSceneEditor]):
    """One VAE: drag on the picture, the map or the sliders; all show one place."""

    codec, hint, ask = CODEC, HINT, attrgetter("atlas")
    own_part, terms, first = "is_own", TERMS, PictureParams()

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card = handle.source.card
        directions, example = directions_of(card), EXAMPLE_TEXT if "typefaces" in card else ""
        canvas: FieldView | ImageView = FieldView() if example else ImageView()
        super().__init__(handle, host, partial(VaeSceneEditor, len(directions), example, first=self.first), canvas)
        self.canvas, self._directions, self._example = canvas, directions, example
        self._is_previewing, self._unlike = False, Unlike(card)
        self.history = PlaceHistory(is_same_place, self)
        word = VaeWordSection() if example else None
        fonts = TypefaceSection(directions[: n_named(card)]) if example else None
        self.controls = VaeControls(directions, n_named(card), word, fonts, self.history.strip, self.history.pictures)
        self.path = PathControl(self.timeline, self.editor, self.controls.map, self.controls.path, self.go_to, self)
        self.typeface: TypefacePresenter | None = None
        self.own_commands = (
            Command("vae.surprise", N_("Surprise me"), self.editor.surprise, ("R",), "VAE"),
            Command("vae.reset", N_("Return to the seed’s place"), self.editor.reset, ("0",), "VAE"),
            *self.bring_own(),
            *self._show_everything(n_named(card)),
        )
        self.steer_by(canvas)
        self._connect_controls()
        self._connect_own()
        self.open()

    def bring_own(self) -> tuple[Command, ...]:
        """Fill the inspector and let a person bring what is to be encoded; returns the commands for it."""
        self.reading = VaeReadingSection()
        sections = self.show_sections(*self.own_sections())
        self.own_picture = own = VaeOwnPicture(self.tasks, self.reading, self)
        own.read.connect(self._on_picture_read)
        own.failed.connect(self._on_work_failed)
        self.melting = Melting(self.timeline, own.open)
        own.ended.connect(self.melting.stop)
        self.accept(self._is_taken, self._take)
        paste = Command("vae.paste", N_("Read the picture on the clipboard"), own.paste, ("Ctrl+V",), "VAE")
        return (paste, *self._add_extras(sections), *self._typefaces(sections))

    def own_sections(self) -> tuple[tuple[Any, ...], ...]:
        """Id, title and widgets of each section, most useful first."""
        return self.controls.sections(("section_reading", N_("My picture"), self.reading))

    def _show_everything(self, n_named: int) -> tuple[Command, ...]:
        """Let a map of many pictures stand in place of the one."""
        self.everything = everything = EverythingPresenter(
            self.editor, self.tasks, self.host, bool(self._example), n_named, self
        )
        page = everything.page
        everything.shown_changed.connect(lambda is_shown: self.frame.show_instead(page if is_shown else None))
        everything.failed.connect(self._on_work_failed)
        self.controls.everything.clicked.connect(everything.toggle)
        return everything.commands()

    def _typefaces(self, sections: Mapping[str, Section]) -> tuple[Command, ...]:
        """Let the place be saved as a font; folded, so that none is drawn before a person asks for it."""
        section = self.controls.typeface
        if section is None:
            return ()
        sections["section_typeface"].set_folded(True)
        self.typeface = typeface = TypefacePresenter(section, self.editor, self.tasks, self.handle.source.id, self)
        typeface.failed.connect(self._on_work_failed)
        return (
            Command("vae.save_font", N_("Save as a font…"), typeface.choose_name, (), "VAE"),
            Command("vae.open_font", N_("Blend with your own font…"), typeface.choose_font, (), "VAE"),
        )

    def _add_extras(self, sections: Mapping[str, Section]) -> tuple[Command, ...]:
        """Let pictures be repaired, odd ones found, places added up, and pictures packed."""
        editor, timeline, tasks, undo = self.editor, self.timeline, self.tasks, self.host.undo
        self.picture_extras = extras = PictureExtras(
            self.controls, sections, self.canvas, editor, timeline, tasks, self.history, undo, self
        )
        self.repair, self.odd = extras.repair, extras.odd
        for part in extras.all:
            part.failed.connect(self._on_work_failed)
        self.hand_over(*extras.parts)
        return extras.commands

    def _is_taken(self, path: Path) -> bool:
        return is_picture(path) or self.picture_extras.takes(path) or (self.typeface is not None and is_font(path))

    def _take(self, path: Path) -> None:
        if self.picture_extras.takes(path):
            self.picture_extras.take(path)
        elif self.typeface is not None and is_font(path):
            self.typeface.open(path)
        else:
            self.own_picture.open(path)

    def _connect_controls(self) -> None:
        controls, editor = self.controls, self.editor
        controls.map.hovered.connect(self._on_map_hovered)
        controls.map.left.connect(self.renew)
        controls.map.picked.connect(editor.go_on_map)
        controls.seed.surprise_requested.connect(editor.surprise)
        controls.seed.reset_requested.connect(editor.reset)
        controls.seed.seed_changed.connect(editor.set_seed)
        controls.seed.spread_changed.connect(editor.set_spread)
        controls.directions.value_changed.connect(editor.set_direction)
        if controls.word is not None:
            controls.word.text_changed.connect(editor.set_text)
        for started, finished in controls.gestures():
            started.connect(editor.begin_gesture)
            finished.connect(editor.end_gesture)

    def _connect_own(self) -> None:
        self.editor.steered.connect(self.timeline.pause_run)
        self.editor.timeline = self.timeline
        self.path.failed.connect(self._on_work_failed)
        self.history.place_requested.connect(self._on_place_requested)

    def begin_opening(self) -> None:
        """Ask for the atlas, the first picture and the background of the map."""
        super().begin_opening()
        self.ask_manifold()

    def ask_manifold(self) -> None:
        """Ask for the background of the map, which digits have."""
        self.tasks.ask(
            "manifold", lambda engine: engine.manifold(engine.atlas.extent[0], MAP_TILES), done=self._on_manifold_drawn
        )

    def opened(self, found: Atlas) -> None:
        """Show what the atlas knows."""
        self.editor.atlas = found
        self.controls.show_atlas(found)
        self.path.show()
        super().opened(found)
        self._describe()

    def _on_manifold_drawn(self, pixels: Any) -> None:
        if pixels is not None:
            self.controls.map.show_background(pixels)

    def show_controls(self) -> None:
        """Let the controls stand at the present place."""
        super().show_controls()
        self.controls.show_scene(self.editor.scene, self.editor.atlas)
        self.everything.show_scene(self.editor.scene)
        if self.repair is not None:
            self.repair.show_scene(self.editor.scene)
        if self.typeface is not None:
            self.typeface.show_scene(self.editor.scene)
        self._show_hand()

    def renew(self, is_instant: bool = False) -> None:
        """Draw the present place, and no preview."""
        self._is_previewing = False
        super().renew(is_instant)

    def draws(self, scene: VaeScene) -> Callable[[Any], Any]:
        """Decode a place, smaller where a hand drags and pictures have any size."""
        params, draw = seed_params(scene), "sketch" if self.editor.is_in_gesture else "generate"
        return lambda engine: getattr(engine, draw)(params, scene.position)

    def scenes_around(self) -> tuple[list[VaeScene], int]:
        """The map: its whole plane, laid through the present place."""
        atlas, scene = self.editor.atlas, self.editor.scene
        if atlas is None:
            return [], 0
        xs, ys = (np.linspace(-extent, extent, MAP_TILES).tolist() for extent in atlas.extent)
        return [scene.moved_to(atlas.from_map(x, y, scene.z)) for y in reversed(ys) for x in xs], MAP_TILES

    def _on_map_hovered(self, x: float, y: float, index: int) -> None:
        z = self.editor.place_on_map(x, y, index)
        if z is not None and not self.timeline.playback.is_playing:
            self._is_previewing = True
            self.request(replace(self.editor.scene, z=z))

    def _draw(self, frame: Frame) -> None:
        for part in (self.repair, self.odd, self.everything):
            if part is not None:
                part.show_frame(frame)
        match self.canvas, frame.main_view:
            case FieldView() as canvas, Field(values=values):
                canvas.show_fields(list(values))
            case ImageView() as canvas, Image(pixels=pixels):
                canvas.show_array(pixels)
            case FieldView() as canvas, Image(pixels=pixels):
                canvas.show_picture(pixels)

    def take_picture(self, scene: VaeScene, frame: Frame) -> None:
        """Show what was decoded, be it a preview."""
        self._draw(frame)
        if self._is_present(frame):
            super().take_picture(self.editor.scene, frame)
            self._describe()
        elif self._is_previewing:
            self.frame.caption.set_text(translate(PREVIEW_TEXT))

    def _is_present(self, frame: Frame) -> bool:
        """Whether a frame shows the present place and word: neither a preview nor outdated."""
        scene, text = self.editor.scene, frame.views.get("text")
        is_word = not isinstance(text, Tokens) or "".join(text.pieces) == scene.text
        return is_word and frame.state is not None and np.array_equal(frame.state["z"], scene.z)

    def _describe(self) -> None:
        atlas, scene = self.editor.atlas, self.editor.scene
        if atlas is None or self.shown is None:
            return
        term = _("A latent vector of {n} numbers, decoded by the network").format(n=len(scene.z))
        self.frame.caption.set_text(self._unlike.caption(scene.z) or describe(atlas, scene), term)

    def _show_hand(self) -> None:
        """Say the numbers under the hand, and where they lie beyond all examples."""
        atlas, scene = self.editor.atlas, self.editor.scene
        if self.shown is not None and self.shown.state is None:
            self.frame.hint.set_text("")
        elif atlas is not None:
            hand = hand_caption(atlas, scene.z) if scene.is_moved else translate(self.hint)
            self.frame.hint.set_text(f"{hand}   {beyond_caption(atlas, scene.z)}".strip())

    def rest_on(self, scene: VaeScene, frame: Frame) -> None:
        """Keep the place, once it is drawn in full."""
        if is_sketch(frame):
            params = seed_params(scene)
            full = partial(self.take_picture, scene)
            self.tasks.ask(PICTURE_KEY, lambda engine: engine.generate(params, scene.position), event=full)
            return
        label = _("{title}, seed {seed}").format(title=scene.text or _("Place"), seed=scene.seed)
        self.history.add(scene, label, frame)
        if self.typeface is not None:
            self.typeface.rest()

    def _on_place_requested(self, scene: VaeScene) -> None:
        self.editor.apply(N_("Return to a place"), scene)

    def _on_picture_read(self, reading: Any) -> None:
        self.messages.dismiss("error")
        if isinstance(reading, StartPicture) and self.repair is not None:
            self.repair.take(reading)
            return
        self._unlike.note(reading)
        self.editor.go_to(N_("My picture"), reading.z, reading.letter)
        self.melting.note({"z": reading.z})

    def open_pictures(self, paths: Sequence[Path]) -> bool:
        """Read them all and put a path through their places on the timeline."""
        self.melting.start(paths)
        return True

    def draw_frame(self, frame: Frame) -> None:
        """Show a frame of a run, with the controls at its place and word."""
        self._draw(frame)
        scene = self.editor.scene
        text = frame.views.get("text")
        if isinstance(text, Tokens):
            scene = replace(scene, text="".join(text.pieces))
        if frame.state is not None:
            scene = scene.at_frame(frame.state)
        self.stand_at(scene)
        if frame.state is not None:
            self._describe()
        else:
            track = self.timeline.track
            self.frame.caption.set_text(foreign_caption(frame, track.recording.info.kind if track else ""))

    def position(self) -> Position:
        """The present place."""
        return {"z": self.editor.scene.z}

    def go_to(self, position: Position) -> None:
        """Go to a place of the path."""
        self.move_to(self.editor.scene.moved_to(position["z"]))

    def params_of(self, scene: VaeScene) -> PictureParams:
        """Seed, word and boldness of a scene; the example's word is left to the model."""
        params = seed_params(scene)
        if isinstance(params, LetterParams) and params.text == self._example:
            return replace(params, text="")
        return params

    def scene_of(self, params: PictureParams) -> VaeScene:
        """The place of a seed; raises UserError for a word that the model cannot draw."""
        letters_to_draw(text_of(params), bool(self._example))
        return self.editor.seed_scene(params)

    def state(self) -> dict[str, Any]:
        """Return the scene with what belongs to it, and the map where that is on show."""
        return {**super().state(), **self.everything.state()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it does not fit the model."""
        kept = self.codec.read_part(STORED, state[MAP]) if MAP in state else None
        super().set_state({key: value for key, value in state.items() if key != MAP})
        self.everything.restore(kept)

    def check_scene(self, scene: VaeScene) -> None:
        """Raise UserError where place or word are none of the model's."""
        check_scene(scene, len(self._directions), bool(self._example))
        size_px = self.handle.source.card.get("config", {}).get("size_px")
        packed = None if scene.packing is None else scene.packing.source
        for own in (scene.repair, packed):
            if own is not None and own.picture.shape[:2] != (size_px, size_px):
                raise CODEC.unfit()
