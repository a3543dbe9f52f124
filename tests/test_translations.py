"""Every translation is whole: no sentence is missing, and each takes the same values as the English one."""

import re
import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from studio.registry.guide import read_guide

ROOT = Path(__file__).parents[1]
MESSAGES = runpy.run_path(str(ROOT / "packaging" / "messages.py"))
CATALOGUES = runpy.run_path(str(ROOT / "packaging" / "catalogues.py"))
SOURCES = sorted((ROOT / "studio" / "core" / "locale").rglob("*.po"))
_VALUE = re.compile(r"\{[^{}]*\}|</?b>|\n")


@pytest.fixture(scope="module")
def wanted():
    """The plural of each English message, by its singular; empty where there is none."""
    forms: dict[str, str] = {}
    for message in MESSAGES["messages"]():
        if message.text:
            forms[message.text] = message.plural or forms.get(message.text, "")
    return forms


@pytest.fixture(params=SOURCES, ids=[path.parts[-3] for path in SOURCES])
def found(request):
    return CATALOGUES["entries"](request.param.read_text(encoding="utf-8"))


@pytest.mark.long("computes for long")
def test_no_sentence_is_missing_and_none_is_left_over(wanted, found):
    keys = {"\0".join(filter(None, pair)) for pair in wanted.items()}
    assert keys - set(found) == set()
    assert set(found) - keys - {""} == set()


def test_every_sentence_takes_the_same_values(found):
    for key, text in found.items():
        if key:
            english, spoken = (set(_VALUE.findall(one)) for one in (key, text))
            assert english == spoken, (key, text)


def test_there_is_a_german_one():
    assert "de" in [path.parts[-3] for path in SOURCES]


GUIDES = sorted((ROOT / "plugins").glob("*/guide.*.md"))


@pytest.mark.parametrize("path", GUIDES, ids=[path.parent.name for path in GUIDES])
def test_a_translated_guide_does_what_the_guide_does(path):
    plain, spoken = read_guide(path.with_name("guide.md")), read_guide(path)
    assert [replace(step, text="") for step in spoken.steps] == [replace(step, text="") for step in plain.steps]
    assert [replace(one, title="") for one in spoken.experiments] == [
        replace(one, title="") for one in plain.experiments
    ]


def test_every_guide_is_translated_where_the_program_is():
    families = {path.parent.name for path in (ROOT / "plugins").glob("*/guide.md")}
    assert {path.parent.name for path in GUIDES if path.name == "guide.de.md"} == families
