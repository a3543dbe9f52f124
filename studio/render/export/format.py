"""Every kind of file that a clip can be written as: what it is called, what it holds, who writes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.clip import Clip
from studio.core.translation import N_
from studio.core.view import Tokens
from studio.render.export.frames import write_frames
from studio.render.export.gif import write_gif
from studio.render.export.midi import notes_in, write_midi
from studio.render.export.mp4 import write_mp4
from studio.render.export.npz import write_npz
from studio.render.export.option import Export, ExportOptions
from studio.render.export.page import MAX_BYTES, write_page
from studio.render.export.plot import plot_in, write_svg
from studio.render.export.png import write_png, write_sheet, write_strip
from studio.render.export.sound import audio_in, write_flac, write_mp3, write_ogg, write_wav
from studio.render.export.text import write_json, write_text
from studio.render.export.token_row import tokens_in
from studio.render.export.webp import write_webp
from studio.render.still import is_picture, shown_view

MAX_ANIMATED_SIDE_PX: Final = 1024
MAX_STILL_SIDE_PX: Final = 4096


@dataclass(frozen=True)
class ExportFormat:
    """One kind of file.

    Attributes:
        id: one word, the same in settings and commands.
        title: what its chip says.
        help: one sentence for people who never heard of it.
        suffix: ending of the file's name, with the dot.
        fits: whether a frame holds what the format shows.
        write: writes a clip, yielding progress.
        has_pictures: whether size, caption and background mean anything.
        is_animated: whether several frames are played, at a speed.
        has_loop: whether the file says if it starts again.
        has_range: whether several frames go into the file.
        has_count: whether a person chooses how many pictures are shown.
        has_transparency: whether the background may be left out.
        has_words: whether captions stand beside the pictures as text, never on them.
        is_around: whether it holds the pictures around the present one instead of a run.
        max_bytes: what a file may have, 0 for any size.
        max_side_px: the largest size; larger frames of an animation would keep other work waiting.
    """

    id: str
    title: str
    help: str
    suffix: str
    fits: Callable[[Frame], bool]
    write: Callable[[Clip, Path, ExportOptions], Export]
    has_pictures: bool = True
    is_animated: bool = False
    has_loop: bool = False
    has_range: bool = False
    has_count: bool = False
    has_transparency: bool = False
    has_words: bool = False
    is_around: bool = False
    max_bytes: int = 0
    max_side_px: int = MAX_STILL_SIDE_PX


def shows_picture(frame: Frame) -> bool:
    """Whether what it shows can be drawn as a picture; a text can, as chips."""
    view = shown_view(frame)
    return is_picture(view) or isinstance(view, Tokens)


def _shows_text(frame: Frame) -> bool:
    return tokens_in(frame) is not None


def _holds_sound(frame: Frame) -> bool:
    return audio_in(frame) is not None


def _holds_arrays(frame: Frame) -> bool:
    return bool(frame.views)


FORMATS: Final = (
    ExportFormat(
        "png",
        N_("Picture"),
        N_("The frame on screen as a single picture (PNG)."),
        ".png",
        shows_picture,
        write_png,
        has_transparency=True,
    ),
    ExportFormat(
        "sheet",
        N_("Contact sheet"),
        N_("Several frames in rows, on one picture (PNG)."),
        ".png",
        shows_picture,
        write_sheet,
        has_range=True,
        has_count=True,
        has_transparency=True,
        max_side_px=MAX_ANIMATED_SIDE_PX,
    ),
    ExportFormat(
        "strip",
        N_("Strip"),
        N_("Several frames in one row, on one picture (PNG)."),
        ".png",
        shows_picture,
        write_strip,
        has_range=True,
        has_count=True,
        has_transparency=True,
        max_side_px=MAX_ANIMATED_SIDE_PX,
    ),
    ExportFormat(
        "mp4",
        N_("Video"),
        N_("A video that every player and website accepts (MP4, H.264)."),
        ".mp4",
        shows_picture,
        write_mp4,
        is_animated=True,
        has_range=True,
        max_side_px=MAX_ANIMATED_SIDE_PX,
    ),
    ExportFormat(
        "gif",
        N_("GIF"),
        N_("A moving picture with at most 256 colours per frame; plays everywhere."),
        ".gif",
        shows_picture,
        write_gif,
        is_animated=True,
        has_loop=True,
        has_range=True,
        max_side_px=MAX_ANIMATED_SIDE_PX,
    ),
    ExportFormat(
        "webp",
        N_("WebP"),
        N_("A moving picture in full colour, smaller than a GIF."),
        ".webp",
        shows_picture,
        write_webp,
        is_animated=True,
        has_loop=True,
        has_range=True,
        has_transparency=True,
        max_side_px=MAX_ANIMATED_SIDE_PX,
    ),
    ExportFormat(
        "page",
        N_("Page"),
        N_("A page that replays the writing in any browser, without this program (HTML)."),
        ".html",
        _shows_text,
        write_page,
        has_pictures=False,
        has_range=True,
    ),
    ExportFormat(
        "film_page",
        N_("Page"),
        N_("A page that plays and can be dragged in any browser, without this program (HTML)."),
        ".html",
        lambda frame: not _shows_text(frame) and (shows_picture(frame) or _holds_sound(frame)),
        write_page,
        has_words=True,
        max_bytes=MAX_BYTES,
        is_animated=True,
        has_loop=True,
        has_range=True,
        max_side_px=MAX_ANIMATED_SIDE_PX,
    ),
    ExportFormat(
        "around_page",
        N_("Page to explore"),
        N_("A page where one drags through what the model draws around this picture, in any browser (HTML)."),
        ".html",
        shows_picture,
        write_page,
        has_words=True,
        max_bytes=MAX_BYTES,
        is_around=True,
        max_side_px=MAX_ANIMATED_SIDE_PX,
    ),
    ExportFormat(
        "text",
        N_("Text"),
        N_("Just the text (TXT), with a note of how it was made in a second file."),
        ".txt",
        _shows_text,
        write_text,
        has_pictures=False,
        has_range=True,
    ),
    ExportFormat(
        "json",
        N_("Tokens"),
        N_("Every token with its surprise and what could have come instead (JSON)."),
        ".json",
        _shows_text,
        write_json,
        has_pictures=False,
        has_range=True,
    ),
    ExportFormat(
        "wav",
        N_("Sound"),
        N_("Just the sound, uncompressed (WAV, 16 bit)."),
        ".wav",
        _holds_sound,
        write_wav,
        has_pictures=False,
    ),
    ExportFormat(
        "flac",
        N_("FLAC"),
        N_("Just the sound, half as large as WAV and just as good."),
        ".flac",
        _holds_sound,
        write_flac,
        has_pictures=False,
    ),
    ExportFormat(
        "ogg",
        N_("OGG"),
        N_("Just the sound, a tenth as large, for players and games (OGG Vorbis)."),
        ".ogg",
        _holds_sound,
        write_ogg,
        has_pictures=False,
    ),
    ExportFormat(
        "mp3",
        N_("MP3"),
        N_("Just the sound, a tenth as large; plays everywhere."),
        ".mp3",
        _holds_sound,
        write_mp3,
        has_pictures=False,
    ),
    ExportFormat(
        "midi",
        N_("Notes"),
        N_("The notes, for music programs and keyboards (MIDI)."),
        ".mid",
        lambda frame: notes_in(frame) is not None,
        write_midi,
        has_pictures=False,
    ),
    ExportFormat(
        "svg",
        N_("Drawing"),
        N_("The plot or text as a drawing that stays sharp at any size (SVG)."),
        ".svg",
        lambda frame: plot_in(frame) is not None or _shows_text(frame),
        write_svg,
        has_pictures=False,
        has_transparency=True,
    ),
    ExportFormat(
        "npz",
        N_("Numbers"),
        N_("All arrays from all frames, for Python (NPZ)."),
        ".npz",
        _holds_arrays,
        write_npz,
        has_pictures=False,
        has_range=True,
    ),
    ExportFormat(
        "frames",
        N_("Recording"),
        N_("Everything, to be played and scrubbed here again (.frames)."),
        ".frames",
        _holds_arrays,
        write_frames,
        has_pictures=False,
        has_range=True,
    ),
)
SOUNDS: Final = ("wav", "flac", "ogg", "mp3")
"""The formats that hold the sound alone."""
_BY_SUFFIX: Final[Mapping[str, ExportFormat]] = {one.suffix: one for one in reversed(FORMATS)}
SUFFIXES: Final = tuple(dict.fromkeys(one.suffix for one in FORMATS))


def format_for(path: Path) -> ExportFormat:
    """The format that a file name's ending means; raises UserError where it means none."""
    try:
        return _BY_SUFFIX[path.suffix.lower()]
    except KeyError as error:
        raise UserError(
            N_("This file extension does not belong to any format that can be written here."),
            N_("You can use: {known}.").format(known=", ".join(SUFFIXES)),
        ) from error


def formats_of(clip: Clip, frame: Frame, has_around: bool = False) -> list[ExportFormat]:
    """The formats that make sense for a clip which shows `frame` now: moving ones need more than one frame.

    `has_around` says whether the pictures around it can be drawn.
    """
    fitting = [one for one in FORMATS if one.fits(frame) and (clip.n_frames > 1 or not one.has_range)]
    return [one for one in fitting if has_around or not one.is_around]
