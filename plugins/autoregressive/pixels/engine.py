"""A network of pixels ready to draw: pictures that grow as frames, endings of what was begun, and looks into it. No Qt.

Shape letters: B pictures, C kinds, H W pixels, P = H W places in reading order, V levels.
"""

from bisect import bisect_left
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from studio.api.engine import Device, ModelSource, PausingEngine, limited_threads
from studio.api.training import Split, framed
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.seed import generator
from studio.core.translation import N_
from studio.core.view import ByteArray, Field, Image, Series, State, View

from .model.pixelcnn import PixelNetwork
from .model.receptive_field import (
    Floats,
    PictureScore,
    PixelDependence,
    dependence,
    distribution,
    kind_probabilities,
    log_likelihoods,
    plain_receptive_field,
    scored,
)
from .model.sampling import PixelRequest, PixelSampler, sampler_of
from .model.weights import load_pixels
from .own_picture import fitted, grey_levels_of
from .params import PixelParams
from .state import MOST_BITS, UNKNOWN, Bytes, PixelState, coloured, read_state, started
from .training.data import SETS

N_AT_ONCE: Final = 32
"""Pixels between two pauses."""
N_COLUMNS: Final = 2


def frame_of(sampler: PixelSampler, state: PixelState, stops: Sequence[int], step: int) -> Frame:
    """The frame at a stop: all pixels before it are settled, and what is said about it is known."""
    config, task = sampler.config, sampler.task
    place, n_steps = stops[step], len(stops)
    is_known = state.kept != 0  # (P,)
    is_known[:place] = True
    values = task.values * is_known  # (B, P)
    surprise = task.surprise.copy()  # (B, P), 0 where nothing is settled
    surprise[:, place:] = 0
    shape = (-1, config.size_px, config.size_px)
    views: dict[str, View] = {
        "picture": Image(mosaic(coloured(values, is_known, config.n_levels).reshape(*shape, 3))),
        "surprise": Field(surprise.reshape(shape), "surprise", 0.0, MOST_BITS),
    }
    if place < config.n_places:
        views["next"] = next_value(sampler, place)
    return Frame(
        step,
        n_steps,
        N_("Pixel {place} of {n}").format(place=place, n=config.n_places),
        views,
        scalars(surprise, stops[max(step - 1, 0)], place),
        {
            "values": values.reshape(shape),
            "kept": state.kept.reshape(config.size_px, config.size_px).copy(),
            "labels": task.labels.copy(),
            "place": np.array([place], np.int64),
        },
    )


def scalars(surprise: npt.NDArray[np.float32], before: int, place: int) -> dict[str, float]:
    """Of the first picture: bits per pixel so far, and of the pixels since the last stop."""
    if not place:
        return {}
    newest = surprise[0, before:place] if before < place else surprise[0, :place]
    return {"bits": float(surprise[0, :place].mean()), "surprise": float(newest.mean())}


def next_value(sampler: PixelSampler, place: int) -> Series:
    """The distribution that the next value of each picture is drawn from, after guidance and temperature."""
    law = sampler.task.law[place] / sampler.task.temperature  # (B, V)
    chances = np.exp(law - law.max(1, keepdims=True))
    chances /= chances.sum(1, keepdims=True)
    curves = {N_("Ending {n}").format(n=number): row.astype(np.float32) for number, row in enumerate(chances, 1)}
    return Series(curves, np.arange(law.shape[1], dtype=np.float32), N_("Value of the next pixel"))


def mosaic(pictures: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Pictures (B, H, W, 3) as one: a single one as it is, more of them in two columns with a line between."""
    n, height, width, _ = pictures.shape
    if n == 1:
        return np.ascontiguousarray(pictures[0])
    n_rows = -(-n // N_COLUMNS)
    sheet = np.full((n_rows * (height + 1) - 1, N_COLUMNS * (width + 1) - 1, 3), UNKNOWN, np.uint8)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, N_COLUMNS)
        top, left = row * (height + 1), column * (width + 1)
        sheet[top : top + height, left : left + width] = picture
    return sheet


@dataclass(frozen=True)
class PixelModelInfo:
    """What a panel has to know of an open model.

    Attributes:
        size_px, n_levels: of its pictures.
        labels: a word for each kind that can be asked for.
        can_be_guided: whether `PixelParams.guidance` is heeded.
        usual_bits: between which bits per dimension nine of ten true pictures lie; None where that is not known.
    """

    size_px: int
    n_levels: int
    labels: tuple[str, ...]
    can_be_guided: bool
    usual_bits: tuple[float, float] | None


class PixelEngine(PausingEngine):
    """One network of pixels, on the processor."""

    def __init__(self, network: PixelNetwork, card: Mapping[str, Any]) -> None:
        self.network = network
        self.config = network.config
        self.labels = _labels(card, network.config.n_classes)
        self._usual = card.get("usual_bits")
        self._set_name = str(card.get("data_set", {}).get("name", ""))
        self._framing = str(card.get("settings", {}).get("framing", ""))  # only own pictures have one

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        return cls(load_pixels(source.path), source.card)

    def close(self) -> None:
        """Free the weights."""
        del self.network

    def about(self) -> PixelModelInfo:
        """What a panel has to know."""
        usual = (float(self._usual["low"]), float(self._usual["high"])) if self._usual else None
        config = self.config
        return PixelModelInfo(config.size_px, config.n_levels, self.labels, config.can_be_guided, usual)

    # Pictures

    def example(self, number: int) -> Bytes | None:
        """A test picture (H, W) of what the model learnt from, by its number; None where none are shipped."""
        read = SETS.get(self._set_name)
        if read is None or self._framing:
            return None
        pictures = read(Split.TEST)
        chosen = generator(number, "example").integers(len(pictures))
        return self._checked(pictures.values[chosen])

    def fitted(self, rgb: ByteArray) -> Bytes:
        """A person's picture (h, w, 3) as levels (H, W); raises UserError where there is nothing on it."""
        size_px, n_levels = self.config.size_px, self.config.n_levels
        if self._framing:
            return grey_levels_of(framed(rgb, size_px, "crop" if self._framing == "crop" else "fit"), n_levels)
        return fitted(rgb, size_px, n_levels)

    def generate_with_pauses(self, params: PixelParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield a frame before each `params.stride` pixels that are drawn, and one of the whole pictures.

        A state (`state`) is a frame's, or says which pixels of a picture stay; its first frame shows it.
        """
        state = self._state(params, start)
        if (state.labels < 0).any():
            state = yield from self._with_kinds(state, params)
        yield from self._drawn(state, params)

    def _drawn(self, state: PixelState, params: PixelParams) -> Iterator[Frame | None]:
        seeds = range(params.seed, params.seed + len(state.labels))
        stops = state.stops(params.stride).tolist()
        first = bisect_left(stops, state.place)
        settled = state.settled(state.place)
        guidance = params.guidance if self.config.can_be_guided else 0.0
        wish = PixelRequest(state.labels.tolist(), seeds, params.temperature, state.values, settled, guidance)
        sampler = sampler_of(self.network, wish)
        for step in range(first, len(stops)):
            yield from _advanced(sampler, stops[step] + 1)  # what is said about the next pixel is part of the frame
            yield frame_of(sampler, state, stops, step)

    def _state(self, params: PixelParams, start: State | None) -> PixelState:
        """Where to begin; raises UserError for a state or a kind that the model does not know."""
        config, kind = self.config, self.kind_of(params.kind)
        if start is None:
            empty = np.zeros((config.size_px, config.size_px), np.uint8)
            start = started(empty, np.ones_like(empty, np.bool_), params.n_endings)
        state = read_state(start, config.size_px, config.n_levels, config.n_classes)
        if kind is not None:
            return replace(state, labels=np.where(state.labels < 0, kind, state.labels))
        return state

    def kind_of(self, word: str) -> int | None:
        """The number of a kind; None for an empty word. Raises UserError where there is no such kind."""
        if not word:
            return None
        if word not in self.labels:
            raise UserError(
                N_("This model cannot draw “{word}”.").format(word=word[:20]),
                N_("Choose one of {kinds}.").format(kinds=" ".join(self.labels)),
            )
        return self.labels.index(word)

    def _with_kinds(self, state: PixelState, params: PixelParams) -> Generator[None, None, PixelState]:
        """Find kinds that fit the pixels before the first one to be drawn, for each picture by its own seed."""
        n_known = max(state.place, len(state.kept) if state.kept.all() else int(state.stops(1)[0]))
        chances = yield from self.kinds(state.values[0].reshape(self.config.size_px, -1), n_known)
        rolls = [generator(params.seed + number, "kind").random() for number in range(len(state.labels))]
        drawn = np.searchsorted(np.cumsum(chances, dtype=np.float64), rolls).clip(0, len(chances) - 1)
        return replace(state, labels=np.where(state.labels < 0, drawn, state.labels))

    # Looks

    def kinds(self, values: npt.NDArray[np.uint8], n_known: int) -> Generator[None, None, Floats]:
        """Probabilities (C,) of the kinds after the first `n_known` pixels of a picture (H, W); yields often."""
        n_rows = -(-n_known // self.config.size_px)
        if not n_rows:
            return np.full(self.config.n_classes, 1 / self.config.n_classes, np.float32)
        each = yield from log_likelihoods(self.network, values, n_rows)
        return kind_probabilities(each.reshape(len(each), -1)[:, :n_known])

    def score(self, values: npt.NDArray[np.uint8], kind: str = "") -> Generator[None, None, PictureScore]:
        """How surprising a picture (H, W) of levels is, as one of a kind or whatever it may be; yields often."""
        return (yield from scored(self.network, self._checked(values), self.kind_of(kind)))

    def distribution(self, values: npt.NDArray[np.uint8], label: int, place: int) -> Floats:
        """Probabilities (V,) of the levels at a place of a picture (H, W)."""
        with limited_threads(1):
            return distribution(self.network, self._checked(values), label, place)

    def dependence(self, values: npt.NDArray[np.uint8], label: int, place: int) -> PixelDependence:
        """Which pixels of a picture (H, W) a place depends on, and how much."""
        with limited_threads(1):
            return dependence(self.network, self._checked(values), label, place)

    def plain_receptive_field(self, place: int) -> npt.NDArray[np.bool_]:
        """(H, W) what a plain masked PixelCNN of as many layers would see from a place, with its blind spot."""
        with limited_threads(1):
            return plain_receptive_field(self.config, place)

    def _checked(self, values: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        size = self.config.size_px
        if values.shape != (size, size) or values.max() >= self.config.n_levels:
            raise UserError(N_("This picture is the wrong size for the model."))
        return values


def _advanced(sampler: PixelSampler, place: int) -> Iterator[None]:
    """Settle all pixels before `place`, with a pause now and then."""
    while sampler.place < min(place, sampler.config.n_places):
        sampler.advance(min(N_AT_ONCE, place - sampler.place))
        if sampler.place < place - 1:
            yield None


def _labels(card: Mapping[str, Any], n_classes: int) -> tuple[str, ...]:
    words: Sequence[Any] = card.get("labels", ())
    return tuple(map(str, words)) if len(words) == n_classes else tuple(map(str, range(n_classes)))
