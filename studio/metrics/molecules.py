"""What chemists measure of molecules: validity, properties, and how far sets of them lie from each other; needs rdkit.

logP: Wildman and Crippen 1999; QED: Bickerton et al. 2012; internal diversity: Benhenda 2017 (arXiv 1708.08227), all as
in MOSES (Polykovskiy et al. 2020).
"""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray


@cache
def has_rdkit() -> bool:
    """Whether rdkit is installed."""
    return find_spec("rdkit") is not None


def parsed(smiles: str) -> Any | None:
    """A molecule of rdkit's, or None where the SMILES is none."""
    from rdkit import Chem, RDLogger

    RDLogger.DisableLog("rdApp.*")  # it would say on stderr what None says
    return Chem.MolFromSmiles(smiles) if smiles else None


def canonical(smiles: str) -> str:
    """The one way to write a molecule that all others are written as; empty where it is none."""
    from rdkit import Chem

    molecule = parsed(smiles)
    return "" if molecule is None else str(Chem.MolToSmiles(molecule))


def properties_of(smiles: str) -> tuple[float, float, float] | None:
    """logP, QED and weight in daltons of a molecule; None where it is none."""
    molecule = parsed(smiles)
    return None if molecule is None else described(molecule)


def described(molecule: Any) -> tuple[float, float, float]:
    """The same of a molecule of rdkit's."""
    from rdkit.Chem import QED, Crippen, Descriptors

    return float(Crippen.MolLogP(molecule)), float(QED.qed(molecule)), float(Descriptors.MolWt(molecule))


def fingerprints(smiles: Sequence[str], n_bits: int = 1024) -> NDArray[np.float32]:
    """Morgan fingerprints of radius 2, (N, n_bits) of 0 and 1, of valid molecules."""
    from rdkit.Chem import rdFingerprintGenerator

    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=n_bits)
    rows = [generator.GetFingerprintAsNumPy(parsed(text)) for text in smiles]
    return np.stack(rows).astype(np.float32)


def internal_diversity(prints: NDArray[np.float32]) -> float:
    """One minus the mean Tanimoto similarity of all pairs of fingerprints (N, B), each with itself, too."""
    shared = prints @ prints.T  # (N, N)
    counts = prints.sum(1)
    return float(1 - (shared / (counts[:, None] + counts[None] - shared)).mean())


def distance_between(ones: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    """The Wasserstein distance of two sets of numbers, (N,) and (M,)."""
    shares = (np.arange(2000) + 0.5) / 2000
    return float(np.abs(np.quantile(ones, shares) - np.quantile(others, shares)).mean())
