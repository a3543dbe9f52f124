"""Where the time goes between a hand on a slider and its picture: a table of each stretch, for four panels."""

from typing import Any

from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where

PANELS = {"letter": "hand_letter", "word": "hand_word", "GAN faces": "hand_people", "VAE faces": "hand_faces"}


@bench("hand", "ms")
def hand() -> Figure:
    """One move of a slider, event to paint, a letter; the note is the table for all four panels."""
    found: dict[str, Any] = {title: visit(scenario) for title, scenario in PANELS.items()}
    return Figure(found["letter"]["p95_ms"], note=f"p95 of a letter; {where()}\n{stretch_table(found)}")


def stretch_table(found: dict[str, Any]) -> str:
    """One line a stretch, for each panel p50 and p95 by the wall, and p50 and p95 of what its thread computed; ms."""
    lines = [_line("", (f"{title} p50, p95 (own)" for title in found))]
    names = next(iter(found.values()))["stretches"]
    lines += [_line(name, (_cell(one["stretches"][name]) for one in found.values())) for name in names]
    lines.append(_line("event to paint", (f"{one['p50_ms']:.2f}, {one['p95_ms']:.2f}" for one in found.values())))
    lines.append(_line("window’s thread", (f"{one['window_ms']:.2f} a move" for one in found.values())))
    lines.append(_line("then, at rest", (f"{one['final_ms']:.0f} to the last paint" for one in found.values())))
    lines.append(_line("moves painted", (f"{one['n_painted']} of {one['n_moves']}" for one in found.values())))
    return "\n".join(lines)


def _cell(figures: list[float]) -> str:
    wall_50, wall_95, own_50, own_95 = figures
    return f"{wall_50:.2f}, {wall_95:.2f} ({own_50:.2f}, {own_95:.2f})"


def _line(name: str, cells: Any) -> str:
    return "".join([f"  {name:16}", *(f"{cell:>30}" for cell in cells)])
