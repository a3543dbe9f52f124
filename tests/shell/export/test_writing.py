"""An export that draws its frames first: one progress over both parts, by a clock that the test turns."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.core.frame import Frame
from studio.core.learning import Pace
from studio.core.recording.clip import Clip
from studio.render.export.option import ExportOptions, done
from studio.shell.export.exporter import write_drawn
from studio.shell.window.status_bar import _LEAST_LEFT_S, JOB_PACE_S
from tests.render.export.clips import BY_ID, pictures

N = 100


class Film:
    """A path whose frames take `drawing_s` each, and a format that takes `writing_s` for each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, drawing_s: float, writing_s: float, n_known: int) -> None:
        self.now, self._drawing_s, self._writing_s, self._n_known = 100.0, drawing_s, writing_s, n_known
        self.load = 1.0
        monkeypatch.setattr("time.perf_counter", lambda: self.now)
        self.clip: Clip = replace(pictures(N), prepare=self._prepare)
        self.kind = replace(BY_ID["mp4"], write=self._write)

    def _prepare(self) -> Any:
        for step in range(self._n_known, N):
            yield Frame(step, N, "Drawing the path")
            self.now += self._drawing_s * self.load
            yield Frame(step + 1, N, "Drawing the path")

    def _write(self, clip: Clip, path: Path, options: ExportOptions) -> Any:
        start, stop = options.span(clip)
        self.now += 0.3  # the encoder starts
        for number in range(1, stop - start + 1):
            self.now += self._writing_s * self.load
            yield done(number, stop - start)
        path.write_bytes(b"film")
        return path


@pytest.mark.parametrize("n_known", [0, 60, 97])
@pytest.mark.parametrize(("drawing_s", "writing_s"), [(0.4, 0.01), (0.4, 0.4), (0.1, 1.5), (2.0, 0.5)])
def test_the_time_left_is_true_within_a_factor_of_two_after_the_first_tenth(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, drawing_s: float, writing_s: float, n_known: int
) -> None:
    film, pace = Film(monkeypatch, drawing_s, writing_s, n_known), Pace(JOB_PACE_S)
    told, steps = [], []
    for news in write_drawn(film.kind, film.clip, tmp_path / "a.mp4", ExportOptions(16)):
        pace.note(film.now, news.step + 1)
        left_s = pace.seconds_left(news.n_steps - news.step - 1)
        steps.append((news.step + 1) / news.n_steps)
        if left_s is not None and left_s >= _LEAST_LEFT_S and steps[-1] >= 0.1:  # as the status bar shows it
            told.append((film.now, left_s))
    assert [(left_s, film.now - at) for at, left_s in told if not 0.5 <= left_s / (film.now - at) <= 2] == []
    assert told or n_known
    assert steps[-1] == 1
    assert (tmp_path / "a.mp4").read_bytes() == b"film"
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_what_is_drawn_already_is_only_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    film = Film(monkeypatch, 0.0, 0.1, N)
    news = list(write_drawn(film.kind, film.clip, tmp_path / "a.mp4", ExportOptions(16)))
    assert [(one.step + 1) / one.n_steps for one in news] == [number / N for number in range(1, N + 1)]


@pytest.mark.parametrize(("drawing_s", "writing_s"), [(1.0, 0.02), (0.4, 0.4), (0.1, 0.9)])
@pytest.mark.parametrize("load", [4.0, 0.25])
def test_the_time_left_follows_the_load_of_the_computer_within_seconds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, drawing_s: float, writing_s: float, load: float
) -> None:
    film, pace = Film(monkeypatch, drawing_s, writing_s, 0), Pace(JOB_PACE_S)
    changed_at, told = 0.0, []
    for news in write_drawn(film.kind, film.clip, tmp_path / "a.mp4", ExportOptions(16)):
        share = (news.step + 1) / news.n_steps
        pace.note(film.now, news.step + 1)
        if share > 0.3 and not changed_at:
            film.load, changed_at = load, film.now
        left_s = pace.seconds_left(news.n_steps - news.step - 1)
        if left_s is not None and left_s >= _LEAST_LEFT_S and changed_at and film.now > changed_at + JOB_PACE_S:
            told.append((film.now, left_s))
    assert told
    assert [(left_s, film.now - at) for at, left_s in told if not 0.5 <= left_s / (film.now - at) <= 2] == []
