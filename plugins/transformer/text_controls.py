"""Fills the inspector of the panel of texts: what writes, and one tab each for words, attention, layers, trees."""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.panel import Host, Inspector, ModelPicker, Segmented, TextSurprises
from studio.core.text import N_

from .attention_section import AttentionSection
from .bars_section import BarsSection
from .chat_section import ChatSection
from .form_section import FormSection
from .layers_section import LayersLadder, LayersSection
from .pair_section import PairSection
from .surgery_section import MatteredSection, SurgerySection
from .surgery_swap_section import SwapSection
from .text_choosing import TextChoosing
from .text_scene import TABS, Tab, TextScene
from .text_write_section import TextWriteSection
from .tree_section import TreeSection

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


class TextControls:
    """The controls of the panel."""

    def __init__(self, inspector: Inspector, host: Host, card: Mapping[str, Any], model_id: str) -> None:
        self.picker = ModelPicker(host.cards(), model_id)
        self.picker.chosen.connect(host.open_model)
        self.tabs = Segmented("text_tabs", TAB_TITLES, N_("What to look at"), TAB_HINTS)
        self.write, self.bars, self.choosing = TextWriteSection(), BarsSection(), TextChoosing()
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
        self.path = LayersLadder("layers_path")
        self.add("next", "section_path", N_("Layer by layer guess"), self.path)
        self.add("next", "section_surprises", N_("Most surprising"), self.surprises)
        self.pair = PairSection(host.cards(), model_id)
        self.add("next", "section_pair", N_("Two at once"), self.pair)
        self.add("attention", "section_attention", N_("Who looks at whom"), self.attention)
        self.surgery, self.mattered = SurgerySection(), MatteredSection()
        self.add("attention", "section_surgery", N_("Switch off"), self.surgery)
        self.swap = SwapSection()
        self.add("attention", "section_swap", N_("Swap a word"), self.swap)
        self.add("attention", "section_mattered", N_("What mattered"), self.mattered)
        self.layers, self.tree = LayersSection(), TreeSection()
        self.add("layers", "section_layers", N_("Layer by layer guess"), self.layers)
        self.add("tree", "section_tree", N_("Ways on"), self.tree)

    def add(self, tab: Tab, object_name: str, title: str, widget: QWidget) -> None:
        """Put a section on a tab."""
        section = self._inspector.add_section(object_name, title)
        section.add(widget)
        # A section may not be higher than its hint, which for wrapped sentences can be a line less than they need.
        section.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._pages[tab].append(section)

    def show_scene(self, scene: TextScene) -> None:
        """Show a scene. Emits nothing."""
        self.tabs.set_value(scene.tab)
        self.choosing.show_params(scene.params)
        for tab, pages in self._pages.items():
            for page in pages:
                page.setVisible(tab == scene.tab)
