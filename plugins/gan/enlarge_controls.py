"""Fills the inspector, most useful first, and keeps every control in step with the scene."""

from studio.api.engine import ModelSource
from studio.api.kind_tabs import KindTabs
from studio.api.panel import Host, Inspector, ModelPicker
from studio.core.text import N_

from .enlarge_scene import EnlargeScene
from .enlarge_sections import CompareSection, NearSection, PictureSection, VividSection

N_EXAMPLES = 6


class EnlargeControls:
    """The controls of the panel."""

    def __init__(self, inspector: Inspector, host: Host, source: ModelSource) -> None:
        self.tabs = KindTabs(host, source)
        self.picker = ModelPicker(host.cards(), source.id)
        self.picker.chosen.connect(host.open_model)
        self.vivid = VividSection()
        self.compare = CompareSection()
        self.near = NearSection()
        self.picture = PictureSection(N_EXAMPLES)
        inspector.add(self.tabs)
        inspector.add(self.picker)
        inspector.add_section("section_vivid", N_("Faithful or vivid")).add(self.vivid)
        inspector.add_section("section_picture", N_("Picture")).add(self.picture)
        inspector.add_section("section_compare", N_("Left of the line")).add(self.compare)
        inspector.add_section("section_near", N_("How near is it?")).add(self.near)

    def show_scene(self, scene: EnlargeScene, has_original: bool, size_text: str) -> None:
        """Show a scene; emits nothing."""
        number = None if scene.picture is not None else (scene.params.seed - 1) % N_EXAMPLES
        self.vivid.show_vividness(scene.params.vividness)
        self.compare.show_compared(scene.compared, has_original)
        self.picture.show_chosen(number, size_text)
