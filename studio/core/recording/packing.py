"""Takes frames apart into arrays and a layout, which says what each array is; frames of a run mostly share one."""

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from studio.core.frame import Frame
from studio.core.recording.view_codec import (
    ANY_ARRAY,
    CHANGE,
    VIEW,
    AnyArray,
    Codec,
    Piece,
    Slot,
    Spec,
    check_names,
)

_CODECS: Mapping[str, Codec] = {"views": VIEW, "changes": CHANGE, "state": ANY_ARRAY, "state_changes": CHANGE}
MAX_SLOTS = 10_000


class Packed(NamedTuple):
    """A frame taken apart: the description of its layout, its arrays in that order, and its figures."""

    spec: Spec
    pieces: list[Piece]
    scalars: tuple[float, ...]


class _Entry(NamedTuple):
    codec: Codec
    spec: Spec
    first: int  # its first slot among those of the whole frame


def pack_frame(frame: Frame, order: tuple[str, ...]) -> Packed:
    """Take `frame` apart; `order` is that of its views once they are whole."""
    pieces: list[Piece] = []
    views = _pack_group(frame.views, VIEW, pieces)
    changes = _pack_group(frame.changes, CHANGE, pieces)
    state = None if frame.state is None else _pack_group(frame.state, ANY_ARRAY, pieces)
    state_changes = _pack_group(frame.state_changes, CHANGE, pieces)
    scalars = frame.scalars
    spec = (views, changes, state, state_changes, order, tuple(scalars))
    return Packed(spec, pieces, tuple(map(float, scalars.values())))


def _pack_group(values: Mapping[str, Any], codec: Codec, pieces: list[Piece]) -> Spec:
    return tuple([(name, codec.pack(value, pieces)) for name, value in values.items()]) if values else ()


class Layout:
    """What the arrays of a frame are: the slot of each, and the views and the state that they make up.

    Attributes:
        slots: type and shape of each array.
        order: the names of the views, once they are whole.
        groups: the parts of "views", "changes", "state" and "state_changes", by name.
    """

    def __init__(self, spec: Spec) -> None:
        """Check a description, which may come from a file; raises ValueError where it makes no sense."""
        if not isinstance(spec, tuple) or len(spec) != len(_CODECS) + 2:
            raise ValueError("not the layout of a frame")
        *groups, self.order, self.scalar_names = spec
        self.spec = spec
        self.slots: list[Slot] = []
        self.has_state = groups[2] is not None or bool(groups[3])
        self.groups = {
            name: self._read_group(group, codec) for group, (name, codec) in zip(groups, _CODECS.items(), strict=True)
        }
        self._check()
        self.is_whole = not self.groups["changes"] and not self.groups["state_changes"]
        self.n_scalars = len(self.scalar_names)
        self.state_names = tuple({**self.groups["state"], **self.groups["state_changes"]})

    def unpack(self, group: str, name: str, fetch: Callable[[int], AnyArray]) -> Any:
        """Return one part; `fetch(number)` hands out the array of a slot."""
        entry = self.groups[group][name]
        numbers = itertools.count(entry.first)
        return entry.codec.unpack(entry.spec, lambda: fetch(next(numbers)))

    def _read_group(self, group: Spec, codec: Codec) -> dict[str, _Entry]:
        entries = {}
        check_names(group or ())
        for name, spec in group or ():
            first = len(self.slots)
            for slot in codec.check(spec):
                self.slots.append(slot)
                if len(self.slots) > MAX_SLOTS:
                    raise ValueError("a frame of absurdly many arrays")
            entries[name] = _Entry(codec, spec, first)
        return entries

    def _check(self) -> None:
        check_names(tuple((name, None) for name in self.scalar_names))
        check_names(tuple((name, None) for name in self.order))
        views, changes, state, state_changes = self.groups.values()
        if set(self.order) != views.keys() | changes.keys() or len(self.order) != len(views) + len(changes):
            raise ValueError("the order of the views does not name each of them once")
        if state.keys() & state_changes.keys():
            raise ValueError("an array of the state is there twice")


def layout_to_json(spec: Spec) -> bytes:
    """The description of a layout as JSON."""
    return json.dumps(spec, separators=(",", ":")).encode("ascii")


def layout_from_json(values: Any) -> Layout:
    """The layout that parsed JSON describes; raises ValueError where it makes no sense."""
    return Layout(_as_tuples(values))


def _as_tuples(values: Any) -> Any:
    return tuple(map(_as_tuples, values)) if isinstance(values, list) else values
