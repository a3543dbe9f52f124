"""What finding odd ones shows and saves, be they pictures or rows: scores as a histogram, a threshold and a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.panel import Axis, Bars, EngineTasks, Marker, PlotSpec, PlotView, Segmented, named_button, small_label
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import RunSource
from studio.core.atomic import atomic_write
from studio.core.frame import Frame
from studio.core.text.csv_text import csv_text
from studio.core.translation import N_, _, translate
from studio.core.view import FloatArray, Series, Tokens

from ..forest import has_forest

N_BARS: Final = 24
USUAL_SHARE: Final = 0.95  # lie below the threshold at first
NO_FOREST: Final = N_("With the extra “forest” installed, isolation forests stand beside it.")
SAVE_KEY: Final = "odd ones"


@dataclass(frozen=True)
class OddWords:
    """How the section speaks of what it finds.

    Attributes:
        measures, forests: the word and what it means, by measure; those of the model, and of isolation forests.
        idle: before there is anything. beyond: what lies beyond the threshold, with `odd` and `n`.
        things: what is counted. by, plot, table: what measures, histogram and the button that saves are for.
    """

    measures: Mapping[str, tuple[str, str]]
    forests: Mapping[str, tuple[str, str]]
    idle: str
    beyond: str
    things: str
    by: str
    plot: str
    table: str


@dataclass(frozen=True)
class Ranked:
    """A thing's name, whether it is beyond the threshold, its scores by measure, and what else its row says."""

    name: str
    is_odd: bool
    scores: Mapping[str, float]
    more: tuple[str, ...] = ()


class OddScores(QWidget):
    """Shows what was found; changes nothing itself.

    Attributes:
        measure, plot: what orders them, and its histogram. table: the button that saves.
    """

    def __init__(self, words: OddWords) -> None:
        super().__init__()
        is_grown, self._said = has_forest(), words
        self.measures = {**words.measures, **(words.forests if is_grown else {})}
        self._idle = (words.idle,) if is_grown else (words.idle, NO_FOREST)
        self.measure = Segmented("odd_measure", self.measures, words.by)
        self.words = small_label(n_lines=2)
        self.plot = PlotView(words.plot)
        self.table = named_button("odd_table", N_("Save table…"), words.table)

    def show_nothing(self) -> None:
        """Say how to begin."""
        self.words.setText(" ".join(map(translate, self._idle)))
        self.plot.hide()
        self.table.hide()

    def show_scores(self, scores: FloatArray, threshold: float, frame: Frame) -> None:
        """Show the histogram of a frame's scores (N,) with a threshold, and what lies beyond it."""
        heights, edges = np.histogram(scores.astype(np.float64), N_BARS)
        things = translate(self._said.things)
        bars = Bars(things, (edges[1:] + edges[:-1]) / 2, heights.astype(np.float64), float(edges[1] - edges[0]))
        found = translate(self._said.beyond).format(odd=int((scores > threshold).sum()), n=len(scores))
        words = " ".join(filter(None, (found, self.more_words(frame), translate(frame.label))))
        axes = Axis(translate(self.measures[self.measure.value()][0])), Axis(things, 0.0, scale="root")
        self.plot.show_plot(PlotSpec([bars, Marker(threshold)], *axes, summary=words))
        self.plot.show()
        self.words.setText(words)
        self.table.setVisible("names" in frame.views)

    def more_words(self, frame: Frame) -> str:
        """What else is to be said of a frame."""
        return ""


class OddScoresPresenter(QObject):
    """Runs a search on the timeline, keeps the threshold, and saves what was found. Signals: failed(UserError).

    Attributes:
        titles: of the columns that come before the scores.
    """

    failed = Signal(object)
    titles: tuple[str, ...]

    def __init__(self, section: OddScores, timeline: TimelineController, tasks: EngineTasks) -> None:
        super().__init__(section)
        self._section, self._timeline, self._tasks = section, timeline, tasks
        self._track_id = ""
        self._frame: Frame | None = None
        self._threshold: float | None = None
        section.measure.value_chosen.connect(self._on_measure_chosen)
        section.plot.x_chosen.connect(self._on_threshold_chosen)
        section.table.clicked.connect(self._save_table)

    def _record(self, source: RunSource, title: str) -> None:
        """Search, as a run on the timeline in place of the one before, whose scores go."""
        self._frame, self._threshold, timeline = None, None, self._timeline
        self._section.show_nothing()
        timeline.pause()
        info = replace(timeline.info("run", source.params), title=title)
        track = timeline.recorder.renew(self._track_id, source, info)
        self._track_id = track.id
        timeline.show_track(track)

    def _on_measure_chosen(self, measure: str) -> None:
        """Sort what was found by another measure, with its own threshold."""
        self._threshold = None
        self._show()

    def _on_threshold_chosen(self, threshold: float) -> None:
        self._threshold = threshold
        self._show()

    def show_frame(self, frame: Frame, scene: object = None) -> None:
        """Show a frame of such a run."""
        if is_scored(frame):
            self._frame = frame
            self._show()

    def _scores(self) -> FloatArray:
        assert self._frame is not None
        series = self._frame.views["scores"]
        assert isinstance(series, Series)
        return series.curves.get(self._section.measure.value(), series.curves["surprise"])

    def _show(self) -> None:
        if self._frame is not None:
            scores = self._scores()
            self._section.show_scores(scores, self._limit(scores), self._frame)

    def _limit(self, scores: FloatArray) -> float:
        return float(np.quantile(scores, USUAL_SHARE)) if self._threshold is None else self._threshold

    def _more(self, index: int) -> tuple[str, ...]:
        """What stands in the table beside the name, but for the scores."""
        return ()

    def _ranked(self) -> list[Ranked]:
        """All of them, the oddest first."""
        assert self._frame is not None
        names, curves, scores = self._frame.views["names"], self._frame.views["scores"], self._scores()
        assert isinstance(names, Tokens)
        assert isinstance(curves, Series)
        limit = self._limit(scores)
        order = np.argsort(-scores, kind="stable").tolist()
        rows = zip(*(values[order].tolist() for values in curves.curves.values()), strict=True)
        return [
            Ranked(
                names.pieces[index],
                bool(scores[index] > limit),
                dict(zip(curves.curves, row, strict=True)),
                self._more(index),
            )
            for index, row in zip(order, rows, strict=True)
        ]

    def _save_table(self) -> None:
        title, filters = _("Save the table"), _("Tables (*.csv)")
        chosen, _filter = QFileDialog.getSaveFileName(self._section.window(), title, "odd.csv", filters)
        if chosen:
            ranked, path = self._ranked(), Path(chosen).with_suffix(".csv")
            left_out = self._frame.views.get("left_out") if self._frame is not None else None
            others = left_out.pieces if isinstance(left_out, Tokens) else ()
            work = self.titles, ranked, others
            self._tasks.run(SAVE_KEY, lambda: save_table(path, *work), failed=self.failed.emit)


def is_scored(frame: Frame) -> bool:
    """Whether a frame is of such a run."""
    return isinstance(frame.views.get("scores"), Series)


def save_table(path: Path, titles: Sequence[str], ranked: list[Ranked], left_out: Sequence[str] = ()) -> None:
    """Write what is known of each as CSV, and what was left out at the end; raises UserError if it cannot."""
    rows = [[*titles, *ranked[0].scores, "odd"]]
    for one in ranked:
        scores = (f"{score:.6g}" for score in one.scores.values())
        rows.append([one.name, *one.more, *scores, str(int(one.is_odd))])
    rows += [[name, *("" for _title in rows[0][1:-1]), "left out"] for name in left_out]
    atomic_write(path, csv_text(rows).encode("utf-8"))
