"""The playhead: frame arithmetic against brute force, the clock, a run that grows, J K L."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtTest import QSignalSpy

from studio.widgets.timeline.playback import Playback, index_looped, index_once, index_ping_pong, whole_frames


class Clock:
    """Time that the test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def playback(qapp, clock) -> Playback:
    playback = Playback(clock=clock)
    playback.set_fps(10)
    playback.set_length(20)
    return playback


def after(playback: Playback, clock: Clock, seconds: float) -> int:
    clock.now_s += seconds
    playback.advance()
    return playback.index


lengths = st.integers(1, 40)
ways = st.integers(-500, 500)


@given(lengths, ways, st.integers(0, 39))
def test_once_and_loop_agree_with_single_steps(n, way, start) -> None:
    start %= n
    at_once = looped = start
    for _ in range(abs(way)):
        step = 1 if way > 0 else -1
        at_once = min(max(at_once + step, 0), n - 1)
        looped = {-1: n - 1, n: 0}.get(looped + step, looped + step)
    assert index_once(start, way, n) == at_once
    assert index_looped(start, way, n) == looped


@given(st.integers(2, 40), ways, st.integers(0, 39))
def test_ping_pong_agrees_with_a_ball_between_two_walls(n, way, start) -> None:
    at = start % n
    going = 1 if way >= 0 else -1
    for _ in range(abs(way)):
        if not 0 <= at + going < n:
            going = -going
        at += going
    index, direction = index_ping_pong(start % n, way, n)
    assert index == at
    following, _ = index_ping_pong(index, direction, n)
    ball_next = at + (going if 0 <= at + going < n else -going)
    assert following == ball_next


@given(ways)
def test_one_frame_is_everywhere(way) -> None:
    assert index_ping_pong(0, way, 1)[0] == index_looped(0, way, 1) == index_once(0, way, 1) == 0
    assert index_looped(0, way, 0) == index_once(0, way, 0) == 0


@given(st.integers(0, 10_000), st.floats(0.1, 960))
def test_a_clock_exactly_at_a_frame_counts_it(n, rate) -> None:
    whole, part = whole_frames(n / rate, rate)
    assert whole == n
    assert part < 1e-6


def test_no_drift_over_ten_minutes_of_late_ticks(playback, clock) -> None:
    playback.set_length(100_000)
    playback.set_fps(29.97)
    playback.play()
    start_s = clock.now_s
    for tick in range(20_000):
        after(playback, clock, 0.0301 + 0.0001 * (tick % 7))
    assert playback.index == int((clock.now_s - start_s) * 29.97 + 1e-6)


def test_skips_frames_when_late_and_stops_at_the_end(playback, clock) -> None:
    playback.play()
    spy = QSignalSpy(playback.moved)
    assert after(playback, clock, 0.55) == 5
    assert spy.count() == 1
    assert after(playback, clock, 10) == 19
    assert not playback.is_playing
    playback.play()
    assert (playback.index, playback.is_playing) == (0, True)


def test_loop_and_ping_pong_over_the_clock(playback, clock) -> None:
    playback.set_loop("loop")
    playback.play()
    assert after(playback, clock, 2.35) == 3
    playback.set_loop("ping_pong")
    assert after(playback, clock, 1.7) == 18  # 3 + 17 frames forwards meets the wall at 19
    assert playback.direction == -1
    playback.pause()
    playback.play()
    assert after(playback, clock, 0.3) == 15


@pytest.mark.parametrize("factor", [0.1, 0.5, 3.0, 8.0])
def test_a_change_of_speed_in_the_middle_of_a_frame_keeps_the_part_that_has_passed(playback, clock, factor) -> None:
    playback.set_length(1000)
    playback.play()
    clock.now_s += 0.05  # half a frame
    playback.set_speed(factor)
    assert after(playback, clock, 0.049 / factor) == 0
    assert after(playback, clock, 0.002 / factor) == 1


def test_limits(playback) -> None:
    playback.set_fps(1e9)
    playback.set_speed(0)
    assert (playback.fps, playback.speed) == (120, 0.1)
    playback.seek(99)
    assert playback.index == 19
    playback.step(-100)
    assert playback.index == 0


def test_nothing_to_play(qapp, clock) -> None:
    playback = Playback(clock=clock)
    playback.play()
    playback.shuttle_back()
    playback.to_end()
    assert not playback.is_playing
    spy = QSignalSpy(playback.moved)
    playback.set_length(1)
    assert spy.count() == 1  # the first frame is there to be shown
    playback.play()
    assert not playback.is_playing


def grown(playback: Playback, n_frames: int) -> int:
    playback.set_length(n_frames, is_growing=True)
    return playback.index


def test_stays_at_the_head_of_a_growing_run_until_it_is_moved_back(qapp, clock) -> None:
    playback = Playback(clock=clock)
    playback.set_length(0, is_growing=True)
    assert [grown(playback, n) for n in (1, 2, 5)] == [0, 1, 4]
    assert playback.is_following
    playback.seek(2)
    assert not playback.is_playing
    assert grown(playback, 9) == 2
    playback.to_end()
    assert grown(playback, 12) == 11
    playback.set_length(12)
    assert (playback.index, playback.is_playing) == (11, False)


def test_pause_at_the_head_lets_the_run_go_on_alone(qapp, clock) -> None:
    playback = Playback(clock=clock)
    playback.set_fps(10)
    playback.set_length(5, is_growing=True)
    playback.toggle()
    assert grown(playback, 9) == 4
    playback.toggle()
    assert after(playback, clock, 0.2) == 6
    assert after(playback, clock, 5) == 8  # it has caught up
    assert grown(playback, 30) == 29
    playback.set_length(30)
    assert not playback.is_playing


def test_a_looping_playhead_at_the_head_begins_again_when_the_run_is_done(qapp, clock) -> None:
    playback = Playback(clock=clock)
    playback.set_fps(10)
    playback.set_loop("loop")
    playback.set_length(5, is_growing=True)
    playback.seek(0)
    playback.play()
    assert after(playback, clock, 3) == 4
    playback.set_length(6)
    assert playback.is_playing
    assert after(playback, clock, 0.31) == 1


def test_a_new_run_at_the_end_of_the_old_one_is_followed(playback) -> None:
    playback.to_end()
    assert grown(playback, 25) == 24
    playback.pause()
    playback.set_length(25)
    playback.set_length(0, is_growing=True)
    assert grown(playback, 3) == 2


def test_what_plays_waits_for_frames_that_are_not_made_yet(playback, clock) -> None:
    playback.set_length(41, n_ready=1)
    playback.set_fps(8)
    playback.play()
    assert after(playback, clock, 3.0) == 0
    assert playback.is_playing
    playback.set_length(41, n_ready=4)
    assert after(playback, clock, 0.1) == 0  # time counts from here on: nothing is skipped
    assert after(playback, clock, 0.03) == 1
    assert after(playback, clock, 9.0) == 3
    playback.shuttle_back()
    assert after(playback, clock, 0.13) == 2
    playback.seek(30)  # a person looks ahead
    playback.play()
    assert after(playback, clock, 1.0) == 30
    playback.seek(3)
    playback.set_length(41)
    assert after(playback, clock, 1.0) == 11
    assert after(playback, clock, 9.0) == 40
    assert not playback.is_playing


def test_shuttle(playback, clock) -> None:
    playback.set_length(1000)
    playback.seek(500)
    playback.shuttle_back()
    assert after(playback, clock, 1.0) == 490
    playback.shuttle_back()
    assert playback.shuttle == 2
    assert after(playback, clock, 1.0) == 470
    playback.shuttle_forward()
    assert after(playback, clock, 1.0) == 480
    for _ in range(5):
        playback.shuttle_forward()
    assert playback.shuttle == 8
    playback.shuttle_stop()
    assert (playback.is_playing, playback.shuttle) == (False, 1)
    assert after(playback, clock, 9) == 480
    playback.seek(3)
    playback.shuttle_back()
    assert after(playback, clock, 9) == 0
    assert not playback.is_playing


def test_a_step_stops_what_plays_and_a_seek_does_not(playback, clock) -> None:
    playback.play()
    playback.seek(10)
    assert after(playback, clock, 0.2) == 12
    playback.step(1)
    assert (playback.index, playback.is_playing) == (13, False)


def test_the_timer_moves_it(qapp, qtbot) -> None:
    playback = Playback()
    playback.set_fps(120)
    playback.set_length(5)
    with qtbot.waitSignal(playback.changed, check_params_cb=lambda: not playback.is_playing):
        playback.play()
    assert playback.index == 4
