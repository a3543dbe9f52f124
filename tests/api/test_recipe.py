"""What every recipe does alike: seeded networks, chosen settings, frames, and a card without a person's folders."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import nn

from studio.api.engine import TrainOptions
from studio.api.recipe import TrainingRecipe
from studio.api.training import Split, TrainSettings, Validation, peer_checkpoint
from studio.compute.device import Device
from studio.core.card import write_card
from studio.core.error import UserError
from studio.core.param import param

SETTINGS = TrainSettings(n_steps=4, n_warmup=1, n_decay=1)


@dataclass(frozen=True)
class FolderSettings(TrainSettings):
    data: str = param("", label="Folder", help="Where it lies.")


@dataclass(frozen=True)
class LineConfig:
    n: int = 3


class Line(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.layer = nn.Linear(config.n, 1)


@dataclass(frozen=True, kw_only=True)
class LineRecipe(TrainingRecipe[torch.Tensor]):
    """Learns that numbers add up to nothing."""

    id: str = "good/line"
    title: str = "Line"
    summary: str = "Learns a line."
    minutes: float = 1
    seed: int = 5
    settings: TrainSettings = SETTINGS

    def data(self, split):
        return torch.ones(8, 3) if split is Split.TRAIN else torch.zeros(8, 3)

    def network_and_objective(self, data, device):
        return Line(LineConfig()), lambda model, step, micro: (model.layer(data).square().mean(), {})

    def validation(self, data, device):
        def measure(average):
            yield
            return {"bias": float(average.layer.bias.abs())}

        return Validation(measure, "bias")

    def write(self, out, training, data):
        yield
        torch.save(training.average.state_dict(), out)
        write_card(out.with_suffix(".json"), self.common_card(training.average, [training], "ones", 8, n_items=2), [])


@pytest.fixture
def options(tmp_path):
    return TrainOptions(tmp_path / "line.pt", Device("cpu", "float32", 1))


def test_a_recipe_shows_every_step_and_then_the_measuring(options):
    frames = list(LineRecipe().train(replace(options, n_steps=2)))
    assert [frame.step for frame in frames if "loss" in frame.scalars] == [0, 1]
    assert frames[-1].label == "Measuring what was learnt"
    card = json.loads(options.out.with_suffix(".json").read_text("utf-8"))
    assert (card["n_params"], card["trained"]["n_steps"], card["trained"]["seed"]) == (4, 2, 5)
    assert (card["settings"]["n_steps"], card["settings"]["n_items"]) == (2, 2)
    assert card["data_set"] == {"name": "ones", "n_items": 8, "which": "full"}
    assert "kind" not in card


def test_a_training_follows_from_its_seed_and_goes_on_where_it_was_stopped(options, tmp_path):
    list(LineRecipe().train(options))
    torch.manual_seed(99)
    parted = replace(options, out=tmp_path / "parted.pt")
    frames: Any = LineRecipe().train(parted)  # a generator, which may be closed
    next(frames)
    frames.close()
    list(LineRecipe().train(replace(parted, is_resumed=True)))
    whole, again = (torch.load(one.out, weights_only=True) for one in (options, parted))
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_a_card_keeps_to_itself_where_a_folder_lies(options):
    settings = FolderSettings(n_steps=1, n_warmup=0, n_decay=0)
    list(LineRecipe(settings=settings).train(replace(options, settings={"data": "/home/somebody/pictures"})))
    assert "somebody" not in options.out.with_suffix(".json").read_text("utf-8")


@pytest.mark.parametrize(("has_peer", "is_kept"), [(True, False), (False, True)])
def test_the_peer_of_an_earlier_training_goes(options, has_peer, is_kept):
    peer_checkpoint(options.out).write_bytes(b"")
    list(LineRecipe(has_peer=has_peer).train(options))
    assert peer_checkpoint(options.out).exists() == is_kept


def test_an_unknown_setting_is_refused(options):
    with pytest.raises(UserError, match="speed"):
        next(LineRecipe().train(replace(options, settings={"speed": "1"})))
