"""Shows how far long work is: one line rewritten on a terminal, a plain line now and then elsewhere."""

import shutil
import time
from collections.abc import Mapping
from typing import Final, TextIO

BAR_WIDTH: Final = 24
REDRAW_S: Final = 0.1
PLAIN_S: Final = 5.0
SURE_FROM: Final = 0.002  # of the whole; from less no time is forecast, which would say months


class ProgressLine:
    """Writes to `stream`. Call `show` as often as you like, and `close` at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._started = time.monotonic()
        self._first_fraction: float | None = None
        self._last_shown = -PLAIN_S
        self._pending = ""

    def show(self, fraction: float, sentence: str) -> None:
        """Say that `fraction` (0 to 1) is done, and what is being done now."""
        now = time.monotonic() - self._started
        if self._first_fraction is None:
            self._first_fraction = fraction
        self._pending = self._line(fraction, sentence, now)
        if now - self._last_shown >= (REDRAW_S if self._is_terminal else PLAIN_S):
            self._last_shown = now
            self._write()

    def close(self) -> None:
        """Show the last state and end the line."""
        if self._pending:
            self._write()
        if self._is_terminal and self._first_fraction is not None:
            self._stream.write("\n")

    def _line(self, fraction: float, sentence: str, now: float) -> str:
        n_full = round(BAR_WIDTH * min(max(fraction, 0.0), 1.0))
        bar = f"[{'#' * n_full}{'.' * (BAR_WIDTH - n_full)}] " if self._is_terminal else ""
        return f"{bar}{fraction:4.0%}  {sentence}{self._time_left(fraction, now)}"

    def _time_left(self, fraction: float, now: float) -> str:
        gained = fraction - (self._first_fraction or 0.0)
        if gained < SURE_FROM or fraction >= 1:
            return ""
        minutes, seconds = divmod(round(now * (1 - fraction) / gained), 60)
        return f"  {minutes}:{seconds:02d} left"

    def _write(self) -> None:
        if self._is_terminal:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r{self._pending[:width]:{width}}")
        else:
            self._stream.write(self._pending + "\n")
        self._stream.flush()
        self._pending = ""


def figures(scalars: Mapping[str, float]) -> str:
    """The numbers of a frame in a few words: "loss 153.2, kl 6.71"."""
    return ", ".join(f"{name} {value:.4g}" for name, value in scalars.items())
