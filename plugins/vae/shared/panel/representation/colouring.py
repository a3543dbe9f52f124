"""What the colours of a map can say, and which kinds a selection holds."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.panel import AMOUNT_COLOURS
from studio.core.translation import N_, _, translate
from studio.core.view import FloatArray

from ...atlas import Atlas
from ...representation.encoded import FOLDER, Encoded, Label
from ...representation.layout import Layout
from ..latent_map import LABEL_COLOURS
from .mosaic import Colours

PLAIN, LABEL, FIGURE = "", "label:", "figure:"
ERROR: Final = N_("How badly it is redrawn")
DISTANCE: Final = N_("Distance from the average")
SPREAD: Final = (0.02, 0.98)  # of the values; the few beyond have the colours at the ends
N_SHARES: Final = 5
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


def colours_of(value: str, encoded: Encoded, numbers: Mapping[str, FloatArray], plain: tuple[int, int, int]) -> Colours:
    """The colours for a choice; `plain` where they say nothing."""
    kind, name = value[: value.find(":") + 1], value[value.find(":") + 1 :]
    if kind == LABEL and name in encoded.labels:
        return Colours(_PALETTE, encoded.labels[name].of % len(_PALETTE))
    if kind == FIGURE and name in numbers:
        low, high = np.quantile(numbers[name], SPREAD)
        share = np.clip((numbers[name] - low) / max(float(high - low), 1e-9), 0, 1)
        return Colours(AMOUNT_COLOURS[:255], np.rint(share * 254).astype(np.intp))
    return Colours(np.array([plain], np.uint8), np.zeros(len(encoded.z), np.intp))


def entries(value: str, encoded: Encoded, numbers: Mapping[str, FloatArray]) -> list[tuple[tuple[int, int, int], str]]:
    """Which colour means what, for a legend."""
    kind, name = value[: value.find(":") + 1], value[value.find(":") + 1 :]
    if kind == LABEL and name in encoded.labels:
        kinds = encoded.labels[name].kinds
        words = kinds if name == FOLDER else tuple(map(translate, kinds))
        return [(_rgb(_PALETTE[index % len(_PALETTE)]), one) for index, one in enumerate(words)]
    if kind == FIGURE and name in numbers:
        ends = np.quantile(numbers[name], (SPREAD[0], SPREAD[1]))
        return [
            (_rgb(AMOUNT_COLOURS[place]), f"{ends[0] + place / 254 * (ends[1] - ends[0]):.3g}")
            for place in (0, 127, 254)
        ]
    return []


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
        words += [f"{kind} {counts[index] / n:.0%}" for kind, index in zip(kinds, order, strict=True)]
    return "\n".join(words)


def kept(layout: Layout, title: str) -> str:
    """How many neighbours are of a picture's kind, in latent space and on the map."""
    purity = layout.purities.get(title)
    if purity is None:
        return ""
    text = N_(
        "Of the 10 nearest neighbours, {on_map:.0%} are of the same kind on this map, {latent:.0%} among all numbers "
        "of the model, {chance:.0%} by chance."
    )
    return translate(text).format(on_map=purity.on_map, latent=purity.latent, chance=purity.chance)
