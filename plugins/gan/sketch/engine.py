"""Outline to icon, ready to run: paints what is drawn, replays how it was drawn, and makes outlines of pictures."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import torch
from numpy.typing import NDArray

from studio.api.engine import Device, Engine, ModelSource, limited_threads
from studio.api.training import Outlines, Split, distances_to, load_shipped_outlines
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.picture import read_picture
from studio.core.translation import N_
from studio.core.view import Field, FloatArray, Image, Nearest, NearPicture, State, View
from studio.nn.exported import Part
from studio.nn.packed_conv import pack_convolutions

from ..shared.weights import load_network
from .model.outline import outline_of, traced
from .model.pix2pix import SIZE_PX, DrawNetwork
from .model.rasteriser import DrawLayers, DrawSheet
from .scene import SketchParams
from .state import Drawing, OutlineGallery, Painted, ends_of_frames, from_state, to_state
from .training.data import pen_lines

N_FRAMES: Final = 48
SCORE: Final = "verdict"
SUSPICION: Final = "suspicion"
N_NEAR: Final = 4
MAX_SCORES: Final = 10_000
BLANK: Final = Image(np.full((SIZE_PX, SIZE_PX, 3), 255, np.uint8))
Pixels = NDArray[np.uint8]


class DrawEngine(Engine):
    """One generator with its discriminator."""

    def __init__(self, network: DrawNetwork, real_scores: list[float], device: torch.device) -> None:
        self._network = network.to(device)
        self._real_scores = real_scores
        self._device = device
        self._sheet = DrawSheet()
        self._examples = load_shipped_outlines(Split.TEST)
        learnt = load_shipped_outlines(Split.TRAIN)
        self._learnt_names, self._learnt_icons = learnt.names, small_icons(learnt)
        self._traced = lru_cache(maxsize=64)(self._trace)

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file or the card is no good."""
        scores = read_scores(source.card.get("real_scores"))
        network = load_network(source.path, DrawNetwork)
        pack_convolutions(network)
        return cls(network, scores, device.torch_device)

    def close(self) -> None:
        """Free the weights."""
        del self._network

    @torch.no_grad()
    def exportable(self) -> tuple[Part, ...]:
        """What paints and what judges it."""
        drawing = torch.from_numpy(self._sheet.layers(self.example(0)).drawing(SIZE_PX))[None]
        painter, judge = self._network.generator, self._network.discriminator
        return Part(painter, "forward", (drawing,)), Part(judge, "forward", (drawing, painter(drawing)))

    @property
    def n_examples(self) -> int:
        """How many example outlines there are."""
        return len(self._examples.names)

    def example(self, seed: int) -> Drawing:
        """The strokes of the example outline of a seed; they repeat after the last one."""
        return self._traced(seed % self.n_examples)

    def _trace(self, number: int) -> Drawing:
        return traced(self._examples.edges[number])

    def generate(self, params: SketchParams, start: State | None = None) -> Iterator[Frame]:
        """Yield a frame for every stroke of the seed's example outline, or of the drawing in `start` from where it is.

        `start` holds a drawing and how many of its strokes are there, as `draw_stroke.to_state` writes them. Of very
        many strokes a frame shows several at once.
        """
        drawing, n_drawn = (self.example(params.seed), 0) if start is None else from_state(start)
        ends = ends_of_frames(drawing, N_FRAMES)
        for index in range(min(bisect_left(ends, n_drawn), len(ends) - 1), len(ends)):
            yield self._frame(drawing, ends[index], index, len(ends))

    def paint(self, drawing: Drawing) -> Frame:
        """The last frame of a drawing."""
        n_frames = len(ends_of_frames(drawing, N_FRAMES))
        return self._frame(drawing, len(drawing), n_frames - 1, n_frames)

    def paint_example(self, seed: int) -> Painted:
        """Paint into the example outline of a seed."""
        drawing = self.example(seed)
        return Painted(drawing, self.paint(drawing), seed)

    def _frame(self, drawing: Drawing, n_drawn: int, index: int, n_frames: int) -> Frame:
        layers = self._sheet.layers(drawing[:n_drawn])
        views: dict[str, View] = {"picture": BLANK, "drawing": Image(layers.picture())}
        scalars: dict[str, float] = {}
        if not layers.is_blank:  # the network never learnt what to do with nothing
            icon, scores = self._painted(layers)
            views |= {"picture": Image(icon), SUSPICION: Field(suspicion(scores), "chance of being fake", 0.0, 1.0)}
            scalars[SCORE] = self.verdict(float(scores.mean()))
        label = N_("Stroke {n} of {all}").format(n=n_drawn, all=len(drawing))
        return Frame(index, n_frames, label, views, scalars, to_state(drawing, n_drawn))

    @torch.no_grad()
    def _painted(self, layers: DrawLayers) -> tuple[Pixels, FloatArray]:
        """The icon (64, 64, 3) and the discriminator's scores of its patches (h, w)."""
        drawing = torch.from_numpy(layers.drawing(SIZE_PX))[None].to(self._device)
        drawing = drawing.contiguous(memory_format=torch.channels_last)
        with limited_threads(1):  # a second thread saves little, and the window wants one
            icon = self._network.generator(drawing)
            scores = self._network.discriminator(drawing, icon)[0].float().cpu().numpy()
        pixels = (icon[0].movedim(0, 2) * 255).round().to(torch.uint8).cpu().numpy()
        return np.ascontiguousarray(pixels), np.ascontiguousarray(scores)

    def verdict(self, score: float) -> float:
        """The share of real icons, none of which was learnt from, that the discriminator scores lower."""
        return bisect_left(self._real_scores, score) / len(self._real_scores)

    def gallery(self) -> OutlineGallery:
        """All example outlines in small."""
        lines = pen_lines(torch.from_numpy(self._examples.edges).float(), 0.0)
        ink = lines.unflatten(1, (SIZE_PX, 2)).unflatten(3, (SIZE_PX, 2)).mean((2, 4)).numpy()
        return OutlineGallery(np.rint(255 - 225 * ink).astype(np.uint8), self._examples.names)

    def nearest(self, icon: Pixels) -> Nearest:
        """The shipped icons that were learnt from whose colours differ least from a painted one (64, 64, 3)."""
        distances = distances_to(icon, self._learnt_icons)
        found = np.argsort(distances, kind="stable")[:N_NEAR]
        near = [NearPicture(self._learnt_icons[i], float(distances[i]), self._learnt_names[i]) for i in found]
        return Nearest(tuple(near), len(distances), N_("Mean colour difference, 0 to 1"))

    def outline(self, source: Path | Pixels) -> Drawing:
        """Strokes along the edges of a person's picture, a file or (H, W, 3); raises UserError where it has none."""
        drawing = outline_of(read_picture(source).rgb if isinstance(source, Path) else source)
        if not drawing:
            raise UserError(N_("There are no edges in this picture."), N_("Try one with clearer shapes."))
        return drawing


def small_icons(outlines: Outlines) -> Pixels:
    """The icons of a set at the size of the network, (N, 64, 64, 3): each pixel is the mean of four."""
    icons = outlines.icons.reshape(-1, SIZE_PX, 2, SIZE_PX, 2, 3).mean((2, 4), dtype=np.float32)
    return np.rint(icons).astype(np.uint8)


def suspicion(scores: FloatArray) -> FloatArray:
    """The chance that each patch is forged, as the discriminator sees it: the logistic function of minus its score."""
    chances: FloatArray = (0.5 - 0.5 * np.tanh(0.5 * scores)).astype(np.float32)
    return chances


def read_scores(values: Any) -> list[float]:
    """The discriminator's scores of real icons from a card, the lowest first; raises UserError where they are none."""
    try:
        scores = sorted(float(value) for value in values)
    except (TypeError, ValueError) as error:
        raise UserError(N_("The card of this model does not say how real icons were scored.")) from error
    if not 0 < len(scores) <= MAX_SCORES or not np.isfinite(scores).all():
        raise UserError(N_("The card of this model does not say how real icons were scored."))
    return scores
