"""The nearest real picture: a training face is its own copy, another one differs in what its labels say."""

import numpy as np
import pytest

from plugins.gan.people.caption import NearFace, difference_words, extent_words, is_copy, nearness_words
from plugins.gan.people.sampling import differing_labels, find_nearest_face
from plugins.gan.people.training.evaluation import FaceReading
from studio.api.training import AVATAR_LABELS
from studio.core.pausing import result_of
from studio.core.view import NearPicture
from tests.plugins.gan.people.crowd_made import shipped


@pytest.mark.long("computes for long")
def test_a_training_face_is_found_and_called_a_copy() -> None:
    pictures, _ = shipped("train")
    found = result_of(find_nearest_face(pictures[123]))
    assert found.near.distance == 0
    assert np.array_equal(found.near.pixels, pictures[123])
    assert found.n_pictures == len(pictures)
    assert found.is_copy
    assert nearness_words(found) == "It is nearly a copy."


@pytest.mark.long("computes for long")
def test_a_test_face_is_no_copy_and_what_differs_is_true() -> None:
    known, labels = shipped("train")
    pictures, own = shipped("test")
    names = list(AVATAR_LABELS)
    n_right = n_said = 0
    for number in range(6):
        found = result_of(find_nearest_face(pictures[number]))
        distances = np.abs(known.astype(np.int16) - pictures[number]).mean((1, 2, 3)) / 255
        nearest = int(distances.argmin())
        assert found.near.distance == distances[nearest]
        assert not found.is_copy
        truly = {name for name, a, b in zip(names, own[number], labels[nearest], strict=True) if a != b}
        n_said += len(found.differing)
        n_right += len(truly & set(found.differing))
    assert n_right >= 0.9 * n_said > 0


def test_labels_that_the_judge_is_unsure_of_do_not_count() -> None:
    classes = np.zeros((2, 10), np.int64)
    classes[1, [0, 3, 9]] = 1
    sureness = np.ones((2, 10), np.float32)
    sureness[0, 3] = 0.4
    assert differing_labels(FaceReading(classes, sureness)) == ("hair", "clothes_colour")


def test_what_differs_is_said_in_words() -> None:
    assert difference_words(("rear_hair", "mouth", "brows", "clothes")) == "different hair, expression and clothes"
    assert difference_words(("skin_colour",)) == "different skin"
    assert difference_words(()) == ""


def test_a_copy_has_all_labels_and_is_near() -> None:
    assert is_copy(0.009, ())
    assert not is_copy(0.01, ())
    assert not is_copy(0.0, ("hair",))
    near = NearPicture(np.zeros((4, 4, 3), np.uint8), 0.02)
    assert "nothing the judge can name is different" in nearness_words(NearFace(near, 5, ()))


def test_how_many_were_looked_through_is_said() -> None:
    assert "4,000 included training pictures, out of 19,851" in extent_words(4000, 19851)
    assert extent_words(4000, 4000) == "Nearest of all 4,000 training pictures."
