"""Runs of a picture on the timeline: made anew as the scene changes, and branched at any token."""

from typing import Final

import numpy as np

from studio.core.view import State

from ...translate.panel.runs import FollowedRuns
from ..orders import Order
from ..params import BY_LINE, BY_SCALE, EmojiParams
from ..scene import EmojiScene
from ..state import PictureTrace

FPS: Final = {BY_SCALE: 1.5, BY_LINE: 12.0}


class EmojiRuns(FollowedRuns):
    """Signals: see FollowedRuns."""

    def renew(self, scene: EmojiScene, is_instant: bool, start: State | None = None) -> None:
        """Begin what a scene asks for; a scale can be looked at for a while, cells come quickly."""
        self._timeline.playback.set_fps(FPS[scene.params.order])
        super().renew(scene, is_instant, start)

    def force(self, params: EmojiParams, trace: PictureTrace, order: Order, token: int, code: int, title: str) -> None:
        """Let a token be another one, as a branch: an earlier one that begins so is shown again."""
        start = trace.with_token(order, token, code)
        for other in self._timeline.tracks:
            last = other.recording[-1].state if len(other.recording) else None
            if last is not None and _begins_with(last, start):
                self._follow(other)
                return
        self.go_on(params, start, order.block_of(token) - 1, title)


def _begins_with(state: State, start: State) -> bool:
    if any(name not in state for name in start) or state["forced"] != start["forced"]:
        return False
    n = len(start["tokens"])
    return bool(state["by_line"] == start["by_line"]) and np.array_equal(state["tokens"][:n], start["tokens"])
