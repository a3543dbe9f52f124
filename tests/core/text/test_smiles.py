"""SMILES are checked sign by sign; the first mistake has a place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.error import UserError
from studio.core.text.smiles import MAX_SMILES, checked_smiles, read_smiles_list, smiles_mistake

GOOD = (
    "C",
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1C=NC2=C1C(=O)N(C(=O)N2C)C",
    "C[C@H](N)C(=O)[O-]",
    "[NH4+].[Cl-]",
    "C1CC%10CC1CC%10",
    "F/C=C\\F",
    "[13CH4]",
    "N#Cc1cc[nH]c1",
)


@pytest.mark.parametrize("text", GOOD)
def test_what_chemists_write_is_well_formed(text):
    assert smiles_mistake(text) is None
    assert checked_smiles(f" {text}\n") == text


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("CCX", 2),
        ("CC(C", 2),
        ("CC)C", 2),
        ("c1cccc", 1),
        ("CC=", 3),
        ("(CC)", 0),
        ("C==C", 2),
        ("C[NH", 1),
        ("C()C", 2),
        ("1CC", 0),
        ("", 0),
        ("C" * (MAX_SMILES + 1), 0),
    ],
)
def test_the_first_mistake_has_a_place(text, place):
    mistake = smiles_mistake(text)
    assert mistake is not None
    assert mistake.place == place
    with pytest.raises(UserError):
        checked_smiles(text)


def test_a_list_names_the_lines_that_are_no_molecules():
    good, bad = read_smiles_list("SMILES,name\nCCO,ethanol\n\n# a remark\nCC( broken\nc1ccccc1 benzene\n", 10)
    assert good == ["CCO", "c1ccccc1"]
    assert [(line, mistake.place) for line, mistake in bad] == [(5, 2)]
    assert read_smiles_list("C\nCC\nCCC", 2)[0] == ["C", "CC"]


def test_names_may_stand_before_the_molecules():
    good, bad = read_smiles_list("ZINC1\tCCO\nZINC2\tCC(\nN\tc1ccccc1\nalone\n", 10)
    assert good == ["CCO", "c1ccccc1"]
    assert [line for line, _mistake in bad] == [2, 4]


@given(st.lists(st.text("CNOcn()[]=#12%.+-@H/\\ \n,;ßx", max_size=40), max_size=6).map("\n".join))
def test_any_list_is_read_and_what_is_good_is_well_formed(text):
    good, bad = read_smiles_list(text, 4)
    assert len(good) <= 4
    assert all(smiles_mistake(one) is None for one in good)
    assert all(1 <= line <= text.count("\n") + 1 and mistake.what for line, mistake in bad)


@given(st.sampled_from(GOOD), st.integers(0, 30), st.sampled_from("(])1%=xC"))
def test_a_sign_too_many_is_found_at_a_place_within(text, place, sign):
    spoilt = text[:place] + sign + text[place:]
    found = smiles_mistake(spoilt)
    assert found is None or 0 <= found.place <= len(spoilt)
