"""Reads sounds from WAV files: PCM of 8 to 32 bits and floating point numbers, any number of channels, mixed to one."""

import struct
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.container.source import open_regular, read_exactly
from studio.core.error import UserError
from studio.core.text import N_

FloatArray = NDArray[np.float32]

MAX_BYTES: Final = 256 << 20
MAX_CHANNELS: Final = 32
MIN_RATE_HZ: Final = 1_000
MAX_RATE_HZ: Final = 768_000
_UNKNOWN_BYTES: Final = 0xFFFFFFFF
"""What a program writes for a length that it does not know yet; others write 0."""
_MAX_CHUNKS: Final = 10_000
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE


def read_wav(path: Path, max_seconds: float = 60.0) -> tuple[FloatArray, int]:
    """The beginning of a sound, (T,) float32 about -1..1, the mean of its channels, and its rate in Hz.

    Raises:
        UserError: it cannot be opened, is no WAV file, empty, has fewer than 1,000 samples a second, or holds numbers
            of another kind, or none that are finite.
    """
    with open_regular(path) as file:
        kind, n_channels, rate_hz, n_bits, n_data = _find_data(file)
        n_frame = n_channels * (n_bits // 8)
        n_frames = min(n_data // n_frame, int(max_seconds * rate_hz))
        data = read_exactly(file, n_frames * n_frame)
    if not n_frames:
        raise _empty()
    values = _numbers(data, kind, n_bits).reshape(n_frames, n_channels)
    if not np.isfinite(values).any():
        raise UserError(N_("This sound file is damaged: it holds no numbers."), N_("Save the sound again."))
    return mixed(values), rate_hz


def mixed(values: FloatArray) -> FloatArray:
    """The mean (T,) of channels (T, C), each within -8..8; what is not finite in a channel counts as silence there."""
    result: FloatArray = np.where(np.isfinite(values), values, 0).clip(-8, 8).mean(1, dtype=np.float32)
    return result


def refuse_coarse(rate_hz: int) -> None:
    """Raise UserError for a rate that no sound that can be heard has."""
    if rate_hz < MIN_RATE_HZ:
        raise UserError(
            N_("This sound has only {n:,} samples a second, too few to be heard.").format(n=rate_hz),
            N_("Save it with {n:,} or more.").format(n=8_000),
        )


def _empty() -> UserError:
    return UserError(N_("This sound file holds no sound."), N_("Choose another one, or save it again."))


def _find_data(file: BinaryIO) -> tuple[int, int, int, int, int]:
    """Kind of numbers, channels, rate, bits, and bytes of data, where the file then stands."""
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise UserError(N_("This is not a WAV file."))
    end = 8 + int.from_bytes(head[4:8], "little")
    form: tuple[int, int, int, int] | None = None
    for _ in range(_MAX_CHUNKS):
        chunk = file.read(8)
        if len(chunk) < 8:
            break
        n_bytes = int.from_bytes(chunk[4:], "little")
        if chunk[:4] == b"fmt ":
            form = _form(read_exactly(file, min(n_bytes, 64)))
            file.seek(max(0, n_bytes - 64) + n_bytes % 2, 1)
        elif chunk[:4] == b"data" and form is not None:
            return (*form, _n_data(file, n_bytes, end))
        else:
            file.seek(n_bytes + n_bytes % 2, 1)
    raise _empty()


def _n_data(file: BinaryIO, n_claimed: int, end: int) -> int:
    """Bytes of data, where they begin: a program that wrote them as they came may not have known how many.

    `end` is where the whole file ends by its own account.
    """
    here = file.tell()
    n_left = file.seek(0, 2) - here
    file.seek(here)
    is_unknown = n_claimed == 0 and (end <= here or end == 8 + _UNKNOWN_BYTES)
    return min(n_left if is_unknown else n_claimed, n_left, MAX_BYTES)


def _form(data: bytes) -> tuple[int, int, int, int]:
    if len(data) < 16:
        raise UserError(N_("This WAV file is damaged."))
    kind, n_channels, rate_hz, _, _, n_bits = struct.unpack("<HHIIHH", data[:16])
    if kind == _EXTENSIBLE and len(data) >= 26:
        kind = int.from_bytes(data[24:26], "little")
    is_known = (kind == _PCM and n_bits in (8, 16, 24, 32)) or (kind == _FLOAT and n_bits in (32, 64))
    if not is_known or not 1 <= n_channels <= MAX_CHANNELS or rate_hz > MAX_RATE_HZ:
        raise UserError(N_("This WAV file holds sound in a form that is not read here."), N_("Save it as 16-bit PCM."))
    refuse_coarse(rate_hz)
    return kind, n_channels, rate_hz, n_bits


def _numbers(data: bytes, kind: int, n_bits: int) -> FloatArray:
    if kind == _FLOAT:
        return _narrow(np.frombuffer(data, f"<f{n_bits // 8}"))
    if n_bits == 8:
        return (np.frombuffer(data, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
    if n_bits == 24:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        return wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
    return np.frombuffer(data, f"<i{n_bits // 8}").astype(np.float32) / np.float32(2 ** (n_bits - 1))


def _narrow(values: NDArray[np.floating[Any]]) -> FloatArray:
    """As 32 bits: finite numbers that these cannot hold stay finite."""
    return np.where(np.isfinite(values), values.clip(-8, 8), np.nan).astype(np.float32)
