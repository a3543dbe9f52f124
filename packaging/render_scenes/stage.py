"""A stage for Blender's Cycles: light from a photographed sky, a plate, materials, models, one camera.

Runs in an environment of its own that has bpy 4.5. Lengths are metres, angles radians.
"""

from collections.abc import Sequence
from math import cos, radians, sin
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

ANGLE_RAD = 0.6911
"""How wide the camera sees, as in the NeRF-synthetic scenes."""
N_SAMPLES = 32
N_BOUNCES = 6
PLATE_RADIUS, PLATE_THICKNESS = 1.5, 0.2
N_SQUARES = 5
TARGET = (0.0, 0.0, 0.4)
CAMERA_DISTANCE = 5.1

Colour = tuple[float, float, float]


class Stage:
    """An empty scene with a camera."""

    def __init__(self, size_px: int, n_threads: int) -> None:
        bpy.ops.wm.read_factory_settings(use_empty=True)
        self.scene = bpy.context.scene
        self._set_up_cycles()
        self._set_up_pictures(size_px, n_threads)
        camera = bpy.data.cameras.new("camera")
        camera.angle = ANGLE_RAD
        self.scene.camera = bpy.data.objects.new("camera", camera)
        self.scene.collection.objects.link(self.scene.camera)

    def _set_up_cycles(self) -> None:
        self.scene.render.engine = "CYCLES"
        cycles = self.scene.cycles
        cycles.device = "CPU"
        cycles.samples = N_SAMPLES
        cycles.use_denoising = True
        cycles.max_bounces = N_BOUNCES

    def _set_up_pictures(self, size_px: int, n_threads: int) -> None:
        render = self.scene.render
        render.resolution_x = render.resolution_y = size_px
        render.threads_mode, render.threads = "FIXED", n_threads
        render.film_transparent = render.use_persistent_data = True
        self.scene.view_settings.view_transform = "Standard"

    def light(self, sky: str, strength: float) -> None:
        """Light everything by one of the skies that Blender brings along (CC0)."""
        folder = Path(bpy.utils.resource_path("LOCAL")) / "datafiles" / "studiolights" / "world"
        world = bpy.data.worlds.new(sky)
        world.use_nodes = True
        picture = world.node_tree.nodes.new("ShaderNodeTexEnvironment")
        picture.image = bpy.data.images.load(str(folder / f"{sky}.exr"), check_existing=True)
        background = world.node_tree.nodes["Background"]
        world.node_tree.links.new(picture.outputs["Color"], background.inputs["Color"])
        background.inputs["Strength"].default_value = strength
        self.scene.world = world

    def add_plate(self, dark: Colour, light: Colour) -> None:
        """A round chequered plate; its upper side is the ground."""
        bpy.ops.mesh.primitive_cylinder_add(
            radius=PLATE_RADIUS, depth=PLATE_THICKNESS, location=(0, 0, -PLATE_THICKNESS / 2), vertices=128
        )
        plate = bpy.context.object
        finish = material("plate", dark, roughness=0.38, coat=0.25)
        tree = finish.node_tree
        squares = tree.nodes.new("ShaderNodeTexChecker")
        squares.inputs["Scale"].default_value = N_SQUARES
        squares.inputs["Color1"].default_value = (*dark, 1)
        squares.inputs["Color2"].default_value = (*light, 1)
        places = tree.nodes.new("ShaderNodeTexCoord")
        tree.links.new(places.outputs["Object"], squares.inputs["Vector"])
        tree.links.new(squares.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
        plate.data.materials.append(finish)

    def add_model(self, folder: Path, name: str, size: float, at: Sequence[float], turn: float = 0.0) -> Any:
        """Import an OBJ; its longest side becomes `size` and the middle of its underside comes to `at`."""
        known = set(bpy.data.objects)
        path = next(path for path in folder.rglob("*.obj") if path.stem.lower() == name.lower())
        bpy.ops.wm.obj_import(filepath=str(path), forward_axis="NEGATIVE_Z", up_axis="Y")
        bpy.context.view_layer.update()
        parts = [part for part in bpy.data.objects if part not in known]
        corners = [part.matrix_world @ Vector(corner) for part in parts for corner in part.bound_box]
        low, high = (Vector([pick(corner[axis] for corner in corners) for axis in range(3)]) for pick in (min, max))
        root = bpy.data.objects.new(name, None)
        self.scene.collection.objects.link(root)
        for part in parts:
            part.parent = root
            part.matrix_parent_inverse.translation = -Vector(((low.x + high.x) / 2, (low.y + high.y) / 2, low.z))
        root.scale = (size / max(high - low),) * 3
        root.location, root.rotation_euler[2] = at, turn
        bpy.context.view_layer.update()
        return root

    def add_head(self, size: float, at: Sequence[float], turn: float, finish: Any) -> Any:
        """Blender's own monkey, smoothed."""
        bpy.ops.mesh.primitive_monkey_add(size=size, location=at, rotation=(0, 0, turn))
        head = bpy.context.object
        head.modifiers.new("smooth", "SUBSURF").render_levels = 2
        bpy.ops.object.shade_smooth()
        head.data.materials.append(finish)
        return head

    def add_ball(self, radius: float, at: Sequence[float], finish: Any) -> None:
        """A smooth ball."""
        bpy.ops.mesh.primitive_uv_sphere_add(radius=radius, location=at, segments=64, ring_count=32)
        bpy.ops.object.shade_smooth()
        bpy.context.object.data.materials.append(finish)

    def look_from(self, azimuth_rad: float, elevation_degrees: float) -> None:
        """Put the camera on its sphere round the target."""
        elevation = radians(elevation_degrees)
        level = cos(elevation)
        away = Vector((level * cos(azimuth_rad), level * sin(azimuth_rad), sin(elevation)))
        camera = self.scene.camera
        camera.location = Vector(TARGET) + CAMERA_DISTANCE * away
        camera.rotation_euler = (-away).to_track_quat("-Z", "Y").to_euler()
        bpy.context.view_layer.update()


def material(name: str, colour: Colour, metallic: float = 0.0, roughness: float = 0.4, coat: float = 0.0) -> Any:
    """A material of Blender's principled kind."""
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    inputs = made.node_tree.nodes["Principled BSDF"].inputs
    inputs["Base Color"].default_value = (*colour, 1)
    for key, value in (("Metallic", metallic), ("Roughness", roughness), ("Coat Weight", coat)):
        inputs[key].default_value = value
    return made
