"""The map of everything, with fifty thousand faces in the real window."""

from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where


@bench("vae.map_pan", "fps", at_least=30)
def map_pan() -> Figure:
    """Frames painted in each second of a drag, six times enlarged, beside as many plain dots of pyqtgraph."""
    result = visit("everything")
    size = f"{result['wide_px']:.0f} x {result['high_px']:.0f} px"
    between = f"{result['p95_ms']:.0f} ms (peer {result['peer_p95_ms']:.0f})"
    note = f"{size}, p95 of the time between two {between}, {where()}"
    return Figure(result["fps"], "pyqtgraph’s ScatterPlotItem, dots alone", result["peer_fps"], note=note)


@bench("vae.map_open", "s", at_most=3)
def map_open() -> Figure:
    """From the click to the whole map, of places that were encoded before."""
    return Figure(visit("everything")["opened_s"], note=f"50,000 faces, read from the cache, {where()}")
