"""A model of molecules: trained, written, opened, and asked for molecules, neighbours, lists and files."""

import importlib.util

import numpy as np
import pytest

from plugins.vae.molecules.caption import facts_text, molecule_caption
from plugins.vae.molecules.engine import MAX_LIST, MoleculesEngine, as_learnt
from plugins.vae.shared.params import PictureParams
from studio.core.card import read_card
from studio.core.error import UserError
from studio.core.view import Image, Molecule
from tests.plugins.vae.model_made import finished
from tests.plugins.vae.molecules.molecules_made import DEVICE, KNOWN, SMALL, trained

HAS_RDKIT = importlib.util.find_spec("rdkit") is not None


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        return trained(patch, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def engine(source):
    return MoleculesEngine.open(source, DEVICE)


@pytest.mark.long("trains a network")
def test_the_card_says_what_was_measured(source):
    card = read_card(source.path.with_suffix(".json"))
    names = list(card.figures)
    assert names[0] == "Held-out molecules redrawn exactly, %"
    assert (len(names) > 1) == HAS_RDKIT
    assert [axis["kind"] for axis in source.card["axes"][:4]] == ["named", "named", "named", "shape"]


def test_a_run_is_one_molecule_and_repeats(engine):
    (frame,) = engine.generate(PictureParams(seed=4))
    (again,) = engine.generate(PictureParams(seed=4))
    picture, molecule = frame.views["picture"], frame.views["molecule"]
    assert isinstance(picture, Image)
    assert isinstance(molecule, Molecule)
    assert molecule == again.views["molecule"]
    assert np.array_equal(picture.pixels, again.views["picture"].pixels)
    assert frame.state["z"].shape == (SMALL.n_latent,)


def test_a_molecule_is_read_and_known_ones_are_found_around(engine):
    z = finished(engine.read_smiles(f" {KNOWN} "))[0]
    assert z.shape == (SMALL.n_latent,)
    near = engine.near(engine.atlas.places[7])
    assert near[0].smiles == engine.atlas.names[7]
    assert near[0].distance == 0
    assert [one.distance for one in near] == sorted(one.distance for one in near)


@pytest.mark.skipif(not HAS_RDKIT, reason="rdkit is an extra")
def test_another_way_to_write_a_molecule_leads_to_the_same_place(engine):
    ways = ("CC(=O)NC1=CC=C(O)C=C1", "Oc1ccc(NC(C)=O)cc1", KNOWN)
    first, *others = (finished(engine.read_smiles(way))[0] for way in ways)
    assert all(np.array_equal(first, other) for other in others)


def test_a_typed_molecule_is_put_into_form_once(engine, monkeypatch):
    texts = list[str]()

    def as_counted(text):
        texts.append(text)
        return as_learnt(text)

    monkeypatch.setattr("plugins.vae.molecules.engine.as_learnt", as_counted)
    z, is_exact = finished(engine.read_and_write(KNOWN))[0]
    assert texts == [KNOWN]
    assert np.array_equal(z, finished(engine.read_smiles(KNOWN))[0])
    assert is_exact == (engine.write(z) == as_learnt(KNOWN))


@pytest.mark.parametrize("text", ["", "c1ccc", "CC(", "C[Si](C)C", "C" * 90, "hello"])
def test_what_is_no_molecule_or_unknown_is_one_sentence(engine, text):
    with pytest.raises(UserError):
        finished(engine.read_smiles(text))


@pytest.mark.long("trains a network")
def test_a_list_is_read_and_its_mistakes_are_named(engine, tmp_path):
    path = tmp_path / "mine.smi"
    path.write_text(f"{KNOWN}\nCC(C\nCCO\n[Na+].[Cl-]\n", "utf-8")
    found, told = finished(engine.read_list(path))
    assert [(one.step, one.n_steps) for one in told if one is not None] == [(0, 3), (1, 3), (2, 3)]
    assert len(found.places) == 2
    assert [str(one).split(":")[0] for one in found.told] == ["Line 2, sign 3", "[Na+].[Cl-]"]
    path.write_text(f"{KNOWN}\n" * 30, "utf-8")
    found, _told = finished(engine.read_list(path))
    assert len(found.places) == MAX_LIST
    assert str(found.told[0]) == "The list is longer: the path leads through its first 24."
    path.write_bytes(b"\xff\x00")
    with pytest.raises(UserError):
        finished(engine.read_list(path))
    with pytest.raises(UserError):
        finished(engine.read_list(tmp_path / "gone.smi"))


def test_places_are_saved_as_text(engine, tmp_path):
    places = [engine.place_of(PictureParams(seed=seed)) for seed in (1, 1, 2)]
    path = tmp_path / "a.smi"
    n = engine.save(path, places)
    assert path.read_text("ascii").splitlines() == list(dict.fromkeys(map(engine.write, places)))
    assert n == len(path.read_text("ascii").splitlines())


def test_the_caption_says_what_there_is(engine):
    known, new = engine.atlas.names[0], "CCO"
    assert "did not learn" in molecule_caption(engine.atlas, Molecule(known, {"logP": 1.0}), True)
    assert "not among" in molecule_caption(engine.atlas, Molecule(new, {"logP": 1.0}), True)
    assert "not a molecule" in molecule_caption(engine.atlas, Molecule("C(", {}), True)
    assert "pip install rdkit" in molecule_caption(engine.atlas, Molecule(new, {}), False)
    assert facts_text(Molecule("C", {"logP": 1.26, "QED": 0.5, "weight": 16.0})) == "logP 1.3 · QED 0.50 · 16 Da"


@pytest.mark.skipif(not HAS_RDKIT, reason="rdkit is an extra")
def test_structures_are_drawn_described_and_saved(engine, tmp_path):
    from rdkit import Chem

    from studio.api.molecule import canonical, draw_molecule, fingerprints, internal_diversity, mol_block, properties_of

    assert canonical("OCC") == canonical("C(O)C") == "CCO"
    assert canonical("C1CC") == ""
    found = properties_of(KNOWN)
    assert found is not None
    logp, qed, weight = found
    assert (round(logp, 2), round(weight, 1)) == (1.35, 151.2)
    assert 0 < qed < 1
    assert draw_molecule(KNOWN, 120).shape == (120, 120, 3)
    assert internal_diversity(fingerprints(["CCO", "CCO"])) == pytest.approx(0)
    path = tmp_path / "a.sdf"
    path.write_text(mol_block(KNOWN, {"logP": logp}), "ascii")
    (read,) = Chem.SDMolSupplier(str(path))
    assert Chem.MolToSmiles(read) == canonical(KNOWN)
    assert float(read.GetProp("logP")) == pytest.approx(logp, rel=1e-3)
