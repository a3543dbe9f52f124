"""Every visible sentence is plain English: what nobody says, and slips of punctuation, do not come back."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
BUTTONS = {"Button", "QCheckBox", "QAction", "SearchButton", "named_button"}
NOBODY_SAYS = re.compile(
    r"\b(anew|hiss|forged|daring|heeds?|shall|absurd(ly)?|crooked|by now|came along|in hand|of nobody|holds no"
    r"|what is no|its turns|keep to the kind|goe?s? on with|goe?s? over|(the|other|same) (die|dice)"
    r"|(?<!there )is no (?!longer)|hardly thought of|took what was there|right of what|stands (first|there|still)"
    r"|samples? a ray|(is|are) told from|(is|are) not read (here|any))\b",
    re.IGNORECASE,
)
MID_SENTENCE = re.compile(r"[a-z)”%}][.?!] [A-Z{“]")
ENDED = re.compile(r"[.?!:…][)”]?$|\{[a-z_]+\}$")


def _load_messages() -> Any:
    spec = importlib.util.spec_from_file_location("messages", ROOT / "packaging" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MESSAGES = _load_messages()


@pytest.fixture(scope="module")
def told() -> list[tuple[Any, str]]:
    """Each marked text, its plural forms too."""
    return [(one, text) for one in MESSAGES.messages() for text in (one.text, one.plural) if text]


def _problem(text: str, within: str) -> str:
    found = NOBODY_SAYS.search(text)
    if found:
        return f"nobody says “{found[0]}”"
    if re.search(r"\S  \S", text) and "·" not in text:
        return "has two spaces"
    if re.search(r"\w'\w|\"", text):
        return "has a straight quotation mark"
    if within in BUTTONS and text.endswith("."):
        return "is a button with a full stop"
    needs_stop = (within == "UserError" and not text[0].islower()) or MID_SENTENCE.search(text)
    return "does not end with a full stop" if needs_stop and not ENDED.search(text) else ""


@pytest.mark.long("computes for long")
def test_every_visible_sentence_is_plain_english(told):
    assert len(told) > 4000
    found = [(one, text, _problem(text, one.within)) for one, text in told]
    assert [f"{one.file}:{one.line}: {problem}: {text}" for one, text, problem in found if problem] == []


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("It came out of hiss in 50 steps.", ""),
        ("All anew", "Button"),
        ("“a” is no folder.", "UserError"),
        ("Two  spaces", ""),
        ("The model's file is damaged.", "UserError"),
        ("The file is damaged", "UserError"),
        ("Start over.", "Button"),
        ("One thing ends. Another does not", "set_tip"),
    ],
)
def test_such_a_slip_is_found(text, within):
    assert _problem(text, within)


@pytest.mark.long("computes for long")
def test_the_template_for_translators_is_up_to_date():
    written = MESSAGES.TEMPLATE.read_text(encoding="utf-8")
    assert written == MESSAGES.template(MESSAGES.messages()), "run: python packaging/messages.py"


@pytest.mark.parametrize(
    ("source", "text", "plural", "within"),
    [
        ('raise UserError(N_("It broke."))', "It broke.", "", "UserError"),
        ('plural("{n} day", "{n} days", 3)', "{n} day", "{n} days", ""),
        ('Label(plural(N_("{n} day"), N_("{n} days"), 3))', "{n} day", "{n} days", "Label"),
        ('forms = (N_("{n} day"), N_("{n} days"))', "{n} day", "{n} days", ""),
        ('x = N_("One of two " "lines.")', "One of two lines.", "", ""),
    ],
)
def test_a_marked_text_is_found_with_its_forms(source, text, plural, within):
    assert [(one.text, one.plural, one.within) for one in MESSAGES.messages_in(source, "a.py")] == [
        (text, plural, within)
    ]
