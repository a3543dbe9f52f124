"""What stands where: the inspector's tabs for words, attention, layers and trees, and the middle with the text."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.api.panel import (
    BranchView,
    Button,
    ChipsLegend,
    Host,
    Inspector,
    ModelPicker,
    Segmented,
    TextCanvas,
    TextLook,
    TextSurprises,
)
from studio.core.translation import N_, translate

from ..scene import TABS, Tab, TransformerScene
from .ablation_section import AblationSection, AttributionSection
from .attention_section import AttentionSection
from .bars_section import TokenBarsSection
from .chat_section import ChatSection
from .comparison_section import TextComparisonSection
from .form_section import FormSection
from .layers_grid import LogitLensGrid
from .layers_section import LogitLensLadder, LogitLensSection
from .small_sections import SamplingSection, TextWriteSection
from .swap_section import TokenSwapSection
from .tree_section import ContinuationTreeSection
from .tree_view import ContinuationTreeView

BOXES: Final = {
    "shows_tokens": (N_("Tokens"), N_("Show the pieces that the model reads, not whole words (tokens)")),
    "is_underlined": (N_("Underline"), N_("Show surprise as a line under each word instead of a colour")),
    "shows_signs": (N_("Spaces"), N_("Show spaces and ends of lines as signs")),
}
TAB_TITLES: Final = {
    "next": N_("Next word"),
    "attention": N_("Attention"),
    "layers": N_("Layers"),
    "tree": N_("Tree"),
}
TAB_HINTS: Final = {
    "next": N_("What else could have come, and how the choice is made (sampling)"),
    "attention": N_("Where each head of the network looks"),
    "layers": N_("What each layer would say (logit lens)"),
    "tree": N_("The likeliest ways on, many tokens deep"),
}


class TransformerStage(QWidget):
    """Signals: look_changed(name, is_on): a box was ticked; the names are those of TextLook."""

    look_changed = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = TextCanvas()
        self.legend = ChipsLegend()
        self.branches = BranchView()
        self.grid = LogitLensGrid()
        self.tree = ContinuationTreeView()
        hint = N_("Save the text: a page that replays, TXT, JSON, picture, film")
        self.save = Button(kind="quiet", icon_name="export", hint=hint)
        self.save.setObjectName("save_text")
        self.boxes = {name: self._box(name) for name in BOXES}
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(self.legend, 1)
        for box in self.boxes.values():
            row.addWidget(box)
        row.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.canvas, 1)
        column.addLayout(row)
        for part in (self.grid, self.tree, self.branches):
            column.addWidget(part)

    def _box(self, name: str) -> QCheckBox:
        text, hint = BOXES[name]
        box = QCheckBox(translate(text))
        box.setObjectName(name)
        box.setToolTip(translate(hint))
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.clicked.connect(lambda is_on: self.look_changed.emit(name, is_on))
        return box

    def set_tab(self, tab: Tab) -> None:
        """Show what belongs to a tab of the inspector instead of the branches. Emits nothing."""
        self.grid.setVisible(tab == "layers")
        self.tree.setVisible(tab == "tree")
        self.branches.set_offered(tab in ("next", "attention"))

    def set_look(self, look: TextLook) -> None:
        """Show the text so. Emits nothing."""
        self.canvas.set_look(look)
        self.legend.set_underlined(look.is_underlined)
        for name, box in self.boxes.items():
            box.setChecked(getattr(look, name))


class TransformerControls:
    """The controls of the panel."""

    def __init__(self, inspector: Inspector, host: Host, card: Mapping[str, Any], model_id: str) -> None:
        self.picker = ModelPicker(host.cards(), model_id)
        self.picker.chosen.connect(host.open_model)
        self.tabs = Segmented("text_tabs", TAB_TITLES, N_("What to look at"), TAB_HINTS)
        self.write, self.bars, self.choosing = TextWriteSection(), TokenBarsSection(), SamplingSection()
        self.attention = AttentionSection()
        inspector.add(self.picker)
        self.chat = ChatSection() if card.get("has_chat") else None
        if self.chat is not None:
            inspector.add_section("section_chat", N_("Conversation")).add(self.chat)
        inspector.add(self.write)
        inspector.add(self.tabs)
        self._inspector = inspector
        self._pages: dict[Tab, list[QWidget]] = {tab: [] for tab in TABS}
        self.add("next", "section_next", N_("What could stand here"), self.bars)
        self.add("next", "section_choosing", N_("Choosing"), self.choosing)
        self.form, self.surprises = FormSection(), TextSurprises()
        self.add("next", "section_form", N_("Form of the text"), self.form)
        self.path = LogitLensLadder("layers_path")
        self.add("next", "section_path", N_("Layer by layer guess"), self.path)
        self.add("next", "section_surprises", N_("Most surprising"), self.surprises)
        self.pair = TextComparisonSection(host.cards(), model_id)
        self.add("next", "section_pair", N_("Two at once"), self.pair)
        self.add("attention", "section_attention", N_("Who looks at whom"), self.attention)
        self.ablations, self.mattered = AblationSection(), AttributionSection()
        self.add("attention", "section_surgery", N_("Switch off"), self.ablations)
        self.swap = TokenSwapSection()
        self.add("attention", "section_swap", N_("Swap a word"), self.swap)
        self.add("attention", "section_mattered", N_("What mattered"), self.mattered)
        self.layers, self.tree = LogitLensSection(), ContinuationTreeSection()
        self.add("layers", "section_layers", N_("Layer by layer guess"), self.layers)
        self.add("tree", "section_tree", N_("Ways on"), self.tree)

    def add(self, tab: Tab, object_name: str, title: str, widget: QWidget) -> None:
        """Put a section on a tab."""
        section = self._inspector.add_section(object_name, title)
        section.add(widget)
        # A section may not be higher than its hint, which for wrapped sentences can be a line less than they need.
        section.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._pages[tab].append(section)

    def show_scene(self, scene: TransformerScene) -> None:
        """Show a scene. Emits nothing."""
        self.tabs.set_value(scene.tab)
        self.choosing.show_params(scene.params)
        for tab, pages in self._pages.items():
            for page in pages:
                page.setVisible(tab == scene.tab)
