"""Draws a step of sound: what is heard at this step and what is believed, as waves and as mel spectrograms.

T samples, M bands, L frames.
"""

from collections.abc import Sequence

import numpy as np
import torch

from studio.core.sound.mel import FLOOR_DB, MelScale, log_mel
from studio.core.view import Audio, Field, View

from ..shared.model.denoiser import DiffusionModel, DiffusionStep, FloatArray
from ..shared.state import PREDICTED, PREDICTED_SPECTROGRAM, SPECTROGRAM, WAVEFORM
from .model.diffwave import RATE_HZ


def draw_sound(model: DiffusionModel, steps: Sequence[DiffusionStep]) -> dict[str, View]:
    """The views of one step of B sounds, one after the other; the finished step is decoded in full."""
    if steps[0].prediction is None:
        finished = np.concatenate([model.decode(step.x) for step in steps])
        return _views(finished, finished)
    clean = [step.prediction.x0 for step in steps if step.prediction is not None]
    looks = model.preview(torch.cat([*(step.x for step in steps), *clean]))  # (2 B, T)
    return _views(looks[: len(steps)].reshape(-1), looks[len(steps) :].reshape(-1))


def _views(heard: FloatArray, x0_prediction: FloatArray) -> dict[str, View]:
    return {
        WAVEFORM: Audio(_in_range(heard), RATE_HZ),
        PREDICTED: Audio(_in_range(x0_prediction), RATE_HZ),
        SPECTROGRAM: spectrogram(heard),
        PREDICTED_SPECTROGRAM: spectrogram(x0_prediction),
    }


def spectrogram(samples: FloatArray) -> Field:
    """The log-mel spectrogram of samples (T,) as a field (M, L) in dB, low bands at the bottom."""
    values = log_mel(samples, MelScale(RATE_HZ))
    return Field(np.ascontiguousarray(values[::-1], np.float32), "loudness", FLOOR_DB, 0.0)


def _in_range(samples: FloatArray) -> FloatArray:
    return np.ascontiguousarray(samples.clip(-1, 1), np.float32)
