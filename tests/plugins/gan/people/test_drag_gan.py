"""Pulling and tracking on features that are known: coordinates, and a blob."""

import numpy as np
import pytest
import torch

from plugins.gan.people import frames as pull_run
from plugins.gan.people.engine import PeopleEngine
from plugins.gan.people.frames import drag
from plugins.gan.people.model.drag_gan import (
    ASIDE,
    PIXEL,
    REACH,
    STRIDE,
    disk,
    motion_loss,
    near_ways,
    sampled,
    still_loss,
    strides,
    tracked,
)
from plugins.gan.people.params import PeopleParams
from plugins.gan.people.scene import PeopleScene
from plugins.gan.people.state import MASK_PX, DragGoals, DragPair
from studio.api.engine import Device
from studio.core.error import UserError
from tests.plugins.gan.people.people_made import place_of, plain_source, style_source

CPU = Device("cpu", "float32", 1)


def middles(n=32):
    return (torch.arange(n) + 0.5) / n


def blob(x, y, n=32):
    """A hill at a place, with slopes that tell left from right: (1, 3, n, n)."""
    dx, dy = middles(n)[None, :] - x, middles(n)[:, None] - y
    hill = torch.exp(-(dx.square() + dy.square()) / (2 * 0.08**2))
    return torch.stack([hill, hill * dx * 10, hill * dy * 10])[None]


def test_features_are_read_where_they_lie():
    columns = middles().expand(1, 2, 32, 32).clone()
    columns[:, 1] = middles()[:, None]
    places = torch.tensor([[[0.3, 0.6], [0.71, 0.22]], [[0.5, 0.5], [0.1, 0.9]]])
    assert torch.allclose(sampled(columns, places), places, atol=1e-5)


def test_a_disk_is_round_and_begins_in_its_middle():
    offsets = disk(3.0, 1.0)
    assert torch.equal(offsets[0], torch.zeros(2))
    assert float(offsets.norm(dim=1).max()) == 3
    assert len(offsets) == 29  # points of the grid with x² + y² <= 9


def test_a_stride_leads_to_the_target_and_not_beyond():
    handles = torch.tensor([[0.5, 0.5], [0.5, 0.5]])
    targets = torch.tensor([[0.5 + 10 * PIXEL, 0.5], [0.5, 0.5 + STRIDE / 4]])
    assert torch.allclose(strides(handles, targets), torch.tensor([[STRIDE, 0], [0, STRIDE / 4]]), atol=1e-7)
    assert torch.equal(strides(handles, handles), torch.zeros(2, 2))


@pytest.mark.parametrize("shift", [(2, 0), (-1, 2), (0, 0), (0, -3)])
def test_tracking_finds_a_known_shift(shift):
    handle = torch.tensor([[0.5, 0.47]])
    look = sampled(blob(0.5, 0.47), handle)
    x, y = (0.5 + shift[0] * PIXEL, 0.47 + shift[1] * PIXEL)
    found = tracked(blob(x, y), handle, look)
    assert torch.allclose(found, torch.tensor([[x, y]]), atol=0.51 * PIXEL)


def test_tracking_stays_within_its_reach_and_the_picture():
    handle = torch.tensor([[0.01, 0.5]])
    found = tracked(blob(0.9, 0.5), handle, torch.ones(1, 3))
    assert float((found - handle).norm()) <= REACH + 1e-6
    assert float(found.min()) >= 0


@pytest.mark.parametrize(("way", "sign"), [((6, 0), 1), ((-6, 0), -1)])
def test_the_slope_of_the_motion_moves_the_blob_to_its_target(way, sign):
    x = torch.tensor(0.5, requires_grad=True)
    handles = torch.tensor([[0.5, 0.5]])
    targets = handles + torch.tensor([way]) * PIXEL
    (slope,) = torch.autograd.grad(motion_loss(blob(x, torch.tensor(0.5)), handles, targets), x)
    assert float(slope) * sign < 0  # going down the slope moves the blob along the way


def test_what_may_move_costs_nothing_and_what_may_not_does():
    before, after = torch.zeros(1, 2, 4, 4), torch.zeros(1, 2, 4, 4)
    after[:, :, :, :2] = 1
    movable = torch.zeros(4, 4)
    movable[:, :2] = 1
    assert float(still_loss(after, before, movable)) == 0
    assert float(still_loss(after, before, 1 - movable)) == pytest.approx(0.5)


def test_what_lies_near_a_way_may_move_by_how_near_it_lies():
    handles, targets = torch.tensor([[0.25, 0.5], [0.9, 0.9]]), torch.tensor([[0.75, 0.5], [0.9, 0.9]])
    near = near_ways(handles, targets, (63, 63))  # with a pixel right in the middle
    assert float(near[31, 31]) == pytest.approx(1)
    for row, column in ((5, 31), (31, 2), (20, 40), (60, 55)):
        x, y = (column + 0.5) / 63, (row + 0.5) / 63
        apart = min(np.hypot(x - min(max(x, 0.25), 0.75), y - 0.5), np.hypot(x - 0.9, y - 0.9))
        assert float(near[row, column]) == pytest.approx(np.exp(-((apart / ASIDE) ** 2) / 2), abs=1e-4)


def test_a_stroke_paints_a_round_region_and_keeps_the_one_before():
    pulls = DragGoals().with_dab((0.25, 0.5), (0.25, 0.5), 0.1)
    assert pulls.movable is not None
    assert pulls.movable.sum() / MASK_PX**2 == pytest.approx(np.pi * 0.01, rel=0.05)
    more = pulls.with_dab((0.6, 0.2), (0.9, 0.2), 0.05)
    assert more.movable is not None
    assert more.movable[pulls.movable].all()
    assert more.movable[round(0.2 * MASK_PX), round(0.75 * MASK_PX)]
    assert not more.movable[-1].any()


def test_the_nearest_pair_is_found_by_either_of_its_ends():
    pulls = DragGoals((DragPair((0.1, 0.1), (0.5, 0.5)), DragPair((0.9, 0.9), (0.6, 0.5))))
    assert pulls.nearest((0.52, 0.5), 0.05) == 0
    assert pulls.nearest((0.88, 0.9), 0.05) == 1
    assert pulls.nearest((0.3, 0.8), 0.05) is None
    assert DragGoals().nearest((0.5, 0.5), 1.0) is None


@pytest.fixture
def engine(tmp_path):
    return PeopleEngine.open(style_source(tmp_path), CPU)


def moved_features(engine, scene, w):
    rows = torch.from_numpy(np.stack([engine.place(scene), w]))
    return engine.generator.seen(rows)[1]


def test_a_step_lessens_what_is_asked_of_it(engine, monkeypatch):
    monkeypatch.setattr(pull_run, "DRAG_STEP", 1e-2)  # an untrained generator is no smooth slope
    scene = PeopleScene(PeopleParams(seed=5))
    pulls = DragGoals((DragPair((0.45, 0.5), (0.6, 0.5)),))
    frames = [frame for frame, _ in zip(drag(engine, scene, pulls), range(2), strict=False)]
    handles, targets = torch.tensor([[0.45, 0.5]]), torch.tensor([[0.6, 0.5]])
    around = handles[:, None] + disk(3 * PIXEL, PIXEL)
    features = [moved_features(engine, scene, place_of(frame)) for frame in frames]
    wanted = sampled(features[0][:1], around)
    ahead = around + strides(handles, targets)[:, None]
    apart = [float((sampled(one[1:], ahead) - wanted).abs().mean()) for one in features]
    assert apart[1] < apart[0]
    assert np.array_equal(place_of(frames[-1])[5:], place_of(frames[0])[5:])
    assert not np.array_equal(place_of(frames[-1])[:5], place_of(frames[0])[:5])


@pytest.mark.long("computes for long")
def test_what_the_mask_leaves_out_moves_less(engine):
    scene = PeopleScene(PeopleParams(seed=5))
    pair = DragPair((0.25, 0.5), (0.4, 0.5))
    movable = np.zeros((MASK_PX, MASK_PX), np.bool_)
    movable[:, : MASK_PX // 2] = True
    changes = []
    for pulls in (DragGoals((pair,)), DragGoals((pair,), movable)):
        *_, last = (frame for frame, _ in zip(drag(engine, scene, pulls), range(20), strict=False))
        first, after = moved_features(engine, scene, place_of(last))
        changes.append(float((after - first)[:, :, 16:].abs().mean()))
    assert changes[1] < 0.7 * changes[0]


@pytest.mark.long("computes for long")
def test_what_lies_off_the_way_moves_less_than_if_it_were_free(engine, monkeypatch):
    pulls, changes = DragGoals((DragPair((0.25, 0.5), (0.4, 0.5)),)), []
    for rest in (0.0, 8.0):
        monkeypatch.setattr(pull_run, "REST", rest)
        *_, last = (frame for frame, _ in zip(drag(engine, PeopleScene(), pulls), range(20), strict=False))
        first, after = moved_features(engine, PeopleScene(), place_of(last))
        changes.append(float((after - first)[:, :, 24:].abs().mean()))
    assert changes[1] < 0.7 * changes[0]


def test_it_ends_once_all_handles_are_there(engine):
    frames = list(drag(engine, PeopleScene(), DragGoals((DragPair((0.5, 0.5), (0.505, 0.5)),))))
    assert len(frames) == 1
    assert frames[0].scalars["distance"] == pytest.approx(0.005 * 64, abs=1e-4)
    assert frames[0].state is not None
    assert frames[0].state["handles"].tolist() == [[0.5, 0.5]]


def test_other_models_say_why_they_cannot(tmp_path):
    engine = PeopleEngine.open(plain_source(tmp_path), CPU)
    assert not engine.about.can_pull
    with pytest.raises(UserError, match="own style model"):
        list(drag(engine, PeopleScene(), DragGoals((DragPair((0.5, 0.5), (0.6, 0.5)),))))
