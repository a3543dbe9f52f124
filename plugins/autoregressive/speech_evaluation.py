"""Makes many words at once, for cards and previews, and has the judge of spoken digits listen to them.

Shape letters: N words, T samples.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from studio.api.training import N_JUDGED_SAMPLES, in_the_middle, load_judge, word_pictures
from studio.core.check import Check
from studio.core.text import N_

from .sound_making import sampled_sounds
from .speech_asking import told_word
from .speech_config import SpeechWaveNet
from .speech_telling import asked_word
from .wave_law import FloatArray
from .wave_training import Measuring

JUDGE_FLOOR: Final = 80.0


def spoken_words(
    network: SpeechWaveNet, asked: Sequence[tuple[int, int]], seed: int, temperature: float
) -> Measuring[FloatArray]:
    """Sounds (N, T) of (voice, word) from silence, as long as the longest; word i has the seed that follows by i."""
    words = [asked_word(network, voice, word) for voice, word in asked]
    n_samples = max(len(word.phonemes) for word in words) * network.config.wave.hop
    told = [told_word(word, n_samples, network.config) for word in words]
    return (yield from sampled_sounds(network, told, seed, temperature))


def asked_pairs(voices: npt.NDArray[np.int64], n_words: int, n: int) -> list[tuple[int, int]]:
    """(voice, word) of `n` words: every word of every voice in turn, as often as it takes."""
    pairs = [(int(voice), word) for voice in voices for word in range(n_words)]
    return [pairs[place % len(pairs)] for place in range(n)]


def word_check(sounds: FloatArray, asked: Sequence[tuple[int, int]]) -> Check:
    """Whether the digits asked for are heard in sounds (N, T)."""
    length = min(sounds.shape[1], N_JUDGED_SAMPLES)
    pictures = word_pictures(np.stack([in_the_middle(sound[:length]) for sound in sounds]))
    heard = load_judge("speech").read(pictures.float() / 255).numpy()
    share = float(np.mean(heard == [word for _, word in asked]))
    name = N_("Judge hears the digit asked for, % of {n} in voices that it never heard").format(n=len(sounds))
    return Check(name, 100 * share, JUDGE_FLOOR)
