"""The engine that redraws emoji in another art style: there, back again, and what the discriminators say of it.

Shape letters: N pictures, H W pixels.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import torch
from torch import Tensor

from studio.api.engine import Device, Engine, ModelSource, limited_threads
from studio.api.training import Split, load_emoji_styles
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.picture import read_picture
from studio.core.translation import N_
from studio.core.view import ByteArray, Image, State
from studio.nn.exported import Part
from studio.nn.packed_conv import pack_convolutions

from ..shared.weights import load_network
from .model.cyclegan import StylesNetwork
from .scene import N_TURNS, PICTURE_STATE, SIDE_PX, TURN, StylesExamples, StylesParams, prepared
from .training.objective import in_range

STYLES: Final = ("flat", "glossy")


class StylesEngine(Engine):
    """Both translators and both discriminators on one device."""

    def __init__(self, network: StylesNetwork, card: Mapping[str, Any], device: Device) -> None:
        self._network: StylesNetwork | None = network.to(device.torch_device)
        self._device = device
        self._real = {style: _quantiles(card, style) for style in STYLES}
        self._examples: StylesExamples | None = None

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file or its card is no good."""
        network = load_network(source.path, StylesNetwork)
        if network.config.size_px != SIDE_PX:
            raise UserError(N_("This model draws pictures of another size."))
        pack_convolutions(network)
        return cls(network, source.card, device)

    def exportable(self) -> tuple[Part, ...]:
        """Both ways between the styles, and what judges them."""
        network = self._opened
        networks = (network.to_flat, network.to_glossy, *network.discriminator.values())
        picture = self._laid(np.random.default_rng(0).integers(0, 256, (SIDE_PX, SIDE_PX, 3), np.uint8))
        return tuple(Part(one, "forward", (picture,)) for one in networks)

    @property
    def examples(self) -> StylesExamples:
        """The held-out emoji that come with the program, in both styles."""
        if self._examples is None:
            found = load_emoji_styles(Split.TEST, is_small=True)
            self._examples = StylesExamples(found.flat, found.glossy, found.names)
        return self._examples

    def example(self, params: StylesParams) -> ByteArray:
        """The example (64, 64, 3) that a seed stands for, in the style that is translated; 1 is the first."""
        pictures = self.examples.of_way(params.is_back)
        return np.ascontiguousarray(pictures[self.examples.index(params.seed)])

    def own_picture(self, source: Path | ByteArray) -> ByteArray:
        """A person's picture, from a file or as pixels (H, W, 3), made ready."""
        return prepared(read_picture(source).rgb if isinstance(source, Path) else source)

    def generate(self, params: StylesParams, start: State | None = None) -> Iterator[Frame]:
        """Yield the translation of an example, or of `start["picture"]` (64, 64, 3) uint8.

        Where `start` has a "turn", the picture goes back and forth between the styles instead: a frame for every
        translation from that one on, to the last of twelve.

        Raises:
            UserError: the picture is none of this size.
        """
        original = (
            self.example(params) if start is None or PICTURE_STATE not in start else _checked(start[PICTURE_STATE])
        )
        if start is None or TURN not in start:
            yield self._translation(original, params.is_back)
            return
        first = int(np.asarray(start[TURN]).reshape(-1)[0])
        yield from self._turns(original, params.is_back, min(max(first, 0), N_TURNS))

    def _translation(self, original: ByteArray, is_back: bool) -> Frame:
        picture = self._laid(original)
        made = self._translated(picture, is_back)
        again = self._translated(self._laid(pixels_of(made)), not is_back)
        scalars = {
            "verdict": self.verdict(made, not is_back),
            "verdict_original": self.verdict(picture, not is_back),
            "returned": _difference(again, picture),
            "changed": _difference(made, picture),
        }
        views = {"picture": Image(pixels_of(made)), "original": Image(original), "again": Image(pixels_of(again))}
        return Frame(0, 1, N_("Translated"), views, scalars, {PICTURE_STATE: original})

    def _turns(self, original: ByteArray, is_back: bool, first: int) -> Iterator[Frame]:
        picture = start = self._laid(original)
        for turn in range(N_TURNS + 1):
            if turn:
                way_back = is_back == bool(turn % 2)
                picture = self._laid(pixels_of(self._translated(picture, way_back)))
            if turn < first:
                continue
            label = N_("After {n} translations").format(n=turn)
            verdict = self.verdict(picture, is_back != bool(turn % 2))
            scalars = {"changed": _difference(picture, start), "verdict": verdict}
            state: State = {PICTURE_STATE: original, TURN: np.array([turn], np.int32)}
            views = {"picture": Image(pixels_of(picture)), "original": Image(original)}
            yield Frame(turn, N_TURNS + 1, label, views, scalars, state)

    def _laid(self, pixels: ByteArray) -> Tensor:
        picture = torch.from_numpy(pixels.copy()).movedim(2, 0)[None].to(self._device.torch_device)  # (1, 3, H, W)
        return in_range(picture).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def _translated(self, picture: Tensor, is_back: bool) -> Tensor:
        with limited_threads(1):
            return self._opened.translated(picture, is_back).float()

    @torch.inference_mode()
    def verdict(self, picture: Tensor, is_glossy: bool) -> float:
        """The share of real held-out emoji of a style that its discriminator finds less real than this picture."""
        with limited_threads(1):
            score = float(self._opened.score(picture, is_glossy))
        quantiles = self._real[STYLES[is_glossy]]
        return float(np.interp(score, quantiles, np.linspace(0, 1, len(quantiles))))

    @property
    def _opened(self) -> StylesNetwork:
        assert self._network is not None
        return self._network

    def close(self) -> None:
        """Free what it holds."""
        self._network, self._examples = None, None


def pixels_of(picture: Tensor) -> ByteArray:
    """A picture (1, 3, H, W) in [-1, 1] as (H, W, 3) uint8."""
    values = ((picture[0].float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return np.ascontiguousarray(values.movedim(0, 2).cpu().numpy())


def _difference(one: Tensor, other: Tensor) -> float:
    """The mean difference of a colour, 0 to 1."""
    return float((one - other).abs().mean() / 2)


def _checked(picture: Any) -> ByteArray:
    pixels = np.ascontiguousarray(picture)
    if pixels.dtype != np.uint8 or pixels.shape != (SIDE_PX, SIDE_PX, 3):
        raise UserError(N_("This picture cannot be translated."))
    return pixels


def _quantiles(card: Mapping[str, Any], style: str) -> np.ndarray:
    """The scores of real emoji of a style, rising; raises UserError where the card has none."""
    try:
        values = np.asarray(card["real_scores"][style], np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(N_("The card of this model does not say what its detectives are measured by.")) from error
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all() or (np.diff(values) < 0).any():
        raise UserError(N_("The card of this model does not say what its detectives are measured by."))
    return values
