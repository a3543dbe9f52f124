"""Turns live values into one or two sentences for people who do not program."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame
from studio.core.translation import N_, _, translate

from .atlas import Array, Atlas
from .card import is_known
from .diacritics import signs
from .scene import VaeScene

N_NEIGHBOURS = 15
CLOSE_SHARE = 0.25
N_UNDER_HAND = 3
MINUS = "\N{MINUS SIGN}"
ACCENTS = N_("The accents are added to the model’s letters: it was trained on letters without any.")
PREVIEW_TEXT = N_("A preview of the place under the pointer. Click to go there.")


def describe(atlas: Atlas, scene: VaeScene) -> str:
    """Say what is on screen: the nearest typeface, or the handwritten digits or the faces around."""
    if atlas.groups is None:
        return letter_caption(atlas, scene)
    if not atlas.has_kinds:
        return digit_caption(atlas, scene.z)
    return kind_caption(atlas, scene.z) if len(set(atlas.names)) > 1 else own_caption(atlas, scene.z)


def letter_caption(atlas: Atlas, scene: VaeScene) -> str:
    """Name the nearest typeface; "very close" is a quarter of the usual distance between two typefaces."""
    distances = np.linalg.norm(atlas.places - scene.z, axis=1)
    nearest, n = int(distances.argmin()), len(atlas.names)
    name = atlas.names[nearest]
    if distances[nearest] < CLOSE_SHARE * atlas.gap:
        text = N_("This is very close to {name}, one of the {n} typefaces the model was trained on.")
    elif len(scene.text) > 1:
        text = N_("This lettering exists in no typeface. The closest of the {n} is {name}.")
    else:
        text = N_("This letter exists in no typeface. The closest of the {n} is {name}.")
    marked = any(len(sign) > 1 for sign in signs(scene.text))
    return translate(text).format(name=name, n=n) + (f" {translate(ACCENTS)}" if marked else "")


def digit_caption(atlas: Atlas, z: Array) -> str:
    """Count the classes among the nearest handwritten digits."""
    near, counts = _around(atlas, z)
    first, n_first = counts[0]
    if len(counts) == 1:
        text = N_("The model is certain here: the {n} nearest handwritten digits are all {first}s.")
        return translate(text).format(n=len(near), first=first)
    second, n_second = counts[1]
    one = N_(
        "Between digits: of the {n} nearest handwritten ones, {n_first} are read as “{first}” and one as “{second}”."
    )
    many = N_(
        "Between digits: of the {n} nearest handwritten ones, {n_first} are read as “{first}” and {n_second} "
        "as “{second}”."
    )
    text = one if n_second == 1 else many
    return translate(text).format(n=len(near), n_first=n_first, first=first, n_second=n_second, second=second)


def kind_caption(atlas: Atlas, z: Array) -> str:
    """Count the kinds of hair among the nearest faces that the model was not trained on."""
    near, counts = _around(atlas, z)
    first, n_first = counts[0]
    if len(counts) == 1:
        text = N_("The {n} nearest drawn faces all have the same hairstyle: {first}.")
        return translate(text).format(n=len(near), first=translate(first))
    second, n_second = counts[1]
    text = N_("Hairstyles of the {n} nearest drawn faces: {first} ({n_first}) and {second} ({n_second}).")
    return translate(text).format(
        n=len(near), n_first=n_first, first=translate(first), n_second=n_second, second=translate(second)
    )


def own_caption(atlas: Atlas, z: Array) -> str:
    """Say how near one of the pictures of a person's own folder is; "very close" as for typefaces."""
    n, is_close = len(atlas.places), np.linalg.norm(atlas.places - z, axis=1).min() < CLOSE_SHARE * atlas.gap
    close = N_("This is very close to one of your own pictures, of which {n} are on the map.")
    far = N_("This is not one of your {n} pictures on the map: the model made it up.")
    return translate(close if is_close else far).format(n=n)


def _around(atlas: Atlas, z: Array) -> tuple[npt.NDArray[np.int64], list[tuple[str, int]]]:
    """The nearest known places, and the two names that most of them have, with how many."""
    near = np.argsort(np.linalg.norm(atlas.places - z, axis=1))[:N_NEIGHBOURS]
    return near, Counter(atlas.names[index] for index in near).most_common(2)


class Unlike:
    """Knows of the last picture that a person brought whether it is any of what the model draws.

    A card’s `known_within` says how badly pictures of its kind are redrawn at most.
    """

    def __init__(self, card: Mapping[str, Any]) -> None:
        self._card = card
        self._place: Array | None = None
        self._error = 0.0

    def note(self, reading: Any) -> None:
        """Remember where a picture was read, if that is far from it; see `VaeReading`."""
        self._place = None if is_known(self._card, reading.misfit) else reading.z
        self._error = reading.error

    def caption(self, z: Array) -> str:
        """What is said while the model shows that place (D,); empty elsewhere."""
        if self._place is None or not np.array_equal(z, self._place):
            return ""
        text = N_(
            "Your picture shows nothing that this model knows. This is the closest that it can draw; it differs by "
            "{percent:.0f} %."
        )
        return translate(text).format(percent=100 * self._error)


def hand_caption(atlas: Atlas, z: Array) -> str:
    """The numbers under the hand: "Weight +1.3 · Width −0.4"."""
    values = atlas.values(z)[:N_UNDER_HAND]
    names = (translate(direction.name) for direction in atlas.directions)
    return " · ".join(f"{name} {signed(value)}" for name, value in zip(names, values, strict=False))


def signed(value: float) -> str:
    """A number with its sign and one decimal: "+1.3", "−0.4"."""
    return f"{value:+z.1f}".replace("-", MINUS)


def beyond_caption(atlas: Atlas, z: Array) -> str:
    """Name the directions along which the place lies beyond all examples, or ""."""
    beyond = [
        translate(direction.name)
        for direction, value in zip(atlas.directions, atlas.values(z), strict=True)
        if direction.is_visible and not direction.low <= value <= direction.high
    ]
    if not beyond:
        return ""
    shown = ", ".join(beyond[:2])
    return _("Beyond what the model has seen: {names}").format(names=shown)


def foreign_caption(frame: Frame, kind: str) -> str:
    """What a run of a kind shows that is no place of this model: how one learns, odd pictures, or another’s drawing."""
    if "scores" in frame.views:
        return _odd_caption(frame)
    if kind == "training":
        return _learning_caption(frame)
    return _("Another model drew this. Drag, or choose a place, to return to this one.")


def _learning_caption(frame: Frame) -> str:
    """What a picture of a training shows: always the same places, after more and more steps."""
    sentence = N_("What the model draws after {n:,} of {total:,} training steps, always at the same places.")
    return translate(sentence).format(n=frame.step + 1, total=frame.n_steps)


def _odd_caption(frame: Frame) -> str:
    """What a sheet of pictures shows whose oddest ones come first."""
    sentence = N_("The oddest of {n:,} pictures come first. Orange is where the model would draw them differently.")
    return translate(sentence).format(n=int(frame.scalars["n_pictures"]))
