"""The door for families that make molecules: drawing, properties, measures, files; rdkit where it is installed."""

from studio.metrics.molecules import (
    canonical,
    distance_between,
    fingerprints,
    has_rdkit,
    internal_diversity,
    properties_of,
)
from studio.render.molecule import draw_molecule, mol_block
