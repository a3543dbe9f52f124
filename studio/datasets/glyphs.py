"""Letterforms: 62 characters of some 650 open typefaces as signed distance fields, from Debian's font packages."""

import json
import logging
import lzma
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.core.character import CHARACTERS
from studio.core.distance_field import signed_distance_field
from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.translation import N_
from studio.datasets.progress import Progress
from studio.datasets.small import GLYPHS_NAME, read_small
from studio.datasets.split import Split, split_by_share

# fmt: off
_NAMES: Final = (
    "3270", "adobe-sourcesans3", "agave", "allerta", "anonymous-pro", "apropal",
    "atkinson-hyperlegible-ttf", "averia-gwf", "averia-sans-gwf", "averia-serif-gwf", "b612",
    "babelstone-modern", "breip", "cabin", "campania", "cantarell", "cardo", "cascadia-code",
    "century-catalogue", "cherrybomb", "clear-sans", "comfortaa", "comic-neue", "compagnon",
    "courier-prime", "crosextra-caladea", "crosextra-carlito", "dancingscript", "dosis", "ebgaramond",
    "elstob", "essays1743", "eurofurence", "evertype-conakry", "fantasque-sans", "fanwood", "firacode",
    "gamaliel", "gemunu-libre", "georgewilliams", "gfs-artemisia", "gfs-didot", "gfs-neohellenic", "go",
    "gotico-antiqua", "goudybookletter", "havana", "hermit", "inconsolata", "inter", "jetbrains-mono",
    "junction", "junicode", "jura", "karla", "kaushanscript", "klaudia-berenika", "kode-mono", "lato",
    "le-murmure", "league-mono", "league-spartan", "leckerli-one", "lemonada", "liberation",
    "lindenhill", "linuxlibertine", "lobster", "lobstertwo", "manrope", "monofur", "monoid", "mononoki",
    "national-park", "noto-mono", "ocr-a", "okolaks", "oldstandard", "open-sans", "opendin", "play",
    "prociono", "quattrocento", "quicksand", "radisnoir", "roadgeek", "roboto-slab", "roboto-unhinted",
    "routed-gothic", "schraubenkiste", "sil-andika", "sil-charis", "sil-galatia", "sil-gentium-basic",
    "sil-gentiumplus", "sil-harmattan", "sil-sophia-nubian", "sn-pro", "sora", "stix", "tuffy",
    "vazirmatn", "vollkorn", "yanone-kaffeesatz", "yrsa-rasa",
)
# fmt: on
FONT_PACKAGES: Final = tuple(f"fonts-{name}" for name in _NAMES)
SIZE_PX = 64
LIMIT_PX = 8.0
FIELD_SCALE = 127 / LIMIT_PX
VALIDATION_SHARE, TEST_SHARE = 0.06, 0.18
FOLDER_NAME = "glyphs"


@dataclass(frozen=True, eq=False)
class Glyphs:
    """Some typefaces.

    Attributes:
        fields: (F, 62, 64, 64) int8: signed distance to the outline in pixels times 127 / 8, positive inside;
            capitals stand 32 px high on a baseline at row 44, each glyph centred by its ink.
        names, families: of each typeface.
        is_full: False for the small set that the program brings along.
    """

    fields: NDArray[np.int8]
    names: tuple[str, ...]
    families: tuple[str, ...]
    is_full: bool


def load_glyphs(split: Split, folder: Path | None = None) -> Glyphs:
    """One part of the full set where it has been built (in `folder` or the data folder), else of the small one.

    Raises:
        UserError: the files are damaged.
    """
    place = (folder or data_dir() / "datasets") / FOLDER_NAME
    is_full = (place / "faces.json").is_file()
    try:
        fields, faces = _read_full(place, split) if is_full else _read_small(split)
        if fields.shape != (len(faces), len(CHARACTERS), SIZE_PX, SIZE_PX) or fields.dtype != np.int8:
            raise ValueError("another shape")
        names = tuple(str(face["name"]) for face in faces)
        return Glyphs(fields, names, tuple(str(face["family"]) for face in faces), is_full)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise UserError(N_("The letterforms on this computer are damaged."), N_("Build the data set again.")) from error


def _read_full(place: Path, split: Split) -> tuple[NDArray[np.int8], list[dict[str, str]]]:
    faces = json.loads((place / "faces.json").read_text("utf-8"))
    fields = np.load(place / "fields.npy", mmap_mode="r", allow_pickle=False)
    chosen = [index for index, face in enumerate(faces) if face["split"] == split.value]
    return np.ascontiguousarray(fields[chosen]), [faces[index] for index in chosen]


def _read_small(split: Split) -> tuple[NDArray[np.int8], list[dict[str, str]]]:
    """The small set holds masks, one bit a pixel, since they pack far better than fields."""
    arrays = read_small(GLYPHS_NAME)
    chosen = np.flatnonzero(arrays["faces"][:, 2] == split.value)
    faces = [{"name": name, "family": family} for name, family, _ in arrays["faces"][chosen].tolist()]
    return np.stack([quantised_fields(arrays["masks"][index]) for index in chosen]), faces


def quantised_fields(masks: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Masks (62, N, N), N an even multiple of 64, to fields (62, 64, 64) as Glyphs holds them."""
    return np.round(signed_distance_field(masks, SIZE_PX, LIMIT_PX) * FIELD_SCALE).astype(np.int8)


def split_of(package: str) -> Split:
    """The part of a package's typefaces; packages of one maker ("averia-sans", "averia-serif") stay together."""
    maker = package.removeprefix("fonts-").split("-")[0]
    return split_by_share(maker, VALIDATION_SHARE, TEST_SHARE)


def build_glyphs(to: Path, packages: tuple[str, ...] = FONT_PACKAGES) -> Iterator[Progress]:
    """Fetch the font packages with apt-get and write the full set into folder `to`; yields the progress.

    Nothing is installed: the packages are unpacked in a temporary folder. Takes about two minutes and 80 MB.

    Raises:
        UserError: apt-get, dpkg or fonttools is missing, or no package can be fetched.
    """
    _check_tools()
    faces: list[dict[str, str]] = []
    fields: list[NDArray[np.int8]] = []
    seen: set[str] = set()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, package in enumerate(packages):
            yield Progress(number / len(packages), N_("Reading {package}").format(package=package))
            for face, field in _read_package(package, folder, seen):
                faces.append({**face, "package": package, "split": split_of(package).value})
                fields.append(field)
    if not faces:
        raise UserError(
            N_("No font package could be downloaded."), N_("Is this computer online? If so, run apt-get update.")
        )
    _write(to / FOLDER_NAME, faces, fields)
    yield Progress(1.0, N_("{n} typefaces are ready").format(n=len(faces)))


def _check_tools() -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise UserError(
            N_("The typefaces come as Debian packages, and apt-get is not on this computer."),
            N_("Build them on Debian or Ubuntu; without the full set, the small one is used."),
        )
    try:
        import fontTools  # noqa: F401 - only to see that it is there
    except ImportError as error:
        raise UserError(N_("Reading typefaces needs fonttools."), N_("Install this program’s “data” extra.")) from error


def _read_package(package: str, folder: Path, seen: set[str]) -> Iterator[tuple[dict[str, str], NDArray[np.int8]]]:
    """Every usable typeface of a package that was not seen before, as (names, fields (62, 64, 64))."""
    from studio.datasets.typeface import read_typeface

    command = ["apt-get", "download", "-qq", package]
    if subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode:
        logging.getLogger(__name__).warning("%s could not be fetched", package)
        return
    archive = next(folder.glob(f"{package}_*.deb"))
    unpacked = folder / package
    subprocess.run(["dpkg", "-x", archive.name, package], cwd=folder, capture_output=True, check=True)
    files = [path for path in unpacked.rglob("*") if path.suffix.lower() in (".ttf", ".otf") and not path.is_symlink()]
    for path in sorted(files, key=str):
        face = read_typeface(path)
        if face is None or face.digest in seen:
            continue
        seen.add(face.digest)
        fields = quantised_fields(face.masks)
        # Hairlines that cover no pixel's centre at this size would teach that a letter may be empty.
        if (fields > 0).any((1, 2)).all():
            yield {"name": face.name, "family": face.family}, fields
    shutil.rmtree(unpacked)
    archive.unlink()


def _write(place: Path, faces: list[dict[str, str]], fields: list[NDArray[np.int8]]) -> None:
    """faces.json last: the set counts as built when it is there."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "faces.json").unlink(missing_ok=True)
    np.save(place / "fields.npy", np.stack(fields))
    unfinished = place / "faces.part"
    unfinished.write_text(json.dumps(faces, ensure_ascii=False, indent=0), "utf-8")
    unfinished.replace(place / "faces.json")
