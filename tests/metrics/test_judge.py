"""The judges: right often enough on held-out pictures, and fair about letters that look alike."""

import pytest
import torch

from studio.core.card import read_card
from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.datasets.split import Split
from studio.metrics import judge as module
from studio.metrics.judge import DIGITS, Judge, glyph_ink, load_judge, look_alike_groups, save_judge
from studio.metrics.recipe import RECIPES, digit_pictures, glyph_pictures, share_right


def card_of(name):
    from importlib.resources import as_file, files

    with as_file(files("studio.metrics") / "models" / f"{name}.json") as path:
        return read_card(path)


@pytest.mark.parametrize(("name", "floor"), [("digits", 0.98), ("glyphs", 0.95)])
def test_the_card_says_that_the_judge_is_good_enough(name, floor):
    card = card_of(name)
    assert card.id == f"metrics/{name}"
    assert card.figures["Right on test pictures, share"] >= floor
    assert card.figures["Right on validation pictures, share"] >= floor
    assert card.trained["seed"] == RECIPES[card.id].seed
    assert card.trained["data_set"] == "full"


def test_the_digit_judge_reads_the_small_test_set():
    examples = digit_pictures(Split.TEST)
    assert share_right(load_judge("digits"), examples, torch.arange(10)) >= 0.97


def test_the_glyph_judge_reads_typefaces_that_it_has_not_seen():
    examples = glyph_pictures(Split.TEST)
    assert share_right(load_judge("glyphs"), examples, look_alike_groups()) >= 0.95


def test_look_alikes_share_a_group_and_all_others_have_their_own():
    groups = dict(zip(CHARACTERS, look_alike_groups().tolist(), strict=True))
    assert groups["I"] == groups["l"] == groups["1"]
    assert groups["O"] == groups["o"] == groups["0"]
    assert groups["X"] == groups["x"]
    assert len({groups[letter] for letter in "ABDEFGHJKLMNPQRTYabdefghijkmnpqrty23456789"}) == 42
    assert list(card_of("glyphs").more["look_alikes"]) == list(module.LOOK_ALIKES)


def test_features_are_what_the_last_layer_sees():
    judge = load_judge("digits")
    pictures = torch.rand(3, 28, 28)
    features = judge.features(pictures)
    assert features.shape == (3, 96)
    torch.testing.assert_close(judge.head(features), judge(pictures))


def test_ink_is_half_on_the_outline():
    assert glyph_ink(torch.tensor([-3.0, 0.0, 0.5, 2.0])).tolist() == [0.0, 0.5, 0.75, 1.0]


def test_a_judge_comes_back_as_it_was_saved(tmp_path, monkeypatch):
    torch.manual_seed(0)
    judge = Judge(DIGITS).eval()
    (tmp_path / "models").mkdir()
    save_judge(tmp_path / "models" / "own.safetensors", judge, {"id": "metrics/own"})
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    pictures = torch.rand(4, 28, 28)
    with torch.no_grad():
        torch.testing.assert_close(load_judge("own")(pictures), judge(pictures), atol=1e-2, rtol=1e-2)


def test_a_missing_judge_gives_a_sentence():
    with pytest.raises(UserError, match="missing or damaged"):
        load_judge("nobody")
