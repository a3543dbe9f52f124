"""The calls that the panel sends to its engine; what computes stays behind it, where only the Lane goes."""

from typing import TYPE_CHECKING

from studio.core.frame import Frame
from studio.core.view import State

from .params import SampleParams

if TYPE_CHECKING:
    from .engine import DiffusionEngine


def draw_draft(engine: "DiffusionEngine", params: SampleParams, start: State | None) -> Frame:
    """The last frame of a quick run."""
    return engine.draft(params, start)
