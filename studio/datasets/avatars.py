"""Faces with exact labels: the style “toon-head” by Johan Melin (CC BY 4.0), drawn by the packages of DiceBear."""

import io
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.translation import N_
from studio.datasets.progress import Progress
from studio.datasets.small import AVATARS_NAME, read_small
from studio.datasets.split import Split, split_by_share

SIZE_PX: Final = 64
N_AVATARS: Final = 24000
VALIDATION_SHARE, TEST_SHARE = 0.06, 0.12
FILE_NAME: Final = "avatars.npz"
NONE: Final = "none"
STYLE: Final = "toon-head"
# The labels, in the order of their columns, with what each can be, in the order of its numbers.
AVATAR_LABELS: Final = {
    "hair": ("bun", "sideComed", "spiky", "undercut"),
    "rear_hair": (NONE, "longStraight", "longWavy", "neckHigh", "shoulderHigh"),
    "beard": (NONE, "chin", "chinMoustache", "fullBeard", "longBeard", "moustacheTwirl"),
    "mouth": ("agape", "angry", "laugh", "sad", "smile"),
    "eyes": ("bow", "happy", "humble", "wide", "wink"),
    "brows": ("angry", "happy", "neutral", "raised", "sad"),
    "clothes": ("dress", "openJacket", "shirt", "tShirt", "turtleNeck"),
    "hair_colour": ("#2c1b18", "#724133", "#a55728", "#b58143", "#d6b370"),
    "skin_colour": ("#5c3829", "#a36b4f", "#b98e6a", "#c68e7a", "#f1c3a5"),
    "clothes_colour": (
        *("#0b3286", "#147f3c", "#151613", "#545454", "#731ac3"),
        *("#b11f1f", "#e8e9e6", "#eab308", "#ec4899", "#f97316"),
    ),
}
# A combination of these lies in one part of the set as a whole.
SPLIT_LABELS: Final = ("hair", "beard", "mouth", "clothes")
# What the package calls the option that a label is read from.
_OPTIONS: Final = {
    "hair": "hairVariant",
    "rear_hair": "rearHairVariant",
    "beard": "beardVariant",
    "mouth": "mouthVariant",
    "eyes": "eyesVariant",
    "brows": "eyebrowsVariant",
    "clothes": "clothesVariant",
    "hair_colour": "hairColor",
    "skin_colour": "skinColor",
    "clothes_colour": "clothesColor",
}
Drawing = tuple[NDArray[np.uint8], dict[str, str]]


@dataclass(frozen=True, eq=False)
class Avatars:
    """Some faces.

    Attributes:
        pictures: (N, 64, 64, 3) uint8 sRGB on white.
        labels: (N, 10) uint8, columns and numbers as in AVATAR_LABELS; “none” where hair behind or beard is absent.
        is_full: False for the small set that the program brings along.
    """

    pictures: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    is_full: bool


def load_avatars(split: Split, folder: Path | None = None) -> Avatars:
    """One part of the full set where it has been built (in `folder` or the data folder), else of the small one.

    Raises:
        UserError: the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    is_full = path.is_file()
    try:
        arrays = _read_full(path) if is_full else read_small(AVATARS_NAME)
        chosen = arrays["splits"] == split.value
        pictures, labels = arrays["pictures"][chosen], arrays["labels"][chosen]
        if pictures.shape != (len(labels), SIZE_PX, SIZE_PX, 3) or pictures.dtype != np.uint8:
            raise ValueError("another shape")
        n_kinds = [len(kinds) for kinds in AVATAR_LABELS.values()]
        if labels.shape[1:] != (len(n_kinds),) or (labels >= n_kinds).any():
            raise ValueError("other labels")
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise UserError(N_("The faces on this computer are damaged."), N_("Build the data set again.")) from error
    return Avatars(pictures, labels, is_full)


def _read_full(path: Path) -> dict[str, NDArray[Any]]:
    # Opened here, since numpy leaves a file that is no zip open.
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: file[name] for name in ("pictures", "labels", "splits")}


def split_of(kinds: dict[str, str]) -> Split:
    """The part of a face by its hair, beard, mouth and clothes; test combinations are never learnt from."""
    key = " ".join(kinds[name] for name in SPLIT_LABELS)
    return split_by_share(f"avatars {key}", VALIDATION_SHARE, TEST_SHARE)


def build_avatars(to: Path, n_avatars: int = N_AVATARS) -> Iterator[Progress]:
    """Draw faces, seeds 0 to n - 1, and write the full set into folder `to`; yields the progress.

    Takes about two minutes and needs no network.

    Raises:
        UserError: a package of the extra “data” is missing.
    """
    draw = artist()
    pictures = np.empty((n_avatars, SIZE_PX, SIZE_PX, 3), np.uint8)
    labels = np.empty((n_avatars, len(AVATAR_LABELS)), np.uint8)
    splits = []
    for seed in range(n_avatars):
        if seed % 200 == 0:
            sentence = N_("Drawing face {n:,} of {all:,}").format(n=seed + 1, all=n_avatars)
            yield Progress(0.97 * seed / n_avatars, sentence)
        pictures[seed], kinds = draw(str(seed))
        labels[seed] = [known.index(kinds[name]) for name, known in AVATAR_LABELS.items()]
        splits.append(split_of(kinds).value)
    yield Progress(0.97, N_("Writing the data set"))
    unfinished = to / "avatars.part.npz"
    np.savez_compressed(unfinished, pictures=pictures, labels=labels, splits=np.array(splits))
    unfinished.replace(to / FILE_NAME)
    yield Progress(1.0, N_("{n:,} faces are ready").format(n=n_avatars))


def artist(
    change: Callable[[dict[str, Any]], dict[str, Any]] | None = None, size_px: int = SIZE_PX, edges: str = "auto"
) -> Callable[[str], Drawing]:
    """What draws the face of a seed: a picture (size_px, size_px, 3) and what each label is.

    `change` takes the style, and returns the one to draw in; `edges` are SVG's `shape-rendering`.

    Raises:
        UserError: a package of the extra “data” is missing.
    """
    try:
        import resvg_py
        from dicebear import Avatar, Style

        told = json.loads(files("dicebear_styles").joinpath(f"{STYLE}.json").read_text("utf-8"))
    except (ImportError, OSError) as error:
        raise UserError(
            N_("Drawing faces needs the packages dicebear-core, dicebear-styles and resvg-py."),
            N_("Install this program’s “data” extra; without the full set, the small one is used."),
        ) from error
    style = Style(told if change is None else change(told))

    def draw(seed: str) -> Drawing:
        avatar = Avatar(style, {"seed": seed, "size": size_px})
        svg = avatar.to_string().replace('shape-rendering="auto"', f'shape-rendering="{edges}"')
        png = resvg_py.svg_to_bytes(
            svg_string=svg, width=size_px, height=size_px, background="#ffffff", skip_system_fonts=True
        )
        with Image.open(io.BytesIO(bytes(png))) as picture:
            pixels = np.asarray(picture.convert("RGB"))
        return pixels, _kinds(avatar.to_json()["options"])

    return draw


def _kinds(options: dict[str, Any]) -> dict[str, str]:
    """What each label of a drawn face is; a part that was not drawn has no option, a colour comes as a list."""
    values = {name: options.get(option, NONE) for name, option in _OPTIONS.items()}
    return {name: value[0] if isinstance(value, list) else str(value) for name, value in values.items()}
