"""A training set out of a folder of one's own short sounds: what cannot be used is said and left out."""

import os
import re
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.container.source import is_folder, printable
from studio.core.error import UserError
from studio.core.sound.file import is_sound, read_sound
from studio.core.sound.wave import fade_out, resampled
from studio.core.translation import N_
from studio.datasets.progress import Progress
from studio.datasets.split import Split, split_by_count

FloatArray = NDArray[np.float32]

MIN_SOUNDS: Final = 8
MAX_SOUNDS: Final = 20_000
MAX_KINDS: Final = 64
MAX_KIND_LETTERS: Final = 40
HELD_OUT_SHARE: Final = 0.05
PEAK: Final = 0.9
OTHER: Final = "sound"
N_NAMED: Final = 5
_ONSET_SHARE: Final = 0.02
_LEAD_S: Final = 0.005
_SECONDS: Final = 20.0  # what is read of each file: the beginning of the sound has to lie in it
_NUMBERING: Final = re.compile(r"[\s_.,#()\[\]-]*\d*[\s_.,()\[\]-]*$")


@dataclass(frozen=True, eq=False)
class FolderSounds:
    """The sounds of a folder.

    Attributes:
        samples: (N, T) float32, from where each begins, at most 0.9.
        kinds: the names of the kinds; `labels` (N,) int64 the one that each belongs to.
        splits: (N,) the part to which each belongs.
        left_out: "name: reason" of files that could not be used.
    """

    samples: FloatArray
    kinds: tuple[str, ...]
    labels: NDArray[np.int64]
    splits: NDArray[np.str_]
    left_out: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How many sounds there are, and of which kinds."""
        named = ", ".join(self.kinds[:N_NAMED]) + (" …" if len(self.kinds) > N_NAMED else "")
        sentence = N_("{n} sounds to learn from, all of the kind {kinds}.")
        if len(self.kinds) > 1:
            sentence = N_("{n} sounds to learn from, of the kinds {kinds}.")
        return sentence.format(n=len(self.samples), kinds=named)

    def part(self, split: Split) -> tuple[FloatArray, NDArray[np.int64]]:
        """Samples and labels of one part."""
        chosen = self.splits == split.value
        return self.samples[chosen], self.labels[chosen]


def sound_files(folder: Path) -> list[str]:
    """Files called like sounds in a folder and those within it, as paths within it, in order, without links."""
    found = []
    for place, _, names in os.walk(folder):
        found += [os.path.relpath(Path(place, name), folder) for name in names if is_sound(Path(name))]
        if len(found) > MAX_SOUNDS:
            raise UserError(
                N_("The folder contains more than {n:,} sounds.").format(n=MAX_SOUNDS), N_("Choose a smaller one.")
            )
    return sorted(found)


def kinds_of(names: list[str]) -> tuple[tuple[str, ...], list[int]]:
    """The kinds that files are of by their names, and which is whose.

    "kick_01.wav" and "kick (2).wav" are of the kind "kick", and so is "kick/a.wav". A kind with one sound, or beyond
    the most frequent ones, counts as "sound"; with that there are 64 at most.
    """
    raw = [_kind_of(name) for name in names]
    often = [kind for kind, n in Counter(raw).most_common() if n > 1]
    has_others = len(often) > MAX_KINDS or len(often) < len(set(raw))
    frequent = set(often[: MAX_KINDS - has_others])
    own = [kind if kind in frequent else OTHER for kind in raw]
    kinds = tuple(sorted(set(own)))
    return kinds, [kinds.index(kind) for kind in own]


def _kind_of(name: str) -> str:
    folder, file = os.path.split(name)
    word = Path(folder).name if folder else _NUMBERING.sub("", Path(file).stem)
    return printable(word.strip().casefold())[:MAX_KIND_LETTERS] or OTHER


def load_sounds(folder: Path, n_samples: int, rate_hz: int) -> Generator[Progress, None, FolderSounds]:
    """Read all sounds in a folder; yields the progress after each.

    Raises:
        UserError: there is no such folder, or it has fewer than 8 sounds that can be used.
    """
    if not is_folder(folder):
        raise UserError(
            N_("There is no folder “{name}”.").format(name=printable(str(folder))), N_("Choose a folder of sounds.")
        )
    samples, used, left_out = [], [], []
    names = sound_files(folder)
    for number, name in enumerate(names):
        try:
            samples.append(prepared(*read_sound(folder / name, _SECONDS), n_samples, rate_hz))
            used.append(name)
        except UserError as error:
            left_out.append(f"{printable(name)}: {error}")
        yield Progress(number / len(names), N_("{n:,} of {all:,} sounds read").format(n=number + 1, all=len(names)))
    if len(used) < MIN_SOUNDS:
        raise UserError(
            N_("There are {n} sounds in this folder that can be used (WAV, FLAC, OGG, MP3).").format(n=len(used)),
            N_("Choose a folder with at least {n}.").format(n=MIN_SOUNDS),
        )
    kinds, labels = kinds_of(used)
    n_held_out = max(1, int(HELD_OUT_SHARE * len(used)))
    splits = split_by_count([sound.tobytes().hex() for sound in samples], n_held_out, n_held_out)
    parts: NDArray[Any] = np.array([part.value for part in splits])
    return FolderSounds(np.stack(samples), kinds, np.array(labels, np.int64), parts, tuple(left_out))


def prepared(samples: FloatArray, rate_hz: int, n_samples: int, to_rate_hz: int) -> FloatArray:
    """A sound around 0 from where it begins, at another rate, (n_samples,), filled up or faded out in 32 ms.

    Raises UserError where it is silent.
    """
    if len(samples):
        samples = samples - np.median(samples)  # an offset, as of a cheap sound card, would be heard as a click
    loudness = np.abs(samples)
    if not len(samples) or loudness.max() < 1e-4:
        raise UserError(N_("it is silent"))
    onset = int(np.argmax(loudness > _ONSET_SHARE * loudness.max()))
    first = max(0, onset - int(_LEAD_S * rate_hz))
    n_needed = int(np.ceil(n_samples * rate_hz / to_rate_hz))
    piece = resampled(samples[first : first + n_needed], rate_hz, to_rate_hz)[:n_samples]
    if first + n_needed < len(samples):
        piece *= fade_out(len(piece)).astype(np.float32)
    piece = np.pad(piece, (0, n_samples - len(piece)))
    peak = float(np.abs(piece).max())
    if peak < 1e-5:
        raise UserError(N_("it is silent"))
    return piece * np.float32(PEAK / peak)
