"""The calls that the panel of the styles sends to its engine; torch stays behind it, where only the Lane goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.core.frame import Frame
from studio.core.picture import read_picture
from studio.core.view import ByteArray

from .params import StylesParams
from .scene import PICTURE_STATE, prepared

if TYPE_CHECKING:
    from .engine import StylesEngine


@dataclass(frozen=True, eq=False)
class StylesExamples:
    """The held-out emoji that come with the program: both styles (N, 64, 64, 3), and what each is called."""

    flat: ByteArray
    glossy: ByteArray
    names: tuple[str, ...]

    def of_way(self, is_back: bool) -> ByteArray:
        """Those of the style that is translated."""
        return self.glossy if is_back else self.flat

    def index(self, seed: int) -> int:
        """Which of them a seed stands for."""
        return (seed - 1) % len(self.names)


def open_examples(engine: "StylesEngine") -> StylesExamples:
    """The examples."""
    found = engine.examples
    return StylesExamples(found.flat, found.glossy, found.names)


def translate_picture(engine: "StylesEngine", params: StylesParams, own: ByteArray | None) -> Iterator[Frame]:
    """Translate an example, or an own picture (64, 64, 3)."""
    return engine.generate(params, None if own is None else {PICTURE_STATE: own})


def read_own_picture(engine: "StylesEngine", source: Path | ByteArray) -> ByteArray:
    """A person's picture, from a file or as pixels (H, W, 3), made ready."""
    return prepared(read_picture(source).rgb if isinstance(source, Path) else source)
