"""The names of a frame's views and figures, and of what its state holds; no torch."""

from typing import Final

NOISY: Final = "noisy"
PREDICTED: Final = "predicted"
REMOVED: Final = "removed"
CHANGE: Final = "change"
ATTENTION: Final = "attention"
WORDS: Final = "words"
WAVEFORM: Final = "waveform"
SPECTROGRAM: Final = "spectrogram"
PREDICTED_SPECTROGRAM: Final = "predicted_spectrogram"

NOISE_LEFT: Final = "noise left"
"""The share of the variance of x that is noise, 0..1."""
BELIEF_CHANGE: Final = "change of the belief"
"""RMS of what the predicted clean x has changed since the step before, in its own units."""
