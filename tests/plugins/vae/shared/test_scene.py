"""What the panel's person has set survives JSON, and nothing hostile gets in."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.vae.shared.params import MAX_LETTERS, LetterParams, letters_to_draw
from plugins.vae.shared.scene import CODEC, MAX_ABS_Z, VaeScene, check_scene, seed_params
from studio.core.character import CHARACTERS
from studio.core.error import UserError
from studio.core.seed import MAX_SEED

N_LATENT = 3
NUMBERS = st.floats(-MAX_ABS_Z, MAX_ABS_Z, width=32)
PLACES = st.lists(NUMBERS, min_size=N_LATENT, max_size=N_LATENT).map(lambda z: np.array(z, np.float32))
WORDS = st.text(CHARACTERS, min_size=1, max_size=MAX_LETTERS)
SCENES = st.builds(
    VaeScene,
    z=PLACES,
    text=WORDS,
    seed=st.integers(0, MAX_SEED),
    spread=st.floats(0, 3),
    is_moved=st.booleans(),
)
GOOD = CODEC.write(VaeScene(np.zeros(N_LATENT, np.float32), "g", 7))
HOSTILE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.floats(), max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def scene_from_json(values, n_latent, draws_letters):
    scene = CODEC.read(values)
    check_scene(scene, n_latent, draws_letters)
    return scene


def are_equal(a, b):
    return all(
        np.array_equal(x, y) if isinstance(x, np.ndarray) else x == y
        for x, y in ((getattr(a, name), getattr(b, name)) for name in VaeScene.__dataclass_fields__)
    )


@given(SCENES)
def test_a_scene_survives_json_exactly(scene):
    text = json.dumps(CODEC.write(scene), allow_nan=False)
    assert are_equal(scene_from_json(json.loads(text), N_LATENT, True), scene)


@pytest.mark.long("computes for long")
@given(st.sampled_from(sorted(GOOD)), HOSTILE)
def test_a_hostile_value_is_refused_or_harmless(name, value):
    try:
        scene = scene_from_json({**GOOD, name: value}, N_LATENT, True)
    except UserError:
        return
    assert scene.z.shape == (N_LATENT,)
    assert np.isfinite(scene.z).all()
    assert 1 <= len(scene.text) <= MAX_LETTERS
    assert 0 <= scene.seed <= MAX_SEED
    assert 0 <= scene.spread <= 3
    assert are_equal(scene_from_json(CODEC.write(scene), N_LATENT, True), scene)


@given(HOSTILE)
def test_anything_but_a_scene_is_refused(values):
    with pytest.raises(UserError):
        scene_from_json(values, N_LATENT, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("z", [0.0] * (N_LATENT + 1)),
        ("z", [[0.0] * N_LATENT]),
        ("z", [0.0, float("nan"), 0.0]),
        ("z", [0.0, 1e300, 0.0]),
        ("seed", -1),
        ("seed", 10**400),
        ("spread", float("nan")),
        ("spread", 1e9),
        ("text", "ß"),
        ("text", "x" * (MAX_LETTERS + 1)),
    ],
)
def test_a_wrong_value_is_refused(name, value):
    with pytest.raises(UserError):
        scene_from_json({**GOOD, name: value}, N_LATENT, True)


def test_missing_and_unknown_keys_are_refused():
    for name in GOOD.keys() - {"repair", "terms", "packing", "balance"}:  # which came later
        with pytest.raises(UserError):
            scene_from_json({key: value for key, value in GOOD.items() if key != name}, N_LATENT, True)
    with pytest.raises(UserError):
        scene_from_json({**GOOD, "nonsense": 1}, N_LATENT, True)


def test_a_model_without_letters_takes_no_word():
    assert scene_from_json({**GOOD, "text": ""}, N_LATENT, False).text == ""
    with pytest.raises(UserError):
        scene_from_json(GOOD, N_LATENT, False)


def test_a_word_has_1_to_24_known_letters():
    assert letters_to_draw("", True) == "g"
    assert letters_to_draw("Ab 9", True) == "Ab 9"
    assert letters_to_draw("x" * MAX_LETTERS, True) == "x" * MAX_LETTERS
    for wrong in ("x" * (MAX_LETTERS + 1), "   ", "ß", "a\n", "a" * 100_000):
        with pytest.raises(UserError):
            letters_to_draw(wrong, True)


def test_a_place_stays_within_what_a_state_may_hold():
    scene = VaeScene(np.zeros(N_LATENT, np.float32), "g", 7).moved_to(np.array([1e30, -np.inf, 1.0], np.float32))
    assert scene.z.tolist() == [MAX_ABS_Z, -MAX_ABS_Z, 1.0]
    assert scene.is_moved
    assert are_equal(scene_from_json(CODEC.write(scene), N_LATENT, True), scene)


def test_the_parameters_of_a_scene_are_its_seed_word_and_boldness():
    assert seed_params(VaeScene(np.zeros(1, np.float32), "Ab", 9, 0.5)) == LetterParams(9, 0.5, "Ab")


def test_a_scene_of_the_first_version_is_read_without_its_two_places():
    former = {"a": [0.0] * N_LATENT, "b": None, "rule": "linear", "blend": 0.5, "is_on_way": False}
    assert are_equal(scene_from_json({**GOOD, **former}, N_LATENT, True), scene_from_json(GOOD, N_LATENT, True))
