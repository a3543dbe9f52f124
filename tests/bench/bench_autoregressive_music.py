"""How soon a bar of a chorale is another one: the model hears what stays on both sides, and sings what is between."""

from tests.bench.music_scenario import N_BARS
from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where


@bench("autoregressive.chorale_bar", "s", at_most=1)
def chorale_bar() -> Figure:
    """From the click on “Rewrite bar n” until the roll with the whole bar is painted, in the real window, at once."""
    result = visit("chorale_bars")
    return Figure(result["bar_s"], note=f"median of {N_BARS}, worst {result['worst_s']:.2f} s, {where()}")
