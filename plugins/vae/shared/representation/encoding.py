"""Encodes many pictures, with progress; what was found is kept for the next time.

Shapes: B pictures of a batch, N all pictures, D latent numbers, H W pixels.
"""

from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from studio.api.engine import ModelSource
from studio.core.error import UserError
from studio.core.pausing import beside
from studio.core.translation import N_
from studio.core.view import ByteArray, FloatArray

from ..ink import Array
from .encoded import SPRITE_PX, Encoded, Label, Progress, keep, key_of, read_kept
from .sources import FULL, Batch, Folder, Shipped, Source

MIN_PLACES: Final = 4


class Encoder(Protocol):
    """What an engine of this family offers for it."""

    source: ModelSource
    balance: int | None

    @property
    def has_letters(self) -> bool:
        """Whether it has to be said which letter a picture draws."""

    def fitted(self, rgb: ByteArray) -> Generator[None, None, tuple[Array, str]]:
        """A person's picture (H, W, 3) as `encode` takes it, and the letter that it draws, if any."""

    def encode(self, pictures: Array, letters: str = "") -> Array:
        """Places (B, D) of pictures."""

    def decode(self, z: Array, letters: str = "") -> Array:
        """Pictures at places (B, D)."""

    def ink(self, pictures: Array) -> Array:
        """How much ink lies on each pixel of letters; pictures stay as they are."""


def has_own_pictures(card: Any) -> bool:
    """Whether the pictures that a model learnt from come along."""
    return bool(card.get("data_set", {}).get("name") in FULL)


def encoded(engine: Encoder, folder: Path | None) -> Generator[Progress | None, None, Encoded]:
    """Encode the pictures of a folder, or those of the model's own data set where there is none.

    Raises UserError where they are fewer than four.
    """
    card = engine.source.card
    if folder is None and not has_own_pictures(card):
        raise UserError(N_("This model’s own pictures do not come along."), N_("Choose a folder of pictures."))
    own = Shipped(card["data_set"]["name"]) if folder is None else Folder(folder, engine.fitted, engine.has_letters)
    return (yield from _encoded(engine, own))


def key_for(source: ModelSource, balance: int | None, content: object) -> str:
    """Under which key is kept what one of a model's networks makes of pictures with this content."""
    return key_of(source.content_hash, balance, content)


def _encoded(engine: Encoder, source: Source) -> Generator[Progress | None, None, Encoded]:
    yield Progress(N_("Looking for the pictures"))
    content = yield from source.content()
    key = yield from beside(lambda: key_for(engine.source, engine.balance, content))
    found = yield from beside(partial(read_kept, key))
    if found is None:
        found = yield from _encode_all(engine, source, key)
        yield from beside(partial(keep, found))
    return found


def _encode_all(engine: Encoder, source: Source, key: str) -> Generator[Progress | None, None, Encoded]:
    collection = _Collection(source.titles)
    for batch in source.batches():
        if batch is None:
            yield None
            continue
        z = engine.encode(batch.pictures, batch.letters)
        yield None
        shown, redrawn = engine.ink(batch.pictures), engine.ink(engine.decode(z, batch.letters))
        wrong = np.abs(shown - redrawn).reshape(len(z), -1).mean(1).astype(np.float32)
        collection.add(batch, z, sprites_of(shown), wrong)
        n = len(collection.names) + source.n_left_out
        yield Progress(N_("Encoding the pictures: {n:,} of {all:,}").format(n=n, all=source.n), n, source.n)
    if len(collection.names) < MIN_PLACES:
        named = "; ".join(source.left_out[:3])
        problem = N_("A map needs at least {n} pictures that can be used.").format(n=MIN_PLACES)
        raise UserError(problem, N_("Left out: {named}").format(named=named) if named else "")
    return collection.result(key, source)


class _Collection:
    """What was encoded so far."""

    def __init__(self, titles: tuple[str, ...]) -> None:
        self._titles, self.names, self._letters = titles, list[str](), list[str]()
        self._kinds: list[dict[str, int]] = [{} for _ in titles]
        self._arrays: list[tuple[FloatArray, ByteArray, FloatArray]] = []
        self._of: list[list[int]] = []
        self._held_out: list[bool] = []

    def add(self, batch: Batch, z: FloatArray, sprites: ByteArray, errors: FloatArray) -> None:
        self._arrays.append((z, sprites, errors))
        self.names.extend(batch.names)
        self._letters.append(batch.letters)
        self._held_out.extend([batch.is_held_out] * len(z))
        for row in batch.kinds:
            self._of.append([kinds.setdefault(kind, len(kinds)) for kinds, kind in zip(self._kinds, row, strict=True)])

    def result(self, key: str, source: Source) -> Encoded:
        z, sprites, errors = (np.concatenate(part) for part in zip(*self._arrays, strict=True))
        columns = np.array(self._of, np.uint16).T  # (ways to sort them, N)
        labels = {
            title: _sorted_label(tuple(kinds), of)
            for title, kinds, of in zip(self._titles, self._kinds, columns, strict=True)
            if len(kinds) > 1
        }
        left_out = tuple(source.left_out), source.n_left_out
        held_out = np.array(self._held_out, bool)
        return Encoded(key, z, sprites, errors, held_out, tuple(self.names), "".join(self._letters), labels, *left_out)


def _sorted_label(kinds: tuple[str, ...], of: Any) -> Label:
    """The same with the kinds in alphabetical order."""
    order = sorted(range(len(kinds)), key=lambda index: kinds[index])
    return Label(tuple(kinds[index] for index in order), np.argsort(order).astype(np.uint16)[of])


def sprites_of(shown: Array) -> ByteArray:
    """Ink (B, H, W) or colours (B, H, W, 3) in 0..1, at least 28 px, as small pictures (B, 32, 32[, 3]) uint8."""
    side = shown.shape[1]
    if side < SPRITE_PX:
        before, after = (SPRITE_PX - side) // 2, -(-(SPRITE_PX - side) // 2)
        widths = [(0, 0), (before, after), (before, after)] + [(0, 0)] * (shown.ndim - 3)
        shown = np.pad(shown, widths)
    elif side > SPRITE_PX:
        edges = np.arange(SPRITE_PX) * side // SPRITE_PX
        shown = np.add.reduceat(np.add.reduceat(shown, edges, 1), edges, 2)
        wide = np.diff([*edges, side]).astype(np.float32)
        shown = shown / (wide[:, None] * wide).reshape(SPRITE_PX, SPRITE_PX, *[1] * (shown.ndim - 3))
    return np.rint(255 * np.clip(shown, 0, 1)).astype(np.uint8)
