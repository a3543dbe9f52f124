"""Runs of a picture on the timeline: made anew as the scene changes, and branched at any token."""

from typing import Final

import numpy as np

from studio.core.view import State

from ...translate.panel.runs import FollowedRuns
from ..params import BY_LINE, BY_SCALE
from ..scene import EmojiScene

FPS: Final = {BY_SCALE: 1.5, BY_LINE: 12.0}


class EmojiRuns(FollowedRuns):
    """Signals: see FollowedRuns."""

    def renew(self, scene: EmojiScene, is_instant: bool, start: State | None = None) -> None:
        """Begin what a scene asks for; a scale can be looked at for a while, cells come quickly."""
        self._timeline.playback.set_fps(FPS[scene.params.order])
        super().renew(scene, is_instant, start)

    def begins_with(self, state: State, start: State) -> bool:
        """Whether a picture goes on behind the tokens of a start, the forced one as its last choice."""
        return all(np.array_equal(state[name][: len(one)], one) for name, one in start.items())
