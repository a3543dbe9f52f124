"""Reads scenes of other programs: says what a file is, and makes a source of it that the engine opens.

The source is the foreign file itself; nothing is converted. Its card has the usual keys, and for the panel:
    format: NGP or CHECKPOINT, by which `checkpoint` knows how to open it, or SPLATS.
    camera: the view to begin with, a `Camera.position()` as plain lists.
    cameras: those of its photos, a list of {"camera_to_world": 4 x 4 lists in OpenGL's axes and the scene's world,
        "fov_y_rad": float, "name": str}; often empty.
    background: [red, green, blue] in sRGB 0..1. exposure: in stops.
    near, far: distances in world units between which the author's rays look, as far as known.
    up: "x", "y" or "z". n_steps: how long it learnt.
    n_params: how many numbers a network has; of splats, how many there are. degree: of the splats' harmonics.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from studio.api.engine import ModelSource
from studio.api.importer import NamingImporter, ReadingImporter, bare_card, foreign_id
from studio.core.container.signature import sniff_format
from studio.core.container.source import open_regular
from studio.core.container.weights.tensor import TensorInfo
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.inspection import FileReport
from studio.core.translation import N_

from .foreign.nerf_pytorch.checkpoint import CHECKPOINT, NGP, CheckpointScene, read_checkpoint, unread_keys
from .foreign.nerfacto.checkpoint import MARK, NERFACTO, NerfactoScene, read_nerfacto
from .foreign.ngp.container import looks_like_snapshot
from .foreign.ngp.snapshot import NgpScene, read_ngp
from .foreign.splats.reader import FORMATS, SUFFIXES, looks_like_splats, read_splats
from .foreign.splats.scene import SplatFile, clear_box
from .foreign.splats.sog import META
from .shared.camera.viewpoint import AZIMUTH_RAD, ELEVATION_RAD, extent_of, home_camera, orbit_camera

SPLATS: Final = "splats"
"""The word for splats in a card: its format, and its kind."""
_START_BYTES: Final = 1 << 20
_PROGRAMS: Final = {
    "TensoRF": (b"density_plane.0", b"basis_mat"),
    "DVGO": (b"density.grid", b"k0.grid"),
    "torch-ngp": (b"encoder.embeddings", b"sigma_net.0.weight"),
}
"""What their checkpoints call their parts."""
_STATE_NAMES: Final = (b"model_coarse_state_dict", b"network_fn_state_dict")
# The cameras of NeRF-synthetic: their distance from the origin, and their field of view.
_AWAY: Final = 4.0311289
_FOV_RAD: Final = 0.6911112
# nerfstudio scales scenes so that all cameras stand within 1 of the origin.
_NEAR_BY: Final = 1.2
_WIDE_RAD: Final = 0.9

_TAKEN_AS: Final = N_(
    "The file does not say how far its rays go: 2 to 6 on a white background is assumed, as in the NeRF-synthetic "
    "scenes."
)


class NgpImporter(ReadingImporter[NgpScene]):
    """Knows snapshots of NVIDIA's instant-ngp."""

    format, family = NGP, "nerf"
    title = N_("instant-ngp snapshot")
    suffixes = (".ingp", ".msgpack")

    def sniff(self, path: Path) -> float:
        """Return 0.9 where the start of the file reads like a snapshot."""
        return 0.9 if path.is_file() and looks_like_snapshot(path) else 0.0

    def read(self, path: Path) -> NgpScene:
        return read_ngp(path)

    def report(self, path: Path, scene: NgpScene) -> FileReport:
        return FileReport(
            NGP,
            "nerf",
            _ngp_architecture(scene),
            scene.n_params,
            scene.dtype,
            _ngp_tensors(scene),
            opens=True,
            warnings=scene.warnings,
            title=path.stem,
            metadata=_facts(scene.values),
        )

    def source(self, path: Path, scene: NgpScene) -> ModelSource:
        values = {**scene.values, "format": NGP, "n_params": scene.n_params}
        return ModelSource(model_id(path), path, _card(path, values))


class CheckpointImporter(ReadingImporter[CheckpointScene]):
    """Knows checkpoints of krrish94's and yenchenlin's nerf-pytorch."""

    format, family = CHECKPOINT, "nerf"
    title = N_("nerf-pytorch checkpoint")
    suffixes = (".ckpt", ".tar", ".pth", ".pt")

    def sniff(self, path: Path) -> float:
        """Return 0.9 for a torch file that names the networks of a NeRF."""
        if not path.is_file():
            return 0.0
        with open_regular(path) as file:
            start = file.read(_START_BYTES)
        is_torch = sniff_format(start) in ("torch-legacy", "zip")
        return 0.9 if is_torch and any(name in start for name in _STATE_NAMES) else 0.0

    def read(self, path: Path) -> CheckpointScene:
        return read_checkpoint(path)

    def report(self, path: Path, scene: CheckpointScene) -> FileReport:
        names = unread_keys(path)
        warnings = [_TAKEN_AS, *([N_("Not read: {names}.").format(names=", ".join(names[:8]))] if names else [])]
        return FileReport(
            CHECKPOINT,
            "nerf",
            _checkpoint_architecture(scene),
            scene.n_params,
            "float32",
            _checkpoint_tensors(scene),
            opens=True,
            warnings=tuple(warnings),
            title=path.stem,
            metadata={"author": scene.author, "n_steps": scene.n_steps},
        )

    def source(self, path: Path, scene: CheckpointScene) -> ModelSource:
        home = orbit_camera(np.zeros(3, np.float32), _AWAY, AZIMUTH_RAD, ELEVATION_RAD, _FOV_RAD)
        values = {
            "format": CHECKPOINT,
            "n_params": scene.n_params,
            "camera": {name: array.tolist() for name, array in home.position().items()},
            "cameras": [],
            "background": [1.0, 1.0, 1.0],
            "near": 2.0,
            "far": 6.0,
            "up": "z",
            "n_steps": scene.n_steps,
        }
        return ModelSource(model_id(path), path, _card(path, values))

    def load(self, path: Path) -> Generator[Frame, None, ModelSource]:
        """Yield progress while it finds out where the scene is empty, then return the source."""
        scene = self.read(path)
        source = self.source(path, scene)
        from .foreign.nerf_pytorch.field import ready_grids  # with torch, which the other files do without

        yield from _while_emptiness_is_found(ready_grids(source.content_hash, scene))
        return source


class NerfactoImporter(ReadingImporter[NerfactoScene]):
    """Knows checkpoints of nerfstudio's nerfacto; its settings are read from the config.yml of the run."""

    format, family = NERFACTO, "nerf"
    title = N_("nerfstudio scene (nerfacto)")
    suffixes = (".ckpt",)

    def sniff(self, path: Path) -> float:
        """Return 0.9 for a torch file that names the networks of a nerfacto."""
        if not path.is_file():
            return 0.0
        with open_regular(path) as file:
            start = file.read(_START_BYTES)
        return 0.9 if sniff_format(start) == "zip" and MARK in start else 0.0

    def read(self, path: Path) -> NerfactoScene:
        return read_nerfacto(path)

    def report(self, path: Path, scene: NerfactoScene) -> FileReport:
        levels, rows, _ = scene.base.table.shape
        return FileReport(
            NERFACTO,
            "nerf",
            f"nerfacto, {levels} levels of {rows:,} rows",
            scene.n_params,
            "float32",
            (TensorInfo("hash table", "float32", scene.base.table.shape),),
            opens=True,
            warnings=(N_("The scene lies as nerfstudio has turned and scaled it."),),
            title=_run_name(path),
            metadata={"n_steps": scene.n_steps},
        )

    def source(self, path: Path, scene: NerfactoScene) -> ModelSource:
        away, fov_rad = (_AWAY, _FOV_RAD) if scene.settings.is_unscaled else (_NEAR_BY, _WIDE_RAD)
        home = orbit_camera(np.zeros(3, np.float32), away, AZIMUTH_RAD, ELEVATION_RAD, fov_rad)
        values = {
            "format": NERFACTO,
            "n_params": scene.n_params,
            "camera": {name: array.tolist() for name, array in home.position().items()},
            "cameras": [],
            "background": [1.0, 1.0, 1.0],
            "near": 0.0,
            "up": "z",
            "n_steps": scene.n_steps,
        }
        return ModelSource(model_id(path), path, {**_card(path, values), "title": _run_name(path)})

    def load(self, path: Path) -> Generator[Frame, None, ModelSource]:
        """Yield progress while it finds out where the scene is empty, then return the source."""
        scene = self.read(path)
        source = self.source(path, scene)
        from .foreign.nerfacto.field import ready_grids  # with torch, which the other files do without

        yield from _while_emptiness_is_found(ready_grids(source.content_hash, scene))
        return source


class OtherSceneImporter(NamingImporter):
    """Names checkpoints of programs whose scenes are not read here, so that nobody wonders why."""

    format, family = "torch", "nerf"
    title = N_("Scene of another program")
    suffixes = (".th", ".tar", ".pth", ".ckpt")

    def sniff(self, path: Path) -> float:
        """Return 0.9 for a torch file with the names that one of these programs gives its parts."""
        return 0.9 if path.is_file() and _program_of(path) else 0.0

    def why_not(self, path: Path) -> UserError:
        return UserError(
            N_("This is a scene of {program}, which cannot be read here.").format(program=_program_of(path)),
            N_("Learn it from its photos, or let that program save a mesh or splats."),
        )


def _program_of(path: Path) -> str:
    """The program that wrote a torch file; empty where it is none of those that are known by name."""
    with open_regular(path) as file:
        start = file.read(_START_BYTES)
    if sniff_format(start) not in ("torch-legacy", "zip"):
        return ""
    return next((name for name, marks in _PROGRAMS.items() if all(mark in start for mark in marks)), "")


def _while_emptiness_is_found(steps: Iterable[object]) -> Iterator[Frame]:
    """A frame for each step that says how much is found, 0..1; the last ones are the grids themselves."""
    for done in steps:
        if isinstance(done, float):
            yield Frame(int(100 * done), 100, N_("Finding out where the scene is empty"))


def _run_name(path: Path) -> str:
    """What a run is called: its experiment, whose folder holds method, time and checkpoints."""
    folders = path.resolve().parts
    return folders[-5] if len(folders) > 5 and folders[-4] == NERFACTO else path.stem


class SplatsImporter(ReadingImporter[SplatFile]):
    """Knows Gaussian splats in the formats of most programs that train, pack or show them."""

    format, family = SPLATS, "nerf"
    title = N_("Gaussian splats")
    suffixes = SUFFIXES

    def sniff(self, path: Path) -> float:
        """Return 0.9 for a file that begins like one of splats, or is called like the one format without a mark."""
        return 0.9 if looks_like_splats(path) else 0.0

    def read(self, path: Path) -> SplatFile:
        return read_splats(path)

    def report(self, path: Path, scene: SplatFile) -> FileReport:
        splats = scene.splats
        return FileReport(
            scene.format,
            "nerf",
            f"{FORMATS[scene.format]}, degree {splats.degree}",
            sum(array.size for array in splats.arrays().values()),
            "float32",
            tuple(TensorInfo(name, "float32", array.shape) for name, array in splats.arrays().items()),
            opens=True,
            warnings=scene.warnings,
            title=_scene_name(path),
            metadata={"n_splats": len(splats), "degree": splats.degree, "up": scene.up},
        )

    def source(self, path: Path, scene: SplatFile) -> ModelSource:
        extent = extent_of(*clear_box(scene.splats))
        home = home_camera({}, extent, scene.up)
        values = {
            "kind": SPLATS,
            "format": SPLATS,
            "n_params": len(scene.splats),
            "degree": scene.splats.degree,
            "camera": {name: array.tolist() for name, array in home.position().items()},
            "cameras": [],
            "background": [0.0, 0.0, 0.0],
            "near": 0.01 * extent.radius,
            "up": scene.up,
            "n_steps": 0,
        }
        return ModelSource(model_id(path), path, {**_card(path, values), "title": _scene_name(path)})


def _scene_name(path: Path) -> str:
    """What a scene is called: as its file, or its folder where the files in that have the same names in every scene."""
    return path.parent.name if path.name == META else path.stem


def model_id(path: Path) -> str:
    """An id of this family for a file: its whole name in plain letters, which no model of the list has."""
    return foreign_id("nerf", path.stem, path.suffix, "scene")


def _card(path: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of every card, and those that are known here."""
    return bare_card(model_id(path), path.stem, task=N_("A scene"), **values)


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the report shows besides the networks."""
    shown = {name: values[name] for name in ("n_steps", "background", "up") if name in values}
    return {**shown, "n_cameras": len(values["cameras"])}


def _ngp_architecture(scene: NgpScene) -> str:
    config = scene.parts.config
    grid = f"{config.n_levels} x {config.n_features} features, 2^{config.log2_size} rows"
    density = f"{config.density_width} x {config.n_density_layers}"
    return f"InstantNGP, {grid}, {density} and {config.colour_width} x {config.n_colour_layers} neurons"


def _checkpoint_architecture(scene: CheckpointScene) -> str:
    config = scene.fine.config
    return f"NeRF, {config.width} x {config.depth} neurons, {config.n_position_frequencies} frequencies"


def _ngp_tensors(scene: NgpScene) -> tuple[TensorInfo, ...]:
    return tuple(TensorInfo(name, scene.dtype, array.shape) for name, array in scene.parts.weights.arrays().items())


def _checkpoint_tensors(scene: CheckpointScene) -> tuple[TensorInfo, ...]:
    networks = {"coarse": scene.coarse} | ({} if scene.fine is scene.coarse else {"fine": scene.fine})
    return tuple(
        TensorInfo(f"{which}.{name}", "float32", array.shape)
        for which, network in networks.items()
        for name, array in network.arrays.items()
    )
