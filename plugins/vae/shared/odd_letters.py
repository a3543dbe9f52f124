"""Finds odd letters in a folder, scored as they are read: which letter each draws takes a while to find out."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from studio.api.training import left_out_sentence
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.picture import MIN_PICTURES
from studio.core.translation import N_
from studio.core.view import ByteArray

from .ink import Array, paper
from .odd_examples import OddExample
from .odd_ones import MAX_FRAMES, Scored, ScoringModel, scored
from .representation.sources import N_AT_ONCE, Folder


class LetterModel(ScoringModel, Protocol):
    """What scores letters; see `VaeEngine`."""

    def fitted(self, rgb: ByteArray) -> Generator[None, None, tuple[Array, str]]:
        """A person's picture (H, W, 3) as a distance field (64, 64), and the letter that it draws."""


def odd_letters(engine: LetterModel, folder: Path, measure: str, seed: int) -> Iterator[Frame | None]:
    """Yield what `odd_ones` does, for a model of letters; raises UserError where there are fewer than 16."""
    source, so_far = Folder(folder, engine.fitted, has_letters=True), Scored()
    yield from source.content()
    n_batches = step = 0
    for batch in source.batches():
        if batch is None:
            yield None
            continue
        shown = np.repeat(paper(engine.ink(batch.pictures))[..., None], 3, axis=3)
        so_far.add(shown, batch.names, scored(engine, batch.pictures, batch.letters))
        stride = -(-source.n // (N_AT_ONCE * MAX_FRAMES))
        if n_batches % stride == 0:
            yield so_far.frame(measure, step, -(-source.n // (N_AT_ONCE * stride)) + 1)
            step += 1
        n_batches += 1
    _check_number(source, len(so_far.names))
    yield from so_far.grow_forests(seed)
    yield so_far.last_frame(measure, step, _all(source, so_far))


def _check_number(source: Folder, n: int) -> None:
    if n < MIN_PICTURES:
        problem = N_("The folder has {n} pictures that can be used; at least {least} are needed.")
        left_out = _left_out(source) or N_("Choose a folder with more pictures.")
        raise UserError(problem.format(n=n, least=MIN_PICTURES), left_out)


def _left_out(source: Folder) -> str:
    return left_out_sentence(tuple(f"{one}." for one in source.left_out)) if source.left_out else ""


def _all(source: Folder, found: Scored) -> OddExample:
    names = tuple(one.rpartition(": ")[0] for one in source.left_out)
    return OddExample(np.stack(found.pictures), tuple(found.names), left_out=names, why=_left_out(source))
