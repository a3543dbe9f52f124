"""The digits zero to nine in 44 voices, spoken by espeak-ng, with the place of every phoneme.

Shape letters: N words, T samples, F stretches of 64 samples, V voices, B bands of loudness.
"""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from studio.core.error import UserError
from studio.core.place import data_dir
from studio.core.sound.mel import log_mel
from studio.core.sound.wave import resampled
from studio.core.translation import N_
from studio.datasets.espeak import Espeak, Spoken
from studio.datasets.progress import Progress
from studio.datasets.split import Split, split_by_count
from studio.datasets.voice_pitch import HOP, turns_of

FILE_NAME: Final = "speech.npz"
RATE_HZ: Final = 16_000
WORDS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LANGUAGE: Final = "en-us"
VOICES: Final = (
    "Alex",
    "Andrea",
    "Andy",
    "Annie",
    "Denis",
    "Diogo",
    "Gene",
    "Henrique",
    "Jacky",
    "Lee",
    "Mario",
    "Mike",
    "Nguyen",
    "anika",
    "aunty",
    "belinda",
    "boris",
    "ed",
    "f1",
    "f3",
    "f4",
    "grandma",
    "grandpa",
    "gustave",
    "ian",
    "john",
    "kaukovalta",
    "linda",
    "m1",
    "m3",
    "m4",
    "m6",
    "m7",
    "m8",
    "marcelo",
    "max",
    "norbert",
    "quincy",
    "rob",
    "robert",
    "shelby",
    "steph",
    "travis",
    "victor",
)
"""What espeak-ng calls them; neither robots nor those that whisper or echo for long."""
N_VALIDATION, N_TEST = 4, 6
MANNERS: Final = ((160, 50), (135, 50), (185, 50), (150, 40), (150, 60), (175, 44), (175, 56))
"""Words a minute and pitch (0 to 100) at which each voice says each word; the first is the plain one."""
PAUSE: Final = "_"
PHONEMES: Final = (
    PAUSE,
    "@",
    "E",
    "I",
    "T",
    "V",
    "aI",
    "eI",
    "f",
    "i:",
    "i@",
    "k",
    "n",
    "o@",
    "oU",
    "r",
    "s",
    "t",
    "u:",
    "v",
    "w",
    "z",
)
VOICELESS: Final = frozenset({PAUSE, "T", "f", "k", "s", "t"})
N_BEFORE, N_AFTER = 6, 14
"""Stretches of silence around a word, which has its last echo in them."""
PEAK: Final = 0.9
LOW_HZ, HIGH_HZ = 50.0, 420.0
_STRESS: Final = "',"


@dataclass(frozen=True, eq=False)
class Speech:
    """Spoken digits, one after the other.

    Attributes:
        samples: int16 at 16 kHz, all words in a row; the loudest of a voice peaks at 0.9.
        starts: (N + 1,) where each word begins among the samples, in stretches of 64.
        phonemes: uint8, the place in PHONEMES for each stretch.
        turns: float32, the turns that the voice has made at the beginning of each stretch (see `turns_of`).
        words, voices, manners: (N,) uint8, the place in WORDS, VOICES and MANNERS.
        timbres: (V, 64) float32, the mean loudness in dB of each voice in mel bands, of all voices.
    """

    samples: NDArray[np.int16]
    starts: NDArray[np.int64]
    phonemes: NDArray[np.uint8]
    turns: NDArray[np.float32]
    words: NDArray[np.uint8]
    voices: NDArray[np.uint8]
    manners: NDArray[np.uint8]
    timbres: NDArray[np.float32]

    def sound(self, number: int) -> NDArray[np.float32]:
        """(T,) a word as float32 in -1..1; T is a multiple of 64."""
        part = self.samples[self.starts[number] * HOP : self.starts[number + 1] * HOP]
        return part.astype(np.float32) / np.float32(32767)

    def stretches(self, number: int) -> slice:
        """Where a word stands in `phonemes` and `turns`."""
        return slice(int(self.starts[number]), int(self.starts[number + 1]))


def voice_splits() -> list[Split]:
    """The part of each of VOICES: what is measured, is measured on voices that were never heard."""
    return split_by_count([f"speech {voice}" for voice in VOICES], N_VALIDATION, N_TEST)


def load_speech(split: Split, folder: Path | None = None) -> Speech:
    """One part of the words that were built (in `folder` or the data folder); raises as `load_speech_parts` does."""
    return load_speech_parts(folder)[split]


def load_speech_parts(folder: Path | None = None) -> Mapping[Split, Speech]:
    """All parts of the words that were built (in `folder` or the data folder).

    Raises:
        UserError: they were not built, or the file is damaged.
    """
    path = (folder or data_dir() / "datasets") / FILE_NAME
    if not path.is_file():
        raise UserError(
            N_("The spoken digits are not on this computer."), N_("Make them once with “main.py data speech”.")
        )
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            whole = Speech(**{name: file[name] for name in Speech.__dataclass_fields__})
        _check(whole)
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(
            N_("The spoken digits on this computer are damaged."), N_("Build the data set again.")
        ) from error
    of_voice = voice_splits()
    numbers = {split: [n for n, voice in enumerate(whole.voices) if of_voice[voice] is split] for split in Split}
    return {split: chosen(whole, some) for split, some in numbers.items()}


def _check(speech: Speech) -> None:
    n_words, n_stretches = len(speech.words), len(speech.phonemes)
    is_whole = speech.starts.shape == (n_words + 1,) and speech.starts[0] == 0 and speech.starts[-1] == n_stretches
    is_whole &= bool((np.diff(speech.starts) > 0).all()) and len(speech.samples) == n_stretches * HOP
    is_known = speech.words.max() < len(WORDS) and speech.voices.max() < len(VOICES)
    is_known &= speech.phonemes.max() < len(PHONEMES) and speech.manners.max() < len(MANNERS)
    if not (is_whole and is_known and len(speech.turns) == n_stretches and len(speech.timbres) == len(VOICES)):
        raise ValueError("another shape")


def chosen(speech: Speech, numbers: list[int]) -> Speech:
    """Some of the words, in that order."""
    parts = [speech.stretches(number) for number in numbers]
    lengths = [part.stop - part.start for part in parts]
    return Speech(
        np.concatenate([speech.samples[part.start * HOP : part.stop * HOP] for part in parts]),
        np.concatenate([[0], np.cumsum(lengths)]),
        np.concatenate([speech.phonemes[part] for part in parts]),
        np.concatenate([speech.turns[part] for part in parts]),
        speech.words[numbers],
        speech.voices[numbers],
        speech.manners[numbers],
        speech.timbres,
    )


def build_speech(to: Path) -> Iterator[Progress]:
    """Have espeak-ng say every word in every voice and manner, and write the set into folder `to`.

    Yields the progress. Raises:
        UserError: espeak-ng is not on this computer, or is another version with other voices.
    """
    espeak, spoken = Espeak(), []
    for place, voice in enumerate(VOICES):
        yield Progress(place / len(VOICES), N_("Listening to the voice {voice}").format(voice=voice))
        spoken.append(words_of_voice(espeak, voice))
    words = [word for of_voice in spoken for word in of_voice]
    save_speech(to / FILE_NAME, words)
    yield Progress(1.0, N_("{n:,} spoken digits are ready").format(n=len(words)))


@dataclass(frozen=True, eq=False)
class PlacedWord:
    """A word at 16 kHz with silence around it: samples (T,) float32, and for each stretch its phoneme and turns."""

    samples: NDArray[np.float32]
    phonemes: NDArray[np.uint8]
    turns: NDArray[np.float32]


def words_of_voice(espeak: Espeak, voice: str) -> list[PlacedWord]:
    """All words in all manners in one voice, word by word; the loudest peaks at 0.9."""
    name = f"{LANGUAGE}+{voice}"
    placed = [placed_word(espeak.say(word, name, speed, pitch)) for word in WORDS for speed, pitch in MANNERS]
    loudest = max(float(np.abs(word.samples).max()) for word in placed)
    return [PlacedWord(word.samples * np.float32(PEAK / loudest), word.phonemes, word.turns) for word in placed]


def placed_word(spoken: Spoken) -> PlacedWord:
    """A word on the grid of stretches.

    Raises:
        UserError: it has a phoneme that none of these words has.
    """
    per_stretch = spoken.rate_hz * HOP / RATE_HZ
    n_inner = next(start for name, start in reversed(spoken.phonemes) if not name.startswith(PAUSE))
    ends = [start for name, start in spoken.phonemes if start > n_inner]
    edges = [N_BEFORE + round(start / per_stretch) for _, start in spoken.phonemes if start <= n_inner]
    edges.append(N_BEFORE + round(ends[0] / per_stretch))
    names = [name.strip(_STRESS) for name, start in spoken.phonemes if start <= n_inner]
    n_stretches = edges[-1] + N_AFTER
    samples = resampled(spoken.samples, spoken.rate_hz, RATE_HZ)[: (n_stretches - N_BEFORE) * HOP]
    samples = np.pad(samples, (N_BEFORE * HOP, (n_stretches - N_BEFORE) * HOP - len(samples)))
    phonemes = np.zeros(n_stretches, np.uint8)
    for name, first, last in zip(names, edges[:-1], edges[1:], strict=True):
        phonemes[first:last] = _place_of(name)
    turns = turns_of(samples, RATE_HZ, LOW_HZ, HIGH_HZ)
    return PlacedWord(samples, phonemes, (turns - np.floor(turns[0])).astype(np.float32))


def _place_of(name: str) -> int:
    if name not in PHONEMES:
        raise UserError(
            N_("This version of espeak-ng speaks differently: it has the sound “{name}”.").format(name=name)
        )
    return PHONEMES.index(name)


def save_speech(path: Path, words: list[PlacedWord]) -> None:
    """Write the words of all voices in the order of VOICES, WORDS and MANNERS."""
    n_words, n_manners = len(WORDS), len(MANNERS)
    order = np.indices((len(VOICES), n_words, n_manners)).reshape(3, -1).astype(np.uint8)[:, : len(words)]
    levels = np.stack([loudness(word.samples) for word in words])
    arrays: dict[str, Any] = {
        "samples": np.concatenate([np.rint(word.samples * 32767).astype(np.int16) for word in words]),
        "starts": np.concatenate([[0], np.cumsum([len(word.phonemes) for word in words])]).astype(np.int64),
        "phonemes": np.concatenate([word.phonemes for word in words]),
        "turns": np.concatenate([word.turns for word in words]),
        "voices": order[0],
        "words": order[1],
        "manners": order[2],
        "timbres": np.stack([levels[order[0] == voice].mean(0) for voice in range(len(VOICES))]),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part.npz")
    np.savez_compressed(unfinished, **arrays)
    unfinished.replace(path)


def loudness(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(64,) the mean loudness of a word in dB in mel bands, where it is not silent."""
    levels = log_mel(samples)  # (B, L)
    is_loud = levels.max(0) > levels.max() - 40
    mean: NDArray[np.float32] = levels[:, is_loud].mean(1)
    return mean
