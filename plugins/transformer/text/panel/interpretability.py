"""What looks inside the network: attention, layers, ways on and ablation, kept in step with the text on screen."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.engine import Policy
from studio.core.text.vocabulary import TextVocabulary

from ..scene import TransformerScene
from ..state import LogitLens, OpenTransformer
from .ablation_section import AblationPresenter
from .attention_section import AttentionPresenter
from .engine_calls import logit_lens_at_end_of
from .layers_section import LogitLensPresenter
from .swap_section import TokenSwapPresenter
from .tree_section import ContinuationTreePresenter

if TYPE_CHECKING:
    from .panel import TransformerPanel

KEY: Final = "layers path"
REST_MS: Final = 200
"""So that a person who goes from word to word waits for none of them."""


class LogitLensPathPresenter(QObject):
    """One panel's lines of guesses on the tab of the next word; a click follows that word through the layers."""

    def __init__(self, panel: "TransformerPanel", parent: QObject) -> None:
        super().__init__(parent)
        self._panel, self._ladder = panel, panel.controls.path
        self._vocabulary: TextVocabulary | None = None
        self._is_watched = False
        self._asked: tuple[tuple[int, ...], str] | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._ask)
        self._ladder.picked.connect(self._on_picked)
        panel.bars.refreshed.connect(self._on_refreshed)

    def set_vocabulary(self, vocabulary: TextVocabulary) -> None:
        """The model is open."""
        self._vocabulary = vocabulary
        self._follow()

    def watch(self, is_watched: bool) -> None:
        """Somebody looks at the next word, or no longer."""
        self._is_watched = is_watched
        self._follow()

    def _on_refreshed(self, _: object) -> None:
        self._follow()

    def _follow(self) -> None:
        if self._is_watched and self._vocabulary is not None and self._wanted() != self._asked:
            self._rest.start()

    def _wanted(self) -> tuple[tuple[int, ...], str]:
        trace = self._panel.text.trace
        ids = () if trace is None else tuple(trace.ids[: self._panel.bars.place].tolist())
        return ids, self._panel.params().muted

    def _ask(self) -> None:
        wanted = self._wanted()
        if self._panel.writing.is_writing:
            self._rest.start()
        elif wanted[0] and wanted != self._asked:
            self._asked = wanted
            work = self._panel.handle.work(partial(logit_lens_at_end_of, ids=wanted[0], muted=wanted[1]))
            self._panel.tasks.run(KEY, work, Policy.RESTART, done=self._on_read)

    def _on_read(self, guess: LogitLens) -> None:
        if self._vocabulary is not None:
            self._ladder.show_guess(guess, self._vocabulary, 0)

    def _on_picked(self, token: int) -> None:
        self._panel.inside.layers.pin(token)
        self._panel.editor.set_tab("layers")


class Interpretability(QObject):
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
        self.attention = AttentionPresenter(controls.attention, tasks, handle, self)
        self.layers = LogitLensPresenter(controls.layers, stage.grid, tasks, handle, self)
        self.tree = ContinuationTreePresenter(controls.tree, stage.tree, tasks, handle, self)
        self.ablations = AblationPresenter(controls.ablations, controls.mattered, tasks, handle, self)
        self.swap = TokenSwapPresenter(panel, self)
        self.path = LogitLensPathPresenter(panel, self)
        self.attention.arcs_changed.connect(stage.canvas.set_arcs)
        self.attention.head_marked.connect(self.ablations.mark)
        self.attention.head_switched.connect(self.ablations.switch_head)
        self.ablations.muted_changed.connect(self.muted_changed)
        self.layers.place_chosen.connect(self.token_chosen)
        self.tree.taken.connect(self.way_taken)
        controls.attention.large.row_chosen.connect(self._on_row_chosen)

    def set_about(self, about: OpenTransformer) -> None:
        """The model is open."""
        self.attention.set_layers(about.n_layers)
        for desk in (self.layers, self.tree, self.ablations, self.swap, self.path):
            desk.set_vocabulary(about.vocabulary)

    def show_scene(self, scene: TransformerScene) -> None:
        """Show what is off, and do only the work of the tab that is looked at."""
        self._canvas.set_muted(self.ablations.set_muted(scene.params.muted))
        self.attention.set_ablation(self.ablations.ablation)
        for desk in (self.attention, self.ablations, self.swap):
            desk.watch(scene.tab == "attention")
        self.layers.watch(scene.tab == "layers")
        self.path.watch(scene.tab == "next")

    def show(self, ids: list[int], words: list[str], place: int, muted: str) -> None:
        """The text on screen, and the token of it that is looked at."""
        self.attention.show(ids, words, place, muted)
        self.layers.show(ids, words, place, muted)
        self.ablations.show(ids, words, place)
        self.swap.show(ids, words, place)
        self.tree.show(ids, place, muted)

    def _on_row_chosen(self, row: int) -> None:
        self.token_chosen.emit(row + self.attention.first)
