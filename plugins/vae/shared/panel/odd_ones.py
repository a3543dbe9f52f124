"""The inspector's part that looks for pictures that do not belong to the others, with histogram and table."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog

from studio.api.panel import EngineTasks, in_a_row, named_button, put_in_a_column
from studio.api.timeline.controller import TimelineController
from studio.api.timeline.run_source import PlacelessSource
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_, _, plural, translate

from ..params import PictureParams
from ..scene import seed_params
from .editor import VaeSceneEditor
from .odd_scores import SAVE_KEY, OddScores, OddScoresPresenter, OddWords, Ranked
from .own_picture import dropped

PICTURES: Final = OddWords(
    measures={
        "error": (
            N_("Redrawing"),
            N_("How far the model’s redrawing is from a picture, above all where it is worst (0 to 1)"),
        ),
        "surprise": (N_("Rarity"), N_("How unlikely the model finds a picture, in nats (negative ELBO)")),
    },
    forests={
        "forest": (
            N_("Pixels"),
            N_("How easily random cuts tell a picture’s pixels from the others (isolation forest)"),
        ),
        "places": (N_("Places"), N_("The same with the numbers that the model gives each picture")),
    },
    idle=N_("Choose a folder, or drop it here: pictures that do not belong to the others come first."),
    beyond=N_("{odd:,} of {n:,} pictures are beyond the threshold; click the histogram to move it."),
    things=N_("Pictures"),
    by=N_("What the pictures are sorted by"),
    plot=N_("How odd the pictures are"),
    table=N_("All pictures with their scores, as CSV"),
)
TOLD_APART: Final = N_("Of pairs of an odd and a usual picture, so many have the odd one ahead (AUC): {measures}.")


@dataclass(frozen=True, eq=False)
class OddSource(PlacelessSource):
    """A run that scores the pictures of a folder, or of an example where there is none, by a measure."""

    params: PictureParams
    folder: Path | None
    measure: str
    is_scratched: bool = False
    n_frames: int = 0

    def frames(self, engine: Any) -> Iterator[Frame | None]:
        """Yield the oddest pictures so far."""
        model, seed = engine.of(self.params), self.params.seed
        found: Iterator[Frame | None] = model.odd_ones(self.folder, self.measure, seed, self.is_scratched)
        return found

    def branched(self, index: int, frame: Frame) -> "OddSource":
        """The same run: its frames have no state to go on from."""
        return self


class OddSection(OddScores):
    """The same for a folder of pictures. Signals: folder_dropped(Path).

    Attributes:
        folder, example, scratched, sorted: the buttons; only models of colours have scratched examples.
    """

    folder_dropped = Signal(object)

    def __init__(self, is_coloured: bool = False) -> None:
        super().__init__(PICTURES)
        self.setAcceptDrops(True)
        self.folder = named_button("odd_folder", N_("Folder…"), N_("Choose a folder of pictures"), "open")
        self.example = named_button("odd_example", N_("Try an example"), N_("Pictures with odd ones among them"))
        self.scratched = named_button("odd_scratched", N_("Scratched ones"), N_("Faces of which some have a scratch"))
        self.sorted = named_button("odd_sorted", N_("Save sorted…"), N_("Copies of the files, the oddest first"))
        buttons, saves = in_a_row(self.folder, self.example), in_a_row(self.table, self.sorted)
        put_in_a_column(self, (buttons, self.scratched, self.measure, self.words, self.plot, saves))
        self.show_nothing()
        self.sorted.hide()
        if not is_coloured:
            self.scratched.hide()

    def more_words(self, frame: Frame) -> str:
        """How well each measure tells the odd ones of an example from the others, or how many were enlarged."""
        if n_enlarged := int(frame.scalars.get("n_enlarged", 0)):
            return plural(N_("{n} small picture was enlarged."), N_("{n} small pictures were enlarged."), n_enlarged)
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


class OddPresenter(OddScoresPresenter):
    """Looks into a folder, or an example, and saves copies in order."""

    titles = ("file",)
    _section: OddSection

    def __init__(
        self, section: OddSection, editor: VaeSceneEditor, timeline: TimelineController, tasks: EngineTasks
    ) -> None:
        super().__init__(section, timeline, tasks)
        self._editor = editor
        self._source: OddSource | None = None
        section.folder.clicked.connect(self._choose)
        section.folder_dropped.connect(self.look_into)
        section.example.clicked.connect(self.try_example)
        section.scratched.clicked.connect(self.try_scratched)
        section.sorted.clicked.connect(self._save_sorted)

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._section.window(), _("Choose a folder of pictures"))
        if chosen:
            self.look_into(Path(chosen))

    def try_example(self) -> None:
        """Look for the odd ones among pictures that come along."""
        self.look_into(None)

    def try_scratched(self) -> None:
        """The same with faces of which some are scratched."""
        self.look_into(None, is_scratched=True)

    def look_into(self, folder: Path | None, is_scratched: bool = False) -> None:
        """Score the pictures of a folder, or of an example."""
        params = seed_params(self._editor.scene)
        self._source = OddSource(params, folder, self._section.measure.value(), is_scratched)
        self._record(self._source, _("Odd one out") if folder is None else folder.name)

    def _on_measure_chosen(self, measure: str) -> None:
        if self._source is not None:
            self.look_into(self._source.folder, self._source.is_scratched)

    def _show(self) -> None:
        super()._show()
        has_files = self._source is not None and self._source.folder is not None
        self._section.sorted.setVisible(has_files and self._section.table.isVisibleTo(self._section))

    def _save_sorted(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._section.window(), _("Folder for the copies"))
        if chosen and self._source is not None and self._source.folder is not None:
            folder, ranked = self._source.folder, self._ranked()
            self._tasks.run(SAVE_KEY, lambda: copy_sorted(folder, Path(chosen), ranked), failed=self.failed.emit)


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
