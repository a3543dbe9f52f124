"""The host: how soon the window stands, what it weighs, how promptly it answers."""

import subprocess

from tests.bench.quick import less
from tests.bench.suite import Figure, bench
from tests.bench.visit import ROOT, median, visit, where

N_VISITS = less(5, 1)


@bench("studio.start_to_window", "s", at_most=1.0)
def start_to_window() -> Figure:
    """From the start of the process to the first paint, warm file cache."""
    return median("start", "start_s", N_VISITS, where())


@bench("studio.torch_import_gap", "ms", at_most=300)
def torch_import_gap() -> Figure:
    """The one time that the window stops, right after its first paint."""
    return median("start", "torch_gap_ms", N_VISITS, where())


@bench("studio.click_to_panel", "s", at_most=0.1)
def click_to_panel() -> Figure:
    """From the click on Open to the first paint of the panel."""
    return median("open_warm", "panel_s", N_VISITS, "first click of the process")


@bench("studio.first_picture_cold", "s", at_most=2.5)
def first_picture_cold() -> Figure:
    """From a click right after the first paint to the first picture; torch is loaded in between."""
    return median("open_cold", "picture_s", N_VISITS, where())


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
    note = f"p99 of {result['n_beats']:.0f} beats, {where()}"
    return Figure(result["gap_p99_ms"], note=note, samples=result["gap_parts_ms"])


@bench("studio.ui_gap_drag_worst", "ms", at_most=50)
def ui_gap_drag_worst() -> Figure:
    """The worst of the same beats."""
    return Figure(visit("steer")["gap_worst_ms"], note="the worst of the same drag")


@bench("studio.frame_gap_drag", "ms", at_most=20)
def frame_gap_drag() -> Figure:
    """Time between two paints of the canvas in the same drag."""
    result = visit("steer")
    return Figure(result["frame_gap_p95_ms"], note="p95 of the same drag", samples=result["frame_gap_parts_ms"])


@bench("studio.growth_1000_actions", "MB", at_most=20)
def growth_1000_actions() -> Figure:
    """Memory after a thousand drags, seeds, words and undos, against that after the first two hundred."""
    result = visit("act")
    note = f"resident, {result['n_actions']:.0f} actions after {result['n_warm_up']:.0f} to warm up"
    return Figure(result["growth_mb"], note=note)


@bench("studio.checkout", "MiB", at_most=120)
def checkout() -> Figure:
    """All files that are part of the project."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    sizes = [(ROOT / name).stat().st_size for name in listed.split("\0") if (ROOT / name).is_file()]
    return Figure(sum(sizes) / 2**20, note=f"{len(sizes)} files")


@bench("studio.ui_gap_training", "ms", at_most=16)
def ui_gap_training() -> Figure:
    """Lateness of a 4 ms timer while a training runs on the Worker."""
    result = visit("train")
    note = f"p99 in {result['drag_s']:g} s of a training, {result['n_steps']:.0f} micro-batches in all"
    return Figure(result["gap_p99_ms"], note=note, samples=result["gap_parts_ms"])


@bench("studio.ui_gap_training_worst", "ms", at_most=50)
def ui_gap_training_worst() -> Figure:
    """The worst of the same beats."""
    return Figure(visit("train")["gap_worst_ms"], note="the worst of the same time")


@bench("studio.slider_to_paint_training", "ms", at_most=150)
def slider_to_paint_training() -> Figure:
    """One letter while a training runs."""
    result = visit("train")
    note = f"p95 of {result['slider_n_values']:.0f} values, dropped ones included, {where()}"
    return Figure(result["slider_p95_ms"], note=note, samples=result["slider_parts_ms"])
