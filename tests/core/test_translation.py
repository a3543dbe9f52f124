"""What is shown is looked up in the catalogue of the language that a person has chosen."""

import gettext
import json
import pickle
import runpy
from pathlib import Path

import pytest

from studio.core import translation
from studio.core.translation import N_, SYSTEM, choose_language, grouped, language, languages, plural, translate, within
from studio.widgets.controls.value_range import ValueRange

CATALOGUES = runpy.run_path(str(Path(__file__).parents[2] / "packaging" / "catalogues.py"))
GERMAN = r"""
msgid ""
msgstr ""
"Language: de\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

#: studio/shell/window/action.py
msgid "Undo"
msgstr "Rückgängig"

#, python-brace-format
msgid "{n} frame"
msgid_plural "{n} frames"
msgstr[0] "{n} Bild"
msgstr[1] ""
"{n} "
"Bilder"

msgid "{n:,} of {all:,.1f} MB, {name}"
msgstr "{n:,} von {all:,.1f} MB, {name}"

msgid "Redo"
msgstr ""

#, fuzzy
msgid "Quit"
msgstr "Vielleicht beenden"
"""


@pytest.fixture
def german(tmp_path, monkeypatch):
    """A folder with a German catalogue; English is spoken again afterwards."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "manifold_studio.po").write_text(GERMAN, encoding="utf-8")
    monkeypatch.setattr(translation, "LOCALE", tmp_path)
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    choose_language(SYSTEM)
    yield tmp_path
    choose_language(SYSTEM)


def test_a_compiled_catalogue_is_spoken_once_it_is_chosen(german):
    CATALOGUES["compile_all"](german)
    assert languages(german) == ("en", "de")
    assert (translate("Undo"), language()) == ("Undo", "en")
    assert within("Undo") == "undo"
    choose_language("de")
    assert language() == "de"
    assert within("Rückgängig") == "Rückgängig"
    assert [translate(text) for text in ("Undo", "Redo", "Quit", "")] == ["Rückgängig", "Redo", "Quit", ""]
    assert [plural("{n} frame", "{n} frames", n) for n in (1, 1200)] == ["1 Bild", "1\u202f200 Bilder"]
    choose_language("en")
    assert translate("Undo") == "Undo"


def test_thousands_stand_apart_as_the_language_has_it(german):
    """A file's own name keeps its comma; what was filled in before is written anew where it is shown."""
    CATALOGUES["compile_all"](german)
    text, values = "{n:,} of {all:,.1f} MB, {name}", {"n": 12345, "all": -1234567.25, "name": "1,000.csv"}
    told = N_(text).format(**values)
    choose_language("de")
    wanted = "12\u202f345 von -1\u202f234\u202f567.2 MB, 1,000.csv"
    assert [translate(text).format(**values), translate(told)] == [wanted, wanted]
    assert [grouped(999), grouped(5000), told] == ["999", "5\u202f000", "12,345 of -1,234,567.2 MB, 1,000.csv"]
    assert ValueRange(0, 90_000, is_whole=True).parsed(grouped(12_000)) == 12_000


def test_the_language_of_the_system_is_spoken_until_one_is_chosen(german, monkeypatch):
    CATALOGUES["compile_all"](german)
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    choose_language(SYSTEM)
    assert translate("Undo") == "Rückgängig"


def test_only_what_changed_is_compiled(german):
    assert [path.name for path in CATALOGUES["compile_all"](german)] == ["manifold_studio.mo"]
    assert CATALOGUES["compile_all"](german) == []


def test_a_language_without_a_catalogue_is_english(german):
    assert languages(german) == ("en",)
    choose_language("de")
    assert isinstance(translation._catalogue(), gettext.NullTranslations)
    assert translate("Undo") == "Undo"


def test_a_line_of_no_catalogue_is_refused():
    with pytest.raises(ValueError, match="no line"):
        CATALOGUES["entries"]('msgid "a"\nmsgstr b')


def test_a_marked_sentence_keeps_its_values_until_it_is_shown(german, tmp_path):
    CATALOGUES["compile_all"](german)
    step = N_("Undo")
    told = N_("{n} frame").format(n=step), N_("{n} frame").format(n="Undo")
    kept = pickle.loads(pickle.dumps(told))
    choose_language("de")
    assert [translate(one) for one in kept] == ["Rückgängig Bild", "Undo Bild"]  # a file may be called like a command
    assert told == ("Undo frame", "Undo frame")
    assert translate(json.loads(json.dumps(told[0]))) == "Undo frame"
