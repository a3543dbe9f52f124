"""Model cards: what is required, what is kept, and what is refused."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.card import MAX_CARD_BYTES, Card, Check, parse_card, read_card, write_card
from studio.core.error import UserError

CARD = {
    "id": "vae/digits",
    "title": "Digits",
    "task": "draw digits",
    "licence": "MIT",
    "data": "MNIST",
    "n_params": 1000,
    "figures": {"Error": 0.5},
    "trained": {"seed": 1},
    "settings": {"latent": 2},
    "effects": [1, 2],
}


def test_known_keys_become_fields_and_the_rest_is_kept():
    card = parse_card(json.dumps(CARD))
    assert (card.id, card.family, card.n_params, card.figures) == ("vae/digits", "vae", 1000, {"Error": 0.5})
    assert card.more == {"effects": [1, 2]}


def test_optional_keys_may_be_missing():
    required = ("id", "title", "task", "licence", "data", "n_params")
    card = parse_card(json.dumps({key: CARD[key] for key in required}))
    assert card == Card("vae/digits", "Digits", "draw digits", "MIT", "MNIST", 1000)


@pytest.mark.parametrize("key", ["id", "title", "task", "licence", "data", "n_params"])
@pytest.mark.parametrize("value", [None, [], {}, 1.5])
def test_a_required_key_of_the_wrong_kind_is_refused(key, value):
    with pytest.raises(UserError):
        parse_card(json.dumps({**CARD, key: value}))


@pytest.mark.parametrize("key", ["figures", "trained", "settings"])
def test_figures_and_settings_are_tables(key):
    with pytest.raises(UserError):
        parse_card(json.dumps({**CARD, key: "text"}))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "{}", "[" * 100_000, '{"id": ' + "9" * 5000 + "}"])
def test_what_is_no_card_is_refused(text):
    with pytest.raises(UserError):
        parse_card(text)


@given(st.text(max_size=200))
def test_any_text_is_a_card_or_a_user_error(text):
    with contextlib.suppress(UserError):
        parse_card(text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.long("computes for long")
@given(st.dictionaries(st.sampled_from(list(CARD)), json_values))
def test_a_card_with_any_value_replaced_is_a_card_or_a_user_error(changes):
    try:
        card = parse_card(json.dumps({**CARD, **changes}))
    except UserError:
        return
    assert isinstance(card.id, str)
    assert isinstance(card.n_params, int)


def test_reading_bounds_the_size_and_minds_the_encoding(tmp_path):
    path = tmp_path / "card.json"
    path.write_text(json.dumps(CARD), "utf-8")
    assert read_card(path).title == "Digits"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UserError):
        read_card(path)
    path.write_bytes(b" " * (MAX_CARD_BYTES + 1))
    with pytest.raises(UserError, match="too large"):
        read_card(path)
    with pytest.raises(UserError):
        read_card(tmp_path / "missing.json")


def test_what_is_written_is_read_again_with_figures_and_rounded_numbers(tmp_path):
    path = tmp_path / "card.json"
    more = {"rows": [[0.123456, -2], [3, 1e-9]], "words": ["[\n 1\n]", "b"], "none": []}
    write_card(path, {**CARD, **more}, [Check("Nats", 144.123, 155.0, False)])
    card = read_card(path)
    assert card.figures == {"Nats": 144.1}
    assert {key: card.more[key] for key in more} == {**more, "rows": [[0.1235, -2], [3, 1e-9]]}
    assert " [0.1235, -2],\n" in path.read_text("utf-8")
