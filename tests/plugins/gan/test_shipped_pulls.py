"""Points pulled on the shipped faces: a mouth is widened, and the rest of the face stays what it was."""

import json
from pathlib import Path

import numpy as np
import torch

from plugins.gan.people_engine import PeopleEngine
from plugins.gan.people_evaluation import in_unit
from plugins.gan.people_params import PeopleParams
from plugins.gan.people_scene import PeopleScene
from plugins.gan.pull_motion import PIXEL
from plugins.gan.pull_points import Pair, Pulls
from plugins.gan.pull_run import pull
from studio.api.engine import Device, ModelSource
from studio.api.training import AVATAR_LABELS, load_judge
from tests.plugins.gan.made_people import place_of

MODELS = Path(__file__).parents[3] / "plugins" / "gan" / "models"
SEEDS = (0, 5, 13)
PULLED = {"mouth", "beard"}
ARRIVED_PX = 1.5


def test_mouths_are_widened_and_the_rest_of_the_face_stays():
    card = json.loads((MODELS / "avatars-style.json").read_text("utf-8"))
    source = ModelSource(card["id"], MODELS / "avatars-style.safetensors", card)
    engine = PeopleEngine.open(source, Device("cpu", "float32", 1))
    corner, wider = (35 * PIXEL, 42 * PIXEL), (38 * PIXEL, 41 * PIXEL)
    runs = [list(pull(engine, PeopleScene(PeopleParams(seed=seed)), Pulls((Pair(corner, wider),)))) for seed in SEEDS]
    assert sum(frames[-1].scalars["distance"] <= ARRIVED_PX for frames in runs) >= 2
    judge, others = load_judge("avatars"), [n for n, name in enumerate(AVATAR_LABELS) if name not in PULLED]
    with torch.no_grad():
        before, after = (
            judge.read(in_unit(engine.draw(np.stack([place_of(frames[at]) for frames in runs]))))[:, others]
            for at in (0, -1)
        )
    assert float((before == after).float().mean()) >= 0.75
