"""The pyramids of the training photos: painted where they are, and clicked where they are painted."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from plugins.nerf.field.panel.frusta import Frusta
from plugins.nerf.field.panel.ray_section import RayMarks, paint_ray
from tests.plugins.nerf.field.panel.widget_tools import dress, heard, pixels_of

NEAR = [[100, 150], [80, 80], [120, 80], [120, 110], [80, 110]]  # eye, then the photo's corners
FAR = [[110, 190], [60, 60], [140, 60], [140, 130], [60, 130]]
AWAY = [[250, 150], [230, 80], [270, 80], [270, 110], [230, 110]]
HIDDEN = [[np.nan] * 2] * 5


def photo(colour: tuple[int, int, int]) -> QImage:
    image = QImage(24, 18, QImage.Format.Format_RGB888)
    image.fill(0xFF000000 | colour[0] << 16 | colour[1] << 8 | colour[2])
    return image


@pytest.fixture
def frusta(qtbot, qapp) -> Frusta:
    dress(qapp)
    owner = QWidget()
    qtbot.addWidget(owner)
    frusta = Frusta(owner)
    frusta.set_photos([photo((255, 0, 0)), photo((0, 255, 0)), photo((0, 0, 255)), photo((9, 9, 9))], "abcd")
    frusta.set_corners(np.array([FAR, NEAR, AWAY, HIDDEN]), [5.0, 2.0, 3.0, 1.0])
    return frusta


def painted(frusta: Frusta) -> np.ndarray:
    image = QImage(300, 220, QImage.Format.Format_RGB888)
    image.fill(0)
    painter = QPainter(image)
    frusta.paint(painter)
    painter.end()
    return pixels_of(image)


def test_the_nearest_photo_under_the_pointer_is_meant(frusta) -> None:
    said = heard(frusta.photo_clicked)
    for x, y in ((100, 95), (70, 65), (250, 95), (251, 149), (110, 192), (5, 5)):
        frusta.click(QPointF(x, y))
    assert said == [1, 0, 2, 2, 0]


def test_a_click_beside_them_is_left_to_the_canvas(frusta) -> None:
    assert not frusta.click(QPointF(5, 5))
    assert frusta.click(QPointF(100, 95))


def test_photos_are_painted_in_their_pyramids_near_ones_over_far_ones(frusta) -> None:
    pixels = painted(frusta)
    assert pixels[95, 100].argmax() == 1
    assert pixels[120, 130].argmax() == 0
    assert pixels[95, 250].argmax() == 2
    assert not pixels[5:40, 5:40].any()


def test_pointing_at_one_marks_and_names_it(frusta) -> None:
    before, asked = painted(frusta), heard(frusta.changed)
    assert frusta.point_at(QPointF(250, 95))
    assert (frusta.hovered, len(asked)) == (2, 1)
    after = painted(frusta)
    changed = np.nonzero((before != after).any(-1))
    assert changed[1].min() > 180
    assert changed[0].min() < 78  # the name stands over the photo
    assert not frusta.point_at(None)
    assert np.array_equal(painted(frusta), before)


def test_what_is_behind_the_viewer_is_neither_painted_nor_clicked(frusta) -> None:
    frusta.set_corners([HIDDEN] * 4, [1.0] * 4)
    assert not painted(frusta).any()
    assert frusta.index_at(QPointF(100, 95)) == -1


def test_a_photo_seen_from_its_edge_is_drawn_as_lines(frusta) -> None:
    edge = [[100, 150], [80, 80], [81, 80], [81, 110], [80, 110]]
    frusta.set_corners([edge, HIDDEN, HIDDEN, HIDDEN], [1.0] * 4)
    assert painted(frusta).any()


def test_photos_come_one_after_the_other(frusta) -> None:
    frusta.set_photos([QImage(), QImage()], ("a", "b"))
    frusta.set_corners([NEAR, AWAY], [1.0, 1.0])
    assert not painted(frusta)[90:100, 95:105].any()
    frusta.set_image(0, photo((255, 0, 0)))
    assert painted(frusta)[95, 100].argmax() == 0


def test_the_photo_that_is_looked_through_is_marked(frusta) -> None:
    before = painted(frusta)
    frusta.set_current(2)
    assert not np.array_equal(painted(frusta), before)


def ray_picture(places, weights, chosen: int = -1) -> np.ndarray:
    image = QImage(100, 60, QImage.Format.Format_RGB888)
    image.fill(0)
    painter = QPainter(image)
    colours = np.tile(np.array([[1.0, 0.0, 0.0]], np.float32), (len(places), 1))
    paint_ray(painter, RayMarks(np.array(places, np.float32), np.array(weights, np.float32), colours), chosen)
    painter.end()
    return pixels_of(image)


def is_red(pixels: np.ndarray) -> np.ndarray:
    return np.asarray((pixels[..., 0] > 200) & (pixels[..., 1] < 60))


def test_samples_of_a_ray_are_as_large_as_their_weight(qapp) -> None:
    dress(qapp)
    red = is_red(ray_picture([[20, 30], [50, 30], [80, 30]], [0.0, 0.25, 1.0]))
    areas = [int(red[:, x - 12 : x + 12].sum()) for x in (20, 50, 80)]
    assert areas[0] < areas[1] < areas[2]
    assert areas[2] / areas[1] == pytest.approx(4, rel=0.5)


def test_samples_behind_the_viewer_are_left_out_and_the_chosen_one_is_ringed(qapp) -> None:
    dress(qapp)
    nan = [np.nan, np.nan]
    assert not ray_picture([nan, nan], [1, 1]).any()
    plain = ray_picture([[20, 30], nan, [80, 30]], [0.5, 1, 0.5])
    ringed = ray_picture([[20, 30], nan, [80, 30]], [0.5, 1, 0.5], chosen=2)
    assert (plain != ringed).any((0, 2)).nonzero()[0].min() > 60
