"""Saves recordings as .frames and loads them: a zip of JSON and of numpy arrays, in parts of 64 frames."""

import hashlib
import json
import zipfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.core.atomic import atomic_file
from studio.core.container.json_text import check_json_bounds
from studio.core.container.source import open_regular
from studio.core.container.zip_file import MAX_MEMBERS, MAX_RATIO, UNPACK_ALLOWANCE_BYTES, open_zip
from studio.core.error import UserError
from studio.core.pausing import pause, result_of
from studio.core.recording.reader import (
    FORMAT,
    MANIFEST,
    MAX_PART_JSON_BYTES,
    MAX_PART_JSON_TOKENS,
    VERSION,
    array_name,
    part_name,
    read_recording,
)
from studio.core.recording.recording import KEY_FRAME_DISTANCE, Recording
from studio.core.recording.run_json import info_from_json, info_to_json
from studio.core.recording.view_codec import Slot
from studio.core.translation import N_

_FAST = 1  # level of compression: pictures of a model hardly get smaller at the higher ones


def write_recording(recording: Recording, path: Path) -> Iterator[float]:
    """Write the frames that are there now to `path`; yields the share that is done."""
    n_frames = len(recording)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as file:
        archive = _Archive(file)
        info_from_json(info_to_json(recording.info))  # what could not be read back is not written
        manifest = {"format": FORMAT, "version": VERSION, "n_frames": n_frames, "info": info_to_json(recording.info)}
        archive.add(MANIFEST, [_json(manifest)])
        for first in range(0, n_frames, KEY_FRAME_DISTANCE):
            part = _Part(recording, first, min(first + KEY_FRAME_DISTANCE, n_frames))
            part.write(archive, first // KEY_FRAME_DISTANCE)
            yield min(first + KEY_FRAME_DISTANCE, n_frames) / n_frames


def _json(values: Any) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


class _Archive:
    """Adds members, and never so well packed that the bounds of our own reader would refuse them."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self._n_packed = 0
        self._n_unpacked = 0

    def add(self, name: str, chunks: Iterator[bytes | bytearray] | list[bytes], n_bytes: int = 0) -> None:
        """Write a member of about `n_bytes`, chunk by chunk."""
        if len(self._file.namelist()) >= MAX_MEMBERS:
            raise UserError(N_("This recording has too many frames to be saved as one file."))
        allowed = self._n_packed * MAX_RATIO + UNPACK_ALLOWANCE_BYTES
        is_packed = self._n_unpacked + n_bytes <= allowed
        self._file.compression = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
        with self._file.open(name, "w", force_zip64=n_bytes > zipfile.ZIP64_LIMIT // 2) as member:
            for chunk in chunks:
                pause()
                member.write(chunk)
        if is_packed:
            info = self._file.getinfo(name)
            self._n_packed += info.compress_size
            self._n_unpacked += info.file_size


class _Part:
    """Up to 64 frames: each array once, whatever frames have it, so that equal frames give equal bytes."""

    def __init__(self, recording: Recording, first: int, end: int) -> None:
        self._recording = recording
        self._numbers: dict[tuple[Slot, bytes], int] = {}
        self._places: dict[tuple[Slot, int], int] = {}
        self._arrays: list[tuple[Slot, int]] = []
        self._layouts: dict[Any, int] = {}
        self._scalars: list[float] = []
        self._rows = [self._row(index) for index in range(first, end)]

    def write(self, archive: _Archive, number: int) -> None:
        """Add the members of part `number`."""
        arrays = [[slot.dtype, slot.shape] for slot, _ in self._arrays]
        text = _json({"layouts": list(self._layouts), "arrays": arrays, "frames": self._rows})
        check_json_bounds(text, MAX_PART_JSON_BYTES, MAX_PART_JSON_TOKENS)
        archive.add(part_name(number), [text], len(text))
        if self._scalars:
            scalars = np.array(self._scalars, np.float64)
            archive.add(
                array_name(number, "scalars"), [_npy_header("float64", len(scalars)), scalars.tobytes()], scalars.nbytes
            )
        for dtype in dict.fromkeys(slot.dtype for slot, _ in self._arrays):
            of_type = [(slot, place) for slot, place in self._arrays if slot.dtype == dtype]
            n_bytes = sum(slot.n_bytes for slot, _ in of_type)
            archive.add(array_name(number, dtype), self._chunks(dtype, of_type), n_bytes)

    def _row(self, index: int) -> list[Any]:
        pause()
        stored = self._recording.stored(index)
        layout = self._layouts.setdefault(stored.layout.spec, len(self._layouts))
        arrays = [self._number(slot, place) for slot, place in zip(stored.layout.slots, stored.places, strict=True)]
        self._scalars += stored.scalars
        return [stored.step, stored.n_steps, stored.label, layout, arrays]

    def _number(self, slot: Slot, place: int) -> int:
        """The number of an array; the same content has the same one, however it is kept here."""
        known = self._places.get((slot, place))
        if known is None:
            digest = hashlib.blake2b(self._recording.read(place, slot.n_bytes), digest_size=32).digest()
            known = self._numbers.setdefault((slot, digest), len(self._arrays))
            if known == len(self._arrays):
                self._arrays.append((slot, place))
            self._places[slot, place] = known
        return known

    def _chunks(self, dtype: str, arrays: list[tuple[Slot, int]]) -> Iterator[bytes | bytearray]:
        yield _npy_header(dtype, sum(slot.n_items for slot, _ in arrays))
        for slot, place in arrays:
            yield self._recording.read(place, slot.n_bytes)


def _npy_header(dtype: str, n_items: int) -> bytes:
    """The start of a .npy file with one row of numbers."""
    text = f"{{'descr': '{np.dtype(dtype).str}', 'fortran_order': False, 'shape': ({n_items},), }}"
    text = text.ljust(117) + "\n"  # together with the ten bytes before it a multiple of 64, as numpy wants it
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode("ascii")


def save_recording(recording: Recording, path: str | Path) -> None:
    """Write what `recording` holds now; afterwards the whole new file is there, or what was there before.

    Equal recordings give equal bytes. Raises UserError where it cannot be written.
    """
    for _ in saving(recording, path):
        pass


def load_recording(path: str | Path) -> Recording:
    """Read a recording, which is finished; raises UserError where it is broken or too new."""
    return result_of(loading(path))


def saving(recording: Recording, path: str | Path) -> Generator[float, None, None]:
    """Save piece by piece; yields the share that is done. Closed before its end it leaves what was there before."""
    with atomic_file(path) as draft:
        yield from write_recording(recording, draft)


def loading(path: str | Path) -> Generator[float, None, Recording]:
    """Load piece by piece; yields the share that is done and returns the recording."""
    with open_regular(Path(path)) as file, open_zip(file) as archive:
        return (yield from read_recording(archive))
