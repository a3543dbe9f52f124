"""Which job goes next, by hand and for any sequence of submissions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.compute.job import Job, Policy
from studio.compute.schedule import Schedule

LATEST, RESTART, QUEUE, BACKGROUND = Policy.LATEST, Policy.RESTART, Policy.QUEUE, Policy.BACKGROUND


def make_job(policy: Policy, key: str = "picture") -> Job:
    return Job((1, key), lambda: None, policy)


def test_latest_drops_the_waiting_job_of_its_key_only():
    schedule = Schedule()
    old, other, new = make_job(LATEST), make_job(LATEST, "map"), make_job(LATEST)
    schedule.add(old)
    schedule.add(other)
    assert schedule.add(new) == [old]
    assert schedule.jobs() == [other, new]


def test_latest_lets_the_running_job_finish_before_the_new_one_starts():
    schedule = Schedule()
    running, waiting, newest = make_job(LATEST), make_job(LATEST), make_job(LATEST)
    schedule.add(running)
    assert schedule.next() is running
    assert schedule.add(waiting) == []
    assert schedule.add(newest) == [waiting]
    assert not running.is_cancelled
    assert schedule.next() is running
    schedule.remove(running)
    assert schedule.next() is newest


def test_a_job_counts_as_running_from_the_moment_it_is_handed_out():
    """A plain function computes inside its first step: by then it must no longer pass for a waiting job."""
    schedule = Schedule()
    job = make_job(LATEST)
    schedule.add(job)
    assert not job.is_started
    schedule.next()
    assert job.is_started


def test_restart_cancels_the_running_job_and_drops_the_waiting_one():
    schedule = Schedule()
    running, waiting, newest = make_job(RESTART), make_job(LATEST), make_job(RESTART)
    schedule.add(running)
    schedule.next()
    schedule.add(waiting)
    assert schedule.add(newest) == [waiting]
    assert running.is_cancelled
    assert schedule.jobs() == [running, newest]


def test_an_export_overtakes_a_training_that_runs_already():
    schedule = Schedule()
    training, export, other = make_job(Policy.BACKGROUND), make_job(QUEUE), make_job(Policy.BACKGROUND)
    schedule.add(training)
    assert schedule.next() is training
    assert schedule.add(other) == []
    assert schedule.add(export) == []
    assert schedule.next() is export
    schedule.remove(export)
    assert schedule.next() is training
    schedule.remove(training)
    assert schedule.next() is other


def test_queue_replaces_nothing_and_is_not_cancelled_by_another_queued_job():
    schedule = Schedule()
    first, second = make_job(QUEUE), make_job(QUEUE)
    schedule.add(first)
    assert schedule.add(second) == []
    assert schedule.next() is first
    assert not first.is_cancelled


def test_a_waiting_preview_goes_before_a_training_that_has_begun():
    schedule = Schedule()
    training, preview = make_job(QUEUE, "train"), make_job(LATEST)
    schedule.add(training)
    assert schedule.next() is training
    schedule.add(preview)
    assert schedule.next() is preview
    schedule.remove(preview)
    assert schedule.next() is training


STEP_S = 0.01


def shares(*jobs: Job, n_turns: int = 4000) -> list[float]:
    """Which share of the time each job gets, where all go on for ever."""
    schedule = Schedule()
    for job in jobs:
        schedule.add(job)
    for _ in range(n_turns):
        chosen = schedule.next()
        assert chosen is not None
        chosen.compute_s += STEP_S
    return [job.compute_s / (n_turns * STEP_S) for job in jobs]


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        (LATEST, RESTART, 0.75),
        (LATEST, QUEUE, 0.9),
        (LATEST, BACKGROUND, 0.9),
        (RESTART, QUEUE, 0.75),
        (RESTART, BACKGROUND, 0.75),
        (RESTART, RESTART, 0.5),
        (QUEUE, BACKGROUND, 0.5),
        (QUEUE, QUEUE, 0.5),
        (BACKGROUND, BACKGROUND, 0.5),
    ],
)
def test_no_kind_of_work_stands_still_beside_another(one, other, share):
    found = shares(Job((1, "a"), print, one), Job((2, "b"), print, other))
    assert found == pytest.approx([share, 1 - share], abs=0.02)


def test_all_kinds_at_once_have_their_shares():
    jobs = [Job((number, "it"), print, policy) for number, policy in enumerate((LATEST, RESTART, QUEUE, BACKGROUND))]
    assert shares(*jobs) == pytest.approx([9 / 13, 3 / 13, 0.5 / 13, 0.5 / 13], abs=0.02)


def test_the_second_queued_job_of_a_panel_waits_for_the_first():
    assert shares(make_job(QUEUE), make_job(QUEUE), make_job(BACKGROUND)) == pytest.approx([0.5, 0, 0.5], abs=0.02)


def test_who_comes_later_has_no_debts_to_call_in():
    schedule, training = Schedule(), make_job(BACKGROUND)
    schedule.add(training)
    for _ in range(1000):
        assert schedule.next() is training
        training.compute_s += STEP_S
    export = Job((2, "export"), print, QUEUE)
    schedule.add(export)
    turns = []
    for _ in range(40):
        chosen = schedule.next()
        assert chosen is not None
        chosen.compute_s += STEP_S
        turns.append(chosen)
    assert turns[0] is export
    assert 15 <= turns.count(training) <= 21


def test_a_hand_is_answered_at_once_after_a_rest():
    schedule, training = Schedule(), make_job(BACKGROUND)
    schedule.add(training)
    for _ in range(50):
        schedule.next()
        training.compute_s += STEP_S
        picture = make_job(LATEST)
        schedule.add(picture)
        assert schedule.next() is picture
        schedule.remove(picture)


def test_a_training_waits_between_two_moves_of_a_hand_and_gets_its_share_back_after_it():
    schedule, training, export = Schedule(), make_job(BACKGROUND), Job((2, "export"), print, QUEUE)
    schedule.add(training)
    schedule.is_hand_moving = True
    assert not schedule.has_work()
    schedule.add(export)
    assert [schedule.next() for _ in range(3)] == [export] * 3
    schedule.remove(export)
    schedule.is_hand_moving = False
    assert schedule.next() is training


def test_a_training_that_is_stopped_under_a_moving_hand_ends():
    schedule, training = Schedule(), make_job(BACKGROUND)
    schedule.add(training)
    schedule.next()
    schedule.is_hand_moving = True
    training.cancel()
    assert schedule.next() is training


@pytest.mark.parametrize("policy", [LATEST, RESTART])
def test_what_nobody_sees_gives_way_to_what_somebody_looks_at(policy):
    seen, unseen = make_job(RESTART), make_job(policy, "of another tab")
    unseen.attention.is_seen = False
    assert shares(seen, unseen)[0] == pytest.approx(0.75, abs=0.02)
    seen, unseen = make_job(QUEUE), make_job(policy, "of another tab")
    unseen.attention.is_seen = False
    assert shares(seen, unseen)[0] == pytest.approx(0.5, abs=0.02)


def test_a_tab_that_comes_to_the_front_is_served_at_once():
    schedule, seen, other = Schedule(), make_job(RESTART), make_job(LATEST, "of another tab")
    other.attention.is_seen = False
    schedule.add(seen)
    schedule.add(other)
    assert schedule.next() is seen
    other.attention.is_seen = True
    assert schedule.next() is other


def test_what_was_cancelled_gives_way_at_once():
    schedule, search, run = Schedule(), make_job(BACKGROUND), make_job(RESTART)
    schedule.add(search)
    schedule.next()
    schedule.add(run)
    search.cancel()
    assert schedule.next() is search


def test_an_empty_schedule_has_nothing_to_do():
    assert Schedule().next() is None
    assert len(Schedule()) == 0


def is_served_in_order(schedule: Schedule, chosen: Job) -> bool:
    """No job of a more urgent policy waits, and none of its policy and state is older; or it only ends."""
    if chosen.is_cancelled and chosen.is_started:
        return True
    urgency = [LATEST, RESTART, QUEUE, Policy.BACKGROUND].index
    rivals = [job for job in schedule.jobs() if job is not chosen]
    return all(urgency(job.policy) >= urgency(chosen.policy) for job in rivals) and all(
        job.ticket > chosen.ticket or chosen.is_started for job in rivals if job.policy is chosen.policy
    )


actions = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(list(Policy)), st.sampled_from(["a", "b"])),
        st.tuples(st.sampled_from(["advance", "finish"]), st.just(LATEST), st.just("")),
    ),
    max_size=24,
)


@given(actions)
def test_every_job_is_run_or_replaced_exactly_once(steps):
    schedule, added, replaced, finished = Schedule(), [], [], []
    for what, policy, key in steps:
        if what == "add":
            added.append(make_job(policy, key))
            replaced += schedule.add(added[-1])
            waiting = [job for job in schedule.jobs() if not job.is_started and job.key == added[-1].key]
            assert policy in (QUEUE, Policy.BACKGROUND) or waiting == [added[-1]]
            continue
        job = schedule.next()
        assert (job is None) == (len(schedule) == 0)
        if job is None:
            continue
        assert is_served_in_order(schedule, job)
        if what == "finish":
            schedule.remove(job)
            finished.append(job)
    assert not any(job.is_started for job in replaced)
    assert sorted(job.ticket for job in added) == sorted(job.ticket for job in [*finished, *replaced, *schedule.jobs()])
