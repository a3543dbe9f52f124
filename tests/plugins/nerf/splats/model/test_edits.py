"""Changes to a scene, held against the places of the splats themselves."""

import numpy as np
import pytest

from plugins.nerf.shared.camera.camera import look_at
from plugins.nerf.splats.model.edits import Edit, Region, chosen_by, edited, is_sound, specks
from plugins.nerf.splats.model.splats import SH_0, joined
from tests.plugins.nerf.splats.made_splats import random_splats

SPLATS = random_splats(500, degree=2, seed=3)
BALL = Region("ball", (0.1, 0.0, -0.2, 0.5))
BOX = Region("box", (-0.4, -0.3, -1.0, 0.4, 0.3, 1.0))


def stroke(*points: tuple[float, float], radius: float = 0.05, aspect: float = 1.5) -> Region:
    position = look_at((3, 0.5, 1), (0, 0, 0), 0.7).position()
    camera = np.concatenate([position[name] for name in ("rotation", "pivot", "distance", "fov")]).tolist()
    return Region("stroke", (*camera, aspect, radius, *(number for point in points for number in point)))


def test_a_ball_and_a_box_hold_what_lies_in_them() -> None:
    away = np.linalg.norm(SPLATS.centres - np.array([0.1, 0.0, -0.2], np.float32), axis=1)
    assert np.array_equal(chosen_by(SPLATS, BALL), away <= 0.5)
    inside = (np.abs(SPLATS.centres) <= [0.4, 0.3, 1.0]).all(1)
    assert np.array_equal(chosen_by(SPLATS, BOX), inside)
    assert 0 < chosen_by(SPLATS, BALL).sum() < len(SPLATS)


def test_a_brush_takes_what_lies_under_its_line() -> None:
    camera = look_at((3, 0.5, 1), (0, 0, 0), 0.7)
    places, _ = camera.project(SPLATS.centres, 1.5, 1.0)
    start, end = np.array([0.3 * 1.5, 0.5]), np.array([0.7 * 1.5, 0.6])
    along = start + np.linspace(0, 1, 2001)[:, None] * (end - start)
    nearest = np.array([np.linalg.norm(along - place, axis=1).min() for place in places])
    chosen = chosen_by(SPLATS, stroke((0.3, 0.5), (0.7, 0.6)))
    is_clear = np.abs(nearest - 0.05) > 1e-3
    assert np.array_equal(chosen[is_clear], (nearest <= 0.05)[is_clear])
    assert 0 < chosen.sum() < len(SPLATS)


def test_a_click_of_the_brush_is_a_disc() -> None:
    places, _ = look_at((3, 0.5, 1), (0, 0, 0), 0.7).project(SPLATS.centres, 1.5, 1.0)
    away = np.linalg.norm(places - np.array([0.75, 0.5]), axis=1)
    chosen = chosen_by(SPLATS, stroke((0.5, 0.5), radius=0.1))
    assert np.array_equal(chosen, away <= 0.1)


def test_what_stands_behind_the_camera_is_not_brushed() -> None:
    behind = random_splats(50, centres=np.tile(np.array([6.0, 1.0, 2.0]), (50, 1)))
    assert not chosen_by(behind, stroke((0.0, 0.0), (1.0, 1.0), radius=5.0)).any()


def test_removing_and_keeping_share_the_scene() -> None:
    removed, kept = (edited(SPLATS, [Edit(action, BALL)]) for action in ("remove", "keep"))
    assert len(removed) + len(kept) == len(SPLATS)
    assert chosen_by(kept, BALL).all()
    assert not chosen_by(removed, BALL).any()


def test_edits_follow_each_other() -> None:
    both = edited(SPLATS, [Edit("keep", BOX), Edit("remove", BALL)])
    wanted = chosen_by(SPLATS, BOX) & ~chosen_by(SPLATS, BALL)
    assert np.array_equal(both.centres, SPLATS.centres[wanted])


@pytest.mark.parametrize("direction", [(1.0, 0.0, 0.0), (0.3, -0.5, 0.8)])
def test_recolouring_changes_what_is_seen_from_every_side(direction: tuple[float, float, float]) -> None:
    def seen(splats):  # the constant harmonic and the three of degree 1, as the paper's program has them
        x, y, z = np.array(direction) / np.linalg.norm(direction)
        basis = np.array([SH_0, *(0.4886025119029199 * np.array([-y, z, -x]))])
        return 0.5 + np.einsum("k,nkc->nc", basis, splats.harmonics[:, :4])

    plain = random_splats(40, degree=1, seed=1)
    grey = seen(edited(plain, [Edit("colour", Region("all"), 0.5, 0.0)]))
    assert grey == pytest.approx(0.5 * np.repeat(seen(plain).mean(1, keepdims=True), 3, 1), abs=1e-5)
    same = edited(plain, [Edit("colour", Region("all"))])
    assert same.harmonics == pytest.approx(plain.harmonics, abs=1e-6)


def test_only_what_is_selected_is_recoloured() -> None:
    changed = edited(SPLATS, [Edit("colour", BALL, 2.0, 1.0)])
    is_other = (changed.harmonics != SPLATS.harmonics).any((1, 2))
    assert np.array_equal(is_other, chosen_by(SPLATS, BALL))


def test_specks_are_the_lonely_and_the_broad_and_faint() -> None:
    centres, scales = np.random.default_rng(0).normal(0.5, 0.05, (4000, 3)), np.full((4000, 3), -6.0)
    crowd = random_splats(4000, centres=centres, log_scales=scales)
    crowd = crowd.where(np.linalg.norm(crowd.centres - 0.5, axis=1) < 0.1)
    lonely = random_splats(3, centres=[[3.0, 3, 3], [-2, 0, 1], [0, -4, 0]], log_scales=np.full((3, 3), -6.0))
    haze = random_splats(2, centres=[[0.5, 0.5, 0.5]] * 2, log_scales=np.full((2, 3), 1.0), opacity_logits=[-3.0, 5.0])
    found = specks(joined(joined(crowd, lonely), haze))
    assert found[len(crowd) : -2].all()
    assert found[-2:].tolist() == [True, False]
    assert not found[: len(crowd)].mean() > 0.01


def test_nothing_can_be_done_with_unsound_numbers() -> None:
    assert is_sound(Edit("keep", BALL))
    assert is_sound(Edit("keep", stroke((0.1, 0.2), (0.3, 0.4))))
    wrong = [Region("ball", (1.0, 2.0)), Region("box", (float("nan"),) * 6), stroke(), Region("all", (1.0,))]
    assert not any(is_sound(Edit("remove", region)) for region in wrong)
    assert not is_sound(Edit("colour", BALL, float("inf")))


def test_an_empty_scene_stays_empty() -> None:
    nothing = SPLATS.where(np.zeros(len(SPLATS), np.bool_))
    for region in (BALL, BOX, stroke((0.5, 0.5)), Region("all")):
        assert len(edited(nothing, [Edit("remove", region), Edit("colour", region), Edit("keep", region)])) == 0
