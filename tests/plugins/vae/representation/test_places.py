"""From the map to latent space and back, and what lies within a lasso."""

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from plugins.vae.shared.representation.places import between, within


def test_a_known_place_has_its_own_value_and_others_lie_between():
    random = np.random.default_rng(0)
    known, values = (random.normal(0, 1, (50, n)).astype(np.float32) for n in (2, 5))
    for index in (0, 31):
        assert np.abs(between(known, values, known[index]) - values[index]).max() < 1e-3
    at = between(known, values, np.zeros(2, np.float32))
    assert (values.min(0) <= at).all()
    assert (at <= values.max(0)).all()
    two = np.array([[0, 0], [1, 0]], np.float32)
    middle = between(two, np.array([[2.0], [6.0]], np.float32), np.array([0.5, 0], np.float32))
    assert np.allclose(middle, 4)
    near = between(two, np.array([[2.0], [6.0]], np.float32), np.array([0.25, 0], np.float32))
    assert np.allclose(near, (2 * 16 + 6 * 16 / 9) / (16 + 16 / 9))


def test_a_lasso_holds_what_qt_says():
    random = np.random.default_rng(1)
    points = random.random((500, 2)) * 100
    corners = np.array([[10, 10], [90, 20], [30, 50], [85, 90], [15, 80]], float)  # with a dent
    polygon = QPolygonF([QPointF(*corner) for corner in corners])
    wanted = [polygon.containsPoint(QPointF(*point), Qt.FillRule.OddEvenFill) for point in points]
    found = within(points, corners)
    assert np.array_equal(found, wanted)
    assert 50 < found.sum() < 450
    assert not within(points, np.full((4, 2), 5.0)).any()
