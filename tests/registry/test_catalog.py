"""The catalogue: what there is, found and opened by name."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from studio.compute.device import Device
from studio.core.error import UserError
from studio.core.pausing import result_of
from studio.core.place import models_dir, plugin_dir
from studio.registry import place
from studio.registry.catalog import Catalog
from studio.registry.family import find_families
from studio.registry.place import folder_places
from tests.registry.conftest import FAMILIES, copy_family
from tests.registry.test_model import add_model

CPU = Device("cpu", "float32", 1)


@pytest.fixture(autouse=True)
def no_built_in_families(monkeypatch):
    monkeypatch.setattr(place, "builtin_places", list)


@pytest.fixture
def catalog(folder, tmp_path):
    copy_family(folder, "good")
    return Catalog(folder, tmp_path / "models")


@pytest.fixture
def judges(monkeypatch):
    """The recipes of the host itself, without loading the real ones."""
    recipes = {"metrics/judge": SimpleNamespace(id="metrics/judge", title="Judge")}
    monkeypatch.setitem(sys.modules, "studio.metrics.recipe", SimpleNamespace(RECIPES=recipes))
    return recipes


def with_file(family: Path, name: str, text: str) -> None:
    (family / name).write_text(text)


def test_the_usual_folders_are_the_users():
    copy_family(plugin_dir(), "of_user")
    add_model(models_dir() / "of_user", "mine")
    catalog = Catalog()
    assert catalog.family("of_user").origin == str(plugin_dir())
    assert [model.id for model in catalog.list_models("of_user")] == ["of_user/waves", "of_user/mine"]


def test_the_best_models_come_first_and_those_broken_on_purpose_last(folder, tmp_path):
    family = copy_family(folder, "sorted")
    for name in ("bad", "best"):
        add_model(family / "models", name, id=f"sorted/{name}")
    add_model(tmp_path / "models" / "sorted", "mine")
    text = (family / "family.py").read_text()
    order = (
        'models={"sorted/best": "", "sorted/waves": "", "sorted/bad": ""},\n    broken=("sorted/bad",),\n    recipes='
    )
    with_file(family, "family.py", text.replace("recipes=", order))
    models = Catalog(folder, tmp_path / "models").list_models("sorted")
    assert [model.id.partition("/")[2] for model in models] == ["best", "waves", "mine", "bad"]


def test_broken_families_are_there_but_cannot_be_used(caplog):
    catalog = Catalog(FAMILIES)
    assert {"good", "broken"} <= {found.id for found in catalog.families}
    assert all(model.family != "broken" for model in catalog.list_models())
    with pytest.raises(UserError, match="does not work") as failure:
        catalog.family("broken")
    assert "on purpose" in failure.value.what_to_do
    assert caplog.text


def test_an_unknown_family_names_the_closest(catalog):
    with pytest.raises(UserError, match=r"no family called “goood”.*Did you mean good\?"):
        catalog.family("goood")


def test_a_mended_family_is_read_anew(catalog, folder, caplog):
    changed = folder / "good" / "family.py"
    whole = changed.read_text()
    changed.write_text("def (")
    catalog.families = find_families(folder_places(folder, "here"))
    assert catalog.list_models() == []
    changed.write_text(whole.replace('"Waves"', '"Mended waves"'))
    catalog.reload("good")
    assert catalog.family("good").manifest.title == "Mended waves"
    assert catalog.find_model("good/waves").title == "Waves"


def test_a_mended_module_is_read_anew(catalog, folder):
    source = catalog.find_model("good/waves").source
    before = catalog.params_class(source)
    path = folder / "good" / "params.py"
    path.write_text(path.read_text().replace("    seed: int", "    mended: bool = True\n    seed: int"))
    assert catalog.params_class(source) is before
    catalog.reload("good")
    assert catalog.params_class(source)().mended


@pytest.mark.parametrize("wish", ["good/wave", "waves", "GOOD/WAVES", "god/waves"])
def test_an_unknown_model_names_the_closest(catalog, wish):
    with pytest.raises(UserError, match="good/waves"):
        catalog.find_model(wish)


def test_a_model_like_no_other_names_what_is_there(catalog):
    with pytest.raises(UserError, match=r"You can choose from: .*good/waves"):
        catalog.find_model("?" * 100_000)


def test_a_model_is_found_by_its_id(catalog):
    assert catalog.find_model("good/waves").title == "Waves"


def test_a_new_model_is_listed_after_a_refresh(catalog):
    assert [model.id for model in catalog.list_models("good")] == ["good/waves"]
    add_model(catalog.models_folder / "good", "mine")
    assert len(catalog.list_models("good")) == 1
    catalog.refresh()
    assert [model.id for model in catalog.list_models("good")] == ["good/waves", "good/mine"]


def test_a_broken_card_is_a_warning(catalog, caplog):
    add_model(catalog.models_folder / "good", "mine")
    (catalog.models_folder / "good" / "mine.json").write_text("{")
    assert [model.id for model in catalog.list_models("good")] == ["good/waves"]
    assert [failure.title for failure in catalog.model_failures()] == ["mine.json: This model card cannot be read."]
    assert "mine.json" in caplog.text


def test_an_engine_opens_and_draws(catalog):
    engine = catalog.open_engine(catalog.find_model("good/waves").source, CPU)
    frames = list(engine.generate(catalog.params_class(catalog.find_model("good/waves").source)(seed=3)))
    assert len(frames) == 4
    assert frames[-1].main_view.pixels.shape == (16, 16)


def test_a_handle_opens_nothing_before_its_first_work(catalog):
    chosen = []

    def choose() -> Device:
        chosen.append(CPU)
        return CPU

    handle = catalog.make_handle(catalog.find_model("good/waves").source, choose)
    assert not handle.is_open
    work = handle.work(lambda engine: engine.waves.shape)
    assert not chosen
    assert result_of(work()) == (2, 16, 16)
    n_chosen = len(chosen)
    assert n_chosen > 0
    assert result_of(handle.work(lambda engine: engine.waves.shape)()) == (2, 16, 16)
    assert len(chosen) == n_chosen


def test_a_handle_for_an_unknown_family_is_refused_at_once(catalog):
    source = SimpleNamespace(id="unknown/waves")
    with pytest.raises(UserError, match="unknown"):
        catalog.make_handle(source, lambda: CPU)


def test_importers_sniff_and_the_surest_one_is_meant(catalog, tmp_path):
    path = tmp_path / "sea.waves"
    path.write_bytes(b"waves and more")
    (sniffed,) = catalog.sniff(path)
    assert (sniffed.family_id, sniffed.score) == ("good", 1.0)
    path.write_bytes(b"something else")
    assert catalog.sniff(path) == []


def test_a_tie_of_importers_is_reported(folder, tmp_path):
    for family_id in ("one", "two"):
        copy_family(folder, family_id)
    path = tmp_path / "sea.waves"
    path.write_bytes(b"waves")
    assert [sniffed.family_id for sniffed in Catalog(folder).sniff(path)] == ["one", "two"]


def test_an_importer_that_fails_does_not_hide_the_others(folder, tmp_path, caplog):
    copy_family(folder, "fine")
    with_file(copy_family(folder, "late"), "importers.py", "raise RuntimeError('no importer')")
    failing = "class WaveImporter:\n    title = 'odd'\n    def sniff(self, path):\n        return 1 / 0"
    with_file(copy_family(folder, "odd"), "importers.py", failing)
    path = tmp_path / "sea.waves"
    path.write_bytes(b"waves")
    assert [sniffed.family_id for sniffed in Catalog(folder).sniff(path)] == ["fine"]
    assert "no importer" in caplog.text
    assert "odd" in caplog.text


def test_recipes_are_found_by_id(catalog):
    assert catalog.find_recipe("good/waves").title == "Waves"


def test_an_unknown_recipe_names_the_closest(catalog, judges):
    with pytest.raises(UserError, match=r"good/waves"):
        catalog.find_recipe("good/wavs")
    with pytest.raises(UserError, match=r"metrics/judge"):
        catalog.find_recipe("metrics/juge")
    assert catalog.find_recipe("metrics/judge") is judges["metrics/judge"]


def test_a_table_of_recipes_that_fails_does_not_hide_the_others(folder, judges, caplog):
    copy_family(folder, "fine")
    with_file(copy_family(folder, "odd"), "recipes.py", "1 / 0")
    recipes, failures = Catalog(folder).recipes_and_failures()
    assert set(recipes) == {"fine/waves", "fine/learnt", "metrics/judge"}
    assert [failure.title for failure in failures] == ["The training “odd” does not work."]
    assert "odd failed" in caplog.text
    with pytest.raises(UserError, match=r"odd/recipes\.py, line 1: ZeroDivisionError"):
        Catalog(folder).find_recipe("odd/waves")


def test_a_recipe_that_fails_hides_none_of_its_family(folder, judges, caplog):
    family = copy_family(folder, "half")
    (family / "recipes.py").rename(family / "working.py")
    with_file(family, "broken.py", "from itertools import no_such_name\n")
    with_file(family, "leaving.py", "raise SystemExit(3)\n")
    names = {
        "waves": "working:WaveRecipe",
        "learnt": "working:LearntRecipe",
        "odd": "broken:ODD",
        "gone": "leaving:GONE",
    }
    with_file(family, "recipes.py", f"RECIPES = { {f'half/{name}': place for name, place in names.items()} }")
    catalog = Catalog(folder)
    recipes, failures = catalog.recipes_and_failures("half")
    assert set(recipes) == {"half/waves", "half/learnt"}
    assert [failure.title for failure in failures] == [
        f"The training “half/{name}” does not work." for name in ("odd", "gone")
    ]
    with pytest.raises(UserError, match=r"half/broken\.py, line 1: ImportError: .*no_such_name"):
        catalog.find_recipe("half/odd")
    assert catalog.find_recipe("half/waves").title == "Waves"


def test_a_missing_file_is_nobodys(catalog, tmp_path):
    assert catalog.sniff(tmp_path / "missing.waves") == []


def test_the_first_look_loads_neither_torch_nor_qt():
    code = (
        "import sys; from studio.registry.catalog import Catalog; c = Catalog(); c.list_models();"
        "print(len(c.families) > 0, [name for name in ('torch', 'PySide6', 'scipy') if name in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True []"
