"""Writes a clip as one HTML file for any browser: pictures, a sound or a text that plays and is dragged, offline."""

import html
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.atomic import atomic_file
from studio.core.container.metadata import xml_text
from studio.core.container.web_page import content_policy, page_file, script_json
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.text.token import EXPECTED_BITS, MOST_BITS, SURPRISING_BITS
from studio.core.translation import N_, _, translate
from studio.core.view import Audio
from studio.render.export.option import Export, ExportOptions, done
from studio.render.export.painter import FramePainter, frame_caption
from studio.render.export.sound import sound_of, wave_picture, write_sound
from studio.render.export.token_row import plain_rows, reading_rows, tokens_in
from studio.render.export.webp import webp_of
from studio.render.still import is_picture, shown_view

MAX_BYTES: Final = 64 << 20
_WORDS: Final = {
    "play": N_("Play"),
    "pause": N_("Pause"),
    "place": N_("Place"),
    "sound": N_("Sound"),
    "drag": N_("Drag on the picture to move through it. Arrow keys and the space bar work too."),
    "drag_grid": N_("Drag on the picture, in any direction. Arrow keys and the space bar work too."),
    "click": N_("Click on a word. Arrow keys and the space bar work too."),
    "first": N_("the text begins here"),
    "likely": N_("{share} likely, {bits} bits of surprise"),
}
_DATA: Final = "[the data]"

ByteArray = NDArray[np.uint8]


def write_page(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the range as a page that loads nothing from anywhere; it names the model, its licence and its settings.

    Raises UserError where the page would be larger than 64 MiB.
    """
    options = replace(options.opaque(), has_caption=False)
    is_text = tokens_in(clip.frame(options.span(clip)[0])) is not None
    with atomic_file(path) as draft, draft.open("wb") as file:
        yield from (_write_text if is_text else _write_pictures)(clip, file, options)
    return path


def _write_text(clip: Clip, file: BinaryIO, options: ExportOptions) -> Iterator[Frame]:
    rows = yield from reading_rows(clip, options)
    bits = {"expected": EXPECTED_BITS, "surprising": SURPRISING_BITS, "most": MOST_BITS}
    head, tail = _page(clip, "tokens", bits, title="".join(row.piece for row in rows).strip()[:60])
    file.write(head + script_json(plain_rows(rows)) + tail)


def _write_pictures(clip: Clip, file: BinaryIO, options: ExportOptions) -> Iterator[Frame]:
    start, stop = options.span(clip)
    sound, tail = sound_of(clip, options), b""
    for n_done, (caption, picture) in enumerate(_pictures(clip, options, sound)):
        if not n_done:
            size = {
                "width": picture.shape[1],
                "height": picture.shape[0],
                "columns": clip.columns,
                "is_round": clip.is_loop,
            }
            played = {"fps": options.fps_of(clip), "is_looped": options.is_looped}
            head, tail = _page(clip, "frames", {**size, **played}, sound)
            file.write(head)
        file.write((b",\n" if n_done else b"[") + script_json([caption, b64encode(webp_of(picture)).decode()]))
        if file.tell() > MAX_BYTES:
            raise UserError(
                N_("This page would be too large to be sent."), N_("Choose a smaller size or fewer frames.")
            )
        yield done(n_done + 1, stop - start)
    file.write(b"]" + tail)


def _pictures(clip: Clip, options: ExportOptions, sound: Audio | None) -> Iterator[tuple[str, ByteArray]]:
    """The frames of the range with their captions; of a sound that shows nothing else its outline alone."""
    start, stop = options.span(clip)
    if sound is not None and not is_picture(shown_view(clip.frame(start))):
        yield frame_caption(clip.frame(stop - 1), clip), wave_picture(sound)
        return
    painter = FramePainter(clip, options)
    for frame in clip.frames(start, stop):
        yield frame_caption(frame, clip), painter.paint(frame)


def _page(
    clip: Clip, kind: str, about: Mapping[str, Any], sound: Audio | None = None, title: str = ""
) -> tuple[bytes, bytes]:
    """What stands before and behind the data, which the script finds by its `kind`."""
    script, style = page_file("page.js"), page_file("page.css")
    title = title or clip.title or clip.info.model_id
    words = {name: translate(text) for name, text in _WORDS.items()}
    head, _mark, tail = (
        Template(page_file("page.html"))
        .substitute(
            policy=content_policy(script, style),
            title=html.escape(title),
            style=style,
            made_from=xml_text(clip.made_from()),
            footer=html.escape(_footer(clip)),
            about=script_json({**about, "kind": kind, "title": title, "words": words}).decode(),
            sound=script_json(None if sound is None else _sound_url(sound)).decode(),
            kind=kind,
            data=_DATA,
            script=script,
        )
        .partition(_DATA)
    )
    return head.encode(), tail.encode()


def _footer(clip: Clip) -> str:
    made = _("Made with {model}, seed {seed}, in Manifold Studio.").format(
        model=clip.info.model_id, seed=clip.info.seed
    )
    licence = _("Licence of the model: {licence}").format(licence=clip.licence) if clip.licence else ""
    return f"{made}\n{licence}".strip()


def _sound_url(sound: Audio) -> str:
    with TemporaryDirectory(prefix="manifold-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "sound.wav"
        for _step in write_sound(path, sound):
            pass
        return f"data:audio/wav;base64,{b64encode(path.read_bytes()).decode()}"
