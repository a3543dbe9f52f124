"""Tickets, and the recording of a job's frames."""

from studio.compute.job import Job, recorded
from studio.core.frame import Frame
from studio.core.recording import Recording, RunInfo


def test_tickets_grow():
    first, second = Job((1, "a"), lambda: None), Job((1, "a"), lambda: None)
    assert first.ticket < second.ticket


def test_a_frame_is_in_the_recording_before_anyone_hears_of_it():
    frames = [Frame(step, 3) for step in range(3)]
    recording = Recording(RunInfo("fixture/model", {}, 0))
    work = recorded(lambda: iter(frames), recording)
    for n_seen, frame in enumerate(work(), start=1):
        assert len(recording) == n_seen
        assert recording[n_seen - 1].step == frame.step == n_seen - 1
    assert [frame.step for frame in recording] == [0, 1, 2]
