"""The engine that enlarges pictures: part by part, by the faithful and the vivid network, mixed as one likes."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
import torch

from studio.api.engine import Device, ModelSource, PausingEngine, psnr_db, ssim
from studio.api.training import load_examples
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.delta import Patch
from studio.core.translation import N_
from studio.core.view import Image, State
from studio.nn.pausing_layers import pause_between_layers

from ..shared.weights import load_network
from .model.enlarger import TILE_PX, EnlargePair, EnlargeTile, enlarged_tile, put, tiles_of
from .params import EnlargeParams
from .state import (
    SCALE,
    EnlargeMeasured,
    EnlargeSheet,
    EnlargeSource,
    Nearness,
    Pixels,
    check_size,
    greyed,
    is_grey,
    mixed,
    plain_preview,
    plainly_enlarged,
    preview_factor,
    reduced,
    sheet_of,
)
from .training.data import quartered

PICTURE: Final = "picture"
SMALL: Final = "small"
NEXT: Final = "next"
PREVIEW: Final = "preview"
SMALL_TILE_PX: Final = 48
FEW_TILES_PX: Final = 40_000
LEAST_SSIM_PX: Final = 11
PARTS_TEXT: Final = N_("Part {n} of {total}")


@dataclass(eq=False)
class EnlargeProgress:
    """A picture on its way: what both networks have made of it so far.

    Attributes:
        is_done: for each part, whether it is drawn.
    """

    small: Pixels
    faithful: Pixels
    vivid: Pixels
    tiles: list[EnlargeTile]
    is_done: list[bool] = field(default_factory=list)


class EnlargeEngine(PausingEngine):
    """Both networks on one device."""

    def __init__(self, networks: EnlargePair, device: Device) -> None:
        self._networks: EnlargePair | None = networks.to(device.torch_device)
        self.pauses = pause_between_layers(networks, large=0)  # small ones, on large pictures
        self._drawn: EnlargeProgress | None = None
        self._examples: list[EnlargeSource] = []

    @classmethod
    def open(cls, source: ModelSource, device: Device) -> Self:
        """Load the model; raises UserError where the file is no good."""
        return cls(load_network(source.path, EnlargePair), device)

    @property
    def examples(self) -> list[EnlargeSource]:
        """The held-out photos that come with the program: what is left of them, and what they were."""
        if not self._examples:
            photos = load_examples()
            pairs = zip(photos.names, photos.pictures, strict=True)
            self._examples = [EnlargeSource(quartered(large), large, name) for name, large in pairs]
        return self._examples

    def example(self, seed: int) -> EnlargeSource:
        """The example that a seed stands for: 1 is the first."""
        return self.examples[(seed - 1) % len(self.examples)]

    def generate_with_pauses(self, params: EnlargeParams, start: State | None = None) -> Iterator[Frame | None]:
        """Yield the plain enlargement, then a frame for each part that is drawn.

        `start` has the picture ("small") and may have the first frame wanted ("next"). With "preview" in it the frames
        of large pictures are reduced, for those who look at them while they come: `sheet` then has the picture in full.

        Raises:
            UserError: the picture is none, or too large.
        """
        small, first = self._start(params, start)
        drawn = self._drawn_of(small)
        n, factor = len(drawn.tiles), preview_factor(small) if start is not None and PREVIEW in start else 1
        whole = plain_preview(small, factor)
        for number in range(first):  # what a branch begins with
            yield from self._draw(drawn, number)
            part = reduced(self._part(drawn, number, params.vividness), factor)
            put(whole, drawn.tiles[number], part, SCALE // factor)
        state: State = {SMALL: small, NEXT: np.array([first], np.int32)}
        if start is not None and PREVIEW in start:
            state[PREVIEW] = start[PREVIEW]
        label = N_(PARTS_TEXT).format(n=first, total=n) if first else N_("Simply enlarged (bicubic)")
        yield Frame(first, n + 1, label, {PICTURE: Image(whole)}, {"drawn": first / n}, state)
        for number in range(first, n):
            yield from self._draw(drawn, number)
            yield self._frame(drawn, number, params.vividness, factor, state)

    def _start(self, params: EnlargeParams, start: State | None) -> tuple[Pixels, int]:
        if start is None or SMALL not in start:
            return self.example(params.seed).small, 0
        small = np.ascontiguousarray(start[SMALL])
        if small.dtype != np.uint8 or small.ndim != 3 or small.shape[2] != 3 or not small.size:
            raise UserError(N_("This picture cannot be enlarged."))
        check_size(small.shape[1], small.shape[0])
        first = int(np.asarray(start.get(NEXT, 0)).reshape(-1)[0])
        return small, min(max(first, 0), len(tiles_of(small.shape[0], small.shape[1], tile_side(small))))

    def _drawn_of(self, small: Pixels) -> EnlargeProgress:
        """What is there of a picture; only the last one is kept."""
        drawn = self._drawn
        if drawn is None or not np.array_equal(drawn.small, small):
            shape = (SCALE * small.shape[0], SCALE * small.shape[1], 3)
            tiles = tiles_of(small.shape[0], small.shape[1], tile_side(small))
            drawn = EnlargeProgress(
                small, np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), tiles, [False] * len(tiles)
            )
            self._drawn = drawn
        return drawn

    def _draw(self, drawn: EnlargeProgress, number: int) -> Iterator[None]:
        """Draw a part by both networks, unless it is there."""
        networks, tile = self._networks, drawn.tiles[number]
        if drawn.is_done[number] or networks is None:
            return
        for network, into in ((networks.faithful, drawn.faithful), (networks.vivid, drawn.vivid)):
            part = enlarged_tile(network, drawn.small, tile)
            put(into, tile, greyed(part) if is_grey(drawn.small) else part)
            yield None
        drawn.is_done[number] = True

    def _part(self, drawn: EnlargeProgress, number: int, vividness: float) -> Pixels:
        tile = drawn.tiles[number]
        rows = slice(SCALE * tile.top, SCALE * tile.bottom)
        columns = slice(SCALE * tile.left, SCALE * tile.right)
        return np.ascontiguousarray(mixed(drawn.faithful[rows, columns], drawn.vivid[rows, columns], vividness))

    def _frame(self, drawn: EnlargeProgress, number: int, vividness: float, factor: int, state: State) -> Frame:
        tile, n = drawn.tiles[number], len(drawn.tiles)
        part = reduced(self._part(drawn, number, vividness), factor)
        return Frame(
            number + 1,
            n + 1,
            N_(PARTS_TEXT).format(n=number + 1, total=n),
            scalars={"drawn": (number + 1) / n},
            state={**state, NEXT: np.array([number + 1], np.int32)},
            changes={PICTURE: Patch(part, (SCALE * tile.top // factor, SCALE * tile.left // factor, 0))},
        )

    def sheet(self, small: Pixels) -> EnlargeSheet | None:
        """Both enlargements of a picture that was drawn to the end; None where it was not."""
        drawn = self._drawn
        if drawn is None or not all(drawn.is_done) or not np.array_equal(drawn.small, small):
            return None
        return sheet_of(drawn.faithful, drawn.vivid)

    def measured(
        self, opened: EnlargeSource, sheet: EnlargeSheet, vividness: float, known: EnlargeMeasured
    ) -> Generator[None, None, EnlargeMeasured]:
        """Hold the present mix, both networks and the plain enlargements against the original.

        What does not depend on the vividness is taken from what is known of the same picture.
        """
        if opened.large is None:
            return EnlargeMeasured()
        found: dict[str, Nearness] = {}
        faithful, vivid = sheet.parts
        pictures = {"now": mixed(faithful, vivid, vividness), "faithful": faithful, "vivid": vivid}
        for name in ("now", "faithful", "vivid", "bicubic", "lanczos"):
            if name != "now" and name in known.nearness:
                found[name] = known.nearness[name]
                continue
            picture = pictures[name] if name in pictures else plainly_enlarged(opened.small, name)
            found[name] = nearness(opened.large, picture)
            yield
        return EnlargeMeasured(found)

    def close(self) -> None:
        """Free what it holds."""
        self._networks, self._drawn, self._examples = None, None, []
        torch.clear_autocast_cache()


def tile_side(small: Pixels) -> int:
    """How large the parts of a picture (H, W, 3) are: small pictures are cut into more of them, to watch them come."""
    return SMALL_TILE_PX if small.shape[0] * small.shape[1] <= FEW_TILES_PX else TILE_PX


def nearness(original: Pixels, enlarged: Pixels) -> Nearness:
    """How near two pictures of one shape are."""
    is_large = min(original.shape[:2]) >= LEAST_SSIM_PX
    return Nearness(psnr_db(original, enlarged), ssim(original, enlarged) if is_large else None)
