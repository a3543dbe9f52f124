"""A peer's training: as long as another one was, at most so many steps, and to be gone on with."""

import pytest

from studio.compute.timed_training import N_TIMED, trained_for
from studio.compute.train_settings import TrainSettings
from tests.compute.test_training import make, weights

NEVER_S = 1e6


def finished(frames):
    """What a generator returns, and how often it let others take their turn before."""
    n_turns = 0
    while True:
        try:
            next(frames)
        except StopIteration as stop:
            return stop.value, n_turns
        n_turns += 1


def timed(seconds, path, most_steps, begun):
    def begin(settings):
        begun.append(settings)
        return make(settings)

    return finished(trained_for(seconds, begin, make().settings, path, most_steps))


def test_it_ends_at_the_first_step_where_its_time_is_up(tmp_path):
    begun: list[TrainSettings] = []
    _, n_turns = timed(0.0, tmp_path / "peer.checkpoint", None, begun)
    assert begun[1].n_steps == 1
    assert n_turns >= 2 * N_TIMED + 1  # others may take their turn while it is timed, too


def test_it_takes_so_many_steps_at_most_and_falls_within_them(tmp_path):
    begun: list[TrainSettings] = []
    training, _ = timed(NEVER_S, tmp_path / "peer.checkpoint", 12, begun)
    assert training.step == 12
    assert begun[1] == make().settings.shortened(12)
    assert begun[1].n_decay == 6


def test_what_was_timed_is_not_learnt_from(tmp_path):
    training, _ = timed(NEVER_S, tmp_path / "peer.checkpoint", 8, [])
    plain = make()
    list(plain.run())
    assert weights(training).tolist() == pytest.approx(weights(plain).tolist(), abs=0)


def test_where_it_was_stopped_it_goes_on(tmp_path):
    path = tmp_path / "peer.checkpoint"
    frames = trained_for(NEVER_S, make, make().settings, path, 8)
    for frame in frames:
        if frame is not None and frame.step == 3:
            break
    frames.close()
    assert path.is_file()
    training, n_turns = timed(NEVER_S, path, 8, [])
    whole, n_all = timed(NEVER_S, tmp_path / "other.checkpoint", 8, [])
    assert n_turns < n_all
    assert weights(training).tolist() == weights(whole).tolist()
