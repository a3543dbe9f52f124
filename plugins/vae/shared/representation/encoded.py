"""Many pictures at their places in latent space, with small pictures of each and what is known of them.

Shapes: N pictures, D latent numbers.
"""

import contextlib
import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.core.place import cache_dir
from studio.core.translation import N_
from studio.core.view import ByteArray, FloatArray

VERSION: Final = 1  # goes into every name: what another version has kept is never found
MAX_PLACES: Final = 50_000
SPRITE_PX: Final = 32
N_KEPT: Final = 6
"""So many maps are kept, each of 160 MB at most."""
MAX_LEFT_OUT: Final = 1000
FOLDER: Final = N_("Folder")


@dataclass(frozen=True)
class Progress:
    """How far something has come: so many of all, 0 of 0 where that is not known, and what is being done."""

    sentence: str
    n: int = 0
    n_all: int = 0


@dataclass(frozen=True, eq=False)
class Label:
    """What each picture is by one way to sort them: `kinds[of[n]]` of picture n; `of` is (N,) uint16."""

    kinds: tuple[str, ...]
    of: npt.NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Encoded:
    """Pictures at their places.

    Attributes:
        key: says which model and which files they come from, fit for the name of a file.
        z: (N, D) float32.
        sprites: (N, 32, 32) uint8 ink, 255 where there is most, or (N, 32, 32, 3) colours.
        errors: (N,) float32, the mean difference from its redrawing, 0..1.
        is_held_out: (N,) whether the model never learnt from it, where that is known.
        names: of each. letters: which each draws, "" where the model draws no letters.
        labels: ways to sort them, by their titles.
        left_out: files that could not be used, "name: reason" each, at most 1,000; `n_left_out` counts all.
    """

    key: str
    z: FloatArray
    sprites: ByteArray
    errors: FloatArray
    is_held_out: npt.NDArray[np.bool_]
    names: tuple[str, ...]
    letters: str
    labels: Mapping[str, Label]
    left_out: tuple[str, ...] = ()
    n_left_out: int = 0


def key_of(*content: object) -> str:
    """A name for what depends on this content alone."""
    return hashlib.blake2b(repr((VERSION, *content)).encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def kept_file(key: str, what: str) -> Path:
    """Where what is found out about pictures is kept."""
    folder = cache_dir() / "maps"
    folder.mkdir(exist_ok=True)
    return folder / f"{key}.{what}.npz"


def read_kept(key: str) -> Encoded | None:
    """What was kept under a key; None where there is nothing, or only a broken file."""
    arrays = read_arrays(kept_file(key, "places"))
    try:
        return None if arrays is None else _from_arrays(key, arrays)
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def keep(encoded: Encoded) -> None:
    """Keep it for the next time, and forget what was not used for longest; without room it is made anew then."""
    about: dict[str, Any] = {
        "names": encoded.names,
        "letters": encoded.letters,
        "kinds": {name: label.kinds for name, label in encoded.labels.items()},
        "left_out": encoded.left_out,
        "n_left_out": encoded.n_left_out,
    }
    labels = [label.of for label in encoded.labels.values()]
    path = kept_file(encoded.key, "places")
    write_arrays(
        path,
        z=encoded.z,
        sprites=encoded.sprites,
        errors=encoded.errors,
        is_held_out=encoded.is_held_out,
        labels=np.stack(labels) if labels else np.zeros((0, len(encoded.z)), np.uint16),
        about=np.array(json.dumps(about)),
    )
    with contextlib.suppress(OSError):
        by_age = sorted(path.parent.glob("*.places.npz"), key=lambda one: one.stat().st_mtime, reverse=True)
        for old in by_age[N_KEPT:]:
            for file in path.parent.glob(f"{old.name.partition('.')[0]}.*"):
                file.unlink(missing_ok=True)


def _from_arrays(key: str, arrays: Mapping[str, npt.NDArray[Any]]) -> Encoded:
    about, z = json.loads(str(arrays["about"])), arrays["z"]
    n, names, kinds = len(z), tuple(map(str, about["names"])), about["kinds"]
    labels = dict(zip(kinds, map(Label, map(tuple, kinds.values()), arrays["labels"]), strict=True))
    fits = (
        0 < n <= MAX_PLACES and z.ndim == 2 and z.dtype == np.float32 and bool(np.isfinite(z).all()),
        arrays["sprites"].shape[:3] == (n, SPRITE_PX, SPRITE_PX) and arrays["sprites"].dtype == np.uint8,
        arrays["errors"].shape == arrays["is_held_out"].shape == (n,) == (len(names),),
        len(about["letters"]) in (0, n),
        all(label.of.shape == (n,) and label.of.max() < len(label.kinds) for label in labels.values()),
    )
    if not all(fits):
        raise ValueError(key)
    found = z, arrays["sprites"], arrays["errors"], arrays["is_held_out"].astype(bool)
    return Encoded(key, *found, names, about["letters"], labels, tuple(about["left_out"]), int(about["n_left_out"]))


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]] | None:
    """The arrays in a file of the program's own; None where there is none, or it is broken."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        os.utime(path)  # used now: others go first
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return arrays


def write_arrays(path: Path, **arrays: Any) -> None:
    """Write arrays; without room nothing is written, and nobody is troubled."""
    unfinished = path.with_name(f"{path.stem}.{os.getpid()}.part")
    with contextlib.suppress(OSError):
        try:
            with unfinished.open("wb") as file:
                np.savez(file, **arrays)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
