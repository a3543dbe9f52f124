"""Finds out where photos were taken that nobody placed, in a process of its own: what COLMAP does takes minutes.

Photos or a video go in; what comes out is a folder that `colmap` reads: `sparse/0`, and `images` cut from a video.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from studio.core.child import child_command, child_environment, end_with_parent, lines_of
from studio.core.container.source import is_file, is_folder, printable
from studio.core.error import UserError
from studio.core.picture import is_picture, picture_size
from studio.core.place import cache_dir
from studio.core.translation import N_

from .colmap import PHOTO_FOLDERS, read_colmap
from .scene_folder import is_scene, read_scene
from .shots import SceneFile
from .video import cut, is_video

SAID: Final = "placed.json"
N_KEPT: Final = 8
"""Scenes whose places are kept."""
MIN_PHOTOS: Final = 8
MAX_PHOTOS: Final = 300
MAX_FEATURES: Final = 4096
"""Points of a photo: all photos are held against each other, which takes the square of it."""
MIN_FEATURES: Final = 200
"""What a sharp photo has at the least."""
MAX_SIDE_PX: Final = 1600
SMALL_PX: Final = 1000
"""Photos whose sides are shorter are looked at twice as large."""
NICENESS: Final = 10
SEED: Final = 1
BLOCK: Final = 10
"""Photos that are held against each other at once; progress is told after that."""
STAGES: Final = {
    "cut": N_("Cutting the video into sharp photos"),
    "look": N_("Looking for points that are easy to find again"),
    "match": N_("Looking for the same points in other photos"),
    "place": N_("Finding out where each photo was taken"),
}
ADVICE: Final = N_(
    "Take more photos, each of which shows two thirds of the one before, sharp, in even light, and walk around rather "
    "than turn on the spot."
)
WHY: Final = {
    "blurred": N_("“{name}” shows nothing sharp: hold still, in good light, and let walls without a pattern be."),
    "alone": N_("“{name}” shows too little of what the others show: take one or two photos on the way to it."),
}
_COUNT: Final = re.compile(rb"Process(?:ed file|ing block) \[(\d+)/(\d+)(?:, (\d+)/)?")
"""In COLMAP's log; where it is written otherwise one day, there is no progress within a stage."""


@dataclass(frozen=True)
class Placing:
    """How far it has come: a stage, and how much of it is done, 0..1."""

    sentence: str
    fraction: float


def has_unplaced(path: Path) -> bool:
    """Whether it is a video, or a folder with photos enough; quick."""
    return (is_video(path) and is_file(path)) or len(photos_of(path)[1]) >= MIN_PHOTOS


def photos_of(path: Path) -> tuple[Path, list[str]]:
    """The folder in which the photos of a folder lie, and their names."""
    folders = [path / name for name in PHOTO_FOLDERS if is_folder(path / name)] + [path] * is_folder(path)
    if not folders:
        return path, []
    return folders[0], sorted(one.name for one in folders[0].iterdir() if is_picture(one) and is_file(one))


def check_installed() -> None:
    """Raise UserError where COLMAP is missing."""
    if find_spec("pycolmap") is None:
        raise UserError(
            N_("Nobody has found out yet where these photos were taken, and the program for it is not installed."),
            N_("Install it with “pip install pycolmap”."),
        )


def scene_of(path: Path) -> Generator[Placing, None, SceneFile]:
    """Read the cameras of a folder; where it has none, find them first. Closing the generator ends that.

    What was found is kept in the cache folder, and taken from there the next time.

    Raises:
        UserError: COLMAP is missing, there are too few or too many photos, or too few found a place.
    """
    if is_scene(path) or not has_unplaced(path):
        return read_scene(path)
    work = _kept(path)
    if not is_file(work / SAID):
        check_installed()
        _check_number(path)
        for old in sorted(work.parent.glob("*"), key=lambda one: one.stat().st_mtime)[: 1 - N_KEPT]:
            rmtree(old, ignore_errors=True)
        rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        found = yield from _placed_apart(path, work)
        (work / SAID).write_text(json.dumps(found))
    return known_scene(path)


def known_scene(path: Path) -> SceneFile:
    """The cameras of a folder, also those that were found here before; raises UserError where there are none."""
    if is_scene(path) or not has_unplaced(path) or not is_file(_kept(path) / SAID):
        return read_scene(path)
    work = _kept(path)
    found = json.loads((work / SAID).read_text())
    if found["n_placed"] < MIN_PHOTOS:
        n, m = found["n_placed"], found["n_placed"] + len(found["lost"])
        raise UserError(N_("{n} of {m} photos could be placed.").format(n=n, m=m), ADVICE)
    scene = read_colmap(work, work / "images" if is_video(path) else photos_of(path)[0])
    lost = [WHY[why].format(name=printable(name)) for name, why in sorted(found["lost"].items())]
    return replace(scene, left_out=(*lost, *scene.left_out))


def _kept(path: Path) -> Path:
    """The folder for what is found out about these very photos."""
    folder, names = (path.parent, [path.name]) if is_video(path) else photos_of(path)
    stats = [(name, (folder / name).stat()) for name in names]
    content = repr([str(folder.resolve()), *((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)])
    return cache_dir() / "placed" / hashlib.blake2b(content.encode(), digest_size=20).hexdigest()


def _check_number(path: Path) -> None:
    n_photos = MIN_PHOTOS if is_video(path) else len(photos_of(path)[1])
    if not MIN_PHOTOS <= n_photos <= MAX_PHOTOS:
        raise UserError(
            N_("There are {n:,} photos in “{name}”.").format(n=n_photos, name=printable(path.name)),
            N_("From {n} to {m} can be placed.").format(n=MIN_PHOTOS, m=MAX_PHOTOS),
        )


def _placed_apart(path: Path, work: Path) -> Generator[Placing, None, dict[str, Any]]:
    """How many photos were placed, `n_placed`, and why each of the others was not, `lost`."""
    with subprocess.Popen(
        child_command(f"{__name__}:main", str(path.resolve()), str(work.resolve())),
        env=child_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as child:
        stage, fraction = "cut" if is_video(path) else "look", 0.0
        try:
            assert child.stdout is not None
            for line in lines_of(child.stdout):
                said = json.loads(line) if line and line.startswith(b"{") else {}
                if "n_placed" in said:
                    return dict(said)
                if "refused" in said:
                    raise UserError(*said["refused"])
                stage, fraction = said.get("stage", (stage, _fraction(line, fraction)))
                yield Placing(STAGES[stage], fraction)
        finally:
            child.kill()
    raise UserError(N_("The program that finds out where photos were taken has failed."), ADVICE)


def _fraction(line: bytes | None, before: float) -> float:
    """How much of a stage is done by what COLMAP logs."""
    found = _COUNT.search(line or b"")
    if found is None:
        return before
    number, n = int(found[1]), int(found[2])
    return number / n if found[3] is None else ((number - 1) * n + int(found[3])) / n**2


def main() -> None:
    """What the other process does with the path and the folder that it is given."""
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        for said in _steps(Path(sys.argv[1]), Path(sys.argv[2])):
            _say(said)
    except UserError as error:
        _say({"refused": [error.title, error.what_to_do]})


def _say(said: Mapping[str, Any]) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")  # in one piece: COLMAP's threads write there too


def _steps(path: Path, work: Path) -> Iterator[dict[str, Any]]:
    """The lines of its answer; whatever else it prints is COLMAP's log."""
    import pycolmap

    folder, names = photos_of(path)
    if is_video(path):
        folder = work / "images"
        folder.mkdir()
        for fraction in cut(path, folder):
            yield {"stage": ("cut", fraction)}
        names = photos_of(folder)[1]
    database = work / "database.db"
    yield {"stage": ("look", 0.0)}
    for size, same in _by_size(folder, names).items():
        _look(pycolmap, database, folder, same, min(size) < SMALL_PX)
    yield {"stage": ("match", 0.0)}
    pycolmap.match_exhaustive(database, pairing_options=pycolmap.ExhaustivePairingOptions(block_size=BLOCK))
    yield {"stage": ("place", 0.0)}
    best = _best(pycolmap, database, folder, work, len(names))
    points = _points(pycolmap, database)
    placed = set[str]() if best is None else {best.images[one].name for one in best.reg_image_ids()}
    lost = {name: "blurred" if points.get(name, 0) < MIN_FEATURES else "alone" for name in {*names} - placed}
    database.unlink()
    yield {"n_placed": len(placed), "lost": lost}


def _best(pycolmap: Any, database: Path, folder: Path, work: Path, n_photos: int) -> Any:
    """Place the photos, write what has most of them to `sparse/0`, and return it; None where none could be placed."""
    numbers = count(1)

    def tell() -> None:
        _say({"stage": ("place", min(1.0, next(numbers) / n_photos))})

    (work / "found").mkdir()
    options = pycolmap.IncrementalPipelineOptions(min_model_size=MIN_PHOTOS, random_seed=SEED)
    if hasattr(options, "structure_less_registration_fallback"):  # from version 4 on
        options.structure_less_registration_fallback = False  # parts of a scene would be put together anyhow
    found = pycolmap.incremental_mapping(database, folder, work / "found", options, next_image_callback=tell)
    rmtree(work / "found")
    best = max(found.values(), key=lambda one: int(one.num_reg_images()), default=None)
    if best is not None:
        (work / "sparse" / "0").mkdir(parents=True)
        best.write_binary(work / "sparse" / "0")
    return best


def _points(pycolmap: Any, database: Path) -> dict[str, int]:
    """How many points were found in each photo that could be read."""
    opened = pycolmap.Database.open(database)
    found = {one.name: opened.num_keypoints_for_image(one.image_id) for one in opened.read_all_images()}
    opened.close()
    return found


def _by_size(folder: Path, names: list[str]) -> dict[tuple[int, int], list[str]]:
    """The names of photos of one size each, which one lens took; those that cannot be read are left out."""
    found = defaultdict[tuple[int, int], list[str]](list)
    for name in names:
        try:
            found[picture_size(folder / name)].append(name)
        except UserError:
            continue
    return found


def _look(pycolmap: Any, database: Path, folder: Path, names: list[str], are_small: bool) -> None:
    options = pycolmap.FeatureExtractionOptions(max_image_size=MAX_SIDE_PX)
    options.sift.max_num_features = MAX_FEATURES
    options.sift.first_octave = -1 if are_small else 0
    reading = pycolmap.ImageReaderOptions(camera_model="OPENCV")
    if is_folder(masks := (folder.parent if folder.name in PHOTO_FOLDERS else folder) / "masks"):
        reading.mask_path = masks
    pycolmap.extract_features(
        database,
        folder,
        image_names=names,
        camera_mode=pycolmap.CameraMode.SINGLE,
        reader_options=reading,
        extraction_options=options,
    )
