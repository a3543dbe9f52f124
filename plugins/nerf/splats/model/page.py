"""Writes splats as one HTML file that any browser with WebGL 2 shows from all sides, offline."""

import html
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from studio.api.engine import ModelSource
from studio.core.atomic import atomic_write
from studio.core.container.web_page import content_policy, page_file, script_json
from studio.core.error import UserError
from studio.core.translation import N_, _, translate

from ...shared.camera.camera import Camera
from ...shared.marks import Marks, length_words
from ...shared.state import SceneFacts, ViewRequest
from .splats import SH_0, Splats

MAX_SPLATS: Final = 250_000
"""As many as textures hold that every WebGL 2 has: 2048 rows; of more, those that fill most of a picture are kept."""
_WORD, _BYTE = 65535, 127
_SIZE_STEPS: Final = 1000.0
_COLOUR_STEPS: Final = 8192.0
_WORDS: Final = {
    "turn": N_("Turn"),
    "stop": N_("Stop"),
    "home": N_("First view"),
    "drag": N_("Drag to walk around, scroll or pinch to come closer, drag with Shift to move. Arrow keys work too."),
    "no_webgl": N_("This browser cannot show scenes: it has no WebGL 2."),
}


@dataclass(frozen=True, eq=False)
class ScenePage:
    """What a page shows beside the splats.

    Attributes:
        title, footer: plain text.
        camera: the first view. up: the axis that points up.
        background: sRGB, 0..1.
        marks: notes and the ruler.
    """

    title: str
    footer: str
    camera: Camera
    up: str
    background: tuple[float, float, float]
    marks: Marks = field(default_factory=Marks)


def page_of(source: ModelSource, facts: SceneFacts, request: ViewRequest, marks: Marks) -> ScenePage:
    """The page of a model's scene, seen at first as a request sees it."""
    card = source.card
    made = _("Made with {model} in Manifold Studio.").format(model=source.id)
    licence = _("Licence of the model: {licence}").format(licence=card["licence"]) if card.get("licence") else ""
    title = str(card.get("title", source.id))
    return ScenePage(
        translate(title), f"{made}\n{licence}".strip(), request.camera, facts.up, request.look.background, marks
    )


def write_page(path: Path, splats: Splats, page: ScenePage) -> int:
    """Write it, whole or not at all; returns how many splats it holds.

    Raises UserError where there are none.
    """
    if not len(splats):
        raise UserError(N_("There is nothing in this scene."))
    kept = _largest_first(splats)
    script, style = page_file("scene.js"), page_file("page.css") + page_file("scene.css")
    text = Template(page_file("scene.html")).substitute(
        policy=content_policy(script, style),
        title=html.escape(page.title),
        style=style,
        footer=html.escape(page.footer),
        about=script_json(_about(page)).decode(),
        splats=script_json(packed(kept)).decode(),
        script=script,
    )
    atomic_write(path, text.encode())
    return len(kept)


def _largest_first(splats: Splats) -> Splats:
    """Those that fill most of a picture first: a slow browser draws only the first ones while something moves."""
    two_widest = np.sort(splats.log_scales, axis=1)[:, 1:].sum(1)
    weight = two_widest + np.log(np.maximum(splats.opacities, 1e-9))
    return splats.where(np.argsort(-weight, kind="stable")[:MAX_SPLATS])


def _about(page: ScenePage) -> dict[str, Any]:
    camera, marks = page.camera, page.marks
    view = {
        "pivot": camera.pivot.tolist(),
        "back": camera.axes[:, 2].tolist(),
        "distance": camera.distance,
        "fov": camera.fov_y_rad,
    }
    ruler = {"points": marks.ruler, "words": length_words(marks.length, marks.metres)} if marks.length else None
    return {
        "title": page.title,
        "words": {name: translate(text) for name, text in _WORDS.items()},
        "camera": view,
        "up": page.up,
        "background": page.background,
        "notes": [{"point": note.point, "words": note.words} for note in marks.notes],
        "ruler": ruler,
    }


def packed(splats: Splats) -> dict[str, Any]:
    """The splats as the page's script reads them: whole numbers in base64, and what their steps are."""
    low = splats.centres.min(0)
    steps = np.maximum((splats.centres.max(0) - low) / _WORD, 1e-9)
    sheen = splats.harmonics[:, 1:]
    sheen_step = max(float(np.abs(sheen).max(initial=0.0)) / _BYTE, 1e-8)
    sizes = np.clip(splats.log_scales * _SIZE_STEPS, -32768, 32767)
    colours = np.clip((0.5 + SH_0 * splats.harmonics[:, 0]) * _COLOUR_STEPS, -32768, 32767)
    return {
        "n": len(splats),
        "n_sheen": sheen.shape[1],
        "low": low.tolist(),
        "steps": steps.tolist(),
        "size_steps": _SIZE_STEPS,
        "colour_steps": _COLOUR_STEPS,
        "sheen_step": sheen_step,
        "centres": _base64((splats.centres - low) / steps, np.uint16),
        "sizes": _base64(sizes, np.int16),
        "turns": _base64(splats.rotations * _BYTE, np.int8),
        "opacities": _base64(splats.opacities * 255, np.uint8),
        "colours": _base64(colours, np.int16),
        "sheen": _base64(sheen / sheen_step, np.int8),
    }


def _base64(values: npt.NDArray[Any], kind: type[np.integer[Any]]) -> str:
    return b64encode(np.rint(values).astype(np.dtype(kind).newbyteorder("<")).tobytes()).decode()
