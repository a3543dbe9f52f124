"""Forms of texts against Python's own expressions, another library's validator, and every token tried one by one."""

import itertools
import json
import random
import re
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest

from plugins.transformer.text.model.forms.automaton import DEAD, START, Automaton
from plugins.transformer.text.model.forms.bars import has_enough, next_among, placed
from plugins.transformer.text.model.forms.pattern import pattern_shape
from plugins.transformer.text.model.forms.schema import schema_shape
from plugins.transformer.text.model.forms.shape import literal
from plugins.transformer.text.model.forms.tokens import TextForm, code_range, form_trie
from plugins.transformer.text.model.sampler import STAGES
from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.trace import TextTrace, state_with
from studio.core.error import UserError
from studio.core.text.vocabulary import TextVocabulary
from tests.plugins.transformer.text.decoder_made import SENTENCE, small_engine, whole

SIGNS = "abcé1.\n{],-"
PATTERNS = [
    "a",
    "ab|b",
    "(a|b)*ab",
    "a{2,3}b?",
    "[^a]b+",
    "(?:ab){1,2}a?",
    "a??b*?",
    "",
    "a|",
    "(a*)*b",
    "[ab]{,2}",
    r"\w\d?",
    "^a|b$",
    ".b",
    "(a|ab)(c|bcd)?",
    "é[a-é]",
    "{a}",
    "a{b",
    "a{,}",
    "a{}",
    "[]a]+",
    "[a-]+",
    r"\x61\u00e9",
    r"\.a",
    "(a?){3}b",
    r"[\d.]{2}",
    r"\D\W",
    r"[^\s\w]",
    "(?P<x>a)(?<y>b)",
    r"\S\s?",
    "a{2}",
    "[a-c-]+",
    r"[\]-a]",
    "(|a)+b",
]


def reads(automaton, text):
    state = START
    for char in text:
        state = automaton.after(state, ord(char))
    return automaton.is_match(state)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_expression_matches_what_python_matches(pattern):
    automaton = Automaton(pattern_shape(pattern))
    plain = re.compile(pattern.replace("(?<", "(?P<"))
    for length in range(4):
        for chars in itertools.product(SIGNS, repeat=length):
            text = "".join(chars)
            assert reads(automaton, text) == bool(plain.fullmatch(text)), text


@pytest.mark.parametrize("name", ["d", "w", "s", "D", "W", "S"])
def test_classes_have_the_characters_of_python(name):
    automaton, plain = Automaton(pattern_shape(f"\\{name}")), re.compile(f"\\{name}")
    codes = np.array([*range(0x3000), 0xFEFF, 0x1D7CE, 0x1F600])
    found = automaton.advanced(np.full(len(codes), START), automaton.kinds_of(codes)) != DEAD
    assert found.tolist() == [plain.fullmatch(chr(code)) is not None for code in codes]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(a", "without its “\\)”"),
        ("a)", "without its “\\(”"),
        ("[a", "ends too early"),
        ("a\\", "ends too early"),
        ("*a", "repeats nothing"),
        ("a**", "already repeated"),
        ("a*+", "already repeated"),
        ("a{2,1}", "below its minimum"),
        ("(?=a)", "lookaround"),
        ("(?<=a)b", "lookaround"),
        ("(?i)a", "flag"),
        (r"(a)\1", "not supported"),
        (r"\bz", "not supported"),
        ("a^b", "can never match"),
        ("a$b", "can never match"),
        ("[b-a]", "backwards"),
        (r"[^\s\S]", "empty set"),
        ("a{99999}", "too often"),
        (r"\ud800", "does not exist"),
        ("a" * 10_001, "long"),
        ("(" * 100 + ")" * 100, "too many nested"),
        ("((((a{999}){999}){999}){999})", "too large"),
        (r"\q", "not supported"),
    ],
)
def test_what_is_not_known_is_refused_in_a_sentence(pattern, said):
    with pytest.raises(UserError, match=said):
        Automaton(pattern_shape(pattern))


# Over a vocabulary

PIECES = (
    *(piece.encode() for piece in ("a", "b", "ab", "ba", "1", "12", "-", "é", "éa", " a", "€", "\n", "aé", " ")),
    "é".encode()[:1],
    "é".encode()[1:],
    b"a" + "é".encode()[:1],
    "é".encode()[1:] + b"a",
    "€".encode()[:2],
    "€".encode()[2:],
    "€".encode()[1:],
    b"\xff",
    b"",
    b"",
)
END = len(PIECES) - 1
VOCABULARY = TextVocabulary(PIECES, frozenset({END}))
FINITE = ["(ab|b){1,2}", "a?é[ab]", "[^a]{1,2}", "(1|12)-?a?", "a{2}|b", "€?(é|a)", "[é€]a", "(a|)(b|)"]


def matches(pattern, n_chars=4):
    texts = ("".join(chars) for n in range(n_chars + 1) for chars in itertools.product("ab12-é€ \nì₩", repeat=n))
    return {text.encode() for text in texts if re.fullmatch(pattern, text)}


@pytest.mark.parametrize("pattern", FINITE)
def test_a_token_may_come_where_a_match_begins_so(pattern):
    form = TextForm(pattern_shape(pattern), form_trie(PIECES), VOCABULARY)
    good = matches(pattern)
    written: list[tuple[int, ...]] = [()]
    for ids in written:
        text = b"".join(PIECES[one] for one in ids)
        wanted = {
            token for token, piece in enumerate(PIECES) if piece and any(one.startswith(text + piece) for one in good)
        }
        if text in good:
            wanted.add(END)
        mask = form.mask([3, *ids], 1)
        assert mask is not None
        assert set(np.flatnonzero(mask).tolist()) == wanted, ids
        goes_on = any(one != text and one.startswith(text) for one in good)
        assert form.is_complete([3, *ids], 1) == (text in good and not goes_on)
        written += [(*ids, token) for token in sorted(wanted - {END})]
    assert len(written) > 3
    assert form.mask([3], 2) is None
    assert form.is_broken([PIECES.index(b"\n"), PIECES.index(b"\n"), 5], 0)
    assert form.mask([PIECES.index(b"\n"), PIECES.index(b"\n"), 5], 0) is None


def test_a_text_does_not_begin_with_the_space_of_its_first_token():
    vocabulary = TextVocabulary(PIECES, frozenset({END}), drops_first_space=True)
    form = TextForm(pattern_shape("ab?"), form_trie(PIECES), vocabulary)
    spaced, space = PIECES.index(b" a"), PIECES.index(b" ")
    for before in ([], [END]):
        mask = form.mask(before, len(before))
        assert mask is not None
        assert set(np.flatnonzero(mask).tolist()) == {0, 2, spaced, space}
        assert not form.is_broken([*before, spaced], len(before))
    inside = form.mask([0], 1)
    assert inside is not None
    assert set(np.flatnonzero(inside).tolist()) == {0, 2}


@pytest.mark.parametrize("head", [b"\xc3", b"\xe0", b"\xe2\x82", b"\xf0", b"\xf0\x9f\x98", b"\xf4", b"\xed", b"\xdf"])
def test_what_characters_begin_with_some_bytes(head):
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000 and chr(code).encode().startswith(head)]
    first, last = code_range(head)
    assert first == min(codes)
    assert last in (max(codes), 0xDFFF)


def test_hostile_expressions_are_bounded():
    words = ("".join(one) for n in range(1, 11) for one in itertools.product("ab", repeat=n))
    letters = TextVocabulary(tuple(word.encode() for word in words))
    stars, nothing = "(((((a*)*)*)*)*)*", "((((){999}){999}){999}){999}"
    for pattern in ("(a|b)*a(a|b){60}", "(a?){3000}b", "((a?b?){40}){40}", "a?" * 4000, stars, nothing):
        try:
            form = TextForm(pattern_shape(pattern), form_trie(letters.pieces), letters)
            ids: list[int] = []
            for _ in range(3):
                mask = form.mask(ids, 0)
                assert mask is not None
                ids += np.flatnonzero(mask)[-1:].tolist()
        except UserError as error:
            assert "too large" in str(error)  # noqa: PT017 - either is good


@pytest.mark.parametrize("n_allowed", [0, 1, 7, 300])
def test_bars_have_the_likeliest_that_fit_though_none_of_them_is_likely(n_allowed):
    logits = np.sort(np.random.default_rng(2).normal(0, 3, 3000).astype(np.float32))[::-1]
    probability = np.exp(logits) / np.exp(logits).sum()
    allowed = np.zeros(2900, bool)  # a model has more rows than tokens
    allowed[1000 : 1000 + n_allowed] = True
    found = next_among(probability, allowed)
    wanted = {*range(25), *range(1000, 1000 + min(n_allowed, 25))}
    assert set(found.ids.tolist()) == wanted
    assert np.allclose(found.raw, probability[found.ids], rtol=1e-4)
    assert (np.diff(found.log_probabilities) <= 0).all()
    assert found.n_others + len(found.ids) == 3000
    assert np.exp(found.sketched()).sum() == pytest.approx(1, abs=0.05)
    places = placed(allowed, found)
    assert places.sum() == n_allowed
    assert places[: len(found.ids)].tolist() == [token >= 1000 for token in found.ids]
    assert has_enough(allowed, found)
    plain = replace(found, ids=np.arange(50, dtype=np.int32))
    assert has_enough(allowed, plain) == (n_allowed == 0)


# Schemas

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 6},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"enum": ["x", "yé", 3, None]}, "minItems": 1, "maxItems": 2},
        "code": {"type": "string", "pattern": '^[A-Z"]{2}\\d?$'},
        "size": {"type": ["number", "null"]},
        "deep": {"type": "object", "properties": {"is": {"type": "boolean"}, "v": {"const": {"a": [1, "b"]}}}},
    },
    "required": ["age", "code"],
    "additionalProperties": False,
}
SCHEMAS: list[Any] = [
    PERSON,
    {"type": "array", "items": {"type": "array", "items": {"type": "number"}, "maxItems": 0}},
    {"properties": {"a": {"type": "null"}}},
    {"enum": [1.5, "a b", {"k": "v"}]},
    {"type": "string", "pattern": '[^"]{1,3}'},
    {"type": "object", "properties": {"a": {"type": "boolean"}, "b": {"type": "boolean"}}, "required": ["b"]},
]


def walked(automaton, rng):
    """A text that the machine takes, by choosing ways that lead on."""
    codes = np.array([*range(32, 127), 10, 0xE9, 0x4E00])
    text, state = "", START
    while not (automaton.is_match(state) and (automaton.is_final(state) or rng.random() < 0.3)):
        after = automaton.advanced(np.full(len(codes), state), automaton.kinds_of(codes))
        alive = np.flatnonzero(after != DEAD)
        ends = [at for at in alive if len(text) > 60 and chr(codes[at]) in '"}],:']
        at = int(rng.choice(ends or alive.tolist()))
        text, state = text + chr(codes[at]), int(after[at])
    return text


@pytest.mark.parametrize("schema", SCHEMAS, ids=range(len(SCHEMAS)))
def test_whatever_is_written_fits_the_schema(schema):
    automaton, rng = Automaton(schema_shape(json.dumps(schema))), random.Random(4)
    texts = {walked(automaton, rng) for _ in range(60)}
    assert len(texts) > 2
    for text in texts:
        jsonschema.validate(json.loads(text), schema)


GOOD = {"name": "Zoé", "age": -7, "tags": ["yé", None], "code": '"B4', "size": 1.5e3, "deep": {"v": {"a": [1, "b"]}}}


def test_what_people_write_fits_too_and_what_does_not_fit_is_refused():
    automaton = Automaton(schema_shape(json.dumps(PERSON)))
    for text in (
        json.dumps(GOOD, ensure_ascii=False),
        json.dumps({"age": 0, "code": "AB"}, indent=2),
        '{"age":1,"code":"AB","deep":{}}',
        '{"name":"a\\"b","age":1,"code":"\\"\\"9"}',
    ):
        jsonschema.validate(json.loads(text), PERSON)
        assert reads(automaton, text), text
    wrong = [
        {**GOOD, "name": ""},
        {**GOOD, "name": "seventh"},
        {**GOOD, "age": 1.5},
        {**GOOD, "tags": []},
        {**GOOD, "tags": ["x"] * 3},
        {**GOOD, "tags": ["z"]},
        {**GOOD, "code": "ab"},
        {**GOOD, "size": "1"},
        {**GOOD, "deep": {"is": 1}},
        {**GOOD, "more": 1},
        {"age": 1},
        {"code": "AB"},
        [],
    ]
    for value in wrong:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(value, PERSON)
        assert not reads(automaton, json.dumps(value, ensure_ascii=False)), value
    for text in ('{"age":01,"code":"AB"}', '{"age":1,,"code":"AB"}', '{"age":1 "code":"AB"}', '{"age":1,"code":"AB",}'):
        assert not reads(automaton, text)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ("{", "not JSON"),
        ("[]", "not an object"),
        ("[" * 99_999, "not JSON"),
        ('{"$ref": "#"}', "“\\$ref”"),
        ('{"type": "object", "patternProperties": {}}', "“patternProperties”"),
        ('{"anyOf": []}', "“anyOf”"),
        ('{"type": "integer", "minimum": 3}', "“minimum”"),
        ('{"type": "date"}', "“type” must be one of"),
        ('{"type": "integer", "maxLength": 3}', "“maxLength” does not go"),
        ("{}", "no “type”"),
        ('{"type": "object", "required": ["a"]}', "“a” is required"),
        ('{"type": "array"}', "needs “items”"),
        ('{"type": "string", "maxLength": -1}', "whole number"),
        ('{"type": "string", "pattern": "("}', "without its"),
        ('{"type": "string", "pattern": "a", "maxLength": 2}', "without “min"),
        ('{"enum": []}', "“enum”"),
        ('{"type": "string", "pattern": "\\\\x01"}', "control characters"),
        ('{"items": ' * 30 + '{"type": "null"}' + "}" * 30, "too deeply"),
        ('{"type": "array", "items": {"type": "null"}, "minItems": 3, "maxItems": 2}', "less than"),
    ],
)
def test_schemas_that_are_not_known_are_refused_by_name(schema, said):
    with pytest.raises(UserError, match=said):
        schema_shape(schema)


def test_many_properties_that_may_be_missing_stay_small():
    properties = {f"p{number}": {"type": "integer"} for number in range(60)}
    automaton = Automaton(schema_shape(json.dumps({"type": "object", "properties": properties})))
    assert reads(automaton, json.dumps({"p3": 1, "p40": 2}))
    assert not reads(automaton, json.dumps({"p40": 1, "p3": 2}))
    assert reads(automaton, "{}")


# In the engine

PARAMS: Any = TransformerParams(prompt=SENTENCE[:20], seed=3, length=40, temperature=2.5)


@pytest.fixture(scope="module")
def engine():
    return small_engine()


def written(frame):
    n_prompt = len(frame.state["prompt"])
    return "".join(frame.views["text"].pieces[n_prompt:])


@pytest.mark.parametrize(
    ("wish", "fits"),
    [
        ({"pattern": "[0-9]{4}-[0-9]{2}"}, r"\d{4}-\d{2}"),
        ({"pattern": "(é|ü){5}"}, "[éü]{5}"),
        ({"choices": "not to be\nthe question\n€"}, "not to be|the question|€"),
        ({"schema": '{"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 2}'}, r"(?s)\[.*\]"),
    ],
)
def test_what_is_written_keeps_to_its_form_and_ends_with_it(engine, wish, fits):
    params = replace(PARAMS, **wish)
    frames = whole(engine.generate(params))
    text = written(frames[-1])
    assert re.fullmatch(fits, text), text
    if "schema" in wish:
        assert all(isinstance(one, bool) for one in json.loads(text))
    again = whole(engine.generate(params, frames[-4].state))
    for one, other in zip(again, frames[-4:], strict=True):
        assert all(np.array_equal(array, other.state[name]) for name, array in one.state.items())
    trace = TextTrace(frames[-2].state)
    after = trace.next(len(trace) - 1)
    place = STAGES.index("form")
    form = engine.form(params)
    mask = form.mask(trace.ids.tolist(), len(trace.prompt))
    assert after.left[place] == mask.sum()
    assert ((after.after[place] > 0) <= mask[after.ids]).all()


def test_a_text_that_has_left_its_form_is_not_gone_on_with(engine):
    params = replace(PARAMS, pattern="[0-9]{9}")
    *_, last = whole(engine.generate(replace(params, length=3)))
    wrong = state_with(last.state, len(last.state["ids"]), engine.tokenizer.encode("b", with_start=False)[0])
    with pytest.raises(UserError, match="no longer follows the form"):
        list(engine.generate(params, wrong))
    with pytest.raises(UserError, match="together"):
        next(engine.generate(replace(params, choices="a")))
    assert engine.form(replace(PARAMS, choices=" \n")) is None


def test_a_literal_is_itself():
    automaton = Automaton(literal("a.b"))
    assert [reads(automaton, text) for text in ("a.b", "axb", "a.", "a.bc")] == [True, False, False, False]
