"""What models of pictures offer beside sliders, map and repair: sums of places, what they change, packed pictures."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtWidgets import QWidget

from studio.api.panel import Command, EngineTasks, Section
from studio.api.picture_panel import PlaceHistory
from studio.api.timeline.controller import TimelineController
from studio.core.translation import N_

from .compress_presenter import CompressPresenter, is_packed
from .editor import VaeSceneEditor
from .sections import VaeControls
from .side_effects import SideEffectsPresenter
from .sum_presenter import SumPresenter


class PictureExtras:
    """Their sections start folded, since most begin with sliders; models that draw letters have none of it.

    Attributes:
        parts: the presenters, which hear of scenes and frames; each has a signal `failed`.
        compress: the one of them that packs; None for letters. commands: for the palette.
    """

    def __init__(
        self,
        controls: VaeControls,
        sections: Mapping[str, Section],
        editor: VaeSceneEditor,
        timeline: TimelineController,
        tasks: EngineTasks,
        history: PlaceHistory,
        window: QWidget,
    ) -> None:
        self.parts: tuple[SumPresenter | SideEffectsPresenter | CompressPresenter, ...] = ()
        self.commands: tuple[Command, ...] = ()
        self.compress: CompressPresenter | None = None
        if controls.sum is None or controls.compress is None:
            return
        for name in ("section_sum", "section_compress"):
            sections[name].set_folded(True)
        self.compress = compress = CompressPresenter(controls.compress, editor, timeline, tasks)
        sums = SumPresenter(controls.sum, editor, tasks, history, window)
        self.parts = (sums, SideEffectsPresenter(controls.sum, controls.directions.n_named, tasks, window), compress)
        self.commands = (
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
