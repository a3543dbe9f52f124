"""Draws the structure of a molecule from its SMILES by rdkit, or the SMILES itself where rdkit is not installed."""

import io
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from studio.core.place import asset
from studio.metrics.molecules import has_rdkit, parsed

_INK, _PAPER = "#1a1d24", "#ffffff"
_LINE_SIGNS: Final = 18
_MONO: Final = "fonts/JetBrainsMono-Regular.ttf"


@lru_cache(maxsize=64)
def draw_molecule(smiles: str, size_px: int) -> NDArray[np.uint8]:
    """The structure as an sRGB picture (H, W, 3); the SMILES in lines where there is none. Not to be changed."""
    molecule = parsed(smiles) if has_rdkit() else None
    return _written(smiles, size_px) if molecule is None else _drawn(molecule, size_px)


def _drawn(molecule: Any, size_px: int) -> NDArray[np.uint8]:
    from rdkit.Chem.Draw import rdMolDraw2D

    drawing = rdMolDraw2D.MolDraw2DCairo(size_px, size_px)
    options = drawing.drawOptions()
    options.padding, options.fixedBondLength, options.bondLineWidth = 0.06, size_px / 12, max(1, size_px // 200)
    rdMolDraw2D.PrepareAndDrawMolecule(drawing, molecule)
    drawing.FinishDrawing()
    with Image.open(io.BytesIO(drawing.GetDrawingText())) as picture:
        return np.asarray(picture.convert("RGB"))


def _written(smiles: str, size_px: int) -> NDArray[np.uint8]:
    picture = Image.new("RGB", (size_px, size_px), _PAPER)
    lines = [smiles[start : start + _LINE_SIGNS] for start in range(0, len(smiles), _LINE_SIGNS)]
    font = ImageFont.truetype(str(asset(_MONO)), max(6, size_px // 16))
    ImageDraw.Draw(picture).multiline_text(
        (size_px / 2, size_px / 2), "\n".join(lines), _INK, font, anchor="mm", align="center"
    )
    return np.asarray(picture)


def mol_block(smiles: str, properties: dict[str, float]) -> str:
    """One entry of an SDF file: the drawn structure with its SMILES and properties; needs rdkit.

    Raises:
        ValueError: the SMILES is no molecule.
    """
    from rdkit import Chem
    from rdkit.Chem import rdDepictor

    molecule = parsed(smiles)
    if molecule is None:
        raise ValueError(smiles)
    rdDepictor.Compute2DCoords(molecule)
    values: dict[str, str] = {"SMILES": smiles, **{name: f"{value:.4g}" for name, value in properties.items()}}
    told = "".join(f"> <{name}>\n{value}\n\n" for name, value in values.items())
    return str(Chem.MolToMolBlock(molecule)) + told + "$$$$\n"
