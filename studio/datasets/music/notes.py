"""Notes of 18 instruments over two octaves, played by FluidSynth from the sound font FluidR3 (MIT, Frank Wen)."""

import lzma
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.sound.note import note_name
from studio.core.sound.wave import fade_out
from studio.core.translation import N_
from studio.datasets.progress import Progress
from studio.datasets.small import NOTES_NAME, read_small
from studio.datasets.split import Split, split_by_count

PACKAGE: Final = "fluid-soundfont-gm"
SOUND_FONT: Final = "usr/share/sounds/sf2/FluidR3_GM.sf2"
FILE_NAME: Final = "notes.npz"
RATE_HZ: Final = 16_000
N_SAMPLES: Final = 8192
PITCHES: Final = range(48, 73)  # C3 to C5
# The places of p, mp, mf, f and ff on MIDI's scale.
VELOCITIES: Final = (49, 64, 80, 96, 112)
# Programs of General MIDI, counted from 0; those whose pitch is beyond doubt.
INSTRUMENTS: Final = {
    "piano": 0,
    "harpsichord": 6,
    "celesta": 8,
    "vibraphone": 11,
    "marimba": 12,
    "organ": 20,
    "accordion": 21,
    "guitar": 24,
    "electric guitar": 30,
    "banjo": 105,
    "violin": 40,
    "choir": 52,
    "trumpet": 56,
    "horn": 60,
    "saxophone": 65,
    "oboe": 68,
    "clarinet": 71,
    "flute": 73,
}
N_VALIDATION, N_TEST = 18, 45  # of the 450 pairs of instrument and pitch
PEAK: Final = 0.9
_OVERSAMPLING: Final = 3  # played at 48 kHz, where what the font's player folds back is out of hearing
_GAIN: Final = 1.2
_HALF_FILTER: Final = 48


@dataclass(frozen=True, eq=False)
class Notes:
    """Some notes.

    Attributes:
        samples: (N, 8192) int16 at 16 kHz, from when the key goes down; the loudest note of an instrument peaks at 0.9.
        instruments: (N,) uint8, the place in INSTRUMENTS; pitches and velocities: (N,) uint8, as MIDI counts them.
        is_full: False for the small set that the program brings along.
    """

    samples: NDArray[np.int16]
    instruments: NDArray[np.uint8]
    pitches: NDArray[np.uint8]
    velocities: NDArray[np.uint8]
    is_full: bool

    def sound(self, index: int | slice | NDArray[Any] = slice(None)) -> NDArray[np.float32]:
        """Some of the notes as float32 in -1..1."""
        return self.samples[index].astype(np.float32) / np.float32(32767)


def load_notes(split: Split, folder: Path | None = None) -> Notes:
    """One part of the full set where it has been built (in `folder` or the data folder), else of the small one.

    Raises:
        UserError: the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    is_full = path.is_file()
    try:
        arrays = _read_full(path) if is_full else _small()
        samples, keys = arrays["samples"], arrays["keys"]
        if samples.shape != (len(keys), N_SAMPLES) or samples.dtype != np.int16 or keys.shape[1:] != (3,):
            raise ValueError("another shape")
        chosen = arrays["splits"] == split.value
        instruments, pitches, velocities = keys[chosen].T
        return Notes(samples[chosen], instruments, pitches, velocities, is_full)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, lzma.LZMAError) as error:
        raise UserError(N_("The notes on this computer are damaged."), N_("Build the data set again.")) from error


@cache
def _small() -> dict[str, NDArray[Any]]:
    """The small set, unpacked once: its parts are asked for one after the other."""
    return read_small(NOTES_NAME)


def _read_full(path: Path) -> dict[str, NDArray[Any]]:
    # Opened here, since numpy leaves a file that is no zip open.
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
        return {name: file[name] for name in ("samples", "keys", "splits")}


def pair_splits() -> dict[tuple[int, int], Split]:
    """The part of each pair of instrument and pitch; all velocities of a pair stay together."""
    pairs = [(place, pitch) for place in range(len(INSTRUMENTS)) for pitch in PITCHES]
    names = tuple(INSTRUMENTS)
    keys = [f"notes {names[place]} {note_name(pitch)}" for place, pitch in pairs]
    return dict(zip(pairs, split_by_count(keys, N_VALIDATION, N_TEST), strict=True))


def build_notes(to: Path) -> Iterator[Progress]:
    """Fetch the sound font with apt-get, play every note and write the set into folder `to`; yields the progress.

    Nothing is installed: the package (120 MB) is unpacked in a temporary folder.

    Raises:
        UserError: apt-get, dpkg or FluidSynth is missing, or the package cannot be fetched.
    """
    _check_tools()
    yield Progress(0.0, N_("Downloading the sound font FluidR3, 120 MB, with apt-get"))
    samples: list[NDArray[np.int16]] = []
    keys: list[tuple[int, int, int]] = []
    with tempfile.TemporaryDirectory() as name:
        player = Player(_fetch(Path(name)))
        for place, (instrument, program) in enumerate(INSTRUMENTS.items()):
            yield Progress(0.6 + 0.02 * place, N_("Playing the {instrument}").format(instrument=instrument))
            samples.append(played(player, program))
            keys += [(place, pitch, velocity) for pitch in PITCHES for velocity in VELOCITIES]
        player.close()
    save_notes(to / FILE_NAME, np.concatenate(samples), np.array(keys, np.uint8))
    yield Progress(1.0, N_("{n:,} notes are ready").format(n=len(keys)))


def save_notes(path: Path, samples: NDArray[np.int16], keys: NDArray[np.uint8]) -> None:
    """Write samples (N, 8192) and (instrument, pitch, velocity) of each (N, 3) with the part that it belongs to."""
    parts = pair_splits()
    splits = np.array([str(parts[int(place), int(pitch)]) for place, pitch, _ in keys])
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(unfinished, samples=samples, keys=keys, splits=splits)
    unfinished.replace(path)


def _check_tools() -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise UserError(
            N_("The sound font comes as a Debian package, and apt-get is not on this computer."),
            N_("Build the notes on Debian or Ubuntu; without the full set, the small one is used."),
        )
    try:
        import fluidsynth  # noqa: F401 - only to see that it is there
    except (ImportError, OSError) as error:  # it raises ImportError itself where the library is missing
        raise UserError(
            N_("Playing the notes needs FluidSynth."),
            N_("Install this program’s “data” extra, and your system’s “fluidsynth” package."),
        ) from error


def _fetch(folder: Path) -> Path:
    """The sound font, unpacked in `folder`."""
    command = ["apt-get", "download", "-qq", PACKAGE]
    failed = subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode
    archives = list(folder.glob(f"{PACKAGE}_*.deb"))
    if failed or len(archives) != 1:
        raise UserError(
            N_("The sound font could not be downloaded."), N_("Is this computer online? If so, run apt-get update.")
        )
    subprocess.run(["dpkg", "-x", archives[0].name, "unpacked"], cwd=folder, capture_output=True, check=True)
    return folder / "unpacked" / SOUND_FONT


class Player:
    """FluidSynth with one sound font, without reverb and chorus, so that a note does not depend on the one before."""

    def __init__(self, sound_font: Path) -> None:
        import fluidsynth

        self._synth = fluidsynth.Synth(samplerate=float(RATE_HZ * _OVERSAMPLING), gain=_GAIN)
        self._synth.setting("synth.reverb.active", 0)
        self._synth.setting("synth.chorus.active", 0)
        self._font = self._synth.sfload(str(sound_font))
        if self._font < 0:
            raise UserError(N_("The sound font cannot be read."))

    def note(self, program: int, pitch: int, velocity: int) -> NDArray[np.float64]:
        """One note from when its key goes down, (8192,) at 16 kHz, both ears together, in -1..1."""
        self._synth.program_select(0, self._font, 0, program)
        self._synth.noteon(0, pitch, velocity)
        stereo = self._synth.get_samples(_OVERSAMPLING * N_SAMPLES + _HALF_FILTER)
        self._synth.all_sounds_off(0)
        self._synth.get_samples(64)
        return decimated(stereo.reshape(-1, 2).mean(1) / 32768)

    def close(self) -> None:
        """Free the font."""
        self._synth.delete()


def decimated(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every third sample of what is left below 7.5 kHz: (3 T + 48,) to (T,), by a windowed sinc (Kaiser)."""
    at = np.arange(-_HALF_FILTER, _HALF_FILTER + 1)
    share = 0.9375 / _OVERSAMPLING
    taps = np.sinc(at * share) * share * np.kaiser(len(at), 8)
    padded = np.concatenate([np.zeros(_HALF_FILTER), samples])
    return np.convolve(padded, taps / taps.sum(), "valid")[::_OVERSAMPLING]


def played(player: Player, program: int) -> NDArray[np.int16]:
    """All notes of one instrument, pitch by pitch and soft to loud, (P V, 8192); their ends fade in 32 ms."""
    notes = np.stack([player.note(program, pitch, velocity) for pitch in PITCHES for velocity in VELOCITIES])
    notes = notes[:, :N_SAMPLES]
    notes *= fade_out(N_SAMPLES)
    samples: NDArray[np.int16] = np.rint(notes * (PEAK * 32767 / np.abs(notes).max())).astype(np.int16)
    return samples
