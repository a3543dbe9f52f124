"""The judges: right often enough on held-out pictures, and fair about letters that look alike."""

from importlib.resources import as_file, files

import pytest
import torch

from studio.core.card import read_card
from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.datasets.avatars import AVATAR_LABELS
from studio.datasets.split import Split
from studio.metrics import judge as module
from studio.metrics.judge import AVATARS, DIGITS, Judge, glyph_ink, load_judge, look_alike_groups, save_judge
from studio.metrics.recipe import RECIPES, avatar_pictures, digit_pictures, glyph_pictures, shares_right


def card_of(name):
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


def test_the_card_says_that_the_judge_reads_every_part_of_a_face():
    card = card_of("avatars")
    assert card.trained["data_set"] == "full"
    assert card.trained["seed"] == RECIPES["metrics/avatars"].seed
    assert card.trained["n_steps"] == RECIPES["metrics/avatars"].settings.n_steps
    for part in ("validation", "test"):
        for label in AVATAR_LABELS:
            assert card.figures[f"Right on {part} pictures, {label}, share"] >= 0.98


@pytest.mark.long("computes for long")
def test_the_judge_of_faces_reads_combinations_that_it_has_not_seen():
    examples = avatar_pictures(Split.TEST)
    shares = shares_right(load_judge("avatars"), examples, torch.arange(AVATARS.n_classes))
    assert len(shares) == len(AVATAR_LABELS)
    assert min(shares) >= 0.98


def test_judges_are_small():
    with as_file(files("studio.metrics") / "models") as folder:
        sizes = {path.stem: path.stat().st_size for path in folder.glob("*.safetensors")}
    assert set(sizes) == {"digits", "glyphs", "avatars", "scenes", "notes", "speech", "emoji-styles"}
    assert max(sizes.values()) <= 0.75e6


def test_several_labels_share_the_features_and_split_the_logits():
    torch.manual_seed(0)
    judge = Judge(AVATARS).eval()
    pictures = torch.rand(3, 3, 64, 64)
    parts = judge.split(judge(pictures))
    assert [part.shape[1] for part in parts] == [len(kinds) for kinds in AVATAR_LABELS.values()]
    torch.testing.assert_close(torch.cat(parts, 1), judge(pictures))
    assert torch.equal(judge.read(pictures)[:, 2], parts[2].argmax(1))
    maps = judge.maps(pictures)
    assert tuple(map.shape[1] for map in maps) == judge.map_widths
    assert [map.shape[2] for map in maps] == [32, 16, 8, 4, 4]


def test_faint_lines_are_amplified_and_flat_colour_is_not():
    judge = Judge(AVATARS)
    first = judge.get_submodule("blocks.0.0")
    assert isinstance(first, torch.nn.Conv2d)
    assert first.bias is not None
    flat = torch.full((1, 3, 64, 64), 0.4)
    lined = flat.clone()
    lined[:, :, 40, 28:36] -= 7 / 255
    with torch.no_grad():
        first.weight[:, :12] = 0  # only the channels of finer contrast count
        bare, seen = (first(unfolded(judge, picture)) for picture in (flat, lined))
    torch.testing.assert_close(bare, first.bias.detach()[:, None, None].expand_as(bare), atol=1e-5, rtol=0)
    assert float((seen - bare).abs().max()) > 0.01


def unfolded(judge, picture):
    """What the first block sees of a picture."""
    caught = []
    handle = judge.get_submodule("blocks.0").register_forward_pre_hook(lambda _, inputs: caught.append(inputs[0]))
    judge.maps(picture)
    handle.remove()
    return caught[0]


def test_the_digit_judge_reads_the_small_test_set():
    examples = digit_pictures(Split.TEST)
    assert shares_right(load_judge("digits"), examples, torch.arange(10))[0] >= 0.97


@pytest.mark.long("computes for long")
def test_the_glyph_judge_reads_typefaces_that_it_has_not_seen():
    examples = glyph_pictures(Split.TEST)
    assert shares_right(load_judge("glyphs"), examples, look_alike_groups())[0] >= 0.95


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
