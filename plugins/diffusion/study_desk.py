"""Holds runs side by side instead of the canvas: strengths of guidance, samplers, or the neighbours of a picture."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from studio.api.engine import Policy
from studio.core.text import N_, translate

from .sampler_section import SAMPLER_TEXTS
from .strip_view import StripView
from .study_call import run_study
from .study_news import REFERENCE_STEPS, StudyNews, StudyPicture, StudyRequest
from .study_tiles import around, changes_between, tile_of
from .tile_grid import Tile

if TYPE_CHECKING:
    from .panel import DiffusionPanel

KEY: Final = "study"
SETTLE_MS: Final = 600
"""So long must all controls rest before a study of a live scene is made anew."""
N_COLUMNS: Final = {"variations": 3}
TITLES: Final = {
    "guidance": N_("How strongly the prompt pulls"),
    "race": N_("Samplers side by side"),
    "variations": N_("Pictures near this one"),
}
NOTES: Final = {
    "guidance": N_("Seed {seed}, the same noise. 0 ignores the prompt, 1 is plain, more is more obedient."),
    "race": N_("Seed {seed}, the same noise in {steps} steps. How far off is measured from DDIM in 1,000 steps."),
    "variations": N_("Seed {seed} in the middle, with the pin. The others have its noise turned by {percent:.0f} %."),
}


class StudyDesk(QObject):
    """Begins a study when it is asked for, and goes on with the picture that is picked.

    While the scene is live, a study follows its changes. It goes when a run is generated or the timeline is used.
    """

    def __init__(self, panel: "DiffusionPanel") -> None:
        super().__init__(panel)
        self._panel = panel
        self._request = StudyRequest("guidance")
        self._pictures: tuple[StudyPicture | None, ...] = ()
        self._again = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._again.timeout.connect(self._begin_again)
        self.is_on = False
        self.strip = StripView(panel.frame)
        self.strip.hide()
        panel.controls.study.study_requested.connect(self.begin)
        panel.controls.prompt.generate_requested.connect(self.close)
        panel.editor.changed.connect(self._on_scene_changed)
        panel.deck.playback.moved.connect(self._on_playhead_moved)
        panel.tasks.ended.connect(self._on_ended)
        self.strip.picked.connect(self._on_picked)
        self.strip.cancel_requested.connect(self._stop)
        self.strip.closed.connect(self.close)

    def begin(self, request: StudyRequest) -> None:
        """Run a study of the scene as it is now, in place of the one before."""
        panel, scene = self._panel, self._panel.editor.scene
        self._request, self.is_on = request, True
        self._pictures = (None,) * len(self._captions())
        self._show_sheet()
        self.strip.set_progress((0, 100))
        panel.frame.show_instead(self.strip)
        work = panel.handle.work(partial(run_study, request=request, params=scene.params, start=scene.start()))
        panel.tasks.cancel(KEY)
        panel.tasks.run(KEY, work, Policy.QUEUE, event=self._on_news, title=TITLES[request.kind])  # runs go first

    def close(self) -> None:
        """Show the canvas again, and make no more."""
        if self.is_on:
            self.is_on = False
            self._stop()
            self._panel.frame.show_instead(None)

    def _stop(self) -> None:
        self._again.stop()
        self._panel.tasks.cancel(KEY)
        self.strip.set_progress(None)

    def _on_scene_changed(self) -> None:
        if self.is_on and self._panel.editor.scene.is_live:
            self._again.start()

    def _begin_again(self) -> None:
        self.begin(self._request)

    def _on_playhead_moved(self, _: int) -> None:
        if not self._panel.deck.is_growing:  # else it is the run that moves it
            self.close()

    def _on_ended(self, key: str) -> None:
        if key != KEY:
            return
        self.strip.set_progress(None)
        if not any(self._pictures):  # it failed before there was anything to see
            self.close()

    # What is shown

    def _captions(self) -> Sequence[str]:
        request = self._request
        if request.kind == "guidance":
            return [translate(N_("Guidance {scale:g}")).format(scale=scale) for scale in request.scales]
        if request.kind == "race":
            names = [translate(SAMPLER_TEXTS[sampler]) for sampler in request.samplers]
            return [*names, translate(N_("DDIM, {n:,} steps")).format(n=REFERENCE_STEPS)]
        return [""] * (1 + request.n_variations)

    def _show_sheet(self) -> None:
        request, params = self._request, self._panel.editor.scene.params
        tiles = [self._tile(place) for place in range(len(self._pictures))]
        note = translate(NOTES[request.kind])
        note = note.format(seed=params.seed, steps=params.steps, percent=100 * request.amount)
        n_columns = N_COLUMNS.get(request.kind, len(tiles))
        self.strip.set_sheet(translate(TITLES[request.kind]), note, tiles, n_columns, self.strip.grid.chosen_index())

    @property
    def _is_grid(self) -> bool:
        """Whether the first picture has the others around it."""
        return self._request.kind == "variations"

    def _picture(self, place: int) -> StudyPicture | None:
        return (around(self._pictures) if self._is_grid else self._pictures)[place]

    def _tile(self, place: int) -> Tile:
        tile = tile_of(self._captions()[place], self._picture(place), is_timed=not self._is_grid)
        return replace(tile, is_origin=self._is_grid and place == len(self._pictures) // 2)

    def _on_news(self, news: StudyNews) -> None:
        before, self._pictures = self._pictures, news.pictures
        pairs = list(zip(before, news.pictures, strict=True))
        changed = [new is not old for old, new in (around(pairs) if self._is_grid else pairs)]
        for index, is_changed in enumerate(changed):
            if is_changed:
                self.strip.set_tile(index, self._tile(index))
        self.strip.set_progress((round(100 * news.share), 100))

    # What is picked

    def _on_picked(self, index: int) -> None:
        """Take its settings over; a variation, whose noise no setting says, becomes a run of its own."""
        picture = self._picture(index)
        self.close()
        if picture is None:
            return
        changes = changes_between(self._panel.editor.scene.params, picture.params)
        if changes:
            self._panel.editor.change_params(N_("Take it over"), **changes)
            self._panel.runs.generate()
        elif self._is_grid and picture is not self._pictures[0]:
            self._panel.deck.record_run(picture.params, picture.start)
