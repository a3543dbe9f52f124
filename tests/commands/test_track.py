"""The list of tracks against hand-made cases, random edits taken back and made again, and who closes what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.commands.track import N_COLOURS, TrackList
from studio.commands.undo import Step, UndoStack
from studio.core.frame import Frame
from studio.core.recording.recording import Branch, Recording, RunInfo


class Watched(Recording):
    """A recording that says whether it was closed."""

    is_closed = False

    def close(self) -> None:
        assert not self.is_closed, "closed twice"
        self.is_closed = True
        super().close()


def run(is_finished: bool = True, **changes) -> Watched:
    recording = Watched(RunInfo("vae/digits", {}, seed=1, **changes))
    recording.append(Frame(0, 1))
    if is_finished:
        recording.finish()
    return recording


def is_closed(recording: Recording) -> bool:
    assert isinstance(recording, Watched)
    return recording.is_closed


def branch(parent: Recording, step: int) -> Watched:
    return run(branch=Branch(parent.info.id, step))


@pytest.fixture
def undo():
    return UndoStack()


@pytest.fixture
def tracks(undo):
    return TrackList(undo)


def names(tracks: TrackList) -> list[str]:
    return [track.name for track in tracks]


def test_an_empty_list_has_no_current_track(tracks):
    assert (tracks.current, tracks.pinned, len(tracks)) == (None, (), 0)


def test_branches_are_named_by_the_step_that_they_leave_at():
    tracks = TrackList(UndoStack(), first_number=0)
    parent, path = run(), run(kind="path")
    for recording in (parent, path, branch(parent, 11)):
        tracks.add(recording)
    assert names(tracks) == ["Run 1", "Path 1", "Branch at step 11"]


def test_runs_stand_in_order_with_readable_names(tracks):
    parent = run()
    tracks.add(parent)
    tracks.add(run(kind="path"))
    tracks.add(branch(parent, 11))
    tracks.add(branch(parent, 11))
    tracks.add(run(kind="training"))
    tracks.add(run(title="The sea,\n twice"))
    tracks.add(run())
    assert names(tracks) == [
        "Run 1",
        "Path 1",
        "Branch at step 12",
        "Branch at step 12 (2)",
        "Training 1",
        "The sea, twice",
        "Run 2",
    ]
    assert tracks.current is tracks[6]


def test_a_run_that_starts_is_no_step(tracks, undo):
    tracks.add(run())
    assert len(undo) == 0


def test_a_run_brought_in_can_be_taken_back(tracks, undo):
    tracks.add(run())
    added = tracks.add(run(), "From a file", is_step=True)
    assert undo.undo_title == "Add From a file"
    undo.undo()
    assert names(tracks) == ["Run 1"]
    assert tracks.current is tracks[0]
    undo.redo()
    assert names(tracks) == ["Run 1", "From a file"]
    assert tracks.current is added


def test_a_recording_stands_in_the_list_once(tracks):
    first = tracks.add(run())
    tracks.add(run())
    assert tracks.add(first.recording) is first
    assert len(tracks) == 2
    assert tracks.current is first


def test_a_run_loaded_twice_stands_in_the_list_once(tracks, undo):
    first, again = run(id="x"), run(id="x")
    track = tracks.add(first, is_step=True)
    tracks.add(run())
    assert tracks.add(again) is track
    assert (first.is_closed, again.is_closed) == (False, True)
    once_more = run(id="x")
    tracks.delete(track)
    assert tracks.add(once_more).recording is once_more
    assert (first.is_closed, once_more.is_closed) == (True, False)


def test_the_name_of_a_track_follows_another_title_unless_a_person_gave_it(tracks):
    track = tracks.add(run(id="x", title="Odd one out"))
    tracks.rerecord(track, run(id="x", title="Holidays"))
    assert tracks[0].name == "Holidays"
    tracks.rename(track, "Mine")
    tracks.rerecord(track, run(id="x", title="Icons"))
    assert tracks[0].name == "Mine"


def test_a_run_made_anew_takes_the_place_of_the_old_recording(tracks, undo):
    old, new = run(id="x"), run(id="x")
    track = tracks.add(old, is_step=True)
    tracks.rename(track, "a")
    tracks.rerecord(track, new)
    assert tracks[0].recording is new
    assert (old.is_closed, new.is_closed) == (True, False)
    while undo.undo():
        pass
    while undo.redo():
        pass
    assert tracks[0].recording is new
    assert tracks[0].name == "a"
    with pytest.raises(ValueError, match="another run"):
        tracks.rerecord(track, run())


def test_branches_know_where_they_hang(tracks):
    root = tracks.add(run())
    child = tracks.add(branch(root.recording, 12))
    grandchild = tracks.add(branch(child.recording, 5))
    assert [track.offset for track in tracks] == [0, 12, 17]
    tracks.delete(child)
    assert grandchild.offset == 17


def test_a_branch_without_its_parent_hangs_at_its_step(tracks):
    assert tracks.add(branch(run(), 7)).offset == 7


def test_what_nothing_hangs_on_can_be_made_anew(tracks):
    parent, named, pinned, free = (tracks.add(run()) for _ in range(4))
    tracks.add(branch(parent.recording, 3))
    tracks.rename(named, "Mine")
    tracks.pin(pinned)
    assert [tracks.replaceable(track.id) for track in (parent, named, pinned)] == [None] * 3
    assert tracks.replaceable(free.id) is free
    assert tracks.replaceable("nobody") is None


def test_six_runs_have_six_colours_and_a_freed_one_is_used_again(tracks):
    for _ in range(N_COLOURS):
        tracks.add(run())
    assert sorted(track.colour for track in tracks) == list(range(N_COLOURS))
    gone = tracks[2]
    tracks.delete(gone)
    assert tracks.add(run()).colour == gone.colour


def test_a_name_stays_on_one_line_and_unique(tracks, undo):
    first, second = tracks.add(run()), tracks.add(run())
    tracks.rename(first, "  the\n sea ")
    tracks.rename(second, "the sea")
    assert names(tracks) == ["the sea", "the sea (2)"]
    tracks.rename(second, "  ")
    tracks.rename(second, "x" * 1000)
    assert len(tracks[1].name) == 60
    assert [undo.undo() for _ in range(4)] == [True, True, True, False]
    assert names(tracks) == ["Run 1", "Run 2"]


def test_a_track_read_before_an_edit_still_names_it(tracks):
    first = tracks.add(run())
    tracks.rename(first, "a")
    tracks.hide(first)
    tracks.pin(first)
    now = tracks.find(first.id)
    assert (now.name, now.is_hidden, now.is_pinned, now.is_named) == ("a", True, True, True)
    tracks.hide(first, False)
    tracks.pin(first, False)
    assert not tracks[0].is_hidden
    assert tracks.pinned == ()


def test_a_third_pin_releases_the_first(tracks, undo):
    a, b, c = (tracks.add(run()) for _ in range(3))
    tracks.pin(c)
    tracks.pin(a)
    tracks.pin(b)
    assert [track.recording for track in tracks.pinned] == [a.recording, b.recording]
    undo.undo()
    assert [track.recording for track in tracks.pinned] == [a.recording, c.recording]
    tracks.pin(b)
    tracks.pin(c)
    assert [track.recording for track in tracks.pinned] == [b.recording, c.recording]


def test_a_comparison_is_one_step_and_so_is_its_end(tracks, undo):
    a, b, c = (tracks.add(run()) for _ in range(3))
    tracks.pin(c)
    tracks.compare(a, b)
    tracks.compare(b, a)
    assert [track.id for track in tracks.pinned] == [a.id, b.id]
    tracks.unpin_all()
    tracks.unpin_all()
    assert tracks.pinned == ()
    assert (len(undo), undo.undo_title) == (3, "Stop comparing Run 2")
    undo.undo()
    assert [track.id for track in tracks.pinned] == [a.id, b.id]
    undo.undo()
    assert [track.id for track in tracks.pinned] == [c.id]


def test_edits_that_change_nothing_are_no_steps(tracks, undo):
    only = tracks.add(run())
    tracks.hide(only, False)
    tracks.pin(only, False)
    tracks.select(only)
    tracks.rename(only, only.name)
    assert len(undo) == 0


def test_a_deleted_track_comes_back_where_it_was(tracks, undo):
    a, b, c = (tracks.add(run()) for _ in range(3))
    tracks.select(b)
    tracks.pin(b)
    tracks.delete(b)
    assert names(tracks) == ["Run 1", "Run 3"]
    assert tracks.current is c
    assert tracks.pinned == ()
    tracks.add(run())
    undo.undo()
    assert names(tracks) == ["Run 1", "Run 2", "Run 3", "Run 4"]
    assert tracks.current.recording is b.recording
    assert not is_closed(b.recording)
    assert [track.recording for track in tracks.pinned] == [b.recording]
    tracks.delete(a)
    assert tracks.current.recording is b.recording


def test_the_last_track_goes_and_none_is_current(tracks, undo):
    only = tracks.add(run())
    tracks.delete(only)
    assert tracks.current is None
    undo.undo()
    assert tracks.current is only


def test_a_hidden_neighbour_is_the_last_choice(tracks):
    a, b, c = (tracks.add(run()) for _ in range(3))
    tracks.hide(c)
    tracks.select(b)
    tracks.delete(b)
    assert tracks.current is a


def test_an_unknown_track_is_a_mistake_of_the_caller(tracks):
    gone = tracks.add(run())
    tracks.delete(gone)
    with pytest.raises(ValueError, match="not in the list"):
        tracks.select(gone)


def test_a_deleted_recording_is_closed_when_its_step_leaves_the_stack():
    undo = UndoStack(capacity=2)
    tracks = TrackList(undo)
    a, b = tracks.add(run()), tracks.add(run())
    tracks.delete(a)
    tracks.pin(b)
    assert not is_closed(a.recording)
    tracks.pin(b, False)
    assert is_closed(a.recording)
    assert not is_closed(b.recording)


def test_an_added_recording_is_closed_when_redo_is_forgotten(tracks, undo):
    other = tracks.add(run())
    added = tracks.add(run(), is_step=True)
    undo.undo()
    assert not is_closed(added.recording)
    tracks.pin(other)
    assert is_closed(added.recording)


def test_a_recording_that_a_later_step_brings_back_stays_open():
    undo = UndoStack(capacity=1)
    tracks = TrackList(undo)
    added = tracks.add(run(), is_step=True)
    tracks.delete(added)
    assert not is_closed(added.recording)
    undo.undo()
    assert len(tracks) == 1
    undo.redo()
    undo.clear()
    assert is_closed(added.recording)


@pytest.mark.parametrize("stack_first", [True, False])
def test_closing_the_panel_closes_every_recording_once(stack_first, undo, tracks):
    a, b, c = (tracks.add(run(), is_step=True) for _ in range(3))
    tracks.rename(b, "b")
    tracks.delete(a)
    first, second = (undo, tracks) if stack_first else (tracks, undo)
    first.close()
    second.close()
    assert all(is_closed(track.recording) for track in (a, b, c))


def test_old_automatic_tracks_go_and_chosen_ones_stay(undo):
    tracks = TrackList(undo, max_automatic=2)
    named, pinned, growing = tracks.add(run()), tracks.add(run()), tracks.add(run(is_finished=False))
    tracks.rename(named, "keep me")
    tracks.pin(pinned)
    old = [tracks.add(run()) for _ in range(5)]
    kept = [named.recording, pinned.recording, growing.recording, *(track.recording for track in old[2:])]
    assert [track.recording for track in tracks] == kept
    assert [is_closed(track.recording) for track in old] == [True, True, False, False, False]


def test_a_given_name_keeps_a_track(undo):
    tracks = TrackList(undo, max_automatic=0)
    tracks.add(run(), "mine")
    tracks.add(run())
    tracks.add(run())
    assert names(tracks) == ["mine", "Run 2"]


def test_steps_about_a_track_that_went_by_itself_do_nothing_to_it(undo):
    tracks = TrackList(undo, max_automatic=0)
    first = tracks.add(run())
    tracks.hide(first)
    tracks.pin(first)
    tracks.pin(first, False)
    tracks.add(run())
    assert not is_closed(first.recording)
    while undo.undo():
        assert names(tracks) == ["Run 2"]
        assert tracks.pinned == ()
    while undo.redo():
        assert names(tracks) == ["Run 2"]
    undo.clear()
    assert is_closed(first.recording)


def test_a_name_taken_meanwhile_gets_a_number_when_a_track_comes_back(tracks, undo):
    first = tracks.add(run())
    tracks.rename(first, "a")
    tracks.delete(tracks[0])
    tracks.add(run(), "a")
    undo.undo()
    assert names(tracks) == ["a (2)", "a"]


def test_a_run_that_a_step_shows_once_more_is_no_step_of_its_own(tracks, undo):
    first, second = tracks.add(run()), tracks.add(run())
    undo.push(Step("hide", lambda: tracks.select(first), lambda: tracks.select(second)))
    undo.undo()
    assert tracks.current.id == first.id
    undo.redo()
    assert tracks.current.id == second.id
    assert undo.titles == ("hide",)


def test_everyone_hears_of_changes_until_they_leave(tracks, undo):
    heard = []
    leave = tracks.on_change(lambda: heard.append(names(tracks)))
    first = tracks.add(run())
    tracks.rename(first, "a")
    undo.undo()
    leave()
    tracks.delete(first)
    assert heard == [["Run 1"], ["a"], ["Run 1"]]


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["add", "branch", "rename", "hide", "show", "pin", "unpin", "delete", "select"]),
        st.integers(0, 50),
        st.sampled_from(["a", "b", "", " c "]),
    ),
    max_size=25,
)


def edit(tracks: TrackList, change: tuple[str, int, str], is_step: bool) -> None:
    kind, at, name = change
    if kind == "add" or not len(tracks):
        tracks.add(run(), is_step=is_step)
        return
    track = tracks[at % len(tracks)]
    calls = {
        "branch": lambda: tracks.add(branch(track.recording, at), is_step=is_step),
        "rename": lambda: tracks.rename(track, name),
        "hide": lambda: tracks.hide(track),
        "show": lambda: tracks.hide(track, False),
        "pin": lambda: tracks.pin(track),
        "unpin": lambda: tracks.pin(track, False),
        "delete": lambda: tracks.delete(track),
        "select": lambda: tracks.select(track),
    }
    calls[kind]()


def everything(tracks: TrackList) -> tuple:
    rows = [(t.recording, t.name, t.colour, t.offset, t.is_named, t.is_hidden, t.is_pinned) for t in tracks]
    return rows, tracks.current and tracks.current.id, [track.recording for track in tracks.pinned]


def holds(tracks: TrackList) -> None:
    """What is true after every edit."""
    assert len({track.name for track in tracks}) == len(tracks)
    assert len(tracks.pinned) <= 2
    assert (tracks.current is None) == (len(tracks) == 0)
    assert not any(is_closed(track.recording) for track in tracks)
    numbers = [track.number for track in tracks]
    assert numbers == sorted(numbers)


@given(EDITS)
def test_undo_of_everything_is_the_beginning_and_redo_of_everything_the_end(edits):
    undo = UndoStack()
    tracks = TrackList(undo, max_automatic=1000)
    tracks.add(run(), "first")
    states = [everything(tracks)]
    for change in edits:
        n_before = len(undo)
        edit(tracks, change, is_step=True)
        holds(tracks)
        if len(undo) > n_before:
            states.append(everything(tracks))
    for state in states[-2::-1]:
        assert undo.undo()
        assert everything(tracks) == state
    assert not undo.undo()
    for state in states[1:]:
        assert undo.redo()
        assert everything(tracks) == state


@given(st.lists(st.one_of(EDITS, st.integers(-6, 6)), max_size=8), st.integers(1, 5), st.integers(0, 3))
def test_runs_that_come_and_go_between_steps_leave_nothing_open(visits, capacity, max_automatic):
    undo = UndoStack(capacity)
    tracks = TrackList(undo, max_automatic)
    made: set[Recording] = set()
    for visit in visits:
        for change in visit if isinstance(visit, list) else []:
            edit(tracks, change, is_step=change[1] % 2 == 0)
            made.update(track.recording for track in tracks)
            holds(tracks)
        for _ in range(abs(visit) if isinstance(visit, int) else 0):
            (undo.undo if visit < 0 else undo.redo)()
            holds(tracks)
    undo.clear()
    here = {track.recording for track in tracks}
    assert {recording for recording in made if not is_closed(recording)} == here
    tracks.close()
    assert all(is_closed(recording) for recording in made)
