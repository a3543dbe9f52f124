"""Following a training: pictures and held-out figures at their steps, the best kept, a resume that leaves no trace."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from studio.compute.curve import MAX_POINTS, Curve
from studio.compute.thread import limited_threads
from studio.compute.train_settings import TrainSettings
from studio.compute.training import Training
from studio.compute.training_loop import PREVIEWS, Moment, SlowPreview, Validation, follow_training, is_measured_at
from studio.core.error import UserError
from studio.core.learning import LogThinning
from studio.core.view import Image

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread():
    """Networks as small as these are learnt faster by one thread."""
    with limited_threads(1):
        yield


SETTINGS = TrainSettings(n_steps=40, n_micro=2, learning_rate=0.05, n_warmup=2, n_decay=4, weight_decay=0.01)


def dropped_error(model, step, micro):
    """Learn the sum of the inputs through a network whose dropout draws from torch's own generator."""
    random = torch.Generator().manual_seed(1000 * step + micro)
    x = torch.randn(8, 4, generator=random)
    return (model(x)[:, 0].float() - x.sum(1)).square().mean(), {}


def make(settings=SETTINGS, loss=dropped_error):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 8), nn.SiLU(), nn.Dropout(0.1), nn.Linear(8, 1))
    return Training(network, loss, settings, CPU)


def weights(module):
    return torch.cat([value.flatten() for value in module.state_dict().values()])


def picture(model):
    assert not model.training
    assert not torch.is_grad_enabled()
    return {"samples": Image(np.full((2, 2), int(model(torch.ones(1, 4)) * 10) % 256, np.uint8))}


def figures(frames):
    """The held-out error by step."""
    return {f.step: f.scalars["held-out error"] for f in frames if "held-out error" in f.scalars}


def ranked(figures):
    """A validation that returns these figures one after the other, after two yields."""
    rest = iter(figures)

    def measure(model):
        yield
        yield
        return {"error": next(rest), "other": 1.0}

    return Validation(measure, "error")


def test_previews_are_drawn_at_few_steps_that_lie_further_and_further_apart(tmp_path):
    frames = list(follow_training(make(), tmp_path / "c", False, preview=picture))
    drawn = [frame.step + 1 for frame in frames if frame.views]
    assert drawn == sorted({*(step + 1 for step in range(40) if PREVIEWS.keeps(step)), 40})
    assert drawn[:16] == list(range(1, 17))
    assert len(drawn) < 40
    assert sum(PREVIEWS.keeps(step) for step in range(10_000)) <= 200
    assert sum("loss" in frame.scalars for frame in frames) == 80


def test_the_last_step_has_a_preview_and_figures(tmp_path):
    settings = replace(SETTINGS, n_steps=19)
    frames = list(follow_training(make(settings), tmp_path / "c", False, preview=picture, validation=ranked(range(99))))
    assert max(frame.step for frame in frames if frame.views) == 18
    assert frames[-1].scalars.keys() == {"held-out error", "held-out other"}


@pytest.mark.parametrize("n_steps", [1, 7, 20, 1999])
def test_held_out_figures_are_measured_about_twenty_times_and_at_the_end(n_steps):
    steps = [step for step in range(n_steps + 1) if is_measured_at(step, n_steps)]
    assert len(steps) == min(n_steps, 20)
    assert steps[-1] == n_steps


@pytest.mark.parametrize("is_higher_better", [False, True])
def test_the_best_weights_are_kept_on_demand(tmp_path, is_higher_better):
    figures = [3.0, 1.0, 2.0, 5.0]
    settings = replace(SETTINGS, n_steps=4)
    seen = []

    def measure(model):
        seen.append(weights(model).clone())
        yield
        return {"error": figures[len(seen) - 1]}

    for keep_best in (False, True):
        seen.clear()
        training = make(replace(settings, keep_best=keep_best))
        validation = Validation(measure, "error", is_higher_better)
        list(follow_training(training, tmp_path / "c", False, validation=validation))
        wanted = seen[3 if is_higher_better else 1] if keep_best else seen[-1]
        assert torch.equal(weights(training.average), wanted)


@pytest.mark.parametrize("n_frames", [1, 2, 3, 4, 5, 6, 7, 20, 41])
def test_wherever_it_is_stopped_a_resumed_training_ends_as_if_it_had_never_been(tmp_path, n_frames):
    def validation():
        def measure(model):
            yield
            return {"error": float(weights(model).norm())}

        return Validation(measure, "error", is_higher_better=True)

    whole = make()
    all_frames = list(follow_training(whole, tmp_path / "whole", False, validation=validation()))
    stopped = follow_training(make(), tmp_path / "c", False, validation=validation())
    first = [next(stopped) for _ in range(n_frames)]
    stopped.close()
    rest = make()
    later = list(follow_training(rest, tmp_path / "c", True, validation=validation()))
    assert torch.equal(weights(whole.model), weights(rest.model))
    assert torch.equal(weights(whole.average), weights(rest.average))
    assert figures(all_frames) == figures([*first, *later])
    assert (tmp_path / "c").stat().st_size == pytest.approx((tmp_path / "whole").stat().st_size, rel=0.02)


def test_a_resumed_training_shows_the_curve_from_its_start(tmp_path):
    stopped = follow_training(make(), tmp_path / "c", False)
    first = [next(stopped) for _ in range(20)]
    stopped.close()
    later = follow_training(make(), tmp_path / "c", True)
    again = [next(later) for _ in range(10)]
    later.close()
    assert [frame.label for frame in again] == ["Learnt before"] * 10
    assert [(frame.step, frame.scalars) for frame in again] == [(frame.step, frame.scalars) for frame in first[1::2]]


def test_a_curve_stays_small_and_keeps_its_ends():
    curve = Curve()
    for step in range(50_000):
        curve.add(step, {"loss": float(step)})
    frames = list(curve.frames(50_000))
    steps = [frame.step for frame in frames]
    assert len(steps) <= MAX_POINTS
    assert (steps[0], steps[-1]) == (0, 49_999)
    assert steps == sorted(steps)
    assert max(np.diff(steps)) < 0.1 * 50_000 * 10


def test_a_checkpoint_of_another_version_gives_a_sentence(tmp_path):
    from studio.compute.checkpoint import save_checkpoint

    save_checkpoint(tmp_path / "c", make().state())
    with pytest.raises(UserError, match="another version"):
        list(follow_training(make(), tmp_path / "c", True))


def test_a_preview_may_take_several_frames_and_leave_a_state(tmp_path):
    def draw(model, step):
        yield
        yield
        return Moment(picture_of(model), {"step": np.array(step)}, {"likeness": 2.0})

    thinning = LogThinning(2, 1.5)
    frames = list(follow_training(make(), tmp_path / "c", False, preview=SlowPreview(draw, thinning)))
    shown = [frame for frame in frames if frame.views]
    assert [frame.step for frame in shown] == [s for s in range(40) if thinning.keeps(s) or s == 39]
    assert [int((frame.state or {})["step"]) for frame in shown] == [frame.step for frame in shown]
    assert sum(frame.label == "Drawing what has been learnt" for frame in frames) == 2 * len(shown)
    assert sum("loss" in frame.scalars for frame in frames) == 80
    assert [frame.scalars["held-out likeness"] for frame in shown] == [2.0] * len(shown)


def picture_of(model):
    with torch.no_grad():
        return picture(model)
