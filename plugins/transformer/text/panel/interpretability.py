"""What looks inside the network: attention, layers, ways on and ablation, kept in step with the text on screen."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from studio.api.engine import Policy
from studio.api.panel import EngineTasks, WhenSeen
from studio.core.text.steer_slider import step_of
from studio.core.translation import N_

from ..params import TransformerParams
from ..scene import Tab, TransformerScene
from ..state import LogitLens, OpenTransformer
from ..trace import TextTrace
from .ablation_section import AblationPresenter, WatchedPresenter
from .attention_section import AttentionPresenter
from .bars_section import TokenBarsPresenter
from .editor import TransformerEditor
from .expert_section import ExpertPresenter
from .features_section import FeaturePresenter
from .layers_section import LogitLensLadder, LogitLensPresenter
from .layout import TransformerControls, TransformerStage
from .steer_section import SteerPresenter
from .swap_section import TokenSwapPresenter
from .tree_section import ContinuationTreePresenter

KEY: Final = "layers path"
REST_MS: Final = 200
"""So that a person who goes from word to word waits for none of them."""


class LogitLensPathPresenter(WatchedPresenter):
    """One panel's lines of guesses on the tab of the next word, for the place that the bars are about."""

    def __init__(self, ladder: LogitLensLadder, bars: TokenBarsPresenter, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(ladder, tasks, parent)
        self._bars = bars
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(WhenSeen(ladder, self._ask).request)
        bars.refreshed.connect(lambda _: self.follow())

    def follow(self) -> None:
        """Read the layers once the hand rests."""
        if self._is_watched and self._vocabulary is not None and self._wanted() != self._asked:
            self._rest.start()

    def _wanted(self) -> tuple[tuple[int, ...], str]:
        return self._bars.before, self._bars.params.change

    def _ask(self) -> None:
        wanted = self._wanted()
        if self._bars.is_resting and wanted[0] and wanted != self._asked:  # the bars are made anew when the text rests
            self._asked = wanted
            self._tasks.ask(KEY, lambda engine: engine.path(*wanted), Policy.RESTART, done=self._on_read)

    def _on_read(self, guess: LogitLens) -> None:
        if self._vocabulary is not None:
            self._section.show_guess(guess, self._vocabulary, 0)


class Interpretability(QObject):
    """Signals:
    token_chosen(token): look at this one.
    way_taken(place, path, title): the text shall go on with these tokens from a place on, as a branch.
    """

    token_chosen = Signal(int)
    way_taken = Signal(int, object, str)

    def __init__(
        self,
        controls: TransformerControls,
        stage: TransformerStage,
        editor: TransformerEditor,
        bars: TokenBarsPresenter,
        tasks: EngineTasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._canvas = stage.canvas
        self._tab: Tab = "next"
        self._seen: tuple[TextTrace, list[str], int, TransformerParams] | None = None
        self.attention = AttentionPresenter(controls.attention, tasks, self)
        self.experts = None if controls.experts is None else ExpertPresenter(controls.experts, tasks, self)
        self.layers = LogitLensPresenter(controls.layers, stage.grid, tasks, self)
        self.tree = ContinuationTreePresenter(controls.tree, stage.tree, tasks, self)
        self.ablations = AblationPresenter(controls.ablations, controls.mattered, tasks, self)
        self.swap = TokenSwapPresenter(controls.swap, tasks, self)
        self.steer = SteerPresenter(controls.steer, tasks, self)
        self.features = FeaturePresenter(controls.steer.features, tasks, self)
        self.path = LogitLensPathPresenter(controls.path, bars, tasks, self)
        self.attention.arcs_changed.connect(stage.canvas.set_arcs)
        self.attention.head_marked.connect(self.ablations.mark)
        self.attention.head_switched.connect(self.ablations.switch_head)
        self.ablations.muted_changed.connect(lambda text: editor.set_params(N_("Switch off"), muted=text))
        self.steer.steer_changed.connect(lambda text: editor.set_params(N_("Steer"), step_of(text), steer=text))
        controls.steer.edit_started.connect(editor.begin_gesture)
        controls.steer.edit_finished.connect(editor.end_gesture)
        if self.experts is not None:
            self.attention.head_marked.connect(self.experts.set_layer)
            self.experts.token_chosen.connect(self.token_chosen)
        self.layers.place_chosen.connect(self.token_chosen)
        self.tree.taken.connect(self.way_taken)
        self.swap.taken.connect(self.way_taken)
        controls.path.picked.connect(self.layers.pin)
        controls.path.picked.connect(lambda _: editor.set_tab("layers"))
        controls.attention.large.row_chosen.connect(self._on_row_chosen)

    def opened(self, found: OpenTransformer) -> None:
        """The model is open; nobody looks inside that of a server."""
        if found.is_server:
            return
        self.attention.set_layers(found.n_layers)
        self.features.set_features(found.features)
        self.steer.set_features(found.features)
        self.ablations.set_tuned(found.is_tuned)
        for desk in (self.layers, self.tree, self.ablations, self.swap, self.steer, self.path):
            desk.set_vocabulary(found.vocabulary)

    def show_scene(self, scene: TransformerScene) -> None:
        """Show what is off, and do only the work of the tab that is looked at."""
        self._tab = scene.tab
        self._show_tab()
        self._canvas.set_muted(self.ablations.set_muted(scene.params.muted))
        self.attention.set_ablation(self.ablations.ablation)
        self.steer.set_steer(scene.params.steer)
        for desk in (self.attention, self.ablations, self.swap, self.steer, self.features):
            desk.watch(scene.tab == "attention")
        self.layers.watch(scene.tab == "layers")
        self.path.watch(scene.tab == "next")

    def show(self, trace: TextTrace, words: list[str], place: int, params: TransformerParams) -> None:
        """The text on screen, the token of it that is looked at, and what changes the network that is looked into."""
        self._seen = trace, words, place, params
        self._show_tab()

    def _show_tab(self) -> None:
        if self._seen is None or self._tab == "next":
            return
        trace, words, place, params = self._seen
        ids, change = trace.ids.tolist(), params.change
        if self._tab == "attention":
            self.attention.show(ids, words, place, change)
            if self.experts is not None:
                self.experts.show(ids, words, place, change)
            self.ablations.show(ids, words, place)
            self.steer.show(ids, place, params.muted)
            self.features.show(ids, words, place, change)
            self.swap.show(trace, words, place, change)
        elif self._tab == "layers":
            self.layers.show(ids, words, place, change)
        else:
            self.tree.show(ids, place, change)

    def _on_row_chosen(self, row: int) -> None:
        self.token_chosen.emit(row + self.attention.first)
