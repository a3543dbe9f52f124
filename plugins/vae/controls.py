"""Fills the inspector, most useful first, and keeps every control in step with the scene."""

from collections.abc import Sequence
from typing import Any

from studio.api.panel import HistoryStrip, Host, Inspector, ModelPicker
from studio.core.text import N_

from .atlas import Atlas, Direction
from .direction_section import DirectionSection
from .latent_map import LatentMap, MapPoints
from .path_section import PathSection
from .reading_section import ReadingSection
from .scene import Scene
from .seed_section import SeedSection
from .word_section import WordSection


class Controls:
    """The controls of the panel; `word` is None for models without letters."""

    def __init__(
        self,
        inspector: Inspector,
        host: Host,
        model_id: str,
        directions: Sequence[Direction],
        n_shown: int,
        word: WordSection | None,
        places: HistoryStrip,
    ) -> None:
        self.picker = ModelPicker(host.cards(), model_id)
        self.picker.chosen.connect(host.open_model)
        self.map = LatentMap(is_square=word is None)
        self.seed = SeedSection()
        self.path = PathSection()
        self.directions = DirectionSection(directions, n_shown)
        self.word = word
        self.reading = ReadingSection()
        inspector.add(self.picker)
        place = inspector.add_section("section_map", N_("Latent map"))
        place.add(self.map)
        place.add(self.seed)
        inspector.add_section("section_directions", N_("Strongest directions")).add(self.directions)
        if self.word is not None:
            inspector.add_section("section_word", N_("Word")).add(self.word)
        inspector.add_section("section_path", N_("Path")).add(self.path)
        inspector.add_section("section_places", N_("Places visited")).add(places)
        inspector.add_section("section_reading", N_("My picture")).add(self.reading)

    def gestures(self) -> list[tuple[Any, Any]]:
        """The signals that stand before and after the moves of one drag, for every control that has some."""
        return [
            (self.map.pick_started, self.map.pick_finished),
            (self.seed.spread_started, self.seed.spread_finished),
            (self.directions.edit_started, self.directions.edit_finished),
        ]

    def show_atlas(self, atlas: Atlas) -> None:
        """Put the known places on the map."""
        points = MapPoints(atlas.on_map(atlas.places), atlas.names, atlas.groups)
        self.map.show_points(points, atlas.extent)

    def show_scene(self, scene: Scene, atlas: Atlas | None) -> None:
        """Show a scene; the sliders and the map need the atlas, which comes with the model."""
        self.seed.show_scene(scene)
        if self.word is not None:
            self.word.show_text(scene.text)
        if atlas is not None:
            self.directions.show_values(atlas.values(scene.z))
            x, y = atlas.on_map(scene.z)
            self.map.show_marker(float(x), float(y))
