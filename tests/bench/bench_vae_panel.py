"""The VAE panel: how old a slider's value is when its picture has been painted."""

from tests.bench.suite import Figure, bench
from tests.bench.visit import visit, where


def _slider(scenario: str, name: str) -> Figure:
    result = visit(scenario)
    count = result[f"{name}_n_values"]
    return Figure(result[f"{name}_p95_ms"], note=f"p95 of {count:.0f} values, dropped ones included, {where()}")


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
        f"other places painted in each of the first 5 s, {result['picture_px']:.0f}²; "
        f"{result['play_per_s']:.0f} in the next 5 s, {result['ride_per_s']:.0f} while a slider moves all of it"
    )
    return Figure(result["fresh_per_s"], note=note)


@bench("vae.ui_gap_training", "ms", at_most=16)
def ui_gap_training() -> Figure:
    """Lateness of a 4 ms timer while a training runs on the Lane."""
    result = visit("train")
    return Figure(result["gap_p99_ms"], note=f"p99 in 5 s of a training, {result['n_steps']:.0f} micro-batches in all")


@bench("vae.ui_gap_training_worst", "ms", at_most=50)
def ui_gap_training_worst() -> Figure:
    """The worst of the same beats."""
    return Figure(visit("train")["gap_worst_ms"], note="the worst of the same 5 s")


@bench("vae.slider_to_paint_training", "ms", at_most=150)
def slider_to_paint_training() -> Figure:
    """One letter while a training runs."""
    return _slider("train", "slider")
