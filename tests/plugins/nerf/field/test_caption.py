"""Captions tell the truth about where one stands, how the picture was made and how far it has learnt."""

from typing import get_args

import pytest

from plugins.nerf.field.caption import (
    STAGE_TERMS,
    STAGE_TEXTS,
    VIEW_TERMS,
    VIEW_TEXTS,
    FieldFacts,
    LearningProgress,
    describe,
    learning_words,
    learnt_words,
    numbers_text,
)
from plugins.nerf.shared.camera.frustum import NearestPhoto
from plugins.nerf.shared.params import ViewKind
from plugins.nerf.shared.state import Stage

GRID = FieldFacts(412_000)
THERE, FAR = NearestPhoto(11, 0.0, 0.0), NearestPhoto(11, 0.4, 0.2)
STAGES = [stage for stage in get_args(Stage) if stage != "splats"]


def test_a_view_that_nobody_photographed() -> None:
    words = describe(GRID, "colour", "network", FAR)
    assert words.text == (
        "Nobody photographed this view. The scene is a neural network of 0.4 million numbers that answers “what "
        "colour is the air here?”. The network itself was asked for every pixel. Drag to walk around."
    )
    assert "Novel view synthesis" in words.term
    assert "Instant-NGP" in words.term


def test_where_a_photo_was_taken() -> None:
    assert describe(GRID, "colour", "baked", THERE).text.startswith(
        "You are standing where photo 12 was taken. The scene"
    )
    words = describe(GRID, "colour", "baked", THERE, is_held_out=True)
    assert words.text.startswith("You are standing where photo 12 was taken, one the network has never seen.")
    assert "Held-out view" in words.term


def test_a_scene_without_photos_does_not_say_who_photographed_it() -> None:
    words = describe(FieldFacts(1_191_688, has_grid=False), "colour", "draft")
    assert words.text.startswith(
        "This view is computed, not photographed. The scene is a neural network of 1.2 million"
    )
    assert "photographed this" not in words.text
    assert "multilayer perceptron" in words.term


def test_while_kernels_compile_that_is_all_it_says() -> None:
    words = describe(GRID, "depth", "slow", THERE)
    assert words.text == STAGE_TEXTS["slow"]
    assert "Just-in-time" in words.term


@pytest.mark.parametrize("view", [kind for kind in get_args(ViewKind) if kind != "colour"])
def test_other_views_say_what_their_colours_mean(view: ViewKind) -> None:
    words = describe(GRID, view, "network", FAR)
    assert words.text == f"{VIEW_TEXTS[view]} {STAGE_TEXTS['network']}"
    assert VIEW_TERMS[view] in words.term


def test_every_stage_and_view_has_its_words() -> None:
    assert set(STAGE_TEXTS) == set(STAGE_TERMS) == set(STAGES)
    assert set(VIEW_TEXTS) == set(VIEW_TERMS) == set(get_args(ViewKind))
    assert len({describe(GRID, "colour", stage, FAR).text for stage in STAGES}) == len(STAGE_TEXTS)


def test_a_learning_tells_its_rays_and_its_quality() -> None:
    words = learning_words(LearningProgress(3200, 4096, 31.42))
    assert words.text.endswith("It has looked at 3,200 × 4,096 rays and reaches 31.4 dB on photos it has never seen.")
    assert "PSNR" in words.term
    assert "dB" not in learning_words(LearningProgress(10, 4096)).text
    assert "10 × 4,096 rays" in learning_words(LearningProgress(10, 4096)).text
    assert "random" in learning_words(LearningProgress(0, 4096)).text


def test_a_kept_picture_of_a_training_tells_its_step() -> None:
    assert "1,200 training steps" in learnt_words(LearningProgress(1200, 4096, 28.0)).text
    assert "28.0 dB" in learnt_words(LearningProgress(1200, 4096, 28.0)).text
    assert "dB" not in learnt_words(LearningProgress(1200, 4096)).text


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (9472, "9,472"),
        (99_999, "99,999"),
        (100_000, "0.1 million"),
        (412_000, "0.4 million"),
        (9_949_999, "9.9 million"),
        (9_950_000, "10 million"),
        (12_206_480, "12 million"),
    ],
)
def test_counts_are_for_reading(n: int, text: str) -> None:
    assert numbers_text(n) == text


def test_no_text_is_left_unfilled() -> None:
    for near in (None, THERE, FAR):
        for stage in STAGES:
            for view in get_args(ViewKind):
                words = describe(GRID, view, stage, near)
                assert "{" not in words.text + words.term
                assert 20 < len(words.text) < 320
