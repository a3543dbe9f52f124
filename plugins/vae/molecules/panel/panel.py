"""The panel of molecules: that of a VAE, with the molecule on screen as text, its neighbours, lists and files."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtWidgets import QFileDialog

from studio.api.engine import Policy
from studio.api.molecule import has_rdkit
from studio.api.panel import Command, small_label, theme_source
from studio.core.frame import Frame
from studio.core.path.keyframe import Keyframe, KeyframePath
from studio.core.translation import N_, _, plural

from ...shared.atlas import Atlas
from ...shared.panel.latent_map import MapPoints
from ...shared.panel.panel import VaePanel
from ...shared.panel.representation.colouring import by_amount, has_light_paper
from ...shared.scene import VaeScene
from ..atlas import MoleculeAtlas
from ..caption import molecule_caption, molecule_of
from .section import MoleculeSection, colour_chooser

SUFFIXES: Final = (".smi", ".smiles", ".txt", ".csv")
NEAR_KEY: Final = "near molecules"
READ_KEY: Final = "read molecules"
TERMS: Final = {
    "section_map": N_(
        "The latent is the short list of numbers that a molecule is written from. Each list is a place, and "
        "neighbouring places give similar molecules."
    )
}
SAVE_KEY: Final = "save molecules"


class MoleculesPanel(VaePanel):
    """One VAE of molecules."""

    hint = N_("Drag on the structure to move through latent space")
    terms = TERMS

    def bring_own(self) -> tuple[Command, ...]:
        """Fill the inspector, and let a person bring molecules as text or lists."""
        self.molecule, self.colour_by = MoleculeSection(), colour_chooser()
        (name, title, latent_map, seed), *others = self.controls.sections()
        shown = (name, title, latent_map, small_label(_("Coloured by")), self.colour_by, seed)
        self.show_sections(("section_molecule", N_("Molecule"), self.molecule), shown, *others)
        self.molecule.smiles_typed.connect(self._on_smiles_typed)
        self.molecule.near_chosen.connect(partial(self.editor.go_to, N_("Go to a known molecule"), text=""))
        self.molecule.open_requested.connect(self.choose_list)
        self.molecule.save_requested.connect(self.choose_name)
        self.colour_by.value_chosen.connect(lambda _value: self._show_points())
        theme_source().theme_changed.connect(self._show_points)
        self.accept(lambda path: path.suffix.lower() in SUFFIXES, self.open_list)
        return (
            Command("vae.open_molecules", N_("Open a list of molecules…"), self.choose_list, (), "VAE"),
            Command("vae.save_molecules", N_("Save the molecules visited…"), self.choose_name, (), "VAE"),
        )

    def opened(self, found: Atlas) -> None:
        """Show what the atlas knows."""
        super().opened(found)
        self._show_points()

    def _show_points(self) -> None:
        atlas = self.editor.atlas
        if isinstance(atlas, MoleculeAtlas):
            colours, _entries = by_amount(atlas.properties[:, int(self.colour_by.value())], has_light_paper())
            self.controls.map.show_points(MapPoints(atlas.on_map(atlas.places), atlas.names, colours), atlas.extent)

    def _draw(self, frame: Frame) -> None:
        super()._draw(frame)
        molecule = molecule_of(frame)
        if molecule is not None:
            self.molecule.show_molecule(molecule)

    def _describe(self) -> None:
        molecule = None if self.shown is None else molecule_of(self.shown)
        atlas = self.editor.atlas
        if molecule is not None and isinstance(atlas, MoleculeAtlas):
            term = _("A latent vector of {n} numbers, decoded by the network").format(n=len(self.editor.scene.z))
            self.frame.caption.set_text(molecule_caption(atlas, molecule, has_rdkit()), term)

    def rest_on(self, scene: VaeScene, frame: Frame) -> None:
        """Keep the place, and look for known molecules around."""
        molecule = molecule_of(frame)
        self.history.add(scene, _("Place") if molecule is None else molecule.smiles, frame)
        self.tasks.ask(NEAR_KEY, lambda engine: engine.near(scene.z), done=self.molecule.show_near)

    def _on_smiles_typed(self, text: str) -> None:
        self.tasks.ask(
            READ_KEY,
            lambda engine: engine.read_and_write(text),
            Policy.RESTART,
            done=self._on_smiles_read,
            failed=self._on_work_failed,
        )

    def _on_smiles_read(self, found: tuple[Any, bool]) -> None:
        z, is_exact = found
        self.messages.dismiss("error")
        self.editor.go_to(N_("My molecule"), z, "")
        self.molecule.say("" if is_exact else _("The model cannot write this molecule exactly; this comes nearest."))

    def choose_list(self) -> None:
        """Ask for a list of molecules."""
        filters = f"{_('Molecules')} ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"
        chosen, _filter = QFileDialog.getOpenFileName(self, _("Open a list of molecules"), "", filters)
        if chosen:
            self.open_list(Path(chosen))

    def open_list(self, path: Path) -> None:
        """Put a path through the molecules of a list on the timeline."""
        self.tasks.ask(
            READ_KEY,
            lambda engine: engine.read_list(path),
            Policy.RESTART,
            done=self._on_list_read,
            failed=self._on_work_failed,
            title=_("Reading molecules"),
        )

    def _on_list_read(self, found: Any) -> None:
        self.messages.dismiss("error")
        self.molecule.show_note(found.told)
        first, *others = found.places
        if not others:
            self.editor.go_to(N_("My molecule"), first, "")
            return
        path = KeyframePath(tuple(Keyframe({"z": z}) for z in found.places), self.timeline.paths.path.rules)
        self.timeline.paths.edit(N_("My molecules"), path)
        self.timeline.go_to_keyframe(0)
        self.timeline.playback.set_loop("ping_pong")
        self.timeline.playback.play()

    def choose_name(self) -> None:
        """Ask where the molecules visited shall be saved."""
        filters = ";;".join((f"{_('SMILES, one in each line')} (*.smi)", f"{_('Structures')} (*.sdf)"))
        chosen, _filter = QFileDialog.getSaveFileName(self, _("Save molecules"), "molecules.smi", filters)
        if chosen:
            self.save(Path(chosen))

    def save(self, path: Path) -> None:
        """Write the molecules visited, or that on screen before one has rested anywhere."""
        scenes: Sequence[VaeScene] = [scene for _place, scene in self.history.visited] or [self.shown_scene]
        places = [scene.z for scene in scenes]
        self.tasks.ask(
            SAVE_KEY,
            lambda engine: engine.save(path, places),
            Policy.QUEUE,
            done=partial(self._on_saved, path.name),
            failed=self._on_work_failed,
            title=_("Saving {name}").format(name=path.name),
        )

    def _on_saved(self, name: str, n: int) -> None:
        self.molecule.say(plural("{n} molecule is in “{name}”.", "{n} molecules are in “{name}”.", n).format(name=name))
