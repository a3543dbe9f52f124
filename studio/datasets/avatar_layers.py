"""The faces of `studio.datasets.avatars` at 512 pixels, each as a map of its flat parts: skin, hair, clothes and more.

`python -m studio.datasets.avatar_layers` picks the small set that the program brings along from the full one.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.place import asset, data_dir
from studio.core.translation import N_
from studio.datasets.avatar_parts import MAP_PX, PartArtist, face_colours
from studio.datasets.avatars import AVATAR_LABELS, SIZE_PX, artist, split_of
from studio.datasets.part_maps import PartMaps, packed_map, unpacked_map
from studio.datasets.progress import Progress
from studio.datasets.split import Split

N_FACES: Final = 5000
N_LOOKED_AT: Final = 80  # for lines; what one of these faces lacks, another one has
N_SMALL: Final = {"train": 80, "validation": 20, "test": 40}
FILE_NAME: Final = "avatar-layers.npz"
SMALL_NAME: Final = "datasets/avatar-layers.npz"
_ARRAYS: Final = ("seeds", "pictures", "labels", "splits", "packed", "ends", "ink")


@dataclass(frozen=True, eq=False)
class AvatarLayers:
    """Some faces.

    Attributes:
        seeds: (N,) what each face is drawn from.
        pictures: (N, 64, 64, 3) uint8 sRGB on white.
        labels: (N, 10) uint8, as in AVATAR_LABELS.
        packed: of each the map of its parts.
        ink: (K, K) in 0..1, how much of the border between two parts is drawn as a line.
        is_full: False for the small set that the program brings along.
    """

    seeds: NDArray[np.int64]
    pictures: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    packed: Sequence[bytes]
    ink: NDArray[np.float32]
    is_full: bool

    def parts(self, index: int) -> NDArray[np.uint8]:
        """The map of a face, (512, 512): which part of PART_NAMES is seen there."""
        return unpacked_map(self.packed[index], MAP_PX)

    def maps(self) -> PartMaps:
        """The maps with the colours of the parts."""
        return PartMaps(self.packed, MAP_PX, face_colours(self.labels))


def load_avatar_layers(split: Split, folder: Path | None = None) -> AvatarLayers:
    """One part of the full set where it has been built (in `folder` or the data folder), else of the small one.

    Raises:
        UserError: the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    is_full = path.is_file()
    try:
        with (path if is_full else asset(SMALL_NAME)).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS}
        chosen = np.flatnonzero(arrays["splits"] == split.value)
        pictures, labels, ends = arrays["pictures"][chosen], arrays["labels"][chosen], arrays["ends"]
        if pictures.shape != (len(labels), SIZE_PX, SIZE_PX, 3) or pictures.dtype != np.uint8:
            raise ValueError("another shape")
        if (labels >= [len(kinds) for kinds in AVATAR_LABELS.values()]).any():
            raise ValueError("other labels")
        packed, starts = arrays["packed"].tobytes(), np.concatenate([[0], ends[:-1]])
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(N_("The faces on this computer are damaged."), N_("Build the data set again.")) from error
    maps = [packed[starts[index] : ends[index]] for index in chosen]
    return AvatarLayers(arrays["seeds"][chosen], pictures, labels, maps, arrays["ink"], is_full)


def build_avatar_layers(to: Path, n_faces: int = N_FACES) -> Iterator[Progress]:
    """Draw faces, seeds 0 to n - 1, and the maps of their parts into folder `to`; yields the progress.

    Takes about ten minutes and needs no network.

    Raises:
        UserError: a package of the extra “data” is missing.
    """
    draw, part_artist = artist(), PartArtist()
    pictures, labels, splits, packed = [], [], [], []
    for seed in range(n_faces):
        if seed % 50 == 0:
            sentence = N_("Drawing face {n:,} of {all:,}").format(n=seed + 1, all=n_faces)
            yield Progress(0.99 * seed / n_faces, sentence)
        picture, kinds = draw(str(seed))
        pictures.append(picture)
        labels.append([known.index(kinds[name]) for name, known in AVATAR_LABELS.items()])
        splits.append(split_of(kinds).value)
        packed.append(packed_map(parts := part_artist.parts(str(seed))))
        if seed < N_LOOKED_AT:
            part_artist.look_for_lines(str(seed), parts)
    yield Progress(0.99, N_("Writing the data set"))
    arrays: dict[str, NDArray[Any]] = {
        "seeds": np.arange(n_faces),
        "pictures": np.array(pictures),
        "labels": np.array(labels, np.uint8),
        "splits": np.array(splits),
    }
    write_avatar_layers(to / FILE_NAME, packed, ink=part_artist.ink(), **arrays)
    yield Progress(1.0, N_("{n:,} faces are ready").format(n=n_faces))


def write_avatar_layers(path: Path, packed: Sequence[bytes], **arrays: Any) -> None:
    """Write packed maps, and seeds (N,), pictures (N, 64, 64, 3), labels (N, L), splits (N,) and ink (K, K)."""
    unfinished, ends = path.with_suffix(".part.npz"), np.cumsum([len(one) for one in packed])
    joined = np.frombuffer(b"".join(packed), np.uint8)
    np.savez_compressed(unfinished, packed=joined, ends=ends, **arrays)
    unfinished.replace(path)


def write_small_layers(path: Path, full: Path) -> None:
    """Pick the first faces of each part of the full set."""
    with np.load(full, allow_pickle=False) as file:
        arrays = {name: file[name] for name in _ARRAYS}
    chosen = np.sort(np.concatenate([np.flatnonzero(arrays["splits"] == part)[:n] for part, n in N_SMALL.items()]))
    joined, ends = arrays["packed"].tobytes(), arrays["ends"]
    packed = [joined[ends[index - 1] if index else 0 : ends[index]] for index in chosen.tolist()]
    kept = {name: arrays[name][chosen] for name in ("seeds", "pictures", "labels", "splits")}
    write_avatar_layers(path, packed, ink=arrays["ink"], **kept)


if __name__ == "__main__":
    write_small_layers(asset(SMALL_NAME), data_dir() / "datasets" / FILE_NAME)
