"""Writes a clip as a recording (.frames), which the program plays again without its model."""

from dataclasses import replace
from pathlib import Path

from studio.core.recording.clip import Clip
from studio.core.recording.file import saving
from studio.core.recording.recording import Recording
from studio.render.export.option import Export, ExportOptions, done

_SAVING_STEPS = 100


def write_frames(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the frames of the range with everything in them."""
    start, stop = options.span(clip)
    recording = Recording(replace(clip.info, state=clip.state or clip.info.state, fps=options.fps_of(clip)))
    n_steps = stop - start + _SAVING_STEPS
    try:
        for number, frame in enumerate(clip.frames(start, stop)):
            recording.append(frame)
            yield done(number + 1, n_steps)
        recording.finish()
        for share in saving(recording, path):
            yield done(stop - start + max(1, round(share * _SAVING_STEPS)), n_steps)
    finally:
        recording.close()
    return path
