"""Follows each move of a slider from the hand to the painted picture, on the window's thread and on the Worker's."""

import math
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from PySide6.QtCore import QPoint

from studio.api.panel import PICTURE_KEY
from studio.compute.job import Delivery, Job
from studio.core.child import child_environment
from studio.core.recording.recording import Recording
from studio.registry.exporting import export_command
from studio.widgets.controls.slider import SliderRow
from studio.widgets.controls.slider_track import SliderTrack
from tests.bench.driver import Driver
from tests.bench.statistic import percentile

LETTERS, FACES, PEOPLE = "vae/letterforms", "vae/avatars", "gan/avatars-style"
WORD: Final = "Hamburgo"
DRAG_S, WARM_UP_S, TURN_S = 6.0, 1.0, 1.2
RESTS_S: Final = 1.0  # in which a picture is drawn in full
STRETCHES: Final = ("event", "wake", "queue", "network", "views", "recording", "delivery", "showing", "layout", "paint")
"""What follows each other, in this order; `queue` is the wait for the picture that is under way, `wake` for nobody."""

Result = dict[str, Any]


@dataclass
class Clocks:
    """The time, and what this thread has computed so far; seconds."""

    wall_s: float = field(default_factory=time.perf_counter)
    own_s: float = field(default_factory=time.thread_time)


@dataclass
class Move:
    """What is known of one move that asked for a picture; times by the names of what happened then."""

    at: dict[str, Clocks]
    waits_for: str
    inside: dict[str, list[float]] = field(default_factory=lambda: {"network": [0.0, 0.0], "recording": [0.0, 0.0]})

    def stretches(self) -> dict[str, tuple[float, float]]:
        """Wall and thread time of each stretch, in seconds; a wait computes nothing."""
        at = self.at
        found = dict.fromkeys(STRETCHES, (0.0, 0.0))
        found[self.waits_for] = (at["taken"].wall_s - at["sent"].wall_s, 0.0)
        found["delivery"] = (at["fetched"].wall_s - at["drawn"].wall_s, 0.0)
        for name, begin, end in (
            ("event", "moved", "sent"),
            ("showing", "fetched", "shown"),
            ("layout", "shown", "painting"),
            ("paint", "painting", "painted"),
        ):
            found[name] = (at[end].wall_s - at[begin].wall_s, at[end].own_s - at[begin].own_s)
        network, recording = (tuple(self.inside[name]) for name in ("network", "recording"))
        drawing = at["drawn"].wall_s - at["taken"].wall_s, at["drawn"].own_s - at["taken"].own_s
        found["network"], found["recording"] = (network[0], network[1]), (recording[0], recording[1])
        found["views"] = (drawing[0] - network[0] - recording[0], drawing[1] - network[1] - recording[1])
        return found


class Timeline:
    """Notes what happens to each picture that a hand asks for; probes in the objects of one panel, in place of calls.

    A move is whole once the canvas has painted its picture; one that a newer move replaced never is.
    """

    def __init__(self, driver: Driver, network: tuple[Any, str]) -> None:
        """`network` is the object and the name of the method that is the network."""
        self.whole: list[Move] = []
        self.n_moves = 0
        self.painted_s = 0.0  # when the canvas was painted last
        self._driver, self._panel = driver, driver.panel
        self._moved = Clocks()
        self._sent: dict[int, Move] = {}  # by ticket
        self._drawn: dict[int, tuple[Any, Move]] = {}  # by the frame's id, which is kept so that no other one gets it
        self._present: Move | None = None  # what the Worker draws
        self._shown: Move | None = None
        self._fetched = self._painting = Clocks()
        worker, queue = driver.studio.worker, driver.studio.dispatcher.latest_queue
        stepper: Any = worker._stepper
        _put(driver, "move", self._on_move)
        _put(worker, "submit", self._on_submitted)
        _put(stepper, "advance", self._on_taken)
        _put(stepper, "_deliver", self._on_drawn)
        _put(queue, "fetch", self._on_fetched)
        _put(self._panel, "_on_frame_arrived", self._on_shown)
        _put(network[0], network[1], lambda call, *a, **k: self._inside("network", call, *a, **k))
        append = Recording.append

        def note_append(recording: Recording, frame: Any) -> None:
            self._inside("recording", append, recording, frame)

        Recording.append = note_append  # type: ignore[method-assign, assignment]  # a probe
        driver.paints.on_begin = self._on_painting
        driver.paints.on_paint = self._on_painted

    def _on_move(self, call: Callable[..., None], point: QPoint) -> None:
        self._moved = Clocks()
        self.n_moves += 1
        call(point)

    def _on_submitted(self, call: Callable[..., None], job: Job) -> None:
        if job.key[1:] == (PICTURE_KEY,):
            waits_for = "wake" if self._driver.studio.worker.held() is None else "queue"
            self._sent[job.ticket] = Move({"moved": self._moved, "sent": Clocks()}, waits_for)
        call(job)

    def _on_taken(self, call: Callable[..., bool], job: Job) -> bool:
        self._present = self._sent.pop(job.ticket, None)  # only its first step draws
        if self._present is not None:
            self._present.at["taken"] = Clocks()
        return call(job)

    def _on_drawn(self, call: Callable[..., None], delivery: Delivery) -> None:
        move, self._present = self._present, None
        if move is not None and not delivery.is_finished:
            move.at["drawn"] = Clocks()
            self._drawn[id(delivery.latest)] = delivery.latest, move
        call(delivery)

    def _on_fetched(self, call: Callable[[], list[Delivery]]) -> list[Delivery]:
        self._fetched = Clocks()
        return call()

    def _on_shown(self, call: Callable[..., None], scene: Any, frame: Any) -> None:
        call(scene, frame)
        _, self._shown = self._drawn.pop(id(frame), (None, None))
        if self._shown is not None:
            self._shown.at |= {"fetched": self._fetched, "shown": Clocks()}

    def _on_painting(self, canvas: Any) -> None:
        self._painting = Clocks()

    def _on_painted(self, canvas: Any) -> None:
        move, self._shown = self._shown, None
        self.painted_s = time.perf_counter()
        if move is not None:
            move.at |= {"painting": self._painting, "painted": Clocks()}
            self.whole.append(move)

    def _inside(self, name: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        before = Clocks()
        outcome = call(*args, **kwargs)
        if self._present is not None:
            after, spent = Clocks(), self._present.inside[name]
            spent[0] += after.wall_s - before.wall_s
            spent[1] += after.own_s - before.own_s
        return outcome


def _put(on: Any, name: str, probe: Callable[..., Any]) -> None:
    """Let `probe` be called in place of a method of one object, with that method before its arguments."""
    call = getattr(on, name)
    setattr(on, name, lambda *args, **kwargs: probe(call, *args, **kwargs))


def hand_letter(driver: Driver) -> Result:
    """One letter of the letterforms."""
    return _follow(driver, LETTERS, lambda engine: (engine.model, "decode"))


def hand_word(driver: Driver) -> Result:
    """A word of eight letters."""
    return _follow(driver, LETTERS, lambda engine: (engine.model, "decode"), WORD)


def hand_people(driver: Driver) -> Result:
    """The faces of the GAN."""
    return _follow(driver, PEOPLE, lambda engine: (engine.generator, "synthesis"))


def hand_faces(driver: Driver) -> Result:
    """The faces of the VAE, which draws their layers."""
    return _follow(driver, FACES, lambda engine: (engine.model, "layers"))


def _follow(driver: Driver, model: str, network_of: Callable[[Any], tuple[Any, str]], text: str = "") -> Result:
    """Open a model and drag its strongest direction to and fro, every move followed."""
    driver.wait_for_device()
    _export(driver, model)
    driver.window.opener.open_model(model)
    driver.wait(driver.has_picture, "the first picture")
    panel = driver.panel
    if text:
        panel.set_params(type(panel.params())(**{**vars(panel.params()), "text": text}))
    driver.pause(1.0)
    driver.wait_until_answered()
    track = _strongest(panel)
    driver.show_in_inspector(track)
    driver.pause(0.5)

    def point_at(passed_s: float) -> QPoint:
        return driver.place(track, 0.5 + 0.35 * math.sin(math.tau * passed_s / TURN_S))

    driver.drag(point_at, WARM_UP_S)
    driver.wait_until_answered()
    timeline = Timeline(driver, network_of(panel.handle._engine))
    before = Clocks()
    driver.drag(point_at, DRAG_S)
    after = Clocks()
    found = _summary(timeline, after.own_s - before.own_s)
    driver.pause(RESTS_S)
    driver.wait_until_answered()
    driver.pause(0.1)
    return {**found, "final_ms": 1000 * (timeline.painted_s - after.wall_s)}


def _export(driver: Driver, model: str) -> None:
    """Let a model be what it is from its second day on, where ONNX Runtime is installed."""
    if driver.studio.device.choose().networks == "onnxruntime":
        command = export_command(driver.studio._catalog.find_model(model).source)
        with subprocess.Popen(command, env=child_environment(), stdin=subprocess.PIPE) as child:
            assert child.wait() == 0


def _strongest(panel: Any) -> SliderTrack:
    """The track of its first direction."""
    rows = panel.controls.directions.sliders
    row: SliderRow = rows[0] if isinstance(rows, list) else next(iter(rows.values()))
    track = row.findChild(SliderTrack)
    assert track is not None
    return track


def _summary(timeline: Timeline, window_s: float) -> Result:
    """Milliseconds at p50 and p95 of each stretch: the wall's, then its thread's."""
    moves = [move.stretches() for move in timeline.whole]
    found = {
        name: [1000 * percentile([move[name][clock] for move in moves], q) for clock in (0, 1) for q in (50, 95)]
        for name in STRETCHES
    }
    whole_s = [move.at["painted"].wall_s - move.at["moved"].wall_s for move in timeline.whole]
    return {
        "stretches": found,
        "p50_ms": 1000 * percentile(whole_s, 50),
        "p95_ms": 1000 * percentile(whole_s, 95),
        "n_painted": len(moves),
        "n_moves": timeline.n_moves,
        "window_ms": 1000 * window_s / timeline.n_moves,
    }


ALL = (hand_letter, hand_word, hand_people, hand_faces)
