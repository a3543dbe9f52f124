"""Opens a scene and chooses how it is drawn: baked while it moves, the network at rest, a field that learns."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from studio.api.engine import ModelSource
from studio.core.error import UserError
from studio.core.translation import N_
from studio.core.view import State

from ...foreign.nerf_pytorch.checkpoint import CHECKPOINT, NGP
from ...foreign.nerfacto.checkpoint import NERFACTO
from ...foreign.ngp.snapshot import read_ngp
from ...shared.band import Steps, bands_of, drawn_in_bands, mean_rendering, put_rows
from ...shared.camera.ray import RayGrid, Rendering
from ...shared.engine import RenderedStage
from ...shared.state import TRAINING, SceneFacts, Stage, facts_of, provisional_facts
from ..bake.bake import BakeSettings
from ..bake.brick_march import draw_baked
from ..bake.bricks import BakedMoments, BrickVolume, moments
from ..bake.cache import cached_bake
from ..bake.halving import coarser_volumes, volume_for
from ..bake.live_volume import LiveVolume
from ..box import Box
from ..model.config import FieldConfig
from ..model.field import FieldWeights, OccupancyGrid, RadianceField, occupied_extent
from ..model.lights import Lights
from ..model.numpy_field import NumpyField
from ..model.weights import FieldParts, load_field, parts_of_state
from ..params import FieldParams
from ..state import BakeProgress, FieldRequest
from ..training_registry import TRAININGS
from .coarse_volume import CoarseScene, OccupiedField
from .crop import cropped, cropped_volume
from .exact import draw_exact, exact_passes, shifts
from .hash_field import HashField

N_SHIFTED: Final = 4
"""Pictures that are averaged at rest, their rays through other places of the pixels."""

BAKING: Final = BakeSettings()
MOMENT_BAKING: Final = BakeSettings(stages=(96,), n_directions=12)
"""Of each moment of a scene that moves: all of them shall be there after a minute or two, and in some 150 MB."""
DRAFT_STEP: Final = 2.0
"""Voxels from one sample of a ray to the next while the view moves: a fifth faster, and hardly to be seen."""

LEARNING_BUDGET_S: Final = 0.01
"""How long the volume of a field that learns may be refreshed for one picture."""

NETWORK_RAYS: Final = 12_288
"""Rays of the network between two looks at what else is wanted."""

Shift = tuple[float, float]
MIDDLE: Final[Shift] = (0.5, 0.5)


@dataclass(frozen=True, eq=False)
class OpenScene:
    """A scene in memory.

    Attributes:
        field: what draws it.
        slow_field: the same at a time, 0..1, without compiled kernels.
        facts: what is known about it.
        is_unfinished: whether it still learns, so that it is never baked.
        parts: what it is made of, where it is a hash grid.
    """

    field: RadianceField
    slow_field: Callable[[float], OccupiedField]
    facts: SceneFacts
    is_unfinished: bool = False
    parts: FieldParts | None = None

    @property
    def lights(self) -> Lights | None:
        """The lights in which it can be shown; None where there is only one."""
        return None if self.parts is None else self.parts.lights

    def lit(self, light: float) -> "OpenScene":
        """The same in one of its lights."""
        if self.parts is None or self.parts.lights is None:
            return self
        field, parts = scene_of_parts(replace(self.parts, weights=self.parts.lit(light)), self.facts), self.parts
        return replace(field, is_unfinished=self.is_unfinished, parts=parts)

    @property
    def is_moving(self) -> bool:
        """Whether it is another scene at another time."""
        return isinstance(self.field, HashField) and self.field.config.is_moving

    def field_at(self, time: float) -> RadianceField:
        """The field at a time, 0..1."""
        return self.field.at(time) if isinstance(self.field, HashField) else self.field


def open_scene(source: ModelSource) -> OpenScene:
    """Read a scene, ours or another program's; raises UserError where the file is no good."""
    if source.card.get(TRAINING):
        return nothing_yet(source.card)
    if source.card.get("format") == CHECKPOINT:
        from ...foreign.nerf_pytorch.field import open_checkpoint  # with torch, which our own scenes do without

        network = open_checkpoint(source)
        return OpenScene(network, lambda _: network, facts_of(source.card, occupied_extent(network.occupancy)))
    if source.card.get("format") == NERFACTO:
        from ...foreign.nerfacto.field import open_nerfacto

        nerfacto = open_nerfacto(source)
        return OpenScene(nerfacto, lambda _: nerfacto, facts_of(source.card, occupied_extent(nerfacto.occupancy)))
    is_ngp = source.card.get("format") == NGP
    parts = read_ngp(source.path).parts if is_ngp else load_field(source.path, source.card)
    return scene_of_parts(parts, facts_of(source.card, occupied_extent(parts.occupancy)))


def scene_of_parts(parts: FieldParts, facts: SceneFacts, is_unfinished: bool = False) -> OpenScene:
    """A scene of ours in memory."""
    field = HashField(parts.config, parts.weights, parts.occupancy)
    slow_field = partial(NumpyField, parts.config, parts.weights, parts.occupancy)
    return OpenScene(field, slow_field, facts, is_unfinished, parts)


def nothing_yet(card: Mapping[str, Any]) -> OpenScene:
    """A box with nothing in it: the scene of a training that has not begun."""
    config = FieldConfig((-1.0, -1.0, -1.0), (1.0, 1.0, 1.0), n_levels=1, n_features=2, base_resolution=4)
    grid = np.zeros((config.levels.n_rows, config.n_features), np.float32)
    density, colour = (
        tuple(np.zeros(shape, np.float32) for shape in shapes)
        for shapes in (config.density_shapes(), config.colour_shapes())
    )
    weights = FieldWeights(grid, density, colour, np.zeros(config.colour_width, np.float32))
    low, high = np.array(config.low, np.float32), np.array(config.high, np.float32)
    occupancy = OccupancyGrid(np.zeros((1, 8, 8, 8), np.uint8), low, high)
    return scene_of_parts(FieldParts(config, weights, occupancy), provisional_facts(card), is_unfinished=True)


class SceneRenderer:
    """Draws one open scene.

    Attributes:
        baked: the scene as far as it is baked.
        volumes: what is baked of one that stands still, and its coarser copies, for when it is far away.
        box: outside which nothing is drawn.
        share: all of it is always drawn.
        is_baked: whether it is complete.
        news: how far the baking has come.
    """

    def __init__(self, source: ModelSource, scene: OpenScene, light: float | None = None) -> None:
        """`light` is the one in which the scene is, where it has several."""
        self._source, self._light = source, light
        self._scene = scene
        self.baked = BakedMoments()
        self.volumes: list[BrickVolume] = []
        self.is_baked = False
        self.news = BakeProgress(0.0, 0, 0)
        self._live: tuple[str, LiveVolume] | None = None
        self._learnt: tuple[State, HashField] | None = None
        self._slow: tuple[float, CoarseScene] | None = None
        self._shown: tuple[float, RadianceField] | None = None
        self.share = 1.0
        self.box: Box = ()
        # What is left of each volume, as long as that is there: of all together less than what is baked takes.
        self._cropped = WeakKeyDictionary[BrickVolume, BrickVolume]()

    @property
    def is_quick(self) -> bool:
        """Whether the network answers fast enough to be asked while the view moves."""
        return isinstance(self._scene.field, HashField)

    def crop(self, box: Box) -> None:
        """Draw nothing outside a box from now on."""
        if box != self.box:
            self.box, self._slow, self._shown = box, None, None
            self._cropped.clear()

    # Baking

    def bake(self) -> Iterator[None]:
        """Bake the scene, each moment of it where it moves, or take it from the cache, a little at a time."""
        if self.is_baked or self._scene.is_unfinished:
            return
        light = "" if self._light is None else f" in light {self._light}"
        content, times, settings = f"{self._source.content_hash}{light}", [0.0], BAKING
        if self._scene.is_moving:
            times, settings = moments(), MOMENT_BAKING
        for number, time in enumerate(times):
            name = f"{content} {time:.4f}" if len(times) > 1 else content
            for baked in cached_bake(self._scene.field_at(time), name, settings):
                self._take(time, baked.volume, (number + baked.fraction) / len(times))
                yield
        if self.volume is not None:
            self.volumes = yield from coarser_volumes(self.volume)
        self.is_baked = True

    def _take(self, time: float, volume: BrickVolume | None, fraction: float) -> None:
        if volume is not None:
            self.baked.put(time, volume)
        stage = 0 if volume is None else round(float((volume.high - volume.low).max()) / volume.voxel)
        self.news = BakeProgress(fraction, stage or self.news.stage, self.baked.n_bytes)

    @property
    def volume(self) -> BrickVolume | None:
        """The baked scene as far as it has come; None before, and where it moves."""
        return None if self._scene.is_moving else self.baked.nearest(0.0)

    def whole_volume(self, time: float) -> BrickVolume:
        """The baked scene at a time, complete; raises UserError where nothing is in it."""
        for _ in self.bake():
            pass
        volume = self.baked.nearest(time)
        if volume is None:
            raise UserError(N_("There is nothing in this scene."))
        return volume

    # What is shown

    def field_of(self, request: FieldRequest) -> RadianceField:
        """The field that a request shows: one that learns, one from a recorded training, or the model's own."""
        if request.learnt is not None:
            return self._learnt_field(request.learnt).at(request.time)
        learner = TRAININGS.learner(request.training_id) if request.training_id else None
        self.crop(request.box)
        return self._field_at(request.time) if learner is None else learner.field().at(request.time)

    def _field_at(self, time: float) -> RadianceField:
        """What the box leaves of the scene's field at a time; the same one as long as both are."""
        if self._shown is None or self._shown[0] != time:
            field = self._scene.field_at(time)
            self._shown = time, cropped(field, self.box) if self.box else field
        return self._shown[1]

    def _volume_at(self, time: float, rays: RayGrid) -> BrickVolume | None:
        """What the box leaves of what is baked for about a time, as coarse as pixels are; None before anything is."""
        volume = self.baked.nearest(time)
        if volume is None:
            return None
        has_coarser = bool(self.volumes) and self.volumes[0] is volume
        return self._left_of(volume_for(self.volumes, rays) if has_coarser else volume)

    def _whole_volume_at(self, time: float, rays: RayGrid) -> BrickVolume:
        if self.baked.nearest(time) is None:
            self.whole_volume(time)
        volume = self._volume_at(time, rays)
        assert volume is not None
        return volume

    def _left_of(self, volume: BrickVolume) -> BrickVolume:
        if not self.box:
            return volume
        left = self._cropped.get(volume)
        if left is None:
            left = self._cropped[volume] = cropped_volume(volume, self.box)
        return left

    def _learnt_field(self, state: State) -> HashField:
        if self._learnt is None or self._learnt[0] is not state:
            parts = parts_of_state(state)
            self._learnt = state, HashField(parts.config, parts.weights, parts.occupancy)
        return self._learnt[1]

    def moving(self, request: FieldRequest) -> tuple[Rendering, Stage]:
        """A picture within a few hundredths of a second."""
        self.crop(request.box)
        rays, with_normals = _rays(request), request.look.view == "normals"
        volume = self._volume_at(request.time, rays)
        if request.is_slow or (volume is None and not self.is_quick):
            return self._slow_scene(request).draw(rays, with_normals), "slow"
        if self._is_learning(request):
            return draw_baked(self._learning_volume(request), rays, with_normals=with_normals), "learning"
        if volume is None or request.quality == "network":
            return draw_exact(self._field_at(request.time), rays, with_normals=with_normals), "draft"
        return draw_baked(volume, rays, step=DRAFT_STEP, with_normals=with_normals), "draft"

    def _is_learning(self, request: FieldRequest) -> bool:
        """Whether another field is drawn; a training that rests has none, and its tab shows what it came to."""
        is_resting = (
            self._scene.is_unfinished and request.learnt is None and TRAININGS.learner(request.training_id) is None
        )
        return request.is_learning and not is_resting

    def _slow_scene(self, request: FieldRequest) -> CoarseScene:
        if self._slow is None or self._slow[0] != request.time:
            slow = self._scene.slow_field(request.time)
            scene = CoarseScene(cropped(slow, self.box) if self.box else slow, request.camera.eye)
            self._slow = request.time, scene
        return self._slow[1]

    def _slowly(self, request: FieldRequest) -> Iterator[RenderedStage | None]:
        """Finer grids while there are no kernels; a picture after each."""
        slow = self._slow_scene(request)
        volume = slow.volume
        for _ in slow.refine():
            if slow.volume is volume:
                yield None
            else:
                volume = slow.volume
                yield slow.draw(_rays(request), request.look.view == "normals"), "slow", 1.0

    def _learning_volume(self, request: FieldRequest) -> BrickVolume:
        """The volume of a field that learns, or of one that was kept; its colours are those seen from here."""
        field = self.field_of(request)
        name = request.training_id if request.learnt is None else f"recorded {id(request.learnt)}"
        if self._live is None or self._live[0] != name:
            self._live = name, LiveVolume(field.occupancy.low, field.occupancy.high)
        volume = self._live[1]
        volume.refresh(field, field.occupancy, request.camera.eye, LEARNING_BUDGET_S)
        return volume.volume

    def resting(self, request: FieldRequest) -> Iterator[RenderedStage | None]:
        """Finer and finer pictures, each with how much of it is done; None between two parts of one."""
        self.crop(request.box)
        if request.is_slow:
            yield from self._slowly(request)
            return
        if self._is_learning(request):
            found, stage = self.moving(request)
            yield found, stage, 1.0
            if request.learnt is not None:  # it stands still: its network has the time to be asked
                yield from _network(self.field_of(request), _rays(request))
            return
        if request.is_hurried:
            yield from self._hurried(request)
            return
        rays, with_normals = _rays(request), request.look.view == "normals"
        quality = "network" if self._scene.is_unfinished else request.quality
        base: Rendering | None = None
        if self.baked.nearest(request.time) is not None and quality != "network":
            for base in self._baked(request.time, rays, with_normals):
                yield None if base is None else (base, "baked", 1.0)
        field = self._field_at(request.time)
        if quality != "baked":
            yield from _network(field, rays) if base is None else _network_over(field, base, rays)
        yield from self._averaged(request.time, quality, rays, with_normals)

    def _hurried(self, request: FieldRequest) -> Iterator[RenderedStage | None]:
        """The quickest picture of full size."""
        rays, with_normals = _rays(request), request.look.view == "normals"
        if self.baked.nearest(request.time) is not None and request.quality != "network":
            for baked in self._baked(request.time, rays, with_normals):
                yield None if baked is None else (baked, "baked", 1.0)
            return
        if not self.is_quick and request.quality != "network":
            yield from self._slowly(request)
            return
        for drawn in _network(self._field_at(request.time), rays):
            if drawn[1] == "network" and request.quality != "network":
                return
            yield drawn

    def _baked(
        self, time: float, rays: RayGrid, with_normals: bool, shift: Shift = MIDDLE
    ) -> Iterator[Rendering | None]:
        volume = self._whole_volume_at(time, rays)
        return drawn_in_bands(partial(_baked_rows, volume, with_normals, shift), rays)

    def _averaged(self, time: float, quality: str, rays: RayGrid, with_normals: bool) -> Iterator[RenderedStage | None]:
        """The mean of several pictures: edges become smooth."""
        pictures: list[Rendering] = []
        spots = replace(rays, fill=1 / math.sqrt(N_SHIFTED))  # their mean makes up the pixel
        for shift in shifts(N_SHIFTED):
            for part in self._picture(time, quality, spots, with_normals, shift):
                if part is None:
                    yield None
                else:
                    pictures.append(part)
            if len(pictures) > 1:
                yield mean_rendering(pictures), "baked" if quality == "baked" else "network", 1.0

    def _picture(
        self, time: float, quality: str, rays: RayGrid, with_normals: bool, shift: Shift
    ) -> Iterator[Rendering | None]:
        """One whole picture, with None wherever others may have a turn."""
        if quality == "baked":
            yield from self._baked(time, rays, with_normals, shift)
            return
        draw = partial(_network_rows, self._field_at(time), with_normals, shift)
        yield from drawn_in_bands(draw, rays, NETWORK_RAYS)

    # Pictures for files and paths, the same bits every time

    def steps(self, params: FieldParams, rays: RayGrid) -> Steps:
        """How a picture comes about, coarse at first."""
        field, with_normals = self._field_at(params.time), params.view == "normals"
        if params.quality == "baked" and not self._scene.is_unfinished:
            self.whole_volume(params.time)
            volume = self._whole_volume_at(params.time, rays)
            return Steps(partial(_baked_rows, volume, with_normals, MIDDLE), rays, is_coarse_first=False)
        return Steps(partial(_network_rows, field, with_normals, MIDDLE), rays, is_coarse_first=True)


def _network(field: RadianceField, rays: RayGrid) -> Iterator[RenderedStage]:
    for done in exact_passes(field, rays, MIDDLE):
        yield done.rendering, "network" if done.scale == 1 else "coarse", done.fraction


def _network_over(field: RadianceField, base: Rendering, rays: RayGrid) -> Iterator[RenderedStage]:
    """The network's picture, band by band from the middle, in place of the baked one."""
    bands, n_rows = bands_of(rays, NETWORK_RAYS), 0
    for first, last in bands:
        put_rows(base, first, last, draw_exact(field, rays, (first, last)))
        n_rows += last - first
        yield base, "network", n_rows / rays.height


def _network_rows(
    field: RadianceField, with_normals: bool, shift: Shift, rays: RayGrid, first: int, last: int
) -> Rendering:
    return draw_exact(field, rays, (first, last), shift=shift, with_normals=with_normals)


def _baked_rows(
    volume: BrickVolume, with_normals: bool, shift: Shift, rays: RayGrid, first: int, last: int
) -> Rendering:
    return draw_baked(volume, rays.rows(first, last), shift=shift, with_normals=with_normals)


def _rays(request: FieldRequest) -> RayGrid:
    return request.camera.ray_grid(request.width, request.height, request.near)
