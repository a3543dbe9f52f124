"""Where families are looked for."""

import importlib
import sys

from studio.registry.place import BUILT_IN, all_places, builtin_places, folder_places, installed_places
from tests.registry.conftest import copy_family


def test_built_in_families_have_one_import_name():
    places = builtin_places()
    assert places
    assert {place.origin for place in places} == {BUILT_IN}
    assert all(place.package == f"plugins.{place.name}" for place in places)


def test_a_folder_without_a_manifest_is_no_family(folder):
    (folder / "notes").mkdir()
    (folder / "family.py").touch()
    assert folder_places(folder, "here") == []
    assert folder_places(folder / "missing", "here") == []


def test_relative_imports_work_wherever_the_folder_lies(folder):
    copy_family(folder, "far_away")
    (place,) = folder_places(folder, "here")
    module = importlib.import_module(f"{place.package}.engine")
    assert module.SampleParams.__module__ == f"{place.package}.params"


def test_families_of_the_same_name_in_two_folders_are_two_packages(folder, tmp_path):
    (tmp_path / "other").mkdir()
    copy_family(folder, "twin")
    copy_family(tmp_path / "other", "twin")
    first, second = folder_places(folder, "here")[0], folder_places(tmp_path / "other", "there")[0]
    assert first.package != second.package
    one, two = importlib.import_module(first.manifest), importlib.import_module(second.manifest)
    assert one.__file__ != two.__file__


def test_the_same_folder_keeps_its_import_name(folder):
    copy_family(folder, "good")
    assert folder_places(folder, "here") == folder_places(folder, "here")


def test_a_package_that_has_the_name_of_the_folder_is_left_alone(tmp_path):
    folder = tmp_path / "plugins"  # as the program's own package is called
    folder.mkdir()
    copy_family(folder, "mine")
    (place,) = folder_places(folder, "here")
    assert not place.package.startswith("plugins.")
    assert importlib.import_module(place.manifest).FAMILY.id == "mine"


def test_a_folder_on_the_path_is_imported_by_its_own_name(tmp_path, monkeypatch):
    folder = tmp_path / "families_on_path"
    folder.mkdir()
    copy_family(folder, "mine")
    monkeypatch.syspath_prepend(tmp_path)
    (place,) = folder_places(folder, "here")
    assert place.package == "families_on_path.mine"


def test_a_family_that_was_added_a_moment_ago_is_found(folder):
    assert "late" not in [place.name for place in all_places(folder)]
    copy_family(folder, "late")
    place = next(place for place in all_places(folder) if place.name == "late")
    assert importlib.import_module(place.manifest).FAMILY.id == "late"


def test_an_entry_point_names_a_family(folder, monkeypatch):
    copy_family(folder, "installed_waves")
    about = folder / "installed_waves-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: installed-waves\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[manifold_studio.families]\nwaves = installed_waves.family:FAMILY\n")
    assert "waves" not in [place.name for place in installed_places()]
    monkeypatch.syspath_prepend(folder)
    place = next(place for place in installed_places() if place.name == "waves")
    assert (place.package, place.manifest) == ("installed_waves", "installed_waves.family")
    assert place.origin == "installed_waves.family:FAMILY"
    assert "installed_waves" not in sys.modules
