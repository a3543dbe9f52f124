"""Small random networks of four voices, and pieces, to test with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mido
import numpy as np
import torch

from plugins.autoregressive.music.grid import HOLD, N_VOICES, VoiceGrid, bars_of
from plugins.autoregressive.music.model.transformer import ChoraleTransformer, MusicConfig
from plugins.autoregressive.music.notes import VoiceNote, column_of


def tiny_config(**changes: Any) -> MusicConfig:
    """Two blocks that look eight sixteenths back."""
    sizes: dict[str, Any] = {
        "width": 16,
        "n_heads": 2,
        "hidden": 24,
        "n_blocks": 2,
        "reach": 8,
        "n_ahead": 2,
        "ahead_width": 8,
        "head_width": 12,
        "far": 8,
    }
    return MusicConfig(**{**sizes, **changes})


def made_network(seed: int = 3, **changes: Any) -> ChoraleTransformer:
    """A network whose numbers are large enough that all of it matters."""
    torch.manual_seed(seed)
    network = ChoraleTransformer(tiny_config(**changes)).eval().requires_grad_(False)
    for name, weight in network.named_parameters():
        if "norm" not in name and "before_" not in name:
            weight.copy_(0.4 * torch.randn_like(weight))
    return network


def made_grid(n_steps: int = 24, seed: int = 5) -> VoiceGrid:
    """A piece of random notes, holds and a few rests."""
    random = np.random.default_rng(seed)
    values = np.full((n_steps, N_VOICES), HOLD, np.uint8)
    for voice, middle in enumerate((72, 65, 60, 50)):
        begins = random.random(n_steps) < 0.5
        begins[0] = True
        pitches = random.integers(middle - 5, middle + 6, n_steps)
        pitches[random.random(n_steps) < 0.1] = 0
        values[begins, voice] = pitches[begins]
    return VoiceGrid(values, *bars_of(n_steps, 16), 7)


def piece(*voices: str, bar: int = 16) -> VoiceGrid:
    """A piece written as notes of a beat each, MIDI pitches apart by spaces, "-" for a rest."""
    columns = []
    for voice in voices:
        notes = [VoiceNote(4 * at, 4, int(word)) for at, word in enumerate(voice.split()) if word != "-"]
        columns.append(column_of(notes, 4 * len(voice.split())))
    return VoiceGrid(np.stack(columns, 1), *bars_of(len(columns[0]), bar), 0)


def file_of(path: Path, *tracks: list[tuple[int, int, int]], ticks: int = 4, metas: Sequence[Any] = ()) -> Path:
    """A file whose tracks are lists of (start, end, pitch) in ticks."""
    file = mido.MidiFile(type=1, ticks_per_beat=ticks)
    file.tracks.append(mido.MidiTrack(list(metas)))
    for notes in tracks:
        events = sorted([(a, 1, p) for a, _, p in notes] + [(b, 0, p) for _, b, p in notes])
        track, now = mido.MidiTrack(), 0
        for at, is_on, pitch in events:
            track.append(mido.Message("note_on", note=pitch, velocity=64 * is_on, time=at - now))
            now = at
        file.tracks.append(track)
    file.save(path)
    return path
