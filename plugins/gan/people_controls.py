"""Fills the inspector of the people's panel, most useful first, and keeps every control in step with the scene."""

from typing import TYPE_CHECKING, Any

from studio.api.engine import ModelSource
from studio.api.kind_tabs import KindTabs
from studio.api.panel import HistoryStrip, Host, Inspector, ModelPicker
from studio.core.text import N_

from .augment_section import AugmentSection
from .direction_section import DirectionSection
from .diversity_section import DiversitySection
from .face_section import FaceSection
from .mix_section import MixSection
from .nearest_section import NearestSection
from .people_scene import PeopleScene
from .project_section import ProjectSection
from .pull_section import PullSection
from .realism_section import RealismSection
from .score_section import ScoreSection
from .swap_section import SwapSection
from .walk_section import WalkSection

if TYPE_CHECKING:
    from .people_engine import About

NAMES_KEY = "direction_names"


class PeopleControls:
    """The controls of the panel."""

    def __init__(self, inspector: Inspector, host: Host, source: ModelSource, places: HistoryStrip) -> None:
        self._host = host
        self._model_id = source.id
        self.has_groups = False
        self.tabs = KindTabs(host, source)
        people = [one for one in host.cards() if one.more.get("kind", "people") == "people"]
        self.picker = ModelPicker(people, source.id)
        self.picker.chosen.connect(host.open_model)
        self.face, self.directions, self.mix = FaceSection(), DirectionSection(), MixSection()
        self.realism, self.walk = RealismSection(), WalkSection()
        inspector.add(self.tabs)
        inspector.add(self.picker)
        inspector.add_section("section_face", N_("Face")).add(self.face)
        self.direction_box = inspector.add_section("section_directions", N_("Strongest directions"))
        self.direction_box.add(self.directions)
        self.mix_box = inspector.add_section("section_mix", N_("Style mixing"))
        self.mix_box.add(self.mix)
        self.project, self.pull, self.swap = ProjectSection(), PullSection(), SwapSection()
        inspector.add_section("section_project", N_("My picture")).add(self.project)
        inspector.add_section("section_pull", N_("Pull points")).add(self.pull)
        self.swap_box = inspector.add_section("section_swap", N_("Swap"))
        self.swap_box.add(self.swap)
        inspector.add_section("section_realism", N_("Realism")).add(self.realism)
        self.diversity, self.nearest, self.scores = DiversitySection(), NearestSection(), ScoreSection(source.card)
        inspector.add_section("section_diversity", N_("Diversity")).add(self.diversity)
        self.nearest_box = inspector.add_section("section_nearest", N_("Nearest real picture"))
        self.nearest_box.add(self.nearest)
        self.score_box = inspector.add_section("section_scores", N_("The detective’s scores"))
        self.score_box.add(self.scores)
        inspector.add_section("section_walk", N_("Walk")).add(self.walk)
        inspector.add_section("section_places", N_("Places visited")).add(places)
        self.augment = AugmentSection()
        self.augment_box = inspector.add_section("section_augment", N_("Export samples"))
        self.augment_box.add(self.augment)
        self.directions.renamed.connect(self._on_renamed)

    def gestures(self) -> list[tuple[Any, Any]]:
        """The signals that stand before and after the moves of one drag, for every control that has some."""
        parts = (self.directions, self.mix, self.swap, self.realism)
        return [(part.edit_started, part.edit_finished) for part in parts]

    def show_about(self, about: "About") -> None:
        """Show what the open model can do."""
        self.face.set_asked(about.has_words, about.n_classes)
        self.directions.show_directions(about.directions, self._names(), about.groups)
        self.direction_box.setVisible(bool(about.directions))
        self.has_groups = bool(about.groups)
        self.mix_box.setVisible(self.has_groups)
        self.swap_box.setVisible(self.has_groups)
        self.realism.set_has_noise(about.has_noise)

    def show_scene(self, scene: PeopleScene) -> None:
        """Show a scene; emits nothing."""
        self.face.show_scene(scene)
        self.directions.show_values(scene.values, scene.groups)
        self.mix.show_scene(scene)
        self.swap.show_scene(scene)
        self.realism.show_scene(scene)

    def _names(self) -> dict[str, str]:
        """What the person calls the directions of this model."""
        kept = self._host.recall(NAMES_KEY, {})
        return {str(key): str(name) for key, name in dict(kept.get(self._model_id, {})).items()}

    def _on_renamed(self, direction_id: str, name: str) -> None:
        kept = dict(self._host.recall(NAMES_KEY, {}))
        kept[self._model_id] = {**self._names(), direction_id: name}
        self._host.remember(NAMES_KEY, kept)
