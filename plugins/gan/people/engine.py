"""A generator of people ready to draw: places, mixes and directions to pictures, with the discriminator's scores.

Shape letters: B batch, L rows of w, D numbers in each, K labels, H W pixels.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from studio.api.drawing import DRAWN_BY, autoencoder_of
from studio.api.engine import Device, ModelSource, PausingEngine, limited_threads
from studio.api.recipe import Measuring
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.picture import read_picture
from studio.core.seed import standard_normal
from studio.core.translation import N_
from studio.core.view import ByteArray, Image, State
from studio.nn.exported import Part
from studio.nn.pausing_layers import pause_between_layers

from ..importers import STYLEGAN
from ..shared.weights import load_any
from . import frames as runs
from .model.dcgan import PlainGan
from .model.directions import component_directions, measured
from .model.equalised import settle
from .model.interface import (
    DcganPeopleGenerator,
    DcganScorer,
    PeopleGenerator,
    PeopleScorer,
    StylePeopleGenerator,
    StyleScorer,
    heat_map,
)
from .model.label_prior import conditioning_labels
from .model.latent_plane import plane_corners
from .model.layered_gan import LayeredGan, LayeredPeopleGenerator, PlaceScorer
from .model.style_gan import StyleGan
from .model.watermark import WATERMARK, watermarked
from .params import PeopleParams
from .scene import GROUPS, MAX_ABS_W, PeopleScene
from .state import ALL_ROWS, LARGE_PX, DragGoals, PeopleDirection, PeopleFacts, directions_from_json, ranked

Array: TypeAlias = npt.NDArray[np.float32]
N_KEPT: Final = 512
N_COMPONENT_SEEDS: Final = 1024
N_BATCH: Final = 8
DRAFT_PX: Final = 128
FULL_PX: Final = 512
DRAFT_SHOWN_PX: Final = 256
SMALL_PX: Final = 128
"""What has no size of its own is drawn so large: at rest, under a moving hand, and where many stand together."""
EXPRESSION: Final = "features"
"""The group of layers that has a face's expression."""


def _asked(network: nn.Module, source: ModelSource, device: Device) -> tuple[PeopleGenerator, PeopleScorer]:
    """A network of ours as its panel asks it: the generator and the discriminator."""
    if isinstance(network, StyleGan):
        return StylePeopleGenerator(network.generator), StyleScorer(network.discriminator)
    if isinstance(network, LayeredGan):
        autoencoder = autoencoder_of(source.card.get(DRAWN_BY), device.torch_device)
        return LayeredPeopleGenerator(network.generator, autoencoder), PlaceScorer(network.discriminator, autoencoder)
    assert isinstance(network, PlainGan)
    return DcganPeopleGenerator(network), DcganScorer(network.discriminator)


class PeopleEngine(PausingEngine):
    """One generator on one device."""

    def __init__(
        self, source: ModelSource, generator: PeopleGenerator, verdict: PeopleScorer | None, device: Device
    ) -> None:
        self.source = source
        self.generator = generator
        self.verdict = verdict
        self.device = device
        self.frequencies: Mapping[str, Any] = source.card.get("frequencies", {})
        self.rows = rows_of_groups(generator)
        self.directions = directions_from_json(source.card.get("directions", []), generator.n_w)
        scores = source.card.get("scores", {})
        self._real_scores, self._forged_scores = (np.asarray(scores.get(name, []), np.float64) for name in REAL_FAKE)
        self._w_of = lru_cache(N_KEPT)(self._mapped)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        if source.card.get("format") == STYLEGAN:
            from ..foreign.stylegan.generator import open_stylegan

            generator = open_stylegan(source, device)
            engine = cls(source, generator, None, device)
            engine.pauses = pause_between_layers(generator.network)
            engine.directions = engine.components()
            return engine
        network = load_any(source.path, (StyleGan, PlainGan, LayeredGan)).to(device.torch_device)
        settle(network)
        return cls(source, *_asked(network, source, device), device)

    def close(self) -> None:
        """Free the weights."""
        self._w_of.cache_clear()
        del self.generator, self.verdict

    def exportable(self) -> tuple[Part, ...]:
        """What draws one face."""
        return self.generator.exportable()

    def components(self) -> tuple[PeopleDirection, ...]:
        """The principal components of w, whose visible effects are not measured yet."""
        ws = np.stack([self._mapped(seed, "") for seed in range(N_COMPONENT_SEEDS)])
        return tuple(component_directions(ws))

    def measured_directions(self) -> Measuring[PeopleFacts]:
        """Measure what each direction visibly changes at one place, and rank them by it; yields after each.

        Returns what a panel has to know then.
        """
        place = np.repeat(self.mean_w()[None, None], self.generator.n_layers, 1)
        with torch.inference_mode():
            found = yield from measured(self.directions, partial(self.draw, is_draft=True), place, self.rows_of)
        self.directions = ranked(found)
        return self.about

    @property
    def about(self) -> PeopleFacts:
        """What a panel has to know."""
        groups = GROUPS if self.generator.n_layers >= len(GROUPS) else ()
        has_words, has_verdict = bool(self.frequencies), self.verdict is not None
        size, shown = self.generator.size_px, self.generator.shown_px
        has_noise, can_pull = self.generator.has_noise, isinstance(self.generator, StylePeopleGenerator)
        return PeopleFacts(
            self.directions, groups, self.generator.n_classes, size, shown, has_words, has_verdict, has_noise, can_pull
        )

    # Places

    def _mapped(self, seed: int, words: str) -> Array:
        z = torch.from_numpy(standard_normal((1, self.generator.n_z), seed, "z")).to(self.device.torch_device)
        with torch.inference_mode():
            w = self.generator.mapping(z, self._condition(seed, words))[0]
        return w.float().cpu().numpy()

    def _condition(self, seed: int, words: str) -> Tensor | None:
        """What is asked for beside z: labels (1, K), or one class of n (1, n); None for nothing."""
        device, n_classes = self.device.torch_device, self.generator.n_classes
        if self.frequencies:
            return torch.from_numpy(conditioning_labels(self.frequencies, words, seed))[None].to(device)
        if n_classes:
            chosen = torch.tensor([class_of(words, seed, n_classes)], device=device)
            return torch.nn.functional.one_hot(chosen, n_classes).float()
        return None

    def w_of_seed(self, seed: int, words: str = "") -> Array:
        """The w (D,) of a seed, not truncated."""
        return self._w_of(seed, words)

    def mean_w(self) -> Array:
        """The average w, (D,)."""
        return self.generator.mean_w().float().cpu().numpy()

    def _on_carpet(self, seed: int, words: str, x: float, y: float) -> Array:
        first, *others = (corner.share * self._w_of(corner.seed, words) for corner in plane_corners(seed, x, y))
        return sum(others, start=first)

    def base(self, scene: PeopleScene) -> Array:
        """The place of a scene, (L, D), before truncation and directions."""
        params, n_layers = scene.params, self.generator.n_layers
        here = self._on_carpet(params.seed, params.words, scene.x, scene.y)
        if scene.own_w is None:
            rows = np.repeat(here[None], n_layers, 0)
        else:
            way = here - self._w_of(params.seed, params.words) if scene.x or scene.y else np.float32(0)
            rows = self._own(scene.own_w) + way
        if any(scene.from_b):
            other = self._w_of(scene.seed_b, params.words)
            for group, is_chosen in zip(GROUPS, scene.from_b, strict=True):
                if is_chosen:
                    index = self.rows.get(group, [])
                    rows[index] += np.float32(scene.crossfade) * (other - rows[index])
        if scene.expression:
            index = self.rows.get(EXPRESSION, [])
            rows[index] += np.float32(scene.expression) * (self.driver(scene)[index] - rows[index])
        return np.ascontiguousarray(rows, np.float32)

    def driver(self, scene: PeopleScene) -> Array:
        """The place (L, D) of the face whose expression drives a scene's: a picture's, or face B."""
        if scene.driver_w is not None:
            return self._own(scene.driver_w)
        other = self._w_of(scene.seed_b, scene.params.words)
        return np.repeat(other[None], self.generator.n_layers, 0)

    def parents(self, scene: PeopleScene) -> tuple[ByteArray, ...]:
        """Faces A and B by themselves, (H, W, 3) each."""
        plain = replace(scene, from_b=(False, False, False), values={}, expression=0.0)
        other = replace(plain, x=0.0, y=0.0).at_seed(scene.seed_b)
        if scene.expression and not any(scene.from_b):
            other = replace(other, own_w=self.driver(scene))
        places = (self.place(one)[None] for one in (plain, other))
        return tuple(self.shown(self.draw(place, scene.params.noise), SMALL_PX)[0] for place in places)

    def _own(self, w: Array) -> Array:
        if w.shape != (self.generator.n_layers, self.generator.n_w):
            raise UserError(N_("This saved place belongs to another model."))
        return w

    def place(self, scene: PeopleScene) -> Array:
        """The place of a scene, (L, D), as it is drawn: truncated, then moved along its directions."""
        rows, mean = self.base(scene), self.mean_w()
        rows = mean + np.float32(scene.params.truncation) * (rows - mean)
        known = {direction.id: direction for direction in self.directions}
        for name, value in scene.values.items():
            direction = known.get(name)
            if direction is not None:
                group = scene.groups.get(name, direction.group)
                rows[self.rows_of(group)] += np.float32(value) * direction.vector
        return np.ascontiguousarray(np.clip(rows, -MAX_ABS_W, MAX_ABS_W), np.float32)

    def walk_places(self, scene: PeopleScene, seeds: Sequence[int]) -> list[Array]:
        """The places (L, D) of a walk: the scene's own, then those of seeds with its words and truncation."""
        return [self.place(scene), *(self.place(PeopleScene(replace(scene.params, seed=seed))) for seed in seeds)]

    def rows_of(self, group: str) -> list[int]:
        """The rows of w of a group; all of them where the model does not have it."""
        everywhere = list(range(self.generator.n_layers))
        return everywhere if group == ALL_ROWS else self.rows.get(group) or everywhere

    # Pictures

    def generate_with_pauses(self, params: PeopleParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield the picture of the seed’s place, or of `start["w"]`, float32 (L, D); None before it is judged."""
        place = self.place(PeopleScene(params)) if start is None else self._place_in(start)
        frames = self._frames(place, params.noise)
        frame = next(frames)
        for judged in frames:
            yield None
            frame = judged
        yield with_mark(frame) if start is not None and WATERMARK in start else frame

    def _place_in(self, state: State) -> Array:
        w = np.asarray(state.get("w"), np.float64)
        if w.ndim != 2 or not (np.abs(w) <= MAX_ABS_W).all():
            raise UserError(N_("This saved place belongs to another model."))
        return self._own(w.astype(np.float32))

    def scene_frame(self, scene: PeopleScene, is_draft: bool = False) -> Frame:
        """The frame that shows a scene; with another face's expression it says so in the picture."""
        return self.place_frame(self.place(scene), scene, is_draft)

    def place_frame(self, w: Array, scene: PeopleScene, is_draft: bool = False) -> Frame:
        """The frame of a place (L, D) with the noise of a scene, and its mark."""
        frame = self.frame(w, scene.params.noise, scene.noise_seed, is_draft)
        return with_mark(frame) if scene.is_marked else frame

    def scene_frames(self, scene: PeopleScene, is_draft: bool, is_judged: bool) -> Iterator[Frame]:
        """Yield the frame of a scene as soon as it is drawn; then, where it is judged, once more with the verdict."""
        frames = self._frames(self.place(scene), scene.params.noise, scene.noise_seed, is_draft)
        frame = next(frames)
        frame = with_mark(frame) if scene.is_marked else frame
        yield frame
        if is_judged:
            yield from (replace(frame, scalars=judged.scalars) for judged in frames)

    def frame(self, w: Array, noise: float = 1.0, noise_seed: int | None = None, is_draft: bool = False) -> Frame:
        """The frame that shows a place (L, D), with the discriminator's score where there is one."""
        *_, frame = self._frames(w, noise, noise_seed, is_draft)
        return frame

    def _frames(
        self, w: Array, noise: float = 1.0, noise_seed: int | None = None, is_draft: bool = False
    ) -> Iterator[Frame]:
        """Yield the frame of a place (L, D); then, where there is a discriminator, the same one with its score."""
        with torch.inference_mode(), self._own_threads():
            picture = self.draw(w[None], noise, noise_seed, is_draft)
            shown = self.shown(picture, DRAFT_SHOWN_PX if is_draft else FULL_PX)
            frame = Frame(0, 1, views={"picture": Image(shown[0])}, state={"w": w})
        yield frame
        if self.verdict is not None:
            with torch.inference_mode(), self._own_threads():
                scalars = self.judged(picture)
            yield replace(frame, scalars=scalars)

    def _own_threads(self) -> AbstractContextManager[None]:
        """The threads that draw one picture soonest."""
        return limited_threads(1 if self.generator.size_px <= 64 else self.device.n_threads)

    def draw(self, ws: Array, noise: float = 1.0, noise_seed: int | None = None, is_draft: bool = False) -> Tensor:
        """Pictures (B, 3, H, W), about -1 to 1, of places (B, L, D)."""
        rows = torch.from_numpy(np.asarray(ws, np.float32)).to(self.device.torch_device)
        until_px = DRAFT_PX if is_draft and self.generator.size_px > DRAFT_PX else None
        return self.generator.synthesis(rows, noise, noise_seed, until_px)

    def shown(self, pictures: Tensor, size_px: int = DRAFT_SHOWN_PX) -> ByteArray:
        """What a person sees of pictures from `draw`, (B, S, S, 3); as large as asked where it has no own size."""
        return self.generator.shown(pictures, size_px)

    def batches(self, seeds: Sequence[int]) -> Iterator[Sequence[int]]:
        """The seeds in batches that take well below a tenth of a second each."""
        size = N_BATCH if self.generator.size_px <= LARGE_PX else 1
        return (seeds[first : first + size] for first in range(0, len(seeds), size))

    def faces(self, scene: PeopleScene, seeds: Sequence[int]) -> Tensor:
        """What is shown of seeds with a scene's words, truncation, directions and mix: (B, 3, H, W), about -1 to 1."""
        return self.generator.small(self._drawn(scene, seeds))

    def _drawn(self, scene: PeopleScene, seeds: Sequence[int]) -> Tensor:
        """The pictures of seeds as `draw` gives them.

        One thread draws small ones: two wait for each other at every layer, many times as long on a busy machine.
        """
        n_threads = self.device.n_threads if self.generator.size_px > LARGE_PX else 1
        with torch.inference_mode(), limited_threads(n_threads):
            places = np.stack([self.place(scene.at_seed(seed)) for seed in seeds])
            return self.draw(places, scene.params.noise, scene.noise_seed, is_draft=True)

    def draw_seeds(self, scene: PeopleScene, seeds: Sequence[int]) -> Iterator[ByteArray]:
        """Yield what is drawn so far, (n, H, W, 3) of the first n seeds, until all are."""
        drawn: list[ByteArray] = []
        for batch in self.batches(seeds):
            drawn.append(self.shown(self._drawn(scene, batch), SMALL_PX))
            yield np.concatenate(drawn)

    # A person's picture, and points that are dragged

    def own_picture(self, source: Path | ByteArray) -> ByteArray:
        """The picture in a file, or pixels (H, W, 3), square and of the model's size; raises UserError for none."""
        rgb = read_picture(source).rgb if isinstance(source, Path) else source
        return runs.squared(rgb, self.generator.size_px)

    def project(self, target: ByteArray, scene: PeopleScene) -> Iterator[Frame | None]:
        """Look for a picture (H, W, 3) of the model's size, with the noise of a scene."""
        return runs.project(self, target, scene.params.seed, scene.params.noise, scene.noise_seed)

    def drag(self, scene: PeopleScene, goals: DragGoals) -> Iterator[Frame]:
        """Pull the points of a scene's picture, one frame for each step."""
        return runs.drag(self, scene, goals)

    # The discriminator

    def scene_heat(self, scene: PeopleScene) -> Array:
        """Which parts of a scene's picture the discriminator's score depends on, (H, W) in 0..1."""
        return self.heat(self.place(scene), scene.params.noise, scene.noise_seed)

    def heat(self, w: Array, noise: float = 1.0, noise_seed: int | None = None) -> Array:
        """Which parts of a place's picture the discriminator's score depends on, (H, W) in 0..1."""
        if self.verdict is None:
            raise UserError(N_("This model has no detective."))
        with torch.inference_mode():
            picture = self.draw(w[None], noise, noise_seed)
        return heat_map(self.verdict, picture).float().cpu().numpy()

    def judged(self, picture: Tensor) -> dict[str, float]:
        """The discriminator's score of a picture (1, 3, H, W), and the shares of real and forged ones below it."""
        if self.verdict is None:
            return {}
        score = float(self.verdict.scores(picture)[0])
        forged = _share_below(score, self._forged_scores)
        return {"score": score, "real_share": self.real_share(score), "forged_share": forged}

    def real_share(self, score: float) -> float:
        """The share of held-out real pictures that score lower, 0 to 1."""
        return _share_below(score, self._real_scores)


REAL_FAKE: Final = ("real", "fake")


def _share_below(score: float, quantiles: npt.NDArray[np.float64]) -> float:
    """Where a score lies among quantiles, rising, 0 to 1; 0 where there are none."""
    return float(np.interp(score, quantiles, np.linspace(0, 1, len(quantiles)))) if len(quantiles) else 0.0


def rows_of_groups(generator: PeopleGenerator) -> dict[str, list[int]]:
    """The rows of w that each group of layers has: ours as they learnt, other people's in thirds of the sizes."""
    if isinstance(generator, StylePeopleGenerator):
        return dict(zip(GROUPS, map(list, generator.groups), strict=True))
    if generator.n_layers < len(GROUPS):
        return {}
    sizes = sorted(set(generator.layer_px))
    coarse, middle = sizes[(len(sizes) - 1) // 3], sizes[2 * (len(sizes) - 1) // 3]
    found: dict[str, list[int]] = {group: [] for group in GROUPS}
    for row, px in enumerate(generator.layer_px):
        found[GROUPS[0] if px <= coarse else GROUPS[1] if px <= middle else GROUPS[2]].append(row)
    return found


def class_of(words: str, seed: int, n_classes: int) -> int:
    """The class that is asked for by its number, or that of the seed; raises UserError for another word."""
    if not words.strip():
        return seed % n_classes
    if not words.strip().isdigit() or int(words) >= n_classes:
        raise UserError(N_("This model knows the classes 0 to {last}.").format(last=n_classes - 1))
    return int(words)


def with_mark(frame: Frame) -> Frame:
    """The frame with the band that says that a machine made it; whatever goes on from it has the band as well."""
    view = frame.main_view
    assert isinstance(view, Image)
    state = {**(frame.state or {}), WATERMARK: np.ones(1, np.uint8)}
    return replace(frame, views={**frame.views, "picture": Image(watermarked(view.pixels))}, state=state)
