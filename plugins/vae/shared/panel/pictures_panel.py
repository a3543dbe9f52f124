"""The panel of a VAE of pictures: one brings pictures, repairs and packs them, finds odd ones, sees all on a map."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from studio.api.engine import EngineHandle
from studio.api.melting import Melting
from studio.api.panel import Command, Host, Section
from studio.core.frame import Frame
from studio.core.masked_picture import StartPicture
from studio.core.picture import is_picture
from studio.core.translation import N_

from ...letters.panel.typeface_presenter import TypefacePresenter
from ...letters.typeface.own_font import is_font
from ..atlas import Atlas, n_named
from ..caption import Unlike
from ..scene import CODEC, VaeScene
from .odd_ones import OddPresenter
from .own_picture import VaeOwnPicture, VaeReadingSection
from .panel import VaePanel
from .picture_extras import PictureExtras
from .repair import RepairPresenter
from .representation.kept_map import MAP, STORED
from .representation.presenter import EverythingPresenter


class VaePicturesPanel(VaePanel):
    """One VAE of pictures or letters: what a person brings is read, repaired, sorted, added up and packed."""

    has_pictures = True

    def __init__(self, handle: EngineHandle, host: Host) -> None:
        self.typeface: TypefacePresenter | None = None
        self.repair: RepairPresenter | None = None
        self.odd: OddPresenter | None = None
        self._unlike = Unlike(handle.source.card)
        super().__init__(handle, host)

    def bring_own(self) -> tuple[Command, ...]:
        """Fill the inspector and let a person bring what is to be encoded; returns the commands for it."""
        self.reading = VaeReadingSection()
        sections = self.show_sections(*self.own_sections())
        self.own_picture = own = VaeOwnPicture(self.tasks, self.reading, self)
        self.take_own(own, self._on_picture_read)
        self.melting = Melting(self.timeline, own.open)
        own.ended.connect(self.melting.stop)
        self.accept(self._is_taken, self._take)
        paste = Command("vae.paste", N_("Read the picture on the clipboard"), own.paste, ("Ctrl+V",), "VAE")
        commands = (paste, *self._add_extras(sections), *self._typefaces(sections))
        return (*commands, *self._show_everything(n_named(self.handle.source.card)))

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
        assert self.controls.everything is not None
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
        self.hand_over(typeface)
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
        if extras.sums is not None:
            extras.sums.warned.connect(partial(self.messages.show_warning, key="error"))
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

    def show_controls(self) -> None:
        """Let the controls stand at the present place."""
        super().show_controls()
        for part in (self.everything, self.repair):
            if part is not None:
                part.show_scene(self.editor.scene)

    def _draw(self, frame: Frame) -> None:
        for part in (self.repair, self.odd, self.everything):
            if part is not None:
                part.show_frame(frame)
        super()._draw(frame)

    def describe(self, atlas: Atlas, scene: VaeScene) -> str:
        """The same, or that a person's picture is nothing that the model draws."""
        return self._unlike.caption(scene.z) or super().describe(atlas, scene)

    def _on_picture_read(self, reading: Any) -> None:
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

    def state(self) -> dict[str, Any]:
        """Return the scene with what belongs to it, and the map where that is on show."""
        return {**super().state(), **self.everything.state()}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Return to a state; raises UserError where it does not fit the model."""
        kept = self.codec.read_part(STORED, state[MAP]) if MAP in state else None
        super().set_state({key: value for key, value in state.items() if key != MAP})
        self.everything.restore(kept)

    def check_scene(self, scene: VaeScene) -> None:
        """Raise UserError where place, word or a picture of one's own are none of the model's."""
        super().check_scene(scene)
        size_px = self.handle.source.card.get("config", {}).get("size_px")
        packed = None if scene.packing is None else scene.packing.source
        for own in (scene.repair, packed):
            if own is not None and own.picture.shape[:2] != (size_px, size_px):
                raise CODEC.unfit()
