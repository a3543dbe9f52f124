"""What the colours of a map can say, and which kinds a selection holds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from studio.api.panel import AMOUNT_COLOURS, theme
from studio.core.translation import N_, _, translate
from studio.core.view import ByteArray, FloatArray

from ...atlas import Atlas
from ...representation.encoded import FOLDER, Encoded, Label
from ...representation.layout import Layout
from .mosaic import Colours

PLAIN, LABEL, FIGURE = "", "label:", "figure:"
ERROR: Final = N_("Redrawing error")
DISTANCE: Final = N_("Distance from the average")
SPREAD: Final = (0.02, 0.98)  # of the values; the few beyond have the colours at the ends
N_SHARES: Final = 5
HALF: Final = 128  # of 255
ON_LIGHT: Final = 0.72  # of their brightness have colours on light paper
Entry: TypeAlias = tuple[tuple[int, int, int], str]
# Hues that stay apart for colour-blind eyes as well (after Tol 2021); the name is on hover too.
_HUES: Final = "88ccee cc6677 ddcc77 44aa99 aa4499 6699cc 999933 ee8866 bbbbbb 77aadd"
LABEL_COLOURS: Final = np.array([tuple(bytes.fromhex(one)) for one in _HUES.split()], np.uint8)


def figures(encoded: Encoded, atlas: Atlas | None, n_named: int) -> dict[str, FloatArray]:
    """Numbers of each picture, (N,), by what they are called: its error, its distance, its values along directions."""
    found = {ERROR: encoded.errors, DISTANCE: np.linalg.norm(encoded.z, axis=1)}
    if atlas is not None:
        values = encoded.z @ atlas.inverse
        found |= {one.name: values[:, index] for index, one in enumerate(atlas.directions[:n_named])}
    return found


def choices(encoded: Encoded, numbers: Mapping[str, FloatArray]) -> list[tuple[str, str]]:
    """Values and words of all that colours can say, labels first."""
    labels = [(LABEL + title, translate(title)) for title in encoded.labels]
    return [*labels, (PLAIN, _("Nothing")), *((FIGURE + name, translate(name)) for name in numbers)]


def coloured(
    value: str, encoded: Encoded, numbers: Mapping[str, FloatArray], plain: tuple[int, int, int], is_on_light: bool
) -> tuple[Colours, list[Entry]]:
    """The colours for a choice, `plain` where they say nothing, and which means what; darker ones on light paper."""
    kind, name = value[: value.find(":") + 1], value[value.find(":") + 1 :]
    if kind == LABEL and name in encoded.labels:
        label = encoded.labels[name]
        return by_label(label, label.kinds if name == FOLDER else tuple(map(translate, label.kinds)), is_on_light)
    if kind == FIGURE and name in numbers:
        return by_amount(numbers[name], is_on_light)
    return plainly(plain, len(encoded.z))


def plainly(colour: tuple[int, int, int], n: int) -> tuple[Colours, list[Entry]]:
    """One colour for all of them."""
    return Colours(np.array([colour], np.uint8), np.zeros(n, np.intp)), []


def by_label(label: Label, words: Sequence[str], is_on_light: bool) -> tuple[Colours, list[Entry]]:
    """A colour for each kind, which is called by these words; nothing is said where several have to share one."""
    palette = _shaded(LABEL_COLOURS, is_on_light)
    entries = [(_rgb(colour), one) for colour, one in zip(palette, words, strict=False)]
    return Colours(palette, label.of % len(palette)), entries if len(words) <= len(palette) else []


def by_amount(values: FloatArray, is_on_light: bool) -> tuple[Colours, list[Entry]]:
    """Colours from the smallest to the largest of numbers (N,)."""
    low, high = np.quantile(values, SPREAD)
    share = np.clip((values - low) / max(float(high - low), 1e-9), 0, 1)
    palette = _shaded(AMOUNT_COLOURS[:255], is_on_light)
    amounts = {place: low + place / 254 * (high - low) for place in (0, 127, 254)}
    entries = [(_rgb(palette[place]), f"{amount:.3g}") for place, amount in amounts.items()]
    return Colours(palette, np.rint(share * 254).astype(np.intp)), entries


def has_light_paper() -> bool:
    """Whether what maps are drawn on is light now."""
    return QColor(theme().colour.canvas).lightness() > HALF


def _shaded(palette: ByteArray, is_on_light: bool) -> ByteArray:
    return np.rint(palette * (ON_LIGHT if is_on_light else 1.0)).astype(np.uint8)


def _rgb(colour: npt.NDArray[np.integer]) -> tuple[int, int, int]:
    red, green, blue = map(int, colour)
    return red, green, blue


def kind_words(title: str, label: Label, index: int) -> str:
    """What picture number `index` is by a label; a person's own words stay as they are."""
    kind = label.kinds[label.of[index]]
    return kind if title == FOLDER else translate(kind)


def about(encoded: Encoded, index: int, title: str) -> str:
    """A picture in a sentence: its name, what it is by one label, and how badly it is redrawn."""
    words = [encoded.names[index]]
    if title in encoded.labels:
        words.append(f"{translate(title)}: {kind_words(title, encoded.labels[title], index)}")
    words.append(_("redrawn with an error of {percent:.1f} %").format(percent=100 * encoded.errors[index]))
    return " · ".join(words)


def shares(encoded: Encoded, mask: npt.NDArray[np.bool_], title: str) -> str:
    """How many pictures are selected, and of which kinds most of them are."""
    n = int(mask.sum())
    words = [_("{n:,} of {all:,} selected").format(n=n, all=len(mask))]
    if title in encoded.labels:
        label = encoded.labels[title]
        counts = np.bincount(label.of[mask], minlength=len(label.kinds))
        order = [index for index in np.argsort(-counts, kind="stable")[:N_SHARES] if counts[index]]
        kinds = [label.kinds[index] if title == FOLDER else translate(label.kinds[index]) for index in order]
        parts = [f"{kind}:\u00a0{100 * counts[index] / n:.0f}\u00a0%" for kind, index in zip(kinds, order, strict=True)]
        words.append(", ".join(parts))
    return "\n".join(words)


def kept(layout: Layout, title: str) -> str:
    """How many neighbours are of a picture's kind, in latent space and on the map."""
    purity = layout.purities.get(title)
    if purity is None:
        return ""
    text = N_(
        "Of the 10 nearest neighbours, {on_map:.0f} % are of the same kind on this map, {latent:.0f} % among all "
        "numbers of the model, {chance:.0f} % by chance."
    )
    return translate(text).format(**{name: 100 * share for name, share in asdict(purity).items()})
