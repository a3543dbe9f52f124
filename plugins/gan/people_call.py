"""The calls that the people's panel sends to its engine; torch stays behind it, where only the Lane goes."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame

from .people_scene import Array, PeopleScene

if TYPE_CHECKING:
    from .people_engine import About, PeopleEngine

ByteArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Parents:
    """The two faces that a picture is mixed of, (H, W, 3) each."""

    a: ByteArray
    b: ByteArray


def about(engine: "PeopleEngine") -> "About":
    """What the panel has to know of the model."""
    return engine.about


def draw(engine: "PeopleEngine", scene: PeopleScene, is_draft: bool, is_judged: bool) -> Iterator[Frame]:
    """Draw a scene; `is_draft` allows a quicker, smaller picture where the full one takes long.

    Where it is judged, the frame comes once more with the verdict.
    """
    yield from engine.scene_frames(scene, is_draft, is_judged)


def parents(engine: "PeopleEngine", scene: PeopleScene) -> Parents:
    """Draw the two faces that a scene is mixed of."""
    from .people_preview import byte_pictures

    a, b = engine.parents(scene)
    pictures = [byte_pictures(engine.draw(rows[None], scene.params.noise))[0] for rows in (a, b)]
    return Parents(pictures[0], pictures[1])


def walk_places(engine: "PeopleEngine", scene: PeopleScene, seeds: Sequence[int]) -> list[Array]:
    """The places (L, D) of a walk: the scene's own, then those of seeds with its words and truncation."""
    return [engine.place(scene), *(engine.place(PeopleScene(replace(scene.params, seed=seed))) for seed in seeds)]


def heat(engine: "PeopleEngine", scene: PeopleScene) -> Array:
    """Which parts of a scene's picture the detective's score depends on, (H, W) in 0..1."""
    return engine.heat(engine.place(scene), scene.params.noise, scene.noise_seed)


def measure_directions(engine: "PeopleEngine") -> Generator[None, None, "About"]:
    """Measure what the directions visibly change, where nobody did; returns what the panel has to know then."""
    yield from engine.measured_directions()
    return engine.about
