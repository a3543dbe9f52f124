"""What is filled in on screen, as far as the scene alone would not give it, for a state that is kept."""

from typing import Any

from studio.core.frame import Frame

from .order_scene import OrderScene
from .order_state import NOT_TOLD, Filling, passage_of


def own_filling(source: Any, scene: OrderScene, frame: Frame | None) -> Filling | None:
    """What a run has filled in; None where a run of the scene would do the same, or none is there."""
    state = None if frame is None else frame.state
    if source is None or state is None or "told" not in state:
        return None
    start = getattr(source, "start", None)
    begun = None if start is None else (passage_of(start), bool((start["told"] != NOT_TOLD).any()))
    plain = None if scene.passage is None else (scene.passage, False)
    if source.params == scene.params and begun == plain:
        return None
    n_told = int((state["told"] != NOT_TOLD).sum())
    rolls = tuple(float(one) for one in state["facts"][:n_told, 3])
    return Filling(passage_of(state), tuple(state["told"][:n_told].tolist()), rolls)
