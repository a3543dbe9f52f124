"""The training skeleton: resumable to the bit, averaged, in micro-batches, and saved whatever happens."""

import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn

from studio.compute.checkpoint import load_checkpoint, save_checkpoint
from studio.compute.machine import has_fast_bfloat16, training_autocast
from studio.compute.train_settings import TrainSettings
from studio.compute.training import Training
from studio.compute.training_loop import follow_training
from studio.core.error import UserError

CPU = torch.device("cpu")
SETTINGS = TrainSettings(n_steps=8, n_micro=2, learning_rate=0.01, n_warmup=2, n_decay=4, weight_decay=0.01)


def squared_error(model, step, micro):
    """Learn the sum of the inputs; the batch follows from step and micro alone."""
    random = torch.Generator().manual_seed(1000 * step + micro)
    x = torch.randn(8, 4, generator=random)
    loss = (model(x)[:, 0].float() - x.sum(1)).square().mean()
    return loss, {"root": loss.sqrt()}


def make(settings=SETTINGS, seed=0):
    torch.manual_seed(seed)
    return Training(nn.Sequential(nn.Linear(4, 8), nn.SiLU(), nn.Linear(8, 1)), squared_error, settings, CPU)


def weights(training):
    return torch.cat([value.flatten() for value in training.model.state_dict().values()])


def averages(training):
    return torch.cat([value.flatten() for value in training.average.state_dict().values()])


def test_a_step_goes_by_the_mean_of_its_micro_batches():
    training = make(replace(SETTINGS, n_micro=3, clip_norm=1e9))
    with training.autocast():
        losses = [squared_error(training.model, 0, micro)[0] for micro in range(3)]
    wanted = torch.autograd.grad(sum(losses) / 3, list(training.model.parameters()))
    for frame in training.run():
        if frame.is_whole:
            break
    for parameter, gradient in zip(training.model.parameters(), wanted, strict=True):
        assert parameter.grad is not None
        assert torch.allclose(parameter.grad, gradient, rtol=0.02, atol=1e-4)


def test_every_micro_batch_is_a_frame():
    frames = list(make().run())
    places = [(frame.step, frame.micro, frame.is_whole) for frame in frames]
    assert places[:3] == [(0, 0, False), (0, 1, True), (1, 0, False)]
    assert len(frames) == 16
    assert set(frames[0].scalars) == {"root"}


def test_a_resumed_training_ends_bit_for_bit_like_one_that_was_never_stopped(tmp_path):
    whole = make()
    list(whole.run())
    first = make()
    for done in first.run():
        if done.step == 2 and done.is_whole:
            break
    save_checkpoint(tmp_path / "state.pt", first.state())
    second = make(seed=5)
    second.load(load_checkpoint(tmp_path / "state.pt"))
    assert second.step == 3
    list(second.run())
    assert torch.equal(weights(whole), weights(second))
    assert torch.equal(averages(whole), averages(second))


def test_a_follower_that_is_closed_has_saved(tmp_path):
    whole = make()
    list(whole.run())
    frames = follow_training(make(), tmp_path / "state.pt", is_resumed=False)
    for frame in frames:
        if frame.step == 4:
            break
    frames.close()
    rest = make(seed=5)
    last = list(follow_training(rest, tmp_path / "state.pt", is_resumed=True))[-1]
    assert (last.step, last.n_steps) == (7, 8)
    assert torch.equal(weights(whole), weights(rest))


def test_other_micro_batches_do_not_resume():
    with pytest.raises(UserError, match="micro-batches"):
        make(TrainSettings(n_steps=8)).load(make().state())


def test_another_network_does_not_resume():
    other = Training(nn.Linear(4, 1), squared_error, SETTINGS, CPU)
    with pytest.raises(UserError, match="does not match"):
        other.load(make().state())


def test_the_gradient_is_the_mean_over_the_micro_batches():
    training = make()
    gradients = []
    for micro in range(2):
        training.model.zero_grad()
        squared_error(training.model, 0, micro)[0].backward()
        gradients.append(torch.cat([weight.grad.flatten() for weight in training.model.parameters()]))
    training.model.zero_grad()
    for micro in range(2):
        with torch.autocast("cpu", enabled=False):
            (squared_error(training.model, 0, micro)[0] / 2).backward()
    together = torch.cat([weight.grad.flatten() for weight in training.model.parameters()])
    torch.testing.assert_close(together, torch.stack(gradients).mean(0))


def test_the_average_lags_behind_and_forgets_the_start():
    settings = TrainSettings(n_steps=100, learning_rate=0.01, n_warmup=1, n_decay=1, average_decay=0.9)
    training = make(settings)
    start = averages(training).clone()
    list(training.run())
    assert not torch.equal(averages(training), weights(training))
    assert (averages(training) - weights(training)).norm() < 0.2 * (averages(training) - start).norm()


def test_it_learns():
    frames = list(make(TrainSettings(n_steps=150, learning_rate=0.04, n_warmup=10, n_decay=75)).run())
    assert frames[-1].loss < 0.1 * frames[0].loss


def test_the_learning_rate_rises_stays_and_falls():
    settings = TrainSettings(n_steps=100, learning_rate=1.0, n_warmup=10, n_decay=20)
    assert settings.rate_at(0) == pytest.approx(0.1)
    assert settings.rate_at(50) == 1.0
    assert settings.rate_at(99) == pytest.approx(0.05)


def test_a_shorter_training_keeps_its_shape():
    short = TrainSettings(n_steps=100, n_warmup=10, n_decay=40).shortened(10)
    assert (short.n_steps, short.n_warmup, short.n_decay) == (10, 1, 4)


def test_a_person_may_choose_some_settings():
    settings = TrainSettings(n_steps=100, n_warmup=10).chosen({"learning_rate": "0.5", "keep_best": "yes"}, 50)
    assert (settings.n_steps, settings.n_warmup) == (50, 5)
    assert settings.learning_rate == 0.5
    assert settings.keep_best is True


@pytest.mark.parametrize("wrong", [{"n_warmup": "3"}, {"learning_rate": "nan"}, {"n_micro": "0"}, {"n_micro": "1.5"}])
def test_other_settings_and_values_are_refused(wrong):
    with pytest.raises(UserError):
        SETTINGS.chosen(wrong, None)


def test_weights_that_are_no_numbers_end_the_training():
    def no_number(model, *_):
        return model(torch.ones(1, 1)).sum() * float("nan"), {}

    training = Training(nn.Linear(1, 1), no_number, SETTINGS, CPU)
    with pytest.raises(UserError, match="diverged"):
        list(training.run())


def test_a_checkpoint_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "state.pt"
    save_checkpoint(path, {"step": 1})

    def fail(*_):
        raise OSError(28, "no space")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(UserError, match="could not be saved"):
        save_checkpoint(path, {"step": 2})
    assert load_checkpoint(path) == {"step": 1}
    assert [one.name for one in tmp_path.iterdir()] == ["state.pt"]


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04" + bytes(60), b"\x80\x02cos\nsystem\nq\x00."])
def test_a_damaged_checkpoint_gives_a_sentence(tmp_path, content):
    (tmp_path / "state.pt").write_bytes(content)
    with pytest.raises(UserError):
        load_checkpoint(tmp_path / "state.pt")


@pytest.mark.long("starts processes of its own")
def test_a_training_loads_no_compiler():
    """torch.optim would: four seconds on the worker, and 160 MB."""
    code = (
        "import sys, torch; from studio.compute.train_settings import TrainSettings; "
        "from studio.compute.training import Training; "
        "loss = lambda model, step, micro: (model(torch.ones(1, 2)).square().sum(), {}); "
        "training = Training(torch.nn.Linear(2, 1), loss, TrainSettings(n_steps=2), torch.device('cpu')); "
        "print([one.step for one in training.run()], 'torch._dynamo' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[0] == "[0, 1] False"


def test_precision_follows_the_machine():
    with training_autocast(CPU):
        product = torch.ones(4, 4) @ torch.ones(4, 4)
    assert (product.dtype == torch.bfloat16) is has_fast_bfloat16(CPU)
