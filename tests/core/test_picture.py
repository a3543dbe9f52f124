"""Pictures of any origin become upright sRGB on white, or a sentence."""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from studio.core.error import UserError
from studio.core.picture import (
    encode_png,
    encode_webp,
    fit_square,
    picture_size,
    read_opacity_picture,
    read_picture,
    read_png_metadata,
)

RED, GREEN = (255, 0, 0), (0, 255, 0)


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def red_above_green() -> Image.Image:
    image = Image.new("RGB", (16, 32), GREEN)
    image.paste(RED, (0, 0, 16, 16))
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_common_formats_give_the_same_picture(kind: str) -> None:
    picture = read_picture(saved(red_above_green(), kind))
    assert picture.rgb.shape == (32, 16, 3)
    assert picture.rgb.dtype == np.uint8
    assert np.abs(picture.rgb[2, 8].astype(int) - RED).max() < 8
    assert np.abs(picture.rgb[-2, 8].astype(int) - GREEN).max() < 8
    assert (picture.width_px, picture.height_px, picture.had_alpha) == (16, 32, False)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_photos_are_turned_upright(orientation: int, kind: str) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = red_above_green()
    upright.paste((0, 0, 255), (0, 0, 8, 8))
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_picture(saved(stored, kind, exif=exif))
    assert picture.rgb.shape == (32, 16, 3)
    assert (picture.width_px, picture.height_px) == (16, 32)
    assert np.abs(picture.rgb.astype(int) - np.asarray(upright)).mean() < 12


def test_transparency_is_laid_on_white() -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    image.putpixel((0, 0), (255, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 128))
    picture = read_picture(saved(image))
    assert picture.had_alpha
    assert picture.rgb[0, 0].tolist() == [255, 0, 0]
    assert picture.rgb[0, 1].tolist() == [127, 127, 127]
    assert picture.rgb[3, 3].tolist() == [255, 255, 255]
    assert not read_picture(saved(Image.new("RGBA", (4, 4), (9, 9, 9, 255)))).had_alpha


def test_palette_transparency_and_one_bit() -> None:
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putpixel((1, 0), 1)
    assert read_picture(saved(palette)).rgb[0].tolist() == [[10, 20, 30], [40, 50, 60]]
    see_through = read_picture(saved(palette, transparency=1))
    assert see_through.rgb[0].tolist() == [[10, 20, 30], [255, 255, 255]]
    assert see_through.had_alpha
    bits = Image.new("1", (2, 1))
    bits.putpixel((1, 0), 1)
    assert read_picture(saved(bits)).rgb[0].tolist() == [[0, 0, 0], [255, 255, 255]]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(kind: str) -> None:
    levels = np.array([[0, 257, 0x8000, 65535]], np.uint16)
    assert read_picture(saved(Image.fromarray(levels), kind)).rgb[0, :, 0].tolist() == [0, 1, 128, 255]


def test_wide_integers_and_floats_are_scaled() -> None:
    wide = read_picture(saved(Image.fromarray(np.array([[0, 500_000, 1_000_000]], np.int32)), "TIFF"))
    assert wide.rgb[0, :, 0].tolist() == [0, 128, 255]
    assert wide.warnings
    sixteen = read_picture(saved(Image.fromarray(np.array([[0, 65535]], np.int32)), "TIFF"))
    assert (sixteen.rgb[0, :, 0].tolist(), sixteen.warnings) == ([0, 255], ())
    unit = read_picture(saved(Image.fromarray(np.array([[0.0, 0.5, np.nan]], np.float32)), "TIFF"))
    assert unit.rgb[0, :, 0].tolist() == [0, 128, 0]
    assert not unit.warnings


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_floats_that_are_no_numbers_do_no_harm(value: float) -> None:
    assert read_picture(saved(Image.fromarray(np.full((1, 1), value, np.float32)), "TIFF")).rgb.shape == (
        1,
        1,
        3,
    )


def test_print_colours() -> None:
    cyan = read_picture(saved(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), "JPEG")).rgb[4, 4]
    assert cyan[0] < 60 < 180 < cyan[2]
    grey = read_picture(saved(Image.new("LAB", (2, 2), (128, 128, 128)), "TIFF")).rgb[0, 0]
    assert grey.std() < 6


def test_one_pixel() -> None:
    assert read_picture(saved(Image.new("RGB", (1, 1), RED))).rgb.tolist() == [[list(RED)]]


def test_only_the_first_of_moving_pictures() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in (RED, GREEN)]
    picture = read_picture(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert picture.rgb[0, 0].tolist() == list(RED)
    assert "first" in picture.warnings[0]


@pytest.mark.parametrize("size", [(10_001, 10_000), (30_001, 1)])
def test_too_large_is_refused_before_decoding(size: tuple[int, int]) -> None:
    data = saved(Image.new("1", size))
    with warnings.catch_warnings(record=True) as seen, pytest.raises(UserError, match="100 megapixels"):
        read_picture(data)
    assert not seen


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_large_pictures_are_averaged_down(kind: str) -> None:
    picture = read_picture(saved(Image.new("L", (9000, 100), 77), kind))
    assert max(picture.rgb.shape) <= 4096
    assert (picture.rgb == 77).all()
    assert (picture.width_px, picture.height_px) == (9000, 100)
    assert picture.warnings == ("The picture was made smaller.",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello", "not a picture"),
        (b"<svg xmlns='x'/>", "SVG"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        (saved(Image.effect_noise((64, 64), 50))[:-500], "cut short"),
        (saved(Image.effect_noise((64, 64), 50), "JPEG")[:-500], "cut short"),
    ],
    ids=["empty", "text", "svg", "heic", "eps", "cut png", "cut jpeg"],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_picture(data)


def test_from_a_file_with_an_odd_name(tmp_path: Path) -> None:
    path = tmp_path / "Bild mit Ümläut\\und Zeile.png"
    path.write_bytes(saved(red_above_green()))
    assert picture_size(path) == (16, 32)
    with pytest.raises(UserError, match="folder"):
        read_picture(tmp_path)
    with pytest.raises(UserError, match="no file"):
        read_picture(tmp_path / "missing.png")
    with pytest.raises(UserError):
        read_picture("zero\0byte.png")


def test_averaging_down_keeps_place_depth_and_transparency() -> None:
    levels = np.zeros((5000, 3), np.uint16)
    levels[:2500] = 65535
    tall = read_picture(saved(Image.fromarray(levels)))
    assert tall.rgb.shape == (2500, 2, 3)
    assert (tall.rgb[:1250] == 255).all()
    assert (tall.rgb[1250:] == 0).all()
    marked = Image.new("RGB", (5000, 2), (10, 20, 30))
    marked.paste((0, 0, 0), (0, 0, 2500, 2))
    see_through = read_picture(saved(marked, transparency=(0, 0, 0)))
    assert see_through.had_alpha
    assert see_through.rgb[0, 0].tolist() == [255, 255, 255]
    assert see_through.rgb[0, -1].tolist() == [10, 20, 30]


def test_fit_square_averages_and_keeps_proportions() -> None:
    checks = np.zeros((40, 80, 3), np.uint8)
    checks[::2, ::2] = checks[1::2, 1::2] = 200
    square = fit_square(checks, 20, (1, 2, 3))
    assert square.shape == (20, 20, 3)
    assert (square[5:15] == 100).all()
    assert (square[:5] == (1, 2, 3)).all()
    assert (square[15:] == (1, 2, 3)).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 3000, 3), (7, 3, 3)])
def test_fit_square_takes_any_shape(shape: tuple[int, int, int]) -> None:
    square = fit_square(np.full(shape, 90, np.uint8), 28, (0, 0, 0))
    assert square.shape == (28, 28, 3)
    assert square.max() == 90


def test_png_remembers_what_made_it(tmp_path: Path) -> None:
    made_of = {
        "model": "vae/letterforms",
        "seed": 7,
        "params": {"word": "größe", "x": 0.1},
        "position": [0.5],
    }
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    data = encode_png(pixels, made_of)
    assert data == encode_png(pixels.copy(), dict(reversed(made_of.items())))
    path = tmp_path / "a.png"
    path.write_bytes(data)
    assert read_png_metadata(path) == made_of
    assert (read_picture(path).rgb == pixels).all()


@pytest.mark.parametrize("packed", [False, True])
def test_metadata_may_be_packed_and_may_be_elsewhere(tmp_path: Path, packed: bool) -> None:
    text = PngInfo()
    text.add_itxt("manifold_studio", '{"model": "vae/digits"}', zip=packed)
    path = tmp_path / "a.png"
    path.write_bytes(saved(red_above_green(), pnginfo=text))
    assert read_png_metadata(path) == {"model": "vae/digits"}
    path.write_bytes(encode_png(np.zeros((2, 2), np.uint8)))
    assert read_png_metadata(path) is None


@pytest.mark.parametrize(
    "model", ["/etc/passwd", "../x", "vae/..", "vae/a/b", "vae\\a", "C:/a", "vae/a\n", "", 7, None]
)
def test_metadata_never_names_a_path(model: object) -> None:
    with pytest.raises(UserError, match="model"):
        encode_png(np.zeros((2, 2), np.uint8), {"model": model})


def rgba(height: int = 12, width: int = 20) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 4), np.uint8)


def test_opacity_is_kept_and_multiplied_in() -> None:
    pixels = rgba()
    read = read_opacity_picture(encode_png(pixels), 20, 12)
    expected = pixels[..., :3].astype(float) * (pixels[..., 3:] / 255)
    assert np.abs(read[..., :3] - expected).max() <= 0.51
    assert (read[..., 3] == pixels[..., 3]).all()


def test_averaging_counts_what_is_seen_only() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:, :2] = (200, 100, 0, 255)
    pixels[:, 2:] = (7, 255, 255, 0)  # a colour that nobody sees
    read = read_opacity_picture(encode_png(pixels), 1, 1)
    assert read.tolist() == [[[100, 50, 0, 128]]]


def test_without_opacity_a_picture_is_opaque_and_not_turned() -> None:
    image = Image.fromarray(rgba()[..., :3])
    exif = Image.Exif()
    exif[274] = 6  # lies on its side
    buffer = io.BytesIO()
    image.save(buffer, "PNG", exif=exif)
    read = read_opacity_picture(buffer.getvalue(), 20, 12)
    assert (read[..., 3] == 255).all()
    assert (read[..., :3] == np.asarray(image)).all()


def test_webp_keeps_every_bit_of_opaque_pixels_and_the_opacity() -> None:
    pixels = rgba()
    pixels[:6, :, 3] = 255
    pixels[..., :3] = np.minimum(pixels[..., :3], pixels[..., 3:])
    again = read_opacity_picture(encode_webp(pixels), 20, 12)
    assert (again[:6] == pixels[:6]).all()
    assert (again[..., 3] == pixels[..., 3]).all()
    assert np.abs(again.astype(int) - pixels).max() <= 1
