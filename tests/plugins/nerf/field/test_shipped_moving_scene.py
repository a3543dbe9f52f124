"""The scene that moves and travels with the family is what its card says, at each of its moments."""

from importlib.resources import files
from pathlib import Path

import pytest

from plugins.nerf.field.model.weights import count_params, load_field
from plugins.nerf.field.photos.pack import unpack_photos
from plugins.nerf.field.training.evaluation import drawn_exactly, field_of, likeness
from plugins.nerf.field.training.our_scenes import ANIMATED
from studio.core.card import Check, read_card
from studio.core.pausing import result_of

MODELS = Path(str(files("plugins.nerf") / "models"))
WEIGHTS = MODELS / "animated.safetensors"
TOLERANCE_DB = 0.6
"""Between the pictures and the smaller ones that came along, of which every fourth pixel is looked at."""


@pytest.fixture(scope="module")
def card():
    return read_card(MODELS / "animated.json")


@pytest.fixture(scope="module")
def field(card):
    return field_of(load_field(WEIGHTS, {"n_params": card.n_params}))


@pytest.fixture(scope="module")
def views():
    return result_of(unpack_photos(MODELS / ANIMATED.scene.pack)).part("test").thinned(4)


def test_it_is_small_enough(card):
    assert sum(path.stat().st_size for path in MODELS.glob("animated*")) <= 4 << 20
    assert (MODELS / ANIMATED.scene.pack).stat().st_size <= 1_500_000
    assert card.n_params == count_params(load_field(WEIGHTS, {}).weights)


def test_it_reached_what_it_had_to(card):
    checks = [Check(**values) for values in card.more["checks"]]
    assert all(check.is_reached for check in checks)
    assert any(check.floor for check in checks)
    assert card.id == ANIMATED.id


@pytest.mark.long("computes for long")
def test_each_view_is_like_its_photo_at_the_time_of_the_photo(card, field, views):
    found = result_of(likeness(drawn_exactly(field), views, range(len(views)), with_ssim=False))
    stated = card.figures["PSNR in dB, exact, 20 test views of 256 px"]
    assert found.mean_psnr_db == pytest.approx(stated, abs=TOLERANCE_DB)
    still = result_of(likeness(lambda rays, _: drawn_exactly(field)(rays, 0.0), views, range(5, 15), with_ssim=False))
    assert still.mean_psnr_db < found.mean_psnr_db - 3
