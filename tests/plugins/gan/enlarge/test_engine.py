"""The engine that enlarges: frames part by part, branches, limits, grey pictures; and what it mixes."""

import numpy as np
import psutil
import pytest
from PIL import Image

from plugins.gan.enlarge.engine import EnlargeEngine, nearness, tile_side
from plugins.gan.enlarge.model.enlarger import EnlargeTile, enlarged, enlarged_tile, put, tiles_of
from plugins.gan.enlarge.params import EnlargeParams
from plugins.gan.enlarge.state import (
    MAX_SMALL_PX,
    EnlargeSheet,
    check_size,
    greyed,
    mixed,
    overview_of,
    plain_sheet,
    plainly_enlarged,
    preview_factor,
    read_small,
    reduced,
    sheet_of,
)
from studio.core.error import UserError
from studio.core.frame import whole_frames
from tests.contract.test_engine import are_equal
from tests.plugins.gan.enlarge.enlarge_made import DEVICE, made_networks, photo_like, pixels_of


@pytest.fixture
def engine():
    return EnlargeEngine(made_networks(), DEVICE)


def start_of(pixels, **more):
    return {"small": pixels, **more}


def by_hand(network, pixels):
    large = np.zeros((4 * pixels.shape[0], 4 * pixels.shape[1], 3), np.uint8)
    for tile, part in enlarged(network, pixels, tile_side(pixels)):
        put(large, tile, part)
    return large


@pytest.mark.parametrize(("vividness", "name"), [(0.0, "faithful"), (1.0, "vivid")])
def test_the_last_frame_is_what_the_network_draws(engine, vividness, name):
    pixels = photo_like(60, 70)
    frames = list(whole_frames(engine.generate(EnlargeParams(vividness=vividness), start_of(pixels))))
    assert len(frames) == len(tiles_of(60, 70, tile_side(pixels))) + 1 == 5
    assert np.array_equal(pixels_of(frames[-1]), by_hand(getattr(made_networks(), name), pixels))
    assert frames[-1].step == frames[-1].n_steps - 1


def test_it_begins_with_the_plain_enlargement_and_each_frame_adds_a_part(engine):
    pixels = photo_like(60, 70)
    frames = list(whole_frames(engine.generate(EnlargeParams(), start_of(pixels))))
    plain = plainly_enlarged(pixels, "bicubic")
    assert np.array_equal(pixels_of(frames[0]), plain)
    for number, tile in enumerate(tiles_of(60, 70, tile_side(pixels)), 1):
        changed = pixels_of(frames[number]) != pixels_of(frames[number - 1])
        rows, columns, _ = changed.nonzero()
        assert rows.min() >= 4 * tile.top
        assert rows.max() < 4 * tile.bottom
        assert columns.min() >= 4 * tile.left
        assert columns.max() < 4 * tile.right


def test_a_branch_repeats_its_parent_and_may_go_on_otherwise(engine):
    frames = list(whole_frames(engine.generate(EnlargeParams(vividness=0.3), start_of(photo_like(60, 70)))))
    fresh = EnlargeEngine(made_networks(), DEVICE)
    again = list(whole_frames(fresh.generate(EnlargeParams(vividness=0.3), frames[2].state)))
    assert all(map(are_equal, again, frames[2:]))
    other = list(whole_frames(fresh.generate(EnlargeParams(vividness=1.0), frames[2].state)))
    assert not are_equal(other[-1], frames[-1])


def test_a_second_run_of_the_same_picture_draws_nothing_anew(engine, monkeypatch):
    pixels = photo_like(60, 70)
    first = list(engine.generate(EnlargeParams(vividness=0.5), start_of(pixels)))
    monkeypatch.setattr("plugins.gan.enlarge.engine.enlarged_tile", None)
    second = list(engine.generate(EnlargeParams(vividness=0.5), start_of(pixels.copy())))
    assert all(map(are_equal, first, second))


def test_the_same_seed_is_the_same_example(engine):
    assert len(engine.examples) == 6
    assert engine.example(1) is engine.examples[0]
    assert engine.example(8) is engine.examples[1]
    example = engine.example(3)
    assert example.large.shape == (4 * example.small.shape[0], 4 * example.small.shape[1], 3)


def test_large_pictures_are_reduced_for_the_timeline_only(engine, monkeypatch):
    monkeypatch.setattr("plugins.gan.enlarge.state.PREVIEW_PX", 20_000)
    pixels = photo_like(60, 70)
    assert preview_factor(pixels) == 2
    params = EnlargeParams(vividness=0.5)
    frames = list(whole_frames(engine.generate(params, start_of(pixels, preview=np.ones(1, np.uint8)))))
    full = pixels_of(list(whole_frames(engine.generate(params, start_of(pixels))))[-1])
    assert np.array_equal(pixels_of(frames[-1]), np.asarray(Image.fromarray(full).reduce(2)))
    sheet = engine.sheet(pixels)
    assert np.array_equal(mixed(sheet.parts[0], sheet.parts[1], 0.5), full)
    again = list(whole_frames(engine.generate(params, frames[2].state)))
    assert all(map(are_equal, again, frames[2:]))


def test_half_a_run_has_no_sheet(engine):
    run = engine.generate(EnlargeParams(), start_of(photo_like(60, 70)))
    next(run)
    assert engine.sheet(photo_like(60, 70)) is None


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (7, 3)])
def test_odd_sizes_are_enlarged(engine, size):
    last = list(whole_frames(engine.generate(EnlargeParams(), start_of(photo_like(*size)))))[-1]
    assert pixels_of(last).shape == (4 * size[0], 4 * size[1], 3)


def test_grey_stays_grey(engine):
    grey = np.repeat(photo_like(20, 20)[..., :1], 3, 2)
    pixels = pixels_of(list(whole_frames(engine.generate(EnlargeParams(vividness=1), start_of(grey))))[-1])
    assert (pixels == pixels[..., :1]).all()
    assert not np.array_equal(pixels, plainly_enlarged(grey, "bicubic"))


def test_greyed_is_the_rounded_mean():
    pixels = np.array([[[0, 0, 1], [0, 1, 1], [255, 255, 255]]], np.uint8)
    assert greyed(pixels)[0, :, 0].tolist() == [0, 1, 255]


@pytest.mark.parametrize(
    "small",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32), np.zeros((0, 4, 3), np.uint8), np.zeros(3, np.uint8)],
)
def test_what_is_no_picture_is_refused(engine, small):
    with pytest.raises(UserError):
        list(engine.generate(EnlargeParams(), start_of(small)))


def test_too_large_a_picture_is_refused_in_a_sentence(tmp_path):
    check_size(1, MAX_SMALL_PX)
    with pytest.raises(UserError, match="megapixels"):
        check_size(1, MAX_SMALL_PX + 1)


def test_a_photo_that_is_larger_still_is_averaged_down(tmp_path):
    path = tmp_path / "large.png"
    Image.new("L", (10_000, 4_000)).save(path)
    opened = read_small(path)
    assert opened.small.shape == (1334, 3334, 3)
    assert any("smaller" in note for note in opened.notes)


def test_what_memory_does_not_hold_is_refused_in_a_sentence(monkeypatch):
    memory = psutil.virtual_memory()._replace(available=1_000_000_000)
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    with pytest.raises(UserError, match=r"12\.0 megapixels; enlarged it would have 192") as refused:
        check_size(4000, 3000)
    assert "1.9 GB of memory, and 1.0 GB are free" in refused.value.what_to_do


@pytest.mark.long("computes for long")
def test_a_large_photo_is_drawn_in_parts_without_a_seam(engine, monkeypatch):
    monkeypatch.setattr("plugins.gan.enlarge.state.PREVIEW_PX", 1_000_000)
    pixels = photo_like(800, 900)
    last = list(engine.generate(EnlargeParams(vividness=0.0), start_of(pixels, preview=np.ones(1, np.uint8))))[-1]
    assert last.step == last.n_steps - 1 == len(tiles_of(800, 900))
    drawn = engine.sheet(pixels).parts[0]
    whole = enlarged_tile(made_networks().faithful, pixels, EnlargeTile(560, 720, 700, 900))
    assert np.array_equal(drawn[4 * 560 : 4 * 720, 4 * 700 : 4 * 900], whole)


def test_a_plain_sheet_is_cut_as_if_it_were_whole():
    pixels = photo_like(50, 60)
    sheet, whole = plain_sheet(pixels, "lanczos"), plainly_enlarged(pixels, "lanczos")
    assert sheet.size == (240, 200)
    assert np.abs(sheet.cut(40, 20, 130, 101).astype(int) - whole[20:101, 40:130]).max() <= 1


def test_transparent_parts_are_laid_on_white_and_said_so(tmp_path):
    path = tmp_path / "glass.png"
    Image.new("RGBA", (3, 2), (0, 0, 0, 0)).save(path)
    opened = read_small(path)
    assert opened.small.shape == (2, 3, 3)
    assert (opened.small == 255).all()
    assert any("white" in note for note in opened.notes)


def test_mixing_is_exact_at_the_ends_and_rounded_between():
    first, second = np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8)[::-1].copy()
    assert np.array_equal(mixed(first, second, 0), first)
    assert np.array_equal(mixed(first, second, 1), second)
    wanted = first + 0.25 * (second.astype(float) - first)
    assert np.abs(mixed(first, second, 0.25) - wanted).max() <= 0.5


def test_a_sheet_cuts_the_mix_from_the_part_that_is_seen():
    first, second = photo_like(40, 30), photo_like(40, 30, 1)
    sheet = EnlargeSheet((30, 40), (first, second), (first, second), 0.5)
    assert np.array_equal(sheet.cut(3, 5, 20, 40), mixed(first, second, 0.5)[5:40, 3:20])
    assert sheet_of(first).size == (30, 40)


def test_an_overview_is_averaged_down(monkeypatch):
    monkeypatch.setattr("plugins.gan.enlarge.state.OVERVIEW_PX", 20)
    pixels = photo_like(40, 30)
    overview = overview_of(pixels)
    assert overview.shape == (20, 15, 3)
    assert np.abs(overview - pixels.reshape(20, 2, 15, 2, 3).mean((1, 3))).max() <= 0.51
    assert sheet_of(pixels).factor == 2


def test_nearness_of_a_picture_to_itself_and_to_a_shifted_one():
    pixels = photo_like(40, 30)
    assert nearness(pixels, pixels).psnr == np.inf
    assert nearness(pixels, pixels).ssim == pytest.approx(1)
    assert nearness(pixels, pixels + 1).psnr == pytest.approx(20 * np.log10(255))
    assert nearness(pixels[:4], pixels[:4] + 1).ssim is None


@pytest.mark.parametrize(("height", "width", "factor"), [(700, 33, 2), (512, 8, 2), (5, 7, 4), (1030, 9, 4)])
def test_a_picture_is_averaged_down_in_bands_as_it_would_be_whole(height, width, factor):
    pixels = photo_like(height, width)
    assert np.array_equal(reduced(pixels, factor), np.asarray(Image.fromarray(pixels).reduce(factor)))
