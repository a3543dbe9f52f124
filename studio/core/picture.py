"""Reads pictures of any origin into plain sRGB arrays, and writes PNG files that remember what made them."""

import base64
import io
import itertools
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.container.metadata import KEYWORD, metadata_text
from studio.core.container.png_file import read_png_text
from studio.core.container.signature import START_BYTES, sniff_format
from studio.core.container.source import file_size, open_regular
from studio.core.error import UserError
from studio.core.translation import N_

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 100_000_000
MAX_SIDE_PX = 30_000
MAX_FILE_BYTES = 1 << 30
MAX_READS = 2_000_000
# No model here looks at more than this: larger pictures are averaged down while they are read.
MAX_KEPT_SIDE_PX = 4096
_STRIP_ROWS = 64
MIN_PICTURES: Final = 16
"""So many a model can be learnt from."""
MAX_FOLDERS_SEEN: Final = 200
MAX_NAMES_SEEN: Final = 5000
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".ppm")
# An explicit list: Pillow would hand EPS to another program.
_FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "GIF", "BMP", "DIB", "TIFF", "PPM", "JPEG2000", "AVIF")
_ADVICE = {
    "heic": N_("HEIC pictures cannot be read here."),
    "svg": N_("SVG drawings cannot be read here."),
    "pdf": N_("PDF files cannot be read here."),
}


Turn = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture that was read.

    Attributes:
        rgb: uint8 (H, W, 3), sRGB, upright, transparency laid on white; sides of at most 4096 px.
        had_alpha: whether any of it was transparent.
        width_px, height_px: of the file, upright.
        warnings: sentences about what was lost.
    """

    rgb: NDArray[np.uint8]
    had_alpha: bool
    width_px: int
    height_px: int
    warnings: tuple[str, ...] = ()


def is_picture(path: Path) -> bool:
    """Whether a file's name says that it is a picture."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def holds_pictures(folder: Path, at_least: int) -> bool:
    """Whether so many files in a folder, or in folders within it, are called like pictures; looks at a few thousand."""
    walk = itertools.islice(os.walk(folder), MAX_FOLDERS_SEEN)
    names = itertools.islice((name for _, _, names in walk for name in names), MAX_NAMES_SEEN)
    return sum(1 for _ in itertools.islice(filter(_is_picture_name, names), at_least)) == at_least


def _is_picture_name(name: str) -> bool:
    return not name.startswith(".") and name.lower().endswith(PICTURE_SUFFIXES)


def read_picture(source: str | Path | bytes) -> Picture:
    """Read the picture in a file, or in the bytes of one.

    Raises UserError where it is no picture, broken, of a kind that is not read here, or larger than 100
    megapixels or 30,000 px a side.
    """
    with _open(source) as image:
        return _decode(image)


def read_opacity_picture(
    source: str | Path | bytes, width_px: int, height_px: int, was_on_its_side: bool = False
) -> NDArray[np.uint8]:
    """Read a picture as it is stored, averaged to this size: uint8 (H, W, 4), sRGB times the opacity, and the opacity.

    It is not turned upright: whoever measured a camera by it had the stored pixels before him, but where it
    `was_on_its_side`, and the size is that of the upright picture. Raises UserError like `read_picture`.
    """
    from PIL.Image import Resampling
    from PIL.ImageOps import exif_transpose

    with _open(source) as image:
        image.draft(None, (height_px, width_px) if was_on_its_side else (width_px, height_px))
        image.load()
        upright = exif_transpose(image) if was_on_its_side else image
        rgba = _to_8_bit(_shrink(upright), []).convert("RGBA").convert("RGBa")
        if rgba.size != (width_px, height_px):
            rgba = rgba.resize((width_px, height_px), Resampling.BOX)
        return np.asarray(rgba)


def picture_size(source: str | Path | bytes) -> tuple[int, int]:
    """Return (width, height) in px as stored, without decoding; raises UserError like `read_picture`."""
    with _open(source) as image:
        return image.size


def picture_orientation(source: str | Path | bytes) -> int:
    """Return how a photo lies in its file by EXIF, 1 (upright) to 8; raises UserError like `read_picture`."""
    from PIL.ExifTags import Base

    with _open(source) as image:
        found = image.getexif().get(Base.Orientation, 1)
        return found if found in _TURNS else 1


def fit_square(rgb: NDArray[np.uint8], size_px: int, background: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Scale a picture (H, W, 3) into the middle of a square (size, size, 3), keeping its proportions.

    Shrinking averages over areas, enlarging interpolates.
    """
    from PIL.Image import Resampling, fromarray

    height, width = rgb.shape[:2]
    scale = size_px / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = Resampling.BOX if scale <= 1 else Resampling.BICUBIC
    scaled = np.asarray(fromarray(rgb).resize(inner, method))
    square = np.empty((size_px, size_px, 3), np.uint8)
    square[:] = background
    top, left = (size_px - inner[1]) // 2, (size_px - inner[0]) // 2
    square[top : top + inner[1], left : left + inner[0]] = scaled
    return square


def encode_png(pixels: NDArray[np.uint8], metadata: Mapping[str, Any] | None = None) -> bytes:
    """Return a PNG file; the same arguments give the same bytes.

    Args:
        pixels: uint8 (H, W) grey, (H, W, 3) or (H, W, 4).
        metadata: what made the picture: "model" (an id, never a path), "seed", "params" and more plain data.

    Raises:
        UserError: the metadata names something other than a model id.
    """
    from PIL.Image import fromarray
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    if metadata is not None:
        text.add_text(KEYWORD, metadata_text(metadata))
    buffer = io.BytesIO()
    fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", pnginfo=text, compress_level=6)
    return buffer.getvalue()


def png_text(pixels: NDArray[np.uint8]) -> str:
    """Return uint8 (H, W, 3) or (H, W) as a PNG in Base64, as it lies in saved states.

    They are saved every few seconds, so that the last few are remembered.
    """
    return _png_text(np.ascontiguousarray(pixels).tobytes(), pixels.shape)


@lru_cache(maxsize=3)
def _png_text(values: bytes, shape: tuple[int, ...]) -> str:
    return base64.b64encode(encode_png(np.frombuffer(values, np.uint8).reshape(shape))).decode("ascii")


def encode_webp(pixels: NDArray[np.uint8], quality: int | None = None) -> bytes:
    """Return a WebP file of pixels as `read_opacity_picture` gives them, (H, W, 4).

    It is lossless, or as small as a `quality` of 0..100 makes it; opacity is lossless in both.
    """
    from PIL.Image import frombuffer

    height, width = pixels.shape[:2]
    image = frombuffer("RGBa", (width, height), np.ascontiguousarray(pixels).tobytes(), "raw", "RGBa", 0, 1)
    buffer = io.BytesIO()
    rest = {"lossless": True, "quality": 100} if quality is None else {"quality": quality}
    image.convert("RGBA").save(buffer, "WEBP", method=6, **rest)
    return buffer.getvalue()


def read_png_metadata(path: str | Path) -> dict[str, Any] | None:
    """Return what `encode_png` wrote about the picture, None for a PNG from elsewhere.

    Raises UserError where it is no PNG, broken, or its text is too large or names anything but a model id.
    """
    with open_regular(Path(path)) as file:
        return read_png_text(file)


@contextmanager
def _open(source: str | Path | bytes) -> Iterator["Image"]:
    with io.BytesIO(source) if isinstance(source, bytes) else open_regular(Path(source)) as file:
        is_counted = _checked_kind(file) in ("gif", "jpeg")
        try:
            with _open_image(_Counted(file) if is_counted else file) as image:
                yield image
        except UserError:
            raise
        except Exception as error:  # a decoder of foreign data fails in any way it likes; all mean the same
            raise UserError(
                N_("The picture is damaged or has been cut short."), N_("Save it again as PNG or JPEG.")
            ) from error


class _Counted:
    """A file that is read so many times at most: what is no block of a GIF or JPEG, Pillow passes over byte by byte."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._n_left = file, MAX_READS
        self.seek, self.tell = file.seek, file.tell

    def read(self, n_bytes: int = -1) -> bytes:
        self._n_left -= 1
        if self._n_left < 0:
            raise OSError("too many pieces")
        return self._file.read(n_bytes)


def _checked_kind(file: BinaryIO) -> str:
    n_bytes = file_size(file)
    if not n_bytes:
        raise UserError(N_("This file is empty."), N_("Choose another one."))
    if n_bytes > MAX_FILE_BYTES:
        raise UserError(N_("The file of the picture is larger than 1 GiB."), N_("Make it smaller first."))
    kind = sniff_format(file.read(START_BYTES))
    if kind in _ADVICE:
        raise UserError(_ADVICE[kind], N_("Save it as PNG or JPEG first."))
    file.seek(0)
    return kind


def _open_image(file: Any) -> "Image":
    from PIL import Image, UnidentifiedImageError

    _silence_pillow()
    Image.init()
    try:
        image = Image.open(file, formats=[name for name in _FORMATS if name in Image.OPEN])
    except UnidentifiedImageError as error:
        raise UserError(
            N_("This is not a picture that can be read here."), N_("Save it as PNG or JPEG first.")
        ) from error
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many_pixels() from error
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE_PX:
        image.close()
        raise _too_many_pixels()
    return image


def _silence_pillow() -> None:
    """Pillow warns about odd metadata, which nobody here can mend, and about sizes, which are errors here."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.filterwarnings("ignore", module=r"PIL\.")
    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def _too_many_pixels() -> UserError:
    return UserError(
        N_("The picture has more than 100 megapixels, or a side of more than 30,000 pixels."),
        N_("Make it smaller first."),
    )


def _decode(image: "Image") -> Picture:
    lost = _describe_loss(image)
    width_px, height_px = image.size
    image.draft(None, (MAX_KEPT_SIDE_PX, MAX_KEPT_SIDE_PX))  # lets JPEG decode at a fraction of its size
    image.load()
    turn = _turn(image, lost)
    flat, had_alpha = _lay_on_white(_to_8_bit(_shrink(image), lost))
    if max(width_px, height_px) > MAX_KEPT_SIDE_PX:
        lost.append(N_("The picture was made smaller."))
    rgb = np.ascontiguousarray(turn(np.asarray(flat)))
    if (rgb.shape[0] > rgb.shape[1]) != (height_px > width_px):
        width_px, height_px = height_px, width_px
    return Picture(rgb, had_alpha, width_px, height_px, tuple(lost))


def _describe_loss(image: "Image") -> list[str]:
    if image.format == "MPO" or not getattr(image, "is_animated", False):  # MPO: a photo with a preview
        return []
    return [N_("Only the first of several pictures in this file was read.")]


def _turn(image: "Image", lost: list[str]) -> Turn:
    """What makes the loaded picture upright by its EXIF orientation."""
    from PIL.ExifTags import Base

    try:
        return _TURNS.get(image.getexif().get(Base.Orientation, 1), _TURNS[1])
    except Exception:  # foreign metadata, which fails in many ways; the picture itself is sound
        lost.append(N_("The orientation of the photo could not be read."))
        return _TURNS[1]


def _shrink(image: "Image") -> "Image":
    """Average large pictures down, strip by strip: copies of the whole would need gigabytes."""
    from PIL.Image import new

    factor = -(-max(image.size) // MAX_KEPT_SIDE_PX)
    if factor == 1:
        return _to_channels(image)
    n_rows = factor * _STRIP_ROWS
    boxes = ((0, top, image.width, min(top + n_rows, image.height)) for top in range(0, image.height, n_rows))
    strips = [_to_channels(image.crop(box)).reduce(factor) for box in boxes]
    small = new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    for index, strip in enumerate(strips):
        small.paste(strip, (0, index * _STRIP_ROWS))
    return small


def _to_channels(image: "Image") -> "Image":
    """Colour numbers and 16-bit levels cannot be averaged by Pillow as they are."""
    from PIL.Image import fromarray

    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("P", "1"):
        return image.convert("RGB")
    if image.mode.startswith("I;16"):
        return fromarray(_halve_depth(np.asarray(image).astype(np.uint16)))
    return image


def _to_8_bit(image: "Image", lost: list[str]) -> "Image":
    from PIL.Image import fromarray

    if image.mode not in ("I", "F"):
        return image
    values = np.asarray(image, np.float64)
    finite = values[np.isfinite(values)]
    low, high = float(finite.min(initial=np.inf)), float(finite.max(initial=-np.inf))
    if image.mode == "I" and low >= 0 and high <= 0xFFFF:
        return fromarray(_halve_depth(values.astype(np.uint16)))
    if low < 0 or high > 1:
        lost.append(N_("The picture has no fixed range, so its brightness was stretched."))
    else:
        low, high = 0.0, 1.0
    scaled = (values - low) * (255 / max(high - low, 1e-30))
    return fromarray(np.nan_to_num(scaled + 0.5, nan=0.0).clip(0, 255).astype(np.uint8))


def _halve_depth(values: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Round values / 257 without leaving 16 bits."""
    return ((values - (values >> 8) + 128) >> 8).astype(np.uint8)


def _lay_on_white(image: "Image") -> tuple["Image", bool]:
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB"), False
    rgba = image.convert("RGBA")
    extrema = rgba.getchannel("A").getextrema()
    white = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(white, rgba).convert("RGB"), extrema[0] != 255


# By EXIF orientation; what is stored lies mirrored or turned against what the camera saw.
_TURNS: dict[int, Turn] = {
    1: lambda pixels: pixels,
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.transpose(1, 0, 2),
    6: lambda pixels: pixels.transpose(1, 0, 2)[:, ::-1],
    7: lambda pixels: pixels[::-1, ::-1].transpose(1, 0, 2),
    8: lambda pixels: pixels.transpose(1, 0, 2)[::-1],
}
