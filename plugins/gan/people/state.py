"""What engine and panel hand each other: directions, points to be dragged, exported samples and what they are worth.

L rows of w, D numbers in each; places on a picture are shares of it, 0 to 1 from left to right and top to bottom.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.error import UserError
from studio.core.text.csv_text import csv_text
from studio.core.translation import N_, _, translate

Array: TypeAlias = npt.NDArray[np.float32]
ALL_ROWS: Final = "all"
FACES_SET: Final = "avatars"
"""The name of the shipped faces, on the card of a model that learnt them and among the data sets."""
FACE_PX: Final = 64
LARGE_PX: Final = 128
"""Larger pictures are drawn one by one, and many of them only as drafts."""
MAX_DIRECTIONS: Final = 256
Point: TypeAlias = tuple[float, float]
MASK_PX: Final = 64
BoolArray: TypeAlias = npt.NDArray[np.bool_]
MAX_PAIRS: Final = 12
HANDLES: Final = "handles"
"""Where the state of a frame has the places (N, 2) of the handles."""
TABLE_NAME = "labels.csv"
ALIKE: Final = 0.02
"""Differences below this are said to be none: two standard errors of a share of 2,000 labels."""


@dataclass(frozen=True, eq=False)
class PeopleDirection:
    """One direction.

    Attributes:
        id: stays the same ("beard", "component_3"), whatever a person calls it.
        name: what it changes in plain words, or its number.
        vector: (D,); so much of it is 1 on its slider.
        group: the group of layers that it moves unless a person chooses others, or ALL_ROWS.
        effect: the mean change of a colour, 0 to 1, for 1 on its slider.
    """

    id: str
    name: str
    vector: Array
    group: str
    effect: float


def direction_to_json(direction: PeopleDirection) -> dict[str, Any]:
    """As a card holds it."""
    vector = [round(float(value), 4) for value in direction.vector]
    return {
        "id": direction.id,
        "name": direction.name,
        "vector": vector,
        "group": direction.group,
        "effect": round(direction.effect, 4),
    }


def directions_from_json(values: Any, n_w: int) -> tuple[PeopleDirection, ...]:
    """The directions of a card, strongest first; raises UserError where they do not fit the model."""
    try:
        found = [_direction(value, n_w) for value in list(values)[:MAX_DIRECTIONS]]
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise UserError(N_("The directions on this model’s card do not match the model.")) from error
    return ranked(found)


def _direction(value: Mapping[str, Any], n_w: int) -> PeopleDirection:
    vector = np.asarray(value["vector"], np.float32)
    if vector.shape != (n_w,) or not np.isfinite(vector).all():
        raise ValueError(vector.shape)
    texts = [str(value[name])[:60] for name in ("id", "name", "group")]
    return PeopleDirection(texts[0], texts[1], vector, texts[2], float(value["effect"]))


def ranked(directions: Sequence[PeopleDirection]) -> tuple[PeopleDirection, ...]:
    """Named directions first, each kind by its measured effect, the strongest first."""
    return tuple(sorted(directions, key=lambda one: (one.group == ALL_ROWS, -one.effect)))


def is_of_faces(card: Mapping[str, Any]) -> bool:
    """Whether a model learnt the shipped faces, which the judge can read."""
    return bool(card.get("data_set", {}).get("name") == FACES_SET)


@dataclass(frozen=True, eq=False)
class PeopleFacts:
    """What a panel has to know of an open model.

    Attributes:
        directions: ranked. groups: which of the groups of layers the model has.
        n_classes: of which one can be asked for. size_px: of a picture. shown_px: of what is shown of it.
        has_words: whether it understands words. has_verdict: whether its discriminator is there.
        has_noise: whether it draws with fine noise. can_pull: whether points of its pictures can be pulled.
    """

    directions: tuple[PeopleDirection, ...]
    groups: tuple[str, ...]
    n_classes: int
    size_px: int
    shown_px: int
    has_words: bool
    has_verdict: bool
    has_noise: bool
    can_pull: bool


@dataclass(frozen=True)
class DragPair:
    """What lies at `handle` shall come to lie at `target`."""

    handle: Point
    target: Point


@dataclass(frozen=True, eq=False)
class DragGoals:
    """All of them.

    Attributes:
        pairs: at most MAX_PAIRS.
        movable: (MASK_PX, MASK_PX); None where the whole picture may move.
    """

    pairs: tuple[DragPair, ...] = ()
    movable: BoolArray | None = None

    def with_pair(self, pair: DragPair) -> "DragGoals":
        """The same and one more pair."""
        return replace(self, pairs=(*self.pairs, pair)[:MAX_PAIRS])

    def without(self, index: int) -> "DragGoals":
        """The same without a pair."""
        return replace(self, pairs=self.pairs[:index] + self.pairs[index + 1 :])

    def with_dab(self, start: Point, end: Point, radius: float) -> "DragGoals":
        """The same with a stroke of the brush from start to end; the radius is a share of the side."""
        rows, columns = (np.mgrid[:MASK_PX, :MASK_PX] + 0.5) / MASK_PX
        way = np.subtract(end, start)
        squared = float(way @ way)
        along = ((columns - start[0]) * way[0] + (rows - start[1]) * way[1]) / squared if squared else 0.0
        share = np.clip(along, 0, 1)
        is_near = np.hypot(columns - start[0] - share * way[0], rows - start[1] - share * way[1]) <= radius
        known = np.zeros((MASK_PX, MASK_PX), np.bool_) if self.movable is None else self.movable
        return replace(self, movable=known | is_near)

    def nearest(self, at: Point, reach: float) -> int | None:
        """The pair whose handle or target lies within `reach` of a place, the nearest; None for none."""
        found = [
            (min(np.hypot(at[0] - x, at[1] - y) for x, y in (pair.handle, pair.target)), index)
            for index, pair in enumerate(self.pairs)
        ]
        distance, index = min(found, default=(np.inf, 0))
        return index if distance <= reach else None


@dataclass(frozen=True, eq=False)
class ExportedFace:
    """A drawn face that passed.

    Attributes:
        seed: that it was made from.
        pixels: uint8 (64, 64, 3).
        classes: (K,) numbers of its kinds; kinds: their names by label, as the judge reads them.
        confidence: how sure the judge is of the label that it is least sure of, 0 to 1.
        share: of held-out real pictures that the discriminator scores lower, 0 to 1.
        distance: mean difference of a colour to the nearest shipped training picture, 0 to 1.
    """

    seed: int
    pixels: npt.NDArray[np.uint8]
    classes: npt.NDArray[np.int64]
    kinds: Mapping[str, str]
    confidence: float
    share: float
    distance: float

    @property
    def file_name(self) -> str:
        """The name of its picture."""
        return f"face_{self.seed:010d}.png"


def table_text(samples: Iterable[ExportedFace], labels: Sequence[str]) -> str:
    """The whole table, with a head; numbers with four decimals."""
    rows = [["file", "seed", *labels, "confidence", "real_share", "nearest_distance"]]
    for one in samples:
        numbers = [f"{value:.4f}" for value in (one.confidence, one.share, one.distance)]
        rows.append([one.file_name, str(one.seed), *(one.kinds[label] for label in labels), *numbers])
    return csv_text(rows)


@dataclass(frozen=True)
class AugmentationEffect:
    """Where the measurement stands.

    Attributes:
        n_real, n_forged: pictures that are learnt from. n_held_out: that are read.
        n_tried: forged pictures that were tried so far.
        steps: at which was measured. without, with_forged: the share of labels read right, as long as `steps`.
        n_steps: how far it goes.
    """

    n_real: int
    n_forged: int
    n_held_out: int
    n_tried: int = 0
    steps: tuple[int, ...] = ()
    without: tuple[float, ...] = ()
    with_forged: tuple[float, ...] = ()
    n_steps: int = 0

    @property
    def is_done(self) -> bool:
        """Whether both classifiers have learnt to the end."""
        return bool(self.steps) and self.steps[-1] == self.n_steps


def effect_words(effect: AugmentationEffect) -> str:
    """What was measured, whether it speaks for the samples or against them."""
    if not effect.is_done:
        return progress_words(effect)
    gain = effect.with_forged[-1] - effect.without[-1]
    verdict = N_("that makes no real difference.")
    if abs(gain) >= ALIKE:
        verdict = N_("the fakes help.") if gain > 0 else N_("the fakes do harm.")
    form = N_(
        "From {n_real} real faces the classifier reads {without:.1f} % of the labels right; with {n_forged} fakes "
        "added, {with_forged:.1f} %: {verdict}"
    )
    return translate(form).format(
        n_real=effect.n_real,
        n_forged=effect.n_forged,
        without=100 * effect.without[-1],
        with_forged=100 * effect.with_forged[-1],
        verdict=translate(verdict),
    )


def progress_words(effect: AugmentationEffect) -> str:
    """How far the measurement is."""
    if not effect.steps:
        return _("Drawing samples: {n} of {tried} passed").format(n=effect.n_forged, tried=effect.n_tried)
    return _("Learning: step {n} of {all}").format(n=effect.steps[-1], all=effect.n_steps)
