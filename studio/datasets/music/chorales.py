"""Four-part chorales by Johann Sebastian Bach, read from the corpus that comes with the Python package music21.

The music is in the public domain; of the encodings the package says that they are shared with their encoders'
permission, some not for commercial use. So they are fetched by whoever wants to train, and none is passed on.
"""

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.translation import N_
from studio.datasets.music.chorales_score import VOICES, Score, read_score
from studio.datasets.package import fetch_wheels
from studio.datasets.progress import Progress
from studio.datasets.split import Split, split_by_count

PACKAGE: Final = "music21==10.5.1"
SHA_256: Final = "dc3309498c4c95cebdf8d4f20c868deb6b63bce1d929cad4f51a7ccc982987b1"
FILE_NAME: Final = "chorales.npz"
_MEMBER: Final = re.compile(r"music21/corpus/bach/(bwv[\w.-]+)\.mxl")
_NO_CHORALE: Final = frozenset({"bwv846"})
_MAX_MEMBER_BYTES: Final = 4 << 20
N_VALIDATION: Final = 30
N_TEST: Final = 40
_N_SHARED: Final = 48
"""Sixteenths: where so many in a row are alike, one chorale is taken for a copy of the other."""
_MAX_SHARED: Final = 0.25


@dataclass(frozen=True)
class Chorales:
    """Some chorales.

    Attributes:
        names: of each, by the catalogue of Bach's works, such as "bwv66.6". scores: each on its grid.
    """

    names: tuple[str, ...]
    scores: tuple[Score, ...]

    def __len__(self) -> int:
        return len(self.scores)


def load_chorales(split: Split, folder: Path | None = None) -> Chorales:
    """One part of the chorales that were built (in `folder` or the data folder).

    Raises:
        UserError: they were not built, or the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    if not path.is_file():
        raise UserError(
            N_("The chorales are not on this computer: their encodings may not be distributed with this program."),
            N_("Download them once with “main.py data chorales”."),
        )
    try:
        return _read(path, split)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(N_("The chorales on this computer are damaged."), N_("Build the data set again.")) from error


def _read(path: Path, split: Split) -> Chorales:
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        arrays = {name: file[name] for name in ("values", "metre", "lengths", "fifths", "names", "splits")}
    values, metre, lengths = arrays["values"], arrays["metre"], arrays["lengths"]
    n_steps, is_valid = int(lengths.sum()), lengths.min() > 0
    if values.shape != (n_steps, len(VOICES)) or metre.shape != (n_steps, 2) or not is_valid:
        raise ValueError("the parts do not fit together")
    if values.dtype != np.uint8 or metre.dtype != np.uint8 or values.max() > 127 or metre[:, 1].min() < 1:
        raise ValueError("no values of music")
    ends = np.cumsum(lengths).tolist()
    chosen = [number for number, part in enumerate(arrays["splits"].tolist()) if part == split.value]
    scores = []
    for number in chosen:
        some = slice(ends[number] - int(lengths[number]), ends[number])
        scores.append(Score(values[some], metre[some, 0], metre[some, 1], int(arrays["fifths"][number])))
    return Chorales(tuple(arrays["names"][chosen].tolist()), tuple(scores))


def save_chorales(path: Path, scores: dict[str, Score]) -> None:
    """Write chorales by their names, each with the part that it belongs to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(
        unfinished,
        values=np.concatenate([score.values for score in scores.values()]),
        metre=np.concatenate([np.stack([score.places, score.bars], 1) for score in scores.values()]),
        lengths=np.array([len(score.values) for score in scores.values()]),
        fifths=np.array([score.fifths for score in scores.values()], np.int8),
        names=np.array(list(scores)),
        splits=np.array([str(part) for part in split_by_count(list(scores), N_VALIDATION, N_TEST)]),
    )
    unfinished.replace(path)


def build_chorales(to: Path) -> Iterator[Progress]:
    """Fetch the package with pip and write its chorales into folder `to`; yields the progress.

    Raises:
        UserError: pip is missing, or the package cannot be fetched or read.
    """
    yield Progress(0.0, N_("Downloading the package “music21”, 20 MB, with pip"))
    with tempfile.TemporaryDirectory() as folder:
        (archive,) = fetch_wheels({PACKAGE: SHA_256}, Path(folder))
        yield Progress(0.5, N_("Reading the chorales"))
        scores = without_copies(read_wheel(archive))
    save_chorales(to / FILE_NAME, scores)
    yield Progress(1.0, N_("{n} chorales are ready").format(n=len(scores)))


def read_wheel(archive: Path) -> dict[str, Score]:
    """All chorales of four voices in the package, by name; nothing is unpacked onto the disk.

    Raises:
        UserError: the package is not what it was.
    """
    scores: dict[str, Score] = {}
    try:
        with zipfile.ZipFile(archive) as wheel:
            for member in sorted(wheel.namelist()):
                found = _MEMBER.fullmatch(member)
                if found is not None and found[1] not in _NO_CHORALE:
                    try:
                        scores[found[1]] = read_score(_music(_bounded(wheel, member)))
                    except ValueError:
                        continue  # not for four voices
    except (OSError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise _changed() from error
    if not scores:
        raise _changed()
    return scores


def _changed() -> UserError:
    return UserError(N_("The package “{name}” has changed and can no longer be used.").format(name=PACKAGE))


def _bounded(archive: zipfile.ZipFile, member: str) -> bytes:
    if archive.getinfo(member).file_size > _MAX_MEMBER_BYTES:
        raise ValueError(f"{member} is too large")
    return archive.read(member)


def _music(packed: bytes) -> bytes:
    """The score in a packed file of MusicXML."""
    with zipfile.ZipFile(io.BytesIO(packed)) as inner:
        names = [name for name in inner.namelist() if name.endswith((".xml", ".musicxml")) and "META-INF" not in name]
        return _bounded(inner, names[0]) if names else b""


def without_copies(scores: dict[str, Score]) -> dict[str, Score]:
    """The same without those of which more than a quarter is in an earlier one, in whatever key."""
    known: set[bytes] = set()
    kept = {}
    for name, score in scores.items():
        passages = _passages(score)
        if sum(one in known for one in passages) <= _MAX_SHARED * len(passages):
            kept[name] = score
            known.update(passages)
    return kept


def _passages(score: Score) -> list[bytes]:
    """Every passage of three bars or so, as steps from the first soprano note, so that the key makes no difference."""
    values = score.values.astype(np.int16)
    first = int(values[values[:, 0] > 1, 0][0]) if (values[:, 0] > 1).any() else 0
    relative = np.where(values > 1, values - first, values - 1000).astype(np.int16)
    n = min(_N_SHARED, len(relative))
    return [relative[start : start + n].tobytes() for start in range(len(relative) - n + 1)]
