"""What is on screen, in one or two sentences for people who do not program."""

from studio.core.frame import Frame
from studio.core.translation import N_, _, translate
from studio.core.view import Molecule

from ..shared.caption import MINUS
from .atlas import PROPERTIES, MoleculeAtlas

NO_STRUCTURES = N_("Structures are drawn once the Python package rdkit is installed: pip install rdkit.")
UNITS = {"logP": "{value:.1f}", "QED": "{value:.2f}", "weight": "{value:.0f} Da"}


def molecule_of(frame: Frame) -> Molecule | None:
    """The molecule that a frame shows."""
    found = frame.views.get("molecule")
    return found if isinstance(found, Molecule) else None


def facts_text(molecule: Molecule) -> str:
    """Its properties: "logP 2.4 · QED 0.81 · 312 Da"; empty where they are not known."""
    known = [(name, molecule.properties[name]) for name in PROPERTIES if name in molecule.properties]
    return " · ".join(
        UNITS[name].format(value=value) if name == "weight" else f"{name} {UNITS[name].format(value=value)}"
        for name, value in known
    ).replace("-", MINUS)


def molecule_caption(atlas: MoleculeAtlas, molecule: Molecule, can_draw: bool) -> str:
    """Whether what was written is a molecule, and a known one."""
    if not can_draw:
        return _("The model wrote this molecule as text.") + " " + translate(NO_STRUCTURES)
    if not molecule.properties:
        return _("What the model wrote here is not a molecule: some bonds do not fit. Move on a little.")
    if molecule.smiles in atlas.names:
        sentence = N_("This is one of the {n:,} held-out molecules on the map. The model did not learn from it.")
    else:
        sentence = N_("The model wrote this molecule. It is not among the {n:,} known ones on the map.")
    return translate(sentence).format(n=len(atlas.names))
