"""What looks inside the network: attention, layers, ways on and surgery, kept in step with the text on screen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from .attention_desk import AttentionDesk
from .layers_desk import LayersDesk
from .layers_path_desk import LayersPathDesk
from .surgery_desk import SurgeryDesk
from .surgery_swap_desk import SwapDesk
from .text_about import TextAbout
from .text_scene import TextScene
from .tree_desk import TreeDesk

if TYPE_CHECKING:
    from .panel import TransformerPanel


class TextInside(QObject):
    """Signals:
        muted_changed(text): this shall be off.
        token_chosen(token): look at this one.
        way_taken(place, path): the text shall go on with these tokens from a place on.
    """

    muted_changed = Signal(str)
    token_chosen = Signal(int)
    way_taken = Signal(int, object)

    def __init__(self, panel: "TransformerPanel") -> None:
        super().__init__(panel)
        controls, stage, tasks, handle = panel.controls, panel.stage, panel.tasks, panel.handle
        self._canvas = stage.canvas
        self.attention = AttentionDesk(controls.attention, tasks, handle, self)
        self.layers = LayersDesk(controls.layers, stage.grid, tasks, handle, self)
        self.tree = TreeDesk(controls.tree, stage.tree, tasks, handle, self)
        self.surgery = SurgeryDesk(controls.surgery, controls.mattered, tasks, handle, self)
        self.swap = SwapDesk(panel, self)
        self.path = LayersPathDesk(panel, self)
        self.attention.arcs_changed.connect(stage.canvas.set_arcs)
        self.attention.head_marked.connect(self.surgery.mark)
        self.attention.head_switched.connect(self.surgery.switch_head)
        self.surgery.muted_changed.connect(self.muted_changed)
        self.layers.place_chosen.connect(self.token_chosen)
        self.tree.taken.connect(self.way_taken)
        controls.attention.large.row_chosen.connect(self._on_row_chosen)

    def set_about(self, about: TextAbout) -> None:
        """The model is open."""
        self.attention.set_layers(about.n_layers)
        for desk in (self.layers, self.tree, self.surgery, self.swap, self.path):
            desk.set_vocabulary(about.vocabulary)

    def show_scene(self, scene: TextScene) -> None:
        """Show what is off, and do only the work of the tab that is looked at."""
        self._canvas.set_muted(self.surgery.set_muted(scene.params.muted))
        self.attention.set_muting(self.surgery.muting)
        for desk in (self.attention, self.surgery, self.swap):
            desk.watch(scene.tab == "attention")
        self.layers.watch(scene.tab == "layers")
        self.path.watch(scene.tab == "next")

    def show(self, ids: list[int], words: list[str], place: int, muted: str) -> None:
        """The text on screen, and the token of it that is looked at."""
        self.attention.show(ids, words, place, muted)
        self.layers.show(ids, words, place, muted)
        self.surgery.show(ids, words, place)
        self.swap.show(ids, words, place)
        self.tree.show(ids, place, muted)

    def _on_row_chosen(self, row: int) -> None:
        self.token_chosen.emit(row + self.attention.first)
