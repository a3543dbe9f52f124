"""The inspector's part that looks for pictures that do not belong to the others, with histogram and table."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.api.panel import (
    Axis,
    Bars,
    EngineTasks,
    Marker,
    PlotSpec,
    PlotView,
    Segmented,
    in_a_row,
    named_button,
    put_in_a_column,
    small_label,
)
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import PlacelessSource
from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.text.csv_text import csv_text
from studio.core.translation import N_, _, translate
from studio.core.view import FloatArray, Series, Tokens

from ..forest import has_forest
from ..params import PictureParams
from ..scene import seed_params
from .editor import VaeSceneEditor
from .own_picture import dropped

N_BARS: Final = 24
USUAL_SHARE: Final = 0.95  # of pictures lie below the threshold at first
MEASURES: Final = {
    "error": (
        N_("Redrawing"),
        N_("How far the model’s redrawing is from a picture, above all where it is worst (0 to 1)"),
    ),
    "surprise": (N_("Rarity"), N_("How unlikely the model finds a picture, in nats (negative ELBO)")),
}
FOREST_MEASURES: Final = {
    "forest": (N_("Pixels"), N_("How easily random cuts tell a picture’s pixels from the others (isolation forest)")),
    "places": (N_("Places"), N_("The same with the numbers that the model gives each picture")),
}
IDLE: Final = N_("Choose a folder, or drop it here: pictures that do not belong to the others come first.")
BEYOND: Final = N_("{odd:,} of {n:,} pictures are beyond the threshold; click the histogram to move it.")
NO_FOREST: Final = N_("With the extra “forest” installed, isolation forests stand beside it.")
TOLD_APART: Final = N_("Of pairs of an odd and a usual picture, so many have the odd one ahead (AUC): {measures}.")
SAVE_KEY: Final = "odd ones"


@dataclass(frozen=True, eq=False)
class OddSource(PlacelessSource):
    """A run that scores the pictures of a folder, or of an example where there is none, by a measure."""

    params: PictureParams
    folder: Path | None
    measure: str
    n_frames: int = 0

    def frames(self, engine: Any) -> Iterator[Frame | None]:
        """Yield the oddest pictures so far."""
        found: Iterator[Frame | None] = engine.of(self.params).odd_ones(self.folder, self.measure, self.params.seed)
        return found

    def branched(self, index: int, frame: Frame) -> "OddSource":
        """The same run: its frames have no state to go on from."""
        return self


@dataclass(frozen=True)
class Ranked:
    """A picture's name, whether it is beyond the threshold, and its scores by measure."""

    name: str
    is_odd: bool
    scores: Mapping[str, float]


class OddSection(QWidget):
    """Shows what was found; changes nothing itself. Signals: folder_dropped(Path).

    Attributes:
        folder, example, table, sorted: the buttons. measure, plot: what orders the pictures, and its histogram.
    """

    folder_dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.folder = named_button("odd_folder", N_("Folder…"), N_("Choose a folder of pictures"), "open")
        self.example = named_button("odd_example", N_("Try an example"), N_("Pictures with odd ones among them"))
        is_grown = has_forest()
        self.measures = MEASURES | (FOREST_MEASURES if is_grown else {})
        self.measure = Segmented("odd_measure", self.measures, N_("What the pictures are sorted by"))
        self.words = small_label(n_lines=2)
        self.plot = PlotView(N_("How odd the pictures are"))
        self.table = named_button("odd_table", N_("Save table…"), N_("All pictures with their scores, as CSV"))
        self.sorted = named_button("odd_sorted", N_("Save sorted…"), N_("Copies of the files, the oddest first"))
        buttons = in_a_row(self.folder, self.example)
        put_in_a_column(self, (buttons, self.measure, self.words, self.plot, in_a_row(self.table, self.sorted)))
        self.words.setText(" ".join(map(translate, (IDLE,) if is_grown else (IDLE, NO_FOREST))))
        self.plot.hide()
        self.show_saving(False, False)

    def show_saving(self, has_names: bool, has_files: bool) -> None:
        """Offer to save what is there."""
        self.table.setVisible(has_names)
        self.sorted.setVisible(has_names and has_files)

    def show_scores(self, scores: FloatArray, threshold: float, frame: Frame) -> None:
        """Show the histogram of a frame's scores (N,) with a threshold, and what lies beyond it."""
        heights, edges = np.histogram(scores.astype(np.float64), N_BARS)
        bars = Bars(_("Pictures"), (edges[1:] + edges[:-1]) / 2, heights.astype(np.float64), float(edges[1] - edges[0]))
        found = translate(BEYOND).format(odd=int((scores > threshold).sum()), n=len(scores))
        words = " ".join(filter(None, (found, self._told_apart(frame), translate(frame.label))))
        axes = Axis(translate(self.measures[self.measure.value()][0])), Axis(_("Pictures"), 0.0, scale="root")
        self.plot.show_plot(PlotSpec([bars, Marker(threshold)], *axes, summary=words))
        self.plot.show()
        self.words.setText(words)

    def _told_apart(self, frame: Frame) -> str:
        """How well each measure tells the odd ones of an example from the others."""
        known = [(title, frame.scalars.get(f"auc {name}")) for name, (title, _hint) in self.measures.items()]
        shares = [f"{translate(title)} {100 * share:.0f} %" for title, share in known if share is not None]
        return translate(TOLD_APART).format(measures=", ".join(shares)) if shares else ""

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Folders are welcome."""
        if dropped(event, Path.is_dir) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look into a folder."""
        folder = dropped(event, Path.is_dir)
        if folder is not None:
            event.acceptProposedAction()
            self.folder_dropped.emit(folder)


class OddPresenter(QObject):
    """Runs the search on the timeline, keeps the threshold, and saves what was found. Signals: failed(UserError)."""

    failed = Signal(object)

    def __init__(
        self, section: OddSection, editor: VaeSceneEditor, timeline: TimelineController, tasks: EngineTasks
    ) -> None:
        super().__init__(section)
        self._section, self._editor, self._timeline, self._tasks = section, editor, timeline, tasks
        self._source: OddSource | None = None
        self._track_id = ""
        self._frame: Frame | None = None
        self._threshold: float | None = None
        section.folder.clicked.connect(self._choose)
        section.folder_dropped.connect(self.look_into)
        section.example.clicked.connect(self.try_example)
        section.measure.value_chosen.connect(self._on_measure_chosen)
        section.plot.x_chosen.connect(self._on_threshold_chosen)
        section.table.clicked.connect(self._save_table)
        section.sorted.clicked.connect(self._save_sorted)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._section.window(), _("Choose a folder of pictures"))
        if chosen:
            self.look_into(Path(chosen))

    def try_example(self) -> None:
        """Look for the odd ones among pictures that come along."""
        self.look_into(None)

    def look_into(self, folder: Path | None) -> None:
        """Score the pictures of a folder, or of an example."""
        params = seed_params(replace(self._editor.scene, text=""))
        self._source = source = OddSource(params, folder, self._section.measure.value())
        self._threshold = None
        title = N_("Odd one out") if folder is None else folder.name
        timeline = self._timeline
        timeline.pause()
        track = timeline.recorder.renew(self._track_id, source, replace(timeline.info("run", params), title=title))
        self._track_id = track.id
        timeline.show_track(track)

    def _on_measure_chosen(self, measure: str) -> None:
        if self._source is not None:
            self.look_into(self._source.folder)

    def _on_threshold_chosen(self, threshold: float) -> None:
        self._threshold = threshold
        self._show()

    def show_frame(self, frame: Frame) -> None:
        """Show a frame of such a run; others change nothing."""
        if isinstance(frame.views.get("scores"), Series):
            self._frame = frame
            self._show()

    def _scores(self) -> FloatArray:
        assert self._frame is not None
        series = self._frame.views["scores"]
        assert isinstance(series, Series)
        return series.curves.get(self._section.measure.value(), series.curves["surprise"])

    def _show(self) -> None:
        if self._frame is None:
            return
        scores = self._scores()
        self._section.show_scores(scores, self._limit(scores), self._frame)
        has_files = self._source is not None and self._source.folder is not None
        self._section.show_saving("names" in self._frame.views, has_files)

    def _limit(self, scores: FloatArray) -> float:
        return float(np.quantile(scores, USUAL_SHARE)) if self._threshold is None else self._threshold

    def _ranked(self) -> list[Ranked]:
        """The pictures, the oddest first."""
        assert self._frame is not None
        names, curves, scores = self._frame.views["names"], self._frame.views["scores"], self._scores()
        assert isinstance(names, Tokens)
        assert isinstance(curves, Series)
        limit = self._limit(scores)
        order = np.argsort(-scores, kind="stable")
        rows = zip(*(values[order].tolist() for values in curves.curves.values()), strict=True)
        return [
            Ranked(names.pieces[index], bool(scores[index] > limit), dict(zip(curves.curves, row, strict=True)))
            for index, row in zip(order, rows, strict=True)
        ]

    def _save_table(self) -> None:
        title, filters = _("Save the table"), _("Tables (*.csv)")
        chosen, _filter = QFileDialog.getSaveFileName(self._section.window(), title, "odd.csv", filters)
        if chosen:
            ranked, path = self._ranked(), Path(chosen).with_suffix(".csv")
            left_out = self._frame.views.get("left_out") if self._frame is not None else None
            others = left_out.pieces if isinstance(left_out, Tokens) else ()
            self._tasks.run(SAVE_KEY, lambda: save_table(path, ranked, others), failed=self.failed.emit)

    def _save_sorted(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._section.window(), _("Folder for the copies"))
        if chosen and self._source is not None and self._source.folder is not None:
            folder, ranked = self._source.folder, self._ranked()
            self._tasks.run(SAVE_KEY, lambda: copy_sorted(folder, Path(chosen), ranked), failed=self.failed.emit)


def save_table(path: Path, ranked: list[Ranked], left_out: Sequence[str] = ()) -> None:
    """Write names, scores and whether each is odd as CSV, files left out at the end; raises UserError if it cannot."""
    measures = list(ranked[0].scores)
    rows = [["file", *measures, "odd"]]
    rows += [[one.name, *(f"{score:.6g}" for score in one.scores.values()), str(int(one.is_odd))] for one in ranked]
    rows += [[name, *("" for _measure in measures), "left out"] for name in left_out]
    atomic_write(path, csv_text(rows).encode("utf-8"))


def copy_sorted(folder: Path, into: Path, ranked: list[Ranked]) -> None:
    """Copy files to a new folder, numbered from the oddest on; raises UserError where that is not possible."""
    target = into / (folder.name + " sorted")
    try:
        target.mkdir()
        for rank, one in enumerate(ranked, 1):
            place = target / ("odd" if one.is_odd else "usual")
            place.mkdir(exist_ok=True)
            shutil.copyfile(folder / one.name, place / f"{rank:05} {Path(one.name).name}")
    except OSError as error:
        raise UserError(
            N_("The copies could not be written."), N_("Choose a folder with room that has none of that name.")
        ) from error
