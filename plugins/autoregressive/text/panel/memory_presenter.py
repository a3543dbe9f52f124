"""Keeps the strip, the tints and the curve in step with the text and the memory: the text is read again at rest."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from studio.api.engine import Policy
from studio.api.panel import EngineTasks
from studio.core.translation import _

from ..params import TextParams
from ..state import MemoryBits, Reread, XLTextModelInfo, XLTextTrace
from .memory_strip import MemoryStrip, StripScene
from .sections import MemorySection

if TYPE_CHECKING:
    from ..engine import XLTextEngine

REREAD: Final = "reread"
CURVE: Final = "memory curve"


def model_info(engine: "XLTextEngine") -> XLTextModelInfo:
    """What there is to know of the open model."""
    return engine.about()


def passage(engine: "XLTextEngine", number: int) -> str:
    """Some lines that the model never saw."""
    return engine.passage(number)


def reread(
    engine: "XLTextEngine", ids: Sequence[int], n_memory: int, cut: int, key: Any
) -> Generator[None, None, tuple[Any, Reread]]:
    """A text with so much memory; what it was asked for comes back with it."""
    return key, (yield from engine.reread(ids, n_memory, cut))


def memory_bits(
    engine: "XLTextEngine", ids: Sequence[int], lengths: Sequence[int], cut: int, key: Any
) -> Generator[None, None, MemoryBits]:
    """What a token of a text costs with each length of memory."""
    found = []
    for length in lengths:
        surprise = yield from engine.surprises(ids, length, cut)
        found.append(float(surprise[1:].mean()) if len(surprise) > 1 else 0.0)
    return MemoryBits(key, tuple(lengths), tuple(found))


@dataclass(frozen=True)
class RereadRequest:
    """Whether the text rests, so that it may be read again, and whether its run had the memory that is set now."""

    is_resting: bool
    is_as_written: bool


class MemoryPresenter(QObject):
    """Signals: found(): the text was read again. failed(error)."""

    found = Signal()
    failed = Signal(object)

    def __init__(self, strip: MemoryStrip, section: MemorySection, tasks: EngineTasks, parent: QObject) -> None:
        super().__init__(parent)
        self._strip, self._section, self._tasks = strip, section, tasks
        self._wanted: Any = None
        self._known: tuple[Any, Reread] | None = None
        self._curve: MemoryBits | None = None
        self.n_seen = 1
        """How many tokens the one that is looked at sees, itself included."""

    def reread_of(self, trace: XLTextTrace, params: TextParams) -> Reread | None:
        """What is known of this very text with this memory."""
        known = self._known
        return known[1] if known is not None and known[0] == _key(trace, params) else None

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be found."""
        return self._tasks.is_running(REREAD) or self._tasks.is_running(CURVE)

    def show(
        self, trace: XLTextTrace, place: int, about: XLTextModelInfo, params: TextParams, asked: RereadRequest
    ) -> None:
        """The text on screen with the token that is looked at; ask for what is not known of it once it rests."""
        key = _key(trace, params)
        if asked.is_resting and key != self._wanted:
            self._ask(trace, about, params, key, asked.is_as_written)
        self._section.show_memory(params.memory, params.cut > 0)
        self._section.show_bits(
            self._curve if self._curve and self._curve.key == key[::2] else None, self._words(trace, params)
        )
        scene = self._scene(trace, place, about, params)
        self.n_seen = place + 1 - scene.first_seen
        self._strip.show_scene(scene, about.n_memory)

    def _ask(
        self, trace: XLTextTrace, about: XLTextModelInfo, params: TextParams, key: Any, is_as_written: bool
    ) -> None:
        was, self._wanted = self._wanted, key
        ids = trace.ids.tolist()
        if is_as_written:  # its run knows all of this
            self._tasks.cancel(REREAD)
        else:
            call = partial(reread, ids=ids, n_memory=params.memory, cut=params.cut, key=key)
            self._tasks.ask(REREAD, call, Policy.RESTART, done=self._on_reread, failed=self._on_failed)
        if was is None or was[::2] != key[::2]:  # the curve is of all lengths
            lengths = [n for n in (0, 1, 2, 4, 8) if n * about.n_segment <= about.n_memory]
            asked = partial(
                memory_bits, ids=ids, lengths=[n * about.n_segment for n in lengths], cut=params.cut, key=key[::2]
            )
            self._tasks.ask(CURVE, asked, Policy.RESTART, done=self._on_curve, failed=self._on_failed)

    def _scene(self, trace: XLTextTrace, place: int, about: XLTextModelInfo, params: TextParams) -> StripScene:
        n_blocks, found = -(-len(trace) // about.n_segment), self.reread_of(trace, params)
        shares, bits = (trace.looked, trace.surprise) if found is None else (found.looked, found.surprise)
        own, looked = place // about.n_segment, np.zeros(n_blocks, np.float32)
        n_back = min(own + 1, shares.shape[1])
        looked[own + 1 - n_back : own + 1] = shares[place][:n_back][::-1]
        groups = np.arange(len(bits)) // about.n_segment
        is_known = bits >= 0
        counts = np.maximum(np.bincount(groups, is_known, n_blocks), 1)
        costs = (np.bincount(groups, np.where(is_known, bits, 0), n_blocks) / counts).astype(np.float32)
        cut = params.cut // about.n_segment * about.n_segment
        memory = min(params.memory, about.n_memory)
        return StripScene(about.n_segment, len(trace), place, memory, cut, looked, costs)

    def _words(self, trace: XLTextTrace, params: TextParams) -> str:
        found = self.reread_of(trace, params)
        bits = trace.surprise if found is None else found.surprise
        if len(trace) < 2:
            return ""
        text = _("With this memory a token of the text costs {n:.2f} bits on average.")
        return text.format(n=float(bits[1:].mean()))

    def _on_reread(self, news: tuple[Any, Reread]) -> None:
        if news[0] == self._wanted:
            self._known = news
            self.found.emit()

    def _on_curve(self, news: MemoryBits) -> None:
        self._curve = news
        self.found.emit()

    def _on_failed(self, error: BaseException) -> None:
        self._wanted = None
        self.failed.emit(error)


def _key(trace: XLTextTrace, params: TextParams) -> tuple[bytes, int, int]:
    """A text, how much is remembered, and where that is cut."""
    return trace.ids.tobytes(), params.memory, params.cut
