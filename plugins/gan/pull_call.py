"""The call that pulls points on the engine of people; torch stays behind it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from studio.core.frame import Frame

from .people_scene import PeopleScene
from .pull_points import Pulls

if TYPE_CHECKING:
    from .people_engine import PeopleEngine


def creep(engine: "PeopleEngine", scene: PeopleScene, pulls: Pulls) -> Iterator[Frame]:
    """Pull the points of a scene's picture, one frame for each step."""
    from .pull_run import pull

    return pull(engine, scene, pulls)
