"""The rasteriser against exact areas, and the setting of words."""

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.render.field import CELLS, Placement, layout_word, render_fields, render_glyph, tint

CENTRES = np.arange(CELLS, dtype=np.float32) + 0.5


def disc(radius: float, x: float = 32.0, y: float = 32.0) -> NDArray[np.float32]:
    return (radius - np.hypot(CENTRES[None] - x, CENTRES[:, None] - y)).astype(np.float32)


def box(x0: float, x1: float, y0: float = 10.0, y1: float = 50.0) -> NDArray[np.float32]:
    x, y = CENTRES[None], CENTRES[:, None]
    dx, dy = np.maximum(x0 - x, x - x1), np.maximum(y0 - y, y - y1)
    outside = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0))
    return -(outside + np.minimum(np.maximum(dx, dy), 0)).astype(np.float32)


@pytest.mark.parametrize(("radius", "size_px"), [(20, 512), (20, 100), (8, 200), (25.3, 333), (12, 64)])
def test_disc_covers_its_exact_area(radius: float, size_px: int) -> None:
    covered = render_glyph(disc(radius), size_px).sum(dtype=np.float64) / 255
    exact = np.pi * (radius * size_px / CELLS) ** 2
    assert covered == pytest.approx(exact, rel=0.005)


def test_edge_is_one_pixel_wide() -> None:
    row = render_glyph(disc(20.04), 512)[256].astype(int)
    grey = (row > 0) & (row < 255)
    assert grey.sum() == 2  # one on either side
    assert row[0] == 0
    assert row[256] == 255


def test_straight_edge_lies_where_it_should() -> None:
    picture = render_glyph(box(20.0, 40.25), 64)
    assert picture[32, 19] == 0
    assert picture[32, 20] == 255
    assert picture[32, 40] == pytest.approx(64, abs=6)


def test_shape_moves_with_its_place() -> None:
    field = disc(10.0)[None]
    still = render_fields(field, [Placement(10, 20, 2.0)], 200, 220)
    moved = render_fields(field, [Placement(27, 25, 2.0)], 200, 220)
    np.testing.assert_array_equal(np.roll(still, (5, 17), (0, 1)), moved)


def test_half_pixel_shift_moves_the_centre_of_mass() -> None:
    field = disc(10.0)[None]
    columns = np.arange(160)

    def centre(left_px: float) -> float:
        mass = render_fields(field, [Placement(left_px, 0, 2.0)], 160, 128).sum(axis=0, dtype=np.float64)
        return float((mass * columns).sum() / mass.sum())

    assert centre(10.5) - centre(10.0) == pytest.approx(0.5, abs=0.01)


def test_parts_outside_the_picture_are_cut_off() -> None:
    picture = render_fields(disc(20.0)[None], [Placement(-64, -64, 2.0)], 64, 64)
    whole = render_fields(disc(20.0)[None], [Placement(0, 0, 2.0)], 128, 128)
    np.testing.assert_array_equal(picture, whole[64:, 64:])
    nothing = render_fields(disc(20.0)[None], [Placement(500, 0, 2.0)], 64, 64)
    assert not nothing.any()


def test_drawing_twice_gives_equal_bytes() -> None:
    assert render_glyph(disc(17.3), 301).tobytes() == render_glyph(disc(17.3), 301).tobytes()


def test_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        render_fields(np.zeros((1, 32, 32), np.float32), [Placement(0, 0, 1)], 10, 10)


def test_tint_runs_from_paper_to_ink() -> None:
    colours = tint(np.array([[0, 128, 255]], np.uint8), ink=(0, 10, 20), paper=(255, 250, 220))
    assert colours[0, 0].tolist() == [255, 250, 220]
    assert colours[0, 2].tolist() == [0, 10, 20]
    assert 120 < colours[0, 1, 0] < 135


def ink_edges(fields: list[NDArray[np.float32] | None], width: int, height: int) -> list[tuple[int, int]]:
    edges = []
    for field, place in zip(fields, layout_word(fields, width, height), strict=True):
        if field is not None:
            columns = np.flatnonzero(render_fields(field[None], [place], width, height).max(axis=0) > 127)
            edges.append((int(columns[0]), int(columns[-1])))
    return edges


def test_word_is_centred_and_inside() -> None:
    edges = ink_edges([box(10, 20), disc(15), box(30, 50)], 400, 120)
    assert edges[0][0] == pytest.approx(399 - edges[-1][1], abs=1)
    assert edges[0][0] >= 0


def test_glyphs_do_not_touch_and_margins_in_the_cell_do_not_matter() -> None:
    narrow = ink_edges([box(2, 12), box(2, 12)], 400, 64)
    shifted = ink_edges([box(2, 12), box(50, 60)], 400, 64)
    assert narrow == shifted
    assert narrow[1][0] - narrow[0][1] >= 4


def test_open_shapes_come_closer_than_stems() -> None:
    top, bottom = box(10, 40, 10, 16), box(10, 40, 44, 50)
    long_arm = np.maximum(box(10, 16), top)  # like a gamma
    stems = ink_edges([box(10, 16), box(10, 16)], 800, 64)
    tucked = ink_edges([long_arm, np.maximum(box(34, 40), bottom)], 800, 64)
    assert tucked[1][0] - tucked[0][1] < stems[1][0] - stems[0][1]


def test_long_word_shrinks_to_the_width() -> None:
    fields: list[NDArray[np.float32] | None] = [box(10, 50)] * 12
    edges = ink_edges(fields, 300, 200)
    assert edges[0][0] >= 0
    assert edges[-1][1] < 300
    assert len({end - start for start, end in edges}) <= 2


def test_space_parts_words_and_an_empty_glyph_is_harmless() -> None:
    apart = ink_edges([box(10, 20), None, box(10, 20)], 600, 64)
    together = ink_edges([box(10, 20), box(10, 20)], 600, 64)
    assert apart[1][0] - apart[0][1] > together[1][0] - together[0][1] + 5
    blank = np.full((CELLS, CELLS), -5, np.float32)
    assert len(layout_word([blank, box(10, 20), blank], 300, 64)) == 3
    assert layout_word([], 300, 64) == []
