"""The VAE panel: how old a slider's value is when its picture has been painted."""

from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where


def _slider(scenario: str, name: str) -> Figure:
    result = visit(scenario)
    count = result[f"{name}_n_values"]
    note = f"p95 of {count:.0f} values, dropped ones included, {where()}"
    return Figure(result[f"{name}_p95_ms"], note=note, samples=result[f"{name}_parts_ms"])


@bench("vae.slider_to_paint", "ms", at_most=16)
def slider_to_paint() -> Figure:
    """One letter."""
    return _slider("steer", "slider")


@bench("vae.slider_paints", "/s", at_least=45)
def slider_paints() -> Figure:
    """Pictures painted in each second of the same drag."""
    return Figure(visit("steer")["slider_paints_per_s"], note="in the same drag")


@bench("vae.slider_to_paint_word", "ms", at_most=33)
def slider_to_paint_word() -> Figure:
    """A word of eight letters."""
    return _slider("steer", "word")


@bench("vae.path_play", "fps", at_least=50)
def path_play() -> Figure:
    """A path of letterforms from the moment it is made, at 60 frames a second."""
    result = visit("play")
    note = (
        f"other pictures painted in each of the first 5 s, {result['picture_px']:.0f}²; "
        f"{result['play_per_s']:.0f} in the next 5 s, {result['ride_per_s']:.0f} while a slider moves all of it"
    )
    return Figure(result["fresh_per_s"], note=note)


@bench("vae.train_panel_throughput", "%", at_least=90)
def train_panel_throughput() -> Figure:
    """Steps of a training on the Worker of the real window, nobody dragging, against a bare loop on the same thread."""
    result = visit("learn")
    note = f"median of {result['n_pairs']:.0f} pairs after the first {result['n_first_steps']:.0f} steps, {where()}"
    peer = f"{result['n_steps']:.0f} steps of a bare loop"
    return Figure(result["speed"], peer, 100.0, note=note)
