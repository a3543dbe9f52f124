"""The calls for studies and morphs that the panel sends to its engine."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from studio.core.position import Position
from studio.core.view import State

from .params import SampleParams
from .study_news import StudyNews, StudyRequest

if TYPE_CHECKING:
    from .engine import DiffusionEngine


def run_study(
    engine: "DiffusionEngine", request: StudyRequest, params: SampleParams, start: State | None
) -> Iterator[StudyNews]:
    """Where a study stands, after every step of the network."""
    return engine.study(request, params, start)


def places_of(engine: "DiffusionEngine", of: Sequence[SampleParams]) -> list[Position]:
    """The words and the noise of several runs."""
    return [engine.place_of(params) for params in of]
