"""Which job goes next, by hand and for any sequence of submissions."""

from hypothesis import given
from hypothesis import strategies as st

from studio.compute.job import Job, Policy
from studio.compute.schedule import LATEST_IN_A_ROW, Schedule

LATEST, RESTART, QUEUE = Policy.LATEST, Policy.RESTART, Policy.QUEUE


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


def test_a_flood_of_pictures_leaves_other_work_a_turn_now_and_then():
    schedule, turns = Schedule(), list[Job]()
    search, training = make_job(RESTART, "search"), make_job(Policy.BACKGROUND, "train")
    schedule.add(training)
    schedule.add(search)
    for _ in range(3 * (LATEST_IN_A_ROW + 1)):
        if not any(job.policy is LATEST for job in schedule.jobs()):
            schedule.add(make_job(LATEST))
        job = schedule.next()
        assert job is not None
        turns.append(job)
        if job.policy is LATEST:
            schedule.remove(job)
    others = [number for number, job in enumerate(turns) if job.policy is not LATEST]
    assert others == [LATEST_IN_A_ROW, 2 * LATEST_IN_A_ROW + 1, 3 * LATEST_IN_A_ROW + 2]
    assert all(turns[number] is search for number in others)


def test_an_empty_schedule_has_nothing_to_do():
    assert Schedule().next() is None
    assert len(Schedule()) == 0


def is_served_in_order(schedule: Schedule, chosen: Job) -> bool:
    """No job of a more urgent policy waits, and none of its policy and state is older."""
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
    max_size=LATEST_IN_A_ROW,  # with more of them other work has a turn between
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
