"""The shipped generators of people: what their cards promise, and a mouth that is widened by dragged points."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from plugins.gan.people.engine import PeopleEngine
from plugins.gan.people.frames import drag
from plugins.gan.people.model.drag_gan import PIXEL
from plugins.gan.people.params import PeopleParams
from plugins.gan.people.scene import PeopleScene
from plugins.gan.people.state import DragGoals, DragPair
from plugins.gan.people.training.evaluation import in_unit
from studio.api.engine import Device, ModelSource
from studio.api.training import AVATAR_LABELS, Split, load_avatars, load_judge
from tests.plugins.gan.people.people_made import place_of

MODELS = Path(__file__).parents[4] / "plugins" / "gan" / "models"
CPU = Device("cpu", "float32", 1)
NAMES = list(AVATAR_LABELS)
MAX_GMAC = 0.15
SEEDS = (0, 5, 13)
PULLED = {"mouth", "beard"}
ARRIVED_PX = 1.5


def opened(name):
    card = json.loads((MODELS / f"{name}.json").read_text("utf-8"))
    return PeopleEngine.open(ModelSource(card["id"], MODELS / f"{name}.safetensors", card), CPU), card


@pytest.fixture(scope="module")
def style():
    return opened("avatars-style")


def test_a_face_costs_little(style):
    from torch.utils.flop_counter import FlopCounterMode

    engine, _ = style
    with FlopCounterMode(display=False) as counter:
        engine.generator.synthesis(torch.zeros(1, 8, engine.generator.n_w))
    assert counter.get_total_flops() / 2e9 <= MAX_GMAC


def test_its_card_says_which_floors_were_reached(style):
    _, card = style
    checks = {check["name"]: check for check in card["checks"]}
    appear = checks["Combinations of hair, beard and mouth that appear, share"]
    assert appear["floor"] == 0.8
    assert set(card["figures"]) == set(checks)


def test_words_are_followed(style):
    engine, _ = style
    judge = load_judge("avatars")
    asked = {"a bun": ("hair", "bun"), "spiky hair": ("hair", "spiky"), "a dress": ("clothes", "dress")}
    for words, (label, kind) in asked.items():
        places = [engine.place(PeopleScene(PeopleParams(seed=seed, words=words))) for seed in range(8)]
        with torch.no_grad():
            read = judge.read(in_unit(engine.draw(np.stack(places))))[:, NAMES.index(label)]
        assert int((read == AVATAR_LABELS[label].index(kind)).sum()) >= 7, words


def test_the_discriminator_tells_real_pictures_from_noise(style):
    engine, _ = style
    real = torch.from_numpy(load_avatars(Split.TEST).pictures[:8]).movedim(3, 1).float() / 127.5 - 1
    noise = torch.rand(8, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        shares = [
            np.mean([engine.real_share(float(engine.verdict.scores(one[None])[0])) for one in pictures])
            for pictures in (real, noise)
        ]
    assert shares[0] > 0.2
    assert shares[1] < 0.02


def test_the_beard_slider_gives_a_beard(style):
    engine, _ = style
    judge, column = load_judge("avatars"), NAMES.index("beard")
    bare = [PeopleScene(PeopleParams(seed=seed, words="no beard")) for seed in range(8)]
    bearded = [scene.with_value("beard", 2.5) for scene in bare]
    with torch.no_grad():
        before, after = (
            judge.read(in_unit(engine.draw(np.stack([engine.place(scene) for scene in scenes]))))[:, column]
            for scenes in (bare, bearded)
        )
    assert int((before == 0).sum()) >= 7
    assert int((after != 0).sum()) >= 6


def test_colours_of_b_leave_the_figure_of_a(style):
    engine, _ = style
    judge = load_judge("avatars")
    mixes = [PeopleScene(PeopleParams(seed=seed), seed_b=seed + 50, from_b=(False, False, True)) for seed in range(12)]
    with torch.no_grad():
        a, b, mixed = (
            judge.read(in_unit(engine.draw(np.stack(places))))
            for places in (
                [engine.place(PeopleScene(PeopleParams(seed=seed))) for seed in range(12)],
                [engine.place(PeopleScene(PeopleParams(seed=seed + 50))) for seed in range(12)],
                [engine.place(scene) for scene in mixes],
            )
        )
    shirt, hair = NAMES.index("clothes_colour"), NAMES.index("hair")
    assert int((mixed[:, shirt] == b[:, shirt]).sum()) >= 10
    assert int((mixed[:, hair] == a[:, hair]).sum()) >= 10


@pytest.mark.long("computes for long")
def test_mouths_are_widened_and_the_rest_of_the_face_stays():
    card = json.loads((MODELS / "avatars-style.json").read_text("utf-8"))
    source = ModelSource(card["id"], MODELS / "avatars-style.safetensors", card)
    engine = PeopleEngine.open(source, Device("cpu", "float32", 1))
    corner, wider = (35 * PIXEL, 42 * PIXEL), (38 * PIXEL, 41 * PIXEL)
    runs = [
        list(drag(engine, PeopleScene(PeopleParams(seed=seed)), DragGoals((DragPair(corner, wider),))))
        for seed in SEEDS
    ]
    assert sum(frames[-1].scalars["distance"] <= ARRIVED_PX for frames in runs) >= 2
    judge, others = load_judge("avatars"), [n for n, name in enumerate(AVATAR_LABELS) if name not in PULLED]
    with torch.no_grad():
        before, after = (
            judge.read(in_unit(engine.draw(np.stack([place_of(frames[at]) for frames in runs]))))[:, others]
            for at in (0, -1)
        )
    assert float((before == after).float().mean()) >= 0.75
