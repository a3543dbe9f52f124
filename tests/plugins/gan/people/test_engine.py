"""Places, mixes, truncation and directions of a tiny generator, against what each of them means."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from plugins.gan.family import FAMILY
from plugins.gan.people.engine import PeopleEngine, class_of
from plugins.gan.people.model.interface import StylePeopleGenerator, StyleScorer, heat_map
from plugins.gan.people.model.label_prior import chance_labels, conditioning_labels, frequencies_of
from plugins.gan.people.model.style_gan import StyleGan
from plugins.gan.people.params import PeopleParams
from plugins.gan.people.scene import MAX_ABS_W, PeopleScene
from plugins.gan.shared.weights import load_network
from studio.api.engine import Device
from studio.api.training import AVATAR_LABELS
from studio.core.error import UserError
from tests.plugins.gan.people.people_made import FREQUENCIES, pixels_of, plain_source, style_source

CPU = Device("cpu", "float32", 1)
NAMES = list(AVATAR_LABELS)


@pytest.fixture
def engine(tmp_path):
    return PeopleEngine.open(style_source(tmp_path), CPU)


def scene(seed=3, **params):
    return PeopleScene(PeopleParams(seed=seed, **params))


def test_truncation_nought_is_the_average_whatever_the_seed(engine):
    for seed in (1, 2):
        rows = engine.place(scene(seed, truncation=0.0))
        assert np.allclose(rows, engine.mean_w()[None], atol=1e-6)


def test_truncation_goes_straight_to_the_average(engine):
    full, half = engine.place(scene()), engine.place(scene(truncation=0.5))
    assert np.allclose(half, (full + engine.mean_w()) / 2, atol=1e-6)


def test_a_place_between_seeds_is_their_blend(engine):
    here = engine.base(replace(scene(10), x=0.25, y=0.5))
    corners = [engine.w_of_seed(seed) for seed in (10, 11, 110, 111)]
    wanted = np.tensordot([0.375, 0.125, 0.375, 0.125], corners, 1)
    assert np.allclose(here, wanted[None], atol=1e-5)


def test_a_whole_step_on_the_carpet_is_the_next_seed(engine):
    assert np.array_equal(engine.place(replace(scene(10), x=1.0)), engine.place(scene(11)))


def test_mixing_takes_the_rows_of_a_group_from_the_other_face(engine):
    a, b = engine.place(scene(3)), engine.place(scene(8))
    mixed = engine.place(replace(scene(3), seed_b=8, from_b=(False, False, True)))
    assert np.array_equal(mixed[:5], a[:5])
    assert np.allclose(mixed[5:], b[5:], atol=1e-6)
    half = engine.place(replace(scene(3), seed_b=8, from_b=(True, False, False), crossfade=0.5))
    assert np.allclose(half[:3], (a[:3] + b[:3]) / 2, atol=1e-6)
    assert np.array_equal(half[3:], a[3:])


def test_a_direction_moves_its_group_or_the_one_that_was_chosen(engine):
    plain = engine.place(scene())
    moved = engine.place(scene().with_value("beard", 2.0))
    assert np.allclose(moved - plain, np.where(np.isin(np.arange(8), [3, 4])[:, None], 1.0, 0.0), atol=1e-6)
    elsewhere = replace(scene().with_value("beard", 2.0), groups={"beard": "colours"})
    assert np.allclose((engine.place(elsewhere) - plain)[5:], 1.0, atol=1e-6)
    assert np.array_equal(engine.place(scene().with_value("unknown", 2.0)), plain)


def test_a_place_beyond_all_bounds_stays_one_that_opens_again(engine):
    far = engine.place(scene().with_value("beard", -1e6))
    assert far[3:5].min() == far.min() == -MAX_ABS_W
    (frame,) = engine.generate(PeopleParams(), {"w": far})
    assert np.array_equal(frame.state["w"], far)


def test_a_place_of_its_own_comes_back_bit_for_bit(engine):
    (frame,) = engine.generate(PeopleParams(seed=4, truncation=0.7))
    (again,) = engine.generate(PeopleParams(seed=99), frame.state)
    assert np.array_equal(pixels_of(frame), pixels_of(again))
    own = engine.place(PeopleScene().at_w(frame.state["w"]))
    assert np.array_equal(own, frame.state["w"])
    assert not np.array_equal(own, engine.place(replace(PeopleScene().at_w(frame.state["w"]), x=0.5)))


@pytest.mark.parametrize("w", [np.zeros((8, 11)), np.zeros((7, 12)), np.full((8, 12), np.inf), np.zeros(3)])
def test_a_place_that_does_not_fit_is_refused(engine, w):
    with pytest.raises(UserError):
        list(engine.generate(PeopleParams(), {"w": w}))


def test_noise_is_scaled_and_drawn_anew(engine):
    with torch.no_grad():
        for conv in engine.generator.generator.convs:
            conv.strength.fill_(1.0)
    w = engine.place(scene())[None]
    silent = engine.draw(w, 0.0)
    assert torch.equal(silent, engine.draw(w, 0.0, noise_seed=5))
    assert not torch.equal(silent, engine.draw(w, 1.0))
    assert torch.equal(engine.draw(w, 1.0, noise_seed=5), engine.draw(w, 1.0, noise_seed=5))
    assert not torch.equal(engine.draw(w, 1.0, noise_seed=5), engine.draw(w, 1.0, noise_seed=6))


def test_the_verdict_is_the_share_of_real_pictures_below(engine):
    assert engine.real_share(25.0) == pytest.approx(0.25)
    assert engine.real_share(-9.0) == 0
    assert engine.real_share(1e4) == 1
    (frame,) = engine.generate(PeopleParams(seed=4))
    assert frame.scalars["real_share"] == pytest.approx(engine.real_share(frame.scalars["score"]))


def test_the_map_shows_where_the_score_comes_from():
    class Corner:
        def scores(self, pictures):
            return pictures[:, :, :8, :8].sum((1, 2, 3))

    found = heat_map(Corner(), torch.zeros(1, 3, 32, 32))
    assert float(found.max()) == pytest.approx(1)
    assert float(found[2, 2]) == pytest.approx(1)
    assert float(found[20:, 20:].max()) == 0


def test_words_decide_what_they_name_and_chance_the_rest():
    for seed in range(20):
        labels = conditioning_labels(FREQUENCIES, "a full beard and a bun", seed)
        chance = chance_labels(FREQUENCIES, seed)
        for column, name in enumerate(NAMES):
            kind = AVATAR_LABELS[name][labels[column]]
            if name == "beard":
                assert kind == "fullBeard"
            elif name == "hair":
                assert kind == "bun"
            else:
                assert labels[column] == chance[column]


def test_chance_follows_the_frequencies():
    labels = np.stack([np.arange(300) % len(kinds) for kinds in AVATAR_LABELS.values()], 1)
    labels[:, 0] = np.where(np.arange(300) < 210, 0, 2)
    frequencies = frequencies_of(labels, AVATAR_LABELS)
    assert frequencies["hair"] == [0.7, 0.0, 0.3, 0.0]
    drawn = np.array([chance_labels(frequencies, seed)[0] for seed in range(1500)])
    assert float(np.mean(drawn == 0)) == pytest.approx(0.7, abs=0.04)
    assert set(drawn.tolist()) == {0, 2}


def test_a_class_is_asked_for_by_its_number():
    assert class_of("3", 0, 5) == 3
    assert class_of("", 12, 5) == 2
    for wrong in ("5", "cat", "-1"):
        with pytest.raises(UserError):
            class_of(wrong, 0, 5)


def test_a_plain_generator_has_one_row_and_no_groups(tmp_path):
    engine = PeopleEngine.open(plain_source(tmp_path), CPU)
    assert isinstance(engine, PeopleEngine)
    assert engine.about.groups == ()
    (frame,) = engine.generate(PeopleParams(seed=2))
    assert frame.state is not None
    assert frame.state["w"].shape == (1, 6)
    assert pixels_of(frame).shape == (64, 64, 3)
    (again,) = engine.generate(PeopleParams(), frame.state)
    assert np.array_equal(pixels_of(frame), pixels_of(again))


def test_a_card_of_another_kind_is_refused(tmp_path):
    source = style_source(tmp_path, kind="animals")
    with pytest.raises(UserError, match="animals"):
        FAMILY.kind_of(source.card)


def test_others_get_a_turn_before_the_discriminator_looks(engine):
    pause, frame = engine.generate_with_pauses(PeopleParams(seed=4))
    assert pause is None
    (same,) = engine.generate(PeopleParams(seed=4))
    assert np.array_equal(pixels_of(frame), pixels_of(same))
    assert frame.scalars == same.scalars
    assert "score" in frame.scalars


@pytest.mark.parametrize("is_marked", [False, True])
def test_a_scene_is_shown_at_once_and_once_more_with_its_verdict(engine, is_marked):
    shown = replace(scene(4), expression=0.5 if is_marked else 0.0)
    first, second = engine.scene_frames(shown, is_draft=False, is_judged=True)
    assert not first.scalars
    assert second.main_view is first.main_view
    assert second.scalars == engine.scene_frame(shown).scalars
    assert np.array_equal(pixels_of(first), pixels_of(engine.scene_frame(shown)))
    assert len(list(engine.scene_frames(shown, is_draft=False, is_judged=False))) == 1


def test_an_opened_network_draws_what_the_learnt_one_draws_though_its_weights_are_packed(engine):
    learnt = load_network(engine.source.path, StyleGan)
    rows = torch.from_numpy(engine.place(scene(6)))[None]
    with torch.inference_mode():
        picture = StylePeopleGenerator(learnt.generator).synthesis(rows)
        torch.testing.assert_close(engine.generator.synthesis(rows), picture, rtol=0, atol=1e-5)
        scores = StyleScorer(learnt.discriminator).scores(picture)
        torch.testing.assert_close(engine.verdict.scores(picture), scores, rtol=1e-5, atol=1e-5)
