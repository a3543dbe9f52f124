"""Settings: kept, checked, migrated, and never a reason not to start."""

import json
import os
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.core import option
from studio.core.error import UserError
from studio.core.option import SETTINGS, Option
from studio.core.setting import MAX_FILE_BYTES, MAX_RECENT, Settings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config with spaces ä" / "settings.json"


def written(path, text: str) -> Settings:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Settings(path)


def with_values(path, **values) -> Settings:
    return written(path, json.dumps({"version": 1, "values": values}))


def test_every_option_is_declared_once_and_has_a_good_default():
    assert len({declared.key for declared in SETTINGS}) == len(SETTINGS)
    for declared in SETTINGS:
        assert declared.checked(declared.default) == declared.default
        assert bool(declared.group) == bool(declared.title) == bool(declared.description)


def test_defaults_without_a_file(path):
    values = Settings(path)
    assert values.get(option.THEME) == "dark"
    assert values.note == ""
    values.save()
    assert not path.exists()


def test_values_come_back(path):
    values = Settings(path)
    values.set(option.THEME, "light")
    values.set(option.TEXT_SCALE, 2)
    values.set(option.KEYS, {"edit.undo": ["F5"]})
    values.section("vae").set("model", "vae/digits")
    values.save()
    again = Settings(path)
    assert again.get(option.THEME) == "light"
    assert again.get(option.TEXT_SCALE) == 2.0
    assert isinstance(again.get(option.TEXT_SCALE), float)
    assert again.get(option.KEYS) == {"edit.undo": ["F5"]}
    assert again.section("vae").get("model", "") == "vae/digits"
    assert {file.name for file in path.parent.iterdir()} <= {"settings.json", "settings.json.lock"}


@pytest.mark.parametrize(
    ("chosen", "wrong"),
    [
        (option.THEME, "purple"),
        (option.THEME, 1),
        (option.TEXT_SCALE, 2.01),
        (option.TEXT_SCALE, "1"),
        (option.TEXT_SCALE, 10**400),
        (option.TEXT_SCALE, True),
        (option.N_THREADS, -1),
        (option.N_THREADS, 1.0),
        (option.N_THREADS, True),
        (option.CAPTIONS_SHOWN, 1),
        (option.RECENT, "vae/digits"),
        (option.RECENT, [1]),
        (option.KEYS, {"a.b": "F5"}),
        (option.DATA_FOLDER, None),
    ],
)
def test_wrong_values_are_refused_and_in_a_file_replaced_with_a_warning(path, chosen, wrong, caplog):
    with pytest.raises(ValueError, match=chosen.key):
        Settings().set(chosen, wrong)
    values = with_values(path, **{chosen.key: wrong})
    assert values.get(chosen) == chosen.default
    assert chosen.key in caplog.text


@pytest.mark.parametrize("edge", [0.8, 2.0])
def test_the_ends_of_a_range_belong_to_it(path, edge, caplog):
    assert with_values(path, text_scale=edge).get(option.TEXT_SCALE) == edge
    assert caplog.text == ""


def test_what_is_unknown_is_kept(path):
    values = written(path, '{"version": 1, "values": {"later": 3}, "families": {"gan": {"z": 1}}, "extra": [1]}')
    values.set(option.THEME, "light")
    values.save()
    data = json.loads(path.read_text())
    assert data["values"] == {"later": 3, "theme": "light"}
    assert data["families"] == {"gan": {"z": 1}}
    assert data["extra"] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        "null",
        '{"version": 1, "values": {"text_scale": NaN}}',
        '{"a": 1e999}',
        "[" * 100_000,
        "\0",
        "{}x",
    ],
)
def test_a_broken_file_is_kept_and_the_person_is_told(path, text, caplog):
    values = written(path, text)
    assert values.get(option.THEME) == "dark"
    assert "could not be read" in values.note
    assert "cannot be read" in caplog.text
    assert path.read_text() == text
    values.set(option.THEME, "light")
    values.save()
    assert (path.parent / "settings.json.broken").read_text() == text
    values.set(option.CAPTIONS_SHOWN, False)
    values.save()
    assert (path.parent / "settings.json.broken").read_text() == text
    assert Settings(path).get(option.THEME) == "light"
    assert Settings(path).note == ""


def test_bytes_that_are_no_text_and_huge_files_are_broken(path, caplog):
    path.parent.mkdir()
    path.write_bytes(b'{"version": 1, "x": "\xff"}')
    assert Settings(path).note
    path.write_bytes(b" " * (MAX_FILE_BYTES + 1))
    assert Settings(path).note
    assert "cannot be read" in caplog.text


def test_a_folder_in_the_place_of_the_file_is_put_aside(path, caplog):
    path.mkdir(parents=True)
    values = Settings(path)
    assert values.note
    values.set(option.THEME, "light")
    values.save()
    assert Settings(path).get(option.THEME) == "light"
    assert caplog.text


@pytest.mark.parametrize("part", ["values", "families"])
def test_a_part_of_the_wrong_shape_is_left_out(path, part, caplog):
    values = written(path, json.dumps({"version": 1, part: [1, 2]}))
    assert values.get(option.THEME) == "dark"
    assert part in caplog.text


def test_old_files_are_migrated_step_by_step(path):
    def rename(data):
        data["values"]["theme"] = data["values"].pop("colours")
        return data

    def lower(data):
        data["values"]["theme"] = data["values"]["theme"].lower()
        return data

    path.parent.mkdir()
    path.write_text('{"version": 1, "values": {"colours": "LIGHT"}}')
    values = Settings(path, (rename, lower))
    assert values.get(option.THEME) == "light"
    values.set(option.CAPTIONS_SHOWN, False)
    values.save()
    assert json.loads(path.read_text())["version"] == 3
    assert Settings(path, (rename, lower)).get(option.THEME) == "light"


def test_a_file_of_a_newer_program_is_read_and_never_written(path):
    text = '{"version": 9, "values": {"theme": "light"}}'
    values = written(path, text)
    assert values.get(option.THEME) == "light"
    assert "newer version" in values.note
    values.set(option.THEME, "dark")
    values.save()
    assert path.read_text() == text


def test_two_windows_keep_what_each_of_them_changed(path):
    one, other = Settings(path), Settings(path)
    one.set(option.THEME, "light")
    one.section("vae").set("model", "vae/digits")
    one.push_recent(option.RECENT, "of one")
    other.set(option.TEXT_SCALE, 2.0)
    other.section("vae").set("speed", 3)
    other.section("gan").set("model", "gan/enlarge")
    other.push_recent(option.RECENT, "of the other")
    one.save()
    other.save()
    both = Settings(path)
    assert (both.get(option.THEME), both.get(option.TEXT_SCALE)) == ("light", 2.0)
    assert (both.section("vae").get("model", ""), both.section("vae").get("speed", 0)) == ("vae/digits", 3)
    assert both.section("gan").get("model", "") == "gan/enlarge"
    assert both.get(option.RECENT) == ["of the other", "of one"]
    one.set(option.RECENT, [])  # a list that was emptied is empty, whoever added to it
    one.save()
    assert Settings(path).get(option.RECENT) == []


_WRITER = """
import sys
from pathlib import Path
from studio.core.setting import Settings
from studio.core.setting import read_object
path, name = Path(sys.argv[1]), sys.argv[2]
settings = Settings(path)
for number in range(60):
    settings.section(name).set("number", number)
    settings.save()
    read_object(path)
"""


@pytest.mark.long("starts processes of its own")
def test_processes_that_write_at_once_lose_nothing_and_read_no_half_file(path):
    command = [sys.executable, "-c", _WRITER, str(path)]
    writers = [subprocess.Popen([*command, name]) for name in ("a", "b", "c")]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    assert {name: Settings(path).section(name).get("number", -1) for name in "abc"} == dict.fromkeys("abc", 59)
    assert list(path.parent.glob("*.tmp")) == list(path.parent.glob("*.broken")) == []


@pytest.mark.parametrize("version", ["null", '"1"', "0", "-3", "true"])
def test_a_file_without_a_good_version_is_read_as_the_first(path, version, caplog):
    values = written(path, f'{{"version": {version}, "values": {{"theme": "light"}}}}')
    assert values.get(option.THEME) == "light"
    assert version == "true" or "version" in caplog.text


def test_listeners_hear_of_real_changes(path):
    values = Settings(path)
    heard: list[str] = []
    stop = values.on_change(heard.append)
    values.set(option.THEME, "dark")
    values.set(option.THEME, "light")
    values.section("vae").set("model", "vae/digits")
    values.section("vae").set("model", "vae/digits")
    values.reset(option.THEME)
    stop()
    values.set(option.THEME, "system")
    assert heard == ["theme", "vae.model", "theme"]


def test_nobody_can_change_a_value_behind_the_back(path):
    values = Settings(path)
    values.get(option.RECENT).append("sneaked")
    mine = ["vae/digits"]
    values.set(option.RECENT, mine)
    mine.append("sneaked")
    values.get(option.RECENT).append("sneaked")
    assert values.get(option.RECENT) == ["vae/digits"]
    assert option.RECENT.default == []


def test_recent_things_are_a_short_list_without_doubles():
    values = Settings()
    for number in range(MAX_RECENT + 3):
        values.push_recent(option.RECENT, f"m{number}")
    values.push_recent(option.RECENT, "m5")
    recent = values.get(option.RECENT)
    assert recent[:2] == ["m5", f"m{MAX_RECENT + 2}"]
    assert len(recent) == len(set(recent)) == MAX_RECENT


def test_a_section_gives_the_default_for_another_type(caplog):
    section = Settings().section("vae")
    section.set("zoom", 2)
    section.set("names", ["a"])
    assert section.get("zoom", 1.0) == 2.0
    assert isinstance(section.get("zoom", 1.0), float)
    assert section.get("none", "x") == "x"
    assert caplog.text == ""
    assert section.get("names", 0) == 0
    assert "names" in caplog.text


@pytest.mark.parametrize("wrong", [object(), float("nan"), {1, 2}])
def test_a_section_holds_only_what_json_can(wrong):
    with pytest.raises((TypeError, ValueError)):
        Settings().section("vae").set("x", wrong)


def test_a_disk_that_refuses_gives_a_sentence_and_leaves_the_old_file(path, monkeypatch, caplog):
    values = with_values(path, theme="light")
    values.set(option.THEME, "system")

    def refuse(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(UserError, match="could not be saved"):
        values.save()
    assert json.loads(path.read_text())["values"] == {"theme": "light"}
    assert "not saved" in caplog.text
    monkeypatch.undo()
    values.save()
    assert json.loads(path.read_text())["values"] == {"theme": "system"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.long("computes for long")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([one.key for one in SETTINGS] + ["other"]), JSON), JSON)
def test_any_json_is_survived_and_gives_good_values(tmp_path, caplog, values, families):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"version": 1, "values": values, "families": families}))
    read = Settings(path)
    for declared in SETTINGS:
        assert declared.checked(read.get(declared)) == read.get(declared)
    read.set(option.INSPECTOR_SHOWN, not read.get(option.INSPECTOR_SHOWN))
    read.save()
    assert Settings(path).note == ""


def test_a_number_option_takes_whole_numbers_as_well():
    scale = Option("scale", "float", 1.0, low=0, high=5)
    assert isinstance(scale.checked(3), float)
