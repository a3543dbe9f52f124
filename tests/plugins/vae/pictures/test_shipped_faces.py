"""The faces that the program brings along: what the card promises, checked again where that is quick."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
import torch

from plugins.vae.pictures.training import avatars_recipe
from plugins.vae.pictures.training.data import drawn, encoded, in_unit, right_shares
from plugins.vae.pictures.training.direction_search import SCALES, tried_directions
from plugins.vae.pictures.training.direction_sheet import N_COLUMNS, NAMES, SCALE, direction_sheet
from plugins.vae.shared.atlas import build_atlas
from plugins.vae.shared.card import read_arrays
from plugins.vae.shared.model.weights import load_model
from studio.core.card import read_card
from studio.core.pausing import result_of
from studio.core.seed import standard_normal
from studio.datasets.avatars import AVATAR_LABELS, load_avatars
from studio.datasets.split import Split
from studio.metrics.distance import picture_likeness
from studio.metrics.judge import load_judge
from studio.nn.layered.pictures_vae import PicturesVAE


@pytest.fixture(scope="module")
def path():
    with as_file(files("plugins.vae") / "models" / "avatars.safetensors") as path:
        return Path(path)


@pytest.fixture(scope="module")
def model(path):
    loaded = load_model(path)
    assert isinstance(loaded, PicturesVAE)
    return loaded


@pytest.fixture(scope="module")
def card(path):
    return read_card(path.with_suffix(".json"))


@pytest.fixture(scope="module")
def judge():
    return load_judge("avatars")


def test_the_floors_are_those_that_were_asked_for(card):
    floors = {check["name"]: check["floor"] for check in card.more["checks"]}
    for label in ("hair", "beard", "mouth", "clothes"):
        assert floors[f"Redrawn test pictures, {label} read right, share"] == 0.85
    assert floors["Random places, precision"] == 0.5
    assert card.more["config"]["n_latent"] <= 64
    assert {"Random places, recall", "Random places, KID x 1,000"} <= set(card.figures)


@pytest.mark.long("computes for long")
def test_combinations_that_it_has_not_seen_come_back_whole(model, judge):
    faces = load_avatars(Split.TEST)
    pictures = torch.from_numpy(faces.pictures[:150])
    means, _ = result_of(encoded(model, pictures))
    redrawn = result_of(drawn(model, means))
    shares = right_shares(judge, redrawn, torch.from_numpy(faces.labels[:150]))
    assert min(dict(zip(AVATAR_LABELS, shares, strict=True))[label] for label in avatars_recipe.FLOORS) >= 0.85
    assert float((redrawn - in_unit(pictures)).abs().mean()) < 0.02


@pytest.mark.long("computes for long")
def test_random_places_are_faces_and_many_kinds_of_them(model, judge):
    real = in_unit(torch.from_numpy(load_avatars(Split.TEST).pictures[:300]))
    places = torch.randn(300, model.config.n_latent, generator=torch.Generator().manual_seed(77))
    samples = result_of(drawn(model, places))
    seen = picture_likeness(judge, real, samples)
    assert seen.precision >= 0.5
    assert seen.recall >= 0.5
    kinds = judge.read(samples)
    assert all(len(kinds[:, column].unique()) >= 3 for column in range(len(AVATAR_LABELS)))


@pytest.mark.long("computes for long")
def test_each_named_slider_moves_what_it_says_and_little_else(path, model, card, judge):
    """At places that were not used when the sliders were chosen."""
    axes = [axis for axis in card.more["axes"] if axis["kind"] == "named"]
    assert {"hair", "beard", "smile"} <= {axis["id"] for axis in axes}
    directions = torch.from_numpy(read_arrays(path)["directions"])[: len(axes)]
    places = 0.9 * torch.randn(12, model.config.n_latent, generator=torch.Generator().manual_seed(99))
    deviation = torch.tensor([card.more["attributes"][name][1] for name in SCALES])
    columns = [list(SCALES).index(axis["id"]) for axis in axes]
    trial = result_of(tried_directions(model, judge, directions, deviation, places))
    for row, column in enumerate(columns):
        change = trial.moved[row, -1] - trial.moved[row, 0]  # (A,)
        others = torch.cat([change[:column], change[column + 1 :]])
        assert float(change[column]) >= 0.9, axes[row]["title"]
        assert (trial.moved[row, :, column].diff() >= -0.2).all(), axes[row]["title"]
        assert float(others.abs().max()) <= 0.5 * float(change[column]), axes[row]["title"]


def test_the_sheet_has_a_row_for_each_slider_and_the_face_itself_among_its_columns(path, model, card):
    atlas = build_atlas(card.more, read_arrays(path), model.config.n_latent)
    sheet = direction_sheet(model, atlas, NAMES[:2], seed=3)
    side = SCALE * model.config.size_px
    assert sheet.height == 2 * side
    pixels = np.asarray(sheet)[:, -N_COLUMNS * side :].astype(int)
    cells = pixels.reshape(2, side, N_COLUMNS, side, 3).swapaxes(1, 2)  # (rows, columns, H, W, 3)
    changes = np.abs(np.diff(cells, axis=1)).mean((2, 3, 4))
    assert (changes > 0.05).all()
    assert not np.array_equal(cells[0], cells[1])


def test_the_map_holds_held_out_faces_by_their_hair(path, model, card):
    atlas = build_atlas(card.more, read_arrays(path), model.config.n_latent)
    assert len(atlas.names) == 800
    assert set(atlas.names) == set(avatars_recipe.HAIR_TITLES.values())
    spread = np.cov(np.concatenate([atlas.places, standard_normal((4, model.config.n_latent), 1, 0)]).T)
    assert np.trace(spread) / model.config.n_latent == pytest.approx(1, abs=0.45)  # the means of places, mostly N(0, I)
