"""The losses: zero where the drawing is right, and made of what they say."""

import math

import pytest
import torch

from plugins.vae.shared.model.vae import DigitsConfig, DigitsVAE, LetterformsConfig, LetterformsVAE, kl_divergence
from plugins.vae.shared.training.data import DigitBatches, DigitSettings, GlyphBatch
from plugins.vae.shared.training.objective import DigitsObjective, LetterformsLoss, field_errors, letterforms_loss

WEIGHTS = LetterformsLoss(n_capacity_steps=10, free_nats=((0, 1.0), (20, 3.0)))


def half_plane(edge):
    return (torch.arange(64.0) + 0.5 - edge).clamp(-8, 8).expand(1, 64, 64).contiguous()


def test_a_right_field_has_no_error():
    errors = field_errors(half_plane(30), half_plane(30))
    assert float(errors["distance"]) == 0
    assert float(errors["slope"]) == 0
    assert float(errors["overlap"]) < 0.02


def test_a_moved_outline_is_off_by_its_way():
    one, two = field_errors(half_plane(31), half_plane(30)), field_errors(half_plane(32), half_plane(30))
    assert 0.6 < float(one["distance"]) < 1.0  # the whole pixel near the outline, nothing beyond the limit
    assert float(two["distance"]) == pytest.approx(2 * float(one["distance"]), rel=0.02)
    assert float(one["slope"]) < 0.05
    assert float(one["overlap"]) == pytest.approx(1 / 34, abs=0.01)


def test_overlap_counts_what_both_cover():
    errors = field_errors(half_plane(47), half_plane(30))
    assert float(errors["overlap"]) == pytest.approx(0.5, abs=0.01)


def test_early_the_styles_are_held_at_a_capacity():
    mean, log_variance = torch.full((3, 32), 1.0), torch.zeros(3, 32)  # 16 nats
    assert float(WEIGHTS.information(mean, log_variance, 0)) == pytest.approx(0.01 * (36 - 16))
    mean = mean * 2  # 64 nats
    assert float(WEIGHTS.information(mean, log_variance, 9)) == pytest.approx(0.01 * (64 - 36))


def test_later_each_number_has_some_nats_for_free():
    mean = torch.zeros(5, 32)
    mean[:, 0] = 4.0  # 8 nats in one number
    log_variance = torch.zeros(5, 32, requires_grad=True)
    price = WEIGHTS.information(mean, log_variance, 10)
    assert float(price.detach()) == pytest.approx(0.002 * (8 + 31), rel=1e-5)
    later = WEIGHTS.information(mean, log_variance, 20)
    assert float(later.detach()) == pytest.approx(0.002 * (8 + 31 * 3), rel=1e-5)


def test_the_letterforms_loss_reads_one_style_from_all_contexts():
    torch.manual_seed(0)
    model = LetterformsVAE(LetterformsConfig())
    batch = GlyphBatch(
        torch.randn(2, 3, 64, 64),
        torch.randint(0, 62, (2, 3)),
        torch.randn(2, 4, 64, 64),
        torch.randint(0, 62, (2, 4)),
        torch.zeros(2, 32),
    )
    loss, scalars = letterforms_loss(model, batch, WEIGHTS, 0)
    with torch.no_grad():
        means, log_variances = model.encode(batch.context.flatten(0, 1), batch.context_letters.flatten())
        mean, log_variance = means.view(2, 3, -1).mean(1), log_variances.view(2, 3, -1).mean(1)
        drawn = model.decode(mean.repeat_interleave(4, 0), batch.target_letters.flatten())
        parts = field_errors(drawn, batch.target.flatten(0, 1))
    assert float(scalars["kl"].detach()) == pytest.approx(float(kl_divergence(mean, log_variance).mean()), rel=1e-4)
    expected = parts["distance"] + parts["overlap"] + 0.5 * parts["slope"]
    expected = expected + WEIGHTS.information(mean, log_variance, 0)
    assert float(loss.detach()) == pytest.approx(float(expected), rel=1e-4)
    loss.backward()
    assert all(weight.grad is not None for weight in model.parameters())


def test_the_digits_loss_of_a_decoder_that_knows_nothing_is_the_entropy_of_a_coin():
    model = DigitsVAE(DigitsConfig())
    for weight in model.parameters():
        torch.nn.init.zeros_(weight)
    nothing = torch.zeros(4, 28, 28, dtype=torch.uint8).numpy()
    batches = DigitBatches(nothing, 2, DigitSettings(8), 0, torch.device("cpu"))
    loss, scalars = DigitsObjective(batches)(model, 0, 0)
    assert float(loss.detach()) == pytest.approx(784 * math.log(2), rel=1e-5)
    assert float(scalars["kl"].detach()) == 0
