"""What the colours of a map can say, and which kinds a selection holds."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.api.panel import AMOUNT_COLOURS
from studio.core.translation import N_, _, translate
from studio.core.view import ByteArray, FloatArray

from ...atlas import Atlas
from ...representation.encoded import FOLDER, Encoded, Label
from ...representation.layout import Layout
from ..latent_map import LABEL_COLOURS
from .mosaic import Colours

PLAIN, LABEL, FIGURE = "", "label:", "figure:"
ERROR: Final = N_("Redrawing error")
DISTANCE: Final = N_("Distance from the average")
SPREAD: Final = (0.02, 0.98)  # of the values; the few beyond have the colours at the ends
N_SHARES: Final = 5
ON_LIGHT: Final = 0.72  # of their brightness have colours on light paper
Entry: TypeAlias = tuple[tuple[int, int, int], str]
_PALETTE: Final = np.array([[int(one[i : i + 2], 16) for i in (1, 3, 5)] for one in LABEL_COLOURS], np.uint8)


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
    shade = ON_LIGHT if is_on_light else 1.0
    if kind == LABEL and name in encoded.labels:
        label, palette = encoded.labels[name], _shaded(_PALETTE, shade)
        colours = Colours(palette, label.of % len(palette))
        words = label.kinds if name == FOLDER else tuple(map(translate, label.kinds))
        is_told = len(words) <= len(palette)  # else several share a colour
        return colours, [(_rgb(colour), one) for colour, one in zip(palette, words, strict=False)] if is_told else []
    if kind == FIGURE and name in numbers:
        low, high = np.quantile(numbers[name], SPREAD)
        share = np.clip((numbers[name] - low) / max(float(high - low), 1e-9), 0, 1)
        palette = _shaded(AMOUNT_COLOURS[:255], shade)
        amounts = {place: low + place / 254 * (high - low) for place in (0, 127, 254)}
        entries = [(_rgb(palette[place]), f"{amount:.3g}") for place, amount in amounts.items()]
        return Colours(palette, np.rint(share * 254).astype(np.intp)), entries
    return Colours(np.array([plain], np.uint8), np.zeros(len(encoded.z), np.intp)), []


def _shaded(palette: ByteArray, shade: float) -> ByteArray:
    return np.rint(palette * shade).astype(np.uint8)


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
        parts = [f"{kind}: {100 * counts[index] / n:.0f} %" for kind, index in zip(kinds, order, strict=True)]
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
