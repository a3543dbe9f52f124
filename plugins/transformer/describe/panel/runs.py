"""Runs on the timeline: made anew as the scene changes, and branched at any word."""

from studio.core.view import State

from ...translate.panel.runs import TranslateRuns
from ..params import DescribeParams
from ..scene import DescribeScene
from ..state import DescriptionTrace, started


class DescribeRuns(TranslateRuns):
    """Signals: see PanelRuns; growing is a change."""

    def renew(self, scene: DescribeScene, is_instant: bool, start: State | None = None) -> None:
        """Describe another picture or answer another question; the run is always followed."""
        super().renew(scene, is_instant, scene.start() if start is None else start)

    def force_words(self, params: DescribeParams, trace: DescriptionTrace, forced: list[int], title: str) -> None:
        """Let every lane begin with some tokens, as a branch."""
        self.branch(params, started(trace.picture, trace.asked, forced), title)
