"""Families that work, and families that do not."""

import pytest

from studio.registry.family import find_families
from studio.registry.place import Place, all_places, folder_places
from tests.registry.conftest import FAMILIES, copy_family


def families_in(folder):
    return find_families(folder_places(folder, "here"))


def changed(folder, family_id, old, new):
    path = copy_family(folder, family_id) / "family.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_broken_family_is_listed_with_its_error_after_the_others(caplog):
    good, broken = families_in(FAMILIES)
    assert (good.id, good.error) == ("good", None)
    assert good.family.title == "Waves"
    assert (broken.id, broken.family) == ("broken", None)
    assert "broken on purpose" in broken.error
    assert "family.py" in broken.details
    assert "broken on purpose" in caplog.text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("import nothing_of_this_name", "nothing_of_this_name"),
        ("def (", "SyntaxError"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("", "FAMILY"),
        ("FAMILY = 3", "not a Family"),
        ("FAMILY = None", "not a Family"),
    ],
)
def test_whatever_a_manifest_does_the_others_go_on(folder, text, part, caplog):
    copy_family(folder, "fine")
    (folder / "odd").mkdir()
    (folder / "odd" / "family.py").write_text(text)
    fine, odd = families_in(folder)
    assert fine.error is None
    assert part in odd.error
    assert caplog.text


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("import os\n\ndef (", "odd/family.py, line 3: SyntaxError"),
        ("from .part import nothing", "odd/part.py, line 2: NameError"),
        ("\nimport nothing_of_this_name", "odd/family.py, line 2: ModuleNotFoundError"),
    ],
)
def test_file_and_line_of_what_failed_are_named(folder, text, where, caplog):
    (folder / "odd").mkdir()
    (folder / "odd" / "family.py").write_text(text)
    (folder / "odd" / "part.py").write_text("\nunknown")
    (odd,) = families_in(folder)
    assert where in odd.error


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('id="odd"', 'id="Odd one"', "lower-case"),
        ('id="odd"', 'id=""', "lower-case"),
        ("order=900", 'order="first"', "order"),
        ('title=N_("Waves")', "title=None", "title"),
        ('engine="engine:WaveEngine"', 'engine="engine.WaveEngine"', "engine.WaveEngine"),
        ('kinds={"waves": Kind(', 'kinds={"waves": dict(', "kinds"),
        ('kinds={"waves": Kind(', 'default_kind="swell", kinds={"waves": Kind(', "swell"),
        ('panel="panel:WavePanel"', 'beside="swell", panel="panel:WavePanel"', "swell"),
        ('panel="panel:WavePanel"', 'positions={"z": "wavy"}, panel="panel:WavePanel"', "kinds"),
        ('("importers:WaveImporter",)', '"importers:WaveImporter"', "importers"),
        ('("importers:WaveImporter",)', '("WaveImporter",)', "WaveImporter"),
        ('".swell": "', '".swell": 1, ".tide": "', "takes"),
    ],
)
def test_a_wrong_manifest_says_what_is_wrong(folder, old, new, part, caplog):
    changed(folder, "odd", old, new)
    (odd,) = families_in(folder)
    assert odd.family is None
    assert part in odd.error
    assert "odd" in caplog.text


def test_families_stand_in_their_order(folder):
    for family_id, order in [("last", 30), ("first", 1), ("middle", 20), ("centre", 20)]:
        changed(folder, family_id, "order=900", f"order={order}")
    assert [found.id for found in families_in(folder)] == ["first", "centre", "middle", "last"]


def test_the_later_of_two_families_with_one_id_is_listed_with_an_error(folder):
    changed(folder, "second", 'id="second"', 'id="first"')
    copy_family(folder, "first")
    first, second = families_in(folder)
    assert (first.id, first.error) == ("first", None)
    assert first.folder.name == "first"
    assert (second.id, second.family) == ("first", None)
    assert second.error == "There is already a family called “first” (here)."


def test_an_entry_point_outside_a_package_cannot_have_relative_names(folder, monkeypatch, caplog):
    (folder / "lonely_family.py").write_text((FAMILIES / "good" / "family.py").read_text())
    monkeypatch.syspath_prepend(folder)
    (found,) = find_families([Place("lonely", "", "lonely_family", "here")])
    assert "inside a package" in (found.error or "")
    assert caplog.text


def test_listing_imports_the_manifest_only(folder):
    (copy_family(folder, "shy") / "engine.py").write_text("raise RuntimeError('too early')")
    (found,) = families_in(folder)
    assert found.error is None
    with pytest.raises(RuntimeError, match="too early"):
        found.load(found.manifest.kinds["waves"].engine)


def test_names_and_files_are_relative_to_the_family(folder):
    copy_family(folder, "near")
    (found,) = families_in(folder)
    assert found.load("params:SampleParams").__module__ == f"{found.package}.params"
    assert found.file("guide.md").read_text().startswith("# Waves")
    assert found.file("missing.md") is None
    assert found.file("") is None


def test_all_three_places_are_searched(folder, monkeypatch):
    copy_family(folder, "of_user")
    installed = folder.parent / "site"
    copy_family(installed, "of_package")
    about = installed / "of_package-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: of-package\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[manifold_studio.families]\nwaves = of_package.family:FAMILY\n")
    monkeypatch.syspath_prepend(installed)
    found = {family.id: family for family in find_families(all_places(folder))}
    assert found["of_user"].origin == str(folder)
    assert found["of_package"].origin == "of_package.family:FAMILY"
    assert {"vae", "of_user", "of_package"} <= set(found)
    assert all(family.error is None for family in found.values())


def test_a_page_is_the_one_in_the_language_that_is_spoken(folder, monkeypatch):
    path = copy_family(folder, "good")
    (path / "guide.md").write_text("# Waves")
    (path / "guide.de.md").write_text("# Wellen")
    (good,) = families_in(folder)
    assert good.page("guide.md").read_text() == "# Waves"
    monkeypatch.setattr("studio.registry.family.language", lambda: "de")
    assert good.page("guide.md").read_text() == "# Wellen"
    monkeypatch.setattr("studio.registry.family.language", lambda: "fr")
    assert good.page("guide.md").read_text() == "# Waves"
    assert good.page("") is None
