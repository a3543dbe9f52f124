"""The host: how soon the window stands, what it weighs, how promptly it answers."""

from tests.bench.suite import Figure, bench
from tests.bench.visit import median, visit, where

N_VISITS = 5


@bench("studio.start_to_window", "s", at_most=1.0)
def start_to_window() -> Figure:
    """From the start of the process to the first paint, warm file cache."""
    return Figure(median("start", "start_s", N_VISITS), note=f"median of {N_VISITS}, {where()}")


@bench("studio.torch_import_gap", "ms", at_most=300)
def torch_import_gap() -> Figure:
    """The one time that the window stops, right after its first paint."""
    return Figure(median("start", "torch_gap_ms", N_VISITS), note=f"median of {N_VISITS}")


@bench("studio.click_to_panel", "s", at_most=0.1)
def click_to_panel() -> Figure:
    """From the click on Open to the first paint of the panel."""
    return Figure(median("open_warm", "panel_s", N_VISITS), note=f"median of {N_VISITS}, first click of the process")


@bench("studio.first_picture_cold", "s", at_most=2.5)
def first_picture_cold() -> Figure:
    """From a click right after the first paint to the first picture; torch is loaded in between."""
    return Figure(median("open_cold", "picture_s", N_VISITS), note=f"median of {N_VISITS}")


@bench("studio.memory_home", "MB", at_most=120)
def memory_home() -> Figure:
    """Home before torch."""
    return Figure(visit("weigh_home")["home_mb"], note="resident")


@bench("studio.memory_with_torch", "MB", at_most=380)
def memory_with_torch() -> Figure:
    """Home after torch was loaded."""
    return Figure(visit("weigh_home")["torch_mb"], note="resident")


@bench("studio.memory_model_open", "MB", at_most=550)
def memory_model_open() -> Figure:
    """One shipped model is open and has drawn its picture."""
    return Figure(visit("weigh_model")["model_mb"], note="resident")


@bench("studio.ui_gap_drag", "ms", at_most=16)
def ui_gap_drag() -> Figure:
    """Lateness of a 4 ms timer in a drag of 5 s on the canvas."""
    result = visit("steer")
    return Figure(result["gap_p99_ms"], note=f"p99 of {result['n_beats']:.0f} beats, {where()}")


@bench("studio.ui_gap_drag_worst", "ms", at_most=50)
def ui_gap_drag_worst() -> Figure:
    """The worst of the same beats."""
    return Figure(visit("steer")["gap_worst_ms"], note="the worst of the same drag")


@bench("studio.frame_gap_drag", "ms", at_most=20)
def frame_gap_drag() -> Figure:
    """Time between two paints of the canvas in the same drag."""
    return Figure(visit("steer")["frame_gap_p95_ms"], note="p95 of the same drag")


@bench("studio.growth_1000_actions", "MB", at_most=20)
def growth_1000_actions() -> Figure:
    """Memory after a thousand drags, seeds, words and undos, against that after the first two hundred."""
    return Figure(visit("act")["growth_mb"], note="resident, after 200 actions to warm up")


@bench("studio.ui_gap_training", "ms", at_most=16)
def ui_gap_training() -> Figure:
    """Lateness of a 4 ms timer while a training runs on the Worker."""
    result = visit("train")
    return Figure(result["gap_p99_ms"], note=f"p99 in 5 s of a training, {result['n_steps']:.0f} micro-batches in all")


@bench("studio.ui_gap_training_worst", "ms", at_most=50)
def ui_gap_training_worst() -> Figure:
    """The worst of the same beats."""
    return Figure(visit("train")["gap_worst_ms"], note="the worst of the same 5 s")


@bench("studio.slider_to_paint_training", "ms", at_most=150)
def slider_to_paint_training() -> Figure:
    """One letter while a training runs."""
    result = visit("train")
    note = f"p95 of {result['slider_n_values']:.0f} values, dropped ones included, {where()}"
    return Figure(result["slider_p95_ms"], note=note)
