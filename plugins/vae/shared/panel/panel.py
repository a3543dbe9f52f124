"""What the panels of VAEs share: one scene, drawn on the Worker, shown on canvas, map, sliders and caption."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any, Final

import numpy as np

from studio.api.engine import EngineHandle
from studio.api.panel import PICTURE_KEY, Command, FieldView, Host, ImageView
from studio.api.picture_panel import PicturePanel, PlaceHistory
from studio.core.frame import Frame
from studio.core.path.position import Position
from studio.core.translation import N_, _, translate
from studio.core.view import Field, Image, Tokens

from ...letters.panel.typeface_section import TypefaceSection
from ..atlas import Atlas, directions_of, n_named
from ..caption import PREVIEW_TEXT, beyond_caption, describe, foreign_caption, hand_caption
from ..params import EXAMPLE_TEXT, LetterParams, PictureParams, letters_to_draw, text_of
from ..scene import CODEC, VaeScene, check_scene, is_same_place, seed_params
from ..sharpness import is_sketch
from .editor import VaeSceneEditor
from .path_control import PathControl
from .sections import VaeControls, VaeWordSection

MAP_TILES: Final = 15
COLOURED: Final = ("PicturesVAE", "LayeredVAE")
"""What models of pictures with colours are called in their cards."""
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
    own_part, terms, first, has_pictures = "is_own", TERMS, PictureParams(), False

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        card = handle.source.card
        directions, example = directions_of(card), EXAMPLE_TEXT if "typefaces" in card else ""
        canvas: FieldView | ImageView = FieldView() if example else ImageView()
        super().__init__(handle, host, partial(VaeSceneEditor, len(directions), example, first=self.first), canvas)
        self.canvas, self._directions, self._example = canvas, directions, example
        self._is_previewing = False
        self.history = PlaceHistory(is_same_place, self)
        word = VaeWordSection() if example else None
        fonts = TypefaceSection(directions[: n_named(card)]) if example else None
        visited = self.history.pictures if self.has_pictures else None
        is_coloured = card.get("architecture") in COLOURED
        self.controls = VaeControls(directions, n_named(card), word, fonts, self.history.strip, visited, is_coloured)
        self.path = PathControl(self.timeline, self.editor, self.controls.map, self.controls.path, self.go_to, self)
        self.own_commands = (
            Command("vae.surprise", N_("Surprise me"), self.editor.surprise, ("R",), "VAE"),
            Command("vae.reset", N_("Return to the seed’s place"), self.editor.reset, ("0",), "VAE"),
            *self.bring_own(),
        )
        self.steer_by(canvas)
        self._connect_controls()
        self._connect_own()
        self.open()

    def bring_own(self) -> tuple[Command, ...]:
        """Fill the inspector and let a person bring what is to be encoded; returns the commands for it."""
        self.show_sections(*self.controls.sections())
        return ()

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
        self.frame.caption.set_text(self.describe(atlas, scene), term)

    def describe(self, atlas: Atlas, scene: VaeScene) -> str:
        """What is on screen, in a sentence."""
        return describe(atlas, scene)

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
        super().rest_on(scene, frame)

    def _on_place_requested(self, scene: VaeScene) -> None:
        self.editor.apply(N_("Return to a place"), scene)

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
            self.frame.caption.set_text(foreign_caption(frame, "" if track is None else track.recording.info.kind))

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

    def check_scene(self, scene: VaeScene) -> None:
        """Raise UserError where place or word are none of the model's."""
        check_scene(scene, len(self._directions), bool(self._example))
