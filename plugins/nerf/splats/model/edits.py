"""Changes to a scene of splats as plain data: which splats are meant, and what becomes of them.

A list of edits is applied in order to the splats as they were opened, so that undo only has to shorten the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ...shared.camera.camera import camera_from_position
from .splats import SH_0, Splats

Shape = Literal["box", "ball", "stroke", "all"]
SHAPES: Final[tuple[Shape, ...]] = ("box", "ball", "stroke", "all")
Action = Literal["remove", "keep", "colour", "clean"]
ACTIONS: Final[tuple[Action, ...]] = ("remove", "keep", "colour", "clean")
Mask = npt.NDArray[np.bool_]

MOST_NUMBERS: Final = 4096
N_STROKE: Final = 11
"""Numbers of a stroke before its points: rotation (4), pivot (3), distance, angle, width and radius by height."""
SPLATS_A_CELL: Final = 40
MOST_CELLS: Final = 64
"""Along the longest side of the scene: so fine that a cell of a surface, which fills few of them, holds some splats."""
LEAST_NEIGHBOURS: Final = 12
BROAD: Final = 0.15
"""Of the scene's size; what is broader than this and faint is haze."""
FAINT: Final = 0.2


@dataclass(frozen=True)
class Region:
    """Some splats, by where their centres are.

    Attributes:
        shape: "box", "ball", "stroke" of a brush, or "all".
        numbers: box: its low and its high corner; ball: its centre and its radius, in world units; stroke: the camera
            (rotation, pivot, distance, angle), width by height of the picture, radius of the brush by its height, then
            x and y of its points in 0..1. A brush reaches through the whole scene.
    """

    shape: Shape
    numbers: tuple[float, ...] = ()


@dataclass(frozen=True)
class Edit:
    """What becomes of a region.

    Attributes:
        action: "remove" it, "keep" it alone, "colour" it, or "clean" it of specks and haze.
        brightness: the factor of its light. colourfulness: 0 is grey, 1 as it was.
    """

    action: Action
    region: Region
    brightness: float = 1.0
    colourfulness: float = 1.0


def is_sound(edit: Edit) -> bool:
    """Whether the numbers of an edit can be worked with."""
    numbers, region = edit.region.numbers, edit.region
    n_needed = {"box": 6, "ball": 4, "all": 0}.get(region.shape, N_STROKE + 2)
    is_whole = len(numbers) == n_needed or (region.shape == "stroke" and len(numbers) > n_needed)
    are_finite = all(abs(number) <= 1e6 for number in (*numbers, edit.brightness, edit.colourfulness))
    return is_whole and len(numbers) <= MOST_NUMBERS and are_finite and (len(numbers) - n_needed) % 2 == 0


def edited(splats: Splats, edits: Sequence[Edit]) -> Splats:
    """The splats after all edits."""
    for edit in edits:
        splats = _after(splats, edit)
    return splats


def _after(splats: Splats, edit: Edit) -> Splats:
    chosen = chosen_by(splats, edit.region)
    if edit.action == "colour":
        return replace(splats, harmonics=_coloured(splats, chosen, edit))
    if edit.action == "clean":
        return splats.where(~(chosen & specks(splats)))
    return splats.where(chosen if edit.action == "keep" else ~chosen)


def chosen_by(splats: Splats, region: Region) -> Mask:
    """Which splats are in a region, bool (N,)."""
    numbers = np.array(region.numbers, np.float32)
    if region.shape == "all":
        return np.ones(len(splats), np.bool_)
    if region.shape == "box":
        is_inside = (splats.centres >= numbers[:3]) & (splats.centres <= numbers[3:])
        return np.asarray(is_inside.all(1), np.bool_)
    if region.shape == "ball":
        away = np.linalg.norm(splats.centres - numbers[:3], axis=1)
        return np.asarray(away <= numbers[3], np.bool_)
    return _stroked(splats, numbers)


def _stroked(splats: Splats, numbers: npt.NDArray[np.float32]) -> Mask:
    rotation, pivot, distance, fov, aspect, radius = np.split(numbers[:N_STROKE], (4, 7, 8, 9, 10))
    position = {"rotation": rotation, "pivot": pivot, "distance": distance, "fov": fov}
    width = float(aspect[0])
    places, depths = camera_from_position(position).project(splats.centres, width, 1.0)
    points = numbers[N_STROKE:].reshape(-1, 2) * np.array([width, 1], np.float32)
    is_met = np.zeros(len(splats), np.bool_)
    for start, end in zip(points, points[1:] if len(points) > 1 else points, strict=False):
        is_met |= _distance(places, start, end) <= radius
    return np.asarray(is_met & (depths > 0), np.bool_)


def _distance(
    places: npt.NDArray[np.float32], start: npt.NDArray[np.float32], end: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """How far places (N, 2) are from a line between two points; NaN where a place is."""
    way = end - start
    share = np.clip((places - start) @ way / max(float(way @ way), 1e-12), 0, 1)
    return np.asarray(np.linalg.norm(places - start - share[:, None] * way, axis=1), np.float32)


def specks(splats: Splats) -> Mask:
    """Splats with hardly any others about them, and broad faint ones: what floats about in front of cameras."""
    if not len(splats):
        return np.zeros(0, np.bool_)
    low, high = np.percentile(splats.centres, (2, 98), axis=0)
    size = max(float((high - low).max()), 1e-6)
    n_cells = min(max(round((len(splats) / SPLATS_A_CELL) ** 0.5), 2), MOST_CELLS)
    cells = np.floor((splats.centres - low) / (size / n_cells)).clip(-(2**18), 2**18).astype(np.int64) + 2**19
    keys = (cells[:, 0] << 40) | (cells[:, 1] << 20) | cells[:, 2]
    found, place, counts = np.unique(keys, return_inverse=True, return_counts=True)
    n_around = np.zeros(len(found), np.int64)
    for step in _steps():
        at = np.searchsorted(found, found + step).clip(max=len(found) - 1)
        n_around += np.where(found[at] == found + step, counts[at], 0)
    is_lonely = n_around[place] < LEAST_NEIGHBOURS
    is_haze = (np.exp(splats.log_scales.max(1)) > BROAD * size) & (splats.opacities < FAINT)
    return np.asarray(is_lonely | is_haze, np.bool_)


def _steps() -> list[int]:
    """From a cell's number to those of its 27 neighbours, itself among them."""
    ways = (-1, 0, 1)
    return [(x << 40) + (y << 20) + z for x in ways for y in ways for z in ways]


def _coloured(splats: Splats, chosen: Mask, edit: Edit) -> npt.NDArray[np.float32]:
    """The harmonics with another light: grey mixed in, then all of it brighter or darker."""
    harmonics = splats.harmonics.copy()
    some = harmonics[chosen]
    some[:, 0] += 0.5 / SH_0  # the colour itself, without its offset
    grey = some.mean(2, keepdims=True)
    some = edit.brightness * (grey + edit.colourfulness * (some - grey))
    some[:, 0] -= 0.5 / SH_0
    harmonics[chosen] = some
    return harmonics
