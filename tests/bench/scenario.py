"""What a person does in front of the window, one function for each visit."""

import gc
import itertools
import json
import math
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt

from studio.api.engine import TrainOptions
from studio.app import Studio
from studio.compute.job import Job, Policy
from studio.core.frame import Frame
from studio.core.pausing import on_one_thread
from studio.registry.catalog import Catalog
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from tests.bench.driver import Driver, PaintWatch
from tests.bench.quick import less
from tests.bench.statistic import in_parts, percentile
from tests.bench.suite import why_not

FAMILY = "vae"
RECIPE = "vae/letterforms"
DRAG_S = less(5.0, 2.0)
TURN_S = 1.2  # once around, or there and back
RADIUS_PX = 120
WORD = "Hamburgo"
PLAY_FPS, MIN_PICTURE_PX = 60, 512
N_FIRST_STEPS, N_LEARN_STEPS, N_LEARN_PAIRS, N_UNHEARD_STEPS = 40, 3, 7, 100_000
N_ACTIONS = less(1000, 60)
N_WARM_UP = less(200, 20)

Result = dict[str, Any]
_paints: list[PaintWatch] = []


def prepare(studio: Studio, name: str) -> None:
    """What has to be in place before the window shows."""
    _paints.append(PaintWatch())
    if name == "weigh_home":
        studio.device.begin = lambda: None  # type: ignore[method-assign]  # torch waits until Home was weighed


def run(studio: Studio, name: str, painted_at: float) -> None:
    """Run a scenario, print its result, and close the window."""
    driver = Driver(studio, _paints[0] if _paints else PaintWatch())
    try:
        result = _scenario(name)(driver)
        result["painted_at"] = painted_at
    except Exception as error:  # the row has no value then, and says why
        result = {"reason": why_not(error)}
    print(json.dumps(result), flush=True)
    studio.window.close()


def start(driver: Driver) -> Result:
    """Look at Home while torch is being loaded."""
    driver.heartbeat.start()
    driver.wait_for_device()
    return {"torch_gap_ms": max(driver.heartbeat.stop())}


def weigh_home(driver: Driver) -> Result:
    """Weigh Home without torch, then with it."""
    driver.pause(1.0)
    home_mb = driver.memory_mb()
    type(driver.studio.device).begin(driver.studio.device)
    driver.wait_for_device()
    driver.pause(1.0)
    return {"home_mb": home_mb, "torch_mb": driver.memory_mb()}


def weigh_model(driver: Driver) -> Result:
    """Weigh the program with one open model."""
    _open(driver)
    return {"model_mb": driver.memory_mb()}


def open_cold(driver: Driver) -> Result:
    """Click on Open as soon as there is something to click on."""
    pictures = _watch_pictures(driver)
    clicked = driver.open_family(FAMILY)
    driver.wait(lambda: pictures, "the first picture")
    return {"picture_s": pictures[0] - clicked}


def open_warm(driver: Driver) -> Result:
    """Click on Open after having looked at Home."""
    driver.wait_for_device()
    driver.pause(0.5)
    pictures = _watch_pictures(driver)
    clicked = driver.open_family(FAMILY)
    driver.wait(lambda: pictures, "the first picture")
    return {"panel_s": driver.paints.times[0] - clicked, "picture_s": pictures[0] - clicked}


def steer(driver: Driver) -> Result:
    """Drag on the picture, drag a slider, and drag it again with a word on the canvas."""
    _open(driver)
    result = _drag_on_canvas(driver)
    result |= _drag_slider(driver, "slider")
    driver.panel.set_params(_params(driver, text=WORD))
    driver.wait_until_idle()
    driver.pause(0.5)
    return result | _drag_slider(driver, "word")


def play(driver: Driver) -> Result:
    """Take a random walk, play it at 60 frames a second on a picture of at least 512², then ride it with a slider."""
    _open(driver)
    panel = driver.panel
    driver.window.resize(1600, 1000)
    driver.wait(lambda: panel.canvas.content_rect().height() >= MIN_PICTURE_PX, "a picture of 512 pixels")
    panel.timeline.playback.set_fps(PLAY_FPS)
    painted = _count_pictures(driver)
    driver.show_in_inspector(panel.controls.path.walk)
    driver.pause(0.2)
    driver.click(panel.controls.path.walk)
    result = {"fresh_per_s": _rate(driver, painted), "play_per_s": _rate(driver, painted)}
    row = panel.findChild(SliderRow, "direction_0")
    driver.show_in_inspector(row)
    driver.pause(0.2)
    track = row.findChild(SliderTrack)
    before = len(painted)
    driver.drag(lambda passed_s: driver.place(track, 0.5 + 0.2 * math.sin(math.tau * passed_s / TURN_S)), DRAG_S)
    result["ride_per_s"] = (len(painted) - before) / DRAG_S
    result["picture_px"] = panel.canvas.content_rect().height()
    panel.timeline.pause()
    return result


def _count_pictures(driver: Driver) -> list[object]:
    """Return a list that grows by one whenever the canvas has painted another frame than before."""
    panel = driver.panel
    draw = panel._draw
    drawn: list[object] = [None]
    painted: list[object] = []

    def note_frame(frame: object) -> None:
        drawn[0] = frame
        draw(frame)

    def note_paint(canvas: object) -> None:
        if canvas is panel.canvas and drawn[0] is not None and (not painted or painted[-1] is not drawn[0]):
            painted.append(drawn[0])

    panel._draw = note_frame
    driver.paints.on_paint = note_paint
    return painted


def _rate(driver: Driver, painted: list[object]) -> float:
    before = len(painted)
    driver.pause(DRAG_S)
    return (len(painted) - before) / DRAG_S


def train(driver: Driver) -> Result:
    """Steer while a training runs on the same Worker."""
    recipe = Catalog().find_recipe(RECIPE)
    device = driver.studio.device.choose()
    _open(driver)
    with tempfile.TemporaryDirectory() as folder:
        options = TrainOptions(Path(folder) / "bench.safetensors", device)
        work = partial(on_one_thread, lambda: recipe.train(options))  # as the desk of trainings does it
        training = Job(("bench", "train"), work, Policy.BACKGROUND, "Training")
        driver.studio.worker.submit(training)
        driver.wait(lambda: training.n_events >= 3, "the first steps of the training")
        driver.heartbeat.start()
        driver.pause(DRAG_S)
        late_ms = driver.heartbeat.stop()
        result: Result = {"gap_p99_ms": percentile(late_ms, 99), "gap_worst_ms": max(late_ms), "drag_s": DRAG_S}
        result["gap_parts_ms"] = in_parts(late_ms, 99)
        result |= _drag_slider(driver, "slider")
        result["n_steps"] = training.n_events
        training.cancel()
        driver.wait_until_idle()
    return result


def learn(driver: Driver) -> Result:
    """Look on while a training runs on the Worker, as a recipe runs it, in turn with a bare loop there."""
    # Loads torch, which the window does by itself.
    from studio.datasets.glyphs import load_glyphs
    from studio.datasets.split import Split
    from tests.bench.bench_vae_model import bare_loop

    recipe: Any = Catalog().find_recipe(RECIPE)
    device = driver.studio.device.choose()
    _open(driver)
    with tempfile.TemporaryDirectory() as folder:
        options = TrainOptions(Path(folder) / "bench.safetensors", device, N_UNHEARD_STEPS)
        frames = recipe.train(options)
        n_micro = recipe.settings.n_micro
        bare = bare_loop(recipe.training(load_glyphs(Split.TRAIN), options), N_LEARN_STEPS)
        for _ in range(N_FIRST_STEPS):
            _seconds_on_worker(driver, partial(_stretch, frames, n_micro), n_micro)
        _seconds_on_worker(driver, bare)
        ratios = []
        for _ in range(N_LEARN_PAIRS):
            bare_s, n_learnt = _seconds_on_worker(driver, bare), N_LEARN_STEPS * n_micro
            ours_s = _seconds_on_worker(driver, partial(_stretch, frames, n_learnt), n_learnt)
            ratios.append(100 * bare_s / ours_s)
        frames.close()
    return {
        "speed": percentile(ratios, 50),
        "n_pairs": N_LEARN_PAIRS,
        "n_steps": N_LEARN_STEPS,
        "n_first_steps": N_FIRST_STEPS,
    }


def _stretch(frames: Iterator[Frame], n_learnt: int) -> Iterator[Frame]:
    """Go on with a training for so many micro-batches, with what belongs to them."""
    for frame in frames:
        yield frame
        n_learnt -= "loss" in frame.scalars
        if not n_learnt:
            return


def _seconds_on_worker(driver: Driver, work: Callable[[], object], n_events: int = 0) -> float:
    """How long some work takes on the Worker of an idle window; it has to yield so often."""
    job = Job(("bench", "learn"), work, Policy.BACKGROUND)
    started = time.perf_counter()
    driver.studio.worker.submit(job)
    driver.wait(lambda: job not in driver.studio.worker.jobs(), "the end of the work")
    if job.n_events < n_events:
        raise RuntimeError("the training came to an end")
    return time.perf_counter() - started


def act(driver: Driver) -> Result:
    """Do a thousand different things."""
    _open(driver)
    for number in range(N_WARM_UP):
        _do_something(driver, number)
    before_mb = _settled_memory_mb(driver)
    for number in range(N_ACTIONS):
        _do_something(driver, number)
    growth_mb = _settled_memory_mb(driver) - before_mb
    return {"growth_mb": growth_mb, "n_actions": N_ACTIONS, "n_warm_up": N_WARM_UP}


_HERE: dict[str, Callable[[Driver], Result]] = {
    scenario.__name__: scenario
    for scenario in (start, weigh_home, weigh_model, open_cold, open_warm, steer, play, train, learn, act)
}
_ELSEWHERE = (
    "gan",
    "hand",
    "map",
    "nerf",
    "draw",
    "music",
    "pixel",
    "playground",
    "arcade",
    "text",
    "live",
    "walk",
    "hold",
    "take_home",
    "task",
    "window",
    "motion",
)


def _scenario(name: str) -> Callable[[Driver], Result]:
    """The function of a visit; those of single families are read last, or their panels would be weighed with Home."""
    if name in _HERE:
        return _HERE[name]
    modules = (import_module(f"tests.bench.{family}_scenario") for family in _ELSEWHERE)
    return next(one for module in modules for one in module.ALL if one.__name__ == name)


def _open(driver: Driver) -> None:
    """Open the family's default model and wait until it stands still."""
    driver.wait_for_device()
    driver.open_family(FAMILY)
    driver.wait(driver.has_picture, "the first picture")
    driver.wait_until_idle()
    driver.pause(1.0)


def _watch_pictures(driver: Driver) -> list[float]:
    """Return a list that will hold the times at which a canvas with a picture has been painted."""
    times: list[float] = []

    def note(canvas: object) -> None:
        if driver.has_picture():
            times.append(time.perf_counter())

    driver.paints.on_paint = note
    return times


def _params(driver: Driver, **changes: Any) -> Any:
    params = driver.panel.params()
    return type(params)(**{**vars(params), **changes})


def _drag_on_canvas(driver: Driver) -> Result:
    """Draw circles on the picture."""
    middle = driver.place(driver.panel.canvas)

    def point_at(passed_s: float) -> QPoint:
        angle = math.tau * passed_s / TURN_S
        return middle + QPoint(round(RADIUS_PX * math.cos(angle)), round(RADIUS_PX * math.sin(angle)))

    n_before = len(driver.paints.times)
    driver.heartbeat.start()
    driver.drag(point_at, DRAG_S)
    late_ms = driver.heartbeat.stop()
    painted = driver.paints.times[n_before:]
    frame_gaps_ms = [1000 * (b - a) for a, b in itertools.pairwise(painted)]
    return {
        "gap_p99_ms": percentile(late_ms, 99),
        "gap_parts_ms": in_parts(late_ms, 99),
        "gap_worst_ms": max(late_ms),
        "frame_gap_parts_ms": in_parts(frame_gaps_ms, 95),
        "frame_gap_p95_ms": percentile(frame_gaps_ms, 95),
        "n_beats": len(late_ms),
    }


def _drag_slider(driver: Driver, name: str) -> Result:
    """Drag the strongest direction's slider to and fro; every value counts, also those never shown themselves."""
    panel = driver.panel
    row = panel.findChild(SliderRow, "direction_0")
    track = row.findChild(SliderTrack)
    driver.show_in_inspector(row)
    driver.pause(0.2)
    ages = Ages(panel)
    panel._on_frame_arrived = ages.note_frame
    row.value_changed.connect(ages.note_value)
    driver.paints.on_paint = ages.note_paint

    def point_at(passed_s: float) -> QPoint:
        return driver.place(track, 0.5 + 0.35 * math.sin(math.tau * passed_s / TURN_S))

    driver.drag(point_at, DRAG_S)
    driver.wait(lambda: not ages.waiting, "the last picture")
    driver.paints.on_paint = lambda canvas: None
    del panel._on_frame_arrived
    row.value_changed.disconnect(ages.note_value)
    ages_ms = [1000 * age_s for age_s in ages.ages_s]
    return {
        f"{name}_p95_ms": percentile(ages_ms, 95),
        f"{name}_parts_ms": in_parts(ages_ms, 95),
        f"{name}_paints_per_s": ages.n_paints / DRAG_S,
        f"{name}_n_values": len(ages.ages_s),
    }


class Ages:
    """How old each value of a slider was when a picture of it, or of a newer one, had been painted."""

    def __init__(self, panel: Any) -> None:
        self._panel = panel
        self._show = panel._on_frame_arrived
        self._order: dict[bytes, int] = {}
        self._shown = -1
        self._numbers = itertools.count()
        self.waiting: list[tuple[int, float]] = []
        self.ages_s: list[float] = []
        self.n_paints = 0

    def note_value(self, value: float) -> None:
        """The slider has a new value; by now the panel knows the place that belongs to it."""
        number = next(self._numbers)
        self._order[self._panel.editor.scene.z.tobytes()] = number
        self.waiting.append((number, time.perf_counter()))

    def note_frame(self, scene: Any, frame: Any) -> None:
        """A picture goes to the canvas; it belongs to the value that led to its place."""
        self._shown = self._order.get(frame.state["z"].tobytes(), self._shown)
        self._show(scene, frame)

    def note_paint(self, canvas: Any) -> None:
        """The canvas was painted: that answers the value it shows, and all older ones."""
        if canvas is not self._panel.canvas or self._shown < 0:
            return
        now = time.perf_counter()
        self.n_paints += 1
        self.ages_s += [now - set_at for number, set_at in self.waiting if number <= self._shown]
        self.waiting = [(number, set_at) for number, set_at in self.waiting if number > self._shown]


def _do_something(driver: Driver, number: int) -> None:
    """Another action each time: drags, keys, seeds, words, undo, the map."""
    panel, middle = driver.panel, driver.place(driver.panel.canvas)
    match number % 8:
        case 0 | 1 | 2:
            driver.drag(lambda passed: middle + QPoint(round(400 * passed), number % 50), 0.05)
        case 3:
            driver.type_key(Qt.Key.Key_R)
        case 4:
            panel.set_params(_params(driver, seed=number))
        case 5:
            panel.set_params(_params(driver, text="abcdefgh"[: 1 + number % 5]))
        case 6:
            driver.window.steps.undo()
        case _:
            driver.click(panel.controls.map)
    driver.wait_until_idle()


def _settled_memory_mb(driver: Driver) -> float:
    driver.pause(1.0)
    gc.collect()
    driver.pause(0.5)
    return driver.memory_mb()


if __name__ == "__main__":
    sys.exit("python -m tests.bench.child SCENARIO")
