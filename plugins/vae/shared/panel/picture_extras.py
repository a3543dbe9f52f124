"""What models of pictures offer beside sliders and map: repair, odd ones, sums of places, packed pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from studio.api.panel import Command, EngineTasks, FieldView, ImageView, MaskPainter, Section, UndoStack
from studio.api.picture_panel import PlaceHistory
from studio.api.timeline.controller import TimelineController
from studio.core.translation import N_

from .compress_presenter import CompressPresenter, is_packed
from .editor import VaeSceneEditor
from .odd_ones import OddPresenter
from .repair import RepairPresenter
from .sections import VaeControls
from .side_effects import SideEffectsPresenter
from .sum_presenter import SumPresenter


class PictureExtras:
    """Models that draw letters only find odd ones. Most sections start folded, since they begin with sliders.

    Attributes:
        odd: finds odd ones. repair, compress, sums: fill holes, pack, add up; None for letters.
        parts: the presenters that hear of scenes and frames.
        all: these, repair and odd ones; each has a signal `failed`.
        commands: for the palette.
    """

    def __init__(
        self,
        controls: VaeControls,
        sections: Mapping[str, Section],
        canvas: FieldView | ImageView,
        editor: VaeSceneEditor,
        timeline: TimelineController,
        tasks: EngineTasks,
        history: PlaceHistory,
        undo: UndoStack,
        window: QWidget,
    ) -> None:
        self.parts: tuple[SumPresenter | SideEffectsPresenter | CompressPresenter, ...] = ()
        self.all: tuple[Any, ...] = ()
        self.commands: tuple[Command, ...] = ()
        self.repair: RepairPresenter | None = None
        self.odd: OddPresenter | None = None
        self.compress: CompressPresenter | None = None
        self.sums: SumPresenter | None = None
        if controls.odd is None:
            return
        self.odd = odd = OddPresenter(controls.odd, editor, timeline, tasks)
        self.all = (odd,)
        self.commands = (Command("vae.odd_example", N_("Odd one out: try an example"), odd.try_example, (), "VAE"),)
        if not controls.odd.scratched.isHidden():
            title = N_("Odd one out: try scratched faces")
            self.commands += (Command("vae.odd_scratched", title, odd.try_scratched, (), "VAE"),)
        if controls.sum is None or controls.compress is None or controls.repair is None:
            sections["section_odd"].set_folded(True)
            return
        for name in ("section_sum", "section_compress"):
            sections[name].set_folded(True)
        painter = MaskPainter(canvas, canvas.content_rect)
        self.repair = repair = RepairPresenter(painter, controls.repair, editor, timeline, tasks, undo)
        self.compress = compress = CompressPresenter(controls.compress, editor, timeline, tasks)
        self.sums = sums = SumPresenter(controls.sum, editor, tasks, history, window)
        self.parts = (sums, SideEffectsPresenter(controls.sum, controls.directions.n_named, tasks, window), compress)
        self.all = (*self.parts, repair, odd)
        self.commands = (
            *self.commands,
            Command("vae.repair", N_("Repair this picture"), repair.take_shown, (), "VAE"),
            Command("vae.other_answers", N_("Other answers"), repair.try_again, ("N",), "VAE"),
            Command("vae.pack", N_("Pack this picture"), compress.take_shown, (), "VAE"),
            Command("vae.pack_folder", N_("Pack a folder of pictures…"), compress.choose_folder, (), "VAE"),
            Command("vae.unpack", N_("Open packed pictures…"), compress.choose_file, (), "VAE"),
        )

    def takes(self, path: Path) -> bool:
        """Whether a file is one of packed pictures."""
        return self.compress is not None and is_packed(path)

    def take(self, path: Path) -> None:
        """Unpack it."""
        if self.compress is not None:
            self.compress.open(path)
