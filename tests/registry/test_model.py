"""Models and their cards on the disk."""

import json
import shutil

import pytest

from studio.core.error import UserError
from studio.registry.catalog import Catalog
from studio.registry.family import find_families
from studio.registry.model import (
    ModelInfo,
    adopt_model,
    delete_own_model,
    free_name,
    own_models,
    shipped_models,
    without_doubles,
)
from studio.registry.place import folder_places
from studio.registry.target import describe, find_opening
from tests.registry.conftest import FAMILIES, copy_family

WAVES = FAMILIES / "good" / "models"


def add_model(folder, name, **changes):
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(WAVES / "waves.npz", folder / f"{name}.npz")
    card = json.loads((WAVES / "waves.json").read_text()) | changes
    (folder / f"{name}.json").write_text(json.dumps(card))


def models(listed):
    """Return what is listed, checked to be models."""
    listed = list(listed)
    assert all(isinstance(model, ModelInfo) for model in listed), listed
    return listed


@pytest.fixture
def found(folder):
    copy_family(folder, "good")
    (found,) = find_families(folder_places(folder, "here"))
    return found


def test_a_shipped_model_has_its_card_and_its_size(found):
    (model,) = models(shipped_models(found))
    assert (model.id, model.family, model.title, model.is_own) == ("good/waves", "good", "Waves", False)
    assert model.size_bytes == (WAVES / "waves.npz").stat().st_size
    assert model.path.name == "waves.npz"


def test_the_line_of_the_list(found):
    (model,) = models(shipped_models(found))
    assert model.to_json() == {
        "id": "good/waves",
        "family": "good",
        "title": "Waves",
        "task": "Draw two mixed waves",
        "licence": "MIT",
        "data": "Computed from a formula",
        "n_params": 512,
        "size_bytes": model.size_bytes,
    }


def test_an_engine_gets_the_whole_card(found):
    (model,) = models(shipped_models(found))
    assert dict(model.source.card) == json.loads((WAVES / "waves.json").read_text())


def test_own_models_are_called_after_their_file(found, tmp_path):
    add_model(tmp_path / "good", "my waves", id="good/waves")
    add_model(tmp_path / "other", "elsewhere")
    (model,) = models(own_models(found, tmp_path))
    assert (model.id, model.card.id, model.is_own) == ("good/my waves", "good/my waves", True)


def test_safetensors_go_before_npz(found, tmp_path):
    add_model(tmp_path / "good", "both")
    (tmp_path / "good" / "both.safetensors").write_bytes(b"12345")
    (model,) = models(own_models(found, tmp_path))
    assert (model.path.suffix, model.size_bytes) == (".safetensors", 5)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": 3}', "[" * 90_000, '{"id": "good/x", "title": 3}'])
def test_a_broken_card_is_one_sentence_and_the_others_go_on(found, tmp_path, text):
    add_model(tmp_path / "good", "fine")
    add_model(tmp_path / "good", "broken")
    (tmp_path / "good" / "broken.json").write_text(text)
    kept, failures = without_doubles(own_models(found, tmp_path))
    assert [model.id for model in kept] == ["good/fine"]
    assert [failure.title.partition(":")[0] for failure in failures] == ["broken.json"]


def test_a_card_without_weights_is_one_sentence(found, tmp_path):
    add_model(tmp_path / "good", "alone")
    (tmp_path / "good" / "alone.npz").unlink()
    kept, (failure,) = without_doubles(own_models(found, tmp_path))
    assert kept == []
    assert "weights" in failure.title


def without_weights(family):
    """Let the kind of a family's models need no weights."""
    path = family / "family.py"
    path.write_text(path.read_text().replace('panel="panel:', 'needs_weights=False, panel="panel:'))


def test_a_card_alone_is_a_model_where_its_kind_needs_no_weights(folder, tmp_path):
    without_weights(copy_family(folder, "good"))
    (found,) = find_families(folder_places(folder, "here"))
    add_model(tmp_path / "good", "alone")
    (tmp_path / "good" / "alone.npz").unlink()
    (model,) = models(own_models(found, tmp_path))
    assert (model.id, model.path.name) == ("good/alone", "alone.json")
    assert len(model.source.content_hash) == 64
    delete_own_model(model)
    assert list((tmp_path / "good").iterdir()) == []


def test_a_card_alone_opens_where_its_kind_needs_no_weights(folder, tmp_path):
    add_model(tmp_path, "mine", id="good/mine")
    (tmp_path / "mine.npz").unlink()
    family = copy_family(folder, "good")
    catalog = Catalog(folder)
    catalog.families = find_families(folder_places(folder, "here"))
    assert not describe(tmp_path / "mine.json", catalog).opens
    without_weights(family)
    catalog.reload("good")
    assert describe(tmp_path / "mine.json", catalog).title == "Waves"
    opening = find_opening(str(tmp_path / "mine.json"), catalog)
    assert (opening.source.id, opening.source.path.name) == ("good/mine", "mine.json")


def test_a_shipped_card_must_have_the_name_of_its_file(found):
    add_model(found.folder / "models", "renamed")
    (waves,), (failure,) = without_doubles(shipped_models(found))
    assert waves.id == "good/waves"
    assert "renamed.json" in failure.title


def test_no_folder_no_models(found, tmp_path):
    assert list(own_models(found, tmp_path / "missing")) == []


def test_of_two_models_with_one_id_the_first_is_kept(found, tmp_path):
    add_model(tmp_path / "good", "waves")
    kept, failures = without_doubles([*shipped_models(found), *own_models(found, tmp_path)])
    assert [model.is_own for model in kept] == [False]
    assert "good/waves" in failures[0].title


def test_an_own_model_is_deleted_with_its_card(found, tmp_path):
    add_model(tmp_path / "good", "mine")
    (model,) = models(own_models(found, tmp_path))
    delete_own_model(model)
    assert list((tmp_path / "good").iterdir()) == []
    with pytest.raises(UserError, match="could not be deleted"):
        delete_own_model(model)


def test_a_shipped_model_is_never_deleted(found):
    (model,) = models(shipped_models(found))
    with pytest.raises(ValueError, match="came with the program"):
        delete_own_model(model)
    assert model.path.exists()


def test_a_trained_model_becomes_an_own_one(found, tmp_path):
    add_model(tmp_path / "training", "model", id="good/waves", more_of_the_family=[1, 2])
    weights = tmp_path / "training" / "model.npz"
    kept = weights.read_bytes()
    model = adopt_model(weights, tmp_path / "models", "good", "Grüße", "grusse")
    assert (model.id, model.title, model.path.read_bytes()) == ("good/grusse", "Grüße", kept)
    assert model.source.card["more_of_the_family"] == [1, 2]
    assert models(own_models(found, tmp_path / "models")) == [model]
    assert list((tmp_path / "training").iterdir()) == []


def test_a_model_that_was_trained_further_takes_its_own_place(found, tmp_path):
    for size in (3, 5):
        add_model(tmp_path / "training", "model")
        (tmp_path / "training" / "model.npz").write_bytes(b"x" * size)
        model = adopt_model(tmp_path / "training" / "model.npz", tmp_path / "models", "good", "Mine", "mine")
    assert model.size_bytes == 5
    assert models(own_models(found, tmp_path / "models")) == [model]


def test_a_model_that_cannot_be_moved_is_a_sentence(found, tmp_path):
    add_model(tmp_path / "training", "model")
    (tmp_path / "models").write_text("not a folder")
    with pytest.raises(UserError, match="could not be moved"):
        adopt_model(tmp_path / "training" / "model.npz", tmp_path / "models", "good", "Mine", "mine")
    assert (tmp_path / "training" / "model.npz").exists()


@pytest.mark.parametrize(
    ("title", "taken", "name"),
    [
        ("My faces!", (), "my-faces"),
        ("My faces", ("my-faces", "my-faces-2"), "my-faces-3"),
        ("Grüße / ../..\\x", (), "grusse-x"),
        ("猫", (), "model"),
        ("", ("model",), "model-2"),
        ("CON", (), "con-2"),
        ("a" * 500, (), "a" * 48),
        ("-" * 60 + "b", (), "b"),
    ],
)
def test_the_name_of_the_file_is_safe_and_free(title, taken, name):
    assert free_name(title, taken) == name
