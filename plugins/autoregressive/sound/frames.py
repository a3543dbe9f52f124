"""What a frame shows of a sound that is being made: how far it is, what comes next, and how surprising it was.

Shape letters: V levels, M bands, L columns, n samples that are there.
"""

import numpy as np

from studio.core.frame import Frame
from studio.core.recording.delta import Append, AppendRows, Delta, Patch
from studio.core.sound.mel import FLOOR_DB
from studio.core.translation import N_
from studio.core.view import Audio, Field, Series, View

from .model.sampling import WaveSampler
from .signal import HOP, RATE_HZ, FloatArray, columns, first_changed, heard, n_columns, samples_of
from .state import MOST_BITS, NEXT, SPECTROGRAM, SURPRISE, WAVEFORM, SoundState


class SoundFrames:
    """Makes the frames of one run, the first one whole, later ones by what is new in them."""

    def __init__(self, sampler: WaveSampler, state: SoundState, n_steps: int) -> None:
        self._sampler = sampler
        self._n_given = state.n_given
        self._n_steps = n_steps
        self._before: int | None = None

    def frame(self, step: int, place: int) -> Frame:
        """The frame at a stop: all samples before it are settled, and what is said about the next one is known."""
        before, self._before = self._before, place
        views = {} if before is not None else self._whole(place)
        changes = {} if before is None else self._changes(before, place)
        if place < self._sampler.n_samples:
            views[NEXT] = self._next()
        surprise = self._sampler.task.surprise[0]
        state = {"given": np.array([self._n_given], np.int64)}
        state_changes: dict[str, Delta] = {}
        if before is None:
            state |= {"levels": self._levels(0, place), "surprise": surprise[:place].copy()}
        else:
            state_changes = {
                "levels": AppendRows(self._levels(before, place)),
                "surprise": AppendRows(surprise[before:place].copy()),
            }
        label = N_("Sample {place:,} of {n:,}").format(place=place, n=self._sampler.n_samples)
        figures = self._scalars(before or 0, place)
        return Frame(step, self._n_steps, label, views, figures, state, changes, state_changes)

    def _whole(self, place: int) -> dict[str, View]:
        n_samples = self._sampler.n_samples
        surprise = self._sampler.task.surprise[:1, :place].copy()
        return {
            WAVEFORM: Audio(self._samples(0, place), RATE_HZ),
            SPECTROGRAM: Field(self._columns(place, 0, n_columns(n_samples)), "loudness", FLOOR_DB, 0.0),
            SURPRISE: Field(surprise, "surprise", 0.0, MOST_BITS),
        }

    def _changes(self, before: int, place: int) -> dict[str, Delta]:
        n_samples = self._sampler.n_samples
        known, shown = heard(before, n_samples), heard(place, n_samples)
        first = first_changed(known)
        last = min(-(-shown // HOP), n_columns(n_samples)) if shown > known else first
        return {
            WAVEFORM: Append(Audio(self._samples(before, place), RATE_HZ)),
            SPECTROGRAM: Patch(self._columns(place, first, last), (0, first)),
            SURPRISE: AppendRows(self._sampler.task.surprise[:1, before:place].copy(), 1),
        }

    def _columns(self, place: int, first: int, last: int) -> FloatArray:
        n_samples = self._sampler.n_samples
        return columns(self._samples(0, heard(place, n_samples)), first, last)

    def _levels(self, first: int, last: int) -> np.ndarray:
        return self._sampler.task.levels[0, first:last].copy()

    def _samples(self, first: int, last: int) -> FloatArray:
        return samples_of(self._sampler.task.levels[0, first:last], self._sampler.config.n_levels)

    def _scalars(self, before: int, place: int) -> dict[str, float]:
        surprise = self._sampler.task.surprise[0]
        newest = surprise[before:place] if before < place else surprise[:place]
        return {"bits": float(surprise[:place].mean()), "surprise": float(newest.mean())}

    def _next(self) -> Series:
        """The distribution of the next level, after the temperature."""
        task = self._sampler.task
        said = task.said[0] / task.temperature
        chances = np.exp(said - said.max())
        chances /= chances.sum()
        levels = samples_of(np.arange(len(chances)), len(chances))
        return Series({N_("Probability"): chances.astype(np.float32)}, levels, N_("Value of the next sample"))
