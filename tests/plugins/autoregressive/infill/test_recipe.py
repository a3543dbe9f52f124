"""The recipe of the XLNet from Shakespeare to card, and the gaps that it is measured by."""

from dataclasses import replace

import pytest
import torch

from plugins.autoregressive.infill.model.config import XLNetConfig
from plugins.autoregressive.infill.model.xlnet import XLNet, load_xlnet
from plugins.autoregressive.infill.training.objective import (
    InfillGap,
    NextInOrder,
    bits_both_sides,
    bits_from_left,
    gaps_in,
    window,
)
from plugins.autoregressive.infill.training.recipe import TEXT_XLNET
from plugins.autoregressive.shared.model.relative_network import save_with_cutter
from plugins.autoregressive.shared.tokenizer import TextCutter
from plugins.autoregressive.text.model.transformer_xl import TransformerXL, XLConfig
from plugins.autoregressive.text.training.objective import XLPassages, stream_of
from studio.api.engine import TrainOptions
from studio.api.training import Split, Training, TrainSettings, load_shakespeare
from studio.compute.device import Device
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.pausing import result_of

CPU = torch.device("cpu")
SMALL = XLNetConfig(n_vocab=300, n_layers=1, n_heads=2, width=8, mlp_width=8, n_context=24)
WORDS = "the quick brown fox jumps over the lazy dog and runs far away from here "


@pytest.mark.long("trains a network")
def test_a_tiny_recipe_writes_a_model_with_its_card(tmp_path, monkeypatch):
    monkeypatch.setattr("plugins.autoregressive.infill.training.recipe.N_TEST", 3)
    monkeypatch.setattr("plugins.autoregressive.infill.training.recipe.N_VALIDATION", 2)
    cutter = TextCutter.learnt(load_shakespeare(Split.TEST).texts, 300)
    rival = TransformerXL(XLConfig(300, 1, 2, 8, 8, n_segment=16, n_memory=16))
    save_with_cutter(tmp_path / "rival.safetensors", rival, cutter)
    short = TrainSettings(n_steps=2, n_micro=1, n_warmup=1, n_decay=1)
    config, rival_path = replace(SMALL, n_context=96), tmp_path / "rival.safetensors"
    recipe = replace(TEXT_XLNET, config=config, settings=short, n_items=2, n_told=5, rival=rival_path)
    options = TrainOptions(tmp_path / "made.safetensors", Device("cpu", "float32", 1))
    list(recipe.train(options))
    card = read_card(options.out.with_suffix(".json"))
    first = card.more["checks"][0]
    assert first["name"].startswith("Bits for 5 missing words, in 9 gaps")
    assert first["floor"] > 0
    network, written = load_xlnet(options.out)
    assert network.config == config
    assert written.n_tokens == 300


def test_gaps_are_five_words_with_all_that_stands_around_them():
    text = WORDS * 200
    gaps = gaps_in(text, 7)
    assert len(gaps) == 7
    for gap in gaps:
        assert len(gap.words.split()) == 5
        assert gap.before + gap.words + gap.behind in text


def test_a_window_has_the_gap_in_its_middle():
    cutter = TextCutter.learnt([WORDS * 20], 280)
    gap = gaps_in(WORDS * 200, 1)[0]
    tokens, places = window(gap, cutter, 24)
    assert len(tokens) == 24
    assert [tokens[place] for place in places] == cutter.encode(gap.words)
    assert abs(places[0] - (24 - places[-1])) <= 2


@pytest.mark.long("trains a network")
def test_a_text_by_heart_is_filled_for_nothing():
    cutter = TextCutter.learnt([WORDS * 20], 320)
    config = replace(SMALL, n_vocab=cutter.n_tokens, n_layers=2, width=32, mlp_width=64)
    passages = XLPassages(stream_of([WORDS * 40], cutter.encode), 8, 24, 1, CPU)
    settings = TrainSettings(n_steps=120, learning_rate=5e-3, n_warmup=10, n_decay=40, average_decay=0.0)
    torch.manual_seed(2)
    training = Training(XLNet(config), NextInOrder(passages, 6), settings, CPU)
    losses = [step.loss for step in training.run()]
    assert losses[-1] < 0.4 * losses[0]
    gaps = gaps_in(WORDS * 200, 4)
    assert isinstance(training.average, XLNet)
    untaught = result_of(bits_both_sides(XLNet(config).eval(), cutter, gaps))
    assert result_of(bits_both_sides(training.average.eval(), cutter, gaps)) < 0.6 * untaught


def test_the_left_alone_is_scored_by_the_chain_rule():
    """A network of which every token is as likely as any other needs log2 of their number for each."""
    cutter = TextCutter.learnt([WORDS * 20], 270)
    network = TransformerXL(XLConfig(cutter.n_tokens, 1, 2, 8, 8, n_segment=8, n_memory=8)).requires_grad_(False)
    network.tokens.weight.zero_()
    gap = InfillGap(WORDS, " over the lazy dog and", " runs far")
    bits = result_of(bits_from_left(network, cutter, [gap]))
    assert bits == pytest.approx(len(cutter.encode(gap.words)) * torch.tensor(float(cutter.n_tokens)).log2().item())


def test_another_tokenizer_is_refused(tmp_path):
    save_with_cutter(tmp_path / "made.safetensors", XLNet(SMALL), TextCutter.learnt([WORDS], 260))
    with pytest.raises(UserError):
        load_xlnet(tmp_path / "made.safetensors")
