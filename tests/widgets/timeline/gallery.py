"""Draws the timeline in many states, both themes and two widths: `python -m tests.widgets.timeline.gallery FOLDER`."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from studio.core.frame import Frame
from studio.core.recording.recording import Recording, RunInfo
from studio.core.view import Field, Image, Tokens
from studio.widgets.theme import apply_theme, set_hue
from studio.widgets.timeline.mark import KeyframeMark
from studio.widgets.timeline.playback import Playback
from studio.widgets.timeline.timeline import Timeline
from studio.widgets.timeline.track_row import TrackRow
from tests.widgets.gallery import glyph_field

LINES = """To be , or not to be , that is the crown
That sits upon a weary king , and none
Shall bid him sleep ."""
TEXT = LINES.split()


def disc(share: float, side_px: int = 64) -> np.ndarray:
    """A coloured disc that comes out of the noise, (side, side, 3) uint8."""
    y, x = np.mgrid[:side_px, :side_px] / side_px - 0.5
    clean = np.where((np.hypot(x, y) < 0.4)[..., None], [250, 140 - 90 * share, 60], 255.0)
    noise = np.random.default_rng(3).uniform(0, 255, (side_px, side_px, 3))
    return (share * clean + (1 - share) * noise).astype(np.uint8)


def pictures(n_frames: int, n_steps: int) -> Recording:
    recording = Recording(RunInfo("diffusion/emoji", {}, 1))
    for step in range(n_frames):
        views, label = {"picture": Image(disc(step / (n_steps - 1)))}, f"Step {step + 1} of {n_steps}"
        recording.append(Frame(step, n_steps, label, views, {"noise": 1.0}, {"x": np.zeros(1)}))
    return recording


def letters(n_frames: int) -> Recording:
    recording = Recording(RunInfo("vae/letterforms", {}, 1))
    thin, fat = glyph_field("g"), glyph_field("g", "fonts/Inter-Bold.ttf")
    for step in range(n_frames):
        share = step / (n_frames - 1)
        values = ((1 - share) * thin + share * fat).astype(np.float32)
        recording.append(Frame(step, n_frames, "", {"picture": Field(values, "distance", -8, 8)}))
    return recording


def tokens(n_frames: int) -> Recording:
    recording = Recording(RunInfo("transformer/shakespeare", {}, 1))
    surprise = np.random.default_rng(0).gamma(0.8, 2.2, n_frames)
    for step in range(n_frames):
        pieces = tuple(TEXT[i % len(TEXT)] for i in range(step + 1))
        view = Tokens(pieces, tuple(float(s) for s in surprise[: step + 1]))
        recording.append(Frame(step, n_frames, f"“{pieces[-1]}”", {"text": view}, {"surprise": float(surprise[step])}))
    return recording


@dataclass(frozen=True)
class Scene:
    """One state of the bar."""

    name: str
    family: str
    fill: Callable[[Timeline, Playback], None]


def show(timeline: Timeline, playback: Playback, recording: Recording, index: int, title: str, detail: str) -> None:
    playback.set_length(len(recording), not recording.is_finished)
    playback.seek(index)
    timeline.show_recording(recording, title, detail)


def nothing(timeline: Timeline, playback: Playback) -> None:
    timeline.show_recording(None)


def denoising(timeline: Timeline, playback: Playback) -> None:
    recording = pictures(50, 50)
    recording.finish()
    show(timeline, playback, recording, 31, "Denoising", "DDIM, 50 steps, guidance 4.0")
    timeline.set_branchable(True)


def growing(timeline: Timeline, playback: Playback) -> None:
    show(timeline, playback, pictures(29, 50), 11, "Denoising", "41 ms per step, 1 s left")
    timeline.set_branchable(True)
    timeline.set_running(True)


def marks(n: int) -> list[KeyframeMark]:
    return [KeyframeMark(float(fraction), "in_out") for fraction in np.linspace(0, 1, n) ** 1.3]


def path(timeline: Timeline, playback: Playback) -> None:
    recording = letters(60)
    recording.finish()
    playback.set_loop("ping_pong")
    show(timeline, playback, recording, 12, "A → B", "4 keyframes · 2.0 s · constant perceived speed")
    timeline.show_keyframes(marks(4), 2)


def planned(timeline: Timeline, playback: Playback) -> None:
    playback.set_length(240)
    playback.seek(90)
    timeline.show_recording(None, "Walk", "5 keyframes · 8.0 s · seamless")
    timeline.show_keyframes(marks(5), None)


def camera(timeline: Timeline, playback: Playback) -> None:
    playback.set_length(180)
    playback.seek(65)
    timeline.show_recording(None, "Camera path", "4 keyframes · 6.0 s · smooth")
    timeline.show_keyframes(marks(4), 1)


def words(timeline: Timeline, playback: Playback) -> None:
    recording = tokens(28)
    recording.finish()
    show(timeline, playback, recording, 11, "Token 12 of 28", "surprise per token")
    timeline.set_branchable(True)


def pixels(timeline: Timeline, playback: Playback) -> None:
    recording = tokens(784)
    recording.finish()
    show(timeline, playback, recording, 430, "Pixel 431 of 784", "surprise per pixel")


def tracks(timeline: Timeline, playback: Playback) -> None:
    denoising(timeline, playback)
    rows = [
        TrackRow("a", "A fox wearing sunglasses", 0, n_frames=50),
        TrackRow("b", "Guidance 1", 1, is_pinned=True, n_frames=38, branch=("a", 12)),
        TrackRow("c", "A very long name that somebody typed without thinking", 2, True, False, 9, ("b", 6), True),
        TrackRow("d", "Fourth", 3, n_frames=25),
    ]
    timeline.show_tracks(rows, "a")


SCENES = (
    Scene("nothing", "vae", nothing),
    Scene("denoising", "diffusion", denoising),
    Scene("growing", "diffusion", growing),
    Scene("path", "vae", path),
    Scene("planned", "gan", planned),
    Scene("camera", "nerf", camera),
    Scene("words", "transformer", words),
    Scene("pixels", "autoregressive", pixels),
    Scene("tracks", "diffusion", tracks),
)


def page() -> tuple[QWidget, list[Timeline]]:
    widget = QWidget()
    rows = QVBoxLayout(widget)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(10)
    timelines = []
    for scene in SCENES:
        playback = Playback(widget)
        timeline = Timeline(playback)
        set_hue(timeline, scene.family)
        scene.fill(timeline, playback)
        rows.addWidget(timeline)
        timelines.append(timeline)
    return widget, timelines


def looks() -> Iterator[tuple[str, float, int]]:
    for width_px in (1440, 1280):
        yield from (("dark", 1.0, width_px), ("light", 1.0, width_px))
    yield "dark", 2.0, 1280


def main() -> None:
    folder = Path(sys.argv[1])
    app = QApplication([])
    apply_theme(app, "dark")
    widget, timelines = page()
    widget.show()
    for look, scale, width_px in looks():
        apply_theme(app, look, scale)
        widget.resize(width_px, 10)
        for _ in range(3):
            app.processEvents()
        widget.resize(width_px, widget.minimumSizeHint().height())
        while not all(timeline.strip.filmstrip.is_complete() for timeline in timelines):
            app.processEvents()
        app.processEvents()
        widget.grab().save(str(folder / f"timeline_{look}_{scale:g}_{width_px}.png"))
        print(look, scale, width_px, {s.name: t.height() for s, t in zip(SCENES, timelines, strict=True)})


if __name__ == "__main__":
    main()
