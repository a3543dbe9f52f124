"""Every translation is whole: no sentence is missing, and each takes the same values as the English one."""

import re
import runpy
from pathlib import Path

import pytest

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
