"""Parameters: declared once, checked everywhere, never a crash whatever is typed."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.error import UserError
from studio.core.param import check_value, make_params, param, param_specs, params_to_json


@dataclass(frozen=True)
class Brew:
    """One parameter of every kind."""

    cups: int = param(2, label="Cups", help="How many.", low=1, high=12)
    heat_c: float = param(92.5, label="Heat", help="How hot.", low=0, high=100, step=0.5, unit="°C")
    is_decaf: bool = param(False, label="Decaf", help="Without.")
    name: str = param("", label="Name", help="Any words.")
    grind: str = param("fine", label="Grind", help="How fine.", choices=("fine", "coarse"))
    not_a_param: int = 5


def test_specs_hold_what_was_declared_in_order():
    specs = param_specs(Brew)
    assert list(specs) == ["cups", "heat_c", "is_decaf", "name", "grind"]
    assert [spec.kind for spec in specs.values()] == ["int", "float", "bool", "str", "choice"]
    heat = specs["heat_c"]
    assert (heat.default, heat.low, heat.high, heat.step, heat.unit) == (92.5, 0, 100, 0.5, "°C")
    assert specs["grind"].choices == ("fine", "coarse")


def test_plain_text_from_the_command_line_becomes_the_declared_type():
    brew = make_params(Brew, {"cups": "3", "heat_c": "80", "is_decaf": "yes", "name": "7", "grind": "coarse"})
    assert brew == Brew(3, 80.0, True, "7", "coarse")
    assert [type(value) for value in params_to_json(brew).values()] == [int, float, bool, str, str]


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("cups", "0", "between 1 and 12"),
        ("cups", "13", "between 1 and 12"),
        ("cups", "9" * 400, "between 1 and 12"),
        ("cups", "2.5", "2.5"),
        ("cups", 2.5, "2.5"),
        ("cups", "x" * 1000, "x" * 60),
        ("heat_c", "nan", "between 0 and 100"),
        ("heat_c", "inf", "between 0 and 100"),
        ("heat_c", "1e999", "between 0 and 100"),
        ("is_decaf", "perhaps", "perhaps"),
        ("grind", "medium", "fine, coarse"),
        ("name", "a" * 100_001, "100,000"),
        ("cups", None, "None"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence_that_names_the_limits(name, value, word):
    with pytest.raises(UserError) as caught:
        make_params(Brew, {name: value})
    assert word in caught.value.title
    assert len(caught.value.title) < 200


def test_an_unknown_name_is_refused_and_the_known_ones_are_named():
    with pytest.raises(UserError) as caught:
        make_params(Brew, {"sugar": 1})
    assert "sugar" in caught.value.title
    assert "heat_c" in caught.value.what_to_do


@given(
    st.builds(
        Brew,
        st.integers(1, 12),
        st.floats(0, 100),
        st.booleans(),
        st.text(max_size=50),
        st.sampled_from(["fine", "coarse"]),
    )
)
def test_params_round_trip_through_plain_values(brew):
    assert make_params(Brew, params_to_json(brew)) == brew
    assert make_params(Brew, {name: str(value) for name, value in params_to_json(brew).items()}) == brew


anything = st.one_of(
    st.text(max_size=30),
    st.integers(),
    st.integers(10**300, 10**400),
    st.floats(),
    st.booleans(),
    st.none(),
    st.lists(st.integers(), max_size=2),
)


@given(st.sampled_from(list(param_specs(Brew))), anything)
def test_whatever_is_given_the_result_is_in_range_or_a_user_error(name, value):
    spec = param_specs(Brew)[name]
    try:
        checked = check_value(spec, value)
    except UserError:
        return
    if spec.kind in ("int", "float"):
        assert math.isfinite(checked)
        assert spec.low <= checked <= spec.high
    if spec.choices:
        assert checked in spec.choices
