"""The n-grams that a model of molecules is held against write what they counted, as often as they counted it."""

from collections import Counter

import pytest

from plugins.vae.molecules.training.peers import ngram_texts, selfies_texts
from studio.core.pausing import result_of

N_WRITTEN = 2000


def test_signs_follow_the_six_before_them_as_often_as_they_did() -> None:
    texts = result_of(ngram_texts(["CCO"] * 3 + ["CCN"], N_WRITTEN, 5))
    counts = Counter(texts)
    assert set(counts) == {"CCO", "CCN"}
    assert counts["CCN"] / N_WRITTEN == pytest.approx(1 / 4, abs=3 * (1 / 4 * 3 / 4 / N_WRITTEN) ** 0.5)


def test_what_stands_farther_back_than_six_signs_is_forgotten() -> None:
    texts = result_of(ngram_texts(["NCCCCCCCO", "OCCCCCCCN"], N_WRITTEN, 5))
    assert {text[0] + text[-1] for text in texts} == {"NO", "ON", "NN", "OO"}


def test_symbols_of_selfies_are_always_a_molecule() -> None:
    selfies = pytest.importorskip("selfies")
    chem = pytest.importorskip("rdkit.Chem")
    known = ["CC(=O)Oc1ccccc1C(=O)O", "CN1C=NC2=C1C(=O)N(C(=O)N2C)C", "CC(C)Cc1ccc(cc1)C(C)C(=O)O"]
    texts = result_of(selfies_texts([*known, "not a molecule"], 50, 5))
    assert len(texts) == 50
    assert all(chem.MolFromSmiles(text) is not None for text in texts)
    again = {chem.CanonSmiles(selfies.decoder(selfies.encoder(one))) for one in known}
    assert again & {chem.CanonSmiles(text) for text in texts}
