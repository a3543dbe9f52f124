"""Faces that an autoencoder draws in layers: what is shown, what the discriminator sees, whose turn it is."""

import copy
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.gan.people.engine import DRAFT_SHOWN_PX, FULL_PX, SMALL_PX, PeopleEngine
from plugins.gan.people.model.layered_gan import (
    LARGEST_PX,
    LayeredGan,
    LayeredGanConfig,
    LayeredPeopleGenerator,
    PlaceDiscriminator,
    PlaceDiscriminatorConfig,
    PlaceScorer,
    places_of,
)
from plugins.gan.people.model.style_gan import UNSAID
from plugins.gan.people.panel.canvas import with_heat
from plugins.gan.people.params import PeopleParams
from plugins.gan.people.scene import PeopleScene
from plugins.gan.people.training import card as people_card
from plugins.gan.people.training.data import FaceBatches
from plugins.gan.people.training.layers_recipe import GanAvatarsLayersRecipe, LayersLoss, LayersObjective
from plugins.gan.shared.weights import KINDS
from studio.api.drawing import DRAWN_BY
from studio.api.engine import Device, ModelSource, TrainOptions, known_file
from studio.api.training import AVATAR_LABELS, AVATARS, load_judge, random_judge
from studio.core.error import UserError
from studio.nn.layered.layered_vae import LayeredConfig, LayeredVAE, load_layered
from studio.nn.network_file import save_network
from tests.plugins.gan.people.people_made import FREQUENCIES, TINY, pixels_of

CPU = Device("cpu", "float32", 1)
SMALL = LayeredConfig(
    n_latent=6, condition_width=16, seed_width=8, widths=(8, 8, 8, 8), encoder_widths=(8, 8, 8, 8), layers_width=8
)
CRITIC = PlaceDiscriminatorConfig(n_latent=6, width=8, n_hidden=2)


@pytest.fixture
def autoencoder():
    torch.manual_seed(4)
    found = LayeredVAE(SMALL).eval().requires_grad_(False)
    found.sharp.fixed.uniform_()
    return found


@pytest.fixture
def gan():
    torch.manual_seed(5)
    return LayeredGan(LayeredGanConfig(TINY.generator, CRITIC)).eval()


@pytest.fixture
def pictures():
    return torch.rand(4, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1


def test_what_is_small_is_the_mean_of_what_is_large(gan, autoencoder, pictures):
    people = LayeredPeopleGenerator(gan.generator, autoencoder)
    assert people.shown_px == LARGEST_PX
    large = people.shown(pictures, 256)
    assert large.shape == (4, 256, 256, 3)
    small = large.reshape(4, 64, 4, 64, 4, 3).mean((2, 4)) / 127.5 - 1
    np.testing.assert_allclose(people.small(pictures).movedim(1, 3).numpy(), small, atol=1e-5)


def test_a_picture_alone_has_the_score_that_it_has_among_others(gan, autoencoder, pictures):
    scorer = PlaceScorer(gan.discriminator, autoencoder)
    with torch.no_grad():
        together, alone = scorer.scores(pictures), torch.cat([scorer.scores(one[None]) for one in pictures])
    assert torch.equal(together, alone)


def test_what_was_told_is_an_addend_by_hand():
    torch.manual_seed(6)
    judge = PlaceDiscriminator(CRITIC).eval()
    places, labels = torch.randn(4, 6), torch.zeros(4, len(AVATAR_LABELS), dtype=torch.long)
    labels[:, 3:] = UNSAID
    seen = []
    judge.score.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    with torch.no_grad():
        told, untold = judge(places, labels), judge(places)
        n_kinds = [len(kinds) for kinds in AVATAR_LABELS.values()]
        rows = sum(judge.classes[sum(n_kinds[:k])] for k in range(3)) / len(n_kinds) ** 0.5
        wanted = untold + (seen[0] * rows).sum(1) / seen[0].shape[1] ** 0.5
    torch.testing.assert_close(told, wanted)


def test_each_turn_moves_its_own_network_alone(gan, autoencoder):
    torch.manual_seed(7)
    faces = torch.randint(0, 255, (8, 64, 64, 3), dtype=torch.uint8)
    labels = torch.zeros(8, len(AVATAR_LABELS), dtype=torch.long)
    batches = FaceBatches(faces, labels, 4, TINY.generator.n_z, 1, torch.device("cpu"), 0.0, 0.0)
    objective = LayersObjective(batches, random_judge(AVATARS), autoencoder, LayersLoss())
    learner = copy.deepcopy(gan).train()
    for step, (moved, rested) in enumerate((("discriminator", "generator"), ("generator", "discriminator"))):
        learner.zero_grad()
        loss, parts = objective(learner, step, 0)
        loss.backward()
        slopes = {name: part.grad for name, part in learner.named_parameters() if part.grad is not None}
        assert any(name.startswith(moved) for name in slopes)
        assert not any(name.startswith(rested) for name in slopes)
        assert {"telling", "r1"} <= set(parts) or {"fooling", "told", "near", "pixels"} <= set(parts)


def test_real_places_are_those_of_the_pictures_as_they_are_shown(autoencoder):
    grey = torch.zeros(2, 3, 64, 64)
    torch.testing.assert_close(places_of(grey, autoencoder), autoencoder.encode(grey + 0.5)[0])
    torch.testing.assert_close(places_of(grey + 3, autoencoder), autoencoder.encode(grey + 1)[0])


@pytest.mark.long("trains a network")
def test_the_recipe_makes_a_model_that_opens(tmp_path, monkeypatch):
    monkeypatch.setattr("plugins.gan.people.training.style_recipe.N_MEAN", 64)
    monkeypatch.setattr("plugins.gan.people.training.layers_recipe.N_VALIDATION", 8)
    monkeypatch.setattr(people_card, "N_EFFECT", 2)
    out = tmp_path / "model.safetensors"
    recipe = replace(GanAvatarsLayersRecipe(), n_items=4, n_measured=8)
    frames = list(recipe.train(TrainOptions(out, CPU, n_steps=2)))
    assert any("told" in frame.scalars for frame in frames)
    card = json.loads(out.with_suffix(".json").read_text("utf-8"))
    assert card[DRAWN_BY] == "vae/avatars"
    engine = PeopleEngine.open(ModelSource(card["id"], out, card), CPU)
    (frame,) = engine.generate(PeopleParams(seed=1))
    assert pixels_of(frame).shape == (FULL_PX, FULL_PX, 3)
    draft = engine.scene_frame(PeopleScene(PeopleParams(seed=1)), is_draft=True)
    assert pixels_of(draft).shape == (DRAFT_SHOWN_PX, DRAFT_SHOWN_PX, 3)
    (passed,) = engine.generate(PeopleParams(seed=1), frame.state)
    np.testing.assert_array_equal(pixels_of(passed), pixels_of(frame))
    (drawn,) = engine.draw_seeds(PeopleScene(PeopleParams()), [0, 1])
    assert drawn.shape == (2, SMALL_PX, SMALL_PX, 3)
    assert engine.faces(PeopleScene(PeopleParams()), [0, 1]).shape == (2, 3, 64, 64)


def test_a_card_that_names_no_known_model_is_refused(tmp_path, gan):
    path = tmp_path / "made.safetensors"
    save_network(path, gan)
    assert "LayeredGan" in KINDS
    for name in ("vae/none", "../vae/avatars", str(path)):
        card = {"id": "gan/made", "kind": "people", "frequencies": FREQUENCIES, DRAWN_BY: name}
        with pytest.raises(UserError, match="no model called"):
            PeopleEngine.open(ModelSource("gan/made", path, card), CPU)


def test_what_the_discriminator_looked_at_is_laid_over_a_picture_of_any_size():
    heat = np.zeros((64, 64), np.float32)
    heat[:, 32:] = 1
    for size in (64, 512):
        drawn = with_heat(np.full((size, size, 3), 200, np.uint8), heat)
        assert drawn.shape == (size, size, 3)
        assert (drawn[:, : size // 2 - 8] == 164).all()
        assert (drawn[:, size // 2 + 8 :] == [251, 191, 36]).all()


def test_a_model_without_layers_draws_nothing_large():
    with pytest.raises(UserError, match="model of this kind"):
        load_layered(known_file("vae/digits"))


@pytest.mark.parametrize("words", ["a full beard", "a twirled moustache", "a wink", "laughing"])
def test_shipped_faces_have_what_they_are_asked_for(words):
    path = known_file("gan/avatars-layers")
    card = json.loads(path.with_suffix(".json").read_text("utf-8"))
    engine = PeopleEngine.open(ModelSource(card["id"], path, card), CPU)
    label, kind = {
        "a full beard": ("beard", "fullBeard"),
        "a twirled moustache": ("beard", "moustacheTwirl"),
        "a wink": ("eyes", "wink"),
        "laughing": ("mouth", "laugh"),
    }[words]
    read = load_judge("avatars").read(engine.faces(PeopleScene(PeopleParams(words=words)), range(10)) / 2 + 0.5)
    column = list(AVATAR_LABELS).index(label)
    assert int((read[:, column] == AVATAR_LABELS[label].index(kind)).sum()) >= 9
