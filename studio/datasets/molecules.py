"""Drug-like molecules as SMILES: those of MOSES, read from the Python package molsets, with scaffolds held out.

MOSES: Polykovskiy et al. 2020 (arXiv 1811.12823). Its own parts are kept: what is learnt from, and the molecules whose
scaffolds (rings and what joins them) occur in no other part, which are the test part. Validation is of its plain test.
"""

import gzip
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.place import asset, data_dir
from studio.core.translation import N_
from studio.datasets.package import fetch_wheels
from studio.datasets.progress import Progress
from studio.datasets.split import Split, stable_fraction

PACKAGE: Final = "molsets==0.3.1"
SHA_256: Final = "7f4450e3ebecebe79c3a2a55950c93daddee071120daf64a163d03481e811d34"
FILE_NAME: Final = "molecules.npz"
N_VALIDATION: Final = 5000
PROPERTIES: Final = ("logp", "qed", "weight")
"""What the brought-along molecules are described by: logP after Crippen, QED, weight in daltons."""
_MEMBERS: Final = {Split.TRAIN: "train", Split.VALIDATION: "test", Split.TEST: "test_scaffolds"}
_MAX_MEMBER_BYTES: Final = 16 << 20
_MAX_TEXT_BYTES: Final = 128 << 20


@dataclass(frozen=True, eq=False)
class Molecules:
    """Some molecules.

    Attributes:
        smiles: of each, as MOSES writes it.
        properties: (N, 3) float32, one column for each of PROPERTIES; None in the full set, which has none.
        is_full: False for the small set that the program brings along.
    """

    smiles: tuple[str, ...]
    properties: NDArray[np.float32] | None
    is_full: bool


def load_molecules(split: Split, folder: Path | None = None) -> Molecules:
    """One part of the full set where it has been built (in `folder` or the data folder), else of the small one."""
    path = (folder or data_dir() / "datasets") / FILE_NAME
    return _read(path, split, True) if path.is_file() else load_described_molecules(split)


def load_described_molecules(split: Split) -> Molecules:
    """One part of the set that the program brings along, with its properties."""
    return _read(asset("datasets/" + FILE_NAME), split, False)


def _read(path: Path, split: Split, is_full: bool) -> Molecules:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            smiles = tuple(file[split.value].tobytes().decode("ascii").split("\n"))
            properties = None if is_full else file[f"{split.value}_properties"].astype(np.float32)
        if properties is not None and properties.shape != (len(smiles), len(PROPERTIES)):
            raise ValueError("another shape")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(N_("The molecules on this computer are damaged."), N_("Build the data set again.")) from error
    return Molecules(smiles, properties, is_full)


def build_molecules(to: Path) -> Iterator[Progress]:
    """Fetch the package with pip and write its molecules into folder `to`; yields the progress.

    Raises:
        UserError: pip is missing, or the package cannot be fetched or read.
    """
    yield Progress(0.0, N_("Downloading the package “molsets”, 52 MB, with pip"))
    with tempfile.TemporaryDirectory() as folder:
        (archive,) = fetch_wheels({PACKAGE: SHA_256}, Path(folder))
        yield Progress(0.6, N_("Reading the molecules"))
        parts = read_wheel(archive)
    yield Progress(0.8, N_("Writing the data set"))
    save_molecules(to / FILE_NAME, parts)
    yield Progress(1.0, N_("{n:,} molecules are ready").format(n=sum(map(len, parts.values()))))


def read_wheel(archive: Path) -> dict[Split, list[str]]:
    """The SMILES of each part in the package; nothing is unpacked onto the disk.

    Raises:
        UserError: the package is not what it was.
    """
    try:
        with zipfile.ZipFile(archive) as wheel:
            parts = {split: _member(wheel, name) for split, name in _MEMBERS.items()}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            N_("The package “{name}” has changed and can no longer be used.").format(name=PACKAGE)
        ) from error
    parts[Split.VALIDATION] = sorted(parts[Split.VALIDATION], key=stable_fraction)[:N_VALIDATION]
    return parts


def _member(wheel: zipfile.ZipFile, name: str) -> list[str]:
    """The first column of one part's table."""
    member = wheel.getinfo(f"moses/dataset/data/{name}.csv.gz")
    if member.file_size > _MAX_MEMBER_BYTES:
        raise ValueError(f"{name} is too large")
    with wheel.open(member) as packed, gzip.open(packed) as unpacked:
        text = unpacked.read(_MAX_TEXT_BYTES).decode("ascii")
    head, *lines = text.splitlines()
    if not head.startswith("SMILES") or not lines:
        raise ValueError(f"{name} is no table of SMILES")
    return [line.partition(",")[0] for line in lines]


def save_molecules(
    path: Path, parts: dict[Split, list[str]], properties: dict[Split, NDArray[np.float32]] | None = None
) -> None:
    """Write the SMILES of each part and, for those brought along, what describes them, (N, 3)."""
    arrays = {
        split.value: np.frombuffer("\n".join(smiles).encode("ascii"), np.uint8) for split, smiles in parts.items()
    }
    described = {f"{split.value}_properties": values for split, values in (properties or {}).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(unfinished, **arrays, **described)  # type: ignore[arg-type]  # numpy's stubs see allow_pickle
    unfinished.replace(path)
