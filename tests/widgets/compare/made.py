"""Made-up runs that two comparisons can be made of."""

from dataclasses import dataclass

import numpy as np

from studio.commands.track import Track
from studio.core.frame import Frame
from studio.core.param import param
from studio.core.recording.recording import Branch, Recording, RunInfo
from studio.core.view import Field, Image, Tokens, View


@dataclass(frozen=True)
class Params:
    """What the made-up runs take."""

    steps: int = param(12, label="Steps", help="How many.", low=1, high=60)
    guidance: float = param(4.0, label="Guidance", help="How strictly.", low=0.0, high=20.0)
    sampler: str = param("ddim", label="Sampler", help="Which way.", choices=("ddim", "ddpm"))


def track(views: list[View], name: str = "Run 1", colour: int = 0, offset: int = 0, label: str = "", **info) -> Track:
    """A finished run with a frame for each view."""
    recording = Recording(RunInfo(**{"model_id": "vae/digits", "params": {}, "seed": 1, **info}))
    for step, view in enumerate(views):
        recording.append(Frame(offset + step, offset + len(views), label, {"picture": view}))
    recording.finish()
    return Track(recording, name, colour, offset)


def flat(grey: int, height: int = 8, width: int = 8) -> Image:
    """A picture of one grey."""
    return Image(np.full((height, width), grey, np.uint8))


def greys(*values: int) -> list[View]:
    return [flat(value) for value in values]


def disc(x: float, y: float, radius: float, colour: tuple[int, int, int], size: int = 64) -> Image:
    """A soft disc of a colour on a sky."""
    rows, columns = np.mgrid[0:size, 0:size] / size
    cover = np.clip((radius - np.hypot(columns - x, rows - y)) * 40 + 0.5, 0, 1)[..., None]
    sky = np.stack([60 + 120 * rows, 110 + 90 * rows, 190 + 50 * rows], axis=-1)
    return Image(np.rint(sky * (1 - cover) + np.array(colour) * cover).astype(np.uint8))


def sunsets(red: int, n: int = 20) -> list[View]:
    """A sun that goes down."""
    return [disc(0.5 + 0.004 * i, 0.25 + 0.025 * i, 0.2, (250, 210 - red, 60), 64) for i in range(n)]


def letter(radius: float) -> Field:
    """A round shape as a distance field."""
    x = np.arange(64, dtype=np.float32) - 31.5
    outside = radius - np.hypot(x[None], x[:, None])
    inside = np.hypot(x[None], x[:, None]) - radius / 2
    return Field(np.minimum(outside, inside).astype(np.float32), "distance", -32, 32)


def text(words: str) -> Tokens:
    return Tokens(tuple(word + " " for word in words.split()))


def branch_of(parent: Track, step: int) -> Branch:
    return Branch(parent.id, step)
