"""The runs of one panel as tracks: named, coloured, hidden, pinned, deleted, every edit an undo step."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from studio.commands.undo import Step, UndoStack
from studio.core.listener import Listeners
from studio.core.recording.recording import Recording
from studio.core.translation import N_, _, translate

N_COLOURS: Final = 6
MAX_PINNED: Final = 2
MAX_AUTOMATIC: Final = 12
MAX_NAME_LENGTH: Final = 60
_KINDS: Final = {"run": N_("Run {n}"), "path": N_("Path {n}"), "training": N_("Training {n}")}


@dataclass(frozen=True, eq=False)
class Track:
    """A run of the panel as a person sees it.

    Attributes:
        recording: its frames.
        name: unique in its list.
        colour: 0 .. 5, an index into the theme's palette of tracks.
        offset: where its first frame stands in frames of the run that it grew from, through all generations of
            branches; 0 for a run of its own.
        number: the place in the order of creation.
        first_number: what the first frame of an unbranched run of its kind is called.
        is_named: whether a person gave the name; such a track is never removed by itself.
        is_hidden: whether the timeline leaves it out.
        is_pinned: whether it is one of the two that are compared.
    """

    recording: Recording
    name: str
    colour: int
    offset: int = 0
    number: int = 0
    first_number: int = 1
    is_named: bool = False
    is_hidden: bool = False
    is_pinned: bool = False

    @property
    def id(self) -> str:
        """The id of its run, by which a list knows it."""
        return self.recording.info.id


@dataclass(frozen=True)
class KeptRun:
    """What is remembered of a track besides its recording, until the program is started again."""

    id: str
    name: str
    is_named: bool = False
    is_hidden: bool = False
    is_pinned: bool = False
    is_current: bool = False


@dataclass(frozen=True, eq=False)
class _Side:
    """How the tracks that an edit touches, by id, are before it or after it; None stands for one that is not there."""

    tracks: Mapping[str, Track | None]
    pinned: tuple[str, ...]
    current: str | None


class TrackList:
    """The tracks of a panel, the oldest first, one of them current. Main thread only.

    A track is known by its id: an edit replaces the track, so that one read before the edit still names it, as does
    the id alone.
    Recordings belong to the list: it closes them when neither it nor a step that could bring them back needs them.
    """

    def __init__(self, undo: UndoStack, max_automatic: int = MAX_AUTOMATIC, first_number: int = 1) -> None:
        """Of the finished tracks that nobody named, pinned or looks at, the newest `max_automatic` are kept."""
        self._undo, self._max_automatic, self._first_number = undo, max_automatic, first_number
        self._tracks: tuple[Track, ...] = ()
        self._recordings: dict[str, Recording] = {}  # of the tracks, and of those that a step can bring back
        self._pinned: tuple[str, ...] = ()  # the one pinned first comes first
        self._current: str | None = None
        self._n_added = 0
        self._n_of_kind: Counter[str] = Counter()
        self._n_steps_with: Counter[str] = Counter()
        self._changed: Listeners[[]] = Listeners()

    def __len__(self) -> int:
        return len(self._tracks)

    def __iter__(self) -> Iterator[Track]:
        return iter(self._tracks)

    def __getitem__(self, index: int) -> Track:
        return self._tracks[index]

    @property
    def current(self) -> Track | None:
        """The track that is shown, or None where there is none at all."""
        return None if self._current is None else self.find(self._current)

    @property
    def pinned(self) -> tuple[Track, ...]:
        """The pinned tracks, at most two, the oldest run first."""
        return tuple(track for track in self._tracks if track.is_pinned)

    def find(self, track_id: str) -> Track | None:
        """Return the track of a run, or None."""
        return next((track for track in self._tracks if track.id == track_id), None)

    def replaceable(self, track_id: str) -> Track | None:
        """The track of a run that nothing hangs on: it is neither pinned nor named, and no run branches off it."""
        track = self.find(track_id)
        if track is None or track.is_pinned or track.is_named:
            return None
        parents = {other.recording.info.branch.parent_id for other in self if other.recording.info.branch}
        return None if track.id in parents else track

    def add(self, recording: Recording, name: str = "", *, is_step: bool = False) -> Track:
        """Put a run at the end and make it the current one; without a name it gets a readable one.

        A run that starts by itself is no undo step; one that a person brought in (`is_step`) can be taken back.
        Old tracks beyond the bound go. A run that is in the list already, such as a file opened twice, becomes the
        current one as it is, and the second recording of it is closed.
        """
        known = self.find(recording.info.id)
        if known is not None:
            if known.recording is not recording:
                recording.close()
            self._apply(self._side({}), _Side({}, self._pinned, known.id))
            return known
        track = self._made(recording, name)
        self._keep(recording)
        after = _Side({track.id: track}, self._pinned, track.id)
        if is_step:
            self._do(N_("Add {name}"), track, after)
        else:
            self._apply(self._side({track.id: None}), after)
        self._trim()
        return track

    def kept(self) -> tuple[KeptRun, ...]:
        """What there is to remember of the tracks that have frames."""
        return tuple(
            KeptRun(one.id, one.name, one.is_named, one.is_hidden, one.is_pinned, one.id == self._current)
            for one in self
            if len(one.recording)
        )

    def bring_back(self, kept: Sequence[tuple[KeptRun, Recording]], gone: Collection[str]) -> None:
        """Put runs of an earlier time before those of now, which is no undo step; the tracks named by `gone` leave."""
        now = [track for track in self._tracks if track.id not in gone]
        self._tracks = ()
        for run, recording in kept:
            self._keep(recording)
            made = replace(self._made(recording, run.name), is_named=run.is_named, is_hidden=run.is_hidden)
            self._tracks = (*self._tracks, replace(made, is_pinned=run.is_pinned))
        for track in now:
            self._n_added += 1
            self._put(track.id, replace(track, number=self._n_added), is_new=True)
        self._pinned = tuple(track.id for track in self._tracks if track.is_pinned)[-MAX_PINNED:]
        chosen = next((run.id for run, _ in kept if run.is_current), None)
        self._current = chosen or (self._current if self._current not in gone else None) or self._tracks[-1].id
        for track_id in gone:
            self._close_if_unneeded(track_id)
        self._changed.notify()

    def rerecord(self, track: Track, recording: Recording) -> None:
        """Give a track another recording of the same run, made anew with other settings; no undo step.

        Its name follows the recording's where that has another title, unless a person gave it.
        """
        now = self._now(track)
        if recording.info.id != now.id:
            raise ValueError("the recording is of another run")
        title = _tidy(recording.info.title)
        if title != _tidy(self._recordings[now.id].info.title) and title and not now.is_named:
            now = replace(now, name=self._free_name(title, now.id))
        self._keep(recording)
        self._put(now.id, now, is_new=False)
        self._changed.notify()

    def _keep(self, recording: Recording) -> None:
        """Hold the recording of a run, in place of an older one of the same run."""
        older = self._recordings.get(recording.info.id)
        self._recordings[recording.info.id] = recording
        if older is not None and older is not recording:
            older.close()

    def _made(self, recording: Recording, name: str) -> Track:
        branch = recording.info.branch
        parent = None if branch is None else self.find(branch.parent_id)
        offset = 0 if branch is None else branch.step + (parent.offset if parent else 0)
        self._n_added += 1
        return Track(
            recording,
            self._free_name(_tidy(name) or _tidy(recording.info.title) or self._automatic_name(recording)),
            self._free_colour(),
            offset,
            self._n_added,
            self._number_of_first(recording),
            is_named=bool(_tidy(name)),
        )

    def _number_of_first(self, recording: Recording) -> int:
        return self._first_number if recording.info.kind == "run" else 1

    def _automatic_name(self, recording: Recording) -> str:
        info = recording.info
        if info.branch is not None:
            return _("Branch at step {n}").format(n=info.branch.step + self._number_of_first(recording))
        self._n_of_kind[info.kind] += 1
        return translate(_KINDS[info.kind]).format(n=self._n_of_kind[info.kind])

    def _free_name(self, wanted: str, owner: str = "") -> str:
        taken = {track.name for track in self._tracks if track.id != owner}
        name, n = wanted, 1
        while name in taken:
            n += 1
            name = f"{wanted} ({n})"
        return name

    def _free_colour(self) -> int:
        """The colour that the fewest tracks have; of several the next one after the newest track's."""
        used = Counter(track.colour for track in self._tracks)
        newest = self._tracks[-1].colour if self._tracks else -1
        return min(range(N_COLOURS), key=lambda colour: (used[colour], (colour - newest - 1) % N_COLOURS))

    def rename(self, track: Track | str, name: str) -> None:
        """Give a track a person's name, kept to one line and made unique; an empty one changes nothing."""
        now, tidy = self._now(track), _tidy(name)
        if tidy and tidy != now.name:
            renamed = replace(now, name=self._free_name(tidy, now.id), is_named=True)
            self._do(N_("Rename {name}"), now, self._side({now.id: renamed}))

    def hide(self, track: Track | str, is_hidden: bool = True) -> None:
        """Leave a track out of the timeline, or show it again."""
        now = self._now(track)
        if now.is_hidden != is_hidden:
            title = N_("Hide {name}") if is_hidden else N_("Show {name}")
            self._do(title, now, self._side({now.id: replace(now, is_hidden=is_hidden)}))

    def pin(self, track: Track | str, is_pinned: bool = True) -> None:
        """Choose a track to compare, or release it; a third one releases the one that was pinned first."""
        now = self._now(track)
        if now.is_pinned == is_pinned:
            return
        rest = self._pinned_without(now)
        pinned = (*rest, now.id)[-MAX_PINNED:] if is_pinned else rest
        self._pin_only(N_("Pin {name}") if is_pinned else N_("Unpin {name}"), now, pinned)

    def compare(self, track: Track, other: Track) -> None:
        """Pin these two and no other, in one step."""
        pinned = (self._now(track).id, self._now(other).id)
        if set(pinned) != set(self._pinned):
            self._pin_only(N_("Compare {name}"), self._now(other), pinned)

    def unpin_all(self) -> None:
        """End the comparison, in one step."""
        if self._pinned:
            self._pin_only(N_("Stop comparing {name}"), self.pinned[-1], ())

    def _pin_only(self, title: str, named: Track, pinned: tuple[str, ...]) -> None:
        touched = [track for track in self._tracks if track.is_pinned != (track.id in pinned)]
        turned = {track.id: replace(track, is_pinned=not track.is_pinned) for track in touched}
        self._do(title, named, _Side(turned, pinned, self._current))

    def delete(self, track: Track | str) -> None:
        """Take a track out; undo brings it back as it was, with all its frames. Stop a run that grows before."""
        now = self._now(track)
        after = _Side({now.id: None}, self._pinned_without(now), self._neighbour(now))
        self._do(N_("Delete {name}"), now, after)

    def _pinned_without(self, track: Track) -> tuple[str, ...]:
        return tuple(pinned for pinned in self._pinned if pinned != track.id)

    def _neighbour(self, gone: Track) -> str | None:
        """What becomes current where `gone` goes: the next track that is not hidden, else the one before."""
        if self._current != gone.id:
            return self._current
        later = [t for t in self._tracks if t.number > gone.number]
        earlier = [t for t in reversed(self._tracks) if t.number < gone.number]
        order = sorted([*later, *earlier], key=lambda t: t.is_hidden)
        return order[0].id if order else None

    def select(self, track: Track | str) -> None:
        """Make a track the current one."""
        now = self._now(track)
        if now.id != self._current:
            after = _Side({}, self._pinned, now.id)
            if self._undo.is_replaying:  # it comes of the step that is taken back or made again
                self._apply(self._side({}), after)
            else:
                self._do(N_("Go to {name}"), now, after)

    def _now(self, track: Track | str) -> Track:
        now = self.find(track if isinstance(track, str) else track.id)
        if now is None:
            raise ValueError(f"{track if isinstance(track, str) else track.name} is not in the list")
        return now

    def _side(self, tracks: Mapping[str, Track | None]) -> _Side:
        return _Side(tracks, self._pinned, self._current)

    def _do(self, title: str, track: Track, after: _Side) -> None:
        before = self._side({track_id: self.find(track_id) for track_id in after.tracks})
        self._n_steps_with.update(after.tracks.keys())
        self._apply(before, after)
        undo, redo = partial(self._apply, after, before), partial(self._apply, before, after)
        forget = partial(self._forget, tuple(after.tracks))
        self._undo.push(Step(translate(title).format(name=track.name), undo, redo, forget=forget))

    def _apply(self, old: _Side, new: _Side) -> None:
        """Go from one side of an edit to the other; a track that went by itself meanwhile stays away."""
        for track_id, track in new.tracks.items():
            self._put(track_id, track, is_new=old.tracks[track_id] is None)
        if new.pinned != old.pinned:
            self._pinned = tuple(pinned for pinned in new.pinned if self.find(pinned))
        if new.current != old.current:
            self._current = new.current
        if self.current is None:
            self._current = self._tracks[-1].id if self._tracks else None
        self._changed.notify()

    def _put(self, track_id: str, track: Track | None, is_new: bool) -> None:
        rest = [other for other in self._tracks if other.id != track_id]
        if track is not None and (is_new or len(rest) < len(self._tracks)):
            name, recording = self._free_name(track.name, track_id), self._recordings[track_id]
            is_as_it_was = name == track.name and recording is track.recording
            rest.append(track if is_as_it_was else replace(track, name=name, recording=recording))
        self._tracks = tuple(sorted(rest, key=lambda other: other.number))

    def _trim(self) -> None:
        """Take out the oldest finished tracks beyond the bound that nobody named, pinned or looks at."""
        spare = [track for track in self._tracks if self._is_spare(track)]
        gone = spare[: max(0, len(spare) - self._max_automatic)]
        if gone:
            self._tracks = tuple(track for track in self._tracks if track not in gone)
            for track in gone:
                self._close_if_unneeded(track.id)
            self._changed.notify()

    def _is_spare(self, track: Track) -> bool:
        is_chosen = track.is_named or track.is_pinned or track.id == self._current
        return track.recording.is_finished and not is_chosen

    def _forget(self, track_ids: tuple[str, ...]) -> None:
        self._n_steps_with.subtract(track_ids)
        for track_id in track_ids:
            self._close_if_unneeded(track_id)

    def _close_if_unneeded(self, track_id: str) -> None:
        is_needed = self._n_steps_with[track_id] > 0 or self.find(track_id) is not None
        if not is_needed and track_id in self._recordings:
            del self._n_steps_with[track_id]
            self._recordings.pop(track_id).close()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change; returns a function that ends this."""
        return self._changed.add(listener)

    def close(self) -> None:
        """Let go of every track; recordings that a step could still bring back follow when it leaves the stack."""
        self._changed.clear()
        tracks, self._tracks, self._pinned, self._current = self._tracks, (), (), None
        for track in tracks:
            self._close_if_unneeded(track.id)


def _tidy(name: str) -> str:
    return " ".join(name.split())[:MAX_NAME_LENGTH].strip()
