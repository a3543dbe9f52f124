"""Makes a typeface out of a place: its line for the panel, its file, and the sentences that belong to it."""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from studio.core.atomic import atomic_write
from studio.core.character import CHARACTERS
from studio.core.container.metadata import labelled_text
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.translation import N_

from ...shared.ink import Array as Field
from .master import Master, traced_master
from .variable import MOST, STEP, End, FontAxis, joined_font, walk

Place: TypeAlias = np.ndarray
N_GLYPHS: Final = 120
_AT_ONCE: Final = 4
_TAGS: Final = {"Weight": "wght", "Width": "wdth", "Slant": "slnt"}
_WEIGHT_PER_UNIT, _WIDTH_PER_UNIT, _LEAN_PER_UNIT = 120.0, 12.0, 0.09


@dataclass(frozen=True)
class AxisEnd:
    """A direction that became an axis: its name, and how far it goes either way before which letter changes."""

    name: str
    low: float
    high: float
    stopped_by: tuple[str, str]


@dataclass(frozen=True, eq=False)
class Typeface:
    """A font file, and what is to be said of it."""

    data: bytes
    family: str
    n_signs: int
    axes: tuple[AxisEnd, ...] = ()


@dataclass(frozen=True, eq=False)
class SetLine:
    """A line of text set in a typeface: contours of (points (n, 2), is on curve (n,)), in units, y upwards."""

    contours: tuple[tuple[np.ndarray, np.ndarray], ...]
    width: float


def check_fonttools() -> None:
    """Raise UserError where fonts cannot be written."""
    if find_spec("fontTools") is None:
        raise UserError(N_("Writing fonts needs fonttools."), N_("Install this program’s “fonts” extra."))


def _letters(engine: Any, z: Place) -> Generator[None, None, Field]:
    """The 62 letters of a place, (62, 64, 64); a few at a time, so that nothing waits for long."""
    parts = []
    for start in range(0, len(CHARACTERS), _AT_ONCE):
        some = CHARACTERS[start : start + _AT_ONCE]
        parts.append(engine.decode(np.broadcast_to(z, (len(some), len(z))), some))
        yield
    return np.concatenate(parts)


def _traced(engine: Any, z: Place) -> Generator[None, None, Master]:
    letters = yield from _letters(engine, z)
    return (yield from traced_master(letters))


def _progress(work: Generator[None, None, Any], done: int, n_steps: int) -> Generator[Frame, None, Any]:
    """A part of the work as frames from number `done` on."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
        done = min(done + 1, n_steps - 1)
        yield Frame(done, n_steps)


def set_line(engine: Any, z: Place, text: str) -> Generator[Frame, None, SetLine]:
    """Set a line in the typeface of a place (D,); yields progress.

    Raises UserError without fontTools.
    """
    check_fonttools()
    master: Master = yield from _progress(_traced(engine, z), 0, N_GLYPHS)
    from .font import typeset

    return SetLine(*typeset(master, text))


def make_typeface(
    engine: Any, z: Place, family: str, description: str, directions: Sequence[int] = ()
) -> Generator[Frame, None, Typeface]:
    """Make the font of a place (D,), variable along up to two directions; yields progress.

    Raises UserError without fontTools.
    """
    check_fonttools()
    n_walks = round(2 * MOST / STEP)
    n_steps = N_GLYPHS * (1 + n_walks * len(directions)) + 2
    master: Master = yield from _progress(_traced(engine, z), 0, n_steps)
    from .font import built, family_name, font_bytes

    family = family_name(family)
    font = built(master, family, description)
    yield Frame(N_GLYPHS, n_steps)
    ends: list[AxisEnd] = []
    joined = []
    for number, index in enumerate(directions):
        both: list[End] = []
        for way in (-1, 1):
            done = N_GLYPHS * (1 + n_walks * number) + (N_GLYPHS * n_walks // 2 if way > 0 else 0)
            end: End = yield from _progress(
                walk(_drawing(engine, z, index), master, way, _limit(engine, z, index, way)), done, n_steps
            )
            both.append(end)
        low, high = both
        name = engine.atlas.directions[index].name
        ends.append(AxisEnd(name, low.value, high.value, (low.stopped_by, high.stopped_by)))
        if low.master or high.master:
            fonts = [None if end.master is None else built(end.master, family, description) for end in both]
            joined.append((font_axis(name, low.value, high.value), fonts[0], fonts[1]))
    if joined:
        font = joined_font(font, joined)
    return Typeface(font_bytes(font), family, len(font.getBestCmap()), tuple(ends))


def save_typeface(engine: Any, path: Path, **wanted: Any) -> Generator[Frame, None, Typeface]:
    """Make the font of a place and write it; takes what `make_typeface` does. Raises UserError where it cannot."""
    made = yield from make_typeface(engine, **wanted)
    atomic_write(path, made.data)
    return made


def made_from(model: str, seed: int, z: Place) -> str:
    """What a font says of where it comes from: model, seed and place, as other exports do."""
    place = {"z": {"shape": list(z.shape), "values": z.tolist()}}
    return labelled_text({"model": model, "seed": seed, "state": place})


def _drawing(engine: Any, z: Place, index: int) -> Callable[[float], Generator[None, None, Field]]:
    value = float(engine.atlas.values(z)[index])
    return lambda away: _letters(engine, engine.atlas.moved(z, index, value + away))


def _limit(engine: Any, z: Place, index: int, way: int) -> float:
    """How far one may go: not far beyond what the model has seen."""
    direction, value = engine.atlas.directions[index], float(engine.atlas.values(z)[index])
    room = (direction.high - value) if way > 0 else (value - direction.low)
    return float(np.clip(room + 0.5, 0.0, MOST))


def font_axis(name: str, low: float, high: float) -> FontAxis:
    """The axis of a direction between two values, in the scale that its tag asks for; the place itself is usual."""
    tag = _TAGS.get(name, "".join(char for char in name.upper() if char.isalnum())[:4].ljust(4, "X"))
    if tag == "wght":
        return FontAxis(tag, name, (400 + _WEIGHT_PER_UNIT * low, 400.0, 400 + _WEIGHT_PER_UNIT * high))
    if tag == "wdth":
        return FontAxis(tag, name, (100 + _WIDTH_PER_UNIT * low, 100.0, 100 + _WIDTH_PER_UNIT * high))
    if tag == "slnt":
        lean = [math.degrees(math.atan(_LEAN_PER_UNIT * end)) for end in (low, high)]
        return FontAxis(tag, name, (-round(lean[1], 1), 0.0, -round(lean[0], 1)))
    return FontAxis(tag, name, (round(100 * low), 0.0, round(100 * high)))
