"""The small sets that the program brings along, so that training works offline.

`python -m studio.datasets.small` makes them. They are picked from the full sets by the hash of each item and keep
its part: digits in 16 grey levels, typefaces as masks of 128 px, one per family, faces as they are. Of the icons it is
the whole set. An LZMA stream inside an npz packs all of them far better than its own deflate.
"""

import json
import lzma
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.core.pausing import result_of
from studio.core.place import asset, data_dir
from studio.core.sound.lapped import lapped, unlapped
from studio.datasets.split import stable_fraction

DIGITS_NAME: Final = "datasets/digits.npz"
GLYPHS_NAME: Final = "datasets/glyphs.npz"
AVATARS_NAME: Final = "datasets/avatars.npz"
NOTES_NAME: Final = "datasets/notes.npz"
EMOJI_NAME: Final = "datasets/emoji.npz"
N_DIGITS: Final = {"train": 2400, "validation": 300, "test": 300}
N_TYPEFACES: Final = {"train": 46, "validation": 5, "test": 9}
N_AVATARS: Final = {"train": 4000, "validation": 200, "test": 800}
MASK_PX: Final = 128
LEVEL_STEP: Final = 17  # of 255: 16 grey levels
MAX_BYTES: Final = 128 << 20
PART_BYTES: Final = 2 << 20  # unpacked between two yields
NOTE_VELOCITY: Final = 80  # of the notes; those of the test part come in the next one too, to compare with
NEXT_VELOCITY: Final = 96
NOTE_BANDS: Final = 512
NOTE_STEP: Final = 0.012  # of full scale: what is below a quarter of it is lost
NOTE_POWER: Final = 0.5  # loud numbers are rounded more coarsely than faint ones


def read_small(name: str, path: Path | None = None) -> dict[str, NDArray[Any]]:
    """The arrays of a small set, with labels: "pictures" (N, H, W) or (N, H, W, 3) uint8, "masks" (F, 62, 128, 128)
    bool or "samples" (N, 8192) int16.

    Icons are "icons" (N, 64, 64, 4) uint8. The file is the one at `path` instead of the program's own where given.

    Raises:
        OSError, ValueError, KeyError, EOFError or lzma.LZMAError where the file is damaged.
    """
    return result_of(reading_small(name, path))


def reading_small(name: str, path: Path | None = None) -> Generator[None, None, dict[str, NDArray[Any]]]:
    """The same for the Worker: yields many times a second."""
    with (path or asset(name)).open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    shape = tuple(int(side) for side in arrays.pop("shape"))
    values = np.frombuffer((yield from _unpacking(arrays.pop("packed").tobytes())), np.uint8)
    if name == NOTES_NAME:
        return {**arrays, "samples": coarse_sound(values.view(np.int8).reshape(shape))}
    if name == DIGITS_NAME:
        return {**arrays, "pictures": values.reshape(shape) * np.uint8(LEVEL_STEP)}
    if name == AVATARS_NAME:
        return {**arrays, "pictures": values.reshape(shape)}
    if name == EMOJI_NAME:
        return {**arrays, "icons": values.reshape(shape)}
    return {**arrays, "masks": np.unpackbits(values, count=int(np.prod(shape))).reshape(shape).astype(np.bool_)}


def _unpacking(packed: bytes) -> Generator[None, None, bytearray]:
    """Unpack part by part. Opened without trust: it never grows above MAX_BYTES."""
    decompressor, unpacked = lzma.LZMADecompressor(), bytearray()
    while not decompressor.eof and len(unpacked) < MAX_BYTES:
        unpacked += decompressor.decompress(packed, min(PART_BYTES, MAX_BYTES - len(unpacked)))
        if decompressor.needs_input:  # all of it was given: what is still missing was never there
            break
        packed = b""
        yield
    return unpacked


def main() -> None:
    """Make the small sets from the full ones in the data folder, which `main.py data` builds."""
    full, small = data_dir() / "datasets", asset("datasets")
    with np.load(full / "digits.npz", allow_pickle=False) as file:
        write_small_digits(small / "digits.npz", file["pictures"], file["labels"], file["splits"])
    with np.load(full / "avatars.npz", allow_pickle=False) as file:
        write_small_avatars(small / "avatars.npz", file["pictures"], file["labels"], file["splits"])
    (small / "emoji.npz").write_bytes((full / "emoji.npz").read_bytes())
    with np.load(full / "notes.npz", allow_pickle=False) as file:
        write_small_notes(small / "notes.npz", file["samples"], file["keys"], file["splits"])
    faces = json.loads((full / "glyphs" / "faces.json").read_text("utf-8"))
    fields = np.load(full / "glyphs" / "fields.npy", mmap_mode="r", allow_pickle=False)
    write_small_glyphs(small / "glyphs.npz", fields, faces)


def _write(path: Path, values: NDArray[np.uint8], shape: tuple[int, ...], **more: NDArray[Any]) -> None:
    packed = np.frombuffer(lzma.compress(values.tobytes(), preset=9), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {"packed": packed, "shape": np.array(shape), **more}
    np.savez_compressed(path, **arrays)


def write_small_digits(
    path: Path, pictures: NDArray[np.uint8], labels: NDArray[np.uint8], splits: NDArray[Any]
) -> None:
    """Pick and write digits out of pictures (N, 28, 28), labels and splits (N,)."""
    order = np.argsort([hash_place(picture.tobytes()) for picture in pictures])
    chosen = np.concatenate([order[splits[order] == part][:count] for part, count in N_DIGITS.items()])
    levels = np.round(pictures[chosen] / LEVEL_STEP).astype(np.uint8)
    _write(path, levels, levels.shape, labels=labels[chosen], splits=splits[chosen])


def write_small_avatars(
    path: Path, pictures: NDArray[np.uint8], labels: NDArray[np.uint8], splits: NDArray[Any]
) -> None:
    """Pick and write faces out of pictures (N, 64, 64, 3), labels (N, L) and splits (N,)."""
    order = np.argsort([hash_place(picture.tobytes()) for picture in pictures])
    chosen = np.concatenate([order[splits[order] == part][:count] for part, count in N_AVATARS.items()])
    _write(path, pictures[chosen], pictures[chosen].shape, labels=labels[chosen], splits=splits[chosen])


def write_small_icons(path: Path, icons: NDArray[np.uint8]) -> None:
    """Write icons (N, H, W, 4) as they are."""
    _write(path, icons, icons.shape)


def write_small_notes(path: Path, samples: NDArray[np.int16], keys: NDArray[np.uint8], splits: NDArray[Any]) -> None:
    """Pick and write notes out of samples (N, 8192), keys (N, 3) of instrument, pitch and velocity, and splits (N,)."""
    chosen = np.flatnonzero((keys[:, 2] == NOTE_VELOCITY) | ((keys[:, 2] == NEXT_VELOCITY) & (splits == "test")))
    sounds = samples[chosen].astype(np.float32) / np.float32(32767)
    numbers = lapped(sounds, NOTE_BANDS) / NOTE_STEP  # (N, M, L)
    rounded = np.sign(numbers) * np.rint(np.abs(numbers) ** NOTE_POWER)
    packed = rounded.clip(-127, 127).astype(np.int8)
    _write(path, packed.view(np.uint8), packed.shape, keys=keys[chosen], splits=splits[chosen])


def coarse_sound(numbers: NDArray[np.int8]) -> NDArray[np.int16]:
    """The sound (N, T) of numbers (N, M, L) as `write_small_notes` rounds them."""
    values = numbers.astype(np.float32)
    values = np.sign(values) * np.abs(values) ** np.float32(1 / NOTE_POWER) * np.float32(NOTE_STEP)
    samples: NDArray[np.int16] = np.rint(unlapped(values).clip(-1, 1) * 32767).astype(np.int16)
    return samples


def write_small_glyphs(path: Path, fields: NDArray[np.int8], faces: list[dict[str, str]]) -> None:
    """Pick one typeface of each family until a part is full, and write masks of twice the fields' size."""
    left, families, chosen = dict(N_TYPEFACES), set(), []
    for index in sorted(range(len(faces)), key=lambda number: hash_place(faces[number]["name"].encode())):
        face = faces[index]
        if face["family"] not in families and left[face["split"]] > 0:
            families.add(face["family"])
            left[face["split"]] -= 1
            chosen.append(index)
    masks = np.stack([[_enlarged(glyph) for glyph in fields[index]] for index in chosen])
    text = np.array([[faces[index][key] for key in ("name", "family", "split")] for index in chosen])
    _write(path, np.packbits(masks), masks.shape, faces=text)


def hash_place(data: bytes) -> float:
    """A number in [0, 1) that depends on `data` alone."""
    return stable_fraction(data.hex())


def _enlarged(field: NDArray[np.int8]) -> NDArray[np.bool_]:
    smooth = Image.fromarray(field.astype(np.float32)).resize((MASK_PX, MASK_PX), Image.Resampling.BICUBIC)
    return np.asarray(smooth) > 0


if __name__ == "__main__":
    main()
