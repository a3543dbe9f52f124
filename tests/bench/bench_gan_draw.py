"""Outline to icon: how soon the icon is there after a stroke, and how old it is while a hand draws."""

from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where


@bench("gan.outline_to_icon", "ms", at_most=100)
def outline_to_icon() -> Figure:
    """From the end of a stroke to the painted icon."""
    result = visit("draw")
    note = f"p95 of {result['n_strokes']:.0f} strokes with the mouse, median {result['end_median_ms']:.0f}, {where()}"
    return Figure(result["end_p95_ms"], note=note)


@bench("gan.outline_follows", "ms", at_most=100)
def outline_follows() -> Figure:
    """How old the newest place of the hand is when the icon has been painted, in the midst of strokes."""
    result = visit("draw")
    return Figure(result["follow_p95_ms"], note=f"p95 of {result['n_ages']:.0f} icons, {where()}")
