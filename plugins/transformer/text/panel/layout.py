"""What stands where: the inspector's tabs for words, attention, layers and trees, and the middle with the text."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from studio.api.panel import BranchView, Segmented, TextCanvas, TextLookBoxes, TextSurprises, named_button
from studio.core.card import Card
from studio.core.translation import N_

from ..scene import Tab, TransformerScene
from .ablation_section import AblationSection, AttributionSection
from .attention_section import AttentionSection
from .bars_section import TokenBarsSection
from .chat_section import ChatSection
from .comparison_section import TextComparisonSection
from .expert_section import ExpertSection
from .form_section import FormSection
from .layers_grid import LogitLensGrid
from .layers_section import LogitLensLadder, LogitLensSection
from .small_sections import SamplingSection, TextWriteSection
from .steer_section import SteerSection
from .swap_section import TokenSwapSection
from .tree_section import ContinuationTreeSection
from .tree_view import ContinuationTreeView

TAB_TITLES: Final = {
    "next": (N_("Next word"), N_("What else could have come, and how the choice is made (sampling)")),
    "attention": (N_("Attention"), N_("Where each head of the network looks")),
    "layers": (N_("Layers"), N_("What each layer would say (logit lens)")),
    "tree": (N_("Tree"), N_("The likeliest continuations, many tokens deep")),
}

OF_SERVERS: Final = ("section_next", "section_choosing", "section_surprises")
"""What there is of a server's model: nothing that looks into a network."""


class TransformerStage(QWidget):
    """The text, the key to its colours and how it is shown; below them what belongs to a tab."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = TextCanvas()
        self.branches = BranchView()
        self.grid = LogitLensGrid()
        self.tree = ContinuationTreeView()
        hint = N_("Save the text: a page that replays it, TXT, JSON, picture, film")
        self.save = named_button("save_text", "", hint, "export", kind="quiet")
        self.looks = TextLookBoxes(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        for part in (self.looks, self.grid, self.tree, self.branches):
            column.addWidget(part)

    def show_scene(self, scene: TransformerScene) -> None:
        """Show the text so, and what belongs to a tab of the inspector instead of the branches. Emits nothing."""
        self.canvas.set_look(scene.look)
        self.looks.set_look(scene.look)
        self.grid.setVisible(scene.tab == "layers")
        self.tree.setVisible(scene.tab == "tree")
        self.branches.set_offered(scene.tab in ("next", "attention"))


class TransformerControls:
    """The controls of the panel.

    Attributes:
        parts: what stands in the inspector, as `ScenePanel.show_sections` takes it.
    """

    def __init__(self, cards: Sequence[Card], card: Mapping[str, Any], model_id: str) -> None:
        self.tabs = Segmented("text_tabs", TAB_TITLES, N_("What to look at"))
        is_server = "address" in card
        self.write, self.bars, self.choosing = TextWriteSection(), TokenBarsSection(), SamplingSection(not is_server)
        self.form, self.surprises = FormSection(), TextSurprises()
        self.path, self.pair = LogitLensLadder("layers_path"), TextComparisonSection(cards, model_id)
        self.attention, self.ablations = AttentionSection(), AblationSection()
        self.swap, self.mattered, self.steer = TokenSwapSection(), AttributionSection(), SteerSection()
        self.layers, self.tree = LogitLensSection(), ContinuationTreeSection()
        self.chat = ChatSection(is_server) if card.get("has_chat") else None
        self.experts = ExpertSection() if card.get("n_experts") else None
        experts = () if self.experts is None else (("section_experts", N_("Which experts"), self.experts),)
        self._sections: Mapping[str, QWidget] = {}
        self._pages: dict[Tab, tuple[tuple[str, str, QWidget], ...]] = {
            "next": (
                ("section_next", N_("What else could go here"), self.bars),
                ("section_choosing", N_("How it chooses"), self.choosing),
                ("section_form", N_("Form of the text"), self.form),
                ("section_path", N_("Layer by layer guess"), self.path),
                ("section_surprises", N_("Most surprising"), self.surprises),
                ("section_pair", N_("Two at once"), self.pair),
            ),
            "attention": (
                ("section_attention", N_("Which words look at which"), self.attention),
                *experts,
                ("section_surgery", N_("Switch off"), self.ablations),
                ("section_steer", N_("Steer"), self.steer),
                ("section_swap", N_("Swap a word"), self.swap),
                ("section_mattered", N_("What mattered"), self.mattered),
            ),
            "layers": (("section_layers", N_("Layer by layer guess"), self.layers),),
            "tree": (("section_tree", N_("Continuations"), self.tree),),
        }
        if is_server:
            self._leave_out()
        chat = () if self.chat is None else (("section_chat", N_("Conversation"), self.chat),)
        tabs = () if is_server else (self.tabs,)
        self.parts = (*chat, self.write, *tabs, *chain.from_iterable(self._pages.values()))

    def _leave_out(self) -> None:
        """Show nothing that needs the network itself."""
        left_out = QWidget(self.write)
        left_out.hide()
        kept = tuple(one for one in self._pages["next"] if one[0] in OF_SERVERS)
        for name, _, section in chain.from_iterable(self._pages.values()):
            if name not in OF_SERVERS:
                section.setParent(left_out)
        self.tabs.setParent(left_out)
        self._pages = {"next": kept}

    def take(self, sections: Mapping[str, QWidget]) -> None:
        """These are the sections, by their ids."""
        self._sections = {name: section for name, section in sections.items() if name != "section_chat"}
        for section in self._sections.values():
            # A section may not be higher than its hint, which for wrapped sentences can be a line less than they need.
            section.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_scene(self, scene: TransformerScene) -> None:
        """Show a scene. Emits nothing."""
        self.tabs.set_value(scene.tab)
        self.choosing.show_params(scene.params)
        shown = {name for name, *_ in self._pages.get(scene.tab, self._pages["next"])}
        for name, section in self._sections.items():
            section.setVisible(name in shown)
