"""The frames of one run, with everything needed to make the run again."""

import itertools
import json
import struct
import threading
import uuid
import weakref
from array import array
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from studio.core.frame import Frame, view_order
from studio.core.recording.delta import Delta, applied
from studio.core.recording.packing import Layout, layout_from_json, layout_to_json, pack_frame
from studio.core.recording.store import MEMORY_BYTES, FrameStore, Read
from studio.core.recording.view_codec import AnyArray, Piece, Spec
from studio.core.view import Bars, Tokens

RunKind = Literal["run", "path", "training"]
Curve: TypeAlias = npt.NDArray[np.float64]
KEY_FRAME_DISTANCE = 64
_HEADER = struct.Struct("<qqQIII")  # step, number of steps, place and length of the layout, number of arrays, label
_N_HEADER = 6
_MAX_LAYOUTS = 256


@dataclass(frozen=True)
class Branch:
    """Where a run left another one: it goes on from frame number `step` of the recording `parent_id`."""

    parent_id: str
    step: int


@dataclass(frozen=True)
class RunInfo:
    """What made a run, so that the same program on the same machine makes the same frames again.

    Attributes:
        model_id: "family/model"; `model_hash` is the SHA-256 of its weights file, in hexadecimal.
        backend: what decides the last bits: device, precision, threads, versions, batch shape.
        title: a few plain words; `state`: what the panel needs to show the run (positions, camera), as JSON values.
        fps: how fast it is meant to be played.
    """

    model_id: str
    params: Mapping[str, Any]
    seed: int
    backend: Mapping[str, Any] = field(default_factory=dict)
    model_hash: str = ""
    kind: RunKind = "run"
    title: str = ""
    branch: Branch | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    state: Mapping[str, Any] = field(default_factory=dict)
    fps: float = 30.0


@lru_cache(256)
def _record_form(n_arrays: int, n_scalars: int) -> struct.Struct:
    """The record of a frame: the header, the places of its arrays, its figures; the label comes after it."""
    return struct.Struct(f"{_HEADER.format}{n_arrays}Q{n_scalars}d")


class StoredFrame(NamedTuple):
    """A frame as a recording keeps it: its layout, where its arrays lie, and its figures."""

    step: int
    n_steps: int
    label: str
    layout: Layout
    places: tuple[int, ...]
    scalars: tuple[float, ...]


class _KeptLayout(NamedTuple):
    place: int
    n_bytes: int
    layout: Layout


class Recording:
    """The frames of a run, of which none is ever dropped: one thread appends, others read any frame at once.

    Arrays are kept as bytes, in memory up to `memory_bytes` and then in a file (studio/core/recording/store.py). A view
    that is told as changes is kept whole in every 64th frame, so that any frame can be put together quickly. A frame
    is published by one step that the interpreter does at once, after all that it needs; so readers need no lock.
    """

    def __init__(self, info: RunInfo, memory_bytes: int = MEMORY_BYTES) -> None:
        self.info = info
        self._store = FrameStore(memory_bytes)
        self._lengths = array("I")  # of the frames' records, and where each one lies
        self._places = array("Q")
        self._known: dict[Spec, _KeptLayout] = {}
        self._layouts: dict[int, Layout] = {}
        self._kept: dict[tuple[int, str], tuple[object, int]] = {}
        self._names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._curves: dict[str, tuple[array[float], array[float]]] = {}
        self._last_put_together: tuple[int, Frame] | None = None
        self._is_finished = False
        self._is_closed = False
        self._n_holders = 0
        # Between a run and whoever closes its recording; readers never wait. A holder may go while it is held.
        self._lock = threading.RLock()

    # Writing

    def append(self, frame: Frame) -> None:
        """Add the next frame; a closed recording takes no notice, since nobody will look at it.

        Raises ValueError where a view is not made as its class says or nothing is there to be changed, and UserError
        where the disk is full; the recording then stays as it was.
        """
        with self._lock:
            if not self._is_closed:
                self._append(frame)

    def _append(self, frame: Frame) -> None:
        frame = self._checked(frame)
        order = view_order(self._names[0], frame)
        packed = pack_frame(frame, order)
        layout = self._keep_layout(packed.spec)
        kept: dict[tuple[int, str], tuple[object, int]] = {}
        places = tuple([self._keep_piece(piece, kept) for piece in packed.pieces])
        self._kept = kept
        stored = StoredFrame(frame.step, frame.n_steps, frame.label, layout.layout, places, packed.scalars)
        self._publish(stored, layout)

    def finish(self) -> None:
        """Say that no more frames will come."""
        self._is_finished = True
        self._kept = {}

    def hold(self, holder: object) -> None:
        """Keep the frames as long as `holder` lives, also if the recording is closed meanwhile."""
        with self._lock:
            self._n_holders += 1
        weakref.finalize(holder, self._let_go)

    def _let_go(self) -> None:
        with self._lock:
            self._n_holders -= 1
            if self._is_closed and not self._n_holders:
                self._free()

    def close(self) -> None:
        """Free what it keeps, unless somebody holds it; afterwards it has no frames. Any thread may call it."""
        with self._lock:
            self.finish()
            self._is_closed = True
            if not self._n_holders:
                self._free()

    def _free(self) -> None:
        self._places, self._lengths = array("Q"), array("I")
        self._curves, self._last_put_together = {}, None
        self._store.close()

    def keep(self, data: bytes) -> int:
        """Keep the bytes of an array for a frame that is published later; returns their place."""
        return self._store.append(data)

    def publish(self, stored: StoredFrame) -> None:
        """Add a frame whose arrays are kept here already."""
        self._publish(stored, self._keep_layout(stored.layout.spec))

    def _publish(self, stored: StoredFrame, kept_layout: _KeptLayout) -> None:
        place, n_bytes, layout = kept_layout
        label = stored.label.encode("utf-8", "surrogatepass")
        _, _, _, _, places, scalars = stored
        form = _record_form(len(places), len(scalars))
        head = (stored.step, stored.n_steps, place, n_bytes, len(places), len(label))
        record = form.pack(*head, *places, *scalars) + label
        place = self._store.append(record)
        for name, value in zip(layout.scalar_names, stored.scalars, strict=True):
            steps, values = self._curves.setdefault(name, (array("d"), array("d")))
            values.append(value)
            steps.append(stored.step)
        self._names = (layout.order, layout.state_names)
        self._lengths.append(len(record))
        self._places.append(place)

    def _checked(self, frame: Frame) -> Frame:
        """Return what is to be kept: key frames are kept whole."""
        if self._is_finished:
            raise ValueError("nothing can be added to a finished recording")
        if frame.is_whole:
            return frame
        if len(self) % KEY_FRAME_DISTANCE == 0:
            return frame.after(self[-1] if len(self) else None)
        views, state = self._names
        missing = (frame.changes.keys() - set(views)) | (frame.state_changes.keys() - set(state))
        if missing:
            raise ValueError(f"there is nothing in the frame before that could change: {sorted(missing)}")
        return frame

    def _keep_layout(self, spec: Spec) -> _KeptLayout:
        """Return the layout of that description, kept here where it is new; raises ValueError for a bad one."""
        known = self._known.get(spec)
        if known is None:
            layout, data = Layout(spec), layout_to_json(spec)
            if len(self._known) >= _MAX_LAYOUTS:
                self._known.clear()
            self._known[spec] = known = _KeptLayout(self._store.append(data), len(data), layout)
        return known

    def _keep_piece(self, piece: Piece, kept: dict[tuple[int, str], tuple[object, int]]) -> int:
        """Keep an array unless the frame before had the very same object."""
        array = piece.array
        key = (id(piece.source), array.dtype.char)
        known = self._kept.get(key) or kept.get(key)
        if known is None:
            if not (array.flags.c_contiguous and array.dtype.isnative):
                array = np.array(array, array.dtype.newbyteorder("="), order="C")
            known = (piece.source, self._store.append(array.reshape(-1).view(np.uint8).data))
        kept[key] = known
        return known[1]

    # Reading

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended: by itself, stopped or failed."""
        return self._is_finished

    @property
    def n_bytes(self) -> int:
        """How much it keeps, in memory and on the disk."""
        return self._store.n_bytes

    @property
    def n_bytes_on_disk(self) -> int:
        """How much of that lies in its file in the cache folder."""
        return self._store.n_spilled_bytes

    @property
    def scalar_names(self) -> tuple[str, ...]:
        """The names of all figures so far, in the order of their first appearance."""
        return tuple(self._curves)

    def curve(self, name: str) -> tuple[Curve, Curve]:
        """Return steps (N,) and values (N,) of a figure, for the frames that have it; empty for an unknown name."""
        steps, values = self._curves.get(name, (array("d"), array("d")))
        known_steps = np.array(steps[:])  # the slice is a copy made at once, whatever is appended meanwhile
        return known_steps, np.array(values[: len(known_steps)])

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Frame:
        """Return a frame with everything whole; its arrays are its own. Negative indices count from the end."""
        index = range(len(self))[index]
        known_index, known = self._last_put_together or (-1, None)
        if known is not None and known_index == index:  # the head of a run is asked for by each part that shows it
            return _copied(known)
        stored = self.stored(index)
        layout = stored.layout
        read = self._store.read if layout.is_whole else self._read_ahead(index)
        chain = {index: stored}  # of the frames that were looked at on the way
        views = {name: self._whole(index, chain, "views", name, read) for name in layout.order}
        state = {name: self._whole(index, chain, "state", name, read) for name in layout.state_names}
        scalars = dict(zip(layout.scalar_names, stored.scalars, strict=True))
        frame = Frame(stored.step, stored.n_steps, stored.label, views, scalars, state if layout.has_state else None)
        if not layout.is_whole:
            self._last_put_together = (index, frame)
        return frame

    def __iter__(self) -> Iterator[Frame]:
        for index in itertools.count():
            if index >= len(self):
                return
            yield self[index]

    def stored(self, index: int) -> StoredFrame:
        """Return frame number `index` as it is kept, 0 <= index < len."""
        return self._stored(index, self._store.read)

    def _stored(self, index: int, read: Read) -> StoredFrame:
        record = read(self._places[index], self._lengths[index])
        step, n_steps, layout_place, n_layout_bytes, n_arrays, n_label = _HEADER.unpack_from(record)
        layout = self._layout(layout_place, n_layout_bytes)
        numbers = _record_form(n_arrays, layout.n_scalars).unpack_from(record)[_N_HEADER:]
        label = record[len(record) - n_label :].decode("utf-8", "surrogatepass")
        return StoredFrame(step, n_steps, label, layout, numbers[:n_arrays], numbers[n_arrays:])

    def read(self, place: int, n_bytes: int) -> bytearray:
        """Return the bytes that are kept at a place."""
        return self._store.read(place, n_bytes)

    def _layout(self, place: int, n_bytes: int) -> Layout:
        layout = self._layouts.get(place)
        if layout is None:
            layout = layout_from_json(json.loads(self._store.read(place, n_bytes)))
            if len(self._layouts) >= _MAX_LAYOUTS:
                self._layouts = {}
            self._layouts[place] = layout
        return layout

    def _read_ahead(self, index: int) -> Read:
        """Return `read` for the frames from the last key frame up to this one, whose parts lie side by side."""
        key = index - index % KEY_FRAME_DISTANCE
        start = self._places[key - 1] + self._lengths[key - 1] if key else 0
        return self._store.read_ahead(start, self._places[index] + self._lengths[index])

    def _whole(
        self, index: int, chain: dict[int, StoredFrame], group: Literal["views", "state"], name: str, read: Read
    ) -> Any:
        """Return a view or an array of the state: the last one that is kept whole, and the changes after it."""
        changes: list[Delta] = []
        last_index, last_frame = self._last_put_together or (-1, None)
        while name not in (stored := chain.get(index) or self._stored(index, read)).layout.groups[group]:
            if stored.layout.is_whole:
                raise ValueError(f"there is nothing whole that “{name}” could change")
            chain[index] = stored
            changes.append(_part(stored, "changes" if group == "views" else "state_changes", name, read))
            index -= 1
            if index == last_index and last_frame is not None:
                return applied(getattr(last_frame, group)[name], changes[::-1])
        return applied(_part(stored, group, name, read), changes[::-1])


def _copied(frame: Frame) -> Frame:
    """The same with arrays of its own."""
    views = {name: view if isinstance(view, Tokens | Bars) else deepcopy(view) for name, view in frame.views.items()}
    state = None if frame.state is None else {name: array.copy() for name, array in frame.state.items()}
    return replace(frame, views=views, state=state)


def _part(stored: StoredFrame, group: str, name: str, read: Read) -> Any:
    """Return a view, an array or a change of a frame."""
    slots, places = stored.layout.slots, stored.places

    def fetch(number: int) -> AnyArray:
        slot = slots[number]
        data = read(places[number], slot.n_bytes)
        return np.frombuffer(data, slot.dtype).reshape(slot.shape)

    return stored.layout.unpack(group, name, fetch)
