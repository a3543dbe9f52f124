"""Reads a recording out of a zip archive of unknown origin, with every size checked before it is believed."""

import zipfile
from collections.abc import Callable, Generator, Mapping
from typing import IO, Any, Final, NamedTuple

import numpy as np

from studio.core.container.json_text import parse_json
from studio.core.container.source import cut_short, read_exactly
from studio.core.container.weights.npz_file import read_array_header
from studio.core.container.zip_file import read_member
from studio.core.error import UserError
from studio.core.frame import Frame
from studio.core.recording.packing import Layout, layout_from_json, pack_frame
from studio.core.recording.recording import KEY_FRAME_DISTANCE, Recording, RunInfo, StoredFrame
from studio.core.recording.run_json import broken_recording, info_from_json
from studio.core.recording.view_codec import DTYPES, MAX_NDIM, MAX_TEXT_LENGTH, Slot
from studio.core.translation import N_

FORMAT: Final = "manifold-studio frames"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
MAX_MANIFEST_BYTES = 4 << 20
MAX_PART_JSON_BYTES = 16 << 20
MAX_PART_JSON_TOKENS = 1_000_000
# One packed array can stand for the changes of many frames; what they add up to has to fit into memory.
MAX_CHAIN_BYTES = 2 << 30
_LOOKED_AT = frozenset({"Tokens", "Bars", "Points", "Notes"})

Migration = Callable[[str, Any], Any]
MIGRATIONS: dict[int, Migration] = {}
"""From a version to the next one: called with the name and the values of each JSON member, returns the new values."""


class Head(NamedTuple):
    """The manifest of a recording."""

    version: int
    n_frames: int
    info: RunInfo


def part_name(number: int) -> str:
    """The member that describes part `number`."""
    return f"frames/{number:05d}.json"


def array_name(number: int, kind: str) -> str:
    """The member with the arrays of one type of number, or with the "scalars", of part `number`."""
    return f"frames/{number:05d}.{kind}.npy"


def is_recording(archive: zipfile.ZipFile) -> bool:
    """Whether the archive is a recording by its names."""
    first, *others = archive.namelist() or [""]
    return first == MANIFEST and all(name.startswith("frames/") for name in others)


def read_head(archive: zipfile.ZipFile) -> Head:
    """Read what made the run; raises UserError where it is broken or too new."""
    values = parse_json(_member(archive, MANIFEST, MAX_MANIFEST_BYTES), MAX_MANIFEST_BYTES)
    match values:
        case {"format": str(name), "version": int(version)} if name == FORMAT and version >= 0:
            if version > VERSION:
                raise UserError(
                    N_("This recording was made by a newer version of Manifold Studio."), N_("Update the program.")
                )
        case _:
            raise broken_recording()
    match _migrated(MANIFEST, values, version):
        case {"n_frames": int(n_frames), "info": info} if 0 <= n_frames <= len(archive.namelist()) * KEY_FRAME_DISTANCE:
            return Head(version, n_frames, info_from_json(info))
    raise broken_recording()


def read_recording(archive: zipfile.ZipFile) -> Generator[float, None, Recording]:
    """Read all of it; yields the share that is done and returns the recording, which is finished."""
    head = read_head(archive)
    recording = Recording(head.info)
    try:
        for first in range(0, head.n_frames, KEY_FRAME_DISTANCE):
            n_frames = min(KEY_FRAME_DISTANCE, head.n_frames - first)
            _read_part(archive, recording, first // KEY_FRAME_DISTANCE, n_frames, head.version)
            yield (first + n_frames) / head.n_frames
        if head.n_frames and not recording.stored(head.n_frames - 1).layout.is_whole:
            _look_at(recording, head.n_frames - 1)
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        recording.close()
        raise broken_recording() from error
    except BaseException:
        recording.close()
        raise
    recording.finish()
    return recording


def _migrated(name: str, values: Any, version: int) -> Any:
    """Bring the values of a JSON member up to this version."""
    for old in range(version, VERSION):
        migration = MIGRATIONS.get(old)
        if migration is None:
            raise UserError(N_("This recording is from a version that can no longer be read."))
        try:
            values = migration(name, values)
        except (ValueError, TypeError, LookupError) as error:
            raise broken_recording() from error
    return values


def _member(archive: zipfile.ZipFile, name: str, max_bytes: int) -> bytes:
    try:
        return read_member(archive, archive.getinfo(name), max_bytes)
    except KeyError as error:
        raise cut_short() from error


def _read_part(archive: zipfile.ZipFile, recording: Recording, number: int, n_frames: int, version: int) -> None:
    name = part_name(number)
    text = _member(archive, name, MAX_PART_JSON_BYTES)
    values: Mapping[str, Any] = _migrated(name, parse_json(text, MAX_PART_JSON_BYTES, MAX_PART_JSON_TOKENS), version)
    layouts = [layout_from_json(layout) for layout in values["layouts"]]
    slots = [_slot(array) for array in values["arrays"]]
    places = _keep_arrays(archive, recording, number, slots)
    rows = [_row(row, layouts, slots) for row in values["frames"]]
    if len(rows) != n_frames:
        raise ValueError("a part with another number of frames")
    scalars = iter(_read_scalars(archive, number, sum(layout.n_scalars for _, _, _, layout, _ in rows)))
    chain_bytes = 0
    for step, n_steps, label, layout, arrays in rows:
        chain_bytes = 0 if layout.is_whole else chain_bytes + sum(slot.n_bytes for slot in layout.slots)
        if chain_bytes > MAX_CHAIN_BYTES:
            raise ValueError("changes that add up to an absurd size")
        figures = tuple(next(scalars) for _ in range(layout.n_scalars))
        chosen = tuple(places[array] for array in arrays)
        _publish(recording, StoredFrame(step, n_steps, label, layout, chosen, figures))


def _slot(values: Any) -> Slot:
    match values:
        case [str(dtype), list(shape)] if dtype in DTYPES and len(shape) <= MAX_NDIM:
            if all(type(size) is int and 0 <= size < 2**40 for size in shape):
                return Slot(dtype, tuple(shape))
    raise ValueError("not an array")


def _row(values: Any, layouts: list[Layout], slots: list[Slot]) -> tuple[int, int, str, Layout, list[int]]:
    match values:
        case [int(step), int(n_steps), str(label), int(number), list(arrays)] if (
            0 <= number < len(layouts) and len(label) <= MAX_TEXT_LENGTH and max(abs(step), abs(n_steps)) < 2**63
        ):
            if all(type(array) is int and array >= 0 for array in arrays):
                layout = layouts[number]
                if [slots[array] for array in arrays] == layout.slots:
                    return step, n_steps, label, layout, arrays
    raise ValueError("not a frame")


def _keep_arrays(archive: zipfile.ZipFile, recording: Recording, number: int, slots: list[Slot]) -> list[int]:
    """Keep the arrays of a part, read one by one from the member of their type; returns their places."""
    places = [0] * len(slots)
    for dtype in dict.fromkeys(slot.dtype for slot in slots):
        of_type = [index for index, slot in enumerate(slots) if slot.dtype == dtype]
        info = archive.getinfo(array_name(number, dtype))
        with archive.open(info) as member:
            n_left = _check_header(member, info, dtype, sum(slots[index].n_items for index in of_type))
            for index in of_type:
                n_left -= slots[index].n_bytes
                places[index] = recording.keep(read_exactly(member, slots[index].n_bytes))
            _check_end(member, n_left)
    return places


def _read_scalars(archive: zipfile.ZipFile, number: int, n_scalars: int) -> list[float]:
    if n_scalars == 0:
        return []
    info = archive.getinfo(array_name(number, "scalars"))
    with archive.open(info) as member:
        _check_header(member, info, "float64", n_scalars)
        data = read_exactly(member, 8 * n_scalars)
        _check_end(member, 0)
    return list(np.frombuffer(data, np.float64).tolist())


def _check_header(member: IO[bytes], info: zipfile.ZipInfo, dtype: str, n_items: int) -> int:
    """Read the header of the array file; returns the number of bytes behind it, which the archive really has."""
    header = read_array_header(member.read)
    if header.dtype != dtype or header.shape != (n_items,) or header.is_big_endian:
        raise ValueError("a file of other arrays than described")
    n_bytes = n_items * header.item_bytes
    if header.n_bytes + n_bytes != info.file_size:
        raise cut_short()
    return n_bytes


def _check_end(member: IO[bytes], n_left: int) -> None:
    """Read past the end, which makes zipfile compare the checksum."""
    if n_left != 0 or member.read(1):
        raise ValueError("a file with more arrays than described")


def _publish(recording: Recording, stored: StoredFrame) -> None:
    """Add a frame, and look at the one before it where a chain of changes ends there."""
    n_before = len(recording)
    if not stored.layout.is_whole and n_before % KEY_FRAME_DISTANCE == 0:
        raise ValueError("a key frame that is not whole")
    if n_before and not _goes_on(recording.stored(n_before - 1).layout, stored.layout):
        _look_at(recording, n_before - 1)
    recording.publish(stored)
    if stored.layout.is_whole and _is_doubtful(stored.layout):
        _look_at(recording, n_before)


def _goes_on(before: Layout, after: Layout) -> bool:
    """Whether all that is told as changes in a frame is changed again in the next one, and so looked at later."""
    groups = ("changes", "state_changes")
    return all(before.groups[group].keys() <= after.groups[group].keys() for group in groups)


def _look_at(recording: Recording, index: int) -> None:
    """Put a frame together as a reader will; raises ValueError where something in it does not fit."""
    frame: Frame = recording[index]
    Layout(pack_frame(frame, tuple(frame.views)).spec)


def _is_doubtful(layout: Layout) -> bool:
    """Whether it has a view of which more has to be known than the types and shapes of its arrays."""
    return any(entry.spec[0] in _LOOKED_AT for entry in layout.groups["views"].values())
