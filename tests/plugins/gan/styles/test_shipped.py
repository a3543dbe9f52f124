"""The shipped CycleGAN is held to what its card says, on the held-out emoji that are shipped."""

from importlib.resources import as_file, files

import pytest
import torch

from plugins.gan.shared.weights import load_network
from plugins.gan.styles.model.cyclegan import StylesNetwork
from plugins.gan.styles.training.evaluation import accepted_share, found_share, laid
from studio.core.card import read_card
from studio.datasets.emoji.styles import load_emoji_styles
from studio.datasets.split import Split
from studio.metrics.judge import load_judge

MODELS = files("plugins.gan") / "models"
WAYS = {False: "flat to glossy", True: "glossy to flat"}


@pytest.fixture(scope="module")
def card():
    with as_file(MODELS / "emoji-styles.json") as path:
        return read_card(path)


@pytest.fixture(scope="module")
def network():
    with as_file(MODELS / "emoji-styles.safetensors") as path:
        return load_network(path, StylesNetwork)


def test_the_card_names_its_kind_and_what_a_verdict_is_read_off(card):
    assert card.id == "gan/emoji-styles"
    assert card.more["kind"] == "styles"
    assert card.trained["data_set"] == "full"
    for scores in card.more["real_scores"].values():
        assert len(scores) == 101
        assert scores == sorted(scores)


def test_the_originals_are_found_again(card):
    for way in WAYS.values():
        assert card.figures[f"Own original among the 5 nearest of 100, {way}, share"] >= 0.5


@pytest.mark.long("computes for long")
@pytest.mark.parametrize("is_back", [False, True])
def test_translations_are_what_the_card_says(card, network, is_back):
    pictures = laid(load_emoji_styles(Split.TEST, is_small=True))[int(is_back)]
    with torch.no_grad():
        made = torch.cat([network.translated(part, is_back) for part in pictures.split(16)])
    assert found_share(made, pictures) == 1
    stated = card.figures[f"Judge sees the wanted style, {WAYS[is_back]}, share"]
    seen = accepted_share(load_judge("emoji-styles"), made, not is_back)
    assert abs(seen - stated) < 0.2  # 48 of the 141, compressed with loss
    untouched = accepted_share(load_judge("emoji-styles"), pictures, not is_back)
    assert seen > untouched + 0.3


def test_files_are_small():
    with as_file(MODELS / "emoji-styles.safetensors") as path:
        assert path.stat().st_size <= 1.45e6
