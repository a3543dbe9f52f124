"""Outline to icon without a window: the same bits each time, replays that can be entered anywhere, verdict, nearest."""

import numpy as np
import pytest
import torch

from plugins.gan.sketch.engine import DrawEngine, read_scores, small_icons, suspicion
from plugins.gan.sketch.model.rasteriser import DrawSheet
from plugins.gan.sketch.scene import SketchParams
from plugins.gan.sketch.state import DrawStroke, from_state, to_state
from studio.core.error import UserError
from studio.core.view import Field
from studio.datasets.outlines import load_shipped_outlines
from studio.datasets.split import Split
from tests.contract.test_engine import are_equal
from tests.plugins.gan.sketch.sketch_made import DEVICE, made_network, made_source, pixels_of

OWN = tuple(DrawStroke("pen", ((5.0 + i, 5.0), (60.0 - i, 50.0)), 2.0) for i in range(5))


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return DrawEngine.open(made_source(tmp_path_factory.mktemp("draw")), DEVICE)


@pytest.mark.long("computes for long")
def test_an_example_is_drawn_stroke_by_stroke(engine):
    frames = list(engine.generate(SketchParams(seed=3)))
    strokes = engine.example(3)
    assert len(frames) == len(strokes)
    for index, frame in enumerate(frames):
        drawing, n_drawn = from_state(frame.state)
        assert drawing == strokes
        assert n_drawn == index + 1
        assert (frame.step, frame.n_steps) == (index, len(frames))
        picture = DrawSheet().layers(strokes[: index + 1]).picture()
        np.testing.assert_array_equal(pixels_of(frame.views["drawing"]), picture)
        assert pixels_of(frame.views["picture"]).shape == (64, 64, 3)
    assert next(iter(frames[0].views)) == "picture"


def test_examples_repeat_after_the_last_one(engine):
    n = engine.n_examples
    assert n == 48
    assert engine.example(2) == engine.example(2 + n)
    assert engine.example(2) != engine.example(3)


def test_a_drawing_of_a_person_is_replayed_from_its_first_stroke_or_from_anywhere(engine):
    frames = list(engine.generate(SketchParams(), to_state(OWN, 0)))
    assert [from_state(frame.state)[1] for frame in frames] == [1, 2, 3, 4, 5]
    middle = list(engine.generate(SketchParams(seed=9), frames[2].state))
    assert len(middle) == 3
    assert all(map(are_equal, middle, frames[2:]))
    assert are_equal(engine.paint(OWN), frames[-1])


@pytest.mark.long("computes for long")
def test_very_many_strokes_become_few_frames(engine):
    frames = list(engine.generate(SketchParams(), to_state(OWN * 30, 0)))
    assert len(frames) == 48
    again = list(engine.generate(SketchParams(), frames[20].state))
    assert len(again) == 28
    assert all(map(are_equal, again, frames[20:]))


def test_an_empty_sheet_has_one_frame(engine):
    (frame,) = engine.generate(SketchParams(), to_state((), 0))
    assert (pixels_of(frame.views["picture"]) == 255).all()  # nothing is painted into nothing
    assert not frame.scalars
    wiped = (*OWN[:1], DrawStroke("eraser", ((0.0, 0.0), (64.0, 64.0), (0.0, 64.0), (64.0, 0.0)), 24.0))
    wiped = (*wiped, DrawStroke("eraser", ((5.0, 10.0), (60.0, 10.0), (60.0, 50.0), (5.0, 50.0)), 24.0))
    assert (pixels_of(engine.paint(wiped).views["picture"]) == 255).all()
    assert (pixels_of(frame.views["drawing"]) == 255).all()
    assert frame.label == "Stroke 0 of 0"


def test_the_icon_is_what_the_network_paints_into_the_sheet(engine):
    frame = engine.paint_example(5).frame
    drawing = DrawSheet().layers(engine.example(5)).drawing(64)
    icon = made_network().generator(torch.from_numpy(drawing)[None])[0]  # the file keeps its weights in eight bits
    difference = pixels_of(frame.views["picture"]) / 255 - icon.movedim(0, 2).numpy()
    assert np.abs(difference).max() < 0.02


def test_the_verdict_is_the_share_of_real_icons_that_score_lower(engine):
    assert [engine.verdict(score) for score in (-2.0, -1.0, -0.7, 0.0, 0.2, 1.5)] == [0.0, 0.0, 0.2, 0.4, 0.6, 1.0]


def test_every_patch_has_a_chance_to_be_forged(engine):
    chances = suspicion(np.array([0.0, 2.0, -2.0, 90.0], np.float32))
    np.testing.assert_allclose(chances, [0.5, 0.1192, 0.8808, 0.0], atol=1e-4)
    frame = engine.paint_example(5).frame
    drawing = torch.from_numpy(DrawSheet().layers(engine.example(5)).drawing(64))[None]
    network = engine._network
    scores = network.discriminator(drawing, network.generator(drawing))[0]
    shown = frame.views["suspicion"]
    assert isinstance(shown, Field)
    np.testing.assert_allclose(shown.values, torch.sigmoid(-scores).numpy(), atol=1e-4)


def test_the_nearest_is_the_shipped_icon_itself_where_it_is_painted(engine):
    known = load_shipped_outlines(Split.TRAIN)
    icons = small_icons(known)
    expected = known.icons[17].astype(float).reshape(64, 2, 64, 2, 3).mean((1, 3))
    assert np.abs(icons[17] - expected).max() <= 0.5
    found = engine.nearest(icons[17])
    assert (found.pictures[0].caption, found.pictures[0].distance, found.n_pictures) == (known.names[17], 0.0, 170)
    assert [one.distance for one in found.pictures] == sorted(one.distance for one in found.pictures)
    lighter = np.clip(icons[17].astype(int) + 3, 0, 255).astype(np.uint8)
    near = engine.nearest(lighter).pictures[0]
    assert near.caption == known.names[17]
    assert 0 < near.distance <= 3 / 255


def test_all_examples_are_shown_in_small(engine):
    gallery = engine.gallery()
    assert gallery.pixels.shape == (48, 64, 64)
    assert gallery.pixels.max() == 255
    assert gallery.pixels.min() < 60
    assert gallery.names == load_shipped_outlines(Split.TEST).names


def test_a_picture_becomes_an_outline_or_a_sentence(engine):
    picture = np.full((90, 120, 3), 255, np.uint8)
    picture[20:70, 30:90] = (30, 90, 200)
    assert len(engine.outline(picture)) >= 1
    with pytest.raises(UserError, match="no edges"):
        engine.outline(np.full((40, 40, 3), 255, np.uint8))


@pytest.mark.parametrize("wrong", [None, [], ["a"], [float("nan")], 3, [0.0] * 20_000])
def test_a_card_without_scores_is_refused(wrong):
    with pytest.raises(UserError, match="card"):
        read_scores(wrong)


def test_a_state_that_is_no_drawing_is_refused(engine):
    with pytest.raises(UserError):
        list(engine.generate(SketchParams(), {"z": np.zeros(3, np.float32)}))
