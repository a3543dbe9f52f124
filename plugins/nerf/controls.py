"""Fills the inspector, most useful first, and keeps every control in step with the scene."""

from studio.api.panel import Host, Inspector, ModelPicker
from studio.core.text import N_

from .camera_section import CameraSection
from .learn_section import LearnSection
from .photo_section import PhotoSection
from .picture_size import PictureSize
from .quality_section import QualitySection
from .ray_section import RaySection
from .scene import Scene
from .take_away import TakeAway


class Controls:
    """The controls of the panel."""

    def __init__(self, inspector: Inspector, host: Host, model_id: str) -> None:
        self.picker = ModelPicker(host.cards(), model_id)
        self.picker.chosen.connect(host.open_model)
        self.camera, self.quality, self.photos = CameraSection(), QualitySection(), PhotoSection()
        self.ray, self.learn = RaySection(), LearnSection()
        self.take, self.size = TakeAway(), PictureSize()
        inspector.add(self.picker)
        inspector.add_section("section_camera", N_("Camera")).add(self.camera)
        inspector.add_section("section_quality", N_("Quality")).add(self.quality)
        inspector.add_section("section_learn", N_("Learn a scene")).add(self.learn)
        self.photos_section = inspector.add_section("section_photos", N_("Training photos"))
        self.photos_section.add(self.photos)
        inspector.add_section("section_ray", N_("One ray")).add(self.ray)
        take = inspector.add_section("section_take", N_("Take away"))
        take.add(self.size)
        take.add(self.take)

    def set_has_photos(self, has_photos: bool) -> None:
        """Say whether there are training photos, or at least their cameras."""
        self.camera.set_has_photos(has_photos)
        self.photos_section.setVisible(has_photos)

    def show_scene(self, scene: Scene, roll_rad: float) -> None:
        """Show a scene; emits nothing."""
        self.camera.show_scene(scene, roll_rad)
        self.quality.set_quality(scene.quality)
        self.size.show_size(scene.params.width, scene.params.height)
