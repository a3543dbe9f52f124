"""How networks learn: batches that their number alone decides, prompts left out, weights, and a training resumed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.diffusion.pictures.model.networks import PixelDiffusion
from plugins.diffusion.pictures.model.text_encoder import TextEncoder
from plugins.diffusion.pictures.training.evaluation import SAMPLES, SamplePreview, WantedPictures, as_bytes, sampled
from plugins.diffusion.pictures.training.objective import (
    DiffusionBatch,
    DiffusionBatches,
    DiffusionObjective,
    StoredExamples,
    batch_errors,
    held_out_loss,
    loss_weights,
)
from plugins.diffusion.shared.model.denoiser import Guidance
from plugins.diffusion.shared.model.prediction import target_of
from studio.api.training import Training, TrainSettings
from tests.plugins.diffusion.tiny_network import CLASSES_CONFIG, PLAIN_CONFIG, UPSCALER, WORDS_CONFIG, made_network

CPU = torch.device("cpu")


def pictures(n=12, channels=3, size=8):
    return torch.randint(0, 256, (n, channels, size, size), generator=torch.Generator().manual_seed(1)).byte()


def batches(config=WORDS_CONFIG, n_items=16, drop_share=0.25, seed=3):
    examples = StoredExamples(pictures(channels=config.unet.n_channels, size=config.unet.size_px))
    if config.text is not None:
        texts = [["a red fox", "red fox"], ["a blue cat", "blue cat"]] * 6
        ids = TextEncoder(config.text).ids([text for pair in texts for text in pair])
        examples = replace(examples, ids=ids.view(12, 2, -1).short())
    if config.class_names:
        examples = replace(examples, classes=torch.arange(12) % 3)
    return DiffusionBatches(examples, config, n_items, seed, CPU, drop_share)


@pytest.mark.parametrize("config", [WORDS_CONFIG, CLASSES_CONFIG, PLAIN_CONFIG, replace(WORDS_CONFIG, unet=UPSCALER)])
def test_a_batch_follows_from_its_number(config):
    one, again, next_one = (batches(config).draw(step, 0) for step in (7, 7, 8))
    for name in ("x0", "noise", "times"):
        assert torch.equal(getattr(one, name), getattr(again, name))
        assert not torch.equal(getattr(one, name), getattr(next_one, name))
    assert one.asked.keys() == again.asked.keys()
    assert all(torch.equal(one.asked[name], again.asked[name]) for name in one.asked)
    held_out = batches(config).draw(7, 0, "held-out")
    assert not torch.equal(one.noise, held_out.noise)


def test_times_cover_the_whole_schedule():
    times = batches(n_items=50).draw(0, 0).times
    assert torch.equal(times // 20, torch.arange(50))


@pytest.mark.parametrize("config", [WORDS_CONFIG, CLASSES_CONFIG])
def test_so_many_prompts_are_left_out(config):
    counts = []
    for step in range(100):
        asked = batches(config, n_items=40).draw(step, 0).asked
        dropped = (asked["ids"][:, 0] == 0) if "ids" in asked else asked["classes"] == 3
        counts.append(int(dropped.sum()))
    assert np.mean(counts) / 40 == pytest.approx(0.25, abs=0.03)
    assert np.std(counts) > 0


def test_a_picture_keeps_its_caption():
    found = batches(drop_share=0.0)
    known = {tuple(row.tolist()) for row in found.source.ids.flatten(0, 1)}
    batch = found.draw(0, 0)
    for x0, ids in zip(batch.x0, batch.asked["ids"], strict=True):
        index = int((found.source.x.float() / 127.5 - 1 - x0).abs().amax((1, 2, 3)).argmin())
        assert any(torch.equal(ids, caption.long()) for caption in found.source.ids[index])
        assert tuple(ids.tolist()) in known


def test_pictures_are_learnt_between_minus_one_and_one():
    x0 = batches().draw(0, 0).x0
    assert float(x0.min()) >= -1
    assert float(x0.max()) <= 1
    assert float(x0.max()) > 0.9


def test_the_second_stage_sees_its_picture_small_and_as_noisy_as_it_is_told():
    config = replace(WORDS_CONFIG, unet=UPSCALER)
    batch = batches(config, n_items=64).draw(0, 0)
    squared = torch.from_numpy(config.schedule.alphas_cumprod).float()[batch.asked["extra_time"]]
    small = torch.nn.functional.avg_pool2d(batch.x0, 4)
    large = torch.nn.functional.interpolate(small, (32, 32), mode="bilinear")
    noise = batch.asked["extra"] - squared.sqrt()[:, None, None, None] * large
    torch.testing.assert_close(noise.flatten(1).std(1), (1 - squared).sqrt(), atol=0.05, rtol=0.1)


class Perfect(PixelDiffusion):
    """Knows the truth and answers it."""

    batch: DiffusionBatch

    def forward(self, x, time, **asked):
        squared = torch.from_numpy(self.config.schedule.alphas_cumprod).float()[time][:, None, None, None]
        return target_of(self.config.unet.target, self.batch.x0, self.batch.noise, squared.sqrt(), (1 - squared).sqrt())


@pytest.mark.parametrize("target", ["epsilon", "x0", "v"])
def test_the_truth_has_no_error(target):
    config = replace(PLAIN_CONFIG, unet=replace(PLAIN_CONFIG.unet, target=target))
    model, batch = Perfect(config), batches(config).draw(0, 0)
    model.batch = batch
    errors, _ = batch_errors(model, batch, 5.0)
    assert errors.shape == (16,)
    assert float(errors.max()) < 1e-10


def test_an_untrained_network_is_wrong_by_the_size_of_v():
    model, batch = PixelDiffusion(PLAIN_CONFIG), batches(PLAIN_CONFIG).draw(0, 0)
    errors, _ = batch_errors(model, batch, 0.0)
    squared = torch.from_numpy(PLAIN_CONFIG.schedule.alphas_cumprod).float()[batch.times]
    clean = batch.x0.square().mean((1, 2, 3))
    torch.testing.assert_close(errors.detach(), squared + (1 - squared) * clean, atol=0.25, rtol=0.2)


@pytest.mark.parametrize("target", ["epsilon", "x0", "v"])
def test_weights_are_those_of_the_clean_x_up_to_a_limit(target):
    """Weight times error of the target is error of x0 times min(SNR, gamma), or of SNR + 1 for v and x0."""
    squared = torch.linspace(0.01, 0.99, 50)
    snr = squared / (1 - squared)
    of_x0 = {"epsilon": snr, "x0": torch.ones(50), "v": snr + 1}[target]  # target's error per error of x0
    limited = torch.minimum(snr if target == "epsilon" else snr + 1, torch.tensor(5.0))
    torch.testing.assert_close(loss_weights(squared, target, 5.0) * of_x0, limited)
    assert bool((loss_weights(squared, target, 0.0) == 1).all())


@pytest.mark.long("trains a network")
def test_a_resumed_training_ends_bit_for_bit_where_the_other_does():
    def begun():
        torch.manual_seed(0)
        settings = TrainSettings(n_steps=6, n_micro=2, n_warmup=2, n_decay=2)
        return Training(PixelDiffusion(WORDS_CONFIG), DiffusionObjective(batches(n_items=4)), settings, CPU)

    whole = begun()
    for _ in whole.run():
        pass
    first = begun()
    for done in first.run():
        if done.step == 2 and done.is_whole:
            break
    second = begun()
    second.load(first.state())
    for _ in second.run():
        pass
    for name, value in whole.average.state_dict().items():
        assert torch.equal(value, second.average.state_dict()[name]), name


@pytest.mark.long("trains a network")
def test_it_learns():
    torch.manual_seed(0)
    objective = DiffusionObjective(batches(CLASSES_CONFIG, n_items=12, drop_share=0.1))
    settings = TrainSettings(n_steps=40, learning_rate=1e-2, n_warmup=5, n_decay=10, average_decay=0.9)
    training = Training(PixelDiffusion(CLASSES_CONFIG), objective, settings, CPU)
    errors = [done.scalars["error"] for done in training.run()]
    assert np.mean(errors[-10:]) < 0.9 * np.mean(errors[:5])


def run(work):
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def test_held_out_loss_is_the_same_each_time():
    model = made_network("words")
    one, again = (run(held_out_loss(model, batches(), 2, "error")) for _ in range(2))
    assert one == again
    assert one["error"] > 0


def test_a_sample_follows_from_its_own_seed():
    network = made_network("classes")
    classes = torch.tensor([0, 1, 2, 1])
    together = run(sampled(network, WantedPictures((5, 6, 7, 8), classes), 3, Guidance(2.0)))
    alone = run(sampled(network, WantedPictures((7,), classes[2:3]), 3, Guidance(2.0)))
    assert together.shape == (4, 1, 8, 8)
    torch.testing.assert_close(together[2:3], alone, atol=0.1, rtol=0.1)
    assert not torch.allclose(together[1], together[3])


def test_the_preview_is_a_sheet_of_samples():
    preview = SamplePreview(WantedPictures(range(5), torch.arange(5) % 3), 3, Guidance(2.0))
    drawing = preview.draw(made_network("classes"), 0)
    moment = run(drawing)
    assert moment.views[SAMPLES].pixels.shape == (16, 24, 3)


def test_pictures_are_rounded_to_bytes_in_three_colours():
    shown = torch.linspace(0, 1, 6)[:, None, None, None].expand(6, 1, 2, 3)
    found = as_bytes(shown)
    assert found.shape == (6, 2, 3, 3)
    assert found[:, 0, 0, 2].tolist() == [0, 51, 102, 153, 204, 255]
